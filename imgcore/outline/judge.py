"""Which candidate is the page, and whether it is one: weighted sums over the features.

The table is what ``python -m benchmarks.quality.fit_outline`` prints, fitted on made scenes and on 30
photographs of single sheets, those the benchmark shows: its figures for them flatter the finder.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.features import NAMES

Floats = npt.NDArray[np.float64]

_WEIGHTS: dict[str, tuple[float, float, float]] = {
    # feature: (rank, page, region)
    "support": (11.225, 10.637, 2.692),
    "weakest_support": (7.561, -7.416, -1.262),
    "supported_length": (11.170, 14.745, 6.172),
    "contrast": (0.055, -1.488, -0.417),
    "weakest_contrast": (0.545, -1.132, 0.047),
    "equal_side": (-0.759, -3.445, -1.913),
    "rougher_outside": (-3.613, -1.050, -1.805),
    "least_rougher_outside": (-0.359, 0.030, 0.426),
    "roughness": (-3.467, -1.474, -0.811),
    "greatest_roughness": (-1.831, -0.133, -0.267),
    "brighter": (2.440, 1.527, 0.369),
    "least_brighter": (1.967, -0.268, 0.642),
    "tint": (1.126, -1.213, -0.642),
    "weakest_tint": (3.211, 1.764, 1.723),
    "clear_cut": (-0.109, -0.422, -0.183),
    "edge": (0.894, 0.442, -0.032),
    "weakest_edge": (1.077, 1.663, 0.508),
    "unlike_margin": (0.113, 0.701, 0.207),
    "print": (3.440, 0.704, 0.437),
    "outside_inside": (-1.851, -2.600, -0.806),
    "off_desk": (1.334, 0.303, 0.218),
    "weakest_off_desk": (0.536, 0.099, 0.035),
    "desk_off_desk": (-2.422, -0.307, -0.840),
    "colour_spread": (-2.663, -0.540, -0.496),
    "area": (1.506, -1.723, 0.912),
    "perimeter": (12.645, 5.967, -0.206),
    "elongation": (-5.265, -5.909, -3.195),
    "taper": (-1.367, -6.143, -1.362),
    "borders": (-2.390, -1.533, -1.196),
    "visible": (1.651, -1.943, -1.021),
}
_OFFSETS = (0.0, -13.738, -1.683)
_BEYOND_DOUBT = 0.99
_TABLE = np.array([_WEIGHTS[name] for name in NAMES])


def rank(features: Floats) -> Floats:
    """Higher for what is more likely the page than the picture's other candidates."""
    return np.asarray(features @ _TABLE[:, 0])


def certainty(features: Floats) -> Floats:
    """0..1: how likely what ranks highest is a document; comparable between pictures."""
    return _likelihood(features, 1)


def certainty_of_region(features: Floats) -> Floats:
    """0..1: how likely a region is a document; comparable between pictures and with `certainty`."""
    return _likelihood(features, 2)


def _likelihood(features: Floats, column: int) -> Floats:
    odds = features @ _TABLE[:, column] + _OFFSETS[column]
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -40, 40))))


def claim(scores: Floats, shares: Floats) -> Floats:
    """How strongly candidates that overlap claim their place: by odds, the larger one first.

    Parameters
    ----------
    scores
        Certainties, 0..1.
    shares
        Areas, as shares of the picture.
    """
    # Beyond doubt is enough: a photograph on a page may look even more like a page than the page.
    likely = np.minimum(scores, _BEYOND_DOUBT)
    return np.asarray(np.log(likely / (1 - likely) + 1e-12) + np.log(shares + 1e-9))
