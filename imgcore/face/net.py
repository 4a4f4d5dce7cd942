"""Pictures as nets of faces take them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image, ImageError

Floats = npt.NDArray[np.float32]


def colour(image: Image) -> Image:
    """Convert a picture to BGR.

    Raises
    ------
    ImageError
        It has no pixels, or is neither grey nor BGR.
    """
    if image.size == 0 or image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] != 3):
        raise ImageError(f"a picture is grey or BGR and has pixels, not {image.shape}")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8) if image.ndim == 2 else image


def planes(image: Image) -> Floats:
    """Convert BGR 0..255 to a net's input, ``(1, 3, rows, cols)``."""
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32)
