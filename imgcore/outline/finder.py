"""Detection of the single page in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.overlap import area_fractions, iou, overlap_coefficient
from imgcore.outline.refinement import refine_quad
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
from imgcore.outline.whole_page import Refusal, judge_whole_page
from imgcore.types import Image, Outline, Points

Floats = npt.NDArray[np.float64]

MIN_CONFIDENCE = 0.5
"""Confidence from which a candidate counts as a document."""
CERTAIN = 0.85
"""Confidence from which the first search decides: further ones take as long again."""
_MIN_REGION_CONFIDENCE = 0.8
"""The same for a region that stands in for a page: on a page that fills the picture, a block of text
may look like one, and cutting that out would lose the rest."""
_COARSER = 370
"""Long side of the second search, in pixels: of white paper on white, more edges stand out from the noise."""
_SAME = 0.6
"""Intersection over union from which two detections are the same page."""
_LARGER, _HELD, _TRIED = 1.15, 0.95, 60
"""Area of a page against its part's, the share of the part that it holds, and how many are looked at."""
MIN_SIDE = 16
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
    return find_page(image).outline


def find_page(image: Image) -> Finding:
    """Find the page in a picture as `find_outline` does, and tell why one was refused."""
    if min(image.shape[:2]) < MIN_SIDE:
        return Finding()
    reduced = reduce_picture(image)
    found = _surest_page(search_quads(reduced), image.shape)
    if found is None:
        found = _surest_page(search_quads(reduce_picture(image, _COARSER)), image.shape)
    if found is None or found.score < CERTAIN:
        found = _stronger(found, _surest_region(search_regions(reduced), image.shape))
    if found is None:
        return Finding()
    reach = REACH * max(1.0, max(image.shape[:2]) / SIDE)
    corners = refine_quad(image, found.corners, found.candidates.on_border[found.number], reach)
    finding = judged(reduced, [Outline(clockwise(corners), found.score)])
    if finding.reason is not Refusal.CONTINUED:
        return finding
    number = continuation(found.candidates, found.corners)
    if number is None:
        return finding
    corners = refine_quad(image, found.candidates.corners[number], found.candidates.on_border[number], reach)
    return judged(reduced, [Outline(clockwise(corners), found.score)])


def continuation(candidates: Candidates, part: Floats) -> int | None:
    """Find the best candidate that holds a part of a page, and goes on where the part ended."""
    ranks = ranking_score(candidates.features)
    areas = [cv2.contourArea(quad.astype(np.float32)) for quad in candidates.corners]
    least = _LARGER * cv2.contourArea(part.astype(np.float32))
    for number in np.argsort(-ranks, kind="stable")[:_TRIED].tolist():
        larger = areas[number] > least
        if larger and overlap_coefficient(candidates.corners[number], part) > _HELD:
            return int(number)
    return None


def judged(reduced: ReducedPicture, outlines: Sequence[Outline]) -> Finding:
    """Return outlines, unless they are parts of a page that is the whole picture."""
    quads = [reduced.to_small(outline.corners.astype(np.float64)) for outline in outlines]
    refused = judge_whole_page(reduced.small, quads) if quads else None
    if refused is None:
        return Finding(tuple(outlines))
    return Finding((), tuple(RefusedOutline(outline, refused) for outline in outlines))


class _Detection(NamedTuple):
    """One candidate with its score."""

    candidates: Candidates
    number: int
    score: float
    overlap_priority: float

    @property
    def corners(self) -> Floats:
        return np.asarray(self.candidates.corners[self.number], np.float64)


def _surest_page(candidates: Candidates, shape: tuple[int, ...]) -> _Detection | None:
    if not len(candidates.corners):
        return None
    best = int(ranking_score(candidates.features).argmax())
    return _detection(candidates, best, confidence(candidates.features), MIN_CONFIDENCE, shape)


def _surest_region(candidates: Candidates, shape: tuple[int, ...]) -> _Detection | None:
    """Find pages that lines miss: small ones, and those among many other lines."""
    if not len(candidates.corners):
        return None
    scores = region_confidence(candidates.features)
    best = int(overlap_priority(scores, area_fractions(candidates.corners, shape)).argmax())
    return _detection(candidates, best, scores, _MIN_REGION_CONFIDENCE, shape)


def _stronger(page: _Detection | None, region: _Detection | None) -> _Detection | None:
    """Choose between two detections; of one page that by lines, as a dark bar of print bounds regions too."""
    if page is None or region is None:
        return page or region
    if iou(page.corners, region.corners) > _SAME:
        return page
    return max(page, region, key=lambda detection: detection.overlap_priority)


def _detection(
    candidates: Candidates, number: int, scores: Floats, least: float, shape: tuple[int, ...]
) -> _Detection | None:
    if scores[number] < least:
        return None
    strength = overlap_priority(scores, area_fractions(candidates.corners, shape))[number]
    return _Detection(candidates, number, float(scores[number]), float(strength))


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
