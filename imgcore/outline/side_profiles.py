"""Profiles of a reduced picture across the sides of a quadrilateral, and what they show of a sheet's edge."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Plane = npt.NDArray[np.float32]

_REACH = 8
"""Pixels on either side of an edge that a profile spans."""
_POINTS = 40
_MARGIN = 0.06
"""Share of a side at its ends that is left out: corners are rounded, torn, or another's side."""
_SHORTEST = 12.0
_BARE = 4.0
"""Grey levels over three pixels up to which there is no edge."""
_FAINTEST = 12.0
"""Grey levels by which a printed rule differs from the paper beside it."""
_RULE = 0.35
"""Largest difference between the two sides of a rule, as a share of the rule's own."""
_STEP = 15.0
"""Grey levels of a step at a sheet's edge that is clear enough to be looked for beyond its corner."""
_BEYOND = (3.0, 0.3, 60.0)
"""Pixels beyond a corner from which edges are followed, and up to which: a share of the side, and at most."""
_ALIKE = (0.5, 1.8)
"""Strength of an edge that goes on, against that of the side."""


def across(picture: Plane, quad: Floats) -> list[Floats]:
    """Sample the profiles across each side that the picture shows.

    Parameters
    ----------
    picture
        float32 ``(rows, cols, channels)``.
    quad
        ``(4, 2)``, in its pixels.

    Returns
    -------
    list of ndarray
        ``(points, 2 * 8 + 1, channels)`` a side, from the inside to the outside; sides on the picture's
        border are left out.
    """
    found = []
    for start, end in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        along = end - start
        if np.hypot(*along) < _SHORTEST:
            continue
        steps = np.linspace(_MARGIN, 1 - _MARGIN, _POINTS)[:, None]
        profiles = _sampled(picture, start + steps * along, _outward(along, quad.mean(axis=0) - start))
        if len(profiles) >= _POINTS / 2:
            found.append(profiles)
    return found


def bare(profiles: Floats) -> float:
    """Share of a side along which there is no edge at all: it lies on paper."""
    rise = np.abs(profiles[:, 7:13] - profiles[:, 4:10]).max(axis=2).max(axis=1)
    return float((rise < _BARE).mean())


def ruled(profiles: Floats) -> float:
    """Share of a side that is a line, or two side by side, with the same paper on both sides of them."""
    narrow = _line(profiles, (2, 6), (11, 15), _FAINTEST)
    return float((narrow | _line(profiles, (0, 3), (14, 17), 2 * _FAINTEST)).mean())


def _line(
    profiles: Floats, inner: tuple[int, int], outer: tuple[int, int], least: float
) -> npt.NDArray[np.bool_]:
    """Mask of the profiles that differ by `least` levels between two parts that hardly differ."""
    inside, outside = (_middle(profiles[:, slice(*part)]) for part in (inner, outer))
    step = np.abs(inside - outside).max(axis=1)
    low, high = np.minimum(inside, outside)[:, None], np.maximum(inside, outside)[:, None]
    middle = profiles[:, inner[1] : outer[0]]
    line = np.maximum(low - middle, middle - high).max(axis=(1, 2))
    return np.asarray((line > least) & (step < _RULE * line))


def _middle(values: Floats) -> Floats:
    """Upper median along the second axis; of a few values a fifth of the time that `numpy.median` takes."""
    place = values.shape[1] // 2
    return np.asarray(np.partition(values, place, axis=1)[:, place])


def turn_and_skew(quads: Sequence[Floats]) -> tuple[float, float]:
    """Degrees, modulo 90, by which all sides together are turned, and one is turned most against them."""
    edges = np.roll(quads, -1, axis=1) - np.asarray(quads)
    turns = np.exp(4j * np.arctan2(edges[..., 1], edges[..., 0]))
    mean = turns.mean()
    apart = np.abs(np.angle(turns / mean)).max()
    return float(np.degrees(abs(np.angle(mean)) / 4)), float(np.degrees(apart / 4))


def parallel(quads: Sequence[Floats]) -> float:
    """Largest angle in degrees by which one of several quadrilaterals is turned against all, modulo 90."""
    edges = np.roll(quads, -1, axis=1) - np.asarray(quads)
    lengths = np.hypot(edges[..., 0], edges[..., 1])
    turns = (lengths * np.exp(4j * np.arctan2(edges[..., 1], edges[..., 0]))).sum(axis=1)
    turns = turns / np.maximum(np.abs(turns), 1e-9)
    return float(np.degrees(np.abs(np.angle(turns / turns.mean())) / 4).max())


def continuation(picture: Plane, quad: Floats, free: npt.NDArray[np.bool_]) -> float:
    """Share of its length along which the sheet's edges go on beyond one side, as of a receipt cut at a fold.

    Parameters
    ----------
    free
        bool ``(rows, cols)``: False where another document was found.
    """
    return max(
        min(_continues(picture, free, *edge) for edge in ((a, b, c), (d, c, b)))
        for a, b, c, d in (np.roll(quad, -turn, axis=0) for turn in range(4))
    )


def _continues(
    picture: Plane, free: npt.NDArray[np.bool_], start: Floats, corner: Floats, inner: Floats
) -> float:
    """Share along which the edge from `start` to `corner` goes on; `inner` lies on the document's side."""
    along = corner - start
    length = float(np.hypot(*along))
    if length < _SHORTEST:
        return 0.0
    normal = -_outward(along, inner - corner)
    way = along / length
    own = _steps(picture, corner - np.linspace(0.05, 0.4, 16)[:, None] * along, normal)
    first, share, most = _BEYOND
    points = corner + np.arange(first, max(first + 10, min(share * length, most)), 2.0)[:, None] * way
    beyond = _steps(picture, points[_within(points, free)], normal)
    step = np.median(own, axis=0) if len(own) else np.zeros(1)
    strength = float(step @ step)
    if strength < _STEP**2 or len(beyond) < 5:
        return 0.0
    likeness = beyond @ step / strength
    return float(((likeness > _ALIKE[0]) & (likeness < _ALIKE[1])).mean())


def _outward(along: Floats, inside: Floats) -> Floats:
    """Unit normal of a side that points away from `inside`, both from the side's start."""
    normal = np.array([along[1], -along[0]]) / np.hypot(*along)
    return np.asarray(-normal if normal @ inside > 0 else normal)


def _within(points: Floats, free: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mask of the points that lie well in the picture, and in no other document."""
    rows, cols = free.shape
    x, y = np.rint(points).astype(int).T
    seen = (x >= 5) & (y >= 5) & (x < cols - 5) & (y < rows - 5)
    return np.asarray(seen & free[np.clip(y, 0, rows - 1), np.clip(x, 0, cols - 1)])


def _steps(picture: Plane, points: Floats, inward: Floats) -> Floats:
    """Differences ``(n, channels)`` across an edge, four pixels on either side of it."""
    inside, outside = (_looked_up(picture, points + away * inward) for away in (4.0, -4.0))
    return inside - outside


def _sampled(picture: Plane, points: Floats, outward: Floats) -> Floats:
    """Sample profiles at points of a side; those that leave the picture near the edge are left out."""
    rows, cols = picture.shape[:2]
    away = np.arange(-_REACH, _REACH + 1)[None, :, None]
    places = points[:, None] + away * outward
    near = places[:, : _REACH + 5]
    inside = (near >= 1).all(axis=(1, 2)) & (near <= np.array([cols, rows]) - 2).all(axis=(1, 2))
    return _looked_up(picture, places[inside])


def _looked_up(picture: Plane, places: Floats) -> Floats:
    """Interpolate a picture at places ``(..., 2)``; beyond its border the border's values."""
    flat = places.reshape(1, -1, 2).astype(np.float32)
    if not flat.size:
        return np.empty((*places.shape[:-1], picture.shape[2]))
    values = cv2.remap(picture, flat, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(values, np.float64).reshape(*places.shape[:-1], picture.shape[2])
