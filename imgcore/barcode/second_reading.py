"""Places in which an engine has read no code, prepared so that it may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import cv2
import numpy as np

from imgcore.barcode.bar_fit import Matrix
from imgcore.barcode.bars import BarField
from imgcore.barcode.cells import CellLevel
from imgcore.barcode.engines import DecodedSymbol, Engine
from imgcore.barcode.patches import upright
from imgcore.barcode.squares import Square
from imgcore.types import Image, Points

_REACH = 8.0
"""Side of the second square around a field that is laid level, in sides of the field, which may be a small
part of a code."""
_LEAST_REACH = 3.0
"""Side of the first such square, which is quick, and the least of the second."""
_LEVEL_SIDE = 1500.0
"""Most pixels along a square that is laid level; larger ones are reduced."""
_TURNS = (0.0, 4.0, -4.0)
"""Degrees by which a field is turned further: rows of a code that is seen aslant are not parallel."""
_MARGIN = 0.35
"""Ground around a patch, in its sides."""
_UPRIGHT_SIDE = 300
"""Pixels along a patch that is laid upright, with its ground."""
_ENLARGED = (1.5, 2.0, 3.0)
"""Enlargements of a patch as it lies, in turn: the library finds a code's rim at one of them or not."""
_MOST_ENLARGED = 600.0
"""Most pixels along an enlarged patch with its ground."""
_SHARPENED = 1.5
"""Standard deviation of the blur that is taken off an enlarged patch, in pixels of the picture."""
_GROUND = 235
"""Level of what lies beyond the picture: paper's."""


def read_level(grey: Image, bars: BarField, engine: Engine) -> Iterator[DecodedSymbol]:
    """Yield codes in rows around a field of bars, of the first square laid level in which there are any."""
    size = max(bars.length, bars.height)
    wide = min(_REACH * size, max(_LEVEL_SIDE, _LEAST_REACH * size), 2.0 * max(grey.shape))
    for side, turn in product((_LEAST_REACH * size, wide), _TURNS):
        matrix, length = _to_level(bars, side, turn)
        shape = (length, length)
        level = cv2.warpAffine(grey, matrix, shape, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,))
        symbols = engine.read_rows(np.asarray(level, np.uint8))
        yield from _placed(symbols, cv2.invertAffineTransform(matrix))
        if symbols:
            return


def read_patch(
    grey: Image, levels: Sequence[CellLevel], square: Square, engine: Engine
) -> Sequence[DecodedSymbol]:
    """Return codes of cells in a patch: laid upright, enlarged as it lies, or sharpened.

    Parameters
    ----------
    levels
        The picture at several sizes.
    """
    laid = upright(levels, square, _MARGIN, _UPRIGHT_SIDE)
    there = np.array([(0, 0), (_UPRIGHT_SIDE, 0), (_UPRIGHT_SIDE,) * 2], np.float32)
    if symbols := engine.read_matrix_codes(laid):
        return list(_placed(symbols, cv2.getAffineTransform(there, square.corners(_MARGIN)[:3])))
    for scale in _ENLARGED:
        large, matrix = _enlarged(grey, square, scale)
        blurred = cv2.GaussianBlur(large, (0, 0), _SHARPENED * scale)
        for seen in (large, cv2.addWeighted(large, 2, blurred, -1, 0)):
            if symbols := engine.read_matrix_codes(np.asarray(seen, np.uint8)):
                return list(_placed(symbols, cv2.invertAffineTransform(matrix)))
    return ()


def _enlarged(grey: Image, square: Square, scale: float) -> tuple[Image, Matrix]:
    """Return a patch with its ground, and the matrix from the picture to it."""
    corners = square.corners(_MARGIN)
    left, top = corners.min(axis=0).tolist()
    side = float(np.ptp(corners, axis=0).max())
    scale = min(scale, _MOST_ENLARGED / side)
    matrix = np.array([[scale, 0, -scale * left], [0, scale, -scale * top]])
    shape = (round(scale * side),) * 2
    large = cv2.warpAffine(grey, matrix, shape, flags=cv2.INTER_CUBIC, borderValue=(_GROUND,))
    return np.asarray(large, np.uint8), matrix


def _to_level(bars: BarField, side: float, turn: float) -> tuple[Matrix, int]:
    """Return the matrix that lays a square around a field level, and its side in pixels."""
    x, y = bars.corners.mean(axis=0).tolist()
    scale = min(1.0, _LEVEL_SIDE / side)
    length = round(side * scale)
    matrix = cv2.getRotationMatrix2D((x, y), float(np.rad2deg(bars.angle)) + turn, scale)
    return matrix + np.array([[0, 0, length / 2 - x], [0, 0, length / 2 - y]]), length


def _placed(symbols: Sequence[DecodedSymbol], back: cv2.typing.MatLike) -> Iterator[DecodedSymbol]:
    """Yield symbols of a prepared place where they are in the picture."""
    for symbol in symbols:
        corners: Points = np.asarray(cv2.transform(symbol.corners[None], back)[0], np.float32)
        yield replace(symbol, corners=corners)
