"""Finder patterns of QR codes: a dark square in a light ring in a dark one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Places = npt.NDArray[np.complex128]
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

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
MOST = 256
"""Patterns that are kept, the largest first: of forty codes there are 120, and all of them are paired."""


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
        Possible patterns, the largest first, also those of codes that no engine reads; at most `MOST`.
    ink
        uint8 ``(rows, cols)``, 1 for pixels darker than their surroundings.
    factor
        Pixels of `ink` over those of the picture.
    """

    finders: tuple[FinderPattern, ...]
    ink: Image
    factor: float


def find_finder_patterns(grey: Image) -> FinderPatterns:
    """Find the finder patterns of a picture, the `MOST` largest if there are more.

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
    rings = _rings(np.asarray(ink, np.uint8))
    largest = rings[np.argsort(-rings[:, 2], kind="stable")[:MOST]]
    finders = [
        FinderPattern((x + 0.5) / factor - 0.5, (y + 0.5) / factor - 0.5, size / factor)
        for x, y, size in largest.tolist()
    ]
    return FinderPatterns(tuple(_outermost(finders)), np.asarray(ink, np.uint8), factor)


def _outermost(finders: Sequence[FinderPattern]) -> Iterator[FinderPattern]:
    """Keep the outermost of concentric patterns, the largest first, as rings within rings are."""
    kept: list[FinderPattern] = []
    for finder in finders:
        if all(_distance(finder, other) > _SAME for other in kept):
            kept.append(finder)
            yield finder


def may_be_code(patterns: FinderPatterns, finders: Sequence[FinderPattern]) -> bool:
    """Return whether some of `finders` lie as those of one code do: two close by, or three at its corners."""
    places = np.array([complex(finder.x, finder.y) for finder in finders])
    sizes = np.array([finder.size for finder in finders])
    distance = np.abs(places - places[:, None]) / np.maximum(sizes, sizes[:, None])
    ratio = sizes / sizes[:, None]
    together = (ratio > _TWIN) & (ratio < 1 / _TWIN) & (_APART[0] < distance) & (distance < _APART[1])
    one, other = np.nonzero(together)
    together[one, other] = _fullness(patterns, places, sizes, one, other) > _FULL
    if (together & (distance < _CLOSE)).any():
        return True
    return any(_has_square(places[row] - corner) for corner, row in zip(places, together, strict=True))


def _distance(one: FinderPattern, other: FinderPattern) -> float:
    return float(np.hypot(one.x - other.x, one.y - other.y)) / max(one.size, other.size)


def _has_square(arms: Places) -> bool:
    """Return whether two of some vectors are about as long and at about a right angle."""
    turn = arms / arms[:, None]
    times = np.abs(turn)
    return bool(((times > _ARMS) & (times < 1 / _ARMS) & (np.abs(turn.real) < _SLANT * times)).any())


def _fullness(
    patterns: FinderPatterns, places: Places, sizes: Floats, one: Numbers, other: Numbers
) -> Floats:
    """Share of dark pixels in the box around each pair."""
    half = (sizes[one] + sizes[other]) / 4
    (left, right), (top, bottom) = (
        (
            (np.maximum(np.minimum(at[one], at[other]) - half, 0) * patterns.factor).astype(np.intp),
            np.minimum(((np.maximum(at[one], at[other]) + half) * patterns.factor).astype(np.intp) + 1, side),
        )
        for at, side in zip((places.real, places.imag), patterns.ink.shape[::-1], strict=True)
    )
    total = cv2.integral(patterns.ink)
    dark = total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]
    return np.asarray(dark / ((bottom - top) * (right - left)), np.float64)


def nested_components(ink: Image) -> int:
    """Count the outlines of a mask that lie in another's hole, as cores in their rings do."""
    _, parents = _outlines(ink)
    inner = parents[parents >= 0]
    return int(np.count_nonzero(parents[inner] >= 0))


def _rings(ink: Image) -> Floats:
    """Find centre and width ``(n, 3)`` of outlines that lie in another's hole, as a core in its ring."""
    boxes, parents = _outlines(ink)
    inner = np.flatnonzero(parents >= 0)
    inner = inner[parents[parents[inner]] >= 0]
    core, hole, ring = (boxes[i] for i in (inner, parents[inner], parents[parents[inner]]))
    share = hole[:, 2:] / ring[:, 2:]
    thick = ((_RING[0] < share) & (share < _RING[1])).all(axis=1)
    large = (core[:, 2:] >= _LEAST_CORE).all(axis=1)
    ring = ring[large & thick & _concentric(core, ring)]
    middles = ring[:, :2] + (ring[:, 2:] - 1) / 2
    return np.column_stack([middles, ring[:, 2:].max(axis=1, initial=0)])


def _concentric(core: Numbers, ring: Numbers) -> Mask:
    low, high = _TIMES
    size, around = core[:, 2:], ring[:, 2:]
    aside = np.abs(core[:, :2] + size / 2 - ring[:, :2] - around / 2)
    alike = (low < around / size) & (around / size < high) & (aside <= 0.12 * around + 1)
    wide = ring[:, 2] / ring[:, 3]
    return np.asarray(alike.all(axis=1) & (wide > 0.4) & (wide < 2.5))


def _outlines(ink: Image) -> tuple[Numbers, Numbers]:
    """Find the boxes ``(n, 4)`` of components and of their holes, and the number around each, or -1.

    As a tree of contours, which would take the square of the time where there are many.
    """
    (dark, dark_boxes, dark_first), (light, holes, light_first) = _components(ink, 8), _components(1 - ink, 4)
    is_hole = (holes[:, :2] > 0).all(axis=1) & (holes[:, :2] + holes[:, 2:] < ink.shape[::-1]).all(axis=1)
    number_of = np.full(len(holes) + 1, -1)
    number_of[1:][is_hole] = len(dark_boxes) + np.arange(np.count_nonzero(is_hole))
    # The pixel before the first one of a component, row by row, belongs to what is around it.
    around_dark = number_of[light.ravel()[dark_first - 1]]
    around_dark[dark_first % ink.shape[1] == 0] = -1
    around_holes = dark.ravel()[light_first[is_hole] - 1] - 1
    # The contour of a hole runs on the ink around it.
    boxes = np.concatenate([dark_boxes, holes[is_hole] + (-1, -1, 2, 2)])
    return boxes, np.concatenate([around_dark, around_holes])


def _components(mask: Image, connectivity: int) -> tuple[npt.NDArray[np.int32], Numbers, Numbers]:
    """Label connected components from 1; returns also the box of each, and the number of its first pixel."""
    count, labels = cv2.connectedComponents(mask, connectivity=connectivity)
    # OpenCV's own statistics take three times as long as its labels; these come from the ends of runs.
    inked = np.pad(mask > 0, ((0, 0), (1, 1)))
    begins = np.flatnonzero(inked[:, 1:-1] & ~inked[:, :-2])
    ends = np.flatnonzero(inked[:, 1:-1] & ~inked[:, 2:])
    label, cols = np.asarray(labels).ravel()[begins].astype(np.intp), mask.shape[1]
    first, last, left, right = np.zeros((4, count), np.intp)
    first[label[::-1]], last[label] = begins[::-1], begins
    left[:] = cols
    np.minimum.at(left, label, begins % cols)
    np.maximum.at(right, label, ends % cols)
    top, bottom = first // cols, last // cols
    boxes = np.stack([left, top, right - left + 1, bottom - top + 1], axis=1)
    return np.asarray(labels, np.int32), boxes[1:], first[1:]
