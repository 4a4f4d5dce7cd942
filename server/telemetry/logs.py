"""Logs: one line an event, with the connection and the request it belongs to. Content never reaches them."""

from __future__ import annotations

import json
import logging
import sys
import traceback
import uuid
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TypeAlias

from aiohttp.http_exceptions import HttpProcessingError

from server.telemetry.request_log import place

Format: TypeAlias = Literal["text", "json"]
LONGEST = 4000
"""Characters of a message; no line of the service's own is as long, a library's may be."""

_Raised: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PlainFormatter(logging.Formatter):
    """What both formats have in common: messages are one line and exceptions say nothing of what they met.

    The text of an unknown exception may quote a picture or a name, so only its kind and place are kept.
    """

    def message(self, record: logging.LogRecord) -> str:
        """The message with its line breaks escaped: a page chooses some of the words."""
        text = record.getMessage()
        if len(text) > LONGEST:
            text = f"{text[:LONGEST]}... ({len(text)} characters)"
        return text.replace("\r", "\\r").replace("\n", "\\n")

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - the base class names it
        kind, _, trace = ei
        lines = traceback.format_tb(trace)
        return f"{''.join(lines)}{kind.__name__ if kind else '-'}"

    def formatted(self, record: logging.LogRecord) -> str | None:
        """Kind and place of the record's exception, if it has one."""
        return self.formatException(record.exc_info) if record.exc_info else None


class LineFormatter(PlainFormatter):
    """``time level logger [connection.request] message``; an exception follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        connection, request = place()
        where = connection if request == "-" else f"{connection}.{request}"
        head = f"{self.formatTime(record)} {record.levelname} {record.name} [{where}] {self.message(record)}"
        raised = self.formatted(record)
        return head if raised is None else f"{head}\n{raised}"


class JsonFormatter(PlainFormatter):
    """One JSON object a line."""

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
        return json.dumps(line if raised is None else line | {"exception": raised}, ensure_ascii=False)


FORMATTERS: dict[Format, type[PlainFormatter]] = {"text": LineFormatter, "json": JsonFormatter}


class MalformedRequests(logging.Filter):
    """A request that is no HTTP is its sender's fault and may be quoted in the error: its kind is enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg, record.args = "refused a malformed request: %s", (type(error).__name__,)
            record.exc_info = None
        return True


def set_up(level: str = "INFO", style: Format = "text") -> None:
    """Send the service's log to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FORMATTERS[style]())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("aiohttp.server").addFilter(MalformedRequests())
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    # It quotes the subprotocols that a client offers, and a token may be among them.
    logging.getLogger("aiohttp.websocket").setLevel(logging.ERROR)


def set_level(level: str) -> None:
    """Log from `level` on, from now on."""
    logging.getLogger().setLevel(level)


def incident() -> str:
    """A short name that ties an answer to a log line."""
    return uuid.uuid4().hex[:8]
