"""What the service holds to: load, faults and the longest day.

Clients of every kind, honest and not, against the service as a user starts it; tests use them, too.
"""

from benchmarks.reliability.bench import main

__all__ = ["main"]
