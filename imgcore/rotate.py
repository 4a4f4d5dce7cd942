"""Lossless rotation by quarter turns."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.types import Image, ImageError, Points


def rotate(image: Image, clockwise: int) -> Image:
    """Rotate a picture by quarter turns; no pixel value changes.

    Parameters
    ----------
    image
        BGR or grey.
    clockwise
        Degrees clockwise as displayed: 0, 90, 180 or 270.

    Returns
    -------
    Image
        A new picture, or `image` itself for 0.

    Raises
    ------
    ImageError
        Any other angle.
    """
    if clockwise == 0:
        return image
    turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    if clockwise not in turns:
        raise ImageError(f"rotate is {clockwise}, not one of 0, 90, 180, 270")
    return cv2.rotate(image, turns[clockwise])  # type: ignore[return-value]


def rotate_back(points: Points, shape: tuple[int, ...], clockwise: int) -> Points:
    """Return points of a rotated picture, which has this shape, in pixels of the one before the rotation."""
    x, y = np.asarray(points, np.float64).T
    right = shape[1] - 1
    bottom = shape[0] - 1
    before = {0: (x, y), 90: (y, right - x), 180: (right - x, bottom - y), 270: (bottom - y, x)}
    return np.stack(before[clockwise], axis=1).astype(np.float32)
