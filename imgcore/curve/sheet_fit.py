"""The bent sheet of paper that a grid, its border and its text lines speak for.

A net knows how pages look, not that paper does not stretch: the sides of its grid lie well, its inside
is off by one part in fifty. A sheet that bends without stretching, with the same sides and text lines
that run as they do, has hardly a choice of how its inside lies.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.curve.developable import ANGLE, ASPECT, BEND, CONE, COUNT, FOCAL, Developable
from imgcore.curve.grid import COLS, ROWS, Floats, Grid
from imgcore.curve.least_squares import Residuals, descend
from imgcore.curve.lines import Slopes

_DOWN, _ACROSS = np.arange(0, ROWS, 4), np.arange(0, COLS, 5)
NODES = (len(_DOWN), len(_ACROSS))
"""Rows and columns of the lattice on which a fitted sheet is compared with a grid."""
_SIDE = 24
"""Places a side."""
_WIDTH, _HEIGHT = 500.0, 700.0
"""Of the page in pixels of the view, in which residuals are counted."""
_NET, _CORNERS, _LEVEL = 0.2, 1.0, 2.0
"""Weights of the grid's inside, its corners, and the slope of text lines, for a weight of 1 of its sides:
1 over how many pixels they are off. Chosen on the photographs of curled sheets."""
_FOCAL, _CONE, _BEND = 0.25, 0.5, 1 / 0.3
"""How far from 0 the parameters are likely to be."""
_COMMON, _COMMONLY, _LIKE, _UNLIKE = 2**0.5, 0.12, 0.015, 0.2
"""Sheets whose sides are about so (as a logarithm) are of A sizes; how far off the ratio then is, and if
it is none of those."""
_SMALLEST = 400.0
"""Pixels of a page below which there is nothing to tell its shape by."""
_SUITS, _SHARES = (400.0, 1000.0, 3000.0), (1.0, 0.5, 0.0)
"""Misfits, and the share of the sheet's shape that goes with them, as a part of the largest."""
_ANGLES, _BENT = 4, 1.0
_ROUNDS = ((8, 6), (4, 12), (2, 30))
"""How many of the best so far go on, and for how many steps."""


class Fit(NamedTuple):
    """A grid of the shape of bent paper, and how ill it suits what was seen: a sum of squared pixels."""

    grid: Grid
    misfit: float


def fit_sheet(grid: Grid, slopes: Slopes, size: tuple[int, int]) -> Fit:
    """The bent sheet nearest to a grid.

    Parameters
    ----------
    grid
        float32 ``(45, 31, 2)``, in pixels of the picture; its border on the sheet's.
    slopes
        How text lines run over the page laid flat by the grid, on the lattice of `NODES`.
    size
        Width and height of the picture.
    """
    if _area(_corners(grid)) < _SMALLEST:
        return Fit(grid, np.inf)
    evidence = _Evidence(grid, slopes, size)
    found = [(start, 0.0) for start in _starts()]
    for best, steps in _ROUNDS:
        going = [descend(evidence.about, parameters, steps) for parameters, _ in found[:best]]
        found = sorted(going, key=lambda each: each[1])
    parameters, misfit = found[0]
    lattice = _lattice(np.arange(ROWS) / (ROWS - 1), np.arange(COLS) / (COLS - 1))
    fitted = evidence.sheet.project(parameters[None], lattice)[0]
    return Fit(fitted.reshape(grid.shape).astype(np.float32), misfit)


def blended(grid: Grid, fit: Fit, most: float) -> Grid:
    """The sheet's grid for `most` where it suits, and the less of it the worse it does.

    Crumpled paper is no smooth sheet; and a net's errors are others than a fit's, so that between the two
    both are smaller.
    """
    share = most * float(np.interp(fit.misfit, _SUITS, _SHARES))
    return np.asarray(grid + share * (fit.grid - grid), np.float32)


def _starts() -> list[Floats]:
    """Sheets bent up and down, about rulings of all directions."""
    starts = np.zeros((2 * _ANGLES, COUNT))
    starts[:, ANGLE] = np.repeat(np.arange(_ANGLES) * np.pi / _ANGLES, 2)
    starts[::2, BEND.start], starts[1::2, BEND.start] = -_BENT, _BENT
    return list(starts)


class _Evidence:
    """What was seen, and how far parameters are from it."""

    def __init__(self, grid: Grid, slopes: Slopes, size: tuple[int, int]) -> None:
        self._corners = _corners(grid)
        self._sides = _vertices(grid)
        self._inside = grid[np.ix_(_DOWN, _ACROSS)].reshape(-1, 2).astype(np.float64)
        self._scale = float(np.sqrt(_area(self._corners) / (_WIDTH * _HEIGHT)))
        aspect = _aspect(self._corners)
        self.sheet = Developable(self._corners, size, aspect)
        self._ratio = _LIKE if aspect in (_COMMON, 1 / _COMMON) else _UNLIKE
        self._level, self._to_page = _local(grid)
        self._slope, self._weight = _between_cells(slopes)
        self._places = np.concatenate([_rim(), _lattice(_DOWN / (ROWS - 1), _ACROSS / (COLS - 1))])

    def about(self, parameters: Floats) -> Residuals:
        """Residuals whose nearest places on the sides are those from `parameters`."""
        rim = self.sheet.project(parameters[None], self._places[: 4 * _SIDE])[0].reshape(4, _SIDE, 2)
        near = [_nearest(line, places) for (line, _), places in zip(self._sides, rim, strict=True)]
        foot, normal = (
            np.concatenate([side[part][index] for side, index in zip(self._sides, near, strict=True)])
            for part in (0, 1)
        )

        def residuals(many: Floats) -> Floats:
            seen = self.sheet.project(many, self._places)
            rim, inside = seen[:, : 4 * _SIDE], seen[:, 4 * _SIDE :]
            parts = (
                ((rim - foot) * normal).sum(axis=2) / self._scale,
                (rim[:, ::_SIDE] - self._corners) * (_CORNERS / self._scale),
                (inside - self._inside) * (_NET / self._scale),
                self._unlevel(inside),
                many[:, [FOCAL]] / _FOCAL,
                many[:, [ASPECT]] / self._ratio,
                many[:, [CONE]] / _CONE,
                many[:, BEND] / _BEND,
            )
            return np.concatenate([part.reshape(len(many), -1) for part in parts], axis=1)

        return residuals

    def _unlevel(self, inside: Floats) -> Floats:
        """How far the sheet's rows rise otherwise than text lines do, from node to node."""
        away = inside.reshape(-1, *NODES, 2) - self._level
        down = (away * self._to_page).sum(axis=3) * _HEIGHT
        rise = self._slope * (_WIDTH / (NODES[1] - 1))
        return np.asarray((np.diff(down, axis=2) - rise) * self._weight * _LEVEL)


def _corners(grid: Grid) -> Floats:
    return grid[[0, 0, -1, -1], [0, -1, -1, 0]].astype(np.float64)


def _aspect(corners: Floats) -> float:
    """Height over width, an A size's if it is about that."""
    top, right, bottom, left = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    ratio = float((left + right) / max(top + bottom, 1e-9))
    near = _COMMON if ratio > 1 else 1 / _COMMON
    return near if abs(np.log(ratio / near)) < _COMMONLY else ratio


def _area(corners: Floats) -> float:
    (x, y), (u, v) = (corners[2] - corners[0]), (corners[3] - corners[1])
    return abs(float(x * v - y * u)) / 2


def _lattice(down: Floats, across: Floats) -> Floats:
    x, y = np.meshgrid(across, down)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _rim() -> Floats:
    """Places along the sheet's sides, clockwise."""
    at, none, one = np.linspace(0, 1, _SIDE), np.zeros(_SIDE), np.ones(_SIDE)
    x = np.concatenate([at, one, at[::-1], none])
    y = np.concatenate([none, at, one, at[::-1]])
    return np.stack([x, y], axis=1)


def _local(grid: Grid) -> tuple[Floats, Floats]:
    """The grid at the nodes, and for each what a pixel right or down is in page heights downwards."""
    wide = grid.astype(np.float64)
    across = np.gradient(wide, 1 / (COLS - 1), axis=1)[np.ix_(_DOWN, _ACROSS)]
    down = np.gradient(wide, 1 / (ROWS - 1), axis=0)[np.ix_(_DOWN, _ACROSS)]
    area = across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
    area = np.where(np.abs(area) < 1, 1.0, area)
    return wide[np.ix_(_DOWN, _ACROSS)], np.stack([-across[..., 1], across[..., 0]], axis=2) / area[..., None]


def _between_cells(slopes: Slopes) -> tuple[Floats, Floats]:
    """Slopes and weights along the lattice's rows: means of the cells above and below."""
    outside = np.zeros((1, slopes.slope.shape[1]))

    def of_rows(cells: Floats) -> Floats:
        return np.asarray((np.concatenate([outside, cells]) + np.concatenate([cells, outside])) / 2)

    weight = of_rows(slopes.weight)
    return of_rows(slopes.weight * slopes.slope) / np.maximum(weight, 1e-6), weight


def _vertices(grid: Grid) -> list[tuple[Floats, Floats]]:
    """For each side its points and the unit normals there, clockwise."""
    sides = (grid[0], grid[:, -1], grid[-1, ::-1], grid[::-1, 0])
    return [_with_normals(side.astype(np.float64)) for side in sides]


def _with_normals(side: Floats) -> tuple[Floats, Floats]:
    along = np.gradient(side, axis=0)
    normals = np.stack([-along[:, 1], along[:, 0]], axis=1)
    return side, normals / np.maximum(np.linalg.norm(along, axis=1), 1e-9)[:, None]


def _nearest(line: Floats, points: Floats) -> npt.NDArray[np.intp]:
    """For each point the nearest of a line's."""
    return np.asarray(((line**2).sum(axis=1) - 2 * points @ line.T).argmin(axis=1))
