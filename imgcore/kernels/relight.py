"""Relighting and sharpening; the NumPy twin of ``_relight``."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

_SHARPEN = 0.5
_FRACTIONS = 1 << 15
"""Parts of the distance between two lines of light."""


def relight(light: npt.NDArray[np.int16], image: Bytes, table: Bytes) -> Bytes:
    """Apply a tabled function of a picture's light and levels, then sharpen by half of what a blur takes.

    Parameters
    ----------
    light
        int16 ``(n, cols, channels)``, 0..16320: 64 times the light along n lines, evenly from the
        top of the picture to its bottom; between them it is interpolated.
    image
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
    if not len(light) or light.shape[1:] != image.shape[1:]:
        raise ValueError("the picture and its light differ in shape")
    if table.shape != (256, 256):
        raise ValueError("the table is not 256 x 256")
    toned = np.asarray(table[_interpolated(light, len(image)), image], np.uint8)
    soft = cv2.GaussianBlur(toned, (3, 3), 0)
    sharp = cv2.addWeighted(toned, 1 + _SHARPEN, soft, -_SHARPEN, 0)
    return np.asarray(sharp, np.uint8).reshape(image.shape)


def _interpolated(light: npt.NDArray[np.int16], rows: int) -> Bytes:
    twice = (2 * np.arange(rows) + 1) * len(light) * _FRACTIONS // rows - _FRACTIONS
    place = np.clip(twice >> 1, 0, (len(light) - 1) * _FRACTIONS)
    first, below = place // _FRACTIONS, (place % _FRACTIONS)[:, None, None]
    upper, lower = light[first].astype(np.int64), light[np.minimum(first + 1, len(light) - 1)]
    return np.asarray((upper + ((lower - upper) * below >> 15) + 32) >> 6, np.uint8)
