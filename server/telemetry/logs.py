"""Logs: one line per event, with its connection and request. Content of requests never reaches them."""

from __future__ import annotations

import heapq
import logging
import sys
import time
import traceback
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, NamedTuple, TextIO, TypeAlias

from aiohttp.http_exceptions import HttpProcessingError

from server.telemetry.printable import json_line, printable

Format: TypeAlias = Literal["text", "json"]
LONGEST = 4000
"""Limit of a message in characters; only those of libraries may be longer."""

_Raised: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PlainFormatter(logging.Formatter):
    """Base of both formats: messages are one line, and exceptions have no text.

    The text of an unknown exception may quote a picture or a name, so only its type and traceback are kept.
    """

    def message(self, record: logging.LogRecord) -> str:
        """Return the message on one line, bounded and `printable`, as parts of it may come from a page."""
        return printable(record.getMessage(), LONGEST)

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - the base class names it
        _, raised, _ = ei
        return "\n".join(_places(raised)) if raised else "-"

    def formatted(self, record: logging.LogRecord) -> str | None:
        """Return type and traceback of the record's exception, if it has one."""
        return self.formatException(record.exc_info) if record.exc_info else None


def _places(raised: BaseException) -> Iterator[str]:
    """Yield the traceback and type of an exception, and of each that a group of them holds."""
    yield f"{''.join(traceback.format_tb(raised.__traceback__))}{type(raised).__name__}"
    if isinstance(raised, BaseExceptionGroup):
        for one in raised.exceptions:
            yield from _places(one)


class LineFormatter(PlainFormatter):
    """Formats as ``time level logger [connection.request] message``, followed by lines of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        connection, request = place()
        where = connection if request == "-" else f"{connection}.{request}"
        head = f"{self.formatTime(record)} {record.levelname} {record.name} [{where}] {self.message(record)}"
        raised = self.formatted(record)
        return head if raised is None else f"{head}\n{raised}"


class JsonFormatter(PlainFormatter):
    """Formats as one JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        connection, request = place()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "connection": connection,
            "request": request,
            "message": self.message(record),
        }
        raised = self.formatted(record)
        return json_line(line if raised is None else line | {"exception": raised})


FORMATTERS: dict[Format, type[PlainFormatter]] = {"text": LineFormatter, "json": JsonFormatter}


class MalformedRequests(logging.Filter):
    """Reduces errors about malformed HTTP requests, which may quote them, to a warning with their type."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.levelno = logging.WARNING
            record.levelname = "WARNING"
            record.msg = "refused a malformed request: %s"
            record.args = (type(error).__name__,)
            record.exc_info = None
        return True


def set_up(level: str = "INFO", style: Format = "text") -> None:
    """Send the service's log to standard error."""
    handler = BurstHandler(sys.stderr)
    handler.setFormatter(FORMATTERS[style]())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("aiohttp.server").addFilter(MalformedRequests())
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    # It quotes the subprotocols that a client offers, one of which may be a token.
    logging.getLogger("aiohttp.websocket").setLevel(logging.ERROR)


def set_level(level: str) -> None:
    """Set the lowest level that is logged."""
    logging.getLogger().setLevel(level)


def incident() -> str:
    """Return a random identifier that relates an answer to a log line."""
    return uuid.uuid4().hex[:8]


LINES = 200
"""Lines that one place in the code writes within `SECONDS`; what starts them may be a page or a stranger."""
SECONDS = 60.0
"""Span in which the lines of one place in the code are counted, in seconds."""

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
    words = "%d more lines like this one were left out: %s"
    values = (number, last.getMessage())
    return logging.LogRecord(last.name, last.levelno, last.pathname, last.lineno, words, values, None)


@dataclass(slots=True)
class RequestLog:
    """One request in logs and the audit trail.

    Attributes
    ----------
    number
        Number of the request within its connection, from 1. The page's own ``reqId`` is content and
        stays out.
    devices
        Names of the devices that it used.
    result
        Code of the error in the answer, 0 for none.
    """

    number: int
    devices: list[str] = field(default_factory=list)
    result: int = 0


class Served(NamedTuple):
    """Connection, by its number, and request that a task serves; each missing outside of one."""

    connection: str = "-"
    request: RequestLog | None = None


served: ContextVar[Served] = ContextVar("served", default=Served())  # noqa: B039 - frozen
"""Connection and request of the current task; tasks that it starts share the object of the request."""


def using(device: str) -> None:
    """Record that the request being served uses a device; outside a request, nothing is recorded."""
    request = served.get().request
    if request is not None and device not in request.devices:
        request.devices.append(device)


def place() -> tuple[str, str]:
    """Return connection and request number of the current task, each ``-`` if there is none."""
    connection, request = served.get()
    return connection, "-" if request is None else str(request.number)


RECENT_SECONDS = 3600.0
"""Age up to which lines are kept to be shown, in seconds."""
MOST_LINES = 2000
"""Limit of the number of all lines that are kept to be shown."""
MOST_CHARACTERS = 262_144
"""Limit of all lines together that are kept to be shown, in characters."""
LONGEST_LINE = 1000
"""Limit of one line that is kept to be shown, in characters."""


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
        self._count = 0
        self._characters = 0

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
            begun = self._clock() - RECENT_SECONDS
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
