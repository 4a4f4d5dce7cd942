"""Relighting and sharpening; the NumPy twin of ``_relight``."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

_SHARPEN = 0.5


def relight(light: Bytes, image: Bytes, table: Bytes) -> Bytes:
    """Apply a tabled function of a picture's light and levels, then sharpen by half of what a blur takes.

    Parameters
    ----------
    light, image
        uint8 ``(rows, cols, channels)``.
    table
        uint8 ``(256, 256)``, indexed by the level in `light`, then in `image`.

    Returns
    -------
    ndarray
        uint8 of `image`'s shape.

    Raises
    ------
    ValueError
        The pictures differ in shape, or the table is not 256 x 256.
    """
    if light.shape != image.shape:
        raise ValueError("the picture and its light differ in shape")
    if table.shape != (256, 256):
        raise ValueError("the table is not 256 x 256")
    toned = np.asarray(table[light, image], np.uint8)
    soft = cv2.GaussianBlur(toned, (3, 3), 0)
    sharp = cv2.addWeighted(toned, 1 + _SHARPEN, soft, -_SHARPEN, 0)
    return np.asarray(sharp, np.uint8).reshape(image.shape)
