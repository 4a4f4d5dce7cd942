"""Width of the edges in a picture, whatever is on it."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.types import Image

_WINDOW = 9
"""Side in pixels of the window in which an edge's levels and its slope are measured."""
_STEP = 6
"""Pixels from one place that is looked at to the next."""
_CONTRAST = 40
"""Levels between the two sides of an edge that is measured."""
_FEW = 24
"""Places below which a picture has no edges to tell by."""


def edge_width(image: Image) -> float | None:
    """Return the width of a picture's sharper edges in pixels; None for a picture with hardly any."""
    grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    soft = cv2.GaussianBlur(grey, (0, 0), 0.8)
    window = np.ones((_WINDOW, _WINDOW), np.uint8)
    depth = cv2.subtract(cv2.dilate(soft, window), cv2.erode(soft, window))[::_STEP, ::_STEP]
    dx = cv2.Sobel(soft, cv2.CV_16S, 1, 0)
    dy = cv2.Sobel(soft, cv2.CV_16S, 0, 1)
    steep = cv2.dilate(np.maximum(np.abs(dx), np.abs(dy)), window)[::_STEP, ::_STEP]
    places = depth > _CONTRAST
    if np.count_nonzero(places) < _FEW:
        return None
    widths = depth[places] * np.float32(8.0) / np.maximum(steep[places], 1)
    return float(np.percentile(widths, 25))
