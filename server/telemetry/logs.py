"""Logs: one line per event, with its connection and request. Content of requests never reaches them."""

from __future__ import annotations

import logging
import sys
import traceback
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TypeAlias

from aiohttp.http_exceptions import HttpProcessingError

from server.telemetry.bursts import BurstHandler
from server.telemetry.printable import json_line, printable
from server.telemetry.request_log import place

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
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg, record.args = "refused a malformed request: %s", (type(error).__name__,)
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
