"""Quadrilaterals of four lines, and quadrilaterals that are snapped to lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.outline.propose.lines import STEP, Lines, with_border

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_PARALLEL = 28.0
"""Largest angle in degrees between opposite sides."""
_CROSSING = 55.0
"""Least angle in degrees between neighbouring sides."""
_APART = 0.12
"""Least distance between opposite sides, as a share of the picture's shorter side."""
_OUTSIDE = 0.08
"""Share of the picture's longer side by which corners may lie outside."""
_SMALLEST = 0.05
"""Least share of the picture that a page takes."""
_LONGEST = 5.0
"""Largest ratio of a page's longer sides to its shorter ones."""
_TAPER = 0.45
"""Least ratio of opposite sides of a page, the shorter over the longer."""
_MOST_BORDERS = 2
"""Largest number of sides on the picture's border."""
_OBLIQUE_TAPER = 0.15
"""Least ratio of opposite sides of a sheet that leaves the picture aslant: the picture's border is no side of
it."""
_SHORTEST = 1.0
"""Length in pixels below which a side has no direction."""
_ON_BORDER = 3.0
"""Pixels from the picture's border within which a region was cut by it."""


@dataclass(frozen=True, slots=True, eq=False)
class Quads:
    """Quadrilaterals; side ``k`` runs from corner ``k`` to corner ``k + 1``.

    Attributes
    ----------
    corners
        float64 ``(q, 4, 2)``, from the picture's centre.
    sides
        int64 ``(q, 4)``: number of the line of each side.
    """

    corners: Floats
    sides: Numbers

    def __getitem__(self, chosen: Numbers | Mask) -> Quads:
        return Quads(self.corners[chosen], self.sides[chosen])

    def __len__(self) -> int:
        return len(self.corners)

    @property
    def edges(self) -> Floats:
        """Vectors ``(q, 4, 2)`` from each corner to the next."""
        return np.roll(self.corners, -1, axis=1) - self.corners

    @property
    def areas(self) -> Floats:
        return areas(self.corners)


def enumerate_quads(lines: Lines, shape: tuple[int, ...]) -> Quads:
    """Combine lines to all quadrilaterals of two roughly parallel pairs that could be a page.

    Parameters
    ----------
    shape
        Rows and columns of the picture the lines were found in.
    """
    pairs = _parallel_pairs(lines, _APART * min(shape))
    first, second = _crossing_pairs(lines, pairs)
    crossing = np.concatenate([np.column_stack([pairs[first], pairs[second]]), _leaving_aslant(lines, pairs)])
    i, j, k, m = crossing.T
    meet = intersections(lines)
    corners = np.stack([meet[i, k], meet[k, j], meet[j, m], meet[m, i]], axis=1)
    quads = Quads(corners, np.stack([k, j, m, i], axis=1))
    quads = quads[_near_picture(quads, shape)]
    return quads[_page_like(quads, lines, shape)]


def with_own_lines(corners: Floats, shape: tuple[int, ...]) -> tuple[Quads, Lines]:
    """Give each side of quadrilaterals a line of its own; sides on the picture's border share its lines.

    Those with more than two sides on the border, or with next to no side, are left out.

    Parameters
    ----------
    corners
        ``(q, 4, 2)``, from the picture's centre.
    """
    half = np.array([shape[1], shape[0]]) / 2
    near = np.abs(np.abs(corners) - half) < _ON_BORDER
    corners = np.where(near, np.sign(corners) * half, corners)
    edges = np.roll(corners, -1, axis=1) - corners
    # Two corners near one of the picture's come to lie on it.
    whole = np.linalg.norm(edges, axis=2).min(axis=1) >= _SHORTEST
    corners = corners[whole]
    edges = edges[whole]
    near = near[whole]
    normals = np.stack([-edges[:, :, 1], edges[:, :, 0]], axis=2)
    normals = normals / np.maximum(np.linalg.norm(edges, axis=2), 1e-9)[:, :, None]
    lines = with_border(np.concatenate([normals, (normals * corners).sum(axis=2)[:, :, None]], axis=2), shape)
    own = np.arange(4 * len(corners)).reshape(-1, 4)
    on_border = np.where(near & np.roll(near, -1, axis=1), np.sign(corners + np.roll(corners, -1, axis=1)), 0)
    quads = Quads(corners, _bordered(own, on_border))
    return quads[lines.border[quads.sides].sum(axis=1) <= _MOST_BORDERS], lines


def _bordered(own: Numbers, on_border: Floats) -> Numbers:
    """Line numbers of all sides, the last four being top, right, bottom and left border."""
    top = 4 * len(own)
    sides = own
    for axis, sign, border in ((1, -1, 0), (0, 1, 1), (1, 1, 2), (0, -1, 3)):
        sides = np.where(on_border[:, :, axis] == sign, top + border, sides)
    return sides


def _parallel_pairs(lines: Lines, apart: float) -> Numbers:
    """Pairs ``(p, 2)`` of roughly parallel lines that lie apart."""
    first, second = np.triu_indices(len(lines.table), 1)
    angles = _angles(lines)
    between = np.abs(_wrapped(angles[first] - angles[second]))
    middles = lines.ends.mean(axis=1)
    distance = np.abs((middles[first] * lines.normals[second]).sum(axis=1) - lines.distances[second])
    opposite = (between <= _PARALLEL) & (distance >= apart)
    return np.column_stack([first[opposite], second[opposite]])


def _crossing_pairs(lines: Lines, pairs: Numbers) -> tuple[Numbers, Numbers]:
    mean = _mean_angles(lines, pairs)
    first, second = np.triu_indices(len(pairs), 1)
    across = np.abs(_wrapped(mean[first] - mean[second])) >= _CROSSING
    return first[across], second[across]


def _leaving_aslant(lines: Lines, pairs: Numbers) -> Numbers:
    """Lines ``(q, 4)`` of two parallel sides, one across them, and a border that cuts them aslant."""
    pairs = pairs[~lines.border[pairs].any(axis=1)]
    own = np.flatnonzero(~lines.border)
    borders = np.flatnonzero(lines.border)
    angles = _angles(lines)
    off = np.abs(_wrapped(angles[own] - _mean_angles(lines, pairs)[:, None]))
    pair, across = np.nonzero(off >= _CROSSING)
    aslant = np.abs(_wrapped(angles[own[across]][:, None] - angles[borders])) > _PARALLEL
    number, border = np.nonzero(aslant)
    return np.column_stack([pairs[pair[number]], own[across[number]], borders[border]])


def _angles(lines: Lines) -> Floats:
    return np.degrees(np.arctan2(lines.normals[:, 1], lines.normals[:, 0]))


def _mean_angles(lines: Lines, pairs: Numbers) -> Floats:
    doubled = 2 * np.arctan2(lines.normals[:, 1], lines.normals[:, 0])[pairs]
    return np.asarray(np.degrees(np.arctan2(np.sin(doubled).sum(axis=1), np.cos(doubled).sum(axis=1))) / 2)


def _wrapped(degrees: Floats) -> Floats:
    return (degrees + 90) % 180 - 90


def intersections(lines: Lines) -> Floats:
    """Points ``(n, n, 2)`` in which lines meet; parallel ones meet far away."""
    x, y = lines.normals.T
    cross = np.outer(x, y) - np.outer(y, x)
    cross = np.where(np.abs(cross) < 1e-6, 1e-6, cross)
    across = np.outer(lines.distances, y) - np.outer(y, lines.distances)
    down = np.outer(x, lines.distances) - np.outer(lines.distances, x)
    return np.asarray(np.stack([across, down], axis=2) / cross[:, :, None])


def _near_picture(quads: Quads, shape: tuple[int, ...]) -> Mask:
    limit = np.array([shape[1], shape[0]]) / 2 + _OUTSIDE * max(shape)
    return np.asarray((np.abs(quads.corners) <= limit).all(axis=(1, 2)))


def _page_like(quads: Quads, lines: Lines, shape: tuple[int, ...]) -> Mask:
    edges = quads.edges
    following = np.roll(edges, -1, axis=1)
    turns = edges[:, :, 0] * following[:, :, 1] - edges[:, :, 1] * following[:, :, 0]
    convex = (turns > 0).all(axis=1) | (turns < 0).all(axis=1)
    large = quads.areas >= _SMALLEST * shape[0] * shape[1]
    few_borders = lines.border[quads.sides].sum(axis=1) <= _MOST_BORDERS
    least = np.where(is_aslant(quads.corners, lines.border[quads.sides]), _OBLIQUE_TAPER, _TAPER)
    shapely = (elongation(quads) <= _LONGEST) & (taper(quads) >= least)
    return np.asarray(convex & large & few_borders & shapely)


def is_aslant(corners: Floats, border: Mask) -> Mask:
    """Mask ``(...)`` of quadrilaterals ``(..., 4, 2)`` whose one side on the picture's border is aslant."""
    edges = np.roll(corners, -1, axis=-2) - corners
    angles = np.degrees(np.arctan2(edges[..., 1], edges[..., 0]))
    between = np.abs(_wrapped(angles - np.roll(angles, 2, axis=-1)))
    return np.asarray((border.sum(axis=-1) == 1) & ((between > _PARALLEL) & border).any(axis=-1))


def areas(corners: Floats) -> Floats:
    """Areas ``(q,)`` of quadrilaterals ``(q, 4, 2)``."""
    x = corners[:, :, 0]
    y = corners[:, :, 1]
    return np.asarray(0.5 * np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)))


def elongation(quads: Quads) -> Floats:
    """Ratio of the mean lengths of opposite sides, longer over shorter."""
    lengths = np.linalg.norm(quads.edges, axis=2)
    one = lengths[:, 0] + lengths[:, 2]
    other = lengths[:, 1] + lengths[:, 3]
    return np.asarray(np.maximum(one, other) / np.maximum(np.minimum(one, other), 1e-9))


def taper(quads: Quads) -> Floats:
    """The smaller ratio of opposite sides' lengths; 1 for a parallelogram."""
    lengths = np.linalg.norm(quads.edges, axis=2)
    opposite = np.roll(lengths, 2, axis=1)
    return np.asarray(
        (np.minimum(lengths, opposite) / np.maximum(np.maximum(lengths, opposite), 1e-9)).min(axis=1)
    )


_AWAY = 0.16
"""Largest offset of a line from a side, as a share of the document's size."""
_TURN = 0.2
"""Largest turn of a line against a side, in radians."""
_OFF_COSTS = 0.8
"""Cost of a line's offset, in support for an offset of the document's size."""
_TURN_COSTS = 0.5
"""Cost of a line's turn, in support for a radian."""
_FAINTEST = 0.15
"""Least support of a line that is taken, less what its offset and turn cost: a side that another document
hides stays."""
_FARTHEST = 0.6
"""Largest shift of a corner, as a share of the document's size."""


def snap_to_lines(quads: Floats, lines: Lines, totals: Floats) -> Floats:
    """Snap quadrilaterals ``(m, 4, 2)`` to lines; returns those ``(n, 4, 2)`` that changed.

    Points count from the picture's centre. One in ten overlapping documents is right only so: the net's own
    quadrilateral is not, and the search by lines misses a side that is hidden.

    Parameters
    ----------
    lines, totals
        Lines in the picture, and cumulative sums of the support along them.
    """
    inner = ~lines.border
    table = lines.table[inner]
    totals = totals[inner]
    if not len(quads) or not len(table):
        return np.empty((0, 4, 2))
    sizes = np.sqrt(areas(quads))
    score = _scores(quads, sizes, table, totals)
    best = score.argmax(axis=2)
    taken = np.take_along_axis(score, best[:, :, None], axis=2) > _FAINTEST
    edges = np.roll(quads, -1, axis=1) - quads
    own = np.stack([-edges[:, :, 1], edges[:, :, 0]], axis=2)
    own /= np.linalg.norm(edges, axis=2)[:, :, None]
    own = np.concatenate([own, (own * quads).sum(axis=2)[:, :, None]], axis=2)
    corners = _crossings(np.where(taken, table[best, :3], own))
    near = np.abs(corners - quads).max(axis=(1, 2)) < _FARTHEST * sizes
    return np.asarray(corners[near & taken.any(axis=(1, 2))])


def _scores(quads: Floats, sizes: Floats, table: Floats, totals: Floats) -> Floats:
    """Score ``(m, 4, lines)`` of each line for each side: its support there, less the cost of its offset."""
    ends = np.roll(quads, -1, axis=1)
    normals = table[:, :2].T
    directions = np.column_stack([-table[:, 1], table[:, 0]]).T
    begin_off = quads @ normals - table[:, 2]
    end_off = ends @ normals - table[:, 2]
    off = np.abs(begin_off + end_off) / (2 * sizes[:, None, None])
    turn = np.abs(begin_off - end_off) / np.linalg.norm(ends - quads, axis=2)[:, :, None]
    one = quads @ directions
    other = ends @ directions
    low = np.minimum(one, other)
    high = np.maximum(one, other)
    counts = np.maximum(np.floor((table[:, 4] - table[:, 3]) / STEP), 0)
    first, last = (
        np.clip(np.rint((at - table[:, 3]) / STEP), 0, counts).astype(np.int64) for at in (low, high)
    )
    number = np.arange(len(table))
    support = (totals[number, last] - totals[number, first]) / np.maximum((high - low) / STEP, 1)
    score = support - _OFF_COSTS * off - _TURN_COSTS * turn
    return np.where((off < _AWAY) & (turn < _TURN), score, -1.0)


def _crossings(lines: Floats) -> Floats:
    """Corners ``(m, 4, 2)``: intersection of each of four lines ``(m, 4, 3)`` with the one before."""
    (x, y, away), (x0, y0, before) = (np.moveaxis(each, 2, 0) for each in (lines, np.roll(lines, 1, axis=1)))
    cross = x0 * y - y0 * x
    cross = np.where(np.abs(cross) < 1e-6, 1e-6, cross)
    return np.stack([(before * y - away * y0) / cross, (x0 * away - x * before) / cross], axis=2)
