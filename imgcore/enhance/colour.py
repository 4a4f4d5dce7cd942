"""A colour document: white paper without shadows, ink and pictures in their own colours."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.enhance.background import enlarged
from imgcore.enhance.blank import Paper, find_paper
from imgcore.types import Image

_WHITE_POINT = 232
"""What blank paper becomes before the tone curve; leaves room for what is brighter than it."""
_MOST = 5.0
"""No light is raised by more than this: the darkest shadows stay grey rather than become noise."""
_GRAIN = 3.0
"""Standard deviations of paper's grain that become white with it."""
_FLARE, _MOST_FLARE = 0.6, 28.0
"""Stray light: so much of the darkest ink's brightness, and no more than this, as ink may be pale."""
_SHARPEN = 0.5


def colour(image: Image) -> Image:
    """White paper, true colours, no shadows; some 20 ms a megapixel.

    The light on blank paper is divided out of each channel and carried on below print and
    pictures, whose own shades therefore stay.

    Parameters
    ----------
    image
        BGR or grey, one page.

    Returns
    -------
    Image
        Of the same shape; `image` itself where there is no paper to go by (a photo, a page
        printed white on black).
    """
    paper = find_paper(image)
    if paper is None:
        return image
    even = _relit(image, paper)
    toned = np.asarray(cv2.LUT(even, _tone(even, paper)), np.uint8)
    soft = cv2.GaussianBlur(toned, (3, 3), 0)
    return np.asarray(cv2.addWeighted(toned, 1 + _SHARPEN, soft, -_SHARPEN, 0), np.uint8)


def _relit(image: Image, paper: Paper) -> Image:
    """In even white light: blank paper at `_WHITE_POINT` in all channels."""
    light = np.maximum(paper.light, round(_WHITE_POINT / _MOST)).astype(np.uint8)
    return np.asarray(cv2.divide(image, enlarged(light, image), scale=_WHITE_POINT), np.uint8)


def _tone(even: Image, paper: Paper) -> Image:
    """Look-up table ``(256,)``: stray light to black, grain to white, straight between."""
    step = max(1, max(even.shape[:2]) // max(paper.light.shape[:2]))
    some = even[::step, ::step].astype(np.float32)
    above = some[some >= _WHITE_POINT] - _WHITE_POINT
    grain = float(np.sqrt(np.mean(above**2))) if above.size else 0.0
    white = float(np.clip(_WHITE_POINT - 3 - _GRAIN * grain, 200, _WHITE_POINT))
    luma = some if some.ndim == 2 else some.mean(axis=2)
    black = min(_FLARE * float(np.percentile(luma, 0.5)), _MOST_FLARE)
    levels = (np.arange(256) - black) / (white - black)
    return np.asarray(np.clip(np.rint(255 * levels), 0, 255), np.uint8)
