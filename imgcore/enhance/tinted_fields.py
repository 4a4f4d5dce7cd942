"""Detection of pale fields of another colour than the paper beside them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.colour import max_channel, min_channel, paper_colour
from imgcore.types import Image

Plane = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_SHADE, _OTHER, _PRIOR = 0.88, 0.02, 0.03
"""Share of the smooth light below which a place is in shade; difference in colour from it, as a share, from
which it is printed; and the smooth light's weight beside the trust in what is seen."""
_WIDE = 16
"""Parts of the long side of half the window over which the light's colour is averaged."""
_PALE = 0.02
"""Difference between channels, as a share, from which a place is of another colour than paper."""
_STEP, _BESIDE, _SHARP = 9, 31, 0.6
"""Pixels within which the rim of a field lies and from which its colour is taken, and the least share of that
by which the rim changes: the colour of shade fades."""
_MOSTLY = 0.5
"""Share of its rim that is sharp, from which a place is a field."""

_MARGIN = 24
"""Parts of the long side that a margin is wide, at least."""
_DARKER, _COLOURED = 1.02, 1.06
"""Most of the margins' light in a field's brightest channel, and least ratio of that to its darkest one."""
_MOST, _MARGINS = 0.4, 0.8
"""Share of blank paper from which what looks like it is a field within margins; and least share of margins
that is blank: a page on a desk has none."""


def find_ground(filled: Image, blank: Mask) -> Mask:
    """Find a field that covers most of a page within its margins, so that it looks like paper.

    Print takes light of each colour away, and of some more than of others: the margins are brighter.

    Parameters
    ----------
    filled
        BGR, a page of some 480 pixels without strokes.
    blank
        Mask of what was taken for paper.

    Returns
    -------
    ndarray
        bool ``(rows, cols)``, all False on most pages.
    """
    none = np.zeros(blank.shape, bool)
    margin = np.ones(blank.shape, bool)
    wide = -(-max(blank.shape) // _MARGIN)
    margin[wide:-wide, wide:-wide] = False
    if filled.ndim == 2 or blank[margin].mean() < _MARGINS:
        return none
    near = np.asarray(filled.astype(np.float32) / paper_colour(filled, margin & blank), np.float32)
    high, low = max_channel(near), min_channel(near)
    printed = (high < _DARKER) & (high > _COLOURED * low)
    return printed if np.count_nonzero(printed & blank & ~margin) > _MOST * np.count_nonzero(blank) else none


def find_fields(tints: Sequence[Plane], level: Plane, smooth: Sequence[Plane], blank: Mask) -> Mask:
    """Find fields that end sharply, as print does; the colour of shade and of a second lamp fades.

    Parameters
    ----------
    tints
        Each channel relative to the brightest one, of a page of some 480 pixels without strokes.
    level
        Brightest channel, relative to paper.
    smooth
        Channels of a light that changes slowly over the page, relative to paper.
    blank
        Mask of paper, pale fields among it.
    """
    light = _light(tints, level, smooth, blank)
    shares = [tint / np.maximum(usual, np.float32(1e-3)) for tint, usual in zip(tints, light, strict=True)]
    off = 1 - reduce(np.minimum, shares) / np.maximum(reduce(np.maximum, shares), np.float32(1e-3))
    off = np.asarray(cv2.blur(off, (3, 3)), np.float32)
    mask = np.asarray(off > _PALE, np.uint8)
    rim = (cv2.erode(mask, np.ones((3, 3), np.uint8)) == 0) & (mask > 0)
    window, wide = (np.ones((side, side), np.uint8) for side in (_STEP, _BESIDE))
    step = cv2.dilate(off, window) - cv2.erode(off, window)
    sharp = rim & (step > _SHARP * np.asarray(cv2.dilate(off, wide)))
    count, labels = cv2.connectedComponents(mask, connectivity=4)
    rims, sharps = (np.bincount(labels[part], minlength=count) for part in (rim, sharp))
    printed = sharps > _MOSTLY * rims
    printed[0] = False
    return np.asarray(printed[labels], bool)


def _light(tints: Sequence[Plane], level: Plane, smooth: Sequence[Plane], blank: Mask) -> list[Plane]:
    """Colour of the light if what is as bright as paper, and of another colour, is print."""
    lit = reduce(np.maximum, smooth)
    expected = [each / lit for each in smooth]
    apart = reduce(np.maximum, [np.abs(tint - usual) for tint, usual in zip(tints, expected, strict=True)])
    bright = level > _SHADE * lit
    trust = np.asarray(blank * np.where(bright, np.exp(-((apart / _OTHER) ** 2)), 0.3), np.float32)
    window = (2 * (max(blank.shape) // _WIDE) + 1,) * 2
    share = cv2.blur(trust, window) + np.float32(_PRIOR)
    return [
        np.asarray((cv2.blur(tint * trust, window) + usual * np.float32(_PRIOR)) / share, np.float32)
        for tint, usual in zip(tints, expected, strict=True)
    ]
