"""Streaks of a feeder's glass: dust on it draws a line down each page, from its first row to its last."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Levels = npt.NDArray[np.int16]
"""int16 ``(rows, cols)``, levels of 255."""

_ROWS = 96
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
    theirs. Some 1 ms for A4 at 300 dots an inch, as only a few rows are read.
    """
    height, width = image.shape[:2]
    if height < _ROWS or width < 64:
        return ()
    end = round(height * _END)
    ends = np.r_[2 : end : max(1, end // 8), height - end : height - 2 : max(1, end // 8)]
    rows = np.unique(np.r_[ends, np.linspace(2, height - 3, _ROWS).astype(int)])
    picked = image[rows]
    grey = picked if picked.ndim == 2 else cv2.cvtColor(picked, cv2.COLOR_BGR2GRAY)
    reach = max(2, round(width * _WIDEST))
    beside = _beside(grey, reach)
    columns = np.flatnonzero(_is_line(grey, beside).mean(axis=0) >= _BARE * _MOST)
    if not columns.size:
        return ()
    near = beside[0][:, columns], beside[1][:, columns]
    line = _is_line(grey[:, columns], near)
    if picked.ndim == 3:
        line &= _is_grey(picked, reach, columns)
    dark = grey[:, columns] < near[0]
    # Rows with print beside a place tell nothing of it.
    bare = np.minimum(*near) > np.median(grey) - _PRINT
    enough = bare.mean(axis=0) >= _BARE
    at_ends = np.isin(rows, ends)
    found = np.zeros(width, bool)
    for sign in (line & dark, line & ~dark):
        seen = (sign & bare).sum(axis=0) >= _MOST * bare.sum(axis=0)
        found[columns] |= enough & seen & (sign[at_ends].mean(axis=0) >= _MOST)
    margin = round(width * _MARGIN)
    found[:margin] = found[-margin:] = False
    edges = np.flatnonzero(np.diff(np.r_[0, found.astype(np.int8), 0]))
    return tuple(float(begin + stop) / 2 / width for begin, stop in edges.reshape(-1, 2))


def _beside(plane: Image, reach: int) -> tuple[Levels, Levels]:
    """Return the levels so many pixels to the left and to the right of each."""
    padded = cv2.copyMakeBorder(plane, 0, 0, reach, reach, cv2.BORDER_REPLICATE).astype(np.int16)
    return padded[:, : -2 * reach], padded[:, 2 * reach :]


def _is_line(plane: Image, beside: tuple[Levels, Levels]) -> npt.NDArray[np.bool_]:
    """Return where a pixel differs from both sides, and these are alike."""
    left, right = beside
    off = np.abs(2 * plane.astype(np.int16) - left - right)
    return np.asarray((off >= 2 * _CONTRAST) & (4 * np.abs(left - right) < off))


def _is_grey(picked: Image, reach: int, columns: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Return where what a pixel differs by from its sides has no colour."""
    channels = [np.ascontiguousarray(picked[:, :, channel]) for channel in range(3)]
    off = np.stack(
        [
            2 * plane[:, columns].astype(np.int16) - sum(side[:, columns] for side in _beside(plane, reach))
            for plane in channels
        ]
    )
    return np.asarray(off.max(axis=0) - off.min(axis=0) <= 2 * _GREY)
