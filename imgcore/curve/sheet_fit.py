"""Fit of a developable sheet to a page's grid, its border and its text lines.

A net has learnt how pages look, not that paper does not stretch: the sides of its grid lie well, its inside
is off by one part in fifty. A sheet that bends without stretching, with the same sides and text lines,
has hardly any freedom for its inside.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.curve.developable import ANGLE, ASPECT, BEND, CONE, COUNT, FOCAL, Developable
from imgcore.curve.grid import COLS, ROWS, Floats, Grid
from imgcore.curve.text_lines import LineSlopes
from imgcore.least_squares import Residuals, levenberg_marquardt

_DOWN = np.arange(0, ROWS, 4)
"""Rows of a grid on which a fitted sheet is compared with it."""
_ACROSS = np.arange(0, COLS, 5)
"""Columns of a grid on which a fitted sheet is compared with it."""
NODES = (len(_DOWN), len(_ACROSS))
"""Rows and columns of the lattice on which a fitted sheet is compared with a grid."""
_SIDE = 24
"""Number of places on a side at which a fitted sheet is compared with the grid's border."""
_WIDTH = 500.0
"""Width of the page in pixels of the view, the unit of residuals."""
_HEIGHT = 700.0
"""Height of the page in pixels of the view, the unit of residuals."""
_NET = 0.2
"""Weight of the grid's inside, where its sides have 1: 1 over its error in pixels. Chosen on photographs of
curled sheets."""
_CORNERS = 1.0
"""Weight of the grid's corners, where its sides have 1: 1 over their error in pixels. Chosen on photographs
of curled sheets."""
_LEVEL = 2.0
"""Weight of the slope of text lines, where the grid's sides have 1: 1 over its error in pixels. Chosen on
photographs of curled sheets."""
_FOCAL = 0.25
"""Standard deviation of the prior of the focal length, a logarithm."""
_CONE = 0.5
"""Standard deviation of the prior of the rulings' convergence, 1 over widths of the sheet."""
_BEND = 1 / 0.3
"""Standard deviation of the prior of each coefficient of the spine's curvature."""
_COMMON = 2**0.5
"""Aspect ratio of A sizes, the longer side over the shorter one."""
_COMMONLY = 0.12
"""Largest difference of a page's aspect ratio from that of A sizes, as a logarithm, for it to be taken for
one."""
_LIKE = 0.015
"""Standard deviation of the prior of the aspect ratio of a page taken for an A size, a logarithm."""
_UNLIKE = 0.2
"""Standard deviation of the prior of the aspect ratio of a page of another size, a logarithm."""
_SMALLEST = 400.0
"""Least area of a page for a fit, in square pixels of the picture."""
MOST_MISFIT = 3000.0
"""Misfit from which a page is no smooth sheet."""
_SUITS = (400.0, 1000.0, MOST_MISFIT)
"""Misfits in squared pixels from the first to the last of which the weight of the sheet's shape falls."""
_SHARES = (1.0, 0.5, 0.0)
"""Weights of the sheet's shape at rising misfits, as parts of the largest."""
_ANGLES = 4
"""Number of directions of the rulings that a fit starts from."""
_BENT = 1.0
"""First coefficient of the curvature of the sheets that a fit starts from, bent up and down."""
_ROUNDS = ((8, 6), (4, 12), (2, 30))
"""Number of the best starts that go on in each round, and the steps of each."""


class SheetFit(NamedTuple):
    """Grid of a developable sheet, and its misfit: a sum of squared pixels."""

    grid: Grid
    misfit: float


def fit_sheet(grid: Grid, slopes: LineSlopes, size: tuple[int, int]) -> SheetFit:
    """Fit a developable sheet to a grid.

    Parameters
    ----------
    grid
        float32 ``(45, 31, 2)``, in pixels of the picture; its border on the sheet's.
    slopes
        Slopes of text lines on the page flattened by the grid, on the lattice of `NODES`.
    size
        Width and height of the picture.
    """
    if _area(_corners(grid)) < _SMALLEST:
        return SheetFit(grid, np.inf)
    objective = _Objective(grid, slopes, size)
    found = [(start, 0.0) for start in _starts()]
    for best, steps in _ROUNDS:
        going = [levenberg_marquardt(objective.about, parameters, steps) for parameters, _ in found[:best]]
        found = sorted(going, key=lambda each: each[1])
    parameters, misfit = found[0]
    lattice = _lattice(np.arange(ROWS) / (ROWS - 1), np.arange(COLS) / (COLS - 1))
    fitted = objective.sheet.project(parameters[None], lattice)[0]
    return SheetFit(fitted.reshape(grid.shape).astype(np.float32), misfit)


def blended(grid: Grid, fit: SheetFit, most: float) -> Grid:
    """Blend a grid with the fitted sheet's by up to `most`, less for a larger misfit.

    Crumpled paper is no smooth sheet; and the errors of a net and of a fit are independent, so that both
    shrink between the two.
    """
    share = most * float(np.interp(fit.misfit, _SUITS, _SHARES))
    return np.asarray(grid + share * (fit.grid - grid), np.float32)


def _starts() -> list[Floats]:
    """Initial sheets, bent up and down, with rulings of all directions."""
    starts = np.zeros((2 * _ANGLES, COUNT))
    starts[:, ANGLE] = np.repeat(np.arange(_ANGLES) * np.pi / _ANGLES, 2)
    starts[::2, BEND.start] = -_BENT
    starts[1::2, BEND.start] = _BENT
    return list(starts)


class _Objective:
    """Residuals of a sheet's parameters against a grid, its border and its text lines."""

    def __init__(self, grid: Grid, slopes: LineSlopes, size: tuple[int, int]) -> None:
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
        """Build residuals with the correspondences on the sides at `parameters`."""
        rim = self.sheet.project(parameters[None], self._places[: 4 * _SIDE])[0].reshape(4, _SIDE, 2)
        near = [_nearest(line, places) for (line, _), places in zip(self._sides, rim, strict=True)]
        foot, normal = (
            np.concatenate([side[part][index] for side, index in zip(self._sides, near, strict=True)])
            for part in (0, 1)
        )

        def residuals(many: Floats) -> Floats:
            seen = self.sheet.project(many, self._places)
            rim = seen[:, : 4 * _SIDE]
            inside = seen[:, 4 * _SIDE :]
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
        """Difference in rise between the sheet's rows and text lines, from node to node."""
        away = inside.reshape(-1, *NODES, 2) - self._level
        down = (away * self._to_page).sum(axis=3) * _HEIGHT
        rise = self._slope * (_WIDTH / (NODES[1] - 1))
        return np.asarray((np.diff(down, axis=2) - rise) * self._weight * _LEVEL)


def _corners(grid: Grid) -> Floats:
    return grid[[0, 0, -1, -1], [0, -1, -1, 0]].astype(np.float64)


def _aspect(corners: Floats) -> float:
    """Aspect ratio, height over width, snapped to that of A sizes if it is near."""
    top, right, bottom, left = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    ratio = float((left + right) / max(top + bottom, 1e-9))
    near = _COMMON if ratio > 1 else 1 / _COMMON
    return near if abs(np.log(ratio / near)) < _COMMONLY else ratio


def _area(corners: Floats) -> float:
    (x, y) = corners[2] - corners[0]
    (u, v) = corners[3] - corners[1]
    return abs(float(x * v - y * u)) / 2


def _lattice(down: Floats, across: Floats) -> Floats:
    x, y = np.meshgrid(across, down)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _rim() -> Floats:
    """Positions along the sheet's sides, clockwise."""
    at = np.linspace(0, 1, _SIDE)
    none = np.zeros(_SIDE)
    one = np.ones(_SIDE)
    x = np.concatenate([at, one, at[::-1], none])
    y = np.concatenate([none, at, one, at[::-1]])
    return np.stack([x, y], axis=1)


def _local(grid: Grid) -> tuple[Floats, Floats]:
    """Grid at the nodes, and the gradient there of the downward page coordinate, in page heights a pixel."""
    wide = grid.astype(np.float64)
    across = np.gradient(wide, 1 / (COLS - 1), axis=1)[np.ix_(_DOWN, _ACROSS)]
    down = np.gradient(wide, 1 / (ROWS - 1), axis=0)[np.ix_(_DOWN, _ACROSS)]
    area = across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
    area = np.where(np.abs(area) < 1, 1.0, area)
    return wide[np.ix_(_DOWN, _ACROSS)], np.stack([-across[..., 1], across[..., 0]], axis=2) / area[..., None]


def _between_cells(slopes: LineSlopes) -> tuple[Floats, Floats]:
    """Average slopes and weights of the cells above and below each of the lattice's rows."""
    outside = np.zeros((1, slopes.slope.shape[1]))

    def of_rows(cells: Floats) -> Floats:
        return np.asarray((np.concatenate([outside, cells]) + np.concatenate([cells, outside])) / 2)

    weight = of_rows(slopes.weight)
    return of_rows(slopes.weight * slopes.slope) / np.maximum(weight, 1e-6), weight


def _vertices(grid: Grid) -> list[tuple[Floats, Floats]]:
    """Points of each side with their unit normals, clockwise."""
    sides = (grid[0], grid[:, -1], grid[-1, ::-1], grid[::-1, 0])
    return [_with_normals(side.astype(np.float64)) for side in sides]


def _with_normals(side: Floats) -> tuple[Floats, Floats]:
    along = np.gradient(side, axis=0)
    normals = np.stack([-along[:, 1], along[:, 0]], axis=1)
    return side, normals / np.maximum(np.linalg.norm(along, axis=1), 1e-9)[:, None]


def _nearest(line: Floats, points: Floats) -> npt.NDArray[np.intp]:
    """Number of a line's point nearest to each point."""
    return np.asarray(((line**2).sum(axis=1) - 2 * points @ line.T).argmin(axis=1))
