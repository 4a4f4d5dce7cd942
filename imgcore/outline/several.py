"""All documents in a picture: straight lines and rectangular regions, judged together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.finder import MIN_SIDE, REACH, SURE, clockwise
from imgcore.outline.judge import certainty, certainty_of_region, claim, rank
from imgcore.outline.overlap import shared, shares
from imgcore.outline.refit import refit
from imgcore.outline.search import SIDE, Candidates, search, search_regions, view
from imgcore.types import Image, Outline

Floats = npt.NDArray[np.float64]

_OVERLAP = 0.15
"""Shared area, of the smaller one, from which two finds are in conflict."""
_LIMIT = 24
ALONE = 0.5
"""A page over so much of the picture is the only one: what is found beside it is desk."""


def find_outlines(image: Image) -> tuple[Outline, ...]:
    """All documents in a picture, in reading order; empty where there is none.

    Parameters
    ----------
    image
        BGR or grey; the documents may leave the picture but not overlap each other. Some 50 ms.
    """
    if min(image.shape[:2]) < MIN_SIDE:
        return ()
    seen = view(image)
    pages, regions = _best_pages(search(seen)), search_regions(seen)
    candidates = Candidates.joined(pages, regions)
    scores = np.concatenate([certainty(pages.features), certainty_of_region(regions.features)])
    reach = REACH * max(1.0, max(image.shape[:2]) / SIDE)
    outlines = []
    for number in _settled(candidates.corners, scores, image.shape):
        corners = refit(image, candidates.corners[number], candidates.cut[number], reach)
        outlines.append(Outline(clockwise(corners), float(scores[number])))
    return reading_order(outlines)


def _best_pages(candidates: Candidates) -> Candidates:
    """The few that rank highest, none overlapping another."""
    chosen: list[int] = []
    for number in np.argsort(-rank(candidates.features), kind="stable")[:_LIMIT]:
        corners = candidates.corners[number]
        if all(shared(corners, candidates.corners[other]) <= _OVERLAP for other in chosen):
            chosen.append(int(number))
    return candidates[np.array(chosen, np.int64)]


def _settled(corners: Floats, scores: Floats, shape: tuple[int, ...]) -> list[int]:
    """The likeliest documents, none overlapping another; a page over most of the picture alone."""
    areas = shares(corners, shape)
    order = np.argsort(-claim(scores, areas), kind="stable")
    kept: list[int] = []
    for number in order[scores[order] >= SURE]:
        if all(shared(corners[number], corners[other]) <= _OVERLAP for other in kept):
            kept.append(int(number))
    large = [number for number in kept if areas[number] >= ALONE]
    return large or kept


def reading_order(outlines: list[Outline]) -> tuple[Outline, ...]:
    """Rows from the top, left to right in each.

    A row is the topmost document left and all whose middle lies within its height.
    """
    waiting = sorted(outlines, key=lambda outline: float(outline.corners[:, 1].mean()))
    ordered: list[Outline] = []
    while waiting:
        low, high = waiting[0].corners[:, 1].min(), waiting[0].corners[:, 1].max()
        row = [outline for outline in waiting if low <= outline.corners[:, 1].mean() <= high]
        ordered += sorted(row, key=lambda outline: float(outline.corners[:, 0].mean()))
        waiting = waiting[len(row) :]
    return tuple(ordered)
