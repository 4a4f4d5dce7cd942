"""Connection and request of the current task, for logs and the audit trail."""

from __future__ import annotations

import contextvars
from dataclasses import dataclass, field


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


connection: contextvars.ContextVar[str] = contextvars.ContextVar("connection", default="-")
"""Connection being served, set by the endpoint; copied into the tasks it starts."""

request_log: contextvars.ContextVar[RequestLog | None] = contextvars.ContextVar("request_log", default=None)
"""Request being served, set by the session; tasks that a request starts share its object."""


def using(device: str) -> None:
    """Record that the request being served uses a device; outside a request, nothing is recorded."""
    request = request_log.get()
    if request is not None and device not in request.devices:
        request.devices.append(device)


def place() -> tuple[str, str]:
    """Return connection and request number of the current task, each ``-`` if there is none."""
    request = request_log.get()
    return connection.get(), "-" if request is None else str(request.number)
