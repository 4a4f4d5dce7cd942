"""Whether a quadrilateral among others is a document: a small network over what lies along its sides."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline import sides, sketch
from imgcore.outline.net_weights import HIDDEN, WEIGHTS

Floats = npt.NDArray[np.float64]

COUNT = sides.COUNT + sketch.COUNT
"""Features of `imgcore.outline.sides`, then those of `imgcore.outline.sketch`."""
_LIMIT = 4.0
"""Standard deviations, beyond which a feature says no more."""
_NUMBERS = np.array(WEIGHTS.split(), np.float64)
_MEAN, _SPREAD, _FIRST, _BIAS, _SECOND, _OFFSET = np.split(
    _NUMBERS, np.cumsum([COUNT, COUNT, COUNT * HIDDEN, HIDDEN, HIDDEN])
)


def document_odds(features: Floats) -> Floats:
    """Logarithm of the odds ``(q,)`` that each row of `features` ``(q, COUNT)`` is a whole document."""
    normal = np.clip((features - _MEAN) / _SPREAD, -_LIMIT, _LIMIT)
    hidden = np.tanh(normal @ _FIRST.reshape(COUNT, HIDDEN) + _BIAS)
    return np.asarray(hidden @ _SECOND + _OFFSET[0])
