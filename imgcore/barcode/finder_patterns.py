"""Finder patterns of QR codes: a dark square in a light ring in a dark one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

_SIDE = 800
_WINDOW = 12
"""Parts of the picture's side that are one threshold window; a finder pattern is seldom larger."""
_DARKER = 5
_TIMES = (1.5, 4.2)
"""A ring is seven modules wide, its core three; blur and ink move both."""
_RING = (0.5, 0.92)
"""Ratio of the light ring to the dark one, five modules to seven."""
_LEAST_CORE = 2
_SAME = 0.3
"""Distance of two centres, in sizes, below which they are one."""
_TWIN = 0.5
"""Size of the farther pattern of a code over the nearer one."""
_APART = (1.2, 40.0)
"""Distance between two patterns of a code, in sizes: 14 modules to 170, and the diagonal."""
_CLOSE = 5.0
"""Distance in sizes, that of a code up to version 6, below which two patterns are enough."""
_ARMS, _SLANT = 0.5, 0.6
"""Ratio of a code's sides, and the cosine of their angle, seen from aside."""
_FULL = 0.36
"""Share of dark pixels around two patterns of one code, 0.4 and more; between rings of a drawing less."""


@dataclass(frozen=True, slots=True)
class FinderPattern:
    """Centre and width of a finder pattern in pixels."""

    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True, eq=False)
class FinderPatterns:
    """Finder patterns of a picture, and its binarization.

    Attributes
    ----------
    finders
        All possible patterns, also those of codes that no engine reads.
    ink
        uint8 ``(rows, cols)``, 1 for pixels darker than their surroundings.
    factor
        Pixels of `ink` over those of the picture.
    """

    finders: tuple[FinderPattern, ...]
    ink: Image
    factor: float


def find_finder_patterns(grey: Image) -> FinderPatterns:
    """Find all finder patterns of a picture.

    Parameters
    ----------
    grey
        uint8 ``(rows, cols)``.
    """
    factor = min(1.0, _SIDE / max(grey.shape))
    small = (
        grey if factor == 1.0 else cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    )
    window = max(small.shape) // _WINDOW | 1
    ink = cv2.adaptiveThreshold(
        small, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, max(window, 3), _DARKER
    )
    contours, tree = cv2.findContours(ink, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    rings = () if tree is None else _rings(contours, tree[0][:, 3])
    finders = [
        FinderPattern((x + 0.5) / factor - 0.5, (y + 0.5) / factor - 0.5, size / factor)
        for x, y, size in rings
    ]
    return FinderPatterns(tuple(_outermost(finders)), np.asarray(ink, np.uint8), factor)


def _outermost(finders: Sequence[FinderPattern]) -> Iterator[FinderPattern]:
    """Keep the outermost of concentric patterns, as rings within rings are."""
    kept: list[FinderPattern] = []
    for finder in sorted(finders, key=lambda finder: -finder.size):
        if all(_distance(finder, other) > _SAME for other in kept):
            kept.append(finder)
            yield finder


def may_be_code(patterns: FinderPatterns, finders: Sequence[FinderPattern]) -> bool:
    """Return whether some of `finders` lie as those of one code do: two close by, or three at its corners."""
    pairs = [(one, other) for one in finders for other in finders if _together(patterns, one, other)]
    return any(_distance(*pair) < _CLOSE for pair in pairs) or any(
        _square(one, other, third)
        for one, other in pairs
        for same, third in pairs
        if same is one and third is not other
    )


def _together(patterns: FinderPatterns, one: FinderPattern, other: FinderPattern) -> bool:
    """Return whether two are of about one size, at some distance, with many dark pixels around them."""
    twins = _TWIN < one.size / other.size < 1 / _TWIN and _APART[0] < _distance(one, other) < _APART[1]
    return twins and _fullness(patterns, one, other) > _FULL


def _distance(one: FinderPattern, other: FinderPattern) -> float:
    return float(np.hypot(one.x - other.x, one.y - other.y)) / max(one.size, other.size)


def _square(corner: FinderPattern, one: FinderPattern, other: FinderPattern) -> bool:
    """Return whether the vectors to both others are about as long and at about a right angle."""
    first, second = (complex(end.x - corner.x, end.y - corner.y) for end in (one, other))
    turn = second / first
    return _ARMS < abs(turn) < 1 / _ARMS and abs(turn.real) < _SLANT * abs(turn)


def _fullness(patterns: FinderPatterns, one: FinderPattern, other: FinderPattern) -> float:
    """Share of dark pixels in the box around both."""
    half = (one.size + other.size) / 4
    (left, right), (top, bottom) = (
        (int(max(min(pair) - half, 0) * patterns.factor), int((max(pair) + half) * patterns.factor) + 1)
        for pair in ((one.x, other.x), (one.y, other.y))
    )
    return float(patterns.ink[top:bottom, left:right].mean())


def _rings(
    contours: Sequence[npt.NDArray[Any]], parents: npt.NDArray[Any]
) -> Iterator[tuple[float, float, float]]:
    """Yield centre and width of contours that lie in a hole of another, as a core in its ring."""
    inner = np.flatnonzero(parents >= 0)
    inner = inner[parents[parents[inner]] >= 0]
    for number in inner:
        core, hole, ring = (
            cv2.boundingRect(contours[i]) for i in (number, parents[number], parents[parents[number]])
        )
        thick = _RING[0] < hole[2] / ring[2] < _RING[1] and _RING[0] < hole[3] / ring[3] < _RING[1]
        if min(core[2:]) >= _LEAST_CORE and thick and _concentric(core, ring):
            yield ring[0] + (ring[2] - 1) / 2, ring[1] + (ring[3] - 1) / 2, float(max(ring[2:]))


def _concentric(core: Sequence[int], ring: Sequence[int]) -> bool:
    low, high = _TIMES
    for axis in (0, 1):
        size, around = core[axis + 2], ring[axis + 2]
        aside = abs(core[axis] + size / 2 - ring[axis] - around / 2)
        if not low < around / size < high or aside > 0.12 * around + 1:
            return False
    return 0.4 < ring[2] / ring[3] < 2.5
