"""Lines of a picture, each set level in a picture of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.text.recognition import HEIGHT
from imgcore.types import Image, Points

_TALL = 1.5
"""Height of a line in widths from which it is read downwards."""
_NARROWEST = 8
"""Fewest columns of a line's picture."""
_WIDEST = 4000
"""Most columns of a line's picture."""
_BESIDE = 0.2
"""Share of a vertical line's width added at its right, where its marks stand."""
_LONG = 2.5
"""Length of a line, in heights, from which it tells a direction."""
_ENOUGH = 3
"""Fewest long lines from which a page has a direction."""
_AGREED = 0.85
"""Least share of the lines' length that agrees on a direction."""
_UPRIGHT = 15.0
"""Degrees from upright within which lines are those of vertical text, or of a page on its side."""
_GREY = 0.75
"""White of the grey paper that a line is put on, in shares of white."""
_GRAIN = np.float32(8)
"""Standard deviation of the grain of the grey paper that a line is put on, in grey levels."""


def is_tall(corners: Points) -> bool:
    """Return whether a line, clockwise from its top left, is much higher than wide."""
    width, height = line_sides(corners)
    return height >= _TALL * width


def downwards(corners: Points) -> Points:
    """Return a tall line as one that is read downwards: its first edge is its right side."""
    top_left, top_right, bottom_right, bottom_left = corners
    beside = _BESIDE * (top_right - top_left)
    return np.asarray([top_right + beside, bottom_right + beside, bottom_left, top_left], np.float32)


def line_sides(corners: Points) -> tuple[float, float]:
    """Return length and height of a line."""
    edges = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    return float(max(edges[0], edges[2])), float(max(edges[1], edges[3]))


def slope_of(lines: Sequence[Points]) -> float:
    """Return the angle of the long sides of long lines, in degrees clockwise.

    0 where they have no direction in common, where they are few, and where they are nearly upright.
    """
    edges = [
        max(corners[1] - corners[0], corners[2] - corners[1], key=lambda edge: edge @ edge)
        for corners in lines
    ]
    long = [
        edge
        for edge, corners in zip(edges, lines, strict=True)
        if max(line_sides(corners)) > _LONG * min(line_sides(corners))
    ]
    if len(long) < _ENOUGH:
        return 0.0
    across, down = np.array(long).T
    # Twice the angle, so that opposite directions are one.
    doubled = np.exp(2j * np.arctan2(down, across)) * np.hypot(across, down)
    if abs(doubled.sum()) < _AGREED * abs(doubled).sum():
        return 0.0
    angle = float(np.degrees(np.angle(doubled.sum())) / 2)
    # Upright lines are vertical text, or those of a page on its side.
    return angle if abs(angle) < 90 - _UPRIGHT else 0.0


def levelled(image: Image, degrees: float) -> tuple[Image, npt.NDArray[np.float64]]:
    """Return a picture turned counter-clockwise, whole, and the float64 ``(2, 3)`` way to its pixels."""
    rows, cols = image.shape[:2]
    matrix = np.asarray(cv2.getRotationMatrix2D((cols / 2, rows / 2), degrees, 1.0), np.float64)
    across = abs(matrix[0, 0])
    down = abs(matrix[0, 1])
    size = round(cols * across + rows * down), round(cols * down + rows * across)
    matrix[:, 2] += (size[0] - cols) / 2, (size[1] - rows) / 2
    turned = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8), matrix


def level_line(image: Image, corners: Points, squeeze: float) -> Image:
    """Return a line as a picture of `HEIGHT` rows.

    Parameters
    ----------
    corners
        Clockwise from the start of its top.
    squeeze
        Factor of its width.
    """
    length, height = line_sides(corners)
    cols = int(np.clip(round(HEIGHT * length / max(height, 1) * squeeze), _NARROWEST, _WIDEST))
    part, moved = _around(image, corners)
    flat = np.array([(0, 0), (cols, 0), (cols, HEIGHT), (0, HEIGHT)], np.float32)
    matrix = cv2.getPerspectiveTransform(moved, flat)
    return np.asarray(
        cv2.warpPerspective(
            part, matrix, (cols, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def grained(line: Image) -> Image:
    """Return a line as it were on grey paper with grain, always the same.

    The recogniser was trained on photographs. Of vertical text on pure white it leaves out most of the marks
    between the characters, and with some grain reads them.
    """
    shown = line * np.float32(_GREY) + _grain()[:, : line.shape[1]]
    return np.asarray(np.clip(shown, 0, 255), np.uint8)


@cache
def _grain() -> npt.NDArray[np.float32]:
    random = np.random.default_rng(0)
    return _GRAIN * random.standard_normal((HEIGHT, _WIDEST, 3), np.float32)


def _around(image: Image, corners: Points) -> tuple[Image, Points]:
    """Return the box of the picture that has a line, and the line's corners in it."""
    rows, cols = image.shape[:2]
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int) - 1, 0, [cols - 1, rows - 1])
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 2, [left + 1, top + 1], [cols, rows])
    return image[top:bottom, left:right], np.asarray(corners - (left, top), np.float32)
