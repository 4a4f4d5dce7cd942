"""Deliveries to each kind of target while the service is killed and the line breaks: lost, twice, half.

``script/bench deliveries [--count N] [--only KIND,...] [--seed S]``. The service runs as a user starts it,
and the servers are those that others make. A client asks for each file until it is answered that it was
delivered or waits.
"""

from benchmarks.deliveries.bench import main

__all__ = ["main"]
