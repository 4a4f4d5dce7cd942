"""Benchmarks of gaopai against its peers: ratios, measured in one run."""
