"""Odds of candidates, less by what makes them devices.

A network with one hidden layer. The table is printed by ``python -m models.training.device_judge``, fitted on
made pictures.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.overlap import PairwiseOverlap
from imgcore.outline.scoring.device_evidence import NAMES, measure_devices
from imgcore.outline.scoring.scoring_net import ScoringNet, document_log_odds
from imgcore.types import Image

Floats = npt.NDArray[np.float64]

_DOUBT = -1.5
"""Logarithm of the odds to be no device below which a candidate is less likely: one in 50 documents lies
below, and 7 in 10 made devices."""
_SAME = 0.7
"""Intersection over union from which candidates are of one thing, whose mean counts, the likelier ones more:
the sides of some hide what others show."""

_WEIGHTS: dict[str, tuple[float, ...]] = {
    # measure: (mean, spread, weight in each hidden unit)
    "paper": (0.46, 0.27, -0.15, 0.17, 0.31, -0.08, 0.17, 0.06, 0.02, -0.03, -0.03, -0.06, -0.13, -0.24),
    "print": (1.43, 0.61, 0.18, -0.11, -0.45, -0.31, -0.25, 0.13, -0.15, 0.19, 0.17, -0.08, -0.15, -0.18),
    "level": (0.48, 0.21, 0.53, 0.36, -0.07, -0.04, 0.20, -0.20, 0.45, -0.01, 0.29, 0.45, 0.42, -0.22),
    "saturation": (1.42, 0.86, 0.03, 0.22, -0.11, -0.02, 0.38, -0.15, 0.30, -0.08, -0.05, -0.24, -0.23, 0.24),
    "variety": (1.35, 0.45, -0.30, -0.35, 0.37, 0.19, -0.34, 0.07, -0.04, 0.27, -0.33, 0.01, -0.12, -0.15),
    "across": (0.19, 0.23, 0.04, -0.13, -0.27, -0.12, 0.04, -0.05, -0.22, 0.09, 0.12, -0.01, -0.09, 0.11),
    "down": (0.11, 0.20, -0.46, -0.52, -0.48, -0.10, -0.26, 0.22, -0.00, -0.13, -0.07, -0.01, 0.15, 0.26),
    "lattice": (0.06, 0.14, -0.09, -0.17, -0.11, 0.09, -0.40, 0.37, -0.16, 0.15, -0.35, -0.23, -0.33, -0.28),
    "gaps_across": (
        0.79,
        0.75,
        0.13,
        -0.09,
        0.12,
        -0.07,
        -0.08,
        0.00,
        0.04,
        -0.01,
        0.04,
        -0.05,
        -0.09,
        -0.04,
    ),
    "gaps_down": (0.55, 0.61, -0.14, -0.14, -0.01, 0.06, -0.09, 0.02, -0.03, -0.04, 0.02, -0.24, 0.35, 0.21),
    "near_rim": (1.66, 0.61, -0.20, 0.14, -0.03, -0.16, -0.07, -0.25, 0.01, 0.41, -0.26, 0.38, 0.17, -0.05),
    "off_rim": (1.74, 0.63, -0.27, 0.02, -0.16, 0.22, -0.36, -0.13, -0.37, -0.30, 0.15, 0.18, 0.18, -0.17),
    "centre": (1.71, 0.65, -0.05, -0.87, -0.30, 0.26, 0.01, -0.68, 0.12, -0.16, 0.09, -0.22, -0.06, 0.81),
    "round_most": (0.56, 0.22, 0.04, -0.15, -0.27, 0.33, 0.06, 0.13, 0.18, 0.21, 0.00, -0.26, -0.01, -0.10),
    "round_next": (0.30, 0.17, -0.03, 0.16, 0.15, 0.84, 0.15, -0.03, 0.59, -0.13, -0.05, 0.14, -0.19, -0.01),
    "shade_most": (0.08, 0.10, -0.08, -0.05, 0.23, 0.04, 0.05, 0.07, 0.00, 0.25, -0.04, 0.26, -0.81, -0.01),
    "shade_least": (-0.09, 0.19, 0.21, 0.22, 0.02, 0.02, 0.03, -0.03, -0.17, 0.03, 0.08, 0.03, 0.33, 0.04),
    "step": (2.50, 0.81, -0.05, 0.17, 0.32, 0.07, -0.51, 0.21, 0.22, 0.04, 0.01, -0.08, 0.14, -0.02),
    "rough": (1.53, 0.61, 0.47, 0.61, -0.59, 0.33, -0.25, -0.49, -0.04, 0.23, -0.58, 0.26, 0.46, -0.16),
    "flow": (0.22, 0.42, 1.16, -0.08, 0.28, 0.11, 0.08, -0.30, 0.04, -0.04, 0.02, -0.24, -0.23, -1.10),
    "elongation": (0.56, 0.36, -0.01, -0.24, 0.09, 0.67, -0.13, -0.15, -0.63, 0.99, 1.71, -0.08, 0.23, -0.25),
    "size": (4.38, 0.52, 0.26, 0.39, 0.20, 0.10, -0.45, 0.32, 0.09, 0.21, 0.13, -0.62, -0.22, -0.03),
    "lightest": (0.54, 0.20, -0.31, 0.13, -0.26, -0.48, 0.16, 0.52, 0.43, -0.18, 0.22, -0.19, -0.43, -0.07),
    "mirrored": (0.49, 0.13, -0.35, 0.38, -0.15, 0.05, -0.08, 0.62, -0.31, -0.52, 0.16, 0.06, -0.02, -0.10),
    "rim_strays": (1.31, 0.56, -0.46, 0.03, 0.49, -0.18, 0.65, -0.04, -0.19, -0.60, 0.22, -0.75, -0.19, 0.14),
}
_HIDDEN_OFFSET = np.array([-1.65, 0.82, 0.65, -1.84, -1.85, -0.54, 1.64, -0.02, 2.28, -1.29, -1.16, -1.53])
_OUTPUT = np.array([1.70, 1.08, 1.10, -1.71, -1.21, -1.37, 1.67, -1.42, 2.11, 1.53, 1.48, 1.53])
_OUTPUT_OFFSET = np.array([-1.43])
_TABLE = np.array([_WEIGHTS[name] for name in NAMES])
_NET = ScoringNet(_TABLE[:, 0], _TABLE[:, 1], _TABLE[:, 2:], _HIDDEN_OFFSET, _OUTPUT, _OUTPUT_OFFSET)


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
    lower[likely] += np.minimum(mean - _DOUBT, 0)
    return lower
