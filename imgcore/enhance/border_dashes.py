"""Removal of the dashes that a crop a pixel too wide leaves along the border of a binarized page."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]

_DEEP = 4
"""Depth in pixels of a dash at most: a strip of desk one or two wide, and the edge that the warp has
blurred."""
_TOUCHING = 2
"""Largest distance of a dash from the side in pixels."""
_LONG = 3
"""Least ratio of a dash's length to its depth."""
_LEAST = 0.03
"""Least share of a side that dashes take: the hyphens and full stops of a line at the border take less."""


def remove_border_dashes(ink: Mask) -> Mask:
    """Remove the broken line of desk along the sides; marks that reach further in stay, whole.

    Parameters
    ----------
    ink
        bool ``(rows, cols)``; not modified.

    Returns
    -------
    ndarray
        A new mask, or `ink` itself if it is smaller than 16 pixels.
    """
    if min(ink.shape) < 16:
        return ink
    kept = ink.copy()
    for turn in range(4):
        # Each side in turn is the left one.
        np.rot90(kept, turn)[:, :_DEEP] &= ~_dashes(np.rot90(ink, turn)[:, : _DEEP + 1])
    return kept


def _dashes(strip: Mask) -> Mask:
    """Mask of the dashes along the left side, bool ``(rows, _DEEP)``; empty if they are few."""
    if not strip[:, :_TOUCHING].any():
        return np.zeros((len(strip), _DEEP), bool)
    found = cv2.connectedComponentsWithStats(np.ascontiguousarray(strip, np.uint8), connectivity=8)
    labels = np.asarray(found[1])
    stats = np.asarray(found[2])
    shallow = stats[:, cv2.CC_STAT_LEFT] < _TOUCHING
    # In the corners the adjoining side's own dashes pass, which come from no print either.
    shallow[np.unique(labels[_DEEP:-_DEEP, _DEEP])] = False
    shallow[0] = False
    width = stats[:, cv2.CC_STAT_WIDTH]
    length = stats[:, cv2.CC_STAT_HEIGHT]
    dashes = shallow & (length >= _LONG * np.minimum(width, _DEEP))
    if length[dashes].sum() < _LEAST * len(strip):
        return np.zeros((len(strip), _DEEP), bool)
    return np.asarray(shallow[labels[:, :_DEEP]], bool)
