"""Alignment of a grid's border with the edge of the sheet in the picture.

A net's grid is more exact in its shape than in its position. Where the sheet's edge stands out
from the desk, the grid's border is moved onto it, and its inside follows.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from imgcore.curve.grid import Floats, Grid
from imgcore.types import Image

_ACROSS = 1.0
"""Pixels from sample to sample across a side."""
_BASELINE = 2
"""Samples to either side over which the gradient is taken."""
_BEND = 0.6
"""Cost of a step of one sample from place to place, in units of a clear edge's gradient."""
_CLEAR = 0.30
"""Least share of a side's places with a clear edge; otherwise the side stays."""
_PLACES = 96
"""Number of places on each side at which the sheet's edge is searched."""


class Border(NamedTuple):
    """Edge of the sheet relative to a grid's border: one entry a side, top, right, bottom, left.

    Attributes
    ----------
    offsets
        Each ``(96,)``, clockwise along the side: pixels outwards from the grid to the sheet's edge.
    clear
        Share of the side's places, 0..1, that have an edge; a side without one has offsets of 0.
    rough
        Root mean square deviation of the offsets from a smooth curve, in pixels: large on crumpled sheets.
    """

    offsets: tuple[Floats, ...]
    clear: tuple[float, ...]
    rough: float

    def with_side(self, side: int, offsets: Floats) -> Border:
        """Replace one side's offsets by known ones."""
        offsets_now = list(self.offsets)
        clear = list(self.clear)
        offsets_now[side] = offsets
        clear[side] = 1.0
        return Border(tuple(offsets_now), tuple(clear), self.rough)


def find_border(picture: Image, grid: Grid, reach: float) -> Border:
    """Find the sheet's visible edge near a grid's border.

    Parameters
    ----------
    picture
        BGR or grey.
    grid
        In pixels of `picture`; points may lie outside.
    reach
        Largest distance in pixels of an edge from the grid's border.
    """
    smooth = cv2.GaussianBlur(picture, (0, 0), 1.0).astype(np.float32)
    found = [_offsets(smooth, side, normals, reach) for side, normals in _sides_with_normals(grid)]
    offsets = tuple(each for each, _ in found)
    rough = float(np.sqrt(np.mean([(each - _parabola(each)) ** 2 for each in offsets])))
    return Border(offsets, tuple(share for _, share in found), rough)


def warp_to_border(grid: Grid, border: Border, smoothly: bool) -> Grid:
    """Move a grid's border onto the sheet's edge; its inside follows.

    Parameters
    ----------
    smoothly
        True to move each side by the parabola fitted to its offsets, for a grid of the right shape;
        False to move it by the offsets themselves, for one without the sheet's shape.
    """
    normals = [normals for _, normals in _sides_with_normals(grid)]
    moves = _moves(normals, list(border.offsets))
    if smoothly:
        moves = _joined([np.stack([_parabola(move[:, axis]) for axis in (0, 1)], axis=1) for move in moves])
    return _spread(grid, moves)


def to_line(grid: Grid, side: int, line: Floats) -> Floats:
    """Compute offsets ``(96,)`` from one side of a grid to a straight line through two points ``(2, 2)``."""
    places, out = _sides_with_normals(grid)[side]
    along = line[1] - line[0]
    normal = np.array([along[1], -along[0]]) / max(float(np.linalg.norm(along)), 1e-9)
    slant = out @ normal
    slant = np.where(np.abs(slant) < 0.5, np.copysign(0.5, slant), slant)
    return np.asarray(((line[0] - places) @ normal) / slant)


def _sides_with_normals(grid: Grid) -> list[tuple[Floats, Floats]]:
    """Places of each side, and their outward normals."""
    sides = [_resampled(side, _PLACES) for side in _sides(grid)]
    return [(side, _normals(side)) for side in sides]


def _parabola(values: Floats) -> Floats:
    """Fit a parabola to a row of values."""
    at = np.linspace(-1, 1, len(values))
    return np.asarray(np.polyval(np.polyfit(at, values, 2), at))


def _joined(moves: list[Floats]) -> list[Floats]:
    """Adjust the moves so that the sides meet in the corners again."""
    fraction = np.linspace(0, 1, _PLACES)[:, None]
    meet = [(moves[k - 1][-1] + moves[k][0]) / 2 for k in range(4)]
    return [
        move + (1 - fraction) * (meet[k] - move[0]) + fraction * (meet[(k + 1) % 4] - move[-1])
        for k, move in enumerate(moves)
    ]


def _sides(grid: Grid) -> list[Floats]:
    """Top, right, bottom, left as lines of points, clockwise."""
    sides = (grid[0], grid[:, -1], grid[-1, ::-1], grid[::-1, 0])
    return [side.astype(np.float64) for side in sides]


def _resampled(line: Floats, count: int) -> Floats:
    """Resample a line at `count` points, evenly in its own parameter."""
    at = np.linspace(0, len(line) - 1, count)
    return np.stack([np.interp(at, np.arange(len(line)), line[:, axis]) for axis in (0, 1)], axis=1)


def _normals(side: Floats) -> Floats:
    """Unit vectors out of the page, smooth along the side."""
    along = np.gradient(side, axis=0)
    along = np.stack(
        [np.convolve(np.pad(along[:, k], 4, "edge"), np.ones(9) / 9, "valid") for k in (0, 1)], 1
    )
    out = np.stack([along[:, 1], -along[:, 0]], axis=1)
    return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1), 1e-9)[:, None])


def _offsets(
    smooth: npt.NDArray[np.float32], side: Floats, normals: Floats, reach: float
) -> tuple[Floats, float]:
    """Outward offset of the sheet's edge at each place, and the share of places with a clear edge."""
    change, inside = _change(smooth, side, normals, reach)
    level = float(np.percentile(change.max(axis=1)[inside], 60)) if inside.any() else 0.0
    if level < 4.0:
        return np.zeros(len(side)), 0.0
    strength = np.minimum(change / level, 1.5)
    strength[~inside] = 0.0
    path = _viterbi_path(strength)
    clear = strength[np.arange(len(path)), path] > 0.4
    offsets = (path - change.shape[1] // 2) * _ACROSS
    share = float(clear[inside].mean()) if inside.any() else 0.0
    if share < _CLEAR or clear.sum() < 8:
        return np.zeros(len(side)), share
    places = np.arange(len(side))
    return np.interp(places, places[clear], offsets[clear]), share


def _change(
    smooth: npt.NDArray[np.float32], side: Floats, normals: Floats, reach: float
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Gradient ``(places, offsets)`` from inside to outside along the side's common edge colour."""
    half = round(reach / _ACROSS)
    across = np.arange(-half - _BASELINE, half + _BASELINE + 1) * _ACROSS
    x = (side[:, :1] + across * normals[:, :1]).astype(np.float32)
    y = (side[:, 1:] + across * normals[:, 1:]).astype(np.float32)
    strip = cv2.remap(smooth, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    strip = strip.reshape(len(side), len(across), -1)
    step = strip[:, 2 * _BASELINE :] - strip[:, : -2 * _BASELINE]
    edge = _edge_colour(step)
    rows, cols = smooth.shape[:2]
    inside = (side >= -0.5).all(axis=1) & (side[:, 0] < cols) & (side[:, 1] < rows)
    return np.asarray(np.maximum(step @ edge, 0.0)), inside


def _edge_colour(step: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Unit vector ``(c,)`` of the median change of colour at the places' strongest edges."""
    strongest = np.linalg.norm(step, axis=2).argmax(axis=1)
    colours = step[np.arange(len(step)), strongest]
    common = np.median(colours, axis=0)
    return np.asarray(common / max(float(np.linalg.norm(common)), 1e-6), np.float32)


def _viterbi_path(strength: Floats) -> npt.NDArray[np.intp]:
    """Path from the first place to the last with most strength and least bend (Viterbi)."""
    places, count = strength.shape
    steps = np.arange(-3, 4)
    price = (_BEND * np.abs(steps) / 3)[:, None]
    # Beyond the ends no path is worth its price.
    best = np.full(count + 6, -1e9)
    best[3:-3] = strength[0]
    options = sliding_window_view(best, count)
    came = np.zeros((places, count), np.intp)
    index = np.arange(count)
    for place in range(1, places):
        priced = options - price
        choice = priced.argmax(axis=0)
        came[place] = index + steps[choice]
        best[3:-3] = priced[choice, index] + strength[place]
    path = np.empty(places, np.intp)
    path[-1] = best[3:-3].argmax()
    for place in range(places - 1, 0, -1):
        path[place - 1] = came[place, path[place]]
    return path


def _moves(normals: list[Floats], offsets: list[Floats]) -> list[Floats]:
    """Moves of each side's places: outwards by their offset, along the side as the corners do."""
    corners = [
        _corner(normals[k - 1][-1], offsets[k - 1][-1], normals[k][0], offsets[k][0]) for k in range(4)
    ]
    moves = []
    for k in range(4):
        tangents = np.stack([-normals[k][:, 1], normals[k][:, 0]], axis=1)
        first = corners[k] @ tangents[0]
        last = corners[(k + 1) % 4] @ tangents[-1]
        along = np.linspace(first, last, len(tangents))
        moves.append(normals[k] * offsets[k][:, None] + tangents * along[:, None])
    return moves


def _corner(one: Floats, by: float, other: Floats, other_by: float) -> Floats:
    """Move of a corner from the offsets of both its sides."""
    sides = np.stack([one, other])
    if abs(np.linalg.det(sides)) < 0.3:
        return (one * by + other * other_by) / 2
    return np.linalg.solve(sides, np.array([by, other_by]))


def _spread(grid: Grid, moves: list[Floats]) -> Grid:
    """Move the grid's border, and its inside by a Coons patch of the moves."""
    rows, cols = grid.shape[:2]
    top = _resampled(moves[0], cols)
    bottom = _resampled(moves[2], cols)[::-1]
    right = _resampled(moves[1], rows)
    left = _resampled(moves[3], rows)[::-1]
    u = np.linspace(0, 1, cols)[None, :, None]
    v = np.linspace(0, 1, rows)[:, None, None]
    across = (1 - u) * left[:, None] + u * right[:, None]
    down = (1 - v) * top[None] + v * bottom[None]
    corners = (1 - v) * ((1 - u) * top[0] + u * top[-1]) + v * ((1 - u) * bottom[0] + u * bottom[-1])
    return np.asarray(grid + across + down - corners, np.float32)
