"""Snapping of the net's quadrilaterals to straight edges in the picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.search.line_profiles import STEP
from imgcore.outline.search.lines import Lines
from imgcore.outline.search.quads import areas

Floats = npt.NDArray[np.float64]

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

    Points count from the picture's centre. On overlapping documents one time in ten they are right
    where the net's own are not and the search by lines misses a side that is hidden.

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
