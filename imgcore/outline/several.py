"""All documents in a picture: what a net draws, and frames of lines on it, judged together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.desk_net import draw_documents
from imgcore.outline.finder import MIN_SIDE, REACH, clockwise, find_outline
from imgcore.outline.frames import DESK_SIDE, search_frames
from imgcore.outline.judge import certainty_of_region
from imgcore.outline.net import document_odds
from imgcore.outline.overlap import Packing, likeness, shares
from imgcore.outline.refit import refit_all
from imgcore.outline.search import search_regions, view
from imgcore.types import Image, Outline

Floats = npt.NDArray[np.float64]

SURE = -1.0
"""Logarithm of the odds from which a candidate counts as a document. Measured on made desks: below even
odds, as of a document's many candidates none may be exact."""
_LIKELY = 4.6
"""Beyond doubt is enough: a picture on a card may look even more like a document than the card."""
_LARGER = 0.9
"""Weight of an area's logarithm against that of the odds: of two that overlap the larger one is rather
the document, the other a part of it."""
_OVERLAP = 0.3
"""Shared area, of the smaller one, from which two finds are in conflict."""
_SAME = 0.75
"""Common area over that of both from which two candidates are one document."""
_MEMBER, _INSIDE, _COVERED = 0.7, 0.6, 0.4
"""A group: each member takes at most so much of its area, lies inside by so much, together at least."""
_LIMIT = 60
_NOTHING, _CERTAIN = 0.3, 0.95
"""Where the net sees no document at all, and where a single one's score is this high, `find_outline`, which
takes half as long again, has nothing to add: measured on photographs of single pages."""
_PAGE = 0.6
"""Common area over that of both from which two finders mean the same page."""
ALONE = 0.5
"""A page over so much of the picture is the only one: what is found beside it is desk."""


def find_outlines(image: Image) -> tuple[Outline, ...]:
    """All documents in a picture, in reading order; empty where there is none.

    Parameters
    ----------
    image
        BGR or grey; documents may touch, overlap a little, and leave the picture. Some 55 ms, and
        35 more where one alone or none is found and the net leaves a doubt.
    """
    if min(image.shape[:2]) < MIN_SIDE:
        return ()
    seen = view(image, DESK_SIDE)
    sketch = draw_documents(seen.small, seen.factor)
    if sketch is None:
        candidates = search_regions(seen)
        odds = _odds(certainty_of_region(candidates.features))
    else:
        candidates = search_frames(seen, sketch)
        odds = document_odds(candidates.features)
    chosen = _settled(candidates.corners, odds, image.shape)
    if not chosen:
        if sketch is not None and sketch.document.max() < _NOTHING:
            return ()
        page = find_outline(image)
        return () if page is None else (page,)
    reach = REACH * max(1.0, max(image.shape[:2]) / DESK_SIDE)
    corners = refit_all(image, candidates.corners[chosen], candidates.cut[chosen], reach)
    scores = 1 / (1 + np.exp(SURE - odds[chosen]))
    outlines = [Outline(clockwise(quad), float(score)) for quad, score in zip(corners, scores, strict=True)]
    return reading_order(outlines) if len(outlines) != 1 else (_exact(image, outlines[0]),)


def _odds(chances: Floats) -> Floats:
    return np.asarray(np.log((chances + 1e-6) / (1 - chances + 1e-6)))


def _exact(image: Image, alone: Outline) -> Outline:
    """A single page as `find_outline` sees it, whose judgement of near-by sides is finer."""
    if alone.score >= _CERTAIN:
        return alone
    page = find_outline(image)
    if page is None or likeness(page.corners.astype(float), alone.corners.astype(float)) < _PAGE:
        return alone
    return Outline(page.corners, max(page.score, alone.score))


def _settled(corners: Floats, odds: Floats, shape: tuple[int, ...]) -> list[int]:
    """The likeliest documents, none overlapping another much; a page over most of the picture alone."""
    chosen = _distinct(corners, odds)
    packing = Packing(corners[chosen])
    odds, areas = odds[chosen], shares(corners[chosen], shape)
    claims = np.minimum(odds, _LIKELY) + _LARGER * np.log(areas + 1e-9)
    kept: list[int] = []
    for number in np.argsort(-claims, kind="stable").tolist():
        apart = all(packing.shared(number, other) <= _OVERLAP for other in kept)
        if apart and not _is_a_group(number, packing, odds, areas):
            kept.append(number)
    large = [number for number in kept if areas[number] >= ALONE]
    return [chosen[number] for number in large or kept]


def _distinct(corners: Floats, odds: Floats) -> list[int]:
    """The candidates that may be documents, likeliest first, each document once."""
    order = np.argsort(-odds, kind="stable")
    order = order[odds[order] >= SURE]
    packing = Packing(corners[order])
    chosen: list[int] = []
    for number in range(len(order)):
        if all(packing.likeness(number, other) < _SAME for other in chosen):
            chosen.append(number)
        if len(chosen) == _LIMIT:
            break
    return [int(order[number]) for number in chosen]


def _is_a_group(number: int, packing: Packing, odds: Floats, areas: Floats) -> bool:
    """Whether a find is several surer ones side by side, and the desk between them."""
    members: list[int] = []
    for other in np.flatnonzero((odds > odds[number]) & (areas < _MEMBER * areas[number])).tolist():
        apart = all(packing.shared(other, member) <= _OVERLAP for member in members)
        if apart and packing.shared(other, number) > _INSIDE:
            members.append(other)
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
