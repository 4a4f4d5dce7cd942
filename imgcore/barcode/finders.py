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
"""Parts of the picture's side over which light is evened out; a finder pattern is seldom larger."""
_DARKER = 5
_TIMES = (1.5, 4.2)
"""A ring is seven modules wide, its core three; blur and ink move both."""
_RING = (0.5, 0.92)
"""The light ring over the dark one, five modules over seven."""
_LEAST_CORE = 2
_TWIN = 0.5
"""Size of the farther pattern of a code over the nearer one."""
_APART = (1.2, 40.0)
"""Sizes from one pattern of a code to another: 14 modules to 170, and the diagonal."""


@dataclass(frozen=True, slots=True)
class Finder:
    """Middle and width in pixels."""

    x: float
    y: float
    size: float


def find_finders(grey: Image) -> tuple[Finder, ...]:
    """All that may be finder patterns, also those of codes that no engine reads.

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
        small, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, max(window, 3), _DARKER
    )
    contours, tree = cv2.findContours(ink, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    if tree is None:
        return ()
    return tuple(
        Finder((x + 0.5) / factor - 0.5, (y + 0.5) / factor - 0.5, size / factor)
        for x, y, size in _rings(contours, tree[0][:, 3])
    )


def alike(finders: Sequence[Finder]) -> int:
    """How many may be of one code: of about one size, at some distance."""
    return max((1 + sum(_together(one, other) for other in finders) for one in finders), default=0)


def _together(one: Finder, other: Finder) -> bool:
    away = float(np.hypot(one.x - other.x, one.y - other.y)) / max(one.size, other.size)
    return _TWIN < one.size / other.size < 1 / _TWIN and _APART[0] < away < _APART[1]


def _rings(
    contours: Sequence[npt.NDArray[Any]], parents: npt.NDArray[Any]
) -> Iterator[tuple[float, float, float]]:
    """Middle and width of contours that lie in a hole of another, as a core in its ring."""
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
