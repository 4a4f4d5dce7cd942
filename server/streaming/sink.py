"""Destination of one client's preview pictures."""

from __future__ import annotations

from typing import Protocol

from server.errors import GaopaiError
from server.streaming.variants import PreviewPicture


class FrameSink(Protocol):
    """Protocol for the destination of one stream to one client; only the newest picture waits in it."""

    @property
    def started(self) -> bool:
        """True once a message was sent; the first one is the answer to the request."""

    def ready(self) -> bool:
        """Return whether the last picture was sent; a slow client skips pictures until then."""

    def show(self, picture: PreviewPicture) -> None:
        """Send a picture, in place of one that still waits; never blocks."""

    def discard(self) -> None:
        """Drop the waiting picture."""

    def end(self, error: GaopaiError) -> None:
        """End the stream with one message that has no picture; no call follows."""
