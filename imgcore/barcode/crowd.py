"""Crowds of finder patterns, over which an engine takes the square of their number."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.barcode.nesting import nested_components
from imgcore.types import Image

MOST_PIXELS = 1_000_000
"""Pixels of a crowded picture that are searched for QR codes: there is room for patterns of 0.1 s."""
_MOST = 10_000
"""Most patterns of a picture that is not crowded; of the ten largest codes on a page there are thirty."""
_MOST_RUNS = 40_000
"""Runs of widths like a pattern's up to which patterns need not be counted; a page of print has 8000."""
_STEP = 9
"""Rows from one that is searched for runs to the next."""
_READ = 3
"""Rows from one to the next that the engine looks at."""
_AROUND = 25
"""Width in pixels of the window whose mean is the threshold between dark and light."""


def is_crowded(grey: Image) -> bool:
    """Return whether a picture has so many finder patterns that they cannot be those of codes.

    Parameters
    ----------
    grey
        uint8 ``(rows, cols)``.
    """
    # A pattern has five runs, and each second run may begin one.
    if grey.size // (2 * _READ) <= _MOST_RUNS:
        return False
    return _pattern_runs(grey) > _MOST_RUNS and nested_components(_ink(grey)) > _MOST


def _pattern_runs(grey: Image) -> int:
    """Count runs in rows that have a finder pattern's widths, 1 to 1 to 3 to 1 to 1; 0 for too few runs."""
    rows = np.ascontiguousarray(grey[_STEP // 2 :: _STEP])
    if not rows.size:  # of fewer rows than a pattern has
        return 0
    dark = (rows < cv2.blur(rows, (_AROUND, 1))).ravel()
    sides = np.flatnonzero(dark[1:] != dark[:-1]) + 1
    if len(sides) // 2 * _STEP // _READ <= _MOST_RUNS:
        return 0
    widths = np.diff(sides)[0 if dark[sides[0]] else 1 :].astype(np.int32)
    count = (len(widths) - 3) // 2
    # Place by place: NumPy takes three times as long over fives.
    fives = [widths[place : place + 2 * count : 2] for place in range(5)]
    return int(np.count_nonzero(_alike(fives))) * _STEP // _READ


def _alike(fives: Sequence[npt.NDArray[np.int32]]) -> npt.NDArray[np.bool_]:
    """Mask of the fives of widths that may be a pattern's, as tolerant as the engine."""
    total = reduce(np.add, fives)
    # Off by half of what is expected and half a pixel, times fourteen.
    fits = (
        np.abs(14 * width - 2 * modules * total) <= modules * total + 7
        for width, modules in zip(fives, (1, 1, 3, 1, 1), strict=True)
    )
    return np.asarray(reduce(np.logical_and, fits))


def _ink(grey: Image) -> Image:
    mean = cv2.ADAPTIVE_THRESH_MEAN_C
    return np.asarray(cv2.adaptiveThreshold(grey, 1, mean, cv2.THRESH_BINARY_INV, _AROUND, 0), np.uint8)
