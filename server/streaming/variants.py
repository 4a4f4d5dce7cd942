"""One picture per rotation and overlay: what a preview shows, made once for all its viewers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
import pybase64

from imgcore import overlay
from imgcore.rotate import rotate
from imgcore.settings import Rect
from imgcore.types import Image, Outline
from server.devices.ports.camera import Frame, PixelFormat, Size

QUALITY = 85
"""JPEG quality of re-encoded previews; that of the cameras' own pictures."""


class Mark(Enum):
    """What is drawn over a preview."""

    NOTHING = "nothing"
    OUTLINE = "outline"
    OUTLINES = "outlines"
    RECT = "rect"


@dataclass(frozen=True, slots=True)
class Variant:
    """How a viewer wants its frames; viewers with equal variants share their pictures.

    Parameters
    ----------
    rotate
        Degrees clockwise: 0, 90, 180, 270.
    mark
        What is drawn.
    rect
        For `Mark.RECT`, in pixels of the turned frame.
    """

    rotate: int = 0
    mark: Mark = Mark.NOTHING
    rect: Rect | None = None

    @property
    def searches(self) -> bool:
        """Whether outlines have to be found for it."""
        return self.mark in (Mark.OUTLINE, Mark.OUTLINES)


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished preview picture, base64 of a JPEG, shared by all viewers of a variant."""

    base64: bytes
    size: Size
    frame: int
    """`Frame.seq` of the frame it shows."""


class BrokenFrame(Exception):
    """A frame whose picture cannot be decoded; the next one is awaited."""


def render(frame: Frame, variant: Variant, outlines: Sequence[Outline]) -> Picture:
    """Make the picture of one variant.

    A JPEG frame on which nothing is drawn and nothing turned travels untouched.

    Parameters
    ----------
    outlines
        In pixels of the turned frame.

    Raises
    ------
    BrokenFrame
        The frame has to be redrawn and cannot be decoded.
    """
    draws = bool(outlines) or variant.mark is Mark.RECT
    if frame.format is PixelFormat.MJPG and not draws and variant.rotate == 0:
        return Picture(pybase64.b64encode(frame.data), frame.size, frame.seq)
    image = draw(rotate(pixels(frame), variant.rotate), variant, outlines)
    jpeg = _encode(image)
    return Picture(pybase64.b64encode(jpeg), Size(image.shape[1], image.shape[0]), frame.seq)


def pixels(frame: Frame, reduce: int = 1) -> Image:
    """The frame as BGR.

    Parameters
    ----------
    reduce
        1, 2, 4 or 8: decode at that fraction of the size.

    Raises
    ------
    BrokenFrame
        The JPEG cannot be decoded.
    """
    width, height = frame.size
    if frame.format is PixelFormat.MJPG:
        return _decode(frame, reduce)
    if frame.format is PixelFormat.YUYV:
        packed = np.frombuffer(frame.data, np.uint8).reshape(height, width, 2)
        image: Image = np.asarray(cv2.cvtColor(packed, cv2.COLOR_YUV2BGR_YUY2), np.uint8)
    else:
        image = np.frombuffer(frame.data, np.uint8).reshape(height, width, 3)
    if reduce == 1:
        return image
    small = cv2.resize(image, (width // reduce, height // reduce), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def draw(image: Image, variant: Variant, outlines: Sequence[Outline]) -> Image:
    """`image` with the variant's marks, the line as thick as the picture needs."""
    thickness = max(2, round(max(image.shape[:2]) / 480))
    if variant.mark is Mark.RECT and variant.rect is not None:
        return overlay.draw_rect(image, variant.rect, thickness)
    return overlay.draw_outlines(image, outlines, thickness) if outlines else image


_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


def _decode(frame: Frame, reduce: int) -> Image:
    try:
        image = cv2.imdecode(
            np.frombuffer(frame.data, np.uint8), _REDUCED[reduce] | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error as exc:
        raise BrokenFrame() from exc
    if image is None:
        raise BrokenFrame()
    return np.asarray(image, np.uint8)


def _encode(image: Image) -> bytes:
    done, jpeg = cv2.imencode(
        ".jpg",
        image,
        [
            cv2.IMWRITE_JPEG_QUALITY,
            QUALITY,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
        ],
    )
    if not done:
        raise BrokenFrame()
    return jpeg.tobytes()
