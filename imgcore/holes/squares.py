"""Detection of square holes beside the left side of a picture, as for a twin loop wire."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.holes.circles import EdgeField, Places, Shares
from imgcore.paper.colour import Floats
from imgcore.types import Image

_STRAIGHT = 0.94
"""Least cosine between an edge's direction and a side's for the edge to belong to it."""
_PART = 1.5
"""Length of a side's straight part in halves of the side: the rest are rounded corners."""
_SEEN = 0.8
"""Least present share of a square's edge."""
_LEAST = 0.5
"""Least present share of each side of a square."""
_NEAR = 2
"""Pixels to either side of an edge within which its steepest place is searched."""
_AROUND = 1.2
"""Radius of the circle that with its rim covers a square, in halves of the side."""
_INSIDE = 0.55
"""Half the side of the square inside a square that is looked at for edges, in radii."""
_LIKE = 0.35
"""Share of the gradient of a square's edge from which another edge counts."""
_APART = 9
"""Side in pixels of the window in which a candidate is the best."""
_MOST = 90
"""Most candidates that are kept, the best first."""


def find_squares(edges: EdgeField, radii: tuple[int, int]) -> tuple[Places, Shares]:
    """Find upright squares, whatever is inside and around them.

    Parameters
    ----------
    edges
        Of the picture's left part.
    radii
        Least and greatest half of a side in pixels.

    Returns
    -------
    tuple of ndarray
        float64 ``(n, 3)``, x, y and radius of the circle that covers it; and the present share of each
        square's edge, 0..1, highest first.
    """
    upright = _crest(edges, edges.across, (1, 2 * _NEAR + 1))
    level = _crest(edges, edges.down, (2 * _NEAR + 1, 1))
    shares = np.stack([_shares(upright, level, half) for half in range(radii[0], radii[1] + 1)])
    best = shares.max(axis=0)
    # Squares a pixel off have as much of their edge: the middle one is it.
    smooth = cv2.GaussianBlur(best.astype(np.float32), (0, 0), 1.0)
    peak = (smooth >= cv2.dilate(smooth, np.ones((_APART, _APART), np.uint8))) & (best >= 255 * _SEEN)
    y, x = np.nonzero(peak)
    first = np.argsort(-best[y, x].astype(np.int16), kind="stable")[:_MOST]
    y = y[first]
    x = x[first]
    half = radii[0] + shares[:, y, x].argmax(axis=0)
    return np.column_stack([x, y, _AROUND * half]).astype(np.float64), best[y, x] / 255.0


def emptiness(edges: EdgeField, place: tuple[float, float, float]) -> float:
    """Share of the inside of a square without an edge like its own: a letter has strokes there.

    Parameters
    ----------
    place
        x, y and radius of the circle that covers it.
    """
    inside, whole = (_around(edges.height, place, part) for part in (_INSIDE, 1.0))
    return float((inside < max(edges.limit, _LIKE * float(np.percentile(whole, 90)))).mean())


def _around(plane: Floats, place: tuple[float, float, float], part: float) -> Floats:
    x, y, radius = place
    rows, cols = (slice(max(0, round(at - part * radius)), round(at + part * radius) + 1) for at in (y, x))
    return plane[rows, cols]


def _crest(edges: EdgeField, way: Floats, across: tuple[int, int]) -> Image:
    """Mark within a pixel the steepest places of edges of one way by 255 among 0."""
    straight = np.where(np.abs(way) > _STRAIGHT, edges.height, 0).astype(np.float32)
    crest = (straight > 0) & (straight >= cv2.dilate(straight, np.ones(across, np.uint8)))
    near = np.ones(tuple(min(3, side) for side in across), np.uint8)
    return np.asarray(cv2.dilate(crest.astype(np.uint8) * 255, near), np.uint8)


def _shares(upright: Image, level: Image, half: int) -> Image:
    """Share of the edge of a square around each pixel, to 255; 0 where a side lacks most of its own."""
    length = 2 * round(_PART * half / 2) + 1
    sides = [
        *_beside(np.asarray(cv2.blur(upright, (1, length)), np.uint8), (0, half)),
        *_beside(np.asarray(cv2.blur(level, (length, 1)), np.uint8), (half, 0)),
    ]
    least = np.minimum.reduce(sides)
    pairs = [cv2.addWeighted(sides[k], 0.5, sides[k + 1], 0.5, 0) for k in (0, 2)]
    mean = np.asarray(cv2.addWeighted(pairs[0], 0.5, pairs[1], 0.5, 0), np.uint8)
    return np.where(least >= 255 * _LEAST, mean, 0).astype(np.uint8)


def _beside(plane: Image, way: tuple[int, int]) -> tuple[Image, Image]:
    """Shift a plane by rows and columns forth and back, zeros behind."""
    down, right = way
    wide = np.pad(plane, ((down, down), (right, right)))
    rows, cols = plane.shape
    return wide[:rows, :cols], wide[2 * down :, 2 * right :]
