"""What surrounds each minutia: its neighbours (Minutia Cylinder-Code) and the ridges' directions.

Cappelli, Ferrara, Maltoni, "Minutia Cylinder-Code" (2010); Tico, Kuosmanen, "Fingerprint matching
using an orientation-based minutia descriptor" (2003).
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.fingerprint.fields import CELL, Fields, Map

Floats = npt.NDArray[np.float32]

RADIUS = 75.0
SIDE = 16
LAYERS = 6
SIGMA_PLACE = 28 / 3
SIGMA_TURN = 2 / 9 * np.pi
RINGS = ((12, 8), (24, 12), (38, 16), (54, 20), (72, 24))
"""Radius in pixels and number of samples of each ring of directions."""


@cache
def _cells() -> Floats:
    """Centres of a cylinder's cells around its minutia."""
    steps = (np.arange(SIDE) + 0.5) * 2 * RADIUS / SIDE - RADIUS
    x, y = np.meshgrid(steps, steps)
    round_ones = np.hypot(x, y) <= RADIUS
    return np.stack([x[round_ones], y[round_ones]], 1).astype(np.float32)


@cache
def _samples() -> Floats:
    angles = [(radius, np.arange(count) * 2 * np.pi / count) for radius, count in RINGS]
    return np.concatenate([radius * np.stack([np.cos(a), np.sin(a)], 1) for radius, a in angles]).astype(np.float32)


def _around(points: Floats, directions: Floats, offsets: Floats) -> Floats:
    """Offsets turned with each minutia and put around it; ``(n, k, 2)``."""
    c, s = np.cos(directions)[:, None], np.sin(directions)[:, None]
    x, y = offsets[:, 0], offsets[:, 1]
    return points[:, None] + np.stack([x * c - y * s, x * s + y * c], 2)


def _looked_up(field: npt.NDArray[np.generic], places: Floats) -> npt.NDArray[np.generic]:
    """The value of the cell of each place; 0 outside."""
    cols, rows = (np.floor(places[..., axis] / CELL).astype(np.intp) for axis in (0, 1))
    within = (rows >= 0) & (cols >= 0) & (rows < field.shape[0]) & (cols < field.shape[1])
    return np.where(within, field[np.where(within, rows, 0), np.where(within, cols, 0)], field.dtype.type(0))


def cylinders(points: Floats, directions: Floats, inside: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Values float32 ``(n, cells * LAYERS)`` and valid cells, float32 0 or 1 ``(n, cells)``."""
    places = _around(points, directions, _cells())
    valid = _looked_up(inside, places).astype(np.float32)
    apart = places[:, :, None] - points[None, None]
    near = np.exp(np.square(apart).sum(3) * np.float32(-0.5 / SIGMA_PLACE**2))
    near[np.arange(len(points)), :, np.arange(len(points))] = 0
    centres = ((np.arange(LAYERS) + 0.5) * 2 * np.pi / LAYERS - np.pi).astype(np.float32)
    turn = (directions[:, None] - directions[None])[:, :, None] - centres
    turn = turn - 2 * np.pi * np.rint(turn / (2 * np.pi))
    alike = np.exp(np.square(turn) * np.float32(-0.5 / SIGMA_TURN**2)).astype(np.float32)
    mass = np.matmul(near, alike)
    values = np.minimum(mass, 1.0) * valid[:, :, None]
    return np.ascontiguousarray(values.reshape(len(points), -1)), valid


def directions_around(points: Floats, directions: Floats, fields: Fields) -> npt.NDArray[np.complex64]:
    """Doubled directions of ridges around each minutia, against its own, as long as they are coherent."""
    places = _around(points, directions, _samples())
    doubled = fields.coherence * np.exp(2j * fields.normal) * fields.inside
    around = _looked_up(doubled.astype(np.complex64), places)
    return (around * np.exp(-2j * directions)[:, None]).astype(np.complex64)
