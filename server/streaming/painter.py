"""Variants of a preview, and painters of their pictures, in the compressed domain where that is possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt
import pybase64

from imgcore import overlay
from imgcore.jpeg import (
    CutOffJpeg,
    Pen,
    UnsupportedJpeg,
    Workspace,
    draw_lines,
    rotate_jpeg,
    scan_jpeg,
    strokes_of,
)
from imgcore.kernels import COMPILED
from imgcore.rotate import rotate
from imgcore.settings import Rect, WhenUnsure
from imgcore.types import CropOutcome, CropState, Image, Points, Quad, Reduction
from server.devices.ports.camera import Frame, PixelFormat, Size
from server.errors import GaopaiError
from server.streaming.pixels import (
    EIGHTH,
    BrokenFrame,
    PlaneUnpacker,
    Thumbnail,
    encode,
    paint_planes,
    pixels,
    reduced_planes,
    reduced_size,
    reduction,
    thumbnail_of,
)

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


QUALITY = 85
"""JPEG quality of pictures that are encoded again; about that of the cameras' own."""
NO_STROKES: npt.NDArray[np.float32] = np.zeros((0, 4), np.float32)


class Painter:
    """Makes the pictures of one variant, one at a time, in reused buffers.

    Attributes
    ----------
    thumbnail
        The last frame's; None where no scan was needed.

    Parameters
    ----------
    unpacker
        Shared with the camera's other painters.
    thumbnails
        Make a thumbnail of each frame, even if the variant needs no search.
    """

    def __init__(
        self, variant: Variant, unpacker: PlaneUnpacker | None = None, thumbnails: bool = False
    ) -> None:
        self._variant = variant
        self._scans = thumbnails or variant.searches
        self._unpacker = unpacker or PlaneUnpacker()
        self._space = Workspace()
        self.thumbnail: Thumbnail | None = None

    def passes(self, frame: Frame, outlines: Sequence[Points]) -> bool:
        """Return whether the picture is the frame unchanged, which costs less than a thread switch."""
        variant = self._variant
        unchanged = variant.rotate == 0 and (variant.binary or not _lines(variant, outlines))
        is_jpeg = frame.format is PixelFormat.MJPG
        return unchanged and is_jpeg and not self._scans and self._reduction(frame) == 1

    def paint(
        self, frame: Frame, outlines: Sequence[Points], crop: CropOutcome | None = None
    ) -> PreviewPicture:
        """Make the picture of a frame.

        A JPEG that is neither drawn on nor turned passes unchanged.

        Parameters
        ----------
        outlines
            Outlines as closed lines in pixels of the turned frame.
        crop
            Outcome that a capture's crop would have, in the same pixels; passed on.
        """
        reduction = self._reduction(frame)
        lines = [_reduced(line, reduction) for line in _lines(self._variant, outlines)]
        told = self._crop(crop, reduction)
        if self._variant.binary:
            jpeg, size = self._jpeg(frame, [], reduction)
            plain = [_plain(line) for line in lines]
            return PreviewPicture(jpeg, b"", size, frame.seq, plain, reduction, told)
        jpeg, size = self._jpeg(frame, lines, reduction)
        return PreviewPicture(jpeg, pybase64.b64encode(jpeg), size, frame.seq, reduction=reduction, crop=told)

    def _crop(self, crop: CropOutcome | None, reduction: int) -> CropOutcome | None:
        """Return the outcome of a crop in pixels of a picture that is smaller."""
        if self._variant.overlay is Overlay.RECT and self._variant.rect is not None:
            crop = CropOutcome(CropState.CROPPED, _boundary(self._variant.rect))
        return crop if crop is None or reduction == 1 else crop.reduced(reduction)

    def _reduction(self, frame: Frame) -> Reduction:
        return reduction(self._turned(frame), self._variant.most)

    def _turned(self, frame: Frame) -> Size:
        width, height = frame.size
        return Size(height, width) if self._variant.rotate in (90, 270) else frame.size

    def _jpeg(self, frame: Frame, lines: list[Points], reduction: Reduction) -> tuple[bytes, Size]:
        turned = self._turned(frame)
        if reduction > 1:
            return self._reduce(frame, lines, reduction), reduced_size(turned, reduction)
        is_jpeg = frame.format is PixelFormat.MJPG
        unchanged = is_jpeg and self._variant.rotate == 0 and not lines
        if is_jpeg and COMPILED and (self._scans or not unchanged):
            try:
                return self._edit(frame.data, lines, _pen(turned)), turned
            except UnsupportedJpeg:
                self.thumbnail = None
        if unchanged:
            return frame.data, turned
        if frame.format is PixelFormat.YUYV:
            return self._paint_planes(frame, lines, round(_pen(turned).thickness)), turned
        return encode(self._draw(frame, lines), QUALITY), turned

    def _reduce(self, frame: Frame, lines: list[Points], reduction: Reduction) -> bytes:
        """Make a smaller picture, and of the same pass the thumbnail."""
        try:
            planes = reduced_planes(frame, reduction, self._unpacker, self._space)
        except CutOffJpeg as exc:
            raise BrokenFrame() from exc
        except UnsupportedJpeg:
            self.thumbnail = None
            return encode(self._draw(frame, lines, reduction), QUALITY)
        if self._scans:
            self.thumbnail = thumbnail_of(planes, reduction)
        thickness = round(_pen(reduced_size(self._turned(frame), reduction)).thickness)
        return paint_planes(planes, self._variant.rotate, lines, thickness, QUALITY)

    def _edit(self, data: bytes, lines: list[Points], pen: Pen) -> bytes:
        """Turn a JPEG and draw on it without decoding it.

        Raises
        ------
        UnsupportedJpeg
            It has to be decoded.
        BrokenFrame
            It is truncated.
        """
        closed = [strokes_of(line, closed=True) for line in lines]
        strokes = np.concatenate(closed) if closed else NO_STROKES
        if self._variant.rotate:
            return rotate_jpeg(data, self._variant.rotate, self._space, strokes, pen)
        scan = scan_jpeg(data, self._space)
        if not scan.complete:
            raise BrokenFrame()
        self.thumbnail = Thumbnail(scan.thumbnail, scan.chroma)
        return draw_lines(scan, strokes, pen) if len(strokes) else data

    def _paint_planes(self, frame: Frame, lines: list[Points], thickness: int) -> bytes:
        planes = self._unpacker.planes(frame)
        if self._scans:
            self.thumbnail = thumbnail_of(planes, 1)
        return paint_planes(planes, self._variant.rotate, lines, thickness, QUALITY)

    def _draw(self, frame: Frame, lines: list[Points], reduction: Reduction = 1) -> Image:
        image = rotate(pixels(frame, reduction), self._variant.rotate)
        if not lines:
            return image
        thickness = round(_pen(Size(image.shape[1], image.shape[0])).thickness)
        return overlay.draw_lines(image, lines, closed=True, thickness=thickness)


def _pen(size: Size) -> Pen:
    """Return a pen whose thickness grows with the picture, as pages shrink it to fit a window."""
    return Pen(max(2, round(max(size) / 480)))


def _lines(variant: Variant, outlines: Sequence[Points]) -> list[Points]:
    """Return the closed lines to be drawn over a picture."""
    if variant.overlay is Overlay.RECT and variant.rect is not None:
        return [_corners(variant.rect)]
    return list(outlines)


def _reduced(line: Points, factor: int) -> Points:
    """Return a line in pixels of a picture that is smaller by `factor`."""
    return line if factor == 1 else np.asarray((line + 0.5) / factor - 0.5, np.float32)


def _plain(line: Points) -> Line:
    return [(round(float(x), 1), round(float(y), 1)) for x, y in line]


def _corners(rect: Rect) -> Points:
    left = rect.left
    top = rect.top
    right = rect.right - 1
    bottom = rect.bottom - 1
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def _boundary(rect: Rect) -> Quad:
    left, top, right, bottom = (side - 0.5 for side in (rect.left, rect.top, rect.right, rect.bottom))
    return (left, top), (right, top), (right, bottom), (left, bottom)


def eighth(frame: Frame, space: Workspace) -> Thumbnail:
    """Return the thumbnail of a frame."""
    if frame.format is PixelFormat.MJPG and COMPILED:
        try:
            scan = scan_jpeg(frame.data, space)
        except UnsupportedJpeg:
            pass
        else:
            if not scan.complete:
                raise BrokenFrame()
            return Thumbnail(scan.thumbnail, scan.chroma)
    luma, red, blue = cv2.split(cv2.cvtColor(pixels(frame, EIGHTH), cv2.COLOR_BGR2YCrCb))
    return Thumbnail(np.asarray(luma, np.uint8), (np.asarray(blue, np.uint8), np.asarray(red, np.uint8)))
