"""Quadrilaterals whose sides lie on edges, out of many lines; the NumPy twin of ``_edge_quads``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

PARALLEL = 0.8829
"""Cosine of 28 degrees, up to which opposite sides differ in direction."""
CROSSING = 0.5736
"""Cosine of 55 degrees, from which neighbouring sides differ in direction."""
INNER = 0.12
"""Share of a side, next to its corners, where no line divides it."""


def edge_quads(lines: Floats, totals: Floats, limits: Floats) -> tuple[Numbers, Floats]:
    """Find all quadrilaterals of two pairs of lines with an edge on three sides, and some on the fourth.

    Parameters
    ----------
    lines
        float64 ``(n, 5)``, as for `imgcore.kernels.edge_support`.
    totals
        float64 ``(n, samples + 1)``: running totals of the support along each line, 0..1 a sample.
    limits
        float64 ``(6,)``: pixels from sample to sample; the mean support that three sides have, and
        that the fourth has; the shortest side, and how far a corner may lie outside of the picture,
        in pixels; the largest number of quadrilaterals, the rest being left out.

    Returns
    -------
    sides : ndarray
        int64 ``(q, 4)``, lines in order around the quadrilateral, the lowest number first and the
        second lower than the fourth; sorted by the first, second, fourth and third.
    support : ndarray
        float64 ``(q, 4)``: mean support of each side, in 255ths.
    """
    places, parts = _sides(lines, totals, limits)
    strong = np.ceil(255 * limits[1])
    faint = max(1.0, np.ceil(255 * limits[2]))
    directions = np.column_stack([-lines[:, 1], lines[:, 0]])
    same = directions @ directions.T > 0
    found = []
    for i in range(len(lines)):
        for a in range(i + 1, len(lines)):
            for b in range(a + 1, len(lines)):
                for j in range(i + 1, len(lines)):
                    support = [parts[i, a, b], parts[a, i, j], parts[j, a, b], parts[b, i, j]]
                    if min(support) < faint or sum(part < strong for part in support) > 1:
                        continue
                    level = (places[i, b] - places[i, a]) * (places[j, b] - places[j, a]) > 0
                    upright = (places[a, j] - places[a, i]) * (places[b, j] - places[b, i]) > 0
                    if level == same[i, j] and upright == same[a, b]:
                        found.append((i, a, j, b, *support))
    table = np.array(found, np.float64).reshape(-1, 8)[: int(limits[5])]
    return table[:, :4].astype(np.int64), table[:, 4:] / 255


def _sides(lines: Floats, totals: Floats, limits: Floats) -> tuple[Floats, Floats]:
    """Positions along each line of its crossings ``(n, n)``, and its support between two crossings."""
    count = len(lines)
    alike = np.abs(lines[:, :2] @ lines[:, :2].T)
    places = np.full((count, count), np.nan)
    parts = np.zeros((count, count, count))
    for i, (x, y, distance, enter, leave) in enumerate(lines):
        for a, (other_x, other_y, other, _, _) in enumerate(lines):
            if alike[i, a] <= CROSSING:
                at = (other - distance * (x * other_x + y * other_y)) / (x * other_y - y * other_x)
                if enter - limits[4] <= at <= leave + limits[4]:
                    places[i, a] = at
        size = int(max(0.0, np.floor((leave - enter) / limits[0])))
        for a in range(count):
            for b in range(a + 1, count):
                length = abs(places[i, a] - places[i, b])
                if alike[a, b] >= PARALLEL and length >= limits[3]:
                    low, high = (
                        int(min(max(np.floor((at - enter) / limits[0] + 0.5), 0), size))
                        for at in sorted((places[i, a], places[i, b]))
                    )
                    mean = (totals[i, high] - totals[i, low]) / max(1.0, length / limits[0])
                    parts[i, a, b] = np.floor(min(max(255 * mean, 1.0), 255.0))
    return places, parts


def dividing_support(corners: Floats, lines: Floats, totals: Floats, step: float) -> Floats:
    """Measure the edge support of the best line that divides each quadrilateral from side to side.

    Parameters
    ----------
    corners
        float64 ``(q, 4, 2)``, from the picture's centre.
    lines, totals
        As for `edge_quads`.
    step
        Pixels from sample to sample.

    Returns
    -------
    ndarray
        float64 ``(q,)``: the largest mean support within the quadrilateral of a line that crosses two
        opposite sides, each at least `INNER` of its length from its ends; 0 where none does.
    """
    best = np.zeros(len(corners))
    sizes = np.maximum(np.floor((lines[:, 4] - lines[:, 3]) / step), 0)
    for number, quad in enumerate(corners):
        for line, total, size in zip(lines, totals, sizes, strict=True):
            off = quad @ line[:2] - line[2]
            along = quad @ np.array([-line[1], line[0]])
            for a, b, c, d in ((0, 1, 3, 2), (1, 2, 0, 3)):
                ends = _ends(off, along, (a, b, c, d))
                if ends is not None:
                    low, high = (
                        min(max(np.floor((at - line[3]) / step + 0.5), 0), size) for at in sorted(ends)
                    )
                    mean = (total[int(high)] - total[int(low)]) / max(1.0, abs(ends[1] - ends[0]) / step)
                    best[number] = max(best[number], mean)
    return best


def _ends(off: Floats, along: Floats, sides: tuple[int, int, int, int]) -> tuple[float, float] | None:
    """Positions along a line of its crossings with two sides; None if it misses one or nears a corner."""
    ends = []
    for start, end in (sides[:2], sides[2:]):
        if off[start] * off[end] >= 0:
            return None
        share = off[start] / (off[start] - off[end])
        if not INNER <= share <= 1 - INNER:
            return None
        ends.append(float(along[start] + share * (along[end] - along[start])))
    return ends[0], ends[1]
