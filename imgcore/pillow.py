"""Conversion of Pillow's pictures to the core's: every mode, oriented, on white."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import PIL.Image

from imgcore.shape import check_shape
from imgcore.types import Image, ImageError

ORIENTATION = 0x0112
"""Tag of the orientation in EXIF and in TIFF."""

_SOLID = 127
"""Opacity, 0 to 255, above which a pixel is seen."""
_LIGHT = 210
"""Level from which a pixel is hardly seen on white."""
_DARK_SHARE = 0.001
"""Largest share of darker pixels in a picture that white would hide."""
_GREY = ("1", "L")
"""Pillow's modes of grey pictures of one bit or eight."""
_SIXTEEN = ("I;16", "I;16B", "I;16L", "I;16N")
"""Pillow's modes of grey pictures of 16 bits."""
_LAYERED = ("LA", "La", "PA", "RGBA", "RGBa")
"""Pillow's modes of pictures with transparency."""
_TURNED: dict[int, Callable[[Image], Any]] = {
    2: lambda image: cv2.flip(image, 1),
    3: lambda image: cv2.rotate(image, cv2.ROTATE_180),
    4: lambda image: cv2.flip(image, 0),
    5: lambda image: cv2.transpose(image),
    6: lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
    7: lambda image: cv2.rotate(cv2.transpose(image), cv2.ROTATE_180),
    8: lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE),
}
"""Turns that bring a picture upright, by its orientation in EXIF; 1 needs none."""


def broken() -> tuple[type[Exception], ...]:
    """Return the exceptions of Pillow's readers on a broken file, with its warnings where they are errors."""
    return (
        *(OSError, ValueError, TypeError, SyntaxError, EOFError, KeyError, OverflowError),
        *(IndexError, AttributeError, RuntimeError, struct.error, zlib.error, UserWarning, MemoryError),
        *(PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning),
    )


def from_pillow(opened: PIL.Image.Image, limit_pixels: int) -> Image:
    """Decode a picture that was opened lazily.

    16 bits become 8, CMYK, YCbCr and Lab become BGR, transparency lies on white, grey
    stays grey. An orientation is not applied; see `turned`.

    Parameters
    ----------
    limit_pixels
        The largest ``width * height`` accepted; checked before memory is spent.

    Raises
    ------
    ImageError
        Too many pixels, damaged data, or samples of 32 bits.
    """
    check_shape(*opened.size, limit_pixels)
    if opened.mode in ("F", "I"):
        raise ImageError("samples of 32 bits are not supported")
    try:
        return _converted(opened)
    except broken() as exc:
        raise ImageError("the picture's data is damaged or ends early") from exc


def turned(image: Image, orientation: int) -> Image:
    """Apply an orientation (1..8, as in EXIF); other values count as 1."""
    turn = _TURNED.get(orientation)
    return np.ascontiguousarray(turn(image)) if turn else image


def flattened(pixels: npt.NDArray[np.uint8]) -> Image:
    """Blend BGRA ``(rows, cols, 4)`` over white, to BGR; over black what white would hide."""
    alpha = pixels[:, :, 3:].astype(np.uint16)
    ground = 0 if _is_light(pixels) else 255
    mixed = pixels[:, :, :3] * alpha + ground * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def _is_light(pixels: npt.NDArray[np.uint8]) -> bool:
    """Return whether a picture with transparent parts shows nothing that is darker than white paper."""
    solid = pixels[:, :, 3] > _SOLID
    shown = int(solid.sum())
    dark = int((solid & (pixels[:, :, :3].min(axis=2) < _LIGHT)).sum())
    return 0 < shown < solid.size and dark <= _DARK_SHARE * shown


def _converted(opened: PIL.Image.Image) -> Image:
    if opened.mode in _GREY:
        return np.array(opened.convert("L"), np.uint8)
    if opened.mode in _SIXTEEN:
        return (np.asarray(opened) >> 8).astype(np.uint8)
    if opened.mode in _LAYERED or "transparency" in opened.info:
        red_first = np.array(opened.convert("RGBA"), np.uint8)
        layered = flattened(np.asarray(cv2.cvtColor(red_first, cv2.COLOR_RGBA2BGRA), np.uint8))
        return np.ascontiguousarray(layered[:, :, 0]) if opened.mode in ("LA", "La") else layered
    if opened.mode == "LAB":
        # Pillow hands out a and b as signed bytes, OpenCV wants them around 128.
        lab: Image = np.array(opened, np.uint8) ^ np.array([0, 128, 128], np.uint8)
        return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR), np.uint8)
    return np.asarray(cv2.cvtColor(np.array(opened.convert("RGB")), cv2.COLOR_RGB2BGR), np.uint8)
