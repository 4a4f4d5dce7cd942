"""One camera made of files as configured, and the reasons why it may be of no use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from server.devices.ports.camera import CameraMode, MediaType


@dataclass(frozen=True, slots=True)
class FilesystemCamera:
    """A ``[[cameras]]`` entry.

    Parameters
    ----------
    name
        What a person reads in the list.
    path
        A folder of pictures, a picture, or a video file.
    fps
        Pictures a second; a video keeps its own rate.
    """

    name: str
    path: Path
    fps: float = 5.0

    @property
    def id(self) -> str:
        """The camera's stable id."""
        return f"filesystem:{self.path}"


class UnusableSource(Exception):
    """What is wrong with a path, as a clause without the path."""


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
