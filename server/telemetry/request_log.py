"""Which connection and which request a line belongs to, and which devices the request used."""

from __future__ import annotations

import contextvars
from dataclasses import dataclass, field


@dataclass(slots=True)
class RequestLog:
    """One request, as logs and the audit trail name it.

    Attributes
    ----------
    number
        Of the request within its connection, from 1. A page's own ``reqId`` is the page's
        content and stays out.
    devices
        Names of the devices that it used.
    result
        Code of the error it was answered with, 0 for none.
    """

    number: int
    devices: list[str] = field(default_factory=list)
    result: int = 0


connection: contextvars.ContextVar[str] = contextvars.ContextVar("connection", default="-")
"""The connection being served, set by the endpoint; copied into the tasks it starts."""

request_log: contextvars.ContextVar[RequestLog | None] = contextvars.ContextVar("trail", default=None)
"""The request being served, set by the session; tasks that a request starts share its object."""


def using(device: str) -> None:
    """Note that the request being served uses a device; outside a request nothing is noted."""
    request = request_log.get()
    if request is not None and device not in request.devices:
        request.devices.append(device)


def place() -> tuple[str, str]:
    """Connection and request number of the line being written, each ``-`` where there is none."""
    request = request_log.get()
    return connection.get(), "-" if request is None else str(request.number)
