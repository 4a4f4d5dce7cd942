"""Pixels and planes of frames: decoded or unpacked, made smaller, drawn on and encoded.

A JPEG is encoded from planes: without a detour over BGR there are half the page faults."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg

from imgcore.jpeg import REDUCTIONS, UnsupportedJpeg, Workspace, reduce_jpeg
from imgcore.kernels import COMPILED
from imgcore.overlay import draw_lines_on_planes
from imgcore.rotate import rotate
from imgcore.types import Image, Planes, Points, Reduction
from server.devices.ports.camera import Frame, PixelFormat, Size
from server.runtime import lazy_imports


class BrokenFrame(Exception):
    """A frame cannot be decoded; callers wait for the next one."""


def pixels(frame: Frame, reduce: int = 1) -> Image:
    """Decode a frame to BGR.

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
        return _decode(frame, _flag("COLOR", reduce))
    if frame.format is PixelFormat.YUYV:
        packed = np.frombuffer(frame.data, np.uint8).reshape(height, width, 2)
        image: Image = np.asarray(cv2.cvtColor(packed, cv2.COLOR_YUV2BGR_YUY2), np.uint8)
    else:
        image = np.frombuffer(frame.data, np.uint8).reshape(height, width, 3)
    if reduce == 1:
        return image
    size = -(-width // reduce), -(-height // reduce)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def grey(frame: Frame, reduce: int = 1) -> Image:
    """Decode a frame to grey; of a JPEG without decoding its colours.

    Parameters
    ----------
    reduce
        1, 2, 4 or 8: decode at that fraction of the size.

    Raises
    ------
    BrokenFrame
        The JPEG cannot be decoded.
    """
    if frame.format is PixelFormat.MJPG:
        return _decode(frame, _flag("GRAYSCALE", reduce))
    return np.asarray(cv2.cvtColor(pixels(frame, reduce), cv2.COLOR_BGR2GRAY), np.uint8)


def encode(image: Image, quality: int) -> bytes:
    """Encode `image` as a JPEG, 4:2:2 as cameras make them.

    Raises
    ------
    BrokenFrame
        The picture has a size no JPEG can have.
    """
    done, jpeg = cv2.imencode(
        ".jpg",
        image,
        [
            cv2.IMWRITE_JPEG_QUALITY,
            quality,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
        ],
    )
    if not done:
        raise BrokenFrame()
    return jpeg.tobytes()


def _flag(kind: Literal["COLOR", "GRAYSCALE"], reduce: int) -> int:
    """Return OpenCV's flag to decode at a fraction of the size."""
    return int(getattr(cv2, f"IMREAD_{kind}" if reduce == 1 else f"IMREAD_REDUCED_{kind}_{reduce}"))


def _decode(frame: Frame, how: int) -> Image:
    data = np.frombuffer(frame.data, np.uint8)
    try:
        image = cv2.imdecode(data, how | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as exc:
        raise BrokenFrame() from exc
    if image is None:
        raise BrokenFrame()
    return np.asarray(image, np.uint8)


EIGHTH = 8
"""Factor by which a frame is larger than its thumbnail, in each direction."""
_LUMA: npt.NDArray[np.uint8] = np.clip(np.rint((np.arange(256) - 16) * 255 / 219), 0, 255).astype(np.uint8)
"""Table from the video levels of a camera's luma, 16 to 235, to the full range of a JPEG."""
_CHROMA: npt.NDArray[np.uint8] = np.clip(np.rint((np.arange(256) - 128) * 255 / 224 + 128), 0, 255).astype(
    np.uint8
)
"""Table from the video levels of a camera's chroma, 16 to 240, to the full range of a JPEG."""


class PlaneUnpacker:
    """Planes of the newest frame of one camera, shared by all its painters; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self._planes: Planes = ()

    def planes(self, frame: Frame) -> Planes:
        """Return luma of the frame's size and two chroma planes of half its width, all read-only."""
        with self._lock:
            if self._frame is not frame:
                self._planes = _unpacked(frame)
                self._frame = frame
            return self._planes


def _unpacked(frame: Frame) -> Planes:
    width, height = frame.size
    packed = np.frombuffer(frame.data, np.uint8)
    luma = cv2.extractChannel(packed.reshape(height, width, 2), 0)
    pairs = packed.reshape(height, width // 2, 4)
    blue = cv2.extractChannel(pairs, 1)
    red = cv2.extractChannel(pairs, 3)
    return _mapped(luma, _LUMA), _mapped(blue, _CHROMA), _mapped(red, _CHROMA)


def _mapped(plane: object, table: npt.NDArray[np.uint8]) -> Image:
    image: Image = np.asarray(plane, np.uint8)
    return np.asarray(cv2.LUT(image, table, dst=image), np.uint8)


def paint_planes(planes: Planes, clockwise: int, lines: list[Points], thickness: int, quality: int) -> bytes:
    """Turn planes, draw on them and encode a JPEG: 4:2:2, or 4:4:0 if turned by 90 or 270 degrees."""
    turned = tuple(rotate(plane, clockwise) for plane in planes)
    if lines:
        turned = draw_lines_on_planes(turned, lines, thickness)
    luma, blue, red = (np.ascontiguousarray(plane) for plane in turned)
    if lazy_imports.is_absent("simplejpeg"):
        return encode(Thumbnail(luma, (blue, red)).colour(), quality)
    jpeg: bytes = simplejpeg.encode_jpeg_yuv_planes(luma, blue, red, quality)
    return jpeg


def reduction(size: Size, most: Size | None) -> Reduction:
    """Return the least divisor, 1, 2, 4 or 8, by which a picture fits into `most`; 8 if none does."""
    if most is None:
        return 1
    fitting = (factor for factor in REDUCTIONS if _fits(reduced_size(size, factor), most))
    return next(fitting, REDUCTIONS[-1])


def _fits(size: Size, most: Size) -> bool:
    return size.width <= most.width and size.height <= most.height


def reduced_size(size: Size, factor: int) -> Size:
    """Divide a size, rounded up."""
    return Size(-(-size.width // factor), -(-size.height // factor))


def reduced_planes(frame: Frame, factor: Reduction, unpacker: PlaneUnpacker, space: Workspace) -> Planes:
    """Return luma and two chroma planes of a frame at a fraction of its size.

    Raises
    ------
    UnsupportedJpeg
        It has to be decoded to pixels.
    """
    if frame.format is PixelFormat.MJPG and COMPILED:
        planes = reduce_jpeg(frame.data, factor, space)
        # A grey one has no others, and the encoder takes no chroma of a quarter of the width.
        if len(planes) == 3 and planes[1].shape[1] * 2 >= planes[0].shape[1]:
            return planes
    if frame.format is PixelFormat.YUYV:
        return tuple(_smaller(plane, factor) for plane in unpacker.planes(frame))
    raise UnsupportedJpeg("it has no planes")


def thumbnail_of(planes: Planes, factor: int) -> Thumbnail:
    """Return planes at a fraction of a frame's size as its thumbnail at an eighth."""
    grey, *chroma = (_smaller(plane, EIGHTH // factor) for plane in planes)
    return Thumbnail(grey, tuple(chroma))


def _smaller(plane: Image, factor: int) -> Image:
    if factor == 1:
        return plane
    size = -(-plane.shape[1] // factor), -(-plane.shape[0] // factor)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """A frame at an eighth, not turned.

    Attributes
    ----------
    grey
        Its luma.
    chroma
        Blue and red difference, perhaps subsampled; empty for a grey frame.
    """

    grey: Image
    chroma: Planes = ()

    def colour(self) -> Image:
        """Return it in BGR; in grey if it has no colours."""
        if not self.chroma:
            return self.grey
        blue, red = (self._enlarged(plane) for plane in self.chroma)
        return np.asarray(cv2.cvtColor(cv2.merge([self.grey, red, blue]), cv2.COLOR_YCrCb2BGR), np.uint8)

    def _enlarged(self, plane: Image) -> Image:
        rows, cols = self.grey.shape
        down = -(-rows // plane.shape[0])
        across = -(-cols // plane.shape[1])
        if (down, across) == (1, 1):
            return plane
        size = (plane.shape[1] * across, plane.shape[0] * down)
        return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)[:rows, :cols], np.uint8)


CELL = 8
"""Side of a cell, in pixels of the thumbnail."""
STILL_LEVELS = 1.5
"""Change of a cell's mean, in grey levels, from which the scene has changed; sensor noise is below."""


class ChangeDetector:
    """Compares thumbnails with the last one that differed."""

    def __init__(self) -> None:
        self._cells: Image | None = None

    def changed(self, thumbnail: Image) -> bool:
        """Return whether a thumbnail differs from the last one that did; True for the first."""
        size = max(1, thumbnail.shape[1] // CELL), max(1, thumbnail.shape[0] // CELL)
        cells = np.asarray(cv2.resize(thumbnail, size, interpolation=cv2.INTER_AREA), np.uint8)
        before = self._cells
        still = False
        if before is not None and before.shape == cells.shape:
            still = float(cv2.absdiff(before, cells).max()) <= STILL_LEVELS
        if not still:
            self._cells = cells
        return not still


class StillSceneThrottle:
    """Limits the frame rate of an unchanging scene.

    Parameters
    ----------
    fps
        Frames per second of an unchanging scene.
    """

    def __init__(self, fps: int) -> None:
        self._seconds = 1 / fps
        self._scene = ChangeDetector()
        self._passed_at = -self._seconds
        self._overlay: object = None

    def passes(self, thumbnail: Image, overlay: object, now: float) -> bool:
        """Return whether a picture is to be sent.

        Parameters
        ----------
        overlay
            Object drawn over the picture; another object than before always passes.
        now
            Seconds, monotonic.
        """
        changed = self._scene.changed(thumbnail) or overlay is not self._overlay
        if not changed and now - self._passed_at < self._seconds:
            return False
        self._passed_at = now
        self._overlay = overlay
        return True
