"""Similarity from match features, on a scale of the false match rate (FMR).

The similarity is ``1 - FMR ** (1 / 4)``, FMR being the share of comparisons of different fingers that
score as high or higher: 0.9 is one in 10 000, 0.82 one in 1000, 0.68 one in 100, 0 all of them.
Weights and curves were fitted by ``benchmarks/fingerprint/fit.py``; docs/fingerprints.md has the sets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """Logistic model with the false match rates of its scores.

    Attributes
    ----------
    weights, bias
        Weights and bias of the features.
    scores, neg_log_fmrs
        Points of the curve: a score, and minus the logarithm to base 10 of the FMR there; both
        rising. Beyond the last point the curve goes on straight.
    """

    weights: tuple[float, ...]
    bias: float
    scores: tuple[float, ...]
    neg_log_fmrs: tuple[float, ...]

    def score(self, features: Vector) -> float:
        """Log odds of the model, without a prior."""
        return float(np.dot(features, self.weights)) + self.bias

    def neg_log_fmr(self, score: float) -> float:
        """Minus the logarithm of the FMR at a score, from 0."""
        if score > self.scores[-1]:
            run = self.scores[-1] - self.scores[-2]
            slope = (self.neg_log_fmrs[-1] - self.neg_log_fmrs[-2]) / run
            return self.neg_log_fmrs[-1] + slope * (score - self.scores[-1])
        return float(np.interp(score, self.scores, self.neg_log_fmrs))


RIDGES = Scale(
    weights=(4.17, 2.198, 0.186, 18.469, 13.953),
    bias=-18.985,
    scores=(-13.442, -5.139, -3.272, -1.735, -0.466, 2.336),
    neg_log_fmrs=(0.0, 0.5, 1.0, 1.5, 2.0, 3.5),
)
"""Scale for two prints with ridge patterns."""

MINUTIAE = Scale(
    weights=(36.901, 0.252, 13.375),
    bias=-25.09,
    scores=(-11.52, -4.935, -3.058, -1.465, -0.132, 1.951),
    neg_log_fmrs=(0.0, 0.5, 1.0, 1.5, 2.0, 3.5),
)
"""Scale for a print with minutiae only."""


def similarity(rarities: list[float]) -> float:
    """Similarity 0..1 of two fingers from all comparisons of their views.

    The best counts; the larger chance of a false match among many is allowed for.
    """
    if not rarities:
        return 0.0
    neg_log_fmr = max(max(rarities) - float(np.log10(len(rarities))), 0.0)
    return float(1 - 10 ** (-neg_log_fmr / 4))
