"""Which candidate is the page, and whether it is one: two weighted sums over the features.

The weights were fitted on photographs and made scenes by ``benchmarks/quality/fit_outline.py``,
which prints this table; nothing here is set by hand.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.features import NAMES

Floats = npt.NDArray[np.float64]

_WEIGHTS: dict[str, tuple[float, float]] = {
    # feature: (rank, certainty)
    "support": (16.045, 3.349),
    "weakest_support": (0.992, 1.980),
    "supported_length": (14.179, 2.786),
    "contrast": (-0.146, -0.137),
    "weakest_contrast": (-1.921, 0.169),
    "equal_side": (-2.089, -1.544),
    "rougher_outside": (-3.900, 0.545),
    "least_rougher_outside": (0.096, -0.005),
    "roughness": (-1.920, -0.571),
    "greatest_roughness": (-1.545, -0.321),
    "brighter": (2.110, 0.597),
    "least_brighter": (1.036, 0.582),
    "tint": (-0.561, -0.368),
    "weakest_tint": (4.169, 1.707),
    "clear_cut": (-0.546, -0.039),
    "edge": (2.291, 0.100),
    "weakest_edge": (2.285, 0.621),
    "unlike_margin": (0.554, 0.213),
    "print": (2.802, 0.234),
    "colour_spread": (-3.442, -0.635),
    "area": (1.527, -0.326),
    "perimeter": (18.726, -2.047),
    "elongation": (-5.810, -0.847),
    "taper": (-2.565, -4.609),
    "borders": (-2.925, -0.874),
    "visible": (-2.728, 0.389),
}
_CERTAINTY_OFFSET = -2.339
_TABLE = np.array([_WEIGHTS[name] for name in NAMES])


def rank(features: Floats) -> Floats:
    """Higher for what is more likely the page than the picture's other candidates."""
    return np.asarray(features @ _TABLE[:, 0])


def certainty(features: Floats) -> Floats:
    """0..1: how likely each candidate is a document at all; comparable between pictures."""
    return np.asarray(1 / (1 + np.exp(-np.clip(features @ _TABLE[:, 1] + _CERTAINTY_OFFSET, -40, 40))))
