"""Odds of candidates, less by what makes them devices.

A network with one hidden layer. The table is printed by ``python -m models.training.device_judge``, fitted on
made pictures, and documents of photographs whose licence allows it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.overlap import PairwiseOverlap
from imgcore.outline.scoring.device_evidence import NAMES, measure_devices
from imgcore.outline.scoring.scoring_net import ScoringNet, document_log_odds
from imgcore.types import Image

Floats = npt.NDArray[np.float64]

_DOUBT = -1.0
"""Logarithm of the odds to be no device below which a candidate is less likely: of real documents of other
sources than those learnt from, one in 12 lies below, and 8 in 10 made devices."""
_WEIGHT = 2.0
"""Weight of the doubt that a candidate is a device in the logarithm of its odds: a keyboard may be a document
beyond doubt for the other scores."""
_SAME = 0.7
"""Intersection over union above which candidates are of one thing. Their mean counts, the likelier ones more:
the sides of some hide what others show."""

_WEIGHTS: dict[str, tuple[float, ...]] = {
    # measure: (mean, spread, weight in each hidden unit)
    "paper": (0.45, 0.27, -0.05, 0.01, 0.26, -0.06, -0.17, -0.07, 0.23, 0.31, 0.41, 0.11, -0.33, 0.51),
    "print": (1.46, 0.62, 0.16, -0.00, -0.67, -0.68, 0.06, 0.43, 0.16, 0.12, -0.06, -0.13, -0.20, 0.49),
    "level": (0.49, 0.21, 0.03, 0.09, 0.79, -0.70, 0.23, -0.11, -0.05, -0.54, -0.27, 0.31, -0.09, 0.53),
    "saturation": (1.44, 0.85, 0.22, 0.14, -0.14, 0.13, -0.02, 0.37, 0.20, -0.29, -0.19, -0.02, 0.47, -0.13),
    "variety": (1.40, 0.47, -0.39, -0.32, 0.04, -0.19, 0.27, -0.36, 0.62, 0.46, 0.08, 0.16, 0.29, 0.11),
    "across": (0.18, 0.23, -0.28, -0.06, -0.65, 0.37, -0.70, -0.04, -0.59, -0.39, 0.21, 0.52, -0.20, 0.10),
    "down": (0.12, 0.21, 0.03, 0.19, 0.27, 0.04, 0.12, 0.22, 0.14, 0.21, 0.38, -0.13, 0.42, -0.56),
    "lattice": (0.06, 0.14, -0.25, -0.17, -0.01, 0.15, -0.35, 0.03, -0.42, 0.82, 0.56, -0.80, -0.24, 0.34),
    "gaps_across": (
        0.82,
        0.76,
        0.01,
        -0.03,
        -0.15,
        0.06,
        -0.01,
        -0.10,
        -0.03,
        0.16,
        -0.00,
        0.12,
        -0.14,
        -0.10,
    ),
    "gaps_down": (0.57, 0.62, -0.25, 0.16, 0.02, -0.07, -0.43, -0.06, 0.17, -0.29, 0.48, -0.03, -0.15, -0.10),
    "near_rim": (1.71, 0.62, -0.29, -0.28, -0.07, -0.14, -0.20, -0.19, -0.10, 0.28, 0.16, 0.19, -0.27, 0.23),
    "off_rim": (1.78, 0.65, -0.03, -0.33, 0.34, -0.03, -0.09, -0.09, -0.15, 0.03, 0.30, 0.17, 0.57, -0.44),
    "centre": (1.76, 0.67, 0.01, 0.33, -0.49, 0.72, -0.54, 0.16, -0.44, 0.33, 0.25, 0.08, 0.18, -0.35),
    "round_most": (0.57, 0.24, -0.09, 0.07, -0.10, -0.37, 0.82, -0.25, -0.06, -0.73, 0.70, 0.08, -0.28, 0.04),
    "round_next": (0.30, 0.19, 0.06, -0.24, -0.19, 0.13, 0.30, -0.53, 0.11, -0.24, 0.14, 0.14, -0.08, -0.11),
    "shade_most": (
        0.08,
        0.10,
        0.39,
        -1.61,
        -0.29,
        -0.09,
        -0.06,
        -0.36,
        -0.01,
        0.28,
        -0.14,
        0.39,
        -0.22,
        -0.30,
    ),
    "shade_least": (
        -0.13,
        0.32,
        -0.25,
        0.05,
        0.08,
        0.16,
        0.23,
        -0.03,
        -0.19,
        -0.33,
        -0.67,
        -0.01,
        0.08,
        0.37,
    ),
    "step": (2.57, 0.81, 0.12, -0.17, -0.02, -0.13, -0.31, -0.37, 0.28, 0.04, -0.03, -0.05, -0.06, -0.21),
    "rough": (1.62, 0.63, 0.99, -0.13, -0.52, -0.91, 0.19, -0.56, -0.80, 0.37, 0.48, -0.06, -0.34, 0.39),
    "flow": (0.22, 0.42, 1.16, 0.09, 0.39, 0.30, 0.45, 0.08, -0.72, -0.07, -0.23, -0.26, -0.14, 0.96),
    "elongation": (0.54, 0.35, -0.65, -0.66, 0.18, -0.13, -0.42, 0.81, 0.58, 0.25, 0.31, 1.22, -0.11, 0.20),
    "size": (4.47, 0.53, 0.43, -0.01, 0.81, -0.13, 0.28, 0.10, 0.51, 0.36, -0.38, -0.52, 1.57, 0.37),
    "lightest": (0.56, 0.20, 0.19, 0.27, -0.13, -0.19, 0.06, 0.30, 0.55, -0.74, -0.11, -1.15, 0.62, -0.37),
    "mirrored": (0.49, 0.13, 0.01, 0.10, -0.43, 0.12, 0.20, 0.26, 0.68, 0.19, -0.70, 0.25, 0.23, -0.40),
    "rim_strays": (1.37, 0.56, -0.97, 0.42, 0.26, 0.38, -0.16, 0.66, -0.31, -0.10, -0.30, 0.37, -0.20, -0.16),
}
"""Mean and spread of each measure, and its weight in each hidden unit, as fitted."""
_HIDDEN_OFFSET = np.array([-1.07, 0.26, 0.22, -0.31, -0.66, -1.36, -0.95, -1.59, -0.45, 0.33, -2.06, 1.09])
"""Offset of each hidden unit."""
_OUTPUT = np.array([2.15, 1.99, 2.07, -1.72, -1.64, -2.05, -1.79, -2.00, -1.92, 1.99, 2.44, -2.18])
"""Weight of each hidden unit in the logarithm of the odds."""
_OUTPUT_OFFSET = np.array([0.25])
"""Offset of the logarithm of the odds."""
_TABLE = np.array([_WEIGHTS[name] for name in NAMES])
"""Rows of `_WEIGHTS` in the order of the measures."""
_NET = ScoringNet(_TABLE[:, 0], _TABLE[:, 1], _TABLE[:, 2:], _HIDDEN_OFFSET, _OUTPUT, _OUTPUT_OFFSET)
"""Network that tells documents from devices."""


def without_devices(small: Image, quads: Floats, odds: Floats, least: float) -> Floats:
    """Return the odds ``(n,)`` of candidates ``(n, 4, 2)``, lower where they look like devices.

    Parameters
    ----------
    small
        BGR or grey, some 400 to 700 px on the long side.
    quads
        In pixels of `small`.
    odds
        Logarithms.
    least
        Of these odds and above candidates are looked at; some 0.6 ms each.
    """
    likely = np.flatnonzero(odds >= least)
    if not len(likely):
        return odds
    device = document_log_odds(_NET, measure_devices(small, quads[likely]))
    weight = (PairwiseOverlap(quads[likely]).union > _SAME) / (1 + np.exp(-odds[likely]))
    mean = (weight * device).sum(axis=1) / weight.sum(axis=1)
    lower = odds.copy()
    lower[likely] += _WEIGHT * np.minimum(mean - _DOUBT, 0)
    return lower
