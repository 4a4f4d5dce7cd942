"""Pictures with their truth, for benchmarks, training and tests."""
