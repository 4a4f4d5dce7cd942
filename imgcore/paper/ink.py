"""Ink map of a picture reduced enough to be searched fast."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.strips import by_squares
from imgcore.types import Image

SEARCHED_AREA = 1.05e6
"""Pixels of the picture that is searched: on a whole page, 10-point text is 10 px high."""
_FAINT = 12
"""Least contrast of ink to its neighbourhood, in levels."""
_SHARE = 0.35
"""Least contrast of ink to its neighbourhood, as a share of the largest contrast."""


def reduced(image: Image) -> Image:
    """Reduce a picture to grey of about a megapixel at most; 5 ms at 8 megapixels."""
    # By a whole number first: that is fast, and colour is left behind on the smaller picture.
    grey = reduced_by(image, int((image.shape[0] * image.shape[1] / SEARCHED_AREA) ** 0.5))
    scale = (SEARCHED_AREA / grey.size) ** 0.5
    if scale >= 1:
        return grey
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def reduced_by(image: Image, factor: int) -> Image:
    """Reduce a picture to grey by means of squares; incomplete ones at the far sides are left out."""
    if factor > 1 and min(image.shape[:2]) >= factor:
        image = by_squares(image, factor)
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def ink(grey: Image) -> Image:
    """Compute the contrast of each pixel's ink to its neighbourhood in levels; 0 for paper."""
    contrast = np.asarray(cv2.subtract(cv2.blur(grey, (31, 31)), grey), np.uint8)
    counts = np.cumsum(cv2.calcHist([contrast], [0], None, [256], [0, 256]))
    darkest = int(np.searchsorted(counts, 0.99 * contrast.size))
    threshold = max(float(_FAINT), _SHARE * darkest)
    return np.asarray(cv2.threshold(contrast, threshold, 255, cv2.THRESH_TOZERO)[1], np.uint8)
