"""Areas and overlaps of quadrilaterals."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_COINCIDENT = 1e-6
"""Pixels up to which two sides lie on one line."""


def iou(one: Floats, other: Floats) -> float:
    """Intersection over union, 0..1."""
    common, area, other_area = _areas(one, other)
    return common / max(1e-9, area + other_area - common)


def overlap_coefficient(one: Floats, other: Floats) -> float:
    """Intersection over the area of the smaller one, 0..1."""
    common, area, other_area = _areas(one, other)
    return common / max(1e-9, min(area, other_area))


def area_fractions(corners: Floats, shape: tuple[int, ...]) -> Floats:
    """Areas ``(n,)`` of quadrilaterals ``(n, 4, 2)``, as fractions of a picture of `shape`."""
    x = corners[:, :, 0]
    y = corners[:, :, 1]
    doubled = (x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)
    return np.asarray(np.abs(doubled) / (2 * shape[0] * shape[1]))


class PairwiseOverlap:
    """Overlaps between all pairs of quadrilaterals ``(n, 4, 2)``."""

    def __init__(self, corners: Floats) -> None:
        common = common_areas(corners)
        areas = common.diagonal()
        self.union = common / np.maximum(1e-9, areas[:, None] + areas - common)
        """Intersections ``(n, n)`` over the area of the union, 0..1."""
        self.smaller = common / np.maximum(1e-9, np.minimum(areas[:, None], areas))
        """Intersections ``(n, n)`` over the area of the smaller one, 0..1."""

    def iou(self, one: int, other: int) -> float:
        """Intersection over union, 0..1."""
        return float(self.union[one, other])

    def overlap_coefficient(self, one: int, other: int) -> float:
        """Intersection over the area of the smaller one, 0..1."""
        return float(self.smaller[one, other])


def common_areas(corners: Floats) -> Floats:
    """Areas ``(n, n)`` of the intersections of quadrilaterals ``(n, 4, 2)``; their own on the diagonal."""
    quads = _convex(corners)
    low = quads.min(axis=1)
    high = quads.max(axis=1)
    near = (low[:, None] < high).all(axis=2)
    one, other = np.nonzero(np.triu(near & near.T, 1))
    common = np.diag(_doubled_areas(quads) / 2)
    origin = quads[one].mean(axis=1, keepdims=True)
    first, second = ((quads[each] - origin).transpose(2, 1, 0).copy() for each in (one, other))
    # The intersection's boundary is what of either one lies in the other; what both share counts once.
    doubled = _boundary_within(first, second, True) + _boundary_within(second, first, False)
    common[one, other] = common[other, one] = np.maximum(doubled / 2, 0)
    return common


def _boundary_within(quads: Floats, windows: Floats, shared: bool) -> Floats:
    """Twice the area between the origin and what of each boundary lies within a convex window.

    Both are ``(2, 4, m)``. With `shared`, what lies on the window's boundary is within if both run in the
    same direction.
    """
    (x, y) = quads
    (u, v) = np.roll(quads, -1, axis=1) - quads
    (left, top) = windows
    (across, down) = np.roll(windows, -1, axis=1) - windows
    depths = across * (y[:, None] - top) - down * (x[:, None] - left)
    slopes = np.roll(depths, -1, axis=0) - depths
    margin = _COINCIDENT * np.hypot(across, down)
    if shared:
        depths += np.where(u[:, None] * across + v[:, None] * down > 0, margin, -margin)
    else:
        depths -= margin
    with np.errstate(divide="ignore", invalid="ignore"):
        at = -depths / slopes
    at[slopes == 0] = 0
    begin = np.where(slopes > 0, at, 0).max(axis=1)
    end = np.where(slopes < 0, at, 1).min(axis=1)
    end[((slopes == 0) & (depths < 0)).any(axis=1)] = 0
    return np.asarray(
        (np.maximum(np.minimum(end, 1) - np.maximum(begin, 0), 0) * (x * v - y * u)).sum(axis=0)
    )


def _convex(corners: Floats) -> Floats:
    """Return quadrilaterals in positive order; those that are not convex as their hull."""
    quads = np.where(_doubled_areas(corners)[:, None, None] < 0, corners[:, ::-1], corners)
    edges = np.roll(quads, -1, axis=1) - quads
    for number in np.flatnonzero((_cross(edges, np.roll(edges, -1, axis=1)) < 0).any(axis=1)):
        hull = cv2.convexHull(quads[number].astype(np.float32))[:, 0].astype(np.float64)
        hull = hull if _doubled_areas(hull[None])[0] > 0 else hull[::-1]
        quads[number] = hull[np.minimum(np.arange(4), len(hull) - 1)]
    return quads


def _doubled_areas(quads: Floats) -> Floats:
    """Twice the signed areas."""
    return np.asarray(_cross(quads, np.roll(quads, -1, axis=1)).sum(axis=1))


def _cross(one: Floats, other: Floats) -> Floats:
    return np.asarray(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0])


def _areas(one: Floats, other: Floats) -> tuple[float, float, float]:
    if (one.min(axis=0) >= other.max(axis=0)).any() or (other.min(axis=0) >= one.max(axis=0)).any():
        return 0.0, 1.0, 1.0
    hulls = [cv2.convexHull(np.asarray(corners, np.float32)) for corners in (one, other)]
    common = cv2.intersectConvexConvex(hulls[0], hulls[1])[0]
    return float(common), cv2.contourArea(hulls[0]), cv2.contourArea(hulls[1])
