"""Grids on a page: where each point of a regular lattice on the flat page lies in the picture.

A grid is float32 ``(n, m, 2)``, row by row from the page's top left corner; its outermost
points lie on the page's border.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float64]
Grid = npt.NDArray[np.float32]
GridNet = Callable[[Image], Grid]
"""Lays a grid, of any number of rows and columns, on the one page that a picture shows.

It is handed in, and may be any function of a BGR or grey picture; see `VIEW` for the size it gets.
"""

VIEW = (488, 712)
"""Width and height of the picture of one page that a `GridNet` is given."""
ROWS, COLS = 45, 31
_UNFOLDED, _SMALLEST = 0.98, 0.2
"""Share of a sound grid's cells that lie the right way round, and its area as a part of the view."""
_MAX_SIDE = 32767
"""`cv2.remap` counts in int16."""


def square_grid(corners: Floats, rows: int = ROWS, cols: int = COLS) -> Grid:
    """The grid of a flat page, seen in perspective; `corners` clockwise from its top left."""
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    across, down = np.meshgrid(np.linspace(0, 1, cols), np.linspace(0, 1, rows))
    lattice = np.stack([across, down], axis=2).astype(np.float32)
    return through(
        lattice, np.asarray(cv2.getPerspectiveTransform(unit, corners.astype(np.float32)), np.float64)
    )


def through(grid: Grid, matrix: Floats) -> Grid:
    """The grid's points, moved by a homography ``(3, 3)``."""
    return np.asarray(cv2.perspectiveTransform(grid.reshape(1, -1, 2), matrix), np.float32).reshape(
        grid.shape
    )


def is_sound(grid: Grid) -> bool:
    """Whether a grid in a view is one of a page: finite, hardly folded, and not tiny."""
    if grid.ndim != 3 or min(grid.shape[:2]) < 4 or not np.isfinite(grid).all():
        return False
    across, down = np.diff(grid, axis=1)[:-1], np.diff(grid, axis=0)[:, :-1]
    areas = across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
    return bool((areas > 0).mean() > _UNFOLDED and areas.sum() > _SMALLEST * VIEW[0] * VIEW[1])


def lengths(grid: Grid) -> tuple[float, float]:
    """Width and height of the page in pixels of the picture, along the paper: means over the grid."""
    across = np.linalg.norm(np.diff(grid, axis=1), axis=2).sum(axis=1)
    down = np.linalg.norm(np.diff(grid, axis=0), axis=2).sum(axis=0)
    return float(across.mean()), float(down.mean())


def fine(grid: Grid, size: tuple[int, int]) -> Grid:
    """The grid at every pixel of a page of `size` (width, height), cubic between its points."""
    rows, cols = grid.shape[:2]
    across = _places(cols, size[0])
    down = _places(rows, size[1])
    # One direction after the other: 8 taps a pixel instead of 16.
    wide = _cubic(grid.transpose(1, 0, 2), across).transpose(1, 0, 2)
    return np.ascontiguousarray(_cubic(wide, down), np.float32)


def lay_flat(image: Image, grid: Grid, size: tuple[int, int]) -> Image:
    """The page under a grid as a picture of `size` (width, height)."""
    size = (min(size[0], _MAX_SIDE), min(size[1], _MAX_SIDE))
    places = fine(grid, size)
    how = cv2.INTER_CUBIC if min(image.shape[:2]) > 3 else cv2.INTER_LINEAR
    flat = cv2.remap(image, places, None, how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.uint8)


def between(values: Floats, shape: tuple[int, ...]) -> Floats:
    """Values at the nodes of a lattice, at those of another of `shape` (rows, cols); the borders coincide."""
    down, across = (np.linspace(0, old - 1, new) for old, new in zip(values.shape, shape, strict=True))
    wide = _cubic(np.ascontiguousarray(values.T, np.float32), across).T
    return np.asarray(_cubic(np.ascontiguousarray(wide), down), np.float64)


def _places(count: int, pixels: int) -> Floats:
    """Where the pixels' centres lie, in steps of a lattice of `count` lines border to border."""
    return (np.arange(pixels) + 0.5) / pixels * (count - 1)


def _cubic(lines: Grid, places: Floats) -> Grid:
    """Catmull-Rom along the first axis; straight on past the last lines."""
    first = 2 * lines[:1] - lines[1:2]
    last = 2 * lines[-1:] - lines[-2:-1]
    padded = np.concatenate([first, lines, last])
    start = np.clip(np.floor(places).astype(np.intp), 0, len(lines) - 2)
    t = places - start
    weights = 0.5 * np.stack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3]
    )
    # A product of matrices: each row has four weights that are not 0.
    mix = np.zeros((len(places), len(padded)), np.float32)
    for tap in range(4):
        mix[np.arange(len(places)), start + tap] += weights[tap].astype(np.float32)
    return np.asarray(np.tensordot(mix, padded, axes=1), np.float32)
