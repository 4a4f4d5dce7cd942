"""Patches of a picture laid upright, and their likeness to matrix codes."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.barcode.cells import CellLevel
from imgcore.barcode.squares import Square
from imgcore.types import Image

_SIDE = 64
"""Pixels of the picture by which a patch is judged; the patch is half as large, around its middle."""
_PARTS = 7
_WEIGHTS = np.array([6.1, -20.3, 14.7, -2.93, -54.6, 66.2, 9.09])
"""Weights of `likeness_features` in a linear discriminant between codes and patches of print."""
_THRESHOLD = 4.2


def upright(grey: Image, square: Square, margin: float, side: int) -> Image:
    """Lay a patch and `margin` of its sides around it upright, as a square of `side` pixels."""
    corners = square.corners(margin)
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = grey[top:bottom, left:right]
    factor = min(1.0, side / (square.size * (1 + 2 * margin)))
    if factor < 1:
        part = np.asarray(
            cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
        )
    source = ((corners[:3] - (left, top) + 0.5) * factor - 0.5).astype(np.float32)
    there = cv2.getAffineTransform(source, np.array([(0, 0), (side, 0), (side, side)], np.float32))
    way = cv2.INTER_CUBIC
    laid = cv2.warpAffine(part, there, (side, side), flags=way, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.uint8)


def looks_like_code(levels: Sequence[CellLevel], square: Square) -> bool:
    """Return whether a patch is rather a matrix code than print or a drawing."""
    wanted = square.size * 2 / _SIDE
    level = max((one for one in levels if one.factor <= max(wanted, 1)), key=lambda one: one.factor)
    middle = (level.factor - 1) / 2
    x, y = (square.x - middle) / level.factor, (square.y - middle) / level.factor
    seen = upright(level.grey, Square(x, y, square.sides / level.factor), 0.5, _SIDE)
    return float(likeness_features(seen) @ _WEIGHTS) > _THRESHOLD


def likeness_features(seen: Image) -> npt.NDArray[np.float64]:
    """Measure how even, how dark and how fine a patch is, alike in both directions.

    Returns
    -------
    ndarray
        Share of ink; deviation of the mean from row to row and from column to column, the larger first;
        logarithm of the ratio of grey changes across and down, without its sign; deviation of the ink, of
        all pixels and of a few large parts; grey change over variance.
    """
    quarter = _SIDE // 4
    inner = slice(quarter, 3 * quarter)
    darkest, lightest = _quantile(seen[inner, inner], 0.1), _quantile(seen, 0.9)
    ink = np.clip((lightest - seen.astype(np.float32)) / (lightest - darkest + 1), 0, 1)
    code = ink[inner, inner][2:-2, 2:-2]
    uneven = sorted(float(code.mean(axis=axis).std()) for axis in (0, 1))
    across, down = (float((np.diff(code, axis=axis) ** 2).mean()) + 1e-4 for axis in (1, 0))
    parts = cv2.resize(code, (_PARTS, _PARTS), interpolation=cv2.INTER_AREA)
    change = (across + down) / (float(code.var()) + 1e-3)
    direction = abs(float(np.log(across / down)))
    return np.array([code.mean(), uneven[1], uneven[0], direction, code.std(), parts.std(), change])


def _quantile(grey: Image, share: float) -> float:
    """Grey level below which a share of the pixels is; NumPy's own interpolates, in three times as long."""
    place = int(share * (grey.size - 1))
    return float(np.partition(grey, place, axis=None)[place])
