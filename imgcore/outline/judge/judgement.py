"""Judgement of proposals by all that is known of them, whichever search they come from.

Each search has a bound of its own, high enough for its measures alone to keep false finds out. A real
document falls a little short of each on a desk that looks like a page, or that is richer than drawn desks; so
does a sheet that leaves the picture, for some of its sides are the picture's. All measures together tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.outline.finding import Finding, RefusedOutline, clockwise, told
from imgcore.outline.judge.scores import confidence, page_log_odds, region_confidence
from imgcore.outline.judge.weights import ScoringNet, weights_of
from imgcore.outline.judge.whole_page import documents_odds, likeliest_reason
from imgcore.outline.measure.page_evidence import measure_evidence
from imgcore.outline.measure.view import view_log_odds
from imgcore.outline.overlap import area_fractions
from imgcore.outline.propose.candidates import Proposal, ReducedPicture, measure_quads
from imgcore.outline.propose.segmentation import DocumentMaps
from imgcore.outline.refine import refine_quads
from imgcore.outline.scene import Scene, differing
from imgcore.types import Net, Outline

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

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
"""Share of the picture that a find takes, above which nothing counts as left outside."""
_FAVOURED = 4.0
"""Logarithm of the odds by the check of whole pages that hardly any find exceeds."""
_INSIDE = 5
"""Column of `DocumentMaps.quad_features` with the net's document inside."""
TERMS = ("measures", "agreement", "one_border", "more_borders", "area")
"""Terms of the logarithm of a find's odds: the odds by all measures, its overlap with all that the net sees,
one side on the picture's border, more of them, the logarithm of its share of the picture."""
_WEIGHTS = weights_of("judgement", TERMS)
"""Weights of the terms by measures alone, and beside the odds by the picture itself, which have a weight of
their own. Offsets and the weights of one side on the border are set where real pictures lose least of either
kind (decision 251)."""
_VIEW_MOST = 4.0
"""Limit, on both sides of 0, of the logarithm of the odds by the picture itself; its weight
is fitted within it (decision 201)."""
_PART = -1.5
"""Logarithm of the odds by the check of whole pages below which a find is a part of a page, unless it is
seen clearly."""
_SEEN = 0.6
"""Logarithm of the odds by measures and the picture itself from which a find is seen clearly."""
_SURE_VIEW = 1.0
"""Logarithm of the odds by the picture itself from which what lines are sure of needs no further search:
more than half of photographs of single sheets have such a page."""
_UNSEEN = -2.0
"""Logarithm of the odds by the picture itself below which a find is doubted, however sure a search is."""
_SURE = 0.7
"""Confidence of lines from which they are sure, where no net sees the picture itself."""
_TOLD = 3
"""Number of doubted finds that are reported, the likeliest first."""
_JOINT_NET = ScoringNet(**weights_of("joint", NAMES))
"""Network that scores a find by all of its measures."""


class JointMeasures:
    """Measures of finds in one picture, the costly ones only where they can decide.

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

    def cheap(self, corners: Floats) -> tuple[Floats, Floats, Numbers]:
        """Measure quadrilaterals ``(q, 4, 2)``; the check of whole pages is taken for favourable.

        Returns
        -------
        corners, measures, kept
            Corners that can be measured, ``(n, len(NAMES))``, and their places among those given: those that
            the picture's border cuts on three sides are left out.
        """
        kept = np.arange(len(corners))
        own = measure_quads(self.reduced, corners)
        if len(own.corners) < len(corners):
            measured = [len(measure_quads(self.reduced, quad[None]).corners) > 0 for quad in corners]
            kept = np.flatnonzero(measured)
            corners = corners[kept]
            own = measure_quads(self.reduced, corners)
        if not len(own.corners):
            return np.empty((0, 4, 2)), np.empty((0, len(NAMES))), kept
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
        return corners, measures, kept

    def page(self, quad: Floats) -> float:
        """Logarithm of the odds that a quadrilateral is no part of a page that is the picture."""
        evidence = measure_evidence(self.reduced.small, [self.reduced.to_small(quad)])
        return float(page_log_odds(evidence)[0])


class Judged(NamedTuple):
    """Proposals on the picture's edges, with the logarithms of their odds to be documents.

    Attributes
    ----------
    proposals
        Proposals that can be measured, in the order of the rows.
    corners
        float64 ``(q, 4, 2)``, in pixels of the full picture.
    odds
        float64 ``(q,)``, exact for the likeliest; an upper bound for the others.
    """

    proposals: Sequence[Proposal]
    corners: Floats
    odds: Floats


def certain_page(scene: Scene) -> Outline | None:
    """Return the page that lines, the check of whole pages and the net that sees it are sure of, if any."""
    verification = scene.nets.verification if scene.nets is not None else None
    likely = [proposal for proposal in differing(scene.by_lines) if proposal.likely]
    if verification is None:
        likely = [proposal for proposal in likely if proposal.score >= _SURE]
    if not likely:
        return None
    corners = refined(scene, likely)
    seen = np.ones(len(likely), bool)
    if verification is not None:
        seen = seen_log_odds(scene.reduced, verification, corners) >= _SURE_VIEW
    for number in np.flatnonzero(seen):
        (part,) = documents_odds(scene.reduced.small, [scene.reduced.to_small(corners[number])])
        if part >= _PART:
            return Outline(clockwise(corners[number]), likely[number].score)
    return None


def are_seen(scene: Scene, outlines: Sequence[Outline]) -> bool:
    """Return whether the net that sees the picture doubts none of the outlines; True without it."""
    if scene.nets is None or scene.nets.verification is None:
        return True
    corners = np.array([outline.corners for outline in outlines], np.float64)
    return bool((seen_log_odds(scene.reduced, scene.nets.verification, corners) >= _UNSEEN).all())


def likeliest(scene: Scene) -> Finding:
    """Return the likeliest of all proposals; refused are those that only one search takes for documents."""
    judged = judge(scene, scene.proposals())
    best = int(judged.odds.argmax()) if len(judged.odds) else -1
    outlines = []
    if best >= 0 and judged.odds[best] >= 0:
        outlines.append(_outline(judged, best))
    return told(outlines, _refused(scene, judged))


def _outline(judged: Judged, number: int) -> Outline:
    return Outline(clockwise(judged.corners[number]), float(1 / (1 + np.exp(-judged.odds[number]))))


def _refused(scene: Scene, judged: Judged) -> list[RefusedOutline]:
    """Return proposals that only their search takes for documents, the likeliest first."""
    doubted = [
        number
        for number in np.argsort(-judged.odds, kind="stable").tolist()
        if judged.odds[number] < 0 and judged.proposals[number].likely
    ]
    outlines = [_outline(judged, number) for number in doubted[:_TOLD]]
    small = scene.reduced.small
    quads = [scene.reduced.to_small(outline.corners.astype(np.float64)) for outline in outlines]
    return [
        RefusedOutline(outline, likeliest_reason(small, quad))
        for outline, quad in zip(outlines, quads, strict=True)
    ]


def judge(scene: Scene, proposals: Sequence[Proposal]) -> Judged:
    """Judge proposals by lines, the net's maps, the check of whole pages and, if a net sees it, the picture.

    What is costly to measure, the view and the check, is measured only where it can decide.
    """
    segmented = scene.segmented
    assert segmented is not None and scene.nets is not None
    measures = JointMeasures(scene.reduced, segmented.net_maps)
    corners, rows, kept = measures.cheap(refined(scene, proposals))
    proposals = [proposals[number] for number in kept]
    agreement = segmented.net_maps.agreement(corners)
    verification = scene.nets.verification
    view = None
    if verification is not None:
        view = np.full(len(corners), _VIEW_MOST)
        near = document_log_odds(rows, agreement, view) >= 0
        view[near] = seen_log_odds(scene.reduced, verification, corners[near])
    odds = document_log_odds(rows, agreement, view)
    measured = np.zeros(len(odds), bool)
    while odds.max(where=~measured, initial=0.0) > max(0.0, odds.max(where=measured, initial=0.0)):
        number = int(np.where(measured, -np.inf, odds).argmax())
        own = slice(number, number + 1)
        rows[number, 0] = measures.page(corners[number])
        odds[own] = document_log_odds(rows[own], agreement[own], None if view is None else view[own])
        measured[number] = True
    return Judged(proposals, corners, odds)


def document_log_odds(measures: Floats, agreement: Floats, view: Floats | None = None) -> Floats:
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
    terms = joint_terms(measures, agreement)
    odds = terms @ _WEIGHTS["by_measures"] + _WEIGHTS["by_measures_offset"]
    seen = odds
    if view is not None:
        seen = terms @ _WEIGHTS["by_both"] + _WEIGHTS["by_both_offset"] + _WEIGHTS["view"] * view
    # Measures are believed without the view, for it has seen few lights: white sheets in red, say.
    best = np.maximum(odds, seen)
    page = measures[:, NAMES.index("page")]
    return np.asarray(np.where((page < _PART) & (seen < _SEEN), np.minimum(best, page), best))


def joint_log_odds(measures: Floats) -> Floats:
    """Logarithm of the odds ``(q,)`` that each row of `measures` ``(q, len(NAMES))`` is a document."""
    return _JOINT_NET.log_odds(measures)


def _log_odds(chances: Floats) -> Floats:
    return np.maximum(np.log((chances + 1e-6) / (1 - chances + 1e-6)), _LEAST)


def joint_terms(measures: Floats, agreement: Floats) -> Floats:
    """Terms ``(q, 5)`` of `document_log_odds`, as `TERMS`."""
    borders, area = (measures[:, NAMES.index(name)] for name in ("borders", "area"))
    return np.column_stack([joint_log_odds(measures), agreement, borders == 1, borders > 1, area])


def seen_log_odds(reduced: ReducedPicture, verification: Net, corners: Floats) -> Floats:
    """Logarithm of the odds ``(q,)`` of finds by the picture itself, within limits."""
    quads = np.array([clockwise(reduced.to_small(quad)) for quad in corners], np.float64)
    return np.clip(view_log_odds(verification, reduced.small, quads), -_VIEW_MOST, _VIEW_MOST)


def refined(scene: Scene, proposals: Sequence[Proposal]) -> Floats:
    """Corners ``(q, 4, 2)`` of proposals on the picture's edges."""
    corners = np.array([proposal.corners for proposal in proposals]).reshape(-1, 4, 2)
    fixed = np.array([proposal.on_border for proposal in proposals], np.bool_).reshape(-1, 4)
    return refine_quads(scene.image, corners, fixed, scene.reach) if len(corners) else corners
