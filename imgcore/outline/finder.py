"""Detection of the single page in a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.overlap import area_fractions, iou, overlap_coefficient
from imgcore.outline.refinement import refine_quad
from imgcore.outline.scoring.exact_ground import are_drawn
from imgcore.outline.scoring.feature_score import (
    confidence,
    overlap_priority,
    ranking_score,
    region_confidence,
)
from imgcore.outline.search.candidates import (
    SIDE,
    Candidates,
    ReducedPicture,
    reduce_picture,
    search_quads,
    search_regions,
)
from imgcore.outline.search.quads import is_aslant
from imgcore.outline.whole_page import Refusal, judge_whole_page
from imgcore.types import Image, Outline, Points

Floats = npt.NDArray[np.float64]

MIN_CONFIDENCE = 0.5
"""Confidence from which a candidate counts as a document."""
CERTAIN = 0.85
"""Confidence from which the first search decides: further ones take as long again."""
_ASLANT = 0.75
"""Confidence from which a candidate that the picture's border cuts aslant counts as a document: screens and
rooms have such sides, too."""
_MIN_REGION_CONFIDENCE = 0.8
"""Confidence from which a region that stands in for a page counts as a document: on a page that fills the
picture, a block of text may look like one, and cutting that out would lose the rest."""
_COARSER = 370
"""Long side of the second search, in pixels: of white paper on white, more edges stand out from the noise."""
_SAME = 0.6
"""Intersection over union from which two detections are the same page."""
_LARGER = 1.15
"""Area of a candidate, as a multiple of that of a refused one, below which it may be a part of it."""
_HELD = 0.9
"""Share of the smaller of two outlines that they have in common, from which it is a part of the other."""
_ALIKE = 0.95
"""Intersection over union from which a candidate is the one that was refused."""
_PARTS = 3
"""Number of candidates inside of refused ones that are judged in one picture: what was refused may be the
desk that they lie on, or the document met less well."""
_CLEAR = 1.5
"""Logarithm of the odds from which a candidate inside of a refused one is trusted."""
APART = 0.3
"""Share of the smaller of two refused outlines in common from which only one of them is told."""
COMPARED = 60
"""Number of candidates of one search, the highest-ranking first, that are compared with those refused."""
_TRIED = 3
"""Number of candidates of one search that are judged until one is trusted."""
MIN_SIDE = 16
"""Pixels of the shorter side below which a picture holds no page."""
REACH = 2.5
"""Pixels of the searched picture within which a side's edge is looked for."""


class RefusedOutline(NamedTuple):
    """Outline that is likelier a part of a page than a document, and the reason."""

    outline: Outline
    reason: Refusal


class Finding(NamedTuple):
    """Outlines found in a picture, and those that were found and not trusted.

    Attributes
    ----------
    outlines
        In reading order; empty where there is no document or no certain one.
    refused
        In reading order, too: likelier parts of a page that the picture is than documents.
    """

    outlines: tuple[Outline, ...] = ()
    refused: tuple[RefusedOutline, ...] = ()

    @property
    def outline(self) -> Outline | None:
        """The first outline."""
        return self.outlines[0] if self.outlines else None

    @property
    def doubted(self) -> tuple[RefusedOutline, ...]:
        """Refused outlines, the surest first."""
        return tuple(sorted(self.refused, key=lambda each: -each.outline.score))

    @property
    def reason(self) -> Refusal | None:
        """Reason of the first refusal; None where nothing was refused."""
        return self.refused[0].reason if self.refused else None


def find_outline(image: Image) -> Outline | None:
    """Find the page in a picture; None where there is none or no certain one.

    Parameters
    ----------
    image
        BGR or grey, of any size from 16 px; smaller ones hold no page. Some 25 ms,
        60 where lines leave a doubt.

    Returns
    -------
    Outline or None
        Corners to a fraction of a pixel of `image`. A page that fills the picture on all
        sides has no outline in it, and gives None.
    """
    return (
        None if min(image.shape[:2]) < MIN_SIDE else without_drawn(image, search_page(image).finding).outline
    )


def without_drawn(image: Image, finding: Finding) -> Finding:
    """Refuse what is part of a page that a program made."""
    drawn = are_drawn(image, [outline.corners.astype(np.float64) for outline in finding.outlines])
    judged = list(zip(finding.outlines, drawn, strict=True))
    refused = (RefusedOutline(outline, Refusal.DRAWN) for outline, part in judged if part)
    return Finding(tuple(outline for outline, part in judged if not part), (*refused, *finding.refused))


def search_page(image: Image) -> SearchedPage:
    """Find the page in a picture of `MIN_SIDE` or more, as `find_outline` does."""
    reduced = reduce_picture(image)
    judge = Judge(image, reduced.small, reduced.factor, REACH * max(1.0, max(image.shape[:2]) / SIDE))
    searches = [pages(search_quads(reduced), image.shape)]
    found = judge.first(if_likely(searches[0]))
    if found is None:
        searches.append(pages(search_quads(reduce_picture(image, _COARSER)), image.shape))
        found = judge.first(if_likely(searches[-1]))
    by_region = cache(lambda: regions(search_regions(reduced), image.shape))
    if found is None or found.outline.score < CERTAIN:
        searches.append(by_region())
        found = _stronger(found, judge.first(if_likely(searches[-1])))
    return SearchedPage(judge.finding([] if found is None else [found.outline]), reduced, searches, by_region)


class Detection(NamedTuple):
    """One candidate with its score, and its priority among those that overlap it.

    Attributes
    ----------
    likely
        False for one that is a document only if it goes on where a likely one ended.
    """

    corners: Floats
    on_border: npt.NDArray[np.bool_]
    score: float
    overlap_priority: float
    likely: bool


class SearchedPage(NamedTuple):
    """Result of the search for a page.

    Attributes
    ----------
    reduced
        The picture as it was searched.
    detections
        Of each search, the highest-ranking first.
    by_region
        Detections of the search for regions, which is made when it is first asked for.
    """

    finding: Finding
    reduced: ReducedPicture
    detections: Sequence[Sequence[Detection]]
    by_region: Callable[[], Sequence[Detection]]


class _Found(NamedTuple):
    """Outline that is no part of a page, and the detection that it was."""

    outline: Outline
    detection: Detection


class Judge:
    """Judgement of what is found in one picture; a candidate that is refused is followed by the next.

    Attributes
    ----------
    refused
        Outlines refused so far.
    """

    def __init__(self, image: Image, small: Image, factor: Floats, reach: float) -> None:
        self._image = image
        self._small = small
        self._factor = factor
        self._reach = reach
        self.refused: list[RefusedOutline] = []
        self._parts = _PARTS

    def first(self, detections: Iterable[Detection]) -> _Found | None:
        """Return the first detection that is no part of a page, nor of what was refused before it."""
        tried = 0
        for detection in detections:
            if self._is_new(detection):
                tried += 1
                outline = self._refined(detection)
                if self.trusted([outline]):
                    return _Found(outline, detection)
            if tried == _TRIED:
                break
        return None

    def trusted(self, outlines: Sequence[Outline]) -> list[Outline]:
        """Return the outlines that are no parts of a page, and keep the others as refused."""
        reasons = judge_whole_page(self._small, [self._to_small(outline.corners) for outline in outlines])
        judged = list(zip(outlines, reasons, strict=True))
        self.refused += [RefusedOutline(outline, reason) for outline, reason in judged if reason]
        return [outline for outline, reason in judged if reason is None]

    def finding(self, outlines: Sequence[Outline]) -> Finding:
        """Return outlines with what was refused elsewhere, of all that overlap the first."""
        apart: list[RefusedOutline] = []
        for refused in self.refused:
            others = [*outlines, *(each.outline for each in apart)]
            if all(_overlap(refused.outline, other) < APART for other in others):
                apart.append(refused)
        return Finding(tuple(outlines), tuple(apart))

    def is_doubted(self, corners: Floats) -> bool:
        """Return whether a candidate was refused, or lies inside of what was and is not certain by itself."""
        wholes = [refused.outline.corners for refused in self.refused]
        wholes = [whole for whole in wholes if _is_part(corners, whole)]
        if not wholes:
            return False
        if not self._parts or any(iou(corners, whole.astype(np.float64)) > _ALIKE for whole in wholes):
            return True
        self._parts -= 1
        return judge_whole_page(self._small, [self._to_small(corners)], _CLEAR) != [None]

    def _is_new(self, detection: Detection) -> bool:
        return not self.is_doubted(detection.corners) and (
            detection.likely
            or any(
                overlap_coefficient(detection.corners, refused.outline.corners.astype(np.float64)) > _HELD
                for refused in self.refused
                if refused.reason is Refusal.CONTINUED
            )
        )

    def _to_small(self, corners: Floats | Points) -> Floats:
        return np.asarray((corners + 0.5) / self._factor - 0.5, np.float64)

    def _refined(self, detection: Detection) -> Outline:
        corners = refine_quad(self._image, detection.corners, detection.on_border, self._reach)
        return Outline(clockwise(corners), detection.score)


def _overlap(one: Outline, other: Outline) -> float:
    return overlap_coefficient(one.corners.astype(np.float64), other.corners.astype(np.float64))


def _is_part(one: Floats, other: Points) -> bool:
    areas = [cv2.contourArea(quad.astype(np.float32)) for quad in (one, other)]
    return areas[0] < _LARGER * areas[1] and overlap_coefficient(one, other.astype(np.float64)) > _HELD


def pages(candidates: Candidates, shape: tuple[int, ...]) -> list[Detection]:
    """Return candidates for the page, the highest-ranking first."""
    aslant = is_aslant(candidates.corners, candidates.on_border)
    candidates = candidates[np.flatnonzero(~aslant | (confidence(candidates.features) >= _ASLANT))]
    ranks = ranking_score(candidates.features)
    return _detections(candidates, ranks, confidence(candidates.features), MIN_CONFIDENCE, shape)


def regions(candidates: Candidates, shape: tuple[int, ...]) -> list[Detection]:
    """Return pages that lines miss: small ones, and those among many other lines."""
    scores = region_confidence(candidates.features)
    priorities = overlap_priority(scores, area_fractions(candidates.corners, shape))
    return _detections(candidates, priorities, scores, _MIN_REGION_CONFIDENCE, shape)


def _detections(
    candidates: Candidates, ranks: Floats, scores: Floats, least: float, shape: tuple[int, ...]
) -> list[Detection]:
    """Return candidates by rank."""
    priorities = overlap_priority(scores, area_fractions(candidates.corners, shape))
    return [
        Detection(
            np.asarray(candidates.corners[number], np.float64),
            candidates.on_border[number],
            float(scores[number]),
            float(priorities[number]),
            bool(scores[number] >= least),
        )
        for number in np.argsort(-ranks, kind="stable")[:COMPARED]
    ]


def if_likely(detections: Sequence[Detection]) -> Sequence[Detection]:
    """Return detections by rank; none where the first is not likely."""
    return detections if detections and detections[0].likely else ()


def _stronger(page: _Found | None, region: _Found | None) -> _Found | None:
    """Choose between two finds; of one page that by lines, as a dark bar of print bounds regions too."""
    if page is None or region is None:
        return page or region
    if iou(page.detection.corners, region.detection.corners) > _SAME:
        return page
    return max(page, region, key=lambda found: found.detection.overlap_priority)


def clockwise(corners: Floats) -> Points:
    """Order corners clockwise, from the top left of the document as the picture shows it.

    The top side is the one that is most nearly level with the rest below it.
    """
    edges = np.roll(corners, -1, axis=0) - corners
    turn = edges[0, 0] * edges[1, 1] - edges[0, 1] * edges[1, 0]
    ordered = corners if turn > 0 else corners[::-1]
    edges = np.roll(ordered, -1, axis=0) - ordered
    level = edges[:, 0] / np.maximum(np.linalg.norm(edges, axis=1), 1e-9)
    # Averaged with the opposite side's, so that a tapered page reads by its middle.
    top = int((level - np.roll(level, 2)).argmax())
    return np.ascontiguousarray(np.roll(ordered, -top, axis=0), np.float32)
