"""Localisation of matrix codes: patches half dark and half light, without a direction, in light ground."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.barcode.cells import CELL, CellLevel
from imgcore.kernels import component_statistics
from imgcore.types import Image, Points

_DARK = (0.3, 0.72)
"""Least and largest share of ink in a code's cells; print has 0.2 and less."""
_COHERENT = 0.75
"""Largest share of the squared grey change of a code's cells that has one direction."""
_UNEVEN = 3.0
"""Largest ratio of the squared grey change along one side to that along the other, both as long."""
_RANGE = 30.0
"""Least grey levels between ink and ground."""
_CHANGE = 64.0
"""Least squared gradient of a pixel."""
_LEAST_CELLS = 9
"""Fewest cells of a patch."""
_LEAST_SIDE = 3
"""Fewest cells of a patch across and down."""
_SMALLEST = 24.0
"""Least shorter side in pixels: 21 modules and more."""
_LONGEST = 4.5
"""Largest length over width of a patch, seen from aside."""
_FILLED = 0.6
"""Least share of a patch's parallelogram that its cells fill."""
_SAME = 0.3
"""Distance of two patches over their size below which they are one, seen at two levels."""


@dataclass(frozen=True, slots=True, eq=False)
class Square:
    """Patch that may be a matrix code without its quiet zone, seen from anywhere.

    Attributes
    ----------
    x, y
        Its middle, pixels.
    sides
        float64 ``(2, 2)``, two neighbouring sides as columns, pixels.
    """

    x: float
    y: float
    sides: npt.NDArray[np.float64]

    @property
    def size(self) -> float:
        """Longer side, pixels."""
        return float(np.linalg.norm(self.sides, axis=0).max())

    def corners(self, margin: float) -> Points:
        """float32 ``(4, 2)``, clockwise, of the patch with `margin` of its sides around it."""
        places = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (0.5 + margin)
        return np.asarray(places @ self.sides.T + (self.x, self.y), np.float32)


def find_squares(levels: Sequence[CellLevel]) -> tuple[Square, ...]:
    """Find patches that may be matrix codes, the largest first.

    Parameters
    ----------
    levels
        Cells of the picture.
    """
    found = sorted((one for level in levels for one in _patches(level)), key=lambda one: -one.size)
    # A sheet of thousands of codes has millions of pairs.
    x, y, size = np.array([(one.x, one.y, one.size) for one in found]).reshape(-1, 3).T
    kept = np.zeros(len(found), bool)
    for at in range(len(found)):
        apart = np.hypot(x[:at] - x[at], y[:at] - y[at])
        same = (apart < _SAME * size[:at]) & (size[at] > size[:at] / 2) & kept[:at]
        kept[at] = not same.any()
    return tuple(one for one, stays in zip(found, kept, strict=True) if stays)


def _patches(level: CellLevel) -> Iterator[Square]:
    mask = np.asarray(cv2.morphologyEx(_textured(level), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.uint8)
    count, found = cv2.connectedComponents(mask, connectivity=4)
    labels = np.asarray(found, np.int32)
    areas, boxes, changes = component_statistics(labels, mask, level.tensors, count)
    large = (areas >= _LEAST_CELLS) & (boxes[:, 2:].min(axis=1) >= _LEAST_SIDE)
    for label in np.flatnonzero(large).tolist():
        x, y, wide, high = boxes[label].tolist()
        inside = labels[y : y + high, x : x + wide] == label
        square = _fitted(np.flatnonzero(inside), wide, int(areas[label]))
        if square is None:
            continue
        scale = CELL * level.factor
        if min(np.hypot(*square.sides)) * scale >= _SMALLEST and _is_even(square, changes[label]):
            middle = (square.x + x + 0.5) * scale - 0.5, (square.y + y + 0.5) * scale - 0.5
            yield Square(*middle, square.sides * scale)


def _fitted(cells: npt.NDArray[np.intp], wide: int, count: int) -> Square | None:
    """Fit a parallelogram to cells, numbered in rows of `wide`; None if they do not fill one."""
    x = (cells % wide).astype(np.float32)
    y = (cells // wide).astype(np.float32)
    middle = float(x.sum()) / count, float(y.sum()) / count
    x = x - np.float32(middle[0])
    y = y - np.float32(middle[1])
    # A square of side 1 has a variance of 1/12.
    across = 12 * float(x @ x) / count + 1
    down = 12 * float(y @ y) / count + 1
    mixed = 12 * float(x @ y) / count
    area = float(np.sqrt(across * down - mixed * mixed))
    if count < _FILLED * area or across + down > (_LONGEST + 1 / _LONGEST) * area:
        return None
    # The root of the matrix makes a square of the parallelogram's; the rest is a turn.
    root = np.array([(across + area, mixed), (mixed, down + area)]) / np.sqrt(across + down + 2 * area)
    flat = np.stack([root[1, 1] * x - root[0, 1] * y, root[0, 0] * y - root[0, 1] * x], axis=1) / area
    (right, below), (width, height), degrees = cv2.minAreaRect(flat.astype(np.float32))
    cos = np.cos(np.radians(degrees))
    sin = np.sin(np.radians(degrees))
    sides = root @ np.array([(cos * width, -sin * height), (sin * width, cos * height)])
    lengths = np.hypot(*sides)
    sides *= (lengths + 1) / np.maximum(lengths, 1e-6)
    if count < _FILLED * abs(sides[0, 0] * sides[1, 1] - sides[0, 1] * sides[1, 0]):
        return None
    (x_off, y_off) = root @ (right, below)
    return Square(middle[0] + float(x_off), middle[1] + float(y_off), sides)


def _is_even(square: Square, change: npt.NDArray[np.float64]) -> bool:
    """Return whether grey changes about as much along one side as along the other."""
    across, down, mixed = change.tolist()
    one, other = (across * x * x + down * y * y + 2 * mixed * x * y for x, y in square.sides.T.tolist())
    return bool(other / _UNEVEN < one < other * _UNEVEN)


def _textured(level: CellLevel) -> Image:
    """Mask of cells that are dark and light in every direction."""
    darkest, lightest, mean = level.greys
    around = np.ones((3, 3), np.uint8)
    light = cv2.dilate(lightest, around)
    contrast = cv2.subtract(light, cv2.erode(darkest, around)).astype(np.float32)
    below = cv2.subtract(light, cv2.blur(mean, (3, 3))).astype(np.float32)
    change = level.across + level.down
    mask = (below > _DARK[0] * (contrast + 1)) & (below < _DARK[1] * (contrast + 1)) & (contrast > _RANGE)
    return np.asarray(mask & (change > 8 * _CHANGE) & (level.straight < _COHERENT * change), np.uint8)
