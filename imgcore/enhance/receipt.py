"""Receipt enhancement: faded, dotted, crumpled print made readable, in grey."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.enhance.background import PAPER, divide_background, divide_local_background, enlarged, reduced
from imgcore.enhance.grey import grey
from imgcore.types import Image

Floats = npt.NDArray[np.float32]

_SOFTEN = 0.7
"""Blur in pixels that joins a print head's dots and quiets the sensor."""
_STROKE = 3
"""Closing radius in pixels of the reduced picture: strokes are thinner than twice that, creases wider."""
_REACH = 15
"""Pixels of the reduced picture over which print of one density is expected."""
_SURE = 5.0
"""Standard deviations of grain by which the densest print of each neighbourhood stands out."""
_LEAST = 14.0
"""Least depth of print below paper in levels, even on clean paper."""
_GRAIN = 1.6
"""Standard deviations of grain that become paper."""
_CREASES = 0.25
"""Share of the densest print's depth that becomes paper too, against creases."""
_LEAST_SPAN = 6
"""Fewest levels that are stretched over the whole range."""
_DARK = 235.0
"""Depth below white of the darkest print of each neighbourhood."""


def receipt(image: Image) -> Image:
    """Make print dark everywhere, on white; some 30 ms a megapixel.

    The paper's brightness is divided out, the grain measured, and print above it amplified by the
    paleness of the densest print near by: a slip that faded unevenly becomes even, and blank paper
    stays blank.

    Returns
    -------
    Image
        Grey ``(rows, cols)``.
    """
    plane = grey(image)
    soft = np.asarray(cv2.GaussianBlur(plane, (0, 0), _SOFTEN), np.uint8)
    once = divide_background(soft, _STROKE)
    grain = _grain(once)
    flat = divide_local_background(soft, once < 255 - max(_LEAST / 2, 3 * grain))
    depth = cv2.subtract(np.full_like(flat, PAPER), flat)
    return 255 - _amplified(np.asarray(depth, np.uint8), grain)


def _amplified(depth: Image, grain: float) -> Image:
    """Amplify levels below white, with the densest print of each neighbourhood at `_DARK`."""
    densest = _densest(depth, grain)
    lifted = np.maximum(_GRAIN * grain, _CREASES * densest.astype(np.float32))
    paper = np.minimum(lifted, 255).astype(np.uint8)
    span = np.maximum(cv2.subtract(densest, paper), _LEAST_SPAN).astype(np.uint8)
    bare = cv2.subtract(depth, enlarged(paper, depth))
    return np.asarray(cv2.divide(bare, enlarged(span, depth), scale=_DARK), np.uint8)


def _densest(depth: Image, grain: float) -> Image:
    """Depth of the densest print near each point of the reduced picture, 1..255."""
    small = _most(depth)
    window = np.ones((2 * _REACH + 1,) * 2, np.uint8)
    near = cv2.blur(cv2.dilate(small, window), (2 * _REACH + 1,) * 2)
    floor = max(_LEAST, _SURE * grain)
    return np.clip(np.asarray(near, np.float32), floor, 255).astype(np.uint8)


def _most(depth: Image) -> Image:
    """Depth of about the deepest point of each block, at the reduced size."""
    return reduced(np.asarray(cv2.dilate(depth, np.ones((3, 3), np.uint8)), np.uint8))


def _grain(flat: Image) -> float:
    """Standard deviation of paper's grain, from the brighter half of the picture."""
    high = flat.astype(np.float32) - cv2.blur(flat, (5, 5))
    paper = high[flat >= np.median(flat)]
    return float(1.4826 * np.median(np.abs(paper))) if paper.size else 0.0
