"""Quota of an audit trail's lines by origin; lines beyond it are summed up in one."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

Fields = Mapping[str, object]

BURST_MINUTES = 10
"""Minutes of the quota that may be used at once."""
SUMMARY_SECONDS = 60.0
"""Time between two sums of one source."""
SOURCES = 256
"""Limit of origins with a quota of their own; further ones share one."""
NEWEST = 20
"""Limit of refused origins that a sum names, each with its newest refusal."""
KINDS = 64
"""Limit of kinds of lines that a sum counts apart."""
OTHERS: Final = "(others)"
REFUSED: Final = "(refused)"
"""Source of all refused connections: whoever floods with these takes no line of an allowed page."""


@dataclass(slots=True)
class _Source:
    """Lines of one source: its allowance, and the sum of those beyond it."""

    allowance: float
    filled: float
    lines: int = 0
    since: object = None
    due: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    newest: OrderedDict[object, Fields] = field(default_factory=OrderedDict)


class LineQuota:
    """Quota of lines by source, for use by several threads.

    Parameters
    ----------
    per_minute
        Lines that a source may write every minute for good.
    clock
        Monotonic clock, in seconds.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float] = monotonic) -> None:
        self._per_second = per_minute / 60
        self._burst = per_minute * BURST_MINUTES
        self._clock = clock
        self._sources: dict[object, _Source] = {}
        self._pending: set[object] = set()
        self._lock = threading.Lock()

    @property
    def pending(self) -> bool:
        """True if a sum is to be written."""
        return bool(self._pending)

    def admits(self, line: Fields) -> bool:
        """Return whether a line may be written; one that may not is summed up. Takes constant time.

        Lines without an origin are the service's own, and always may.
        """
        if "origin" not in line:
            return True
        with self._lock:
            key, source = self._source(line)
            if source.allowance >= 1:
                source.allowance -= 1
                return True
            self._sum_up(key, source, line)
            return False

    def sums(self, final: bool = False) -> list[Fields]:
        """Return the sums that are due, or all that there are, and begin new ones."""
        now = self._clock()
        with self._lock:
            due = [key for key in self._pending if final or self._sources[key].due <= now]
            return [self._sum(key) for key in due]

    def _source(self, line: Fields) -> tuple[object, _Source]:
        key = REFUSED if line.get("event") == "refuse" else line["origin"]
        if not isinstance(key, str | None) or (key not in self._sources and len(self._sources) >= SOURCES):
            key = OTHERS
        now = self._clock()
        source = self._sources.setdefault(key, _Source(self._burst, now))
        earned = (now - source.filled) * self._per_second
        source.allowance = min(self._burst, source.allowance + earned)
        source.filled = now
        return key, source

    def _sum_up(self, key: object, source: _Source, line: Fields) -> None:
        if not source.lines:
            source.since = line.get("time")
            source.due = self._clock() + SUMMARY_SECONDS
            self._pending.add(key)
        source.lines += 1
        kind = _kind(line)
        source.kinds[kind if kind in source.kinds or len(source.kinds) < KINDS else OTHERS] += 1
        if key == REFUSED:
            source.newest[line["origin"]] = line
            source.newest.move_to_end(line["origin"])
            if len(source.newest) > NEWEST:
                source.newest.popitem(last=False)

    def _sum(self, key: object) -> Fields:
        source = self._sources[key]
        told: dict[str, object] = {"event": "more", "origin": key, "lines": source.lines}
        told |= {"since": source.since, "kinds": dict(source.kinds)}
        if source.newest:
            told["newest"] = [_refusal(line) for line in source.newest.values()]
        self._pending.discard(key)
        source.lines = 0
        source.since = None
        source.kinds.clear()
        source.newest.clear()
        return told


def _kind(line: Fields) -> str:
    if line.get("event") == "request":
        return f"{line.get('func')} {line.get('result')}"
    return str(line.get("reason") or line.get("event"))


def _refusal(line: Fields) -> Fields:
    return {name: line.get(name) for name in ("time", "origin", "reason")}
