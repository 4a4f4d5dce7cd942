"""Rows that fell: a figure against the ledger, and the pictures that were won and lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.gate.probe import Better

ROUNDS = 400
"""Resamplings of the bootstrap."""
SEED = 5
"""Seed of the bootstrap, so that noise is the same at every run."""
ALIKE = 1e-3
"""Difference of one picture's contribution from which it counts as won or lost, of the figure's spread."""
LEAST_NOISE = 5e-4
"""Noise that a row is given at least: rounding of the arithmetic of other processors."""

Values = Mapping[str, float]
"""Contributions to one figure, by the picture's name."""


def noise(values: Values, spread: float = 0.0) -> float:
    """Return the standard error of the mean of a row, by a bootstrap over its pictures.

    Parameters
    ----------
    spread
        Share of the mean that it is at least.
    """
    contributions = np.array([value for value in values.values() if not np.isnan(value)], np.float64)
    least = max(LEAST_NOISE, spread * abs(float(contributions.mean()))) if len(contributions) else LEAST_NOISE
    if len(contributions) < 2:
        return least
    random = np.random.default_rng(SEED)
    picks = random.integers(len(contributions), size=(ROUNDS, len(contributions)))
    return max(least, float(contributions[picks].mean(axis=1).std()))


def mean(values: Values) -> float:
    """Return the mean of the contributions that are numbers; not a number without any."""
    contributions = [value for value in values.values() if not np.isnan(value)]
    return float(np.mean(contributions)) if contributions else float("nan")


@dataclass(frozen=True, slots=True)
class Change:
    """One figure before and after, on the pictures that both measured.

    Attributes
    ----------
    before, after
        Means over the common pictures.
    noise
        Standard error of the row before, on as many pictures.
    won, lost
        Names of the pictures that got better and worse, the largest change first.
    """

    before: float
    after: float
    noise: float
    better: Better
    won: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def fell(self) -> bool:
        """True if the row is worse by more than its noise."""
        return (self.before - self.after) * self.better.sign > self.noise


def change(before: Values, after: Values, better: Better, spread: float = 0.0) -> Change:
    """Compare two measurements of one figure, picture by picture."""
    names = [name for name in before if name in after]
    old, new = ({name: values[name] for name in names} for values in (before, after))
    gains = {name: _gain(old[name], new[name], better) for name in names}
    limit = ALIKE * max(1.0, abs(mean(old)) if names else 1.0)
    won = sorted((name for name in names if gains[name] > limit), key=lambda name: -gains[name])
    lost = sorted((name for name in names if gains[name] < -limit), key=lambda name: gains[name])
    return Change(mean(old), mean(new), noise(old, spread), better, tuple(won), tuple(lost))


def _gain(before: float, after: float, better: Better) -> float:
    """Return how much better a contribution became; an answer that is not given any more is lost."""
    if np.isnan(before) or np.isnan(after):
        return float(np.isnan(before)) - float(np.isnan(after))
    return better.sign * (after - before)
