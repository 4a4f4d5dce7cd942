"""All documents in a picture: looked for as a whole and in overlapping parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.finder import MIN_SIDE, REACH, SURE, clockwise
from imgcore.outline.judge import certainty, rank
from imgcore.outline.refit import refit
from imgcore.outline.search import SIDE, Candidates, search
from imgcore.types import Image, Outline

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_PARTS = ((1, 1.0), (2, 0.62), (3, 0.45))
"""Parts a row and column, and the share of the picture each one spans. A document is found
in the part it fills best; the smallest ones found fill some 5 % of a part of 45 %."""
_SAME, _OVERLAP = 0.6, 0.15
"""Shared area, of the smaller one, from which two finds are one document or in conflict."""
_LIMIT = 64
ALONE = 0.5
"""A page over so much of the picture is the only one: what is found beside it is desk."""


@dataclass(frozen=True, slots=True, eq=False)
class _Find:
    """One document as one part shows it, in pixels of the whole picture."""

    corners: Floats
    cut: Mask
    score: float
    reach: float


def find_outlines(image: Image) -> tuple[Outline, ...]:
    """All documents in a picture, in reading order; empty where there is none.

    Parameters
    ----------
    image
        BGR or grey; the documents may touch its border but not overlap each other. Some
        30 ms for a page that fills half of the picture, else 300, as 14 parts are searched.
    """
    if min(image.shape[:2]) < MIN_SIDE:
        return ()
    outlines = [
        Outline(clockwise(refit(image, find.corners, find.cut, find.reach)), find.score)
        for find in _settled(_finds(image))
    ]
    return reading_order(outlines)


def _finds(image: Image) -> list[_Find]:
    """What all parts show, the best of the whole picture first."""
    parts = _parts(image)
    finds = _documents(image, next(parts))
    rows, cols = image.shape[:2]
    if finds and _area(finds[0]) >= ALONE * rows * cols:
        return finds[:1]
    return finds + [find for part in parts for find in _documents(image, part)]


def reading_order(outlines: list[Outline]) -> tuple[Outline, ...]:
    """Rows from the top, left to right in each; a row is what overlaps its first by half."""
    waiting = sorted(outlines, key=lambda outline: float(outline.corners[:, 1].mean()))
    ordered: list[Outline] = []
    while waiting:
        first = waiting[0].corners[:, 1]
        row = [outline for outline in waiting if first.min() <= outline.corners[:, 1].mean() <= first.max()]
        ordered += sorted(row, key=lambda outline: float(outline.corners[:, 0].mean()))
        waiting = [outline for outline in waiting if not any(outline is other for other in row)]
    return tuple(ordered)


def _parts(image: Image) -> Iterator[tuple[slice, slice]]:
    rows, cols = image.shape[:2]
    for count, share in _PARTS:
        height, width = max(MIN_SIDE, int(rows * share)), max(MIN_SIDE, int(cols * share))
        for top in np.linspace(0, rows - height, count).astype(int):
            for left in np.linspace(0, cols - width, count).astype(int):
                yield slice(int(top), int(top) + height), slice(int(left), int(left) + width)


def _documents(image: Image, part: tuple[slice, slice]) -> list[_Find]:
    """The documents of one part, none overlapping another."""
    view = np.ascontiguousarray(image[part])
    candidates = _whole(search(view), image, part)
    scores = certainty(candidates.features)
    order = np.argsort(-rank(candidates.features), kind="stable")
    order = order[scores[order] >= SURE]
    offset = np.array([part[1].start, part[0].start])
    reach = REACH * max(1.0, max(view.shape[:2]) / SIDE)
    found: list[_Find] = []
    for number in order[:_LIMIT]:
        find = _Find(
            candidates.corners[number] + offset, candidates.cut[number], float(scores[number]), reach
        )
        if not any(_shared(find, other) > _OVERLAP for other in found):
            found.append(find)
    return found


def _whole(candidates: Candidates, image: Image, part: tuple[slice, slice]) -> Candidates:
    """Without those that the part's border cuts where the picture goes on."""
    rows, cols = image.shape[:2]
    # The order of the border lines: top, right, bottom, left.
    inner = np.array([part[0].start > 0, part[1].stop < cols, part[0].stop < rows, part[1].start > 0])
    keep = ~(candidates.borders & inner).any(axis=1)
    return candidates[keep]


def _settled(finds: list[_Find]) -> list[_Find]:
    """The surest of each document's finds; a sure larger one wins over parts of it."""
    # What looks most like a page in the whole picture comes first: a part of it, seen alone, may look
    # even more like one.
    kept = finds[:1]
    for find in sorted(finds[1:], key=lambda find: -find.score):
        if not any(_shared(find, other) > _OVERLAP for other in kept):
            kept.append(find)
    return kept


def _area(find: _Find) -> float:
    return float(cv2.contourArea(cv2.convexHull(find.corners.astype(np.float32))))


def _shared(one: _Find, other: _Find) -> float:
    """Area in common over the area of the smaller one."""
    hulls = [cv2.convexHull(find.corners.astype(np.float32)) for find in (one, other)]
    common = cv2.intersectConvexConvex(hulls[0], hulls[1])[0]
    return float(common / max(1e-9, min(cv2.contourArea(hull) for hull in hulls)))
