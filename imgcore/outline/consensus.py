"""Consensus of near candidates on the corners of one document.

Of a document's many candidates none may be exact; each errs at another side. Their mean, weighed by odds, is
nearer to the document than the likeliest of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_UNLIKELY = 3.0
"""Logarithm of odds by which a candidate may be less likely than the selected one."""
_NEAR = 0.1
"""Mean distance of the corners, as a share of the size, up to which two candidates are of one document."""
_SHARPNESS = 2.0
"""Power of the odds by which candidates weigh."""


def consensus(corners: Floats, odds: Floats, chosen: Sequence[int]) -> Floats:
    """Return the corners ``(len(chosen), 4, 2)`` of selected candidates, averaged with those near to it."""
    return np.array([_mean(corners, odds, number) for number in chosen]).reshape(-1, 4, 2)


def _mean(corners: Floats, odds: Floats, number: int) -> Floats:
    own = corners[number]
    edges = np.roll(own, -1, axis=0) - own
    size = np.sqrt(np.linalg.norm(edges[0]) * np.linalg.norm(edges[1]))
    near = np.abs(corners.mean(axis=1) - own.mean(axis=0)).max(axis=1) < 2 * _NEAR * size
    near &= odds > odds[number] - _UNLIKELY
    aligned, distances = _aligned(corners[near], own)
    weights = np.where(distances < _NEAR * size, np.exp(_SHARPNESS * (odds[near] - odds[number])), 0.0)
    return np.asarray(np.tensordot(weights, aligned, 1) / weights.sum())


def _aligned(corners: Floats, own: Floats) -> tuple[Floats, Floats]:
    """Return corners in the order in which they are nearest to `own`, and their mean distances from it."""
    orders = np.array([np.roll(order, turn) for order in ((0, 1, 2, 3), (3, 2, 1, 0)) for turn in range(4)])
    ways = corners[:, orders]
    distances = np.linalg.norm(ways - own, axis=3).mean(axis=2)
    best = distances.argmin(axis=1)
    rows = np.arange(len(corners))
    return ways[rows, best], distances[rows, best]
