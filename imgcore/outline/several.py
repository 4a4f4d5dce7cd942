"""Several documents in one picture: a set of candidates, or documents of one size.

Documents of one size, cards in rows for instance, hide the desk of each other: the net joins those that
nearly touch, and the check of whole pages takes the neighbours of one for print, or for paper that goes on
beyond it. Regions of one size that lie apart are judged as a set, all of them covered; the more there are,
the less of each has to be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.outline.finding import Finding, clockwise, reading_order, told
from imgcore.outline.judge.judgement import refined
from imgcore.outline.judge.scores import CANDIDATE_LOG_ODDS, region_confidence
from imgcore.outline.judge.whole_page import WholePageJudge, documents_odds
from imgcore.outline.overlap import PairwiseOverlap, area_fractions, iou, overlap_coefficient
from imgcore.outline.propose.candidates import (
    SEARCH_SIDE,
    Candidates,
    Proposal,
    ReducedPicture,
    reduce_picture,
    search_regions,
)
from imgcore.outline.propose.segmentation import DocumentMaps
from imgcore.outline.refine import reach_in, refine_quads
from imgcore.outline.scene import Scene
from imgcore.outline.select import consensus, select_documents
from imgcore.types import Image, Outline

Floats = npt.NDArray[np.float64]

_CERTAIN = 0.95
"""Score of a single document from which the road for one page adds nothing: measured on photographs of single
pages."""
_PART = 0.3
"""Area of a candidate, as a share of that of the find, below which it may be a part of it."""
_PARTS = 6
"""Number of likely candidates that may be parts of a find, from which the find is doubtful."""
_ROUNDS = 2
"""Number of choices among candidates: each further one is made without those that were refused."""


class SeveralDocuments(NamedTuple):
    """Documents that were selected, and the candidates with the logarithms of their odds."""

    finding: Finding
    candidates: Candidates
    odds: Floats

    @property
    def is_certain(self) -> bool:
        """True where one document alone was found, beyond doubt."""
        outline = self.finding.outline
        return outline is not None and outline.score >= _CERTAIN

    @property
    def is_doubtful(self) -> bool:
        """True where something was refused, nothing was found, or one that may be several close together."""
        found = self.finding.outlines
        if self.finding.refused or len(found) != 1:
            return bool(self.finding.refused) or not found
        areas = area_fractions(self.candidates.corners[self.odds >= CANDIDATE_LOG_ODDS], (1, 1))
        whole = area_fractions(found[0].corners[None].astype(np.float64), (1, 1))
        return int(np.count_nonzero(areas < _PART * whole)) >= _PARTS


def several_documents(scene: Scene) -> SeveralDocuments:
    """Select all documents of a scene; those refused give way to other candidates."""
    image = scene.image
    reduced, candidates, odds, net_maps = _candidates(scene)
    reach = reach_in(image, SEARCH_SIDE)
    judge = WholePageJudge(image, reduced.small, reduced.factor, reach)
    found: list[Outline] = []
    left = odds.copy()
    for _ in range(_ROUNDS):
        chosen = select_documents(candidates.corners, left, image.shape, net_maps)
        corners = _refined(image, candidates, chosen, None if net_maps is None else left, reach)
        scores = 1 / (1 + np.exp(CANDIDATE_LOG_ODDS - left[chosen]))
        outlines = [
            Outline(clockwise(quad), float(score)) for quad, score in zip(corners, scores, strict=True)
        ]
        found = judge.trusted(outlines)
        # One that is refused gives way to the road for one page, which knows more of it.
        if len(found) == len(outlines) or len(outlines) == 1:
            break
        likely = np.argsort(-left, kind="stable")[: np.count_nonzero(left >= CANDIDATE_LOG_ODDS)]
        left[likely[[judge.is_doubted(candidates.corners[number]) for number in likely]]] = -np.inf
    return SeveralDocuments(told(reading_order(found), judge.refused), candidates, odds)


def _candidates(scene: Scene) -> tuple[ReducedPicture, Candidates, Floats, DocumentMaps | None]:
    """Return candidates by the segmentation; without its nets, regions."""
    if scene.segmented is not None:
        return scene.segmented
    reduced = reduce_picture(scene.image, SEARCH_SIDE)
    regions = search_regions(reduced)
    chances = region_confidence(regions.features)
    return reduced, regions, np.asarray(np.log((chances + 1e-6) / (1 - chances + 1e-6))), None


def _refined(
    image: Image, candidates: Candidates, chosen: list[int], odds: Floats | None, reach: float
) -> Floats:
    """Corners of selected candidates on the picture's edges, from their consensus where odds are known."""
    corners = candidates.corners[chosen]
    fixed = candidates.on_border[chosen]
    if odds is not None:
        means = consensus(candidates.corners, odds, chosen)
        corners = np.where(np.any(fixed, axis=1, keepdims=True)[:, :, None], corners, means)
    return refine_quads(image, corners, fixed, reach)


_FEWEST = 3
"""Number of documents that make a set, at least."""
_ALIKE = 0.15
"""Difference in the logarithm of a side up to which two documents are of one size: a desk may be seen from
aside."""
_APART = 0.12
"""Share of the smaller of two regions in common up to which they lie apart."""
_FAVOURED = 3.0
"""Gain of a region in the logarithm of its odds by being among others of its size."""
_SEEDS = 40
"""Number of regions, the likeliest first, whose size is tried."""
_TRIED = 3
"""Number of sets that are judged, the likeliest first."""
_OTHER = 0.1
"""Difference in the logarithm of the mean side from which a set is another one."""
_EACH_OF_SET = 0.25
"""Gain in a set's value by each of its documents, beside the mean logarithm of their odds by the check of
whole pages."""
_LEAST = 1.3
"""Least value of a set that is certain: mean logarithm of the odds by the check of whole pages, and the gain
by each document."""
_LOWEST = -6.0
"""Logarithm of the odds by the check of whole pages below which a document is left out of a set."""
_SAME = 0.8
"""Intersection over union above which two finds are one."""
_HELD = 0.9
"""Share of the smaller of two finds in common above which it is a part of the other."""
_TOUCHED = 0.3
"""Share of the smaller of two finds in common from which they exclude each other."""


def find_of_one_size(scene: Scene, found: Sequence[Outline]) -> list[Outline] | None:
    """Find documents of one size, and return them with what was found apart from them.

    Parameters
    ----------
    scene
        The picture, and the regions proposed in it.
    found
        Outlines that were found otherwise.

    Returns
    -------
    list of Outline or None
        None where no set of regions is certain.
    """
    if len(scene.by_regions) < _FEWEST:
        return None
    others = [outline.corners.astype(np.float64) for outline in found]
    small = scene.reduced.small
    best: list[Outline] | None = None
    most = _LEAST
    for chosen in _sets(scene.by_regions):
        corners = refined(scene, chosen)
        if _are_parts(corners, others):
            continue
        apart = [
            outline
            for outline, quad in zip(found, others, strict=True)
            if all(overlap_coefficient(quad, own) < _TOUCHED for own in corners)
        ]
        covered = [*corners, *(outline.corners.astype(np.float64) for outline in apart)]
        odds = documents_odds(small, [scene.reduced.to_small(quad) for quad in covered])[: len(corners)]
        value = float(odds.mean()) + _EACH_OF_SET * len(odds)
        if value >= most and np.count_nonzero(odds >= _LOWEST) >= _FEWEST:
            most = value
            best = [*apart, *_outlines(corners[odds >= _LOWEST], odds[odds >= _LOWEST], found)]
    return best


def _sets(regions: Sequence[Proposal]) -> Iterator[list[Proposal]]:
    """Yield sets of regions of one size that lie apart, the likeliest first."""
    corners = np.array([region.corners for region in regions])
    chances = np.array([region.score for region in regions])
    gains = np.log((chances + 1e-6) / (1 - chances + 1e-6)) + _FAVOURED
    sizes = _sizes(corners)
    overlaps = PairwiseOverlap(corners).smaller
    order = [int(number) for number in np.argsort(-gains, kind="stable") if gains[number] > 0]
    sets = []
    for seed in order[:_SEEDS]:
        alike = (np.abs(sizes - sizes[seed]) < _ALIKE).all(axis=1)
        members = [seed]
        for number in order:
            if alike[number] and overlaps[number, members].max() < _APART:
                members.append(number)
        if len(members) >= _FEWEST:
            sets.append((float(gains[members].sum()), float(sizes[members].mean()), members))
    tried: list[float] = []
    for _, size, members in sorted(sets, reverse=True):
        if len(tried) < _TRIED and all(abs(size - other) > _OTHER for other in tried):
            tried.append(size)
            yield [regions[number] for number in members]


def _sizes(corners: Floats) -> Floats:
    """Logarithms ``(n, 2)`` of the shorter and the longer sides."""
    edges = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
    return np.log(np.sort(edges[:, :2] + edges[:, 2:], axis=1) / 2 + 1)


def _are_parts(corners: Floats, others: Sequence[Floats]) -> bool:
    """Return whether most of a set are parts of documents, such as the pictures on cards."""
    held = np.array([[overlap_coefficient(own, other) > _HELD for other in others] for own in corners], bool)
    same = np.array([[iou(own, other) > _SAME for other in others] for own in corners], bool)
    parts = held & ~same & (held.sum(axis=0) < _FEWEST) if others else np.zeros((len(corners), 1), bool)
    return bool(2 * parts.any(axis=1).sum() >= len(corners))


def _outlines(corners: Floats, odds: Floats, found: Sequence[Outline]) -> Iterator[Outline]:
    """Yield an outline for each, as it was found already or anew."""
    for quad, log_odds in zip(corners, odds, strict=True):
        same = (each for each in found if iou(each.corners.astype(np.float64), quad) > _SAME)
        yield next(same, Outline(clockwise(quad), float(1 / (1 + np.exp(-log_odds)))))
