"""Structure tensors of a picture's cells at several sizes, which show bars and squares alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.kernels import cell_greys, structure_tensors
from imgcore.types import Image

Floats = npt.NDArray[np.float32]

CELL = 8
"""Side of a cell in pixels of its level."""
_LEVELS = 5
"""Number of sizes, the picture, halved, halved again: for bars of one pixel to some twenty, and squares that
fill a picture."""


@dataclass(frozen=True, slots=True, eq=False)
class CellLevel:
    """Cells of a picture at one size.

    Attributes
    ----------
    factor
        Pixels of the picture that are one of `grey`.
    grey
        uint8, the picture reduced.
    tensors
        float32 ``(rows, cols, 3)``, sums over each cell.
    greys
        uint8 ``(3, rows, cols)``, darkest, lightest and mean grey of each cell.
    across, down
        float32 ``(rows, cols)``, squared gradient of a pixel across and down, of the cells around each.
    straight
        Part of their sum that has one direction.
    twice
        Double that direction, radians.
    """

    factor: float
    grey: Image
    tensors: Floats
    greys: Image
    across: Floats
    down: Floats
    straight: Floats
    twice: Floats


def cell_levels(grey: Image) -> tuple[CellLevel, ...]:
    """Measure the cells of a picture, uint8 ``(rows, cols)``, from the finest size on."""
    return tuple(_level(2.0**level, reduced) for level, reduced in enumerate(_pyramid(grey)))


def finer_level(grey: Image) -> CellLevel:
    """Measure the cells of a picture at twice its size, for codes of a few cells."""
    return _level(
        0.5, np.asarray(cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR), np.uint8)
    )


def _pyramid(grey: Image) -> Iterator[Image]:
    for _ in range(_LEVELS):
        if min(grey.shape) < 2 * CELL:
            return
        yield grey
        grey = np.asarray(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)


def _level(factor: float, grey: Image) -> CellLevel:
    grey = np.ascontiguousarray(grey)
    tensors = structure_tensors(grey, CELL)
    across, down, mixed = cv2.split(cv2.blur(tensors, (3, 3)) / np.float32(CELL**2))
    straight, twice = cv2.cartToPolar(across - down, 2 * mixed)
    arrays = (np.asarray(part, np.float32) for part in (across, down, straight, twice))
    return CellLevel(factor, grey, tensors, cell_greys(grey, CELL), *arrays)
