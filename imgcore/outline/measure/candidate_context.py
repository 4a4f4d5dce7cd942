"""Measures of candidates against the others of the same picture.

A card's coloured header and its body each look like a document, and a likelier one than the card at times.
The candidate that holds both, the size of the other cards on the desk, and the part of a document that would
be left over tell them apart, which no measure of a single candidate does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.outline.overlap import area_fractions, common_areas
from imgcore.outline.propose.segmentation import DocumentMaps

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

NAMES = (
    "odds",
    "same",
    "around",
    "inside",
    "conflicting",
    "closely_around",
    "most_of",
    "alike",
    "alike_all",
    "as_wide",
    "as_long",
    "mass",
    "filled",
    "held",
    "elongation",
    "card",
    "area",
)
"""Measures of a candidate. Logarithms of odds: its own, and the best of others that are nearly the same,
around it, inside it, in conflict with it, around it and little larger, inside it and little smaller. How much
those apart from it have its size, at most and in all, its shorter side, its longer side. Documents within it
by the segmentation net; share of it that the candidates inside fill, and how many they are. Its elongation,
the distance of that from a card's, and its area."""

_BOUND = 6.0
"""Logarithm of the odds beyond which a candidate is certain, to either side of 0."""
_SAME = 0.8
"""Intersection over union above which two candidates are one."""
_HELD = 0.9
"""Share of a candidate's area within another, above which it is inside of that."""
_CLOSE = 0.5
"""Intersection over union above which a candidate inside of another is most of it."""
_CONFLICT = 0.3
"""Share of the smaller of two candidates in common above which they are in conflict."""
_APART = 0.2
"""Share of the smaller of two candidates in common below which they lie apart."""
_CHOSEN = 0.5
"""Share of the smaller one in common with a likelier candidate, above which a candidate is no neighbour of
others."""
_ALIKE = 0.03
"""Difference in the logarithms of one side at which two candidates are hardly as long or as wide."""
_ALIKE_BOTH = 0.035
"""Difference in the logarithms of both sides together at which two candidates are hardly of one size."""
_CARD = float(np.log(85.6 / 54.0))
"""Logarithm of the proportions of an ID-1 card, 85.6 by 54 mm."""


class _Overlaps(NamedTuple):
    """Relations ``(n, n)`` of candidates in rows to those in columns.

    Attributes
    ----------
    same, around, inside, conflicting, apart
        True where the one in the column is so to the one in the row.
    union
        Intersection over union.
    held
        Share of the row's area that the column's has in common with it.
    neighbours
        ``(1, n)``: True for those that are likelier than all that they have much in common with.
    """

    same: Mask
    around: Mask
    inside: Mask
    conflicting: Mask
    apart: Mask
    union: Floats
    held: Floats
    neighbours: Mask


def measure_context(corners: Floats, odds: Floats, shape: tuple[int, ...], net_maps: DocumentMaps) -> Floats:
    """Measure candidates ``(n, 4, 2)`` of a picture of `shape` against each other: ``(n, len(NAMES))``."""
    own = np.clip(odds, -_BOUND, _BOUND)
    related = _related(common_areas(corners), own)
    covered, mass = net_maps.coverage(corners)
    close = related.union > _CLOSE
    rivals = (
        related.same,
        related.around,
        related.inside,
        related.conflicting,
        related.around & close,
        related.inside & close,
    )
    chances = 1 / (1 + np.exp(-own))
    short, long = _sides(corners)
    within = related.inside & related.neighbours
    return np.column_stack(
        [
            own,
            *(np.where(rival, own, -_BOUND).max(axis=1, initial=-_BOUND) for rival in rivals),
            *_likeness(short, long, chances, related),
            np.log(covered @ mass + 0.05),
            (related.held * within).sum(axis=1),
            (chances * within).sum(axis=1),
            *(long - short, np.abs(long - short - _CARD)),
            np.log(area_fractions(corners, shape) + 1e-6),
        ]
    )


def _related(common: Floats, odds: Floats) -> _Overlaps:
    areas = np.maximum(np.diag(common), 1e-9)
    smaller = common / np.minimum(areas[:, None], areas)
    union = common / (areas[:, None] + areas - common)
    same = union > _SAME
    held = common / areas[:, None]
    around = (held > _HELD) & ~same
    inside = (held.T > _HELD) & ~same
    conflicting = (smaller > _CONFLICT) & ~around & ~inside & ~same
    likeliest = odds >= np.where(smaller > _CHOSEN, odds, -_BOUND).max(axis=1, initial=-_BOUND)
    np.fill_diagonal(same, False)
    return _Overlaps(same, around, inside, conflicting, smaller < _APART, union, held, likeliest[None])


def _sides(corners: Floats) -> tuple[Floats, Floats]:
    """Return logarithms of the shorter and the longer sides."""
    edges = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
    pairs = np.log(np.sort(edges[:, :2] + edges[:, 2:], axis=1) / 2 + 1)
    return pairs[:, 0], pairs[:, 1]


def _likeness(short: Floats, long: Floats, chances: Floats, related: _Overlaps) -> tuple[Floats, ...]:
    """Return how much those apart have the same size, at most and in all, and each of the sides."""
    wide, tall = ((np.abs(side[:, None] - side) / _ALIKE) ** 2 for side in (short, long))
    both = np.exp(-(wide + tall) * (_ALIKE / _ALIKE_BOTH) ** 2)
    each = related.apart * chances
    once = each * related.neighbours
    return (
        (both * each).max(axis=1, initial=0.0),
        *((like * once).sum(axis=1) for like in (both, np.exp(-wide), np.exp(-tall))),
    )
