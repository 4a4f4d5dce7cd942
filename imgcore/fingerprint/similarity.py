"""From evidence to one scale: how rarely prints of different fingers agree as much.

The similarity is ``1 - FMR ** (1 / 4)``, FMR being the share of comparisons of different fingers that
come out as high or higher: 0.9 is one in 10 000, 0.82 one in 1000, 0.68 one in 100, 0 all of them.
Weights and curves were fitted by ``benchmarks/fingerprint/fit.py``; docs/fingerprints.md has the sets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """A logistic model and what its answers mean.

    Attributes
    ----------
    weights, bias
        Of the evidence.
    answers, rarity
        Points of the curve: an answer, and minus the logarithm to base 10 of the FMR there; both
        rising. Beyond the last point the curve goes on straight.
    """

    weights: tuple[float, ...]
    bias: float
    answers: tuple[float, ...]
    rarity: tuple[float, ...]

    def answer(self, evidence: Vector) -> float:
        """The log odds of the model, without regard to how often fingers are the same."""
        return float(np.dot(evidence, self.weights)) + self.bias

    def rare(self, answer: float) -> float:
        """Minus the logarithm of the FMR, from 0."""
        if answer > self.answers[-1]:
            run = self.answers[-1] - self.answers[-2]
            slope = (self.rarity[-1] - self.rarity[-2]) / run
            return self.rarity[-1] + slope * (answer - self.answers[-1])
        return float(np.interp(answer, self.answers, self.rarity))


RIDGES = Scale(
    weights=(4.17, 2.198, 0.186, 18.469, 13.953),
    bias=-18.985,
    answers=(-13.442, -5.139, -3.272, -1.735, -0.466, 2.336),
    rarity=(0.0, 0.5, 1.0, 1.5, 2.0, 3.5),
)
"""Where both prints have the course of their ridges."""

MINUTIAE = Scale(
    weights=(36.901, 0.252, 13.375),
    bias=-25.09,
    answers=(-11.52, -4.935, -3.058, -1.465, -0.132, 1.951),
    rarity=(0.0, 0.5, 1.0, 1.5, 2.0, 3.5),
)
"""Where one has minutiae only."""


def similarity(rarities: list[float]) -> float:
    """One figure, 0..1, for all comparisons of one finger's views with another's.

    The best counts; among many it is less rare that one agrees by chance, which is taken into account.
    """
    if not rarities:
        return 0.0
    rarity = max(max(rarities) - float(np.log10(len(rarities))), 0.0)
    return float(1 - 10 ** (-rarity / 4))
