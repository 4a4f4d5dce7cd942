"""Second look at what was found in a picture and not trusted, by all that is known of it.

Each search has a bound of its own, set where its measures alone keep false finds out. A real document on a
desk that looks like a page, or is richer than drawn ones, falls a little short of each; together they tell.
A sheet that leaves the picture falls short of them, too: it has sides that are none of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

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
"""Logarithm of the odds by measures alone from which a find is a document: what is cut out wrongly is
lost."""
MIN_SEEN = 1.1
"""Logarithm of the odds by measures and the picture itself from which a find is a document: what is cut out
wrongly is lost."""
_NONE = -2.0
"""Logarithm of the odds by measures and the picture itself below which a find is none, even where a search or
all measures trust it."""
_TRUSTED = 1.5
"""Logarithm of the odds by measures alone from which what a search trusts stays, whatever the net sees."""
_BY_MEASURES = (0.88, 1.80, 0.56, -0.05, 0.55, -0.29)
"""Weights of the logarithm of the odds by all measures of the find, of its overlap with all that the net
sees, of one side on the picture's border, of two, and of the logarithm of its share of the picture; then the
offset. A logistic regression, as ``python -m models.training.joint_judge`` makes it, but for sides on the
border, which weigh 1.0 less: walls of rooms leave the picture, too (decision 200)."""
_BY_BOTH = (0.35, 0.92, 1.07, 1.71, -0.05, -0.79)
"""Weights, beside the odds by the picture itself, of the logarithm of the odds by all measures of the find,
of its overlap with all that the net sees, of one side on the picture's border, of two, and of the logarithm
of its share of the picture; then the offset. A logistic regression, as ``python -m
models.training.acceptance`` makes it (decision 201)."""
_VIEW = 1.12
"""Weight of the logarithm of the odds by the picture itself, as ``python -m models.training.acceptance``
makes it (decision 201)."""
_VIEW_MOST = 4.0
"""Limit, on both sides of 0, of the logarithm of the odds by the picture itself: ``python -m
models.training.acceptance`` fits its weight within it (decision 201)."""
_FAR = 1.5
"""Logarithm of the odds by which a candidate has to be likelier than what is found to take its place."""
_AGREE = 0.9
"""Intersection over union from which a candidate means the same as what is found."""
_EACH = 4
"""Number of candidates of each search that are weighed."""
_ALIKE = 0.93
"""Intersection over union from which two candidates of one search are alike, and the second is left out."""
_SAME = 0.98
"""Intersection over union from which candidates of different searches are the same: the second of two that
nearly agree may be better."""


def look_again(
    image: Image,
    measures: JointMeasures,
    searches: Sequence[Sequence[Detection]],
    reach: float,
    found: Outline | None = None,
    verification: Net | None = None,
) -> Outline | None:
    """Return the likeliest of what was seen, if it is a document; else what is found, unless it is none.

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
    least = (MIN_LOG_ODDS, MIN_SEEN)
    is_none = False
    if found is not None:
        own = _judged(measures, found.corners[None].astype(np.float64), (-np.inf, -np.inf), verification)
        if not len(own.corners):
            return found
        is_none = verification is not None and bool(own.seen[0] < _NONE and own.measured[0] < _TRUSTED)
        if not is_none:
            least = (max(least[0], own.measured[0] + _FAR), max(least[1], own.seen[0] + _FAR))
    judged = _judged(measures, refined(image, weighed(searches), reach), least, verification)
    likely = (judged.measured >= least[0]) & (judged.seen >= _NONE) | (judged.seen >= least[1])
    if not likely.any():
        return None if is_none else found
    best = int(np.where(likely, judged.seen, -np.inf).argmax())
    if found is not None and iou(judged.corners[best], found.corners.astype(np.float64)) >= _AGREE:
        return found
    odds = max(judged.measured[best], judged.seen[best])
    return Outline(clockwise(judged.corners[best]), float(1 / (1 + np.exp(-odds))))


class _Judged(NamedTuple):
    """Corners ``(q, 4, 2)`` that can be measured, and logarithms of their odds by measures, and by both.

    Without a net that sees the picture both are those by measures.
    """

    corners: Floats
    measured: Floats
    seen: Floats


def _judged(
    measures: JointMeasures, corners: Floats, least: tuple[float, float], verification: Net | None
) -> _Judged:
    """Judge finds; odds are exact from `least` on."""
    corners, rows = measures.cheap(corners)
    if not len(corners):
        return _Judged(corners, np.empty(0), np.empty(0))
    agreement = measures.net_maps.agreement(corners)
    view = None if verification is None else np.full(len(corners), _VIEW_MOST)
    if view is not None and verification is not None:
        near = _either(rows, agreement, view, least)
        view[near] = seen_log_odds(measures.reduced, verification, corners[near])
    near = _either(rows, agreement, view, least)
    rows[near, 0] = [measures.page(quad) for quad in corners[near]]
    measured = document_odds(rows, agreement)
    return _Judged(corners, measured, measured if view is None else document_odds(rows, agreement, view))


def _either(
    rows: Floats, agreement: Floats, view: Floats | None, least: tuple[float, float]
) -> npt.NDArray[np.bool_]:
    """Return which finds reach one of the bounds."""
    measured = document_odds(rows, agreement) >= least[0]
    return measured if view is None else measured | (document_odds(rows, agreement, view) >= least[1])


def seen_log_odds(reduced: ReducedPicture, verification: Net, corners: Floats) -> Floats:
    """Logarithm of the odds ``(q,)`` of finds by the picture itself, within limits."""
    quads = np.array([clockwise(reduced.to_small(quad)) for quad in corners], np.float64)
    return np.clip(view_log_odds(verification, reduced.small, quads), -_VIEW_MOST, _VIEW_MOST)


def document_odds(measures: Floats, agreement: Floats, view: Floats | None = None) -> Floats:
    """Logarithm of the odds ``(q,)`` that finds are documents.

    Parameters
    ----------
    measures
        ``(q, len(NAMES))``, as `JointMeasures` makes them.
    agreement
        Overlap ``(q,)`` with all that the net sees, as `DocumentMaps.agreement` gives it.
    view
        Logarithm of the odds ``(q,)`` by the picture itself, within limits; None by measures alone.
    """
    *weights, offset = _BY_MEASURES if view is None else _BY_BOTH
    odds = joint_terms(measures, agreement) @ weights + offset
    return np.asarray(odds if view is None else odds + _VIEW * view)


def joint_terms(measures: Floats, agreement: Floats) -> Floats:
    """Terms ``(q, 5)`` of `document_odds`, in the order of their weights."""
    borders, area = (measures[:, NAMES.index(name)] for name in ("borders", "area"))
    return np.column_stack([joint_log_odds(measures), agreement, borders == 1, borders > 1, area])


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
