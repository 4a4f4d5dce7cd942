"""What a path holds: where frames come from, in which sizes, at which rate."""

from __future__ import annotations

from typing import Protocol

from server.devices.ports.camera import CameraMode, MediaType


class Reel(Protocol):
    """An opened source in one mode; endless, for it starts over at its end."""

    @property
    def mode(self) -> CameraMode:
        """What it delivers."""

    def advance(self) -> bytes:
        """The next frame's bytes; returns within the time one decode takes.

        Raises
        ------
        UnusableSource
            Nothing is left to show.
        """

    def close(self) -> None:
        """Let go of the files."""


class Source(Protocol):
    """A path that was looked into."""

    @property
    def media(self) -> tuple[MediaType, ...]:
        """Formats and sizes it offers."""

    def open(self, mode: CameraMode) -> Reel:
        """Begin at the first frame, in the offered mode nearest to `mode`.

        Raises
        ------
        UnusableSource
            It vanished or cannot be read any more.
        """
