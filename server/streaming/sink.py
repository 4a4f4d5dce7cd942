"""Destination of one client's preview pictures."""

from __future__ import annotations

from typing import Protocol

from server.errors import GaopaiError
from server.streaming.variants import PreviewPicture


class FrameSink(Protocol):
    """Place for the newest picture of one stream to one client."""

    @property
    def started(self) -> bool:
        """True once a message has left: the first one is the answer to the request."""

    def ready(self) -> bool:
        """Return whether the last picture has been taken up; a slow client is passed over."""

    def show(self, picture: PreviewPicture) -> None:
        """Send a picture, in place of one that still waits; never blocks."""

    def discard(self) -> None:
        """Drop the picture that waits."""

    def end(self, error: GaopaiError) -> None:
        """End the stream with one message that has no picture; no call follows."""
