"""Measures that tell paper and cards from devices: keyboards, calculators, telephones, rulers.

A device has keys at an even pitch both ways, a screen in an even rim, round corners that show the desk, and
a body that casts a shadow. Each candidate is seen as a square, its longer side across, with what borders it.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float64]
Planes = npt.NDArray[np.float32]

NAMES = (
    *("paper", "print", "level", "saturation", "variety"),
    *("across", "down", "lattice", "gaps_across", "gaps_down"),
    *("near_rim", "off_rim", "centre", "round_most", "round_next", "shade_most", "shade_least"),
    *("step", "rough", "flow", "elongation", "size", "lightest", "mirrored", "rim_strays"),
)
"""Measures of a candidate: share of the inside that has the rim's colour, and median distance from it; the
rim's level and saturation; deviation of levels; how regularly rows, columns and both repeat; gaps of the
rim's colour between columns and between rows; distance from the rim's colour at three depths; how far corners
are not of the rim's colour; darkness just outside of sides; step in colour to the outside; fine detail, and
how much more of it runs down than across; shape and size; lightest tenth; likeness to its mirror images;
spread of the rim's colours."""

_AROUND = 8
"""Pixels of ground around the candidate, at each side of its square."""
_INSIDE = 48
"""Pixels of the candidate along each side of its square."""
_WHOLE = slice(_AROUND, _AROUND + _INSIDE)
"""Rows, or columns, of the square that the candidate takes."""
_NEAR = slice(_AROUND - 3, _AROUND - 1)
"""Rows of the ground just outside of a side, where a shadow lies."""
_FAR = slice(0, 2)
"""Rows of the ground farther away from a side, beyond a shadow."""
_ALIKE = 16.0
"""Distance in grey levels below which a pixel has the rim's colour."""
_FAINT = 6.0
"""Grey levels that are next to nothing."""
_CLEAR = 0.35
"""Distance from the rim's colour below which a row or column is a gap, as a share of the distance that a
tenth of the candidate exceeds."""
_SHORTEST = 3
"""Least pitch of keys, in pixels of the square."""
_AXIS = np.arange(_INSIDE)
"""Numbers of the candidate's rows, or columns."""
_DEPTH = np.minimum(*np.meshgrid(*[np.minimum(_AXIS, _AXIS[::-1])] * 2))
"""Distance of each of the candidate's pixels from the nearest side."""
_RIM = np.isin(_DEPTH, (1, 2))
"""Mask of the candidate's rim: the second and the third pixel from each side."""
_DEPTHS = tuple(np.isin(_DEPTH, range(*depths)) for depths in ((3, 6), (6, 12), (12, 24)))
"""Masks of three rings, each farther inside, in which the distance from the rim's colour is measured."""


def measure_devices(small: Image, quads: Floats) -> Floats:
    """Measure candidates ``(n, 4, 2)``, in pixels of a BGR or grey picture: ``(n, len(NAMES))``."""
    seen = np.stack([_square(small, quad) for quad in quads]).astype(np.float32)
    inside = seen[:, _WHOLE, _WHOLE]
    ring = inside[:, _RIM]
    rim = np.median(ring, axis=1)
    away = np.linalg.norm(inside - rim[:, None, None], axis=3)
    flat = away.reshape(len(away), -1)
    marks = np.minimum(away / (np.percentile(flat, 90, axis=1)[:, None, None] + 4), 1.2)
    grey = inside.mean(axis=3)
    levels = inside.mean(axis=3).reshape(len(inside), -1)
    across = _regularity(marks)
    down = _regularity(marks.transpose(0, 2, 1))
    round_corners = np.sort(_round_corners(seen, rim), axis=1)
    shade = _shade(seen.mean(axis=3))
    ground = np.median(seen[:, [1, -2]].reshape(len(seen), -1, 3), axis=1)
    edges = np.linalg.norm(np.roll(quads, -1, axis=1) - quads, axis=2)
    sides = np.sort(edges[:, :2] + edges[:, 2:], axis=1) / 2
    rise, fall = (np.abs(np.diff(grey, axis=axis)).mean(axis=(1, 2)) for axis in (2, 1))
    mirrored = sum(np.abs(marks - other).mean(axis=(1, 2)) for other in (marks[:, ::-1], marks[:, :, ::-1]))
    core = marks[:, _SHORTEST:-_SHORTEST, _SHORTEST:-_SHORTEST]
    return np.column_stack(
        [
            (away < _ALIKE).mean(axis=(1, 2)),
            np.log1p(np.median(flat, axis=1) / _FAINT),
            rim.mean(axis=1) / 255,
            np.log1p(np.ptp(rim, axis=1) / _FAINT),
            np.log1p(levels.std(axis=1) / _FAINT),
            *(across, down, np.minimum(across, down), _gaps(core, 1), _gaps(core, 2)),
            *(np.log1p(away[:, depth].mean(axis=1) / _FAINT) for depth in _DEPTHS),
            *(round_corners[:, 3], round_corners[:, 1], shade.max(axis=1), shade.min(axis=1)),
            np.log1p(np.linalg.norm(rim - ground, axis=1) / _FAINT),
            np.log1p(_detail(grey) / 3),
            np.log((rise + 1) / (fall + 1)),
            np.log(sides[:, 1] / sides[:, 0]),
            np.log(sides.prod(axis=1)) / 2,
            np.percentile(levels, 90, axis=1) / 255,
            1 - mirrored,
            np.log1p(np.abs(ring - rim[:, None]).max(axis=2).mean(axis=1) / _FAINT),
        ]
    ).astype(np.float64)


def _square(small: Image, quad: Floats) -> Image:
    """Return a candidate and what borders it as a square, its longer sides across."""
    edges = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    turned = quad if edges[0] + edges[2] >= edges[1] + edges[3] else np.roll(quad, -1, axis=0)
    near = _AROUND - 0.5
    far = _AROUND + _INSIDE - 0.5
    target = np.array([(near, near), (far, near), (far, far), (near, far)], np.float32)
    warp = cv2.getPerspectiveTransform(turned.astype(np.float32), target)
    side = _INSIDE + 2 * _AROUND
    seen = cv2.warpPerspective(small, warp, (side, side), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen if seen.ndim == 3 else cv2.cvtColor(seen, cv2.COLOR_GRAY2BGR), np.uint8)


def _regularity(marks: Planes) -> Planes:
    """Return how regularly rows repeat: how far their autocorrelation rises again after its first dip."""
    rows = marks[:, 2:-2] - marks[:, 2:-2].mean(axis=2, keepdims=True)
    half = _INSIDE // 2
    power = (np.abs(np.fft.rfft(rows, 2 * _INSIDE, axis=2)) ** 2).sum(axis=1)
    alike = np.fft.irfft(power, axis=1)[:, :half] * (_INSIDE / (_INSIDE - np.arange(half)))
    alike /= alike[:, :1] + 1e-3
    above = alike - np.minimum.accumulate(alike, axis=1)
    return np.asarray(above[:, _SHORTEST:].max(axis=1), np.float32)


def _gaps(core: Planes, axis: int) -> Planes:
    """Return the logarithm of one more than the number of gaps that cross the whole candidate."""
    clear = np.percentile(core, 85, axis=axis) < _CLEAR
    return np.asarray(np.log1p((clear[:, 1:] & ~clear[:, :-1]).sum(axis=1)), np.float32)


def _round_corners(seen: Planes, rim: Planes) -> Planes:
    """Return for each corner ``(n, 4)`` how much less it is like the rim than like the ground beyond it."""
    ends = ((_AROUND, _AROUND + 2), (_AROUND + _INSIDE - 2, _AROUND + _INSIDE))
    beyond = ((_AROUND - 4, _AROUND - 1), (_AROUND + _INSIDE + 1, _AROUND + _INSIDE + 4))
    corner, ground = (
        np.stack([seen[:, slice(*y), slice(*x)].mean(axis=(1, 2)) for y in places for x in places], axis=1)
        for places in (ends, beyond)
    )
    from_rim = np.linalg.norm(corner - rim[:, None], axis=2)
    return np.asarray(from_rim / (from_rim + np.linalg.norm(corner - ground, axis=2) + _FAINT), np.float32)


def _shade(grey: Planes) -> Planes:
    """Return how much darker the ground is just outside of each side ``(n, 4)`` than farther away."""
    turned = [np.rot90(grey, turns, axes=(1, 2)) for turns in range(4)]
    near, far = ([plane[:, part, _WHOLE].mean(axis=(1, 2)) for plane in turned] for part in (_NEAR, _FAR))
    return np.asarray((np.array(far) - near) / (np.array(far) + 20), np.float32).T


def _detail(grey: Planes) -> Planes:
    """Return the mean of the Laplacian's magnitude."""
    around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    return np.asarray(np.abs(4 * grey[:, 1:-1, 1:-1] - around).mean(axis=(1, 2)), np.float32)
