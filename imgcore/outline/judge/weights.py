"""Weights of all scores of the judge, each with the names of what it weighs, and the small net of most.

They are fitted: programs of ``models/training`` write the file, and the README there says from what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PATH = Path(__file__).with_name("weights.npz")
"""File of all weights: arrays ``score/name``, among them the names of the score's measures."""
NAMES = "names"
"""Name of the array of each score that names its measures."""
_LIMIT = 4.0
"""Standard deviations at which measures are clipped."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoringNet:
    """Network with one hidden layer that scores candidates as documents, all float64.

    Attributes
    ----------
    mean, spread
        ``(f,)``, of the measures it was trained on.
    hidden, hidden_offset
        ``(f, n)`` and ``(n,)``.
    output, output_offset
        ``(n,)`` and ``(1,)``.
    """

    mean: Floats
    spread: Floats
    hidden: Floats
    hidden_offset: Floats
    output: Floats
    output_offset: Floats

    def log_odds(self, measures: Floats) -> Floats:
        """Logarithm of the odds ``(q,)`` that each row of `measures` ``(q, f)`` is a whole document."""
        normal = np.clip((measures - self.mean) / self.spread, -_LIMIT, _LIMIT)
        hidden = np.tanh(normal @ self.hidden + self.hidden_offset)
        return np.asarray(hidden @ self.output + self.output_offset[0])


def weights_of(score: str, measures: Sequence[str]) -> dict[str, Floats]:
    """Return the weights of a score by name.

    Parameters
    ----------
    measures
        Names of what is measured, in the order of the columns.

    Raises
    ------
    ValueError
        The score was fitted to other measures, or to these in another order.
    """
    arrays = {name: array for (owner, name), array in _arrays().items() if owner == score}
    fitted = arrays.pop(NAMES).tolist()
    if fitted != list(measures):
        raise ValueError(f"{PATH.name}: {score} was fitted to {fitted}, not to {list(measures)}")
    return arrays


@cache
def _arrays() -> dict[tuple[str, ...], npt.NDArray[Any]]:
    with np.load(PATH, allow_pickle=False) as file:
        return {tuple(name.split("/")): array for name, array in file.items()}
