"""Streaks of a feeder's glass: dust on it draws a line down each page, from its first row to its last."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.types import Image

_ROWS = 128
"""Rows that are looked at, spread over the page."""
_END = 0.025
"""Share of the height at both ends in which a streak is, too: rules and frames of print end before."""
_MARGIN = 0.03
"""Share of the width at both sides that is left out: the edges of paper are there."""
_WIDEST = 0.004
"""Share of the width of the widest streak: 0.8 mm of A4."""
_CONTRAST = 10
"""Least difference from what is beside it, in levels of 255."""
_GREY = 30
"""Greatest difference between the channels of a streak's own colour: a ruled margin is coloured."""
_PRINT = 40
"""Levels below the paper from which there is print, in which a streak is not seen."""
_BARE = 0.4
"""Least share of the rows that have no print beside a streak."""
_MOST = 0.9
"""Share of these rows in which a streak is seen."""


def find_streaks(image: Image) -> tuple[float, ...]:
    """Return the places of streaks, as shares of the page's width, ascending.

    Parameters
    ----------
    image
        A page from a feeder, BGR or grey, not cropped or turned.

    Notes
    -----
    A line of print that runs from edge to edge is taken for one: what is the same on several pages is not
    theirs. Some 3 ms for A4 at 300 dots an inch, as only a few rows are read.
    """
    height, width = image.shape[:2]
    if height < _ROWS or width < 64:
        return ()
    end = round(height * _END)
    ends = np.r_[2 : end : max(1, end // 8), height - end : height - 2 : max(1, end // 8)]
    rows = np.unique(np.r_[ends, np.linspace(2, height - 3, _ROWS).astype(int)])
    at_ends = np.isin(rows, ends)
    picked = image[rows].astype(np.int16)
    planes = picked if picked.ndim == 3 else picked[:, :, None]
    grey = planes.mean(axis=2)
    reach = max(2, round(width * _WIDEST))
    padded = np.pad(grey, ((0, 0), (reach, reach)), mode="edge")
    left = padded[:, : -2 * reach]
    right = padded[:, 2 * reach :]
    beside = (left + right) / 2
    off = grey - beside
    line = (np.abs(off) >= _CONTRAST) & (np.abs(left - right) < np.abs(off) / 2)
    tint = planes - cv2.blur(planes.astype(np.float32), (8 * reach + 1, 1)).reshape(planes.shape)
    line &= (tint.max(axis=2) - tint.min(axis=2)) <= _GREY
    # Rows with print beside a place tell nothing of it.
    bare = np.minimum(left, right) > np.median(grey) - _PRINT
    enough = bare.mean(axis=0) >= _BARE
    found = np.zeros(width, bool)
    for sign in (line & (off < 0), line & (off > 0)):
        seen = (sign & bare).sum(axis=0) >= _MOST * bare.sum(axis=0)
        found |= enough & seen & (sign[at_ends].mean(axis=0) >= _MOST)
    margin = round(width * _MARGIN)
    found[:margin] = found[-margin:] = False
    edges = np.flatnonzero(np.diff(np.r_[0, found.astype(np.int8), 0]))
    return tuple(float(begin + stop) / 2 / width for begin, stop in edges.reshape(-1, 2))
