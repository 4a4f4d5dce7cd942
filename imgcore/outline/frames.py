"""Quadrilaterals of short lines on what the net drew as rims, however many there are, and the net's own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.kernels import edge_frames
from imgcore.outline.evidence import Evidence
from imgcore.outline.lines import Lines
from imgcore.outline.pieces import find_pieces
from imgcore.outline.quads import Quads, elongation, intersections, lay_lines, taper
from imgcore.outline.search import Candidates, View
from imgcore.outline.sides import beyond_corners, describe, divided, ends
from imgcore.outline.sketch import Sketch
from imgcore.outline.snap import snapped
from imgcore.outline.tiles import find_local_lines
from imgcore.outline.walks import STEP, support_along

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

DESK_SIDE = 533
"""As `imgcore.outline.search.SIDE`, for small documents: three source pixels for one at 1600."""

_LINES = 120
_SUPPORT = ((0.78, 0.38), (0.9, 0.6))
"""Mean support of three sides, and of the fourth, which another document may hide; the next pair where
one lets more than `_MOST` frames through, as a grained desk does."""
_MOST = 10_000
_SHORTEST = 18.0
_SMALLEST, _LONGEST, _TAPER = 0.003, 7.0, 0.6
_OUTSIDE = 0.03
"""Corners may lie outside by this share of the longer side."""
_BORDER_SUPPORT = 0.6
_CELL, _EACH = 40.0, 6
"""Of the frames of like size whose middles share a cell of so many pixels, so many are kept: print and
grain make thousands of frames, and must not crowd out the few of a document elsewhere."""
_OCTAVE = 0.7
"""Step in the logarithm of area between sizes that are not alike."""
_ALIKE = 8.0
"""Pixels: frames whose extents are nearer than this are one."""
_KEEP = 450
_PAST = 12.0
"""Pixels past its ends of which a side may be asked."""


def search_frames(seen: View, sketch: Sketch) -> Candidates:
    """Candidates by their sides, then those the net tells of; features are followed by the sketch's."""
    shape = seen.small.shape[:2]
    evidence = seen.evidence.gated(sketch.gate(shape))
    lines = find_local_lines(evidence, _LINES)
    totals = _totals(evidence, lines)
    drawn = seen.inwards(find_pieces(sketch))
    drawn = np.concatenate([drawn, snapped(drawn, lines, totals)])
    shortest = np.linalg.norm(np.roll(drawn, -1, axis=1) - drawn, axis=2).min(axis=1, initial=np.inf)
    pieces, sides = lay_lines(drawn[shortest > _SHORTEST / 2], shape)
    sides = _shortened(sides, pieces)
    found = []
    for quads, own, along in (
        (_frames(lines, totals, shape), lines, totals),
        (pieces, sides, _totals(evidence, sides)),
    ):
        features = describe(quads, own, along, evidence, divided(quads, lines, totals))
        corners = seen.outwards(quads.corners)
        features = np.column_stack([features, sketch.measure(corners)])
        found.append(Candidates(corners, features, own.border[quads.sides]))
    return Candidates.joined(*found)


def _totals(evidence: Evidence, lines: Lines) -> Floats:
    """Running totals of the support along each line."""
    totals = support_along(evidence, lines)
    totals[lines.border] = _BORDER_SUPPORT * np.arange(totals.shape[1])
    return totals


def _shortened(sides: Lines, quads: Quads) -> Lines:
    """The lines of quadrilaterals no longer than a side and what lies just past it: a third of the time."""
    table = sides.table.copy()
    low, high = ends(quads, sides)
    inner = ~sides.border[quads.sides]
    own = quads.sides[inner]
    table[own, 3] = np.maximum(table[own, 3], low[inner] - _PAST)
    table[own, 4] = np.minimum(table[own, 4], high[inner] + _PAST)
    return Lines(table, sides.border)


def _frames(lines: Lines, totals: Floats, shape: tuple[int, ...]) -> Quads:
    sides, support = _supported(lines, totals, shape)
    quads = Quads(intersections(lines)[np.roll(sides, 1, axis=1), sides], sides)
    likely = (
        (lines.border[sides].sum(axis=1) <= 2)
        & (quads.areas >= _SMALLEST * shape[0] * shape[1])
        & (elongation(quads) <= _LONGEST)
        & (taper(quads) >= _TAPER)
    )
    quads, support = quads[likely], support[likely]
    sizes = np.log(quads.areas / (shape[0] * shape[1]))
    beyond = beyond_corners(quads, lines, totals).mean(axis=1)
    promise = support.mean(axis=1) + 0.5 * support.min(axis=1) - 0.3 * beyond + 0.02 * sizes
    quads = quads[np.argsort(-promise, kind="stable")]
    return quads[_varied(quads, shape)]


def _supported(lines: Lines, totals: Floats, shape: tuple[int, ...]) -> tuple[Numbers, Floats]:
    for strong, faint in _SUPPORT:
        limits = np.array([STEP, strong, faint, _SHORTEST, _OUTSIDE * max(shape), _MOST])
        sides, support = edge_frames(lines.table, totals, limits)
        if len(sides) < _MOST:
            break
    return sides, support


def _varied(quads: Quads, shape: tuple[int, ...]) -> Numbers:
    """Of frames, best first, those to keep: none twice, and some of each size everywhere."""
    extent = np.concatenate([quads.corners.min(axis=1), quads.corners.max(axis=1)], axis=1)
    distinct = np.sort(np.unique(_packed(extent / _ALIKE), return_index=True)[1])
    middles = np.floor(quads.corners[distinct].mean(axis=1) / _CELL)
    sizes = np.floor(np.log(quads.areas[distinct] / (shape[0] * shape[1])) / _OCTAVE)
    place = _place(_packed(np.column_stack([middles, sizes])))
    best = np.argsort(place, kind="stable")[:_KEEP]
    return distinct[best[place[best] < _EACH]]


def _packed(rows: Floats) -> Numbers:
    """One number for each row of up to four small ones."""
    packed = np.zeros(len(rows), np.int64)
    for column in rows.T:
        packed = (packed << 12) + np.rint(column).astype(np.int64) + 2048
    return packed


def _place(number: Numbers) -> Numbers:
    """How many before each one are equal to it."""
    order = np.argsort(number, kind="stable")
    begins = np.searchsorted(number[order], number[order])
    place = np.empty(len(number), np.int64)
    place[order] = np.arange(len(number)) - begins
    return place
