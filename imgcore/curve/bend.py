"""Measures of a page's deviation from flat, and the rows of the nearest flat page."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.curve.border import find_border
from imgcore.curve.grid import VIEW, Floats, Grid, perspective_grid, transform_grid
from imgcore.curve.text_lines import shift_rows
from imgcore.types import Image

_REACH = 20.0
"""Pixels of the view within which a flat page's edge is searched."""
_PLACES = slice(6, -6)
"""Places of a side that count: without the ends, as a corner may be rounded or folded."""


def border_bend(view: Image, quad: Floats) -> float:
    """Deviation of the sheet's edges from straight lines, in pixels of the view.

    The mean over the sides, for each the deviation that nine of ten places stay within.
    """
    border = find_border(view, perspective_grid(quad), _REACH)
    deviations = []
    for offsets in border.offsets:
        at = np.linspace(-1, 1, len(offsets))
        line = np.polyval(np.polyfit(at, offsets, 1), at)
        deviations.append(np.percentile(np.abs(offsets - line)[_PLACES], 90))
    return float(np.mean(deviations))


def grid_bend(grid: Grid) -> float:
    """Root mean square deviation of a grid in a view from the nearest flat page's, in pixels."""
    lattice, flat = _nearest_flat(grid)
    if flat is None:
        return float(np.hypot(*VIEW))
    away = transform_grid(lattice, flat) - grid
    return float(np.sqrt((away**2).sum(axis=2).mean()))


def toward_plane(grid: Grid, share: float) -> Grid:
    """Shift a grid's rows by `share` of the way to where the nearest flat page has them."""
    _, flat = _nearest_flat(grid)
    if flat is None:
        return grid
    down = transform_grid(grid, np.asarray(np.linalg.inv(flat), np.float64))[..., 1].mean(axis=1)
    rows = np.linspace(0, 1, len(grid))
    down = np.maximum.accumulate((down - down[0]) / (down[-1] - down[0]))
    shift = share * (np.interp(rows, down, rows) - rows) * (len(grid) - 1)
    return shift_rows(grid, np.repeat(shift[:, None], grid.shape[1], axis=1))


def _nearest_flat(grid: Grid) -> tuple[Grid, Floats | None]:
    """The lattice of a grid on the unit square, and the homography that maps it nearest to the grid."""
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
    lattice = perspective_grid(unit, *grid.shape[:2])
    flat, _ = cv2.findHomography(lattice.reshape(-1, 2), grid.reshape(-1, 2), 0)
    return lattice, None if flat is None else np.asarray(flat, np.float64)
