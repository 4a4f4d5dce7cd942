"""Marked points of print, which a page has in whatever size, light and turn it lies."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image, Points

_MOST = 2500
"""Most points of a picture."""
_CONTRAST = 0.03
"""Least contrast of a point, as SIFT has it."""
_RATIO = 0.85
"""Distance of the nearest point, in distances of the second nearest, up to which it is one's match."""


@dataclass(frozen=True, eq=False)
class Features:
    """Points and their descriptors: RootSIFT, float32 ``(n, 128)`` of length 1.

    References
    ----------
    Lowe, Distinctive image features from scale-invariant keypoints, IJCV 2004.
    Arandjelović and Zisserman, Three things everyone should know to improve object retrieval, CVPR 2012.
    """

    points: Points = field(repr=False)
    descriptors: npt.NDArray[np.float32] = field(repr=False)


def features(grey: Image) -> Features:
    """Return the marked points of a picture; none where it has none."""
    detector = cv2.SIFT.create(nfeatures=_MOST, contrastThreshold=_CONTRAST)
    keypoints, found = detector.detectAndCompute(grey, None)
    if found is None or not len(keypoints):
        return Features(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    sums = np.maximum(found.sum(axis=1, keepdims=True), 1e-6)
    return Features(
        np.array([point.pt for point in keypoints], np.float32),
        np.sqrt(found / sums).astype(np.float32),
    )


def matches(one: Features, other: Features) -> tuple[Points, Points]:
    """Return points of one that are like points of the other, and these; each of one is there once."""
    if len(one.points) < 2 or len(other.points) < 2:
        return one.points[:0], other.points[:0]
    likeness = one.descriptors @ other.descriptors.T
    best = likeness.argmax(axis=1)
    rows = np.arange(len(best))
    first = likeness[rows, best]
    mutual = likeness.argmax(axis=0)[best] == rows
    likeness[rows, best] = -1.0
    second = likeness.max(axis=1)
    near = np.sqrt(np.maximum(0.0, 2 - 2 * first)) < _RATIO * np.sqrt(np.maximum(0.0, 2 - 2 * second))
    kept = mutual & near
    return one.points[kept], other.points[best[kept]]
