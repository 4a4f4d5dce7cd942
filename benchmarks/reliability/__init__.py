"""Reliability of the service: load, faults, malformed inputs and the soak test.

Clients of every kind, well-behaved and hostile, against the service as a user starts it; tests use them, too.
"""

from benchmarks.reliability.bench import main

__all__ = ["main"]
