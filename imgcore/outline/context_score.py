"""Odds of candidates among the others of the same picture.

A network with one hidden layer. The table is printed by ``python -m models.training.candidate_context``, fitted
on made pictures.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.candidate_context import NAMES, measure_context
from imgcore.outline.document_maps import DocumentMaps
from imgcore.outline.scoring_net import ScoringNet, document_log_odds

Floats = npt.NDArray[np.float64]

_FLOOR, _MOST = -4.0, 150
"""Odds from which a candidate may be a document at all, and how many are compared."""
_NONE = -9.0

_WEIGHTS: dict[str, tuple[float, ...]] = {
    # measure: (mean, spread, weight in each hidden unit)
    "odds": (-1.27, 2.02, -0.48, -0.43, -0.17, 0.10, -0.51, 0.20, 0.51, 0.00, -0.45, -0.05, -0.25, -0.36),
    "same": (-0.05, 2.52, 0.21, -0.22, 0.29, -0.08, 0.35, 0.16, -0.14, 1.03, 0.33, 0.17, -0.21, 0.91),
    "around": (-2.35, 2.80, -0.34, 0.29, 0.34, -0.16, -0.12, -0.09, -0.20, -0.41, 0.20, -0.65, 0.18, -0.10),
    "inside": (-3.00, 2.86, -0.06, 0.12, 0.11, 0.53, -0.03, -0.02, 0.00, -0.18, -0.01, -0.06, 0.04, -0.10),
    "conflicting": (-3.15, 2.46, 0.06, 0.08, 0.19, 0.01, -0.04, 0.42, -0.03, -0.08, 0.15, -0.09, 0.23, -0.08),
    "closely_around": (-2.94, 2.78, -0.24, -0.39, -0.05, -0.13, 0.08, -0.10, -0.02, -0.06, -0.15, -0.51, -0.11, 0.11),
    "most_of": (-3.25, 2.72, -0.09, -0.13, 0.12, 0.55, 0.02, 0.09, 0.02, 0.01, -0.07, 0.14, -0.02, 0.21),
    "alike": (0.10, 0.20, -0.13, 0.25, 0.16, -0.11, 0.01, 0.15, 0.12, 0.10, -0.02, 0.07, 0.19, 0.47),
    "alike_all": (0.09, 0.40, 0.25, -0.03, 0.01, -0.11, -0.11, -0.03, 0.10, 0.09, -0.09, 0.08, -0.10, 0.03),
    "as_wide": (0.40, 0.90, 0.06, 0.05, -0.23, 0.08, 0.11, -0.01, 0.06, -0.19, -0.10, 0.05, 0.00, 1.12),
    "as_long": (0.31, 0.75, -0.01, 0.21, 0.12, -0.13, -0.07, 0.30, 0.02, 0.03, 0.02, 0.06, 0.01, 0.04),
    "mass": (0.23, 0.43, -0.32, 0.17, -0.49, 0.15, 0.03, 0.01, 0.18, -0.09, -0.26, -0.53, -0.04, 0.04),
    "filled": (0.12, 0.34, 0.04, 0.18, 0.14, -0.01, -0.22, 0.03, 0.08, 0.06, -0.06, -0.13, 0.06, -0.01),
    "held": (0.14, 0.40, 0.10, 0.19, 0.16, -0.09, -0.16, -0.13, -0.03, 0.03, 0.08, -0.29, 0.04, -0.17),
    "elongation": (0.53, 0.31, 0.21, -0.44, 0.45, -0.28, 0.42, -0.24, 0.25, 0.54, -0.37, 0.24, -0.12, 0.12),
    "card": (0.25, 0.20, -0.02, -0.46, -0.01, 0.28, 0.80, -0.29, -0.04, -0.35, 0.09, -0.30, -0.06, -0.15),
    "area": (-2.57, 1.17, -0.23, -0.04, -0.30, -0.18, 0.14, -0.53, -0.04, -0.86, 0.13, 0.23, -0.43, -0.12),
}
_HIDDEN_OFFSET = np.array([-0.77, 0.85, -0.33, -1.53, 1.53, -0.41, -1.56, 0.56, 1.15, 1.10, 1.66, 0.59])
_OUTPUT = np.array([-0.91, -1.18, -0.96, -0.93, -1.21, 0.72, 0.89, 1.36, -0.93, 1.07, -0.88, 1.51])
_OUTPUT_OFFSET = np.array([-1.12])
_TABLE = np.array([_WEIGHTS[name] for name in NAMES])
_NET = ScoringNet(_TABLE[:, 0], _TABLE[:, 1], _TABLE[:, 2:], _HIDDEN_OFFSET, _OUTPUT, _OUTPUT_OFFSET)


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
