"""Slopes of text lines and rules on a nearly flat page, and the correction that makes them level."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.curve.grid import Floats, Grid, resample_nodes
from imgcore.curve.page_view import darkest_channel
from imgcore.types import Image

_NODES = (24, 17)
"""Rows and columns of the lattice on which slopes are measured."""
_STROKE = 9
"""Pixels of the view that strokes of print are thinner than."""
_JOIN = 13
"""Pixels along a line over which letters run together."""
_SMOOTH_ALONG = 0.15
"""Weight that holds lines straight along their way."""
_SMOOTH_DOWN = 0.6
"""Weight that holds the offsets of lines in step from the top to the bottom of a page."""
_SMALL = 0.002
"""Weight that holds all offsets near 0 where no text tells them."""
_STEEPEST = 0.4
"""Largest slope of a line that is measured; steeper ones count as this."""
_FIRM = 3.0
"""Weight that holds the upper and the lower border: they lie on the sheet's edge already."""
_ROUNDS = 3
"""Number of solutions, each of which trusts slopes less the further they were off the one before."""
_OFF = 0.04
"""Deviation in slope from the cells around at which a cell counts half."""
_LEVEL = 0.0018
"""Standard deviation of lines from level, as a part of the width, up to which text counts as level."""
_ENOUGH = 0.15
"""Mean weight of slopes from which there is text enough to tell whether it is level."""


class LineSlopes(NamedTuple):
    """Slope dy/dx of the lines in each cell between nodes, ``(rows - 1, cols - 1)``, and its weight, 0..1."""

    slope: Floats
    weight: Floats


def find_slopes(view: Image, nodes: tuple[int, int] = _NODES) -> LineSlopes:
    """Measure the slopes of text lines and rules on a nearly flat page of some 500 x 700 px or more."""
    ink = _ink(view)
    lines = cv2.blur(ink, (_JOIN, 1))
    lines = cv2.GaussianBlur(lines, (0, 0), 1.0)
    gx = cv2.Sobel(lines, cv2.CV_32F, 1, 0)
    gy = cv2.Sobel(lines, cv2.CV_32F, 0, 1)
    xx, xy, yy = (_cells(product, nodes) for product in (gx * gx, gx * gy, gy * gy))
    slope = np.clip(-xy / np.maximum(yy, 1e-9), -_STEEPEST, _STEEPEST)
    total = xx + yy
    level = np.maximum(yy - xx, 0) / np.maximum(total, 1e-9)
    amount = yy / (yy + 0.3 * float(np.percentile(yy, 90)) + 1e-6)
    return LineSlopes(slope, level**2 * amount)


def _ink(view: Image) -> npt.NDArray[np.float32]:
    """Contrast of thin dark strokes, 0..1 of the paper's lightness; broad shades and creases are removed."""
    dark = darkest_channel(view)
    kernel = np.ones((_STROKE, _STROKE), np.uint8)
    paper = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, kernel)
    contrast = (paper.astype(np.float32) - dark) / np.maximum(paper, 32)
    return np.asarray(np.clip(contrast - 0.06, 0, 0.4), np.float32)


def _cells(values: npt.NDArray[np.float32], nodes: tuple[int, int]) -> Floats:
    """Average over cells, each with half of its neighbours."""
    small = cv2.resize(values, (nodes[1] - 1, nodes[0] - 1), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (3, 3), 0.7), np.float64)


def level_offsets(slopes: LineSlopes, aspect: float) -> Floats:
    """Compute the offsets of lines below level at the nodes ``(rows, cols)``, as parts of the width.

    Parameters
    ----------
    aspect
        The view's height over its width.
    """
    rows = slopes.slope.shape[0] + 1
    cols = slopes.slope.shape[1] + 1
    step = 1 / (cols - 1)
    weight = np.sqrt(slopes.weight).ravel()
    rises, along, down, border = _normal_equations(rows, cols)
    data = rises * weight[:, None] / step
    price = _SMOOTH_ALONG**2 / step**2 * along + (_SMOOTH_DOWN * (rows - 1) / aspect) ** 2 * down
    price += (_FIRM / step) ** 2 * border + (_SMALL / step) ** 2 * np.eye(rows * cols)
    values = slopes.slope.ravel() * weight
    trust = np.ones(len(data))
    for _ in range(_ROUNDS):
        weighed = data.T * trust
        solved = np.linalg.solve(weighed @ data + price, weighed @ values)
        # Slopes unlike all around are no text lines': a seal, a signature, a crease.
        off = (data @ solved - values) / np.maximum(weight, 1e-9)
        trust = 1 / (1 + (off / _OFF) ** 2)
    return np.asarray(solved.reshape(rows, cols))


@cache
def _normal_equations(rows: int, cols: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Constant matrices of the fit: cells' slopes from the nodes, and the squares of bends along and down
    and of the upper and lower border, each for a weight of 1."""
    index = np.arange(rows * cols).reshape(rows, cols)
    # The slope of a cell is the mean of those of its upper and its lower edge.
    rises = _equations(
        [(index[:-1, 1:], 0.5), (index[:-1, :-1], -0.5), (index[1:, 1:], 0.5), (index[1:, :-1], -0.5)],
        rows * cols,
    )
    along = _equations([(index[:, :-2], 1.0), (index[:, 1:-1], -2.0), (index[:, 2:], 1.0)], rows * cols)
    down = _equations([(index[:-2], 1.0), (index[1:-1], -2.0), (index[2:], 1.0)], rows * cols)
    border = np.zeros(rows * cols)
    border[np.unique(np.concatenate([index[0], index[-1]]))] = 1
    return rises, along.T @ along, down.T @ down, np.diag(border)


def _equations(taps: list[tuple[npt.NDArray[np.intp], float]], unknowns: int) -> Floats:
    """Build a matrix with one row for each entry of the taps' arrays."""
    count = taps[0][0].size
    matrix = np.zeros((count, unknowns))
    for index, factor in taps:
        matrix[np.arange(count), index.ravel()] += factor
    return matrix


def shift_rows(grid: Grid, down: Floats) -> Grid:
    """Shift a grid's rows onto the page's lines; `down` in rows of the grid, of its shape."""
    rows, cols = grid.shape[:2]
    x, y = np.meshgrid(np.arange(cols, dtype=np.float32), np.arange(rows, dtype=np.float32))
    y = y + down.astype(np.float32)
    padded = np.concatenate([2 * grid[:1] - grid[1:2], grid, 2 * grid[-1:] - grid[-2:-1]])
    return np.asarray(
        cv2.remap(padded, x, y + 1, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def is_level(view: Image) -> bool:
    """Return whether a page has text enough to tell, and its lines are level throughout."""
    return level_deviation(view) < _LEVEL


def level_deviation(view: Image) -> float:
    """Measure the standard deviation of a page's lines from level, as a part of its width.

    Infinite without text enough to tell.
    """
    slopes = find_slopes(view)
    if slopes.weight.mean() < _ENOUGH:
        return np.inf
    return float(level_offsets(slopes, view.shape[0] / view.shape[1]).std())


def level_text(view: Image, grid: Grid) -> Grid:
    """Correct a grid so that the page's text lines are level; `view` is the page remapped by it."""
    aspect = view.shape[0] / view.shape[1]
    down = level_offsets(find_slopes(view), aspect)
    return shift_rows(grid, resample_nodes(down, grid.shape[:2]) / aspect * (grid.shape[0] - 1))
