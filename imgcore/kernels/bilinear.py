"""Bilinear interpolation of a picture at any places; the NumPy twin of ``_bilinear``."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def sample_bilinear(picture: npt.NDArray[Any], x: Floats, y: Floats) -> npt.NDArray[Any]:
    """Interpolate a picture at places between its pixels; beyond its border the border continues.

    As OpenCV's ``remap`` does since version 5.0: older ones round places to thirty-seconds of a pixel, which
    moves corners that are found by a pixel and more.

    Parameters
    ----------
    picture
        uint8 or float32 ``(rows, cols, channels)``, C-contiguous.
    x, y
        float32 ``(n, m)``, C-contiguous; what is no number counts as 0.

    Returns
    -------
    ndarray
        ``(n, m, channels)`` of the picture's type; of uint8, rounded, half to even.

    Raises
    ------
    ValueError
        The picture is empty, or the places differ in shape.
    """
    if min(picture.shape) < 1 or x.shape != y.shape:
        raise ValueError("a picture has pixels, and each place an x and a y")
    left, right, across = _neighbours(x, picture.shape[1])
    top, bottom, down = _neighbours(y, picture.shape[0])
    above, below = (
        _between(picture[row, left], picture[row, right], across[..., None]) for row in (top, bottom)
    )
    values = _between(above, below, down[..., None])
    return values if picture.dtype == np.float32 else np.rint(values).astype(np.uint8)


def _neighbours(at: Floats, size: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats]:
    """Return the pixels before and after places along an axis, and how far these are from the first."""
    within = np.minimum(np.where(at > 0, at, np.float32(0)), np.float32(size - 1))
    before = within.astype(np.intp)
    return before, np.minimum(before + 1, size - 1), within - before.astype(np.float32)


def _between(one: npt.NDArray[Any], other: npt.NDArray[Any], share: Floats) -> Floats:
    first = one.astype(np.float32)
    return np.asarray(first + share * (other.astype(np.float32) - first), np.float32)
