"""Variants of preview pictures; viewers of the same variant share its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from imgcore.settings import Rect
from server.devices.ports.camera import Size

Line = Sequence[tuple[float, float]]


class Overlay(Enum):
    """Kind of line drawn over a preview."""

    NOTHING = "nothing"
    OUTLINE = "outline"
    OUTLINES = "outlines"
    GUTTER = "gutter"
    RECT = "rect"


@dataclass(frozen=True, slots=True)
class Variant:
    """Form of preview pictures; viewers with equal variants share their pictures.

    Parameters
    ----------
    rotate
        Degrees clockwise: 0, 90, 180, 270.
    overlay
        Kind of overlay.
    rect
        Rectangle of `Overlay.RECT`, in pixels of the turned frame.
    binary
        The viewer takes the JPEG without an overlay and draws that itself.
    """

    rotate: int = 0
    overlay: Overlay = Overlay.NOTHING
    rect: Rect | None = None
    binary: bool = False

    @property
    def searches(self) -> bool:
        """True if the overlay needs a search for outlines."""
        return self.overlay in (Overlay.OUTLINE, Overlay.OUTLINES, Overlay.GUTTER)


@dataclass(frozen=True, slots=True, eq=False)
class PreviewPicture:
    """A finished preview picture, shared by all viewers of a variant.

    Attributes
    ----------
    jpeg
        The picture.
    base64
        The picture in base64, empty for binary viewers.
    frame
        `Frame.seq` of the frame it shows.
    outlines
        Overlay for binary viewers: closed lines of (x, y) in pixels of the picture.
    """

    jpeg: bytes
    base64: bytes
    size: Size
    frame: int
    outlines: Sequence[Line] = ()
