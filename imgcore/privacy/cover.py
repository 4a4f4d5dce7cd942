"""Solid fill over parts of a picture."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from imgcore.settings import Rect
from imgcore.types import Image, Points

_MARGIN = 0.3
"""Growth on every side, in heights of the part: ink that blur has spread is covered, too."""
_SHIFT = 4
"""Fractional bits of the coordinates of a filled part: sixteenths of a pixel."""


def cover(image: Image, parts: Iterable[Points]) -> Image:
    """Return a copy of a picture with its parts filled with black.

    Parameters
    ----------
    image
        BGR or grey.
    parts
        Corners of each, float32 ``(4, 2)``, in order around it.
    """
    covered = image.copy()
    colour = (0,) * (1 if image.ndim == 2 else image.shape[2])
    for part in parts:
        fixed = np.round(grown(part) * (1 << _SHIFT)).astype(np.int32)
        cv2.fillConvexPoly(covered, cv2.convexHull(fixed), colour, cv2.LINE_8, _SHIFT)
    return covered


def black_out(image: Image, areas: Iterable[Rect]) -> Image:
    """Return a copy of a picture, BGR or grey, whose rectangles are black to the pixel."""
    covered = image.copy()
    for area in areas:
        covered[area.top : area.bottom, area.left : area.right] = 0
    return covered


def grown(part: Points, margin: float = _MARGIN) -> Points:
    """Return the corners of a part with a margin of so many of its shorter side, at least two pixels."""
    edges = np.roll(part, -1, axis=0) - part
    lengths = np.maximum(np.linalg.norm(edges, axis=1, keepdims=True), 1e-6)
    along = edges / lengths
    reach = max(2.0, margin * float(min(lengths[0, 0] + lengths[2, 0], lengths[1, 0] + lengths[3, 0])) / 2)
    return np.asarray(part + reach * (np.roll(along, 1, axis=0) - along), np.float32)
