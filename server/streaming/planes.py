"""YUYV frames: unpacked into planes once, then drawn on and encoded.

A JPEG is encoded from planes: without a detour over BGR there are half the page faults.
"""

from __future__ import annotations

import threading

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg

from imgcore.overlay import draw_lines_on_planes
from imgcore.rotate import rotate
from imgcore.types import Image, Planes, Points
from server.devices.ports.camera import Frame

EIGHTH = 8
_LUMA: npt.NDArray[np.uint8] = np.clip(np.rint((np.arange(256) - 16) * 255 / 219), 0, 255).astype(np.uint8)
_CHROMA: npt.NDArray[np.uint8] = np.clip(np.rint((np.arange(256) - 128) * 255 / 224 + 128), 0, 255).astype(
    np.uint8
)
"""Tables from the video levels of cameras (16..235, 16..240) to the full range of a JPEG."""


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
                self._planes, self._frame = _unpacked(frame), frame
            return self._planes


def _unpacked(frame: Frame) -> Planes:
    width, height = frame.size
    packed = np.frombuffer(frame.data, np.uint8)
    luma = cv2.extractChannel(packed.reshape(height, width, 2), 0)
    pairs = packed.reshape(height, width // 2, 4)
    blue, red = cv2.extractChannel(pairs, 1), cv2.extractChannel(pairs, 3)
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
    jpeg: bytes = simplejpeg.encode_jpeg_yuv_planes(luma, blue, red, quality)
    return jpeg
