"""Function patterns of QR codes: the modules that are the same in every code of a size."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Modules = npt.NDArray[np.float32]

SMALLEST = 21
"""Modules on a side of the smallest codes that are known: version 1."""
LARGEST = 73
"""Modules on a side of the largest codes that are known: version 14."""
STEP = 4
"""Modules from a version to the next."""
FINDER = 7
"""Modules across a finder pattern; a light line of one more divides it from the data."""
_TIMING = 6
"""Row and column of the timing patterns, counted from 0."""
_LAST_SINGLE = 41
"""Size up to which there is one alignment pattern."""
_BETWEEN = {45: 22, 49: 24, 53: 26, 57: 28, 61: 30, 65: 32, 69: 34}
"""Middle of the alignment patterns between the first and the last; of size 73 there are two."""
_QUIET = 4
"""Modules of light ground around a code that is drawn."""
_PIXELS = 4
"""Pixels of a module of a code that is drawn."""


def finder_pattern() -> Modules:
    """A finder pattern and the light line around it, ``(9, 9)``: 1 is light, -1 dark."""
    pattern = np.ones((FINDER + 2, FINDER + 2), np.float32)
    pattern[1:-1, 1:-1] = -1
    pattern[2:-2, 2:-2] = 1
    pattern[3:-3, 3:-3] = -1
    return pattern


@functools.cache
def function_patterns(size: int) -> Modules:
    """Function patterns of a code of `size` modules a side: 1 is light, -1 dark, 0 data."""
    known = np.zeros((size, size), np.float32)
    pattern = finder_pattern()
    known[: FINDER + 1, : FINDER + 1] = pattern[1:, 1:]
    known[: FINDER + 1, -FINDER - 1 :] = pattern[1:, :-1]
    known[-FINDER - 1 :, : FINDER + 1] = pattern[:-1, 1:]
    line = slice(FINDER + 1, size - FINDER - 1)
    known[_TIMING, line] = known[line, _TIMING] = np.where(np.arange(line.start, line.stop) % 2, 1, -1)
    for x, y in _alignments(size):
        known[y - 2 : y + 3, x - 2 : x + 3] = -1
        known[y - 1 : y + 2, x - 1 : x + 2] = 1
        known[y, x] = -1
    return known


def _alignments(size: int) -> Iterator[tuple[int, int]]:
    """Middles of the alignment patterns."""
    if size == SMALLEST:
        return
    last = size - FINDER
    middles = (26, 46) if size == LARGEST else (_BETWEEN[size],) if size > _LAST_SINGLE else ()
    places = (_TIMING, *middles, last)
    corners = {(_TIMING, _TIMING), (_TIMING, last), (last, _TIMING)}
    yield from ((x, y) for x in places for y in places if (x, y) not in corners)


def draw(levels: Modules) -> Image:
    """Draw the code whose data are dark where `levels` are negative, its function patterns as they are."""
    known = function_patterns(len(levels))
    light = np.pad(np.where(known == 0, levels, known) >= 0, _QUIET, constant_values=True)
    return np.kron(light.astype(np.uint8) * np.uint8(255), np.ones((_PIXELS, _PIXELS), np.uint8))
