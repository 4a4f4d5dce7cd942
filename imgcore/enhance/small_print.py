"""Binarization of small print, whose strokes and gaps are one pixel wide or two."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.enhance.background import PAPER, enlarged, reduced
from imgcore.types import Image

Mask = npt.NDArray[np.bool_]

_SHARPER = 2.0
"""Gain of the unsharp mask: it doubles a line a pixel wide, and hardly changes the edge of a broad one."""
_OPEN = 65
"""Levels below paper that a sharpened pixel of ink has. A line a pixel wide has as much as soon as it is
ink at all, and keeps its whole length."""
_PALE = 35
"""Levels below paper that every inked pixel of small print has before it is sharpened."""
_BROAD = 0.3
"""Share of strokes three pixels wide and more, from which print is not small."""
_DENSE = 0.08
"""Share of inked pixels from which a place is print rather than lines or grain: with 0, script on a pale
sheet is thinned, and the F-measure of marked manuscripts is 90.4 instead of 90.9."""
_AROUND = 21
"""Side in pixels of the reduced picture of the window that is classified as small print or not."""


def open_gaps(even: Image, soft: Image) -> Mask:
    """Find the paper between and beside the strokes of small print; some 2 ms a megapixel.

    At an x-height of 5 to 8 pixels the gap within a letter is about as dark as half a stroke,
    and joining ink across soft edges closes it.

    Parameters
    ----------
    even
        uint8 ``(rows, cols)``, paper at `PAPER` and ink brought to one depth.
    soft
        The same, blurred over three pixels.

    Returns
    -------
    ndarray
        bool ``(rows, cols)``, False wherever strokes are broader.
    """
    sharp = cv2.addWeighted(even, 1 + _SHARPER, soft, -_SHARPER, 0)
    inked = _bytes(cv2.threshold(sharp, PAPER - _OPEN, 255, cv2.THRESH_BINARY_INV)[1])
    broad = _bytes(cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))
    share, broad_share = (_share(mask) for mask in (inked, broad))
    small = (share > 255 * _DENSE) & (broad_share < _BROAD * share)
    if not small.any():
        return np.zeros(even.shape, np.bool_)
    paper = (inked == 0) | (even > PAPER - _PALE)
    return np.asarray((enlarged(small.view(np.uint8) * np.uint8(255), even) > 127) & paper)


def _share(mask: Image) -> npt.NDArray[np.float32]:
    """Share of inked pixels around each, 0..255, on the reduced picture."""
    return np.asarray(cv2.boxFilter(reduced(mask), cv2.CV_32F, (_AROUND, _AROUND)), np.float32)


def _bytes(plane: object) -> Image:
    return np.asarray(plane, np.uint8)
