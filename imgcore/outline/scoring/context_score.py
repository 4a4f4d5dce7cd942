"""Odds of candidates among the others of the same picture.

A network with one hidden layer. The table is printed by ``python -m models.training.candidate_context``,
fitted on made pictures.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.scoring.candidate_context import NAMES, measure_context
from imgcore.outline.scoring.scoring_net import ScoringNet, document_log_odds
from imgcore.outline.search.document_maps import DocumentMaps

Floats = npt.NDArray[np.float64]

_FLOOR = -4.0
"""Logarithm of the odds above which a candidate may be a document at all, and is compared with others."""
_MOST = 150
"""Number of candidates that are compared, the likeliest first."""
_NONE = -9.0
"""Logarithm of the odds of a candidate that is not compared."""

_WEIGHTS: dict[str, tuple[float, ...]] = {
    # measure: (mean, spread, weight in each hidden unit)
    "odds": (-1.00, 2.06, -0.28, -0.39, -0.47, 0.12, -0.46, 0.11, 0.12, -0.03, -0.35, -0.00, -0.79, -0.25),
    "same": (0.28, 2.57, -0.18, -0.21, 0.57, -0.21, 0.29, -0.11, -0.31, 0.90, -0.11, 0.30, 0.34, 0.77),
    "around": (-2.53, 2.83, -0.34, 0.28, 0.02, -0.16, -0.07, -0.21, 0.10, -0.16, 0.00, -0.50, 0.25, -0.18),
    "inside": (-3.02, 2.94, -0.04, 0.14, -0.17, 0.68, -0.03, -0.12, -0.01, -0.11, 0.11, 0.02, 0.06, -0.08),
    "conflicting": (
        -3.30,
        2.51,
        0.08,
        0.04,
        -0.16,
        0.01,
        -0.01,
        -0.23,
        -0.04,
        -0.05,
        0.17,
        0.05,
        0.16,
        -0.07,
    ),
    "closely_around": (
        -3.02,
        2.83,
        -0.46,
        -0.20,
        -0.08,
        -0.23,
        0.01,
        -0.21,
        -0.11,
        -0.26,
        0.15,
        -0.53,
        -0.11,
        0.09,
    ),
    "most_of": (-3.22, 2.82, -0.16, -0.05, 0.05, 0.56, 0.03, -0.00, -0.01, 0.15, 0.07, -0.00, -0.06, 0.12),
    "alike": (0.13, 0.23, -0.09, 0.12, 0.16, -0.07, 0.03, -0.01, 0.20, 0.11, -0.12, 0.15, -0.08, 0.28),
    "alike_all": (0.13, 0.48, 0.23, -0.06, 0.02, -0.14, -0.12, 0.16, 0.03, -0.17, 0.35, 0.22, -0.19, 0.06),
    "as_wide": (0.58, 1.03, -0.05, 0.09, -0.22, 0.08, 0.11, 0.06, 0.03, -0.00, 0.20, 0.02, -0.06, 1.04),
    "as_long": (0.45, 0.93, -0.19, 0.25, 0.17, -0.11, -0.06, 0.24, 0.08, 0.08, -0.08, 0.02, 0.09, -0.01),
    "mass": (0.18, 0.37, -0.28, 0.13, -0.30, -0.02, 0.12, -0.28, 0.26, -0.12, -0.46, -0.33, -0.25, 0.00),
    "filled": (0.11, 0.30, 0.11, 0.05, 0.10, -0.13, -0.18, 0.08, 0.25, 0.20, 0.09, -0.58, -0.17, 0.07),
    "held": (0.14, 0.39, 0.16, 0.27, -0.03, -0.03, -0.14, -0.03, 0.13, -0.09, 0.13, -0.35, 0.14, -0.15),
    "elongation": (0.53, 0.30, 0.02, -0.35, 0.40, -0.10, 0.35, -0.01, -0.07, 0.47, -0.00, 0.16, -0.40, 0.02),
    "card": (0.23, 0.20, 0.11, -0.48, -0.24, 0.18, 0.74, -0.12, -0.39, -0.38, 0.27, -0.23, 0.10, -0.04),
    "area": (-2.94, 1.04, 0.19, -0.07, -0.44, -0.01, 0.09, 0.15, -0.11, -0.45, 0.20, 0.22, 0.04, -0.15),
}
"""Mean and spread of each measure, and its weight in each hidden unit, as fitted."""
_HIDDEN_OFFSET = np.array([-0.67, 0.76, -0.67, -1.72, 1.29, 0.32, -1.61, 0.74, -0.64, 0.91, 1.53, 0.76])
"""Offset of each hidden unit."""
_OUTPUT = np.array([-0.77, -1.00, -0.99, -0.93, -1.23, 0.52, 0.92, 1.15, -0.75, 0.92, -1.33, 1.20])
"""Weight of each hidden unit in the logarithm of the odds."""
_OUTPUT_OFFSET = np.array([-1.47])
"""Offset of the logarithm of the odds."""
_TABLE = np.array([_WEIGHTS[name] for name in NAMES])
"""Rows of `_WEIGHTS` in the order of the measures."""
_NET = ScoringNet(_TABLE[:, 0], _TABLE[:, 1], _TABLE[:, 2:], _HIDDEN_OFFSET, _OUTPUT, _OUTPUT_OFFSET)
"""Network that scores a candidate among others."""


def odds_in_context(corners: Floats, odds: Floats, shape: tuple[int, ...], net_maps: DocumentMaps) -> Floats:
    """Return logarithms of odds ``(n,)`` of candidates ``(n, 4, 2)``, given those of each by itself."""
    chosen = pool(odds)
    measures = measure_context(corners[chosen], odds[chosen], shape, net_maps)
    among = np.full(len(odds), _NONE)
    among[chosen] = document_log_odds(_NET, measures)
    return among


def pool(odds: Floats) -> npt.NDArray[np.int64]:
    """Select the candidates that are compared, the likeliest first."""
    order = np.argsort(-odds, kind="stable")[:_MOST]
    return np.asarray(order[odds[order] > _FLOOR], np.int64)
