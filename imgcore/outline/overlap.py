"""Areas and overlaps of quadrilaterals."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


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
    x, y = corners[:, :, 0], corners[:, :, 1]
    doubled = (x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)
    return np.asarray(np.abs(doubled) / (2 * shape[0] * shape[1]))


class PairwiseOverlap:
    """Overlaps between many pairs of quadrilaterals ``(n, 4, 2)``, cached."""

    def __init__(self, corners: Floats) -> None:
        self._hulls = [cv2.convexHull(quad) for quad in corners.astype(np.float32)]
        self._areas = [cv2.contourArea(hull) for hull in self._hulls]
        low, high = corners.min(axis=1), corners.max(axis=1)
        self._near = (low[:, None] < high[None]).all(axis=2)
        self._near &= self._near.T
        self._common: dict[tuple[int, int], float] = {}

    def iou(self, one: int, other: int) -> float:
        """Intersection over union, 0..1."""
        common = self._area(one, other)
        return common / max(1e-9, self._areas[one] + self._areas[other] - common)

    def overlap_coefficient(self, one: int, other: int) -> float:
        """Intersection over the area of the smaller one, 0..1."""
        return self._area(one, other) / max(1e-9, min(self._areas[one], self._areas[other]))

    def common_areas(self) -> Floats:
        """Areas ``(n, n)`` of the intersections; each one's own on the diagonal."""
        common = np.diag(np.array(self._areas, np.float64))
        for one, other in np.argwhere(np.triu(self._near, 1)).tolist():
            common[one, other] = common[other, one] = self._area(one, other)
        return common

    def _area(self, one: int, other: int) -> float:
        if not self._near[one, other]:
            return 0.0
        pair = (min(one, other), max(one, other))
        if pair not in self._common:
            self._common[pair] = float(cv2.intersectConvexConvex(self._hulls[one], self._hulls[other])[0])
        return self._common[pair]


def _areas(one: Floats, other: Floats) -> tuple[float, float, float]:
    if (one.min(axis=0) >= other.max(axis=0)).any() or (other.min(axis=0) >= one.max(axis=0)).any():
        return 0.0, 1.0, 1.0
    hulls = [cv2.convexHull(np.asarray(corners, np.float32)) for corners in (one, other)]
    common = cv2.intersectConvexConvex(hulls[0], hulls[1])[0]
    return float(common), cv2.contourArea(hulls[0]), cv2.contourArea(hulls[1])
