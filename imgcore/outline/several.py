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
_MEMBER, _INSIDE, _COVERED = 0.7, 0.6, 0.4
"""A group: each member takes at most so much of its area, lies inside by so much, together at least."""
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
    order = order[scores[order] >= SURE]
    kept: list[int] = []
    for number in order:
        apart = all(shared(corners[number], corners[other]) <= _OVERLAP for other in kept)
        if apart and not _is_a_group(int(number), order, corners, scores, areas):
            kept.append(int(number))
    large = [number for number in kept if areas[number] >= ALONE]
    return large or kept


def _is_a_group(
    number: int, order: npt.NDArray[np.int64], corners: Floats, scores: Floats, areas: Floats
) -> bool:
    """Whether a find is several surer ones side by side, and the desk between them."""
    members: list[int] = []
    for other in order[(scores[order] > scores[number]) & (areas[order] < _MEMBER * areas[number])]:
        apart = all(shared(corners[other], corners[member]) <= _OVERLAP for member in members)
        if apart and shared(corners[other], corners[number]) > _INSIDE:
            members.append(int(other))
    return len(members) > 1 and bool(areas[members].sum() > _COVERED * areas[number])


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
