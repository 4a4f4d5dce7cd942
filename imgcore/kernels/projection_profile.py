"""Projection profiles of ink points; the NumPy twin of ``_projection_profile``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def projection_scores(
    x: npt.NDArray[np.float32],
    y: npt.NDArray[np.float32],
    weight: npt.NDArray[np.int32],
    slopes: npt.NDArray[np.float64],
    length: int,
    window: int,
) -> npt.NDArray[np.float64]:
    """Score each of several slopes by the sharpness of the ink's projection profile along it.

    Parameters
    ----------
    x, y
        float32 ``(n,)``, ink points in bins: one bin is one unit of `y`.
    weight
        int32 ``(n,)``, how much ink is there.
    slopes
        float64 ``(k,)``, tangents; a point falls into bin ``floor(y + slope * x)``, points
        outside ``0..length - 1`` are left out.
    length
        Number of bins, at least 1.
    window
        Bins, at least 1, that the profile is averaged over, twice, and whose distance apart its
        values are compared. Where points are pixels, this is to be one pixel or more: pixels
        lie on a grid, and twice is what it takes that it looks alike at every slope, level included.

    Returns
    -------
    ndarray
        float64 ``(k,)``, the sum over bins of the squared difference of the averaged profile
        (as sums of ``window ** 2`` terms) to what it is `window` bins further on.
    """
    scores = np.zeros(len(slopes))
    wide_x = x.astype(np.float64)
    wide_y = y.astype(np.float64)
    for number, slope in enumerate(slopes):
        bins = np.floor(wide_y + slope * wide_x)
        inside = (bins >= 0) & (bins < length)
        profile = np.bincount(bins[inside].astype(np.int64), weight[inside].astype(np.float64), length)
        for _ in range(2):
            total = np.concatenate([[0.0], np.cumsum(profile)])
            profile = total[window:] - total[:-window]
        if len(profile) > window:
            scores[number] = np.square(profile[window:] - profile[:-window]).sum()
    return scores
