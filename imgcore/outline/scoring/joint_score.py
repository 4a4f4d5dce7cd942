"""Odds of a find by all that is known of it: the lines, the net's maps and the check of whole pages.

A network with one hidden layer. The table is printed by ``python -m models.training.joint_judge``, fitted on
made pictures, and on photographs whose licence allows it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.overlap import area_fractions
from imgcore.outline.scoring.feature_score import confidence, region_confidence
from imgcore.outline.scoring.page_evidence import measure_evidence
from imgcore.outline.scoring.page_score import document_log_odds as page_log_odds
from imgcore.outline.scoring.scoring_net import ScoringNet, document_log_odds
from imgcore.outline.search.candidates import ReducedPicture, measure_quads
from imgcore.outline.search.document_maps import DocumentMaps

Floats = npt.NDArray[np.float64]

NAMES = (
    *("page", "lines", "region", "borders", "area", "outside"),
    *("boundary", "boundary_next", "boundary_third", "boundary_most", "boundary_inside"),
    *("inside", "centre", "away", "size", "shape"),
    *("owned", "owned_mean", "owned_beyond", "owned_beyond_mean"),
)
"""Measures of each find: logarithms of its odds by the check of whole pages, by lines, as a region; number of
sides on the picture's border; logarithm of its share of the picture; the net's document outside of it; then
the features of `DocumentMaps`."""
_LEAST = -6.0
"""Least logarithm of the odds by lines, and as a region, that counts."""
_COVERED = 0.95
"""Share of the picture beyond which nothing is left outside."""
_FAVOURED = 2.0
"""Logarithm of the odds by the check of whole pages that few finds exceed."""
_INSIDE = 5
"""Column of `DocumentMaps.quad_features` with the net's document inside."""

_WEIGHTS: dict[str, tuple[float, ...]] = {
    # measure: (mean, spread, weight in each hidden unit)
    "page": (-4.86, 3.45, 0.15, -0.57, -0.79, -0.50, -0.23, -0.64, 0.47, -0.08),
    "lines": (-1.81, 2.95, 0.08, -0.19, -0.76, -0.28, -0.05, 0.32, 0.28, 0.03),
    "region": (-0.96, 2.86, 0.09, -0.53, 0.74, -0.18, 0.24, -0.15, -0.71, -0.02),
    "borders": (0.27, 0.61, -0.15, 0.01, -0.16, 0.02, -0.34, -0.09, -0.30, -0.38),
    "area": (-1.74, 1.40, 0.50, 0.17, 1.20, 0.41, 0.49, -0.98, 0.33, -0.69),
    "outside": (0.28, 0.23, -0.45, -0.49, -0.04, -0.20, 0.66, -0.09, 0.35, 1.25),
    "boundary": (0.20, 0.24, 0.23, -0.02, -0.09, -0.04, 0.10, 0.28, 0.11, 0.19),
    "boundary_next": (0.36, 0.29, -0.12, 0.15, 0.17, 0.05, 0.14, 0.02, 0.67, -0.06),
    "boundary_third": (0.48, 0.30, 0.14, 0.33, -0.10, 0.41, 0.41, 0.15, 0.22, -0.38),
    "boundary_most": (0.62, 0.29, -0.07, 0.02, -0.35, 0.66, 0.35, -0.15, -0.35, -0.46),
    "boundary_inside": (0.05, 0.06, 0.30, -0.19, -0.07, -0.32, 0.16, -0.08, -0.57, 0.03),
    "inside": (0.77, 0.29, 0.61, 0.03, 0.09, -1.04, -0.04, 0.25, -0.15, 0.33),
    "centre": (0.38, 0.25, -0.74, -0.27, 0.21, -0.39, -0.05, -0.77, 0.31, -0.05),
    "away": (0.25, 0.24, 0.22, 0.10, 0.18, -0.10, -0.29, 0.43, 0.25, -0.10),
    "size": (0.58, 0.59, 0.01, 0.15, 0.16, 0.26, 0.34, 0.61, 0.07, -0.66),
    "shape": (0.41, 0.62, 0.00, 0.31, -0.00, 0.29, -0.07, 0.38, 0.22, -0.16),
    "owned": (0.23, 0.26, 0.55, 0.13, 0.00, -0.23, 1.09, 0.70, -0.21, 0.05),
    "owned_mean": (0.36, 0.27, -0.02, 0.34, -0.13, -0.39, 0.08, -0.24, -0.53, -0.05),
    "owned_beyond": (0.08, 0.13, -0.43, -0.05, 0.34, 0.06, -0.13, 0.16, 0.18, 0.23),
    "owned_beyond_mean": (0.03, 0.07, -0.22, 0.07, 0.18, 0.21, -0.31, -0.19, 0.19, 0.06),
}
"""Mean and spread of each measure, and its weight in each hidden unit, as fitted."""
_HIDDEN_OFFSET = np.array([-0.51, 1.26, -0.53, 1.14, 0.75, -0.71, -0.35, 1.81])
"""Offset of each hidden unit."""
_OUTPUT = np.array([1.46, -1.66, -2.12, -1.66, 1.61, -1.95, 1.51, -1.91])
"""Weight of each hidden unit in the logarithm of the odds."""
_OUTPUT_OFFSET = np.array([-1.41])
"""Offset of the logarithm of the odds."""
_TABLE = np.array([_WEIGHTS[name] for name in NAMES])
"""Rows of `_WEIGHTS` in the order of the measures."""
_NET = ScoringNet(_TABLE[:, 0], _TABLE[:, 1], _TABLE[:, 2:], _HIDDEN_OFFSET, _OUTPUT, _OUTPUT_OFFSET)
"""Network that scores a find by all of its measures."""


class JointMeasures:
    """Measures of finds in one picture, the dear ones only where they can decide.

    Parameters
    ----------
    reduced
        The picture as lines are searched in it.
    net_maps
        The net's answer to it.
    """

    def __init__(self, reduced: ReducedPicture, net_maps: DocumentMaps) -> None:
        self.reduced = reduced
        self.net_maps = net_maps
        self._mean = float(net_maps.document.mean())

    def cheap(self, corners: Floats) -> tuple[Floats, Floats]:
        """Measure quadrilaterals ``(q, 4, 2)``; the check of whole pages is taken for favourable.

        Returns
        -------
        corners, measures
            Corners that can be measured, and ``(n, len(NAMES))``.
        """
        own = measure_quads(self.reduced, corners)
        if len(own.corners) < len(corners):
            # Those that the picture's border cuts on three sides are left out.
            corners = np.array(
                [quad for quad in corners if len(measure_quads(self.reduced, quad[None]).corners)]
            )
            own = measure_quads(self.reduced, corners.reshape(-1, 4, 2))
        if not len(own.corners):
            return np.empty((0, 4, 2)), np.empty((0, len(NAMES)))
        small = self.reduced.small.shape
        areas = area_fractions(self.reduced.to_small(corners), small)
        net = self.net_maps.quad_features(corners)
        outside = (self._mean - net[:, _INSIDE] * areas) / np.maximum(1 - _COVERED, 1 - areas)
        measures = np.column_stack(
            [
                np.full(len(corners), _FAVOURED),
                _log_odds(confidence(own.features)),
                _log_odds(region_confidence(own.features)),
                own.on_border.sum(axis=1),
                np.log(areas + 1e-3),
                np.clip(outside, 0, 1),
                net,
            ]
        )
        return corners, measures

    def page(self, quad: Floats) -> float:
        """Logarithm of the odds that a quadrilateral is no part of a page that is the picture."""
        evidence = measure_evidence(self.reduced.small, [self.reduced.to_small(quad)])
        return float(page_log_odds(evidence)[0])


def joint_log_odds(measures: Floats) -> Floats:
    """Logarithm of the odds ``(q,)`` that each row of `measures` ``(q, len(NAMES))`` is a document."""
    return document_log_odds(_NET, measures)


def _log_odds(chances: Floats) -> Floats:
    return np.maximum(np.log((chances + 1e-6) / (1 - chances + 1e-6)), _LEAST)
