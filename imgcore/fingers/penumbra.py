"""Detection of a finger's shadow: deep beside it, and the wide soft part, a few levels below paper."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from imgcore.fingers.shape import dilated, opened
from imgcore.paper.colour import Floats, Mask, max_channel, min_channel
from imgcore.paper.components import components

_SHARP = 0.06
"""Largest change of shade within three pixels, as a share of the paper's brightness."""
_FAR = 75
"""Least distance in pixels from a finger at which paper shows its light: a hand's shadow is 25 mm wide, which
is 70 pixels."""
_FARTHEST = 190
"""Largest distance in pixels from a finger at which paper's light is measured."""
_REACH = 90
"""Largest distance of a penumbra from its finger."""
_CALM = 5.0
"""Standard deviation of the blur over paper's grain and clouds."""
_DIM = 0.012
"""Least darkening, as a share, that is shadow rather than paper's clouds."""
_PAPER = 0.12
"""Largest difference of bare paper from the paper's usual brightness, as a share."""
_NEUTRAL = 0.06
"""Largest difference between the channels of bare paper, as a share of its brightness."""
_MOST_SLOPE = 0.015
"""Largest change of light, as a share, that the paper around a finger is taken to have below it."""
_FEWEST = 400
"""Pixels of bare paper from which its light is fitted."""


def find_penumbra(ratio: Floats, fingers: Sequence[Mask], foreign: Mask) -> Mask:
    """Find paper around fingers that is a little darker than the paper further away.

    Parameters
    ----------
    ratio
        float32 ``(rows, cols, channels)``, a picture without print relative to its paper's colour.
    fingers
        Masks of one finger each.
    foreign
        Mask of what is no paper.

    Returns
    -------
    ndarray
        bool ``(rows, cols)``, connected to the fingers; never part of `foreign`.
    """
    high = max_channel(ratio)
    low = min_channel(ratio)
    bare = ~foreign & (np.abs(high - 1) < _PAPER) & (high - low < _NEUTRAL)
    calm = _calm(high, bare)
    found = np.zeros(bare.shape, bool)
    for finger in fingers:
        away = np.asarray(cv2.distanceTransform((~finger).astype(np.uint8), cv2.DIST_L2, 3), np.float32)
        light = _light(calm, bare & (away > _FAR) & (away < _FARTHEST), away < _REACH)
        if light is not None:
            dim = bare & (away < _REACH) & (calm < light * (1 - _DIM))
            found |= _connected(dim, away < 14)
    return found


def _calm(high: Floats, bare: Mask) -> Floats:
    """Mean of bare paper near each pixel."""
    share = bare.astype(np.float32)
    weight = np.asarray(cv2.GaussianBlur(share, (0, 0), _CALM), np.float32)
    return np.asarray(cv2.GaussianBlur(high * share, (0, 0), _CALM) / np.maximum(weight, 1e-3), np.float32)


def _light(calm: Floats, far: Mask, near: Mask) -> Floats | None:
    """Light of paper at a finger, the plane through that further away; None with too little paper."""
    y, x = np.nonzero(far)
    if len(y) < _FEWEST:
        return None
    step = max(1, len(y) // 4000)
    y = y[::step]
    x = x[::step]
    values = calm[y, x]
    middle = np.array([y.mean(), x.mean()])
    terms = np.column_stack([np.ones(len(y)), (y - middle[0]) / _FARTHEST, (x - middle[1]) / _FARTHEST])
    weight = np.ones(len(y))
    for _ in range(4):
        plane = np.linalg.lstsq(terms * weight[:, None], values * weight, rcond=None)[0]
        off = values - terms @ plane
        # Shadows of other fingers are darker: what is lighter weighs more.
        weight = np.where(off > -0.01, 1.0, 0.2) * np.sqrt(1 / (1 + (off / 0.01) ** 2))
    down, across = np.mgrid[: near.shape[0], : near.shape[1]].astype(np.float32)
    slope = (plane[1] * (down - middle[0]) + plane[2] * (across - middle[1])) / _FARTHEST
    return np.asarray(plane[0] + np.clip(slope, -_MOST_SLOPE, _MOST_SLOPE), np.float32)


def _connected(dim: Mask, seeds: Mask) -> Mask:
    """Part of a mask that touches the seeds."""
    _, labels = cv2.connectedComponents(dim.astype(np.uint8), connectivity=4)
    reached = np.unique(labels[seeds & dim])
    return np.asarray(np.isin(labels, reached) & dim)


def find_shade(ratio: Floats, covered: Mask) -> Mask:
    """Mask of the shadow beside fingers: darker paper of its own colour that ends softly."""
    near = dilated(covered, 81)
    high = max_channel(ratio)
    low = min_channel(ratio)
    dim = near & ~covered & (high < 0.97) & (high - low < 0.12 * high)
    sharp = np.abs(high - cv2.blur(high, (7, 7))) > _SHARP
    close = dilated(covered, 25)
    soft = opened(dim & (~sharp | close), 5)
    _, labels = cv2.connectedComponents(np.maximum(soft, dilated(covered, 9).astype(np.uint8)))
    reached = (soft > 0) & np.isin(labels, np.unique(labels[covered]))
    return _without_print(reached & ~close, sharp) | (close & ~covered)


def _without_print(dim: Mask, sharp: Mask) -> Mask:
    """Remove bars and cells of grey print, which end sharply on most sides, unlike shade."""
    shade = np.zeros(dim.shape, bool)
    edge = dilated(sharp, 3)
    for box, part in components(np.asarray(dim, np.uint8), 8):
        rim = dilated(part, 3) & ~part
        if edge[box][rim].mean() < 0.3:
            shade[box] |= part
    return shade
