"""Directions of the sides of quadrilaterals, modulo 90 degrees."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def mean_turn(quads: Floats) -> float:
    """Degrees by which all sides of ``(q, 4, 2)`` together are turned."""
    return float(np.degrees(abs(np.angle(_turns(quads).mean())) / 4))


def skews(quads: Floats) -> Floats:
    """Degrees ``(q,)`` by which the side of each that is turned most is turned against its others."""
    turns = _turns(quads)
    apart = np.abs(np.angle(turns / turns.mean(axis=1, keepdims=True))).max(axis=1)
    return np.asarray(np.degrees(apart / 4))


def unparallel(quads: Floats) -> float:
    """Largest angle in degrees by which one is turned against all."""
    turns = (_lengths(quads) * _turns(quads)).sum(axis=1)
    turns = turns / np.maximum(np.abs(turns), 1e-9)
    return float(np.degrees(np.abs(np.angle(turns / turns.mean())) / 4).max())


def common_direction(quads: Floats) -> complex:
    """Direction of all sides, the longer ones more, as a unit number to its fourth power."""
    turn = complex((_lengths(quads) * _turns(quads)).sum())
    return turn / max(1e-9, abs(turn))


def _turns(quads: Floats) -> npt.NDArray[np.complex128]:
    edges = np.roll(quads, -1, axis=1) - quads
    return np.asarray(np.exp(4j * np.arctan2(edges[..., 1], edges[..., 0])))


def _lengths(quads: Floats) -> Floats:
    edges = np.roll(quads, -1, axis=1) - quads
    return np.asarray(np.hypot(edges[..., 0], edges[..., 1]))
