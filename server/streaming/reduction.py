"""Frames at a fraction of their size, for previews that are shown small."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.jpeg import REDUCTIONS, UnsupportedJpeg, Workspace, reduce_jpeg
from imgcore.kernels import COMPILED
from imgcore.types import Image, Planes, Reduction
from server.devices.ports.camera import Frame, PixelFormat, Size
from server.streaming.planes import EIGHTH, PlaneUnpacker
from server.streaming.thumbnail import Thumbnail


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
