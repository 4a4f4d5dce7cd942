"""Small network that scores a quadrilateral among others as a document by the features of its sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.outline.search import document_maps, side_features

Floats = npt.NDArray[np.float64]

COUNT = side_features.COUNT + document_maps.COUNT
"""Features of `side_features`, then those of `document_maps`, of `imgcore.outline.search`."""
_LIMIT = 4.0
"""Standard deviations at which features are clipped."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoringNet:
    """Weights of a network with one hidden layer, all float64.

    Attributes
    ----------
    mean, spread
        ``(f,)``, of the features it was trained on.
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


def document_log_odds(net: ScoringNet, features: Floats) -> Floats:
    """Logarithm of the odds ``(q,)`` that each row of `features` ``(q, f)`` is a whole document."""
    normal = np.clip((features - net.mean) / net.spread, -_LIMIT, _LIMIT)
    hidden = np.tanh(normal @ net.hidden + net.hidden_offset)
    return np.asarray(hidden @ net.output + net.output_offset[0])
