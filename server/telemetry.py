"""Logs: one line an event, with the connection it belongs to. Content never reaches them."""

from __future__ import annotations

import contextvars
import logging
import sys
import uuid

from aiohttp.http_exceptions import HttpProcessingError

connection: contextvars.ContextVar[str] = contextvars.ContextVar("connection", default="-")
"""The connection being served, set by the session; copied into the tasks it starts."""


class LineFormatter(logging.Formatter):
    """``time level logger [connection] message``, line breaks escaped."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(connection)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        record.connection = connection.get()
        # A page chooses some of the words; a forged line break must not forge a log line.
        record.msg = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        record.args = None
        return super().format(record)


class MalformedRequests(logging.Filter):
    """A request that is no HTTP is its sender's fault and may be quoted in the error: its kind is enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg, record.args = "refused a malformed request: %s", (type(error).__name__,)
            record.exc_info = None
        return True


def set_up(level: str = "INFO") -> None:
    """Send the service's log to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("aiohttp.server").addFilter(MalformedRequests())
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)


def incident() -> str:
    """A short name that ties an answer to a log line."""
    return uuid.uuid4().hex[:8]
