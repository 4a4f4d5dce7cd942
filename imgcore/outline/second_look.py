"""Second look at what was found in a picture and not trusted, by all that is known of it.

Each search has a bound of its own, set where its measures alone keep false finds out. A real document on a
desk that looks like a page, or is richer than drawn ones, falls a little short of each; together they tell.
A sheet that leaves the picture falls short of them, too: it has sides that are none of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from imgcore.outline.finder import Detection, clockwise
from imgcore.outline.overlap import iou
from imgcore.outline.refinement import refine_quads
from imgcore.outline.scoring.joint_score import NAMES, JointMeasures, joint_log_odds
from imgcore.outline.scoring.view_score import view_log_odds
from imgcore.outline.search.candidates import ReducedPicture
from imgcore.types import Image, Net, Outline

Floats = npt.NDArray[np.float64]

MIN_LOG_ODDS = 1.4
"""Logarithm of the odds from which a find is a document: what is cut out wrongly is lost."""
_JOINT, _SEEN, _CUT, _CUT_TWICE, _AREA, _OFFSET = 0.88, 1.80, 0.56, -0.05, 0.55, -0.29
"""Weights of the logarithm of the odds by all measures of the find, of its overlap with all that the net
sees, of one side on the picture's border, of two, and of the logarithm of its share of the picture: a
logistic regression, as ``python -m models.training.joint_judge`` makes it, but for sides on the border,
which weigh 1.0 less: walls of rooms leave the picture, too (decision 200)."""
_VIEW, _VIEW_MOST, _BEHIND = 0.5, 3.0, 2.0
"""Weight of the logarithm of the odds by the picture itself where candidates are compared, its limit on both
sides, and how far behind the bound one may be that it prefers."""
_FAR, _AGREE = 1.5, 0.9
"""Logarithm of the odds by which one has to be likelier than what is found to take its place, and
intersection over union from which both mean the same."""
_EACH = 4
"""Candidates of each search that are weighed."""
_ALIKE, _SAME = 0.93, 0.98
"""Intersection over union from which two candidates of a search are alike, and of different ones the same:
the second of two that nearly agree may be better."""


def look_again(
    image: Image,
    measures: JointMeasures,
    searches: Sequence[Sequence[Detection]],
    reach: float,
    found: Outline | None = None,
    verification: Net | None = None,
) -> Outline | None:
    """Return the likeliest of what was seen, if it is a document by all measures together.

    Parameters
    ----------
    measures
        Measures of finds in `image`.
    searches
        Detections of each, the likeliest first.
    reach
        Pixels of `image` within which a side's edge is looked for.
    found
        Outline that a search trusts; it gives way only to one that is far likelier.
    verification
        Net that sees candidates in the picture; without it measures alone decide.
    """
    least = MIN_LOG_ODDS
    if found is not None:
        own, odds = _measured(measures, found.corners[None].astype(np.float64), -np.inf)
        if not len(own):
            return None
        least = max(least, float(odds[0]) + _FAR)
    corners, odds = _measured(measures, refined(image, weighed(searches), reach), least - _BEHIND)
    if odds.max(initial=-np.inf) < least:
        return None
    near = odds >= least - _BEHIND
    best = _chosen(measures.reduced, verification, corners[near], odds[near])
    if found is not None and iou(best, found.corners.astype(np.float64)) >= _AGREE:
        return None
    return Outline(clockwise(best), float(1 / (1 + np.exp(-odds.max()))))


def _chosen(reduced: ReducedPicture, verification: Net | None, corners: Floats, odds: Floats) -> Floats:
    """Choose between candidates, by the picture itself where there are several."""
    if verification is None or len(corners) == 1:
        return np.asarray(corners[odds.argmax()])
    quads = np.array([clockwise(reduced.to_small(quad)) for quad in corners], np.float64)
    view = np.clip(view_log_odds(verification, reduced.small, quads), -_VIEW_MOST, _VIEW_MOST)
    return np.asarray(corners[(odds + _VIEW * view).argmax()])


def _measured(measures: JointMeasures, corners: Floats, least: float) -> tuple[Floats, Floats]:
    """Return corners that can be measured, and logarithms of their odds, exact from `least` on."""
    corners, rows = measures.cheap(corners)
    seen = measures.net_maps.agreement(corners) if len(corners) else np.empty(0)
    likely = document_odds(rows, seen) >= least
    rows[likely, 0] = [measures.page(quad) for quad in corners[likely]]
    return corners, document_odds(rows, seen)


def document_odds(measures: Floats, seen: Floats) -> Floats:
    """Logarithm of the odds ``(q,)`` that finds are documents.

    Parameters
    ----------
    measures
        ``(q, len(NAMES))``, as `JointMeasures` makes them.
    seen
        Overlap ``(q,)`` with all that the net sees, as `DocumentMaps.agreement` gives it.
    """
    return np.asarray(joint_terms(measures, seen) @ (_JOINT, _SEEN, _CUT, _CUT_TWICE, _AREA) + _OFFSET)


def joint_terms(measures: Floats, seen: Floats) -> Floats:
    """Terms ``(q, 5)`` of `document_odds`, in the order of their weights."""
    borders, area = (measures[:, NAMES.index(name)] for name in ("borders", "area"))
    return np.column_stack([joint_log_odds(measures), seen, borders == 1, borders > 1, area])


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
