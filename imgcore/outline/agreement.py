"""Documents that lines, the net and the check of whole pages see together, where none is certain alone.

A sheet that leaves the picture has sides that are none of its own, and a shape of no sheet: lines rank it
first and are not sure. The net sees that something lies there, and the check that it is no part of a page.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.finder import REACH, clockwise
from imgcore.outline.overlap import area_fractions
from imgcore.outline.refinement import refine_quad
from imgcore.outline.scoring.feature_score import confidence, ranking_score
from imgcore.outline.search.candidates import SIDE, ReducedPicture, search_quads
from imgcore.outline.search.document_maps import DocumentMaps
from imgcore.outline.whole_page import documents_odds
from imgcore.types import Image, Outline

Floats = npt.NDArray[np.float64]

_SEEN = 8.0
"""Weight of what the net sees against the rank by lines, to choose the one that is judged."""
_LINES = 0.47
_NET = 3.8
_CHECK = 1.4
_OFFSET = 3.41
"""Weights of the logarithm of the odds by lines, of the overlap with what the net sees, and of the logarithm
of the odds by the check, for one with a single side on the border: a logistic regression on 118 real pictures
in which nothing was found otherwise, and on 110 made pages, which count four times."""
_LEAST = 1.0
"""Logarithm of the odds from which it is a document; of 616 other made pages none is above 0.8."""
_LOW = -6.0
_HIGH = 3.0
"""Limits of what lines and the check say."""
_MOST = 0.93
"""Share of the picture from which nothing is worth cutting off."""


def find_agreed(image: Image, reduced: ReducedPicture, net_maps: DocumentMaps) -> Outline | None:
    """Find the document, cut by one side of the picture, for which all that was seen speaks.

    Parameters
    ----------
    image
        BGR or grey, in which neither lines nor the net found anything certain.
    reduced
        The same as lines were searched for in it.
    net_maps
        Output of the net for it.

    Returns
    -------
    Outline or None
        None where all that was seen leaves a doubt.
    """
    quads = search_quads(reduced)
    if not len(quads.corners):
        return None
    seen = net_maps.agreement(quads.corners)
    best = int((ranking_score(quads.features) + _SEEN * seen).argmax())
    sides = quads.on_border[best]
    if sides.sum() != 1:
        return None
    reach = REACH * max(1.0, max(image.shape[:2]) / SIDE)
    corners = refine_quad(image, quads.corners[best], sides, reach)
    if area_fractions(corners[None], image.shape)[0] > _MOST:
        return None
    doubt = np.clip(1 / confidence(quads.features)[best] - 1, np.exp(-_HIGH), np.exp(-_LOW))
    by_check = float(np.clip(documents_odds(reduced.small, [reduced.to_small(corners)])[0], _LOW, _HIGH))
    odds = _NET * seen[best] + _CHECK * by_check - _LINES * np.log(doubt) + _OFFSET
    return Outline(clockwise(corners), float(1 / (1 + np.exp(-odds)))) if odds >= _LEAST else None
