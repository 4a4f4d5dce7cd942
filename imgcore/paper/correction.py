"""Correction of the modelled colour of paper for light that varies over the page."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from imgcore.paper.colour import enlarged, max_channel, min_channel, relative
from imgcore.paper.inpainting import PaperModel

_COARSE = 4
"""Factor by which a picture is reduced once more."""
_LAMP = 7.0
"""Standard deviation of the blur of light, in pixels of the picture that is reduced once more."""
_NEAR_BY = 10.0
"""Standard deviation of the blur of tint, in pixels of the picture that is reduced once more."""
_PASSES = 3
"""Number of passes in which tint spreads."""
_GLOW = 1.06
"""Brightness relative to paper that paper's grain does not reach."""
_LIT = 0.01
"""Least share of bright pixels that is light rather than chance."""
_GLOOM = 0.7
"""Brightness relative to paper up to which a pixel without tint is print."""


def evenly_lit(model: PaperModel, tint: float) -> PaperModel:
    """Brighten the paper's colour where light falls on it that a surface of second degree does not follow.

    Parameters
    ----------
    tint
        Least difference between channels of what is no paper, relative to its brightness.
    """
    some = np.s_[::_COARSE, ::_COARSE]
    ratio = relative(np.ascontiguousarray(model.blank[some]), model.paper[some])
    high = max_channel(ratio)
    low = min_channel(ratio)
    if float((high > _GLOW).mean()) < _LIT:
        return model
    paper = ((high - low < tint * high) & (high > _GLOOM)).astype(np.float32)
    share = cv2.GaussianBlur(paper, (0, 0), _LAMP) + 1e-3
    light = (cv2.GaussianBlur(high * paper, (0, 0), _LAMP) + 1e-3) / share
    return replace(model, paper=model.paper * np.maximum(enlarged(np.asarray(light), model.paper.shape), 1))


def evenly_tinted(model: PaperModel, tint: float, brightest: float) -> PaperModel:
    """Tint the paper's colour as the paper near by is, where overexposure or a second lamp change it.

    Parameters
    ----------
    tint
        Least difference between channels of what is no paper, relative to its brightness.
    brightest
        Largest brightness of paper relative to its usual.
    """
    some = np.s_[::_COARSE, ::_COARSE]
    paper = np.ascontiguousarray(model.paper[some])
    for _ in range(_PASSES):
        ratio = relative(np.ascontiguousarray(model.blank[some]), paper)
        high = max_channel(ratio)
        low = min_channel(ratio)
        known = ((high - low < tint * high) & (high > _GLOOM) & (high < brightest)).astype(np.float32)
        hue = ratio / np.maximum(high, 1e-3)[:, :, None]
        share = cv2.GaussianBlur(known, (0, 0), _NEAR_BY) + 1e-3
        usual = (cv2.GaussianBlur(hue * known[:, :, None], (0, 0), _NEAR_BY) + 1e-3) / share[:, :, None]
        paper = np.asarray(paper * usual, np.float32)
    change = enlarged(np.asarray(paper / model.paper[some], np.float32), model.paper.shape)
    return replace(model, paper=np.asarray(model.paper * change, np.float32))
