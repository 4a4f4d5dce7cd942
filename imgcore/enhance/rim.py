"""What a crop a pixel too wide leaves along a picture's rim once it is black and white: dashes."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]

_DEEP = 4
"""Pixels: a strip of desk one or two wide, and the edge that the warp has blurred."""
_TOUCHING = 2
"""A dash comes to within so many pixels of the side."""
_LONG = 3
"""A dash is so many times longer than deep."""
_LEAST = 0.03
"""Share of a side that dashes take: the hyphens and full stops of a line at the rim take less."""


def without_dashes(ink: Mask) -> Mask:
    """Ink without the broken line of desk along its sides; what reaches further in stays, whole.

    Parameters
    ----------
    ink
        bool ``(rows, cols)``; not modified.

    Returns
    -------
    ndarray
        A new mask, or `ink` itself where it is smaller than 16 pixels.
    """
    if min(ink.shape) < 16:
        return ink
    kept = ink.copy()
    for turn in range(4):
        # Each side in turn is the left one.
        np.rot90(kept, turn)[:, :_DEEP] &= ~_dashes(np.rot90(ink, turn)[:, : _DEEP + 1])
    return kept


def _dashes(strip: Mask) -> Mask:
    """Those along the left side, bool ``(rows, _DEEP)``; none where they are few."""
    found = cv2.connectedComponentsWithStats(np.ascontiguousarray(strip, np.uint8), connectivity=8)
    labels, stats = np.asarray(found[1]), np.asarray(found[2])
    shallow = stats[:, cv2.CC_STAT_LEFT] < _TOUCHING
    # In the corners the adjoining side's own dashes pass, which come from no print either.
    shallow[np.unique(labels[_DEEP:-_DEEP, _DEEP])] = False
    shallow[0] = False
    width, length = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    dashes = shallow & (length >= _LONG * np.minimum(width, _DEEP))
    if length[dashes].sum() < _LEAST * len(strip):
        return np.zeros((len(strip), _DEEP), bool)
    return np.asarray(shallow[labels[:, :_DEEP]], bool)
