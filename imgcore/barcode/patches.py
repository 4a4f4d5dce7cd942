"""Patches of a picture laid upright, and their likeness to matrix codes."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.barcode.cells import CellLevel
from imgcore.barcode.squares import Square
from imgcore.types import Image, Points

_SIDE = 64
"""Side in pixels of the picture by which a patch is judged; the patch is half as large, in its middle."""
_PARTS = 7
"""Number of large parts on a side whose ink is compared."""
_INNER = _SIDE // 2 - 4
"""Side in pixels of the part of a patch that is measured, without its rim."""
_STEPS = (
    (np.s_[:, 1:], np.s_[:, :-1]),
    (np.s_[1:], np.s_[:-1]),
)
"""Places of neighbouring pixels across, then down."""
_PAIRS = _INNER * (_INNER - 1)
"""Number of pairs of neighbouring pixels across, and as many down."""
_WEIGHTS = np.array([6.1, -20.3, 14.7, -2.93, -54.6, 66.2, 9.09])
"""Weights of `likeness_features` in a linear discriminant between codes and patches of print."""
_THRESHOLD = 4.2
"""Value of the discriminant above which a patch looks like a code."""


def contains(corners: Points, x: float, y: float) -> bool:
    """Return whether a point lies in a convex area."""
    return bool(cv2.pointPolygonTest(corners, (float(x), float(y)), False) >= 0)


def upright(levels: Sequence[CellLevel], square: Square, margin: float, side: int) -> Image:
    """Lay a patch and `margin` of its sides around it upright, as a square of `side` pixels.

    Parameters
    ----------
    levels
        The picture at several sizes; the smallest that is large enough is used.
    """
    wanted = max(square.size * (1 + 2 * margin) / side, 1)
    level = max((one for one in levels if one.factor <= wanted), key=lambda one: one.factor)
    reduced = wanted / level.factor
    middle = (level.factor - 1) / 2
    corners = (square.corners(margin) - middle) / level.factor
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = level.grey[top:bottom, left:right]
    if reduced > 1:
        part = np.asarray(
            cv2.resize(part, None, fx=1 / reduced, fy=1 / reduced, interpolation=cv2.INTER_AREA), np.uint8
        )
    source = ((corners[:3] - (left, top) + 0.5) / reduced - 0.5).astype(np.float32)
    there = cv2.getAffineTransform(source, np.array([(0, 0), (side, 0), (side, side)], np.float32))
    way = cv2.INTER_CUBIC
    laid = cv2.warpAffine(part, there, (side, side), flags=way, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.uint8)


def looks_like_code(levels: Sequence[CellLevel], square: Square) -> bool:
    """Return whether a patch is rather a matrix code than print or a drawing."""
    seen = upright(levels, square, 0.5, _SIDE)
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
    inner = seen[quarter:-quarter, quarter:-quarter]
    darkest = _quantile(inner, 0.1)
    lightest = _quantile(seen, 0.9)
    code = np.clip((lightest - inner[2:-2, 2:-2].astype(np.float32)) / (lightest - darkest + 1), 0, 1)
    (mean, deviation) = _moments(code)
    lines = [cv2.reduce(code, axis, cv2.REDUCE_AVG) for axis in (0, 1)]
    uneven = sorted(_moments(line)[1] for line in lines)
    across, down = (cv2.norm(code[one], code[other], cv2.NORM_L2SQR) for one, other in _STEPS)
    changes = across / _PAIRS + 1e-4, down / _PAIRS + 1e-4
    parts = cv2.resize(code, (_PARTS, _PARTS), interpolation=cv2.INTER_AREA)
    change = sum(changes) / (deviation * deviation + 1e-3)
    direction = abs(log(changes[0] / changes[1]))
    return np.array([mean, uneven[1], uneven[0], direction, deviation, _moments(parts)[1], change])


def _moments(values: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Mean and standard deviation."""
    mean, deviation = cv2.meanStdDev(values)
    return float(mean[0, 0]), float(deviation[0, 0])


def _quantile(grey: Image, share: float) -> float:
    """Grey level below which a share of the pixels is; NumPy's own interpolates, in three times as long."""
    place = int(share * (grey.size - 1))
    return float(np.partition(grey, place, axis=None)[place])
