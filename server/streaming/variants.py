"""Variants of a stream, their pictures, and the sinks that take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from imgcore.settings import Rect, WhenUnsure
from imgcore.types import CropOutcome, Reduction
from server.devices.ports.camera import Size
from server.errors import GaopaiError

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
    most
        Size of the largest picture that is wanted; None for the camera's.
    when_unsure
        Treatment of documents that are not trusted, as of captures.
    """

    rotate: int = 0
    overlay: Overlay = Overlay.NOTHING
    rect: Rect | None = None
    binary: bool = False
    most: Size | None = None
    when_unsure: WhenUnsure = WhenUnsure.WHOLE

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
    reduction
        The camera's picture is larger by this factor: 1, 2, 4 or 8.
    crop
        Outcome that a capture's crop would have, in pixels of the picture; None where none is asked for.
    """

    jpeg: bytes
    base64: bytes
    size: Size
    frame: int
    outlines: Sequence[Line] = ()
    reduction: Reduction = 1
    crop: CropOutcome | None = None


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
