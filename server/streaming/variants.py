"""What previews show: viewers who want the same share its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from imgcore.settings import Rect
from server.devices.ports.camera import Size

Line = Sequence[tuple[float, float]]


class Overlay(Enum):
    """What is drawn over a preview."""

    NOTHING = "nothing"
    OUTLINE = "outline"
    OUTLINES = "outlines"
    GUTTER = "gutter"
    RECT = "rect"


@dataclass(frozen=True, slots=True)
class Variant:
    """How a viewer wants its frames; viewers with equal variants share their pictures.

    Parameters
    ----------
    rotate
        Degrees clockwise: 0, 90, 180, 270.
    overlay
        What is drawn.
    rect
        For `Overlay.RECT`, in pixels of the turned frame.
    binary
        The viewer takes the JPEG as it is and draws the overlay itself.
    """

    rotate: int = 0
    overlay: Overlay = Overlay.NOTHING
    rect: Rect | None = None
    binary: bool = False

    @property
    def searches(self) -> bool:
        """Whether something has to be found for it."""
        return self.overlay in (Overlay.OUTLINE, Overlay.OUTLINES, Overlay.GUTTER)


@dataclass(frozen=True, slots=True, eq=False)
class PreviewPicture:
    """A finished preview picture, shared by all viewers of a variant.

    Attributes
    ----------
    jpeg
        The picture.
    base64
        The same as text, empty for binary viewers.
    frame
        `Frame.seq` of the frame it shows.
    outlines
        What a binary viewer draws: closed lines of (x, y) in pixels of the picture.
    """

    jpeg: bytes
    base64: bytes
    size: Size
    frame: int
    outlines: Sequence[Line] = ()
