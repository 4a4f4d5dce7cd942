"""Hough transform of straight lines; the NumPy twin of ``_hough``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]


def hough_votes(strength: Plane, gradient_x: Plane, gradient_y: Plane, floor: float, spread: int) -> Plane:
    """Accumulate a Hough transform in which each edge pixel votes near its own gradient's direction.

    A pixel votes if its strength is above `floor` and the largest across its edge (of the
    two neighbours nearest the gradient's direction).

    Parameters
    ----------
    strength
        float32 ``(rows, cols)``, the weight of a vote.
    gradient_x, gradient_y
        float32 ``(rows, cols)``, only the direction counts.
    spread
        Votes go to this many angles to either side of the gradient's, falling off as a
        parabola: 0 beyond the last. At most 60.

    Returns
    -------
    ndarray
        float32 ``(180, 2 * reach + 1)``, indexed by the normal's angle in degrees, x
        towards y, and by the distance from the picture's centre plus ``reach``, where
        ``reach = ceil(hypot(rows, cols) / 2) + 1``.
    """
    rows, cols = strength.shape
    reach = int(np.ceil(np.hypot(rows, cols) / 2)) + 1
    y, x = np.nonzero(_edge_maxima(strength, gradient_x, gradient_y) & (strength > floor))
    angle = np.degrees(np.arctan2(gradient_y[y, x].astype(float), gradient_x[y, x].astype(float)))
    weight = strength[y, x].astype(float)
    across = x - (cols - 1) / 2
    down = y - (rows - 1) / 2
    votes = np.zeros((180, 2 * reach + 1))
    for shift in range(-spread, spread + 1):
        degrees = np.floor(angle + 0.5) + shift
        fall = np.maximum(1 - ((degrees - angle) / (spread + 1)) ** 2, 0)
        number = degrees.astype(int) % 180
        distance = across * np.cos(np.radians(number)) + down * np.sin(np.radians(number))
        bins = np.floor(distance + reach + 0.5).astype(int)
        np.add.at(votes, (number, bins), weight * fall)
    return votes.astype(np.float32)


def _edge_maxima(strength: Plane, gradient_x: Plane, gradient_y: Plane) -> npt.NDArray[np.bool_]:
    """Mask of the pixels whose strength is the largest across their edge; never on the picture's border."""
    rows, cols = strength.shape
    maxima = np.zeros((rows, cols), bool)
    if rows < 3 or cols < 3:
        return maxima
    inner = strength[1:-1, 1:-1]
    sector = _sector(gradient_x[1:-1, 1:-1], gradient_y[1:-1, 1:-1])
    for number, (dx, dy) in enumerate(((1, 0), (1, 1), (0, 1), (-1, 1))):
        ahead = strength[1 + dy : rows - 1 + dy, 1 + dx : cols - 1 + dx]
        behind = strength[1 - dy : rows - 1 - dy, 1 - dx : cols - 1 - dx]
        maxima[1:-1, 1:-1] |= (sector == number) & (inner >= ahead) & (inner > behind)
    return maxima


def _sector(gradient_x: Plane, gradient_y: Plane) -> npt.NDArray[np.int64]:
    """Sector of the gradient: 0 level, 1 falling diagonal, 2 upright, 3 rising; the limits are tan 22.5."""
    level = np.abs(gradient_x)
    upright = np.abs(gradient_y)
    limit = np.float32(0.41421356)
    diagonal = np.where((gradient_x < 0) == (gradient_y < 0), 1, 3)
    steep = np.where(level < limit * upright, 2, diagonal)
    return np.where(upright < limit * level, 0, steep)
