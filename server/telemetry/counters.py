"""Counts of what happens, kept whether or not anybody asks: an addition costs nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

BUCKETS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0)
"""Upper bounds of request durations, in seconds."""


def _durations() -> list[int]:
    return [0] * (len(BUCKETS) + 1)


@dataclass(slots=True)
class Durations:
    """How long the requests of one function took.

    Attributes
    ----------
    counts
        By bucket, the last one for what is longer than all of them.
    seconds
        Of all together.
    """

    counts: list[int] = field(default_factory=_durations)
    seconds: float = 0.0


@dataclass(slots=True)
class Counters:
    """All counts since the start.

    Attributes
    ----------
    connections
        Let in.
    refused
        Not let in, by reason.
    dropped
        Connections that were ended because the client took nothing.
    requests
        By function and code of the answer, 0 for success.
    turned_away
        Requests that were answered without being carried out, by code: too many, too fast, too large.
    messages, message_bytes
        What left for clients: answers, notices and frames.
    """

    connections: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    durations: defaultdict[str, Durations] = field(default_factory=lambda: defaultdict(Durations))
    turned_away: Counter[int] = field(default_factory=Counter)
    messages: int = 0
    message_bytes: int = 0
