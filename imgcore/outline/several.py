"""Detection of all documents in a picture: candidates by segmentation and by lines, scored together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.outline.agreement import find_agreed
from imgcore.outline.consensus import consensus
from imgcore.outline.finder import (
    APART,
    COMPARED,
    MIN_SIDE,
    REACH,
    Detection,
    Finding,
    Judge,
    RefusedOutline,
    SearchedPage,
    clockwise,
    search_page,
    without_drawn,
)
from imgcore.outline.one_size import find_of_one_size
from imgcore.outline.overlap import area_fractions, iou, overlap_coefficient
from imgcore.outline.refinement import refine_quads
from imgcore.outline.scoring.context_score import odds_in_context
from imgcore.outline.scoring.device_score import without_devices
from imgcore.outline.scoring.feature_score import overlap_priority, region_confidence
from imgcore.outline.scoring.joint_score import JointMeasures
from imgcore.outline.scoring.scoring_net import ScoringNet, document_log_odds
from imgcore.outline.search.candidates import (
    SIDE,
    Candidates,
    ReducedPicture,
    reduce_picture,
    search_regions,
)
from imgcore.outline.search.document_maps import DocumentMaps
from imgcore.outline.search.document_search import SEARCH_SIDE, search_documents
from imgcore.outline.search.segmentation import segment_documents
from imgcore.outline.second_look import look_again, seen_log_odds
from imgcore.outline.selection import MIN_LOG_ODDS, select_documents
from imgcore.outline.whole_page import likeliest_reason
from imgcore.types import Image, Net, Outline

Floats = npt.NDArray[np.float64]

_NOTHING = 0.3
"""Probability by the net below which there is no document and the search for a page adds nothing: measured on
photographs of single pages."""
_CERTAIN = 0.95
"""Score of a single document from which the search for a page, which takes half as long again, adds nothing:
measured on photographs of single pages."""
_SURE = 0.7
"""Score of a page by lines from which only the net that sees candidates is asked, as the other nets take
twice the time. A fifth of photographs lies below."""
_SEEN = -2.0
"""Logarithm of the odds, by the net that sees candidates, below which the other nets are asked even about a
page that lines are sure of."""
_PART = 0.3
"""Area of a candidate, as a share of that of the find, below which it may be a part of it."""
_PARTS = 6
"""Number of likely candidates that may be parts of a find, from which the find is doubtful."""
_ALONE = 0.75
"""Weight of a candidate's odds by itself; the rest is that of its odds among the others. Measured on
photographs."""
_LOWERED = 4.0
"""Logarithm of the odds by which the other candidates may lower those of one by itself, at most. Measured on
photographs: the odds are fitted on made desks, and lose real documents that look otherwise."""
_REAL = 0.8
"""Logarithm of the odds by which documents are likelier than the scores say, which are fitted on made desks
and lose real documents that look otherwise. Measured on photographs; the check of whole pages behind them
keeps pages and desks out."""
_ROUNDS = 2
"""Number of choices among candidates: each further one is made without those that were refused."""
_PAGE = 0.6
"""Intersection over union from which two finders mean the same page."""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentNets:
    """Networks that find several documents; the first two are of no use alone.

    Attributes
    ----------
    scoring
        Scores candidates by the segmentation.
    segmentation
        Segments the picture into documents, see `imgcore.outline.search.segmentation`.
    verification
        Sees candidates in the picture, see `imgcore.outline.scoring.view_score`; without it measures decide.
    """

    OPENED: ClassVar = ("segmentation", "verification")

    scoring: ScoringNet
    segmentation: Net
    verification: Net | None = None


def find_outlines(image: Image, nets: DocumentNets | None = None) -> tuple[Outline, ...]:
    """Find all documents in a picture, in reading order; empty where there is none.

    Parameters
    ----------
    image
        BGR or grey; documents may touch, overlap a little, and leave the picture. Some 100 ms, and
        35 more where one alone or none is found and the nets leave a doubt.
    nets
        Without them documents are found as regions, which is less certain and joins those that touch.
    """
    return find_documents(image, nets).outlines


def find_documents(image: Image, nets: DocumentNets | None = None) -> Finding:
    """Find all documents in a picture as `find_outlines` does, and tell what was refused."""
    return Finding() if min(image.shape[:2]) < MIN_SIDE else without_drawn(image, _found(image, nets))


def _found(image: Image, nets: DocumentNets | None) -> Finding:
    searched = cache(partial(search_page, image))
    several = _search_documents(image, nets, searched)
    if several.is_bare:
        return several.finding
    if several.is_doubtful:
        page = searched()
        alike = find_of_one_size(image, page.reduced, page.by_region(), several.finding.outlines)
        if alike is not None:
            return Finding(reading_order(alike), _beside(several.finding.refused, alike))
    found = several.finding
    if len(found.outlines) > 1 or (found.outline is not None and found.outline.score >= _CERTAIN):
        return found
    page = searched()
    if not found.outlines and (page.finding.outlines or not found.refused):
        found = page.finding
    return _seen_again(image, page, several, found, nets)


def find_page(image: Image, nets: DocumentNets | None = None) -> Finding:
    """Find the page in a picture as `find_outline` does, and tell what was refused.

    Parameters
    ----------
    image
        As for `find_outline`.
    nets
        See a page where lines leave it, in another 75 ms; of several documents the one that stands out most.
    """
    return Finding() if min(image.shape[:2]) < MIN_SIDE else without_drawn(image, _page_found(image, nets))


def _page_found(image: Image, nets: DocumentNets | None) -> Finding:
    page = search_page(image)
    found = page.finding
    if nets is None or (found.outline is not None and _is_sure(page, found.outline, nets.verification)):
        return found
    several = _search_documents(image, nets, lambda: page)
    if not found.outlines and several.finding.outlines:
        outlines = several.finding.outlines
        areas = area_fractions(np.array([outline.corners for outline in outlines]), image.shape)
        scores = np.array([outline.score for outline in outlines])
        best = outlines[int(overlap_priority(scores, areas).argmax())]
        found = Finding((best,), several.finding.refused)
    elif not found.outlines and not found.refused:
        found = several.finding
    return _seen_again(image, page, several, found, nets)


def _is_sure(page: SearchedPage, outline: Outline, verification: Net | None) -> bool:
    if outline.score < _SURE or verification is None:
        return outline.score >= _SURE
    return bool(
        seen_log_odds(page.reduced, verification, outline.corners[None].astype(np.float64))[0] >= _SEEN
    )


class _DocumentSearch(NamedTuple):
    """Result of the search for several documents.

    Attributes
    ----------
    net_maps
        None without nets.
    """

    finding: Finding
    candidates: Candidates
    odds: Floats
    net_maps: DocumentMaps | None

    @property
    def is_bare(self) -> bool:
        """True where the net sees no document at all."""
        bare = self.net_maps is not None and bool(self.net_maps.document.max() < _NOTHING)
        return bare and not self.finding.refused

    @property
    def is_doubtful(self) -> bool:
        """True where something was refused, nothing was found, or one that may be several close together."""
        found = self.finding.outlines
        if self.finding.refused or len(found) != 1:
            return bool(self.finding.refused) or not found
        areas = area_fractions(self.candidates.corners[self.odds >= MIN_LOG_ODDS], (1, 1))
        whole = area_fractions(found[0].corners[None].astype(np.float64), (1, 1))
        return int(np.count_nonzero(areas < _PART * whole)) >= _PARTS


def _search_documents(
    image: Image, nets: DocumentNets | None, searched: Callable[[], SearchedPage]
) -> _DocumentSearch:
    """Search for all documents; those refused give way to other candidates, `searched` refines one alone."""
    reduced = reduce_picture(image, SEARCH_SIDE)
    candidates, odds, net_maps = candidates_by_net(reduced, nets, image.shape)
    judge = Judge(image, reduced.small, reduced.factor, _reach(image))
    found: list[Outline] = []
    left = odds.copy()
    for _ in range(_ROUNDS):
        chosen = select_documents(candidates.corners, left, image.shape, net_maps)
        corners = _refined(image, candidates, chosen, left if nets else None)
        scores = 1 / (1 + np.exp(MIN_LOG_ODDS - left[chosen]))
        outlines = [
            Outline(clockwise(quad), float(score)) for quad, score in zip(corners, scores, strict=True)
        ]
        if len(outlines) == 1:
            outlines = [_refined_single(outlines[0], searched)]
        found = judge.trusted(outlines)
        if len(found) == len(outlines):
            break
        likely = np.argsort(-left, kind="stable")[: np.count_nonzero(left >= MIN_LOG_ODDS)]
        left[likely[[judge.is_doubted(candidates.corners[number]) for number in likely]]] = -np.inf
    return _DocumentSearch(judge.finding(reading_order(found)), candidates, odds, net_maps)


def _seen_again(
    image: Image, page: SearchedPage, several: _DocumentSearch, found: Finding, nets: DocumentNets | None
) -> Finding:
    """Return what both searches saw together: where nothing is found, or something far less likely."""
    if nets is None or several.net_maps is None or several.is_bare:
        return found
    by_net = net_detections(several.candidates, several.odds)
    reach = REACH * max(1.0, max(image.shape[:2]) / SIDE)
    outline = look_again(
        image,
        JointMeasures(page.reduced, several.net_maps),
        [*page.detections, by_net],
        reach,
        found.outline,
        nets.verification,
    )
    if outline is None and found.outline is not None:
        small = page.reduced.to_small(found.outline.corners.astype(np.float64))
        reason = likeliest_reason(page.reduced.small, small)
        return Finding((), (RefusedOutline(found.outline, reason), *found.refused))
    if outline is None:
        outline = find_agreed(image, page.reduced, several.net_maps)
    if outline is found.outline or outline is None:
        return found
    return Finding((outline,), _beside(page.finding.refused, [outline]))


def _beside(refused: Sequence[RefusedOutline], outlines: Sequence[Outline]) -> tuple[RefusedOutline, ...]:
    """Return what was refused apart from all that is found."""
    quads = [outline.corners.astype(np.float64) for outline in outlines]
    return tuple(
        one
        for one in refused
        if all(overlap_coefficient(one.outline.corners.astype(np.float64), quad) < APART for quad in quads)
    )


def net_detections(candidates: Candidates, odds: Floats) -> list[Detection]:
    """Return candidates for several documents, the likeliest first."""
    return [
        Detection(candidates.corners[number], candidates.on_border[number], float(odds[number]), 0.0, True)
        for number in np.argsort(-odds, kind="stable")[:COMPARED].tolist()
    ]


def trusting(finding: Finding) -> tuple[Finding, list[str]]:
    """Trust what was refused, too; return with it the reason of each outline, empty where it was not."""
    reasons = {id(each.outline): str(each.reason) for each in finding.refused}
    outlines = reading_order([*finding.outlines, *(each.outline for each in finding.refused)])
    return Finding(outlines), [reasons.get(id(outline), "") for outline in outlines]


def _refined(image: Image, candidates: Candidates, chosen: list[int], odds: Floats | None) -> Floats:
    """Corners of selected candidates on the picture's edges, from their consensus where odds are known."""
    corners = candidates.corners[chosen]
    fixed = candidates.on_border[chosen]
    if odds is not None:
        means = consensus(candidates.corners, odds, chosen)
        corners = np.where(np.any(fixed, axis=1, keepdims=True)[:, :, None], corners, means)
    return refine_quads(image, corners, fixed, _reach(image))


def _reach(image: Image) -> float:
    return REACH * max(1.0, float(max(image.shape[:2])) / SEARCH_SIDE)


def candidates_by_net(
    reduced: ReducedPicture, nets: DocumentNets | None, shape: tuple[int, ...]
) -> tuple[Candidates, Floats, DocumentMaps | None]:
    """Find candidates and the logarithms of their odds, and return the maps that they come from."""
    if nets is None:
        regions = search_regions(reduced)
        chances = region_confidence(regions.features)
        return regions, np.asarray(np.log((chances + 1e-6) / (1 - chances + 1e-6))), None
    net_maps = segment_documents(nets.segmentation, reduced.small, reduced.factor)
    quads = search_documents(reduced, net_maps)
    alone = document_log_odds(nets.scoring, quads.features)
    odds = _calibrated(alone, odds_in_context(quads.corners, alone, shape, net_maps))
    return (
        quads,
        without_devices(reduced.small, reduced.to_small(quads.corners), odds, MIN_LOG_ODDS),
        net_maps,
    )


def _calibrated(alone: Floats, among: Floats) -> Floats:
    """Logarithms of odds on real desks, given those of each candidate by itself and among the others."""
    return _ALONE * alone + (1 - _ALONE) * np.maximum(among, alone - _LOWERED) + _REAL


def _refined_single(alone: Outline, searched: Callable[[], SearchedPage]) -> Outline:
    """Refine a single page by the search for one, whose choice between near-by sides is finer."""
    if alone.score >= _CERTAIN:
        return alone
    page = searched().finding.outline
    if page is None or iou(page.corners.astype(float), alone.corners.astype(float)) < _PAGE:
        return alone
    return Outline(page.corners, max(page.score, alone.score))


def reading_order(outlines: list[Outline]) -> tuple[Outline, ...]:
    """Sort outlines by rows from the top, left to right in each.

    A row is the topmost document left and all whose middle lies within its height.
    """
    waiting = sorted(outlines, key=lambda outline: float(outline.corners[:, 1].mean()))
    ordered: list[Outline] = []
    while waiting:
        low = waiting[0].corners[:, 1].min()
        high = waiting[0].corners[:, 1].max()
        row = [outline for outline in waiting if low <= outline.corners[:, 1].mean() <= high]
        ordered += sorted(row, key=lambda outline: float(outline.corners[:, 0].mean()))
        waiting = waiting[len(row) :]
    return tuple(ordered)
