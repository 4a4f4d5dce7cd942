"""Documents of one size, cards in rows for instance, seen together.

Each hides the desk of the next: the net joins those that nearly touch, and the check of whole pages takes
the neighbours of one for print, or for paper that goes on beyond it. Regions of one size that lie apart are
judged as a set, all of them covered; the more there are, the less of each has to be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from imgcore.outline.finder import REACH, Detection, clockwise
from imgcore.outline.overlap import PairwiseOverlap, iou, overlap_coefficient
from imgcore.outline.refinement import refine_quads
from imgcore.outline.search.candidates import SIDE, ReducedPicture
from imgcore.outline.whole_page import documents_odds
from imgcore.types import Image, Outline

Floats = npt.NDArray[np.float64]

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
_EACH = 0.25
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


def find_of_one_size(
    image: Image, reduced: ReducedPicture, regions: Sequence[Detection], found: Sequence[Outline]
) -> list[Outline] | None:
    """Find documents of one size, and return them with what was found apart from them.

    Parameters
    ----------
    image
        BGR or grey.
    reduced, regions
        `image`, reduced for the search for regions, and what that found.
    found
        Outlines that were found otherwise.

    Returns
    -------
    list of Outline or None
        None where no set of regions is certain.
    """
    if len(regions) < _FEWEST:
        return None
    others = [outline.corners.astype(np.float64) for outline in found]
    best: list[Outline] | None = None
    most = _LEAST
    for chosen in _sets(regions):
        corners = _refined(image, chosen)
        if _are_parts(corners, others):
            continue
        apart = [
            outline
            for outline, quad in zip(found, others, strict=True)
            if all(overlap_coefficient(quad, own) < _TOUCHED for own in corners)
        ]
        covered = [*corners, *(outline.corners.astype(np.float64) for outline in apart)]
        odds = documents_odds(reduced.small, [reduced.to_small(quad) for quad in covered])[: len(corners)]
        value = float(odds.mean()) + _EACH * len(odds)
        if value >= most and np.count_nonzero(odds >= _LOWEST) >= _FEWEST:
            most = value
            best = [*apart, *_outlines(corners[odds >= _LOWEST], odds[odds >= _LOWEST], found)]
    return best


def _sets(regions: Sequence[Detection]) -> Iterator[list[Detection]]:
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


def _refined(image: Image, regions: Sequence[Detection]) -> Floats:
    corners = np.array([region.corners for region in regions])
    fixed = np.array([region.on_border for region in regions], np.bool_)
    return refine_quads(image, corners, fixed, REACH * max(1.0, max(image.shape[:2]) / SIDE))


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
