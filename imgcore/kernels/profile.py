"""Projection profiles of ink points; the NumPy twin of ``_profile``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def profile_scores(
    x: npt.NDArray[np.float32],
    y: npt.NDArray[np.float32],
    slopes: npt.NDArray[np.float64],
    length: int,
) -> npt.NDArray[np.float64]:
    """How sharply ink falls into lines, for each of several slopes.

    Parameters
    ----------
    x, y
        float32 ``(n,)``, ink points in bins: one bin is one unit of `y`.
    slopes
        float64 ``(k,)``, tangents; a point falls into bin ``floor(y + slope * x)``, points
        outside ``0..length - 1`` are left out.
    length
        Number of bins, at least 2.

    Returns
    -------
    ndarray
        float64 ``(k,)``, the sum over neighbouring bins of the squared difference of their
        counts.
    """
    scores = np.empty(len(slopes))
    wide_x, wide_y = x.astype(np.float64), y.astype(np.float64)
    for number, slope in enumerate(slopes):
        bins = np.floor(wide_y + slope * wide_x).astype(np.int64)
        inside = bins[(bins >= 0) & (bins < length)]
        profile = np.bincount(inside, minlength=length).astype(np.float64)
        scores[number] = np.square(np.diff(profile)).sum()
    return scores
