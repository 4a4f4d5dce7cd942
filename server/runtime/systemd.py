"""Notifications to systemd: started, alive, stopping.

The protocol is a datagram to the socket that ``$NOTIFY_SOCKET`` names, see sd_notify(3). Without that
variable, as on a terminal, nothing is sent.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Mapping

from aiohttp import web

from server.runtime import background

log = logging.getLogger(__name__)

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"
BEATS = 3
"""Heartbeats per watchdog timeout, after which systemd restarts the service."""


def notify(message: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Notify systemd, if it started this process and asks for notifications.

    Parameters
    ----------
    message
        Assignments as sd_notify(3) lists them, one per line.

    Returns
    -------
    bool
        True if the message was sent.
    """
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    # A leading @ stands for the zero byte of an abstract socket's name.
    name = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
        try:
            line.sendto(message.encode(), name)
        except OSError as exc:
            log.warning("systemd could not be told %s (%s)", message.split("=", maxsplit=1)[0], exc.strerror)
            return False
    return True


def heartbeat_seconds(environ: Mapping[str, str] = os.environ) -> float | None:
    """Return the interval of heartbeats, None if systemd asks for none.

    Returns
    -------
    float or None
        Seconds, a fraction of ``WatchdogSec`` of the unit.
    """
    timeout = environ.get("WATCHDOG_USEC", "")
    process = environ.get("WATCHDOG_PID", "")
    if not timeout.isdigit() or int(timeout) == 0 or process not in ("", str(os.getpid())):
        return None
    return int(timeout) / 1_000_000 / BEATS


def supervise(app: web.Application, environ: Mapping[str, str] = os.environ) -> None:
    """Let `app` notify systemd when it serves, that its event loop runs, and when it stops."""

    async def lifetime(_: web.Application) -> AsyncIterator[None]:
        notify(READY, environ)
        beats = background.supervise("watchdog", lambda: _beat(environ))
        yield
        beats.cancel()
        await asyncio.wait((beats,))

    async def stopping(_: web.Application) -> None:
        notify(STOPPING, environ)

    # The last to be set up: by then everything else has started.
    app.cleanup_ctx.append(lifetime)
    app.on_shutdown.append(stopping)


async def _beat(environ: Mapping[str, str]) -> None:
    """Send heartbeats from the event loop: if it hangs there are none, and systemd restarts the service."""
    interval = heartbeat_seconds(environ)
    while interval is not None:
        notify(ALIVE, environ)
        await asyncio.sleep(interval)
