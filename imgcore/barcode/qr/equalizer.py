"""Equaliser of a blurred QR code: a filter learned from its function patterns, which are known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from imgcore.barcode.qr.grid import Floats, Grid, local_contrast, sampled
from imgcore.barcode.qr.symbol import Modules, function_patterns
from imgcore.types import Image

_TAPS = 3
"""Half modules to each side that the filter reaches."""
_SMOOTH = 0.2
"""Smoothing of the local contrast, a standard deviation in modules."""
_AROUND = 12
"""Window of the local contrast in modules."""
_RIDGES = (3e-4, 3e-3, 2e-2)
"""Weights against large filters, one after the other: for blur, for both, for noise."""
_PASSES = 3
"""Number of times that a filter is fitted, to modules as the one before has read them."""
_DATA = 0.7
"""Weight of a module of data, as read before, over that of one that is known."""


def equalized(patch: Image, grid: Grid) -> Iterator[Modules]:
    """Yield the modules of a code, negative if dark, filter after filter.

    A filter is fitted to the function patterns, then to all modules as it reads them. It undoes blur of
    any shape that is the same in all directions or along an axis, without knowing it.

    Parameters
    ----------
    patch
        uint8 ``(rows, cols)``.
    grid
        Place of the modules.
    """
    known = function_patterns(grid.size)
    features = _features(local_contrast(patch, grid.module, _SMOOTH, _AROUND), grid)
    for ridge in _RIDGES:
        wanted = known
        weight = np.abs(known)
        for _ in range(_PASSES):
            levels = _filtered(features, wanted, weight, ridge)
            yield levels
            wanted = np.where(known != 0, known, np.sign(levels))
            weight = np.where(known != 0, 1.0, _DATA * np.minimum(np.abs(levels), 1))


def _features(contrast: Floats, grid: Grid) -> Floats:
    """Sums of the samples around each module that have one weight, ``(size, size, n)``."""
    count = 2 * grid.size - 1 + 2 * _TAPS
    axis = (np.arange(count, dtype=np.float32) - _TAPS) / 2 + np.float32(0.5)
    across, down = np.meshgrid(axis, axis)
    places = grid.pixels(np.stack([across.ravel(), down.ravel()], axis=1))
    samples = sampled(contrast, places).reshape(count, count)
    sums = [_mirrored(samples, grid.size, x, y) for y in range(_TAPS + 1) for x in range(_TAPS + 1)]
    return np.stack([*sums, np.ones_like(sums[0])], axis=-1)


def _mirrored(samples: Floats, size: int, x: int, y: int) -> Floats:
    """Mean of the samples `x` and `y` half modules to all sides of each module."""
    spots = {(_TAPS + down * y, _TAPS + along * x) for down in (1, -1) for along in (1, -1)}
    parts = [samples[row : row + 2 * size : 2, col : col + 2 * size : 2] for row, col in spots]
    return np.asarray(np.mean(parts, axis=0), np.float32)


def _filtered(features: Floats, wanted: Modules, weight: Modules, ridge: float) -> Modules:
    """Apply the filter whose result is nearest to what is wanted."""
    rows = features.reshape(-1, features.shape[-1]).astype(np.float64)
    weighted = rows * weight.reshape(-1, 1)
    normal = rows.T @ weighted + np.diag([ridge * float(weight.sum())] * (rows.shape[1] - 1) + [0.0])
    return np.asarray(
        (rows @ np.linalg.solve(normal, weighted.T @ wanted.ravel())).reshape(wanted.shape), np.float32
    )
