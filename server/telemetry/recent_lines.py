"""Lines of the log of the last hour, kept in memory within a limit."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.telemetry.logs import PlainFormatter
from server.telemetry.request_log import place

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

    Parameters
    ----------
    clock
        Clock of the age of lines.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._formatter = PlainFormatter()
        self._lines: deque[tuple[float, LoggedLine]] = deque()
        self._characters = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        connection, request = place()
        message = self._formatter.message(record)[:LONGEST_LINE]
        if record.exc_info and record.exc_info[0] is not None:
            message = f"{message} ({record.exc_info[0].__name__})"
        where = connection if request == "-" else f"{connection}.{request}"
        line = LoggedLine(record.created, record.levelname, record.name, where, message)
        self._lines.append((self._clock(), line))
        self._characters += len(message)
        while len(self._lines) > MOST_LINES or self._characters > MOST_CHARACTERS:
            self._drop()

    def lines(self) -> Sequence[LoggedLine]:
        """Return the lines of the last hour, the oldest first."""
        self.acquire()
        try:
            while self._lines and self._lines[0][0] < self._clock() - SECONDS:
                self._drop()
            return [line for _, line in self._lines]
        finally:
            self.release()

    def _drop(self) -> None:
        _, line = self._lines.popleft()
        self._characters -= len(line.message)
