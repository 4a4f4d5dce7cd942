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
    "support": (17.477, 3.452),
    "weakest_support": (2.125, 1.646),
    "supported_length": (15.446, 2.773),
    "contrast": (1.012, -0.099),
    "weakest_contrast": (0.599, 0.501),
    "equal_side": (-2.092, -1.557),
    "rougher_outside": (-3.628, 0.706),
    "least_rougher_outside": (-0.018, 0.065),
    "roughness": (-2.020, -0.417),
    "greatest_roughness": (-1.424, -0.266),
    "brighter": (2.378, 0.635),
    "least_brighter": (0.992, 1.009),
    "tint": (-0.305, -0.138),
    "weakest_tint": (4.191, 2.252),
    "clear_cut": (-0.251, -0.076),
    "unlike_margin": (0.929, 0.084),
    "print": (2.804, 0.298),
    "colour_spread": (-2.933, -0.879),
    "area": (1.910, -0.465),
    "perimeter": (18.209, -2.099),
    "elongation": (-5.840, -0.794),
    "taper": (-1.757, -5.720),
    "borders": (-2.689, -1.001),
    "visible": (-2.907, 0.680),
}
_CERTAINTY_OFFSET = -1.137
_TABLE = np.array([_WEIGHTS[name] for name in NAMES])


def rank(features: Floats) -> Floats:
    """Higher for what is more likely the page than the picture's other candidates."""
    return np.asarray(features @ _TABLE[:, 0])


def certainty(features: Floats) -> Floats:
    """0..1: how likely each candidate is a document at all; comparable between pictures."""
    return np.asarray(1 / (1 + np.exp(-np.clip(features @ _TABLE[:, 1] + _CERTAINTY_OFFSET, -40, 40))))
