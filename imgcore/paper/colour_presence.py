"""Detection of colour on scanned pages, so that one in black and white needs no file in colour."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.types import Image

_LONG_SIDE = 1000
"""Pixels of the reduced long side, some 85 dots an inch of A4: unequal lines of colour even out."""
_PAPER = 90
"""Percentile of the levels of a page that is taken for its paper, whose tint is no colour."""
_WINDOW = 5
"""Reduced pixels of the side of the window over which colour is averaged: fringes of black cancel out."""
_CHROMA = 18
"""Least difference between the channels of a window that has colour, in levels of 255 of the paper."""
_LEAST_PIXELS = 40
"""Least windows with colour that lie together somewhere: a tick with a pen."""


def is_coloured(image: Image) -> bool:
    """Return whether a page has print, ink or a picture in colour; coloured paper alone is none.

    Parameters
    ----------
    image
        BGR or grey, a whole sheet.

    Notes
    -----
    Some 40 ms for A4 at 300 dots an inch.
    """
    if image.ndim == 2:
        return False
    scale = min(1.0, _LONG_SIDE / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    paper = np.percentile(small[::4, ::4].reshape(-1, 3), _PAPER, axis=0)
    # As one of 8 bits it ends at white, as brighter than paper is no colour.
    even = cv2.multiply(small, (*(255.0 / np.maximum(paper, 64.0)), 1.0))
    planes = cv2.split(cv2.blur(even, (_WINDOW, _WINDOW)))
    most = cv2.max(cv2.max(planes[0], planes[1]), planes[2])
    least = cv2.min(cv2.min(planes[0], planes[1]), planes[2])
    _, mask = cv2.threshold(cv2.subtract(most, least), _CHROMA, 1, cv2.THRESH_BINARY)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return bool((stats[1:, cv2.CC_STAT_AREA] >= _LEAST_PIXELS).any())
