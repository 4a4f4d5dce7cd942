"""Documents as regions: what differs from the desk, and is rectangular.

Lines find a page by its sides; regions find the many small ones that straight lines miss or run
together. Thresholds of several channels are tried, as none parts paper from desk everywhere;
which region is a document is for the judge to say.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.evidence import Evidence, rim_colour
from imgcore.types import Image

Floats = npt.NDArray[np.float64]
Contour = npt.NDArray[np.int32]

_LEVELS = 9
_SMALLEST, _LARGEST = 0.004, 0.8
"""Share of the picture."""
_SHORTEST_SIDE = 14.0
_FILLED = 0.8
"""Share of its tightest rectangle, taper allowed for, that a document's region fills."""
_CALM = (0.4, 0.5)
"""Edge strengths that part the inside of a closed outline from the desk."""
_SAME = 5.0
"""Pixels: rectangles whose corners are nearer than this come from one region."""
_POINTS = 160
_CORNER = 0.08
"""Share of a side that belongs to its corners, which are torn or rounded."""
_CHROMA = 2.5
"""Weight of a difference in colour against one in brightness, which shadows make too."""


def propose(small: Image, evidence: Evidence, levels: int = _LEVELS) -> Floats:
    """Quadrilaterals around rectangular regions.

    Parameters
    ----------
    small
        The reduced picture that `evidence` was gathered from.
    levels
        Thresholds tried in each channel.

    Returns
    -------
    ndarray
        float64 ``(n, 4, 2)``, in pixels of the reduced picture from its centre.
    """
    centre = (np.array([small.shape[1], small.shape[0]]) - 1) / 2
    found = [laid_along(contour, box) for contour, box in _rectangular(_masks(small, evidence, levels))]
    return np.array([quad for quad in found if quad is not None]).reshape(-1, 4, 2) - centre


def _masks(small: Image, evidence: Evidence, levels: int) -> Iterator[Image]:
    for plane, openings in _planes(small, evidence):
        low, high = np.percentile(plane[::3, ::3], (2, 99))
        for level in np.linspace(low, high, levels + 2)[1:-1]:
            mask = np.asarray(cv2.threshold(plane, level, 255, cv2.THRESH_BINARY)[1], np.uint8)
            for size in openings:
                yield _opened(mask, size)
    for limit in _CALM:
        calm = cv2.threshold(evidence.strength, limit, 255, cv2.THRESH_BINARY_INV)[1]
        yield _opened(calm.astype(np.uint8), 7)


def _planes(small: Image, evidence: Evidence) -> list[tuple[Image, tuple[int, ...]]]:
    """Channels, and the widths of necks between touching documents to cut in each."""
    smooth = np.asarray(cv2.GaussianBlur(small, (0, 0), 1.0), np.uint8)
    if smooth.ndim == 2:
        return [(smooth, (0, 5, 13))]
    blue, green, red = cv2.split(smooth)
    darkest, brightest = cv2.min(cv2.min(blue, green), red), cv2.max(cv2.max(blue, green), red)
    colourless = np.asarray(255 - (brightest - darkest), np.uint8)
    return [(_unlike_desk(evidence), (5, 13)), (colourless, (0,)), (np.asarray(darkest, np.uint8), (0,))]


def _unlike_desk(evidence: Evidence) -> Image:
    """Distance from the colour of the picture's rim."""
    gap = cv2.split(evidence.colour - rim_colour(evidence))
    distance = cv2.magnitude(gap[0], cv2.magnitude(gap[1], gap[2]) * _CHROMA)
    return np.asarray(np.minimum(distance, 255), np.uint8)


def _opened(mask: Image, size: int) -> Image:
    if not size:
        return mask
    kernel = np.ones((size, size), np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel), np.uint8)


def _rectangular(masks: Iterator[Image]) -> list[tuple[Floats, Floats]]:
    """Contours that fill their tightest rectangle, with its corners; one of each kind."""
    kept: list[tuple[Floats, Floats]] = []
    seen = np.empty((0, 4, 2))
    for mask in masks:
        for contour in cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]:
            # Thousands of letters come by: their turn ends here.
            if len(contour) < 4 * _SHORTEST_SIDE:
                continue
            box = _box(np.asarray(contour, np.int32), mask.size)
            if box is None or (np.abs(seen - box).max(axis=(1, 2)) < _SAME).any():
                continue
            seen = np.concatenate([seen, box[None]])
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
    corners = np.asarray(cv2.boxPoints(tightest), np.float64)
    # From the top left on, so that equal rectangles have equal first corners.
    return np.roll(corners, -int(corners.sum(axis=1).argmin()), axis=0)


def laid_along(contour: Floats, box: Floats) -> Floats | None:
    """`box` with each side laid along the contour near it."""
    contour = contour[:: max(1, len(contour) // _POINTS)]
    edges = np.roll(box, -1, axis=0) - box
    lengths = np.linalg.norm(edges, axis=1)
    offset = contour[:, None] - box[None]
    distance = np.abs(offset[:, :, 0] * edges[:, 1] - offset[:, :, 1] * edges[:, 0]) / lengths
    along = (offset * edges).sum(axis=2) / lengths**2
    nearest = distance.argmin(axis=1)
    normals, offsets = np.empty((4, 2)), np.empty(4)
    for side in range(4):
        own = (nearest == side) & (np.abs(along[:, side] - 0.5) < 0.5 - _CORNER)
        if own.sum() < 4:
            return None
        vx, vy, x, y = cv2.fitLine(contour[own].astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        normals[side], offsets[side] = (-vy, vx), vx * y - vy * x
    return _crossings(normals, offsets)


def _crossings(normals: Floats, offsets: Floats) -> Floats | None:
    """Where each of four lines crosses the one before; None where two are parallel."""
    (x, y), (x0, y0) = normals.T, np.roll(normals, 1, axis=0).T
    before = np.roll(offsets, 1)
    cross = x0 * y - y0 * x
    if (np.abs(cross) < 1e-9).any():
        return None
    return np.asarray(
        np.column_stack([before * y - offsets * y0, x0 * offsets - x * before]) / cross[:, None]
    )
