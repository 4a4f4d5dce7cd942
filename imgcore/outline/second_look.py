"""Second look at what was found in a picture and not trusted, by all that is known of it.

Each search has a bound of its own, set where its measures alone keep false finds out. A real document on a
desk that looks like a page, or is richer than drawn ones, falls a little short of each; together they tell.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from imgcore.outline.finder import Detection, clockwise
from imgcore.outline.overlap import iou
from imgcore.outline.refinement import refine_quads
from imgcore.outline.scoring.joint_score import JointMeasures, joint_log_odds
from imgcore.outline.search.candidates import ReducedPicture
from imgcore.outline.search.document_maps import DocumentMaps
from imgcore.types import Image, Outline

Floats = npt.NDArray[np.float64]

MIN_LOG_ODDS = 2.0
"""Logarithm of the odds from which a find is a document: what is cut out wrongly is lost."""
_EACH = 4
"""Candidates of each search that are weighed."""
_ALIKE, _SAME = 0.93, 0.98
"""Intersection over union from which two candidates of a search are alike, and of different ones the same:
the second of two that nearly agree may be better."""


def look_again(
    image: Image,
    reduced: ReducedPicture,
    net_maps: DocumentMaps,
    searches: Sequence[Sequence[Detection]],
    reach: float,
) -> Outline | None:
    """Return the likeliest of what was seen, if it is a document by all measures together.

    Parameters
    ----------
    reduced
        The picture as lines are searched in it.
    searches
        Detections of each, the likeliest first; none of them is trusted.
    reach
        Pixels of `image` within which a side's edge is looked for.
    """
    measures = JointMeasures(reduced, net_maps)
    corners, rows = measures.cheap(refined(image, weighed(searches), reach))
    for row, quad in zip(rows, corners, strict=True):
        if joint_log_odds(row[None])[0] >= MIN_LOG_ODDS:
            row[0] = measures.page(quad)
    odds = joint_log_odds(rows)
    if odds.max(initial=-np.inf) < MIN_LOG_ODDS:
        return None
    best = int(odds.argmax())
    return Outline(clockwise(corners[best]), float(1 / (1 + np.exp(-odds[best]))))


def refined(image: Image, detections: Sequence[Detection], reach: float) -> Floats:
    """Corners ``(q, 4, 2)`` of detections on the picture's edges."""
    corners = np.array([detection.corners for detection in detections]).reshape(-1, 4, 2)
    fixed = np.array([detection.on_border for detection in detections], np.bool_).reshape(-1, 4)
    return refine_quads(image, corners, fixed, reach) if len(corners) else corners


def weighed(searches: Sequence[Sequence[Detection]]) -> list[Detection]:
    """Return the first few of each search, those that differ."""
    found: list[Detection] = []
    for search in searches:
        own: list[Detection] = []
        for detection in search:
            if all(iou(detection.corners, other.corners) < _ALIKE for other in own):
                own.append(detection)
            if len(own) == _EACH:
                break
        found += [one for one in own if all(iou(one.corners, other.corners) < _SAME for other in found)]
    return found
