"""Small network that scores a quadrilateral among others as a document by the features of its sides."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline import document_maps, side_features
from imgcore.outline.net_weights import HIDDEN, WEIGHTS

Floats = npt.NDArray[np.float64]

COUNT = side_features.COUNT + document_maps.COUNT
"""Features of `imgcore.outline.side_features`, then those of `imgcore.outline.document_maps`."""
_LIMIT = 4.0
"""Standard deviations at which features are clipped."""
_NUMBERS = np.array(WEIGHTS.split(), np.float64)
_MEAN, _SPREAD, _FIRST, _BIAS, _SECOND, _OFFSET = np.split(
    _NUMBERS, np.cumsum([COUNT, COUNT, COUNT * HIDDEN, HIDDEN, HIDDEN])
)


def document_odds(features: Floats) -> Floats:
    """Logarithm of the odds ``(q,)`` that each row of `features` ``(q, COUNT)`` is a whole document."""
    normal = np.clip((features - _MEAN) / _SPREAD, -_LIMIT, _LIMIT)
    hidden = np.tanh(normal @ _FIRST.reshape(COUNT, HIDDEN) + _BIAS)
    return np.asarray(hidden @ _SECOND + _OFFSET[0])
