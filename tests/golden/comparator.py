"""Tells whether two pictures look the same, though a library rounds otherwise.

Interpolation differs by a grey level or two between versions and processors; what must not
pass is a shift by a pixel, a turn by half a degree, or paper that is a little paler.
"""

from __future__ import annotations

import cv2
import numpy as np
import skimage

from imgcore.types import Image

SIDE = 1
"""Pixels by which a side may differ: corners are fractions, sizes are whole."""
BRIGHTNESS = 2.0
"""Grey levels by which the mean of a channel may differ; structure says little about it."""
LIKENESS = 0.3
"""Structural similarity of all but one in two hundred pixels: what rounding leaves has 0.5 at the least, the
smallest change that must be noticed 0.02 at the most."""


def difference(actual: Image, expected: Image) -> str:
    """How two pictures differ, in words; empty if they look the same."""
    apart = np.abs(np.subtract(actual.shape[:2], expected.shape[:2]))
    if actual.ndim != expected.ndim or apart.max() > SIDE:
        return f"of shape {actual.shape}, not {expected.shape}"
    size = (expected.shape[1], expected.shape[0])
    fitted = cv2.resize(actual, size, interpolation=cv2.INTER_LINEAR) if apart.any() else actual
    brighter = float(np.abs(np.mean(fitted, (0, 1)) - np.mean(expected, (0, 1))).max())
    if brighter > BRIGHTNESS:
        return f"{brighter:.1f} grey levels brighter or darker, at most {BRIGHTNESS}"
    likeness = _likeness(np.asarray(fitted, np.uint8), expected)
    return f"a likeness of {likeness:.2f} in places, at least {LIKENESS}" if likeness < LIKENESS else ""


def _likeness(one: Image, other: Image) -> float:
    """That of the worst places, after Wang and others (2004), with their window."""
    _, everywhere = skimage.metrics.structural_similarity(
        one,
        other,
        channel_axis=2 if one.ndim == 3 else None,
        full=True,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    return float(np.percentile(everywhere, 0.5))
