"""A log's handler that a flood of equal lines does not fill: some are written, the rest are counted."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO, TypeAlias

LINES = 200
"""Lines that one place in the code writes within `SECONDS`; what starts them may be a page or a stranger."""
SECONDS = 60.0

_Place: TypeAlias = tuple[str, int]


@dataclass(slots=True)
class _Burst:
    """Lines of one place since `begun`."""

    begun: float
    lines: int = 0
    left_out: logging.LogRecord | None = None


class BurstHandler(logging.StreamHandler[TextIO]):
    """Writes records to a stream, of each place in the code no more than `LINES` within `SECONDS`.

    The number of those left out is written with the next record of any place after that time, or at the end.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._clock = clock
        self._bursts: dict[_Place, _Burst] = {}
        self._due = float("inf")

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or count it."""
        now = self._clock()
        if now >= self._due:
            self._forget(now)
        place = (record.pathname, record.lineno)
        burst = self._bursts.setdefault(place, _Burst(now))
        self._due = min(self._due, burst.begun + SECONDS)
        burst.lines += 1
        if burst.lines <= LINES:
            super().emit(record)
        else:
            burst.left_out = record

    def close(self) -> None:
        """Write the numbers that are still to be told."""
        self.acquire()
        try:
            self._forget(float("inf"))
        finally:
            self.release()
        super().close()

    def _forget(self, now: float) -> None:
        """Tell of the bursts that are over, and forget them."""
        over = {place: each for place, each in self._bursts.items() if now >= each.begun + SECONDS}
        for place, burst in over.items():
            del self._bursts[place]
            if burst.left_out is not None:
                super().emit(_summary(burst.left_out, burst.lines - LINES))
        self._due = min((each.begun + SECONDS for each in self._bursts.values()), default=float("inf"))


def _summary(last: logging.LogRecord, number: int) -> logging.LogRecord:
    words, values = "%d more lines like this one were left out: %s", (number, last.getMessage())
    return logging.LogRecord(last.name, last.levelno, last.pathname, last.lineno, words, values, None)
