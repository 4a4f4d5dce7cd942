"""Lines of the log of the last hour, kept in memory within a limit."""

from __future__ import annotations

import heapq
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.telemetry.logs import PlainFormatter, place

SECONDS = 3600.0
MOST_LINES, MOST_CHARACTERS = 2000, 262_144
"""Limits of all lines together."""
LONGEST_LINE = 1000


@dataclass(frozen=True, slots=True)
class LoggedLine:
    """Line of the log.

    Attributes
    ----------
    created
        Seconds since 1970, as the log has it.
    place
        Connection and request, as ``12.3``; ``-`` outside of one.
    """

    created: float
    level: str
    logger: str
    place: str
    message: str


class RecentLines(logging.Handler):
    """Keeps the newest lines; exceptions are told by their type, as in the log.

    Where there are too many, the oldest of the place in the code that wrote the most give way, so that a
    flood of equal lines pushes out none of the others.

    Parameters
    ----------
    clock
        Clock of the age of lines.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._formatter = PlainFormatter()
        self._sources: dict[tuple[str, int], deque[tuple[float, LoggedLine]]] = {}
        self._count = self._characters = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        try:
            line = self._line(record)
        except Exception:  # noqa: BLE001 - as every handler: who logs goes on
            self.handleError(record)
            return
        written = self._sources.setdefault((record.pathname, record.lineno), deque())
        written.append((self._clock(), line))
        self._count += 1
        self._characters += len(line.message)
        while self._count > MOST_LINES or self._characters > MOST_CHARACTERS:
            self._drop(max(self._sources, key=lambda source: len(self._sources[source])))

    def lines(self) -> Sequence[LoggedLine]:
        """Return the lines of the last hour, the oldest first."""
        self.acquire()
        try:
            begun = self._clock() - SECONDS
            for source in list(self._sources):
                while source in self._sources and self._sources[source][0][0] < begun:
                    self._drop(source)
            found = heapq.merge(*self._sources.values(), key=lambda each: each[0])
            return [line for _, line in found]
        finally:
            self.release()

    def _line(self, record: logging.LogRecord) -> LoggedLine:
        connection, request = place()
        message = self._formatter.message(record)[:LONGEST_LINE]
        if record.exc_info and record.exc_info[0] is not None:
            message = f"{message} ({record.exc_info[0].__name__})"
        where = connection if request == "-" else f"{connection}.{request}"
        return LoggedLine(record.created, record.levelname, record.name, where, message)

    def _drop(self, source: tuple[str, int]) -> None:
        """Forget the oldest line of a place in the code."""
        written = self._sources[source]
        _, line = written.popleft()
        self._count -= 1
        self._characters -= len(line.message)
        if not written:
            del self._sources[source]
