"""Pictures of results, small enough to keep, and large enough to see what changed."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

SIDE = 480
"""Long side in pixels of a picture that is shown."""
FOUND = (40, 200, 40)
"""Colour, BGR, of what was found."""
TRUE = (40, 40, 230)
"""Colour, BGR, of what is there."""

Polygons = Iterable[npt.NDArray[np.float64]]


def reduced(picture: Image, side: int = SIDE) -> Image:
    """Return a picture as BGR of at most `side` pixels."""
    coloured = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    factor = min(1.0, side / max(picture.shape[:2]))
    small = cv2.resize(coloured, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def side_by_side(before: Image, after: Image) -> Image:
    """Return a small picture of a page and, to its right, of what became of it."""
    left = reduced(before)
    right = cv2.resize(reduced(after), left.shape[1::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(np.hstack([left, right]), np.uint8)


def outlined(picture: Image, found: Polygons, true: Polygons) -> Image:
    """Return a small picture with polygons: what was found in green, over what is true in red."""
    small = reduced(picture).copy()
    factor = max(small.shape[:2]) / max(picture.shape[:2])
    for polygons, colour, width in ((true, TRUE, 3), (found, FOUND, 2)):
        for polygon in polygons:
            points = np.rint(polygon * factor).astype(np.int32)
            cv2.polylines(small, [points], True, colour, width, cv2.LINE_AA)
    return small
