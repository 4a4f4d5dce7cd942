"""Edges along the sides of quadrilaterals, and beyond their corners, as a reduced picture shows them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.kernels import sample_bilinear

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Plane = npt.NDArray[np.float32]

REACH = 8
"""Pixels on either side of an edge that a profile spans."""
_POINTS = 48
"""Number of profiles of a side."""
_MARGIN = 0.03
"""Share of a side at its ends that is left out: corners are rounded or torn."""
_SHORTEST = 12.0
"""Length in pixels below which a side is not looked at."""
_FREE = 0.3
"""Share of a side's places in the picture, with no other document beside them, from which the side is looked
at."""
_NEIGHBOUR = slice(REACH + 3, REACH + 7)
"""Part of a profile, beyond the edge, in which another document may lie."""
_BARE = 4.0
"""Grey levels over three pixels up to which there is no edge."""
_FAINTEST = 12.0
"""Grey levels by which a printed rule differs from the paper beside it."""
_RULE = 0.35
"""Largest difference between the two sides of a rule, as a share of the rule's own."""
_PLACE = slice(5, 10)
"""Part of a profile's slope, which begins a pixel later than the profile: two pixels on either side of the
edge."""
_AROUND = slice(2, 13)
"""Part of a profile's slope, which begins a pixel later than the profile: five pixels on either side of the
edge."""
_CLEAR = 0.3
"""Slope at the edge from which it is the side's, as a share of the side's median."""
_OWN = 0.6
"""Slope at the edge from which it is the side's, as a share of the steepest near it."""
_FAINT = 6.0
"""Slope at the edge from which it is the side's, in grey levels over two pixels."""
_END = 7
"""Number of profiles at either end of a side that tell of the corner."""
_AGREED = (0.4, 2.2)
"""Least and largest step in colour of a profile that agrees with the whole side, as a multiple of that of the
side."""


class SideProfiles(NamedTuple):
    """Profiles across all sides that a picture shows, of some quadrilaterals.

    Attributes
    ----------
    values
        ``(sides, points, 2 * 8 + 1, 3)``: colours, from the inside to the outside.
    owner
        ``(sides,)``: number of the quadrilateral.
    """

    values: Floats
    owner: Numbers


def sample_sides(picture: Plane, covered: npt.NDArray[np.uint8], quads: Floats) -> SideProfiles:
    """Sample the profiles across each side that the picture shows, where no other document borders it.

    Parameters
    ----------
    picture
        float32 ``(rows, cols, 3)``.
    covered
        Not 0 in all documents.
    quads
        ``(q, 4, 2)``, in pixels of the picture.
    """
    start = quads.reshape(-1, 2)
    along = (np.roll(quads, -1, axis=1) - quads).reshape(-1, 2)
    outward = _outward(along, (quads.mean(axis=1, keepdims=True) - quads).reshape(-1, 2))
    steps = np.linspace(_MARGIN, 1 - _MARGIN, _POINTS)
    edge = start[:, None] + steps[:, None] * along[:, None]
    places = edge[:, :, None] + np.arange(-REACH, REACH + 1)[:, None] * outward[:, None, None]
    seen: Mask = np.asarray(_within(places[:, :, : REACH + 5], covered.shape).all(axis=2))
    seen[np.hypot(along[:, 0], along[:, 1]) < _SHORTEST] = False
    free: Mask = np.asarray(seen & (_nearest(covered, places[:, :, _NEIGHBOUR]).max(axis=2) == 0))
    usable = (seen.sum(axis=1) >= _POINTS / 2) & (free.sum(axis=1) >= _FREE * seen.sum(axis=1))
    usable &= free.any(axis=1)
    shown = np.array([_spread_over(row) for row in free[usable]], np.int64).reshape(-1, _POINTS)
    chosen = places[np.flatnonzero(usable)[:, None], shown]
    return SideProfiles(looked_up(picture, chosen), np.flatnonzero(usable) // 4)


def _spread_over(free: Mask) -> Numbers:
    """Numbers of a side's free points, repeated evenly until there are as many as points of a side."""
    numbers = np.flatnonzero(free)
    return np.asarray(numbers[np.arange(_POINTS) * len(numbers) // _POINTS])


def bare(values: Floats) -> Floats:
    """Share of each side along which there is no edge at all: it lies on paper."""
    rise = np.abs(values[:, :, 7:13] - values[:, :, 4:10]).max(axis=(2, 3))
    return np.asarray((rise < _BARE).mean(axis=1))


def ruled(values: Floats) -> Floats:
    """Share of each side that is a line, or two side by side, with the same paper on both sides of them."""
    narrow = _line(values, (2, 6), (11, 15), _FAINTEST)
    return np.asarray((narrow | _line(values, (0, 3), (14, 17), 2 * _FAINTEST)).mean(axis=1))


def _line(values: Floats, inner: tuple[int, int], outer: tuple[int, int], least: float) -> Mask:
    """Mask of the profiles that differ by `least` levels between two parts that hardly differ."""
    inside, outside = (middle(values[:, :, slice(*part)], 2) for part in (inner, outer))
    step = np.abs(inside - outside).max(axis=2)
    low = np.minimum(inside, outside)[:, :, None]
    high = np.maximum(inside, outside)[:, :, None]
    between = values[:, :, inner[1] : outer[0]]
    line = np.maximum(low - between, between - high).max(axis=(2, 3))
    return np.asarray((line > least) & (step < _RULE * line))


def middle(values: Floats, axis: int) -> Floats:
    """Upper median; of a few values in a fifth of the time that `numpy.median` takes."""
    place = values.shape[axis] // 2
    return np.asarray(np.partition(values, place, axis=axis).take(place, axis=axis))


class Straightness(NamedTuple):
    """Measures ``(sides,)`` of how far an edge follows each side.

    Attributes
    ----------
    share
        Share of the side that has an edge at its place, as steep as any near it.
    ends
        ``(sides, 2)``: that share near each corner.
    strays
        Deviation of the steepest place from the side, in pixels.
    beyond
        Slope outside against that at the edge.
    agreed
        Share along which the step in colour is that of the whole side.
    """

    share: Floats
    ends: Floats
    strays: Floats
    beyond: Floats
    agreed: Floats


def straightness(values: Floats) -> Straightness:
    """Measure how far an edge follows each side: all of a sheet's, a part of what shapes of pictures make."""
    slope = np.abs(values[:, :, 2:] - values[:, :, :-2]).max(axis=3)
    around = slope[:, :, _AROUND]
    own = slope[:, :, _PLACE].max(axis=2)
    steepest = around.max(axis=2)
    least = np.maximum(_FAINT, _CLEAR * middle(steepest, 1))[:, None]
    edge = (own > least) & (own > _OWN * steepest)
    ends = np.stack([edge[:, :_END].mean(axis=1), edge[:, -_END:].mean(axis=1)], axis=1)
    clear = steepest > least
    away = np.abs(around.argmax(axis=2) - (around.shape[2] - 1) / 2)
    strays = (away * clear).sum(axis=1) / np.maximum(1, clear.sum(axis=1))
    beyond = middle(slope[:, :, 10:].max(axis=2), 1) / (middle(own, 1) + _FAINT)
    return Straightness(edge.mean(axis=1), ends, strays, beyond, _agreed(values))


def _agreed(values: Floats) -> Floats:
    """Share of each side along which the step in colour is that of the whole side."""
    step = middle(values[:, :, 10:13], 2) - middle(values[:, :, 4:7], 2)
    whole = middle(step, 1)[:, None]
    likeness = (step * whole).sum(axis=2) / ((whole**2).sum(axis=2) + _FAINT**2)
    return np.asarray(((likeness > _AGREED[0]) & (likeness < _AGREED[1])).mean(axis=1))


def _outward(along: Floats, inside: Floats) -> Floats:
    """Unit normals of sides that point away from `inside`, both from the sides' starts."""
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1)
    normal /= np.maximum(1e-9, np.hypot(along[:, 0], along[:, 1]))[:, None]
    return np.asarray(np.where((normal * inside).sum(axis=1, keepdims=True) > 0, -normal, normal))


def _within(places: Floats, shape: tuple[int, ...], rim: float = 1.0) -> Mask:
    """Mask of the places that lie in a picture, and not on its rim."""
    limit = np.array(shape[1::-1]) - 1 - rim
    return np.asarray(((places >= rim) & (places <= limit)).all(axis=-1))


def _nearest(plane: npt.NDArray[np.uint8], places: Floats) -> npt.NDArray[np.uint8]:
    """Look up the nearest pixel; beyond the border the border's."""
    x, y = np.moveaxis(np.clip(np.rint(places), 0, np.array(plane.shape[1::-1]) - 1).astype(np.int64), -1, 0)
    return np.asarray(plane[y, x])


def looked_up(picture: Plane, places: Floats) -> Floats:
    """Interpolate a picture at places ``(..., 2)``; beyond its border the border's values."""
    x, y = np.moveaxis(places.reshape(-1, 1, 2).astype(np.float32), 2, 0).copy()
    values = sample_bilinear(np.ascontiguousarray(picture), x, y)
    return np.asarray(values, np.float64).reshape(*places.shape[:-1], picture.shape[2])


_SHORTEST_FOLLOWED = 12.0
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
_ON_SIDE = np.linspace(0.05, 0.4, 16)
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
    own = edges.corner[..., None, :] - _ON_SIDE[:, None] * edges.along[..., None, :]
    reach = np.clip(_SHARE * edges.length, _LEAST, _MOST)[..., None]
    way = edges.along / np.maximum(1e-9, edges.length)[..., None]
    ahead = _FIRST + (reach - _FIRST) * _FOLLOWED
    beyond = edges.corner[..., None, :] + ahead[..., None] * way[..., None, :]
    steps = _steps(picture, np.concatenate([own, beyond], axis=-2), edges.inward)
    step = np.median(steps[..., : len(_ON_SIDE), :], axis=-2)
    strength = (step**2).sum(axis=-1)
    likeness = (steps[..., len(_ON_SIDE) :, :] * step[..., None, :]).sum(axis=-1)
    likeness /= np.maximum(1e-9, strength)[..., None]
    shown = _shown(beyond, free)
    alike = shown & (likeness > _ALIKE[0]) & (likeness < _ALIKE[1])
    enough = shown.sum(axis=-1) * (reach[..., 0] - _FIRST) >= _SEEN * (len(_FOLLOWED) - 1)
    clear = enough & (strength >= _STEP**2) & (edges.length >= _SHORTEST_FOLLOWED)
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
