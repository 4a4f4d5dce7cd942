"""Documents that lines, the net and the check of whole pages see together, where none is certain alone.

A sheet that leaves the picture has sides that are none of its own, and a shape of no sheet: lines rank it
first and are not sure. The net sees that something lies there, and the check that it is no part of a page.

Their weights are those of a logistic regression for finds with a single side on the border, on 118 real
pictures in which nothing was found otherwise, and on 110 made pages, which count four times.
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
"""Weight of the overlap with what the net sees, against the rank by lines, in the choice of the candidate
that is judged."""
_LINES = 0.47
"""Weight of the logarithm of the odds by lines, fitted by logistic regression on 118 real pictures and 110
made pages."""
_NET = 3.8
"""Weight of the overlap with what the net sees, fitted by logistic regression on 118 real pictures and 110
made pages."""
_CHECK = 1.4
"""Weight of the logarithm of the odds by the check of whole pages, fitted by logistic regression on 118 real
pictures and 110 made pages."""
_OFFSET = 3.41
"""Offset of the weighted sum that is the logarithm of the odds, fitted by logistic regression on 118 real
pictures and 110 made pages."""
_LEAST = 1.0
"""Logarithm of the odds from which the find is a document. Of 616 made pages beside those of the fit none is
above 0.8."""
_LOW = -6.0
"""Least logarithm of the odds by lines, and by the check of whole pages, that counts."""
_HIGH = 3.0
"""Largest logarithm of the odds by lines, and by the check of whole pages, that counts."""
_MOST = 0.93
"""Share of the picture above which nothing is worth cutting off."""


def find_agreed(image: Image, reduced: ReducedPicture, net_maps: DocumentMaps) -> Outline | None:
    """Find the document, cut by one side of the picture, for which all that was seen speaks.

    Parameters
    ----------
    image
        BGR or grey, in which neither lines nor the net found anything certain.
    reduced
        `image`, reduced for the search for lines.
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
