"""Finding documents in a picture: contours of what stands out from the desk."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.types import Image, Outline, Points

_SIDE = 640
_MIN_SIDE = 16
_MIN_SHARE = 0.04


def find_outline(image: Image) -> Outline | None:
    """The largest document, or None where there is none."""
    found = _candidates(image, _SIDE)
    return max(found, key=lambda outline: outline.score, default=None)


def find_outline_fast(thumbnail: Image) -> Outline | None:
    """As `find_outline`, for each frame of a preview."""
    found = _candidates(thumbnail, 240)
    return max(found, key=lambda outline: outline.score, default=None)


def find_outlines(image: Image) -> tuple[Outline, ...]:
    """All documents, left to right, top to bottom."""
    found = _candidates(image, _SIDE)
    return tuple(sorted(found, key=lambda outline: tuple(outline.corners.mean(axis=0)[::-1])))


def _candidates(image: Image, side: int) -> list[Outline]:
    if min(image.shape[:2]) < _MIN_SIDE:
        return []
    scale = min(1.0, side / max(image.shape[:2]))
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    grey = small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    edges = cv2.dilate(cv2.Canny(cv2.GaussianBlur(grey, (5, 5), 0), 40, 120), np.ones((3, 3), np.uint8))
    contours, _ = cv2.findContours(edges, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outlines = []
    for contour in contours:
        quad = cv2.approxPolyDP(cv2.convexHull(contour), 0.03 * cv2.arcLength(contour, True), True)
        share = cv2.contourArea(quad) / grey.size
        if len(quad) == 4 and share > _MIN_SHARE:
            corners = (quad.reshape(4, 2).astype(np.float32) + 0.5) / scale - 0.5
            outlines.append(Outline(clockwise(corners), min(1.0, share)))
    return outlines


def clockwise(corners: Points) -> Points:
    """The corners clockwise, from the one at the top left as the picture is read."""
    centre = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0])
    ordered = corners[np.argsort(angles)]
    start = int(ordered.sum(axis=1).argmin())
    return np.ascontiguousarray(np.roll(ordered, -start, axis=0))
