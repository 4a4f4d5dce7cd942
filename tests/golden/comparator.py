"""Whether two pictures look the same, though a library rounds otherwise.

Interpolation differs by a grey level or two between versions and processors; what must not
pass is a shift by a pixel, a turn by half a degree, or paper that is a little paler.
"""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.types import Image

SIDE = 1
"""Pixels by which a side may differ: corners are fractions, sizes are whole."""
MEAN, LARGE = 2.0, 40.0
"""Grey levels: of all pixels on average, and of all but one in two hundred."""
BLUR = 0.8


def difference(actual: Image, expected: Image) -> str:
    """How two pictures differ, in words; empty if they look the same."""
    apart = np.abs(np.subtract(actual.shape[:2], expected.shape[:2]))
    if actual.ndim != expected.ndim or apart.max() > SIDE:
        return f"of shape {actual.shape}, not {expected.shape}"
    size = (expected.shape[1], expected.shape[0])
    fitted = cv2.resize(actual, size, interpolation=cv2.INTER_LINEAR) if apart.any() else actual
    gap = np.abs(_soft(fitted) - _soft(expected))
    mean, large = float(gap.mean()), float(np.percentile(gap, 99.5))
    if mean > MEAN:
        return f"{mean:.1f} grey levels apart on average, at most {MEAN}"
    return f"{large:.0f} grey levels apart in places, at most {LARGE}" if large > LARGE else ""


def _soft(picture: Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), BLUR), np.float32)
