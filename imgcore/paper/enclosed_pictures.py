"""Small pictures that were taken for paper: dark, and enclosed by paper that is bright."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Mask = npt.NDArray[np.bool_]

_SIDE = 6
"""Parts of the page's long side that is the longest side of a small picture."""
_DARK = 0.6
"""Share of the brightness around below which a place is no bare paper."""
_LEAST = 5
"""Shortest side in pixels of a small picture; what is less is the rest of a stroke."""
_GAP = 13
"""Longest gap in pixels between the dark parts of one picture."""


def find_enclosed_pictures(ground: Image, paper: Mask) -> Mask:
    """Find small pictures within paper, such as photographs of gels.

    What casts a shadow on a page is larger than they are, or its shadow comes from the edge of the page.

    Parameters
    ----------
    ground
        uint8, BGR or grey: what print stands on, in a reduced picture of the page.
    paper
        bool ``(rows, cols)``: what was taken for paper.

    Returns
    -------
    Mask
        bool ``(rows, cols)``, with what is bright in these pictures, and their rims.
    """
    level = ground if ground.ndim == 2 else ground.max(axis=2)
    rows, cols = level.shape
    side = max(1, max(rows, cols) // _SIDE)
    around = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    dark = paper & (level < _DARK * around)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark.astype(np.uint8), connectivity=8)
    left, top, wide, high = stats[:, :4].T
    enclosed = (left > 0) & (top > 0) & (left + wide < cols) & (top + high < rows)
    small = (np.maximum(wide, high) <= side) & (np.minimum(wide, high) >= _LEAST)
    found = (enclosed & small)[labels] & dark
    whole = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((_GAP, _GAP), np.uint8))
    return np.asarray(cv2.dilate(whole, np.ones((3, 3), np.uint8)) > 0)
