"""Grids on a page: positions in the picture of a regular lattice on the flat page.

A grid is float32 ``(n, m, 2)``, row by row from the page's top left corner; its outermost
points lie on the page's border.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.strips import for_strips
from imgcore.types import Image

Floats = npt.NDArray[np.float64]
Grid = npt.NDArray[np.float32]
GridNet = Callable[[Image], Grid]
"""Function that finds a grid, of any number of rows and columns, of the one page in a picture.

It is handed in, and may be any function of a BGR or grey picture; see `VIEW` for the size it gets.
"""

VIEW = (488, 712)
"""Width and height of the picture of one page that a `GridNet` is given."""
ROWS = 45
"""Number of rows of a grid, from the upper to the lower border."""
COLS = 31
"""Number of columns of a grid, from the left to the right border."""
_UNFOLDED = 0.98
"""Least share of the cells of a plausible grid that are not folded over."""
_SMALLEST = 0.2
"""Least area of a plausible grid as a part of the view."""
_MAX_SIDE = 32767
"""Largest side of a remapped picture in pixels, as `cv2.remap` counts in int16."""


def perspective_grid(corners: Floats, rows: int = ROWS, cols: int = COLS) -> Grid:
    """Make the grid of a flat page in perspective; `corners` clockwise from its top left."""
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    across, down = np.meshgrid(np.linspace(0, 1, cols), np.linspace(0, 1, rows))
    lattice = np.stack([across, down], axis=2).astype(np.float32)
    return transform_grid(
        lattice, np.asarray(cv2.getPerspectiveTransform(unit, corners.astype(np.float32)), np.float64)
    )


def transform_grid(grid: Grid, matrix: Floats) -> Grid:
    """Transform a grid by a homography ``(3, 3)``."""
    return np.asarray(cv2.perspectiveTransform(grid.reshape(1, -1, 2), matrix), np.float32).reshape(
        grid.shape
    )


def is_plausible(grid: Grid) -> bool:
    """Return whether a grid in a view may be a page's: finite, hardly folded, and not tiny."""
    if grid.ndim != 3 or min(grid.shape[:2]) < 4 or not np.isfinite(grid).all():
        return False
    across = np.diff(grid, axis=1)[:-1]
    down = np.diff(grid, axis=0)[:, :-1]
    areas = across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
    return bool((areas > 0).mean() > _UNFOLDED and areas.sum() > _SMALLEST * VIEW[0] * VIEW[1])


def page_lengths(grid: Grid) -> tuple[float, float]:
    """Measure width and height of the page along the paper, in pixels of the picture: means over the grid."""
    across = np.linalg.norm(np.diff(grid, axis=1), axis=2).sum(axis=1)
    down = np.linalg.norm(np.diff(grid, axis=0), axis=2).sum(axis=0)
    return float(across.mean()), float(down.mean())


def widened(grid: Grid, width: int) -> Grid:
    """Interpolate a grid cubically at every column of a page of so many."""
    return _cubic(grid.transpose(1, 0, 2), _places(grid.shape[1], width)).transpose(1, 0, 2)


def dense_rows(wide: Grid, height: int, top: int, bottom: int) -> Grid:
    """Interpolate a widened grid cubically at the pixels of rows ``top:bottom`` of a page of `height` rows.

    One direction after the other: 8 taps a pixel instead of 16.
    """
    return np.ascontiguousarray(_cubic(wide, _places(len(wide), height)[top:bottom]), np.float32)


def remap_grid(image: Image, grid: Grid, size: tuple[int, int]) -> Image:
    """Remap the page under a grid to a picture of `size` (width, height)."""
    width, height = (min(side, _MAX_SIDE) for side in size)
    wide = widened(grid, width)
    flat = np.empty((height, width, *image.shape[2:]), np.uint8)
    how = cv2.INTER_CUBIC if min(image.shape[:2]) > 3 else cv2.INTER_LINEAR

    def remap(top: int, bottom: int) -> None:
        places = dense_rows(wide, height, top, bottom)
        cv2.remap(image, places, None, how, flat[top:bottom], cv2.BORDER_REPLICATE)

    for_strips(remap, height)
    return flat


def resample_nodes(values: Floats, shape: tuple[int, ...]) -> Floats:
    """Resample values at the nodes of a lattice to `shape` (rows, cols); the borders coincide."""
    down, across = (np.linspace(0, old - 1, new) for old, new in zip(values.shape, shape, strict=True))
    wide = _cubic(np.ascontiguousarray(values.T, np.float32), across).T
    return np.asarray(_cubic(np.ascontiguousarray(wide), down), np.float64)


def _places(count: int, pixels: int) -> Floats:
    """Positions of the pixels' centres, in steps of a lattice of `count` lines border to border."""
    return (np.arange(pixels) + 0.5) / pixels * (count - 1)


def _cubic(lines: Grid, places: Floats) -> Grid:
    """Interpolate by Catmull-Rom splines along the first axis, linearly past the last lines."""
    first = 2 * lines[:1] - lines[1:2]
    last = 2 * lines[-1:] - lines[-2:-1]
    padded = np.concatenate([first, lines, last])
    start = np.clip(np.floor(places).astype(np.intp), 0, len(lines) - 2)
    t = places - start
    # Of all lines those around the places.
    padded = padded[start.min() : start.max() + 4]
    start = start - start.min()
    weights = 0.5 * np.stack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3]
    )
    # A product of matrices: each row has four weights that are not 0.
    mix = np.zeros((len(places), len(padded)), np.float32)
    for tap in range(4):
        mix[np.arange(len(places)), start + tap] += weights[tap].astype(np.float32)
    return np.asarray(np.tensordot(mix, padded, axes=1), np.float32)
