"""One camera made of files as configured, and the reasons why it may be of no use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from server.devices.ports.camera import CameraMode, MediaType
from server.errors import Reasoned


@dataclass(frozen=True, slots=True)
class FilesystemCamera:
    """A ``[[cameras]]`` entry.

    Parameters
    ----------
    name
        Name in the list of cameras.
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


class UnusableFile(Reasoned):
    """A path of no use."""


class FrameReader(Protocol):
    """An opened source in one mode; endless, for it starts over at its end."""

    @property
    def mode(self) -> CameraMode:
        """Mode of its frames."""

    def next_frame(self) -> bytes:
        """Return the next frame's bytes within the time one decode takes.

        Raises
        ------
        UnusableFile
            Nothing is left to show.
        """

    def close(self) -> None:
        """Close the files."""


class FrameSource(Protocol):
    """A path that was inspected."""

    @property
    def media(self) -> tuple[MediaType, ...]:
        """Formats and sizes it offers."""

    def open(self, mode: CameraMode) -> FrameReader:
        """Open a reader at the first frame, in the offered mode nearest to `mode`.

        Raises
        ------
        UnusableFile
            It vanished or cannot be read any more.
        """
