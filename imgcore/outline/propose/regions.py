"""Region proposals: rectangular regions that differ from the desk.

Lines find a page by its sides; regions find the many small ones that straight lines miss or run
together. Thresholds of several channels are tried, as none separates paper from desk everywhere;
`imgcore.outline.judge.scores` decides which region is a document.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.propose.feature_maps import FeatureMaps, border_colour
from imgcore.types import Image

Floats = npt.NDArray[np.float64]
Contour = npt.NDArray[np.int32]

_LEVELS = 9
"""Number of thresholds tried in each channel."""
_SMALLEST = 0.004
"""Least share of the picture that a document's region takes."""
_LARGEST = 0.8
"""Largest share of the picture that a document's region takes."""
_SHORTEST_SIDE = 14.0
"""Least length of the sides of a document's region, in pixels of the searched picture."""
_FILLED = 0.8
"""Share of its tightest rectangle that a document's region fills, taper allowed for."""
_FLAT = (0.4, 0.5)
"""Edge strengths that separate the inside of a closed outline from the desk."""
_SAME = 5.0
"""Pixels below which two rectangles' corners come from one region."""
_POINTS = 160
"""Number of a contour's points that sides are fitted to, about."""
_CORNER = 0.08
"""Share of a side that belongs to its corners, which are torn or rounded."""
_CHROMA = 2.5
"""Weight of a difference in chroma against one in brightness, which shadows make too."""


def propose_regions(small: Image, maps: FeatureMaps, levels: int = _LEVELS) -> Floats:
    """Propose quadrilaterals around rectangular regions.

    Parameters
    ----------
    small
        The reduced picture of `maps`.
    levels
        Thresholds tried in each channel.

    Returns
    -------
    ndarray
        float64 ``(n, 4, 2)``, in pixels of the reduced picture from its centre.
    """
    centre = (np.array([small.shape[1], small.shape[0]]) - 1) / 2
    found = [fit_sides(contour, box) for contour, box in _rectangular(_masks(small, maps, levels))]
    return np.array([quad for quad in found if quad is not None]).reshape(-1, 4, 2) - centre


def _masks(small: Image, maps: FeatureMaps, levels: int) -> Iterator[Image]:
    for plane, openings in _planes(small, maps):
        low, high = np.percentile(plane[::3, ::3], (2, 99))
        for level in np.linspace(low, high, levels + 2)[1:-1]:
            mask = np.asarray(cv2.threshold(plane, level, 255, cv2.THRESH_BINARY)[1], np.uint8)
            for size in openings:
                yield _opened(mask, size)
    for limit in _FLAT:
        flat = cv2.threshold(maps.strength, limit, 255, cv2.THRESH_BINARY_INV)[1]
        yield _opened(flat.astype(np.uint8), 7)


def _planes(small: Image, maps: FeatureMaps) -> list[tuple[Image, tuple[int, ...]]]:
    """Channels to threshold, with the widths of openings that cut the necks between touching documents."""
    smooth = np.asarray(cv2.GaussianBlur(small, (0, 0), 1.0), np.uint8)
    if smooth.ndim == 2:
        return [(smooth, (0, 5, 13))]
    blue, green, red = cv2.split(smooth)
    darkest = cv2.min(cv2.min(blue, green), red)
    brightest = cv2.max(cv2.max(blue, green), red)
    colourless = np.asarray(255 - (brightest - darkest), np.uint8)
    return [(_background_distance(maps), (5, 13)), (colourless, (0,)), (np.asarray(darkest, np.uint8), (0,))]


def _background_distance(maps: FeatureMaps) -> Image:
    """Distance from the colour of the picture's border."""
    gap = cv2.split(maps.colour - border_colour(maps))
    distance = cv2.magnitude(gap[0], cv2.magnitude(gap[1], gap[2]) * _CHROMA)
    return np.asarray(np.minimum(distance, 255), np.uint8)


def _opened(mask: Image, size: int) -> Image:
    if not size:
        return mask
    kernel = np.ones((size, size), np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel), np.uint8)


def _rectangular(masks: Iterator[Image]) -> list[tuple[Floats, Floats]]:
    """Find contours that fill their tightest rectangle, with its corners; near-duplicates are dropped."""
    kept: list[tuple[Floats, Floats]] = []
    kept_boxes = np.empty((0, 4, 2))
    for mask in masks:
        for contour in cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]:
            # Thousands of letters are dropped here.
            if len(contour) < 4 * _SHORTEST_SIDE:
                continue
            box = _box(np.asarray(contour, np.int32), mask.size)
            if box is None or (np.abs(kept_boxes - box).max(axis=(1, 2)) < _SAME).any():
                continue
            kept_boxes = np.concatenate([kept_boxes, box[None]])
            kept.append((np.asarray(contour, np.float64).reshape(-1, 2), box))
    return kept


def _box(contour: Contour, pixels: int) -> Floats | None:
    area = cv2.contourArea(contour)
    if not _SMALLEST * pixels <= area <= _LARGEST * pixels:
        return None
    tightest = cv2.minAreaRect(contour)
    width, height = tightest[1]
    if min(width, height) < _SHORTEST_SIDE or area < _FILLED * width * height:
        return None
    return box_corners(tightest)


def box_corners(box: cv2.typing.RotatedRect) -> Floats:
    """Corners ``(4, 2)`` of a turned rectangle from the top left on, wherever OpenCV's version begins."""
    corners = np.asarray(cv2.boxPoints(box), np.float64)
    return np.roll(corners, -int(corners.sum(axis=1).argmin()), axis=0)


def fit_sides(contour: Floats, box: Floats) -> Floats | None:
    """Fit each side of `box` to the contour near it; None if a side has too few points."""
    contour = contour[:: max(1, len(contour) // _POINTS)]
    edges = np.roll(box, -1, axis=0) - box
    lengths = np.linalg.norm(edges, axis=1)
    offset = contour[:, None] - box[None]
    distance = np.abs(offset[:, :, 0] * edges[:, 1] - offset[:, :, 1] * edges[:, 0]) / lengths
    along = (offset * edges).sum(axis=2) / lengths**2
    nearest = distance.argmin(axis=1)
    normals = np.empty((4, 2))
    offsets = np.empty(4)
    for side in range(4):
        own = (nearest == side) & (np.abs(along[:, side] - 0.5) < 0.5 - _CORNER)
        if own.sum() < 4:
            return None
        vx, vy, x, y = cv2.fitLine(contour[own].astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        normals[side] = (-vy, vx)
        offsets[side] = vx * y - vy * x
    return _crossings(normals, offsets)


def _crossings(normals: Floats, offsets: Floats) -> Floats | None:
    """Intersection of each of four lines with the one before; None where two are parallel."""
    (x, y) = normals.T
    (x0, y0) = np.roll(normals, 1, axis=0).T
    before = np.roll(offsets, 1)
    cross = x0 * y - y0 * x
    if (np.abs(cross) < 1e-9).any():
        return None
    return np.asarray(
        np.column_stack([before * y - offsets * y0, x0 * offsets - x * before]) / cross[:, None]
    )
