"""One camera as configured, and why it may be of no use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


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
