"""Error rates of verification."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]


def equal_error_rate(same: Scores, different: Scores) -> float:
    """The rate at which as many of the same are rejected as of different ones accepted, 0..1.

    Between two thresholds the mean of both rates where they are closest, as in the FVC contests.
    """
    thresholds = np.unique(np.concatenate([same, different, [np.inf]]))
    rejected = np.searchsorted(np.sort(same), thresholds, "left") / len(same)
    accepted = 1 - np.searchsorted(np.sort(different), thresholds, "left") / len(different)
    closest = np.abs(rejected - accepted).argmin()
    return float(rejected[closest] + accepted[closest]) / 2


def false_non_match_rate(same: Scores, different: Scores, rate: float) -> float:
    """False non-match rate at the threshold where at most `rate` of different ones match, 0..1."""
    ranked = np.sort(different)[::-1]
    threshold = ranked[min(int(rate * len(different)), len(different) - 1)]
    return float(np.mean(same <= threshold))
