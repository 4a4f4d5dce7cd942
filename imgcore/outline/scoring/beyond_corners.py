"""Edges of quadrilaterals that go on beyond their corners, as those of a receipt cut at its fold."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.outline.scoring.side_profiles import looked_up

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Plane = npt.NDArray[np.float32]

_SHORTEST = 12.0
"""Length in pixels of a side below which its edge is not followed beyond the corner."""
_STEP = 15.0
"""Step in grey levels at a sheet's edge from which it is clear enough to be looked for beyond its corner."""
_FIRST = 3.0
"""Pixels beyond a corner from which an edge is followed."""
_SHARE = 0.3
"""Share of a side's length up to which its edge is followed beyond the corner, within limits."""
_LEAST = 13.0
"""Pixels beyond a corner up to which an edge is followed, at least."""
_MOST = 60.0
"""Pixels beyond a corner up to which an edge is followed, at most."""
_SEEN = 10.0
"""Pixels beyond a corner that have to be seen, in the picture and outside of other documents."""
_ALIKE = (0.5, 1.8)
"""Least and largest strength of an edge that goes on, as a multiple of the side's own."""
_AWAY = 4.0
"""Pixels from an edge, to either side, at which its colours are taken."""
_RIM = 5
"""Pixels at the picture's border that are left out."""
_OWN = np.linspace(0.05, 0.4, 16)
"""Places on a side at which the step at its edge is taken, from the corner, as shares of its length."""
_FOLLOWED = np.linspace(0, 1, 20)
"""Places at which an edge is followed beyond a corner, as shares of the way that is looked at."""


class _Edges(NamedTuple):
    """Edges ``(q, 4, 2)``: two beside each side, followed beyond its ends; all points ``(q, 4, 2, 2)``."""

    corner: Floats
    along: Floats
    inward: Floats
    length: Floats


def continuation(picture: Plane, quads: Floats, free: Mask) -> Floats:
    """Share ``(q,)`` of their length along which the edges beside one side go on beyond it.

    Parameters
    ----------
    picture
        float32 ``(rows, cols, channels)``.
    free
        bool ``(rows, cols)``: False where another document was found.
    """
    edges = _edges(quads)
    own = edges.corner[..., None, :] - _OWN[:, None] * edges.along[..., None, :]
    reach = np.clip(_SHARE * edges.length, _LEAST, _MOST)[..., None]
    way = edges.along / np.maximum(1e-9, edges.length)[..., None]
    ahead = _FIRST + (reach - _FIRST) * _FOLLOWED
    beyond = edges.corner[..., None, :] + ahead[..., None] * way[..., None, :]
    steps = _steps(picture, np.concatenate([own, beyond], axis=-2), edges.inward)
    step = np.median(steps[..., : len(_OWN), :], axis=-2)
    strength = (step**2).sum(axis=-1)
    likeness = (steps[..., len(_OWN) :, :] * step[..., None, :]).sum(axis=-1)
    likeness /= np.maximum(1e-9, strength)[..., None]
    shown = _shown(beyond, free)
    alike = shown & (likeness > _ALIKE[0]) & (likeness < _ALIKE[1])
    enough = shown.sum(axis=-1) * (reach[..., 0] - _FIRST) >= _SEEN * (len(_FOLLOWED) - 1)
    clear = enough & (strength >= _STEP**2) & (edges.length >= _SHORTEST)
    share = np.where(clear, alike.sum(axis=-1) / np.maximum(1, shown.sum(axis=-1)), 0.0)
    return np.asarray(share.min(axis=2).max(axis=1))


def _edges(quads: Floats) -> _Edges:
    before, start, end, after = (np.roll(quads, -turn, axis=1) for turn in range(4))
    corner = np.stack([start, end], axis=2)
    along = corner - np.stack([before, after], axis=2)
    length = np.hypot(along[..., 0], along[..., 1])
    inner = np.stack([end - start, start - end], axis=2)
    normal = np.stack([along[..., 1], -along[..., 0]], axis=-1) / np.maximum(1e-9, length)[..., None]
    inward = np.where((normal * inner).sum(axis=-1, keepdims=True) > 0, normal, -normal)
    return _Edges(corner, along, inward, length)


def _shown(points: Floats, free: Mask) -> Mask:
    """Mask of the points that lie well in the picture, and in no other document."""
    rows, cols = free.shape
    x, y = np.moveaxis(np.rint(points).astype(np.int64), -1, 0)
    seen = (x >= _RIM) & (y >= _RIM) & (x < cols - _RIM) & (y < rows - _RIM)
    return np.asarray(seen & free[np.clip(y, 0, rows - 1), np.clip(x, 0, cols - 1)])


def _steps(picture: Plane, points: Floats, inward: Floats) -> Floats:
    """Differences ``(..., channels)`` across an edge, four pixels on either side of it."""
    across = _AWAY * inward[..., None, :]
    both = looked_up(picture, np.stack([points + across, points - across]))
    return np.asarray(both[0] - both[1])
