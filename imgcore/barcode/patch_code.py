"""Patch codes: sheets between documents, with four bars along an edge, two wide and two narrow ones.

By Kodak's publication A-61599: narrow bars and all spaces are 0.08 inches wide, wide bars 0.20, so that each
code is 0.80 inches; bars are at least 0.75 inches long, and the first of them is the one at the edge.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

_LONG_SIDE = 1100
"""Pixels of the reduced long side: a narrow bar of A4 has 7."""
_STEP = 3
"""Reduced pixels from one line that is read to the next."""
_BARS = 4
"""Bars of a code."""
_UNITS = 10.0
"""Narrow bars that a code is wide: two of 1, two of 2.5, and three spaces of 1."""
_SMALLEST = 1 / 260
"""Least width of a narrow bar, as a share of the long side; of A4 it is 1/146."""
_LARGEST = 1 / 70
"""Greatest width of a narrow bar, as a share of the long side."""
_OFF = 0.42
"""Greatest difference of a bar or space from its width, in narrow bars."""
_QUIET = 1.5
"""Least blank before the first bar and behind the last, in narrow bars."""
_LENGTH = 9.0
"""Least length of the bars, in narrow ones: 0.75 inches."""
_SEEN = 0.7
"""Least share of the lines across the bars in which the code is read."""


class PatchCode(StrEnum):
    """Name of a patch code."""

    ONE = "1"
    TWO = "2"
    THREE = "3"
    FOUR = "4"
    SIX = "6"
    T = "T"


_CODES = {
    "WWNN": PatchCode.ONE,
    "WNNW": PatchCode.TWO,
    "WNWN": PatchCode.THREE,
    "NWWN": PatchCode.FOUR,
    "NNWW": PatchCode.SIX,
    "NWNW": PatchCode.T,
}
"""Codes by their bars from the edge inwards, wide or narrow."""


def read_patch_code(image: Image) -> PatchCode | None:
    """Return the patch code of a page, None if it has none.

    Parameters
    ----------
    image
        A whole sheet, BGR or grey, at 50 dots an inch or more; in any quarter turn, and a few degrees askew.

    Notes
    -----
    Some 60 ms for A4 at 300 dots an inch.
    """
    scale = min(1.0, _LONG_SIDE / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    _, dark = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    unit = max(dark.shape)
    for mask in (dark.T, dark):
        if (found := _read(np.ascontiguousarray(mask[::_STEP]), unit)) is not None:
            return found
    return None


def _read(lines: npt.NDArray[np.uint8], long_side: int) -> PatchCode | None:
    """Return the code whose bars the lines cross."""
    open_tracks: list[_Track] = []
    for number, line in enumerate(lines):
        for begin, unit, code in _codes_of(line, long_side):
            near = (track for track in open_tracks if track.goes_on(number, begin, unit, code))
            track = next(near, None)
            if track is None:
                track = _Track(number, begin, code)
                open_tracks.append(track)
            track.add(number, begin)
            if track.is_long(unit):
                return code
        open_tracks = [track for track in open_tracks if number - track.last <= _GAP]
    return None


_GAP = 4
"""Lines without a code, at most, between two of one code: a speck, or a fold."""


class _Track:
    """One code over neighbouring lines."""

    def __init__(self, first: int, begin: float, code: PatchCode) -> None:
        self._first = first
        self._begin = begin
        self._code = code
        self._seen = 0
        self.last = first

    def goes_on(self, number: int, begin: float, unit: float, code: PatchCode) -> bool:
        """Return whether a code of another line is this one."""
        return code is self._code and self.last < number and abs(begin - self._begin) <= unit

    def add(self, number: int, begin: float) -> None:
        self.last = number
        self._begin = begin
        self._seen += 1

    def is_long(self, unit: float) -> bool:
        """Return whether the bars are as long as those of a code."""
        across = self.last - self._first + 1
        return across * _STEP >= _LENGTH * unit and self._seen >= _SEEN * across


def _codes_of(line: npt.NDArray[np.uint8], long_side: int) -> list[tuple[float, float, PatchCode]]:
    """Return begin, unit and code of each sequence of bars on a line that is a code."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], line, [0])).astype(np.int8)))
    found = []
    for at in range(0, len(edges) - 2 * _BARS + 1, 2):
        bars = edges[at : at + 2 * _BARS]
        unit = float(bars[-1] - bars[0]) / _UNITS
        if not _SMALLEST * long_side <= unit <= _LARGEST * long_side:
            continue
        before = float(bars[0] - (edges[at - 1] if at else 0))
        behind = float((edges[at + 2 * _BARS] if at + 2 * _BARS < len(edges) else len(line)) - bars[-1])
        code = _code([float(stop - begin) / unit for begin, stop in pairwise(bars)])
        if code is None or min(before, behind) < _QUIET * unit:
            continue
        # The first bar is the one at the nearer edge of the sheet.
        if bars[0] + bars[-1] > len(line):
            code = code[::-1]
        if code in _CODES:
            found.append((float(bars[0]), unit, _CODES[code]))
    return found


def _code(widths: list[float]) -> str | None:
    """Return wide and narrow bars of seven widths, bars and spaces in turn, in narrow bars; None if none."""
    if any(abs(space - 1.0) > _OFF for space in widths[1::2]):
        return None
    kinds = ""
    for bar in widths[::2]:
        if abs(bar - 1.0) <= _OFF:
            kinds += "N"
        elif abs(bar - 2.5) <= _OFF:
            kinds += "W"
        else:
            return None
    return kinds if kinds.count("W") == 2 else None
