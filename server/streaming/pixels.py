"""Decoding of frames, for captures and for previews that cannot stay in the compressed domain."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from imgcore.types import Image
from server.devices.ports.camera import Frame, PixelFormat


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
