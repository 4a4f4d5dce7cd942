"""Counters for the metrics, kept even if those are off, as counting costs nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

BUCKETS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0)
"""Upper bounds of request durations, in seconds."""


def _durations() -> list[int]:
    return [0] * (len(BUCKETS) + 1)


@dataclass(slots=True)
class Durations:
    """Histogram of the durations of one function's requests.

    Attributes
    ----------
    counts
        Counts by bucket; the last one for longer durations.
    seconds
        Sum of the durations.
    """

    counts: list[int] = field(default_factory=_durations)
    seconds: float = 0.0


@dataclass(slots=True)
class Counters:
    """Counts since the start of the service.

    Attributes
    ----------
    connections
        Accepted connections.
    refused
        Refused connections, by reason.
    dropped
        Connections that were closed because the client received nothing.
    requests
        Served requests, by function and code of the answer, 0 for success.
    rejected
        Requests that were answered without being served, by code: too many, too fast, too large.
    messages, message_bytes
        Number and size of the messages sent: answers, notices and frames.
    """

    connections: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    durations: defaultdict[str, Durations] = field(default_factory=lambda: defaultdict(Durations))
    rejected: Counter[int] = field(default_factory=Counter)
    messages: int = 0
    message_bytes: int = 0
