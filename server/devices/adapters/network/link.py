"""A connection to a camera: pictures come out of it, or it fails."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from server.devices.ports.camera import PixelFormat, Size

CONNECT_TIMEOUT = 2.0
"""Seconds until a camera counts as unreachable: connecting, and its first answer."""

STALL_TIMEOUT = 3.0
"""Seconds of silence after which a connection counts as lost."""


class LinkError(Exception):
    """There is no connection; the text says why, in a clause without address and credentials."""


class LinkTimeout(LinkError):
    """The camera did not answer in time."""


class Shot(NamedTuple):
    """One picture as it came."""

    format: PixelFormat
    size: Size
    data: bytes


class Link(Protocol):
    """An open connection. Used by one thread at a time."""

    def picture(self, timeout: float) -> Shot | None:
        """The next picture, or None after about `timeout` seconds; RTSP waits up to `STALL_TIMEOUT`.

        Raises
        ------
        LinkError
            The connection is lost.
        """

    def close(self) -> None:
        """Hang up. No error if hung up already."""
