"""Selection of the set of candidates that explains a picture best: each document once, by one rectangle.

A picture's documents are a matter of all candidates together: a card's header and its body may each look
like a document, and so may the card. What decides is whether all that the net takes for documents is covered,
once, by few rectangles that are likely of their own. Of a document's many candidates none may be exact, for
each errs at another side: their mean, weighed by odds, is nearer to it than the likeliest of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.outline.judge.scores import CANDIDATE_LOG_ODDS
from imgcore.outline.overlap import PairwiseOverlap, area_fractions
from imgcore.outline.propose.segmentation import DocumentMaps

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_LIKELY = 4.6
"""Logarithm of the odds beyond which candidates count as equally likely: a picture on a card may look even
more like a document than the card."""
_LARGER = 0.9
"""Weight of an area's logarithm against that of the odds: of two candidates that overlap the larger one is
more likely the document, the other a part of it."""
_OVERLAP = 0.3
"""Overlap, as a share of the smaller one, from which two candidates are in conflict."""
_SAME = 0.88
"""Intersection over union from which two candidates are one document."""
_MEMBER = 0.7
"""Area of a candidate, as a share of that of a larger one, below which it may be a member of a group."""
_INSIDE = 0.6
"""Share of the smaller of two candidates in common, above which it lies inside of the other."""
_COVERED = 0.4
"""Share of a candidate's area that its members have together, above which it is a group of them and the desk
between."""
_LIMIT = 120
"""Number of distinct candidates that are chosen among, at most; the likeliest stay."""
ALONE = 0.5
"""Share of the picture from which a page is the only document: other detections are desk."""
_EACH = 2.0
"""Cost of one more document, in the logarithm of odds."""
_UNEXPLAINED = 2.0
"""Cost of a document that the net sees and no candidate covers, in the logarithm of odds."""
_SHARED = 8.0
"""Cost of two candidates that have all in common, in the logarithm of odds; it falls with the square of the
share."""
_MOVES = 12
"""Number of exchanges of candidates that are tried, at most."""


class Evidence(NamedTuple):
    """Weights of a choice among `n` candidates.

    Attributes
    ----------
    gains
        ``(n,)``: logarithms of odds, less the cost of one more document.
    shared
        ``(n, n)``: cost of two together; infinite for two that are one or in conflict.
    covered
        float32 ``(n, cells)``: 1 in cells that a candidate covers.
    mass
        float32 ``(cells,)``: expected number of documents of which a cell is a part.
    """

    gains: Floats
    shared: Floats
    covered: npt.NDArray[np.float32]
    mass: npt.NDArray[np.float32]


def select_documents(
    corners: Floats, odds: Floats, shape: tuple[int, ...], net_maps: DocumentMaps | None
) -> list[int]:
    """Select the candidates that explain the picture best; a page over most of it stays alone.

    Parameters
    ----------
    corners, odds
        Candidates ``(n, 4, 2)`` in pixels of a picture of `shape`, and logarithms of their odds.
    net_maps
        Without them overlaps alone decide.
    """
    distinct = without_duplicates(corners, odds, CANDIDATE_LOG_ODDS)
    if not distinct:
        return []
    overlaps = PairwiseOverlap(corners[distinct])
    likely = odds[distinct]
    areas = area_fractions(corners[distinct], shape)
    kept = without_overlaps(overlaps, likely, areas)
    if net_maps is not None:
        kept = exchanged(kept, evidence(corners[distinct], likely, overlaps, net_maps))
    large = [number for number in kept if areas[number] >= ALONE]
    return [distinct[number] for number in large or kept]


def evidence(corners: Floats, odds: Floats, overlaps: PairwiseOverlap, net_maps: DocumentMaps) -> Evidence:
    """Weigh candidates, likeliest first, against what the net takes for documents."""
    shared = np.where(overlaps.smaller > _INSIDE, np.inf, _SHARED * overlaps.smaller**2)
    np.fill_diagonal(shared, 0)
    covered, mass = net_maps.coverage(corners)
    return Evidence(np.minimum(odds, _LIKELY) - CANDIDATE_LOG_ODDS - _EACH, shared, covered, mass)


def exchanged(kept: list[int], given: Evidence) -> list[int]:
    """Improve a set by exchanges: one candidate comes, those in conflict with it or worth nothing leave."""
    best = kept
    value = _value(kept, given)
    for _ in range(_MOVES):
        proposals = [_with(best, number, given) for number in range(len(given.gains)) if number not in best]
        proposals += [[other for other in best if other != number] for number in best]
        values = [_value(proposal, given) for proposal in proposals]
        if not values or max(values) <= value + 1e-9:
            break
        value = max(values)
        best = proposals[values.index(value)]
    return best


def _with(kept: list[int], number: int, given: Evidence) -> list[int]:
    """Add a candidate; those that it contradicts leave."""
    return [other for other in kept if given.shared[number, other] <= _SHARED * _OVERLAP**2] + [number]


def _value(kept: list[int], given: Evidence) -> float:
    """Value of a set: the higher, the better it explains the picture."""
    pairs = float(given.shared[np.ix_(kept, kept)].sum()) / 2 if kept else 0.0
    bare = given.covered[kept].max(axis=0, initial=0) < 1
    return float(given.gains[kept].sum()) - pairs - _UNEXPLAINED * float(given.mass[bare].sum())


def without_overlaps(overlaps: PairwiseOverlap, odds: Floats, areas: Floats) -> list[int]:
    """Suppress candidates that overlap a likelier one."""
    priorities = np.minimum(odds, _LIKELY) + _LARGER * np.log(areas + 1e-9)
    kept: list[int] = []
    for number in np.argsort(-priorities, kind="stable").tolist():
        apart = all(overlaps.overlap_coefficient(number, other) <= _OVERLAP for other in kept)
        if apart and not _is_group(number, overlaps, odds, areas):
            kept.append(number)
    return kept


def without_duplicates(corners: Floats, odds: Floats, least: float) -> list[int]:
    """Non-maximum suppression: candidates whose odds are not below `least`, likeliest first, none twice."""
    order = np.argsort(-odds, kind="stable")
    order = order[odds[order] >= least]
    overlaps = PairwiseOverlap(corners[order])
    chosen: list[int] = []
    for number in range(len(order)):
        if all(overlaps.iou(number, other) < _SAME for other in chosen):
            chosen.append(number)
        if len(chosen) == _LIMIT:
            break
    return [int(order[number]) for number in chosen]


def _is_group(number: int, overlaps: PairwiseOverlap, odds: Floats, areas: Floats) -> bool:
    """Return whether a candidate is several likelier ones side by side, and the desk between them."""
    members: list[int] = []
    for other in np.flatnonzero((odds > odds[number]) & (areas < _MEMBER * areas[number])).tolist():
        apart = all(overlaps.overlap_coefficient(other, member) <= _OVERLAP for member in members)
        if apart and overlaps.overlap_coefficient(other, number) > _INSIDE:
            members.append(other)
    return len(members) > 1 and bool(areas[members].sum() > _COVERED * areas[number])


_UNLIKELY = 3.0
"""Logarithm of odds by which a candidate may be less likely than the selected one."""
_NEAR = 0.1
"""Mean distance of the corners, as a share of the size, up to which two candidates are of one document."""
_SHARPNESS = 2.0
"""Power of the odds by which candidates weigh."""


def consensus(corners: Floats, odds: Floats, chosen: Sequence[int]) -> Floats:
    """Return the corners ``(len(chosen), 4, 2)`` of selected candidates, averaged with those near to it."""
    return np.array([_mean(corners, odds, number) for number in chosen]).reshape(-1, 4, 2)


def _mean(corners: Floats, odds: Floats, number: int) -> Floats:
    own = corners[number]
    edges = np.roll(own, -1, axis=0) - own
    size = np.sqrt(np.linalg.norm(edges[0]) * np.linalg.norm(edges[1]))
    near = np.abs(corners.mean(axis=1) - own.mean(axis=0)).max(axis=1) < 2 * _NEAR * size
    near &= odds > odds[number] - _UNLIKELY
    aligned, distances = _aligned(corners[near], own)
    weights = np.where(distances < _NEAR * size, np.exp(_SHARPNESS * (odds[near] - odds[number])), 0.0)
    return np.asarray(np.tensordot(weights, aligned, 1) / weights.sum())


def _aligned(corners: Floats, own: Floats) -> tuple[Floats, Floats]:
    """Return corners in the order in which they are nearest to `own`, and their mean distances from it."""
    orders = np.array([np.roll(order, turn) for order in ((0, 1, 2, 3), (3, 2, 1, 0)) for turn in range(4)])
    ways = corners[:, orders]
    distances = np.linalg.norm(ways - own, axis=3).mean(axis=2)
    best = distances.argmin(axis=1)
    rows = np.arange(len(corners))
    return ways[rows, best], distances[rows, best]
