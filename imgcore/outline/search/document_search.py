"""Search for several documents: quadrilaterals of short lines on the net's boundaries, and the net's own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.kernels import edge_quads
from imgcore.outline.search.candidates import Candidates, ReducedPicture
from imgcore.outline.search.decoding import decode_quads
from imgcore.outline.search.document_maps import DocumentMaps
from imgcore.outline.search.feature_maps import FeatureMaps
from imgcore.outline.search.line_profiles import STEP, support_along
from imgcore.outline.search.lines import Lines
from imgcore.outline.search.local_lines import find_local_lines
from imgcore.outline.search.quads import Quads, elongation, intersections, taper, with_own_lines
from imgcore.outline.search.side_features import (
    dividing_line_support,
    measure_sides,
    side_spans,
    support_past_corners,
)
from imgcore.outline.search.snap import snap_to_lines

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

SEARCH_SIDE = 533
"""Long side in pixels of the searched picture. It is larger than in the search for one page: three source
pixels for one at 1600."""

_LINES = 120
"""Number of short lines that are combined to quadrilaterals."""
_SUPPORT = ((0.78, 0.38), (0.9, 0.6))
"""Mean support of three sides, and of the fourth, which another document may hide; the next pair if one lets
too many quadrilaterals through, as a grained desk does."""
_MOST = 10_000
"""Number of quadrilaterals at which a search ends, to be made again with sides that need more support."""
_SHORTEST = 18.0
"""Least length of a document's side, in pixels of the searched picture."""
_SMALLEST = 0.003
"""Least share of the picture that a document takes."""
_LONGEST = 7.0
"""Largest ratio of a document's longer sides to its shorter ones."""
_TAPER = 0.6
"""Least ratio of opposite sides of a document, the shorter over the longer."""
_OUTSIDE = 0.03
"""Share of the picture's longer side by which corners may lie outside."""
_BORDER_SUPPORT = 0.6
"""Support of a side on the picture's border, which is neither seen nor refuted."""
_CELL = 40.0
"""Side, in pixels of the searched picture, of the cells in which the centres of quadrilaterals are
counted."""
_EACH = 6
"""Number of quadrilaterals of like size that are kept for each cell that holds their centres: print and grain
make thousands, and must not crowd out the few of a document elsewhere."""
_OCTAVE = 0.7
"""Step in the logarithm of area between sizes that are not alike."""
_ALIKE = 8.0
"""Pixels of the searched picture below which two quadrilaterals' extents are one."""
_KEEP = 450
"""Number of quadrilaterals of lines that are measured, at most."""
_PAST = 12.0
"""Pixels past its ends up to which the support of a side is sampled."""


def search_documents(reduced: ReducedPicture, net_maps: DocumentMaps) -> Candidates:
    """Find candidates by lines, then by the net; the features of `DocumentMaps` come last in each row."""
    shape = reduced.small.shape[:2]
    maps = reduced.maps.weighted(net_maps.edge_weight(shape))
    lines = find_local_lines(maps, _LINES)
    totals = _totals(maps, lines)
    decoded = reduced.to_reduced(decode_quads(net_maps))
    decoded = np.concatenate([decoded, snap_to_lines(decoded, lines, totals)])
    shortest = np.linalg.norm(np.roll(decoded, -1, axis=1) - decoded, axis=2).min(axis=1, initial=np.inf)
    net_quads, sides = with_own_lines(decoded[shortest > _SHORTEST / 2], shape)
    sides = _shortened(sides, net_quads)
    found = []
    for quads, own, along in (
        (_line_quads(lines, totals, shape), lines, totals),
        (net_quads, sides, _totals(maps, sides)),
    ):
        features = measure_sides(quads, own, along, maps, dividing_line_support(quads, lines, totals))
        corners = reduced.to_picture(quads.corners)
        features = np.column_stack([features, net_maps.quad_features(corners)])
        found.append(Candidates(corners, features, own.border[quads.sides]))
    return Candidates.joined(*found)


def _totals(maps: FeatureMaps, lines: Lines) -> Floats:
    """Cumulative sums of the support along each line."""
    totals = support_along(maps, lines)
    totals[lines.border] = _BORDER_SUPPORT * np.arange(totals.shape[1])
    return totals


def _shortened(sides: Lines, quads: Quads) -> Lines:
    """Shorten lines to their side and a little past its ends, which takes a third of the time."""
    table = sides.table.copy()
    low, high = side_spans(quads, sides)
    inner = ~sides.border[quads.sides]
    own = quads.sides[inner]
    table[own, 3] = np.maximum(table[own, 3], low[inner] - _PAST)
    table[own, 4] = np.minimum(table[own, 4], high[inner] + _PAST)
    return Lines(table, sides.border)


def _line_quads(lines: Lines, totals: Floats, shape: tuple[int, ...]) -> Quads:
    sides, support = _with_support(lines, totals, shape)
    quads = Quads(intersections(lines)[np.roll(sides, 1, axis=1), sides], sides)
    likely = (
        (lines.border[sides].sum(axis=1) <= 2)
        & (quads.areas >= _SMALLEST * shape[0] * shape[1])
        & (elongation(quads) <= _LONGEST)
        & (taper(quads) >= _TAPER)
    )
    quads = quads[likely]
    support = support[likely]
    sizes = np.log(quads.areas / (shape[0] * shape[1]))
    beyond = support_past_corners(quads, lines, totals).mean(axis=1)
    score = support.mean(axis=1) + 0.5 * support.min(axis=1) - 0.3 * beyond + 0.02 * sizes
    quads = quads[np.argsort(-score, kind="stable")]
    return quads[_diverse(quads, shape)]


def _with_support(lines: Lines, totals: Floats, shape: tuple[int, ...]) -> tuple[Numbers, Floats]:
    for strong, faint in _SUPPORT:
        limits = np.array([STEP, strong, faint, _SHORTEST, _OUTSIDE * max(shape), _MOST])
        sides, support = edge_quads(lines.table, totals, limits)
        if len(sides) < _MOST:
            break
    return sides, support


def _diverse(quads: Quads, shape: tuple[int, ...]) -> Numbers:
    """Select from quadrilaterals, best first: none twice, and some of each size everywhere."""
    extent = np.concatenate([quads.corners.min(axis=1), quads.corners.max(axis=1)], axis=1)
    distinct = np.sort(np.unique(_packed(extent / _ALIKE), return_index=True)[1])
    middles = np.floor(quads.corners[distinct].mean(axis=1) / _CELL)
    sizes = np.floor(np.log(quads.areas[distinct] / (shape[0] * shape[1])) / _OCTAVE)
    place = _place(_packed(np.column_stack([middles, sizes])))
    best = np.argsort(place, kind="stable")[:_KEEP]
    return distinct[best[place[best] < _EACH]]


def _packed(rows: Floats) -> Numbers:
    """Pack each row of up to four small numbers into one."""
    packed = np.zeros(len(rows), np.int64)
    for column in rows.T:
        packed = (packed << 12) + np.rint(column).astype(np.int64) + 2048
    return packed


def _place(number: Numbers) -> Numbers:
    """Count the equal elements before each one."""
    order = np.argsort(number, kind="stable")
    begins = np.searchsorted(number[order], number[order])
    place = np.empty(len(number), np.int64)
    place[order] = np.arange(len(number)) - begins
    return place
