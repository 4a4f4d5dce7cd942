"""Quadrilaterals that a net drew, each side laid onto the straight edge in the picture that it may mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.lines import Lines
from imgcore.outline.quads import areas
from imgcore.outline.walks import STEP

Floats = npt.NDArray[np.float64]

_AWAY, _TURN = 0.16, 0.2
"""A line may lie off a side by this share of the document's size, and turn from it by so many radians."""
_OFF_COSTS, _TURN_COSTS = 0.8, 0.5
"""Of a line's support, by how far off it lies and by how much it turns."""
_FAINTEST = 0.15
"""Support, less that, from which a line is taken: a side that another document hides stays as drawn."""
_FARTHEST = 0.6
"""A corner moves by this share of the document's size at most."""


def snapped(drawn: Floats, lines: Lines, totals: Floats) -> Floats:
    """The quadrilaterals ``(n, 4, 2)`` that differ from those drawn ``(m, 4, 2)``, from the picture's centre.

    On overlapping documents they are right where the net's own are not one time in ten, and where
    `imgcore.outline.frames` misses a side that is hidden.

    Parameters
    ----------
    lines, totals
        Lines in the picture, and running totals of the support along them.
    """
    inner = ~lines.border
    table, totals = lines.table[inner], totals[inner]
    if not len(drawn) or not len(table):
        return np.empty((0, 4, 2))
    sizes = np.sqrt(areas(drawn))
    worth = _worth(drawn, sizes, table, totals)
    best = worth.argmax(axis=2)
    taken = np.take_along_axis(worth, best[:, :, None], axis=2) > _FAINTEST
    edges = np.roll(drawn, -1, axis=1) - drawn
    own = np.stack([-edges[:, :, 1], edges[:, :, 0]], axis=2)
    own /= np.linalg.norm(edges, axis=2)[:, :, None]
    own = np.concatenate([own, (own * drawn).sum(axis=2)[:, :, None]], axis=2)
    corners = _crossings(np.where(taken, table[best, :3], own))
    near = np.abs(corners - drawn).max(axis=(1, 2)) < _FARTHEST * sizes
    return np.asarray(corners[near & taken.any(axis=(1, 2))])


def _worth(drawn: Floats, sizes: Floats, table: Floats, totals: Floats) -> Floats:
    """``(m, 4, lines)``: support of each line where each side is, less what parts them."""
    ends = np.roll(drawn, -1, axis=1)
    normals, directions = table[:, :2].T, np.column_stack([-table[:, 1], table[:, 0]]).T
    begin_off, end_off = drawn @ normals - table[:, 2], ends @ normals - table[:, 2]
    off = np.abs(begin_off + end_off) / (2 * sizes[:, None, None])
    turn = np.abs(begin_off - end_off) / np.linalg.norm(ends - drawn, axis=2)[:, :, None]
    one, other = drawn @ directions, ends @ directions
    low, high = np.minimum(one, other), np.maximum(one, other)
    counts = np.maximum(np.floor((table[:, 4] - table[:, 3]) / STEP), 0)
    first, last = (
        np.clip(np.rint((at - table[:, 3]) / STEP), 0, counts).astype(np.int64) for at in (low, high)
    )
    number = np.arange(len(table))
    support = (totals[number, last] - totals[number, first]) / np.maximum((high - low) / STEP, 1)
    worth = support - _OFF_COSTS * off - _TURN_COSTS * turn
    return np.where((off < _AWAY) & (turn < _TURN), worth, -1.0)


def _crossings(lines: Floats) -> Floats:
    """Corners ``(m, 4, 2)`` where each of four lines ``(m, 4, 3)`` crosses the one before."""
    (x, y, away), (x0, y0, before) = (np.moveaxis(each, 2, 0) for each in (lines, np.roll(lines, 1, axis=1)))
    cross = x0 * y - y0 * x
    cross = np.where(np.abs(cross) < 1e-6, 1e-6, cross)
    return np.stack([(before * y - away * y0) / cross, (x0 * away - x * before) / cross], axis=2)
