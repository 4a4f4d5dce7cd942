"""Picture in picture: a second picture in a corner of a finished one."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import PIL.Image

from imgcore.output.watermark import is_bilevel
from imgcore.types import Image

LARGEST_SHARE = 50.0
"""Largest width of the second picture, in percent of the first one's."""
_MARGIN = 0.02
"""Distance of the second picture from the edges, as a share of the first one's shorter side."""
_LINE = 0.002
"""Width of the second picture's border, as a share of the first one's shorter side."""
_MOST_HEIGHT = 0.5
"""Largest height of the second picture, as a share of the first one's."""
_INK = 48
"""Grey level of the border: it shows on paper, and beside a dark picture too."""


@dataclass(frozen=True, slots=True, eq=False)
class Inset:
    """Second picture.

    Attributes
    ----------
    image
        BGR or grey.
    corner
        0 top left, 1 top right, 2 bottom left, 3 bottom right.
    share
        Its width in percent of the picture's, up to `LARGEST_SHARE`.
    """

    image: Image = field(repr=False)
    corner: int
    share: float


def draw_inset(image: Image, inset: Inset) -> Image:
    """Return a picture with another in its corner, in its own colours; pure black and white is dithered."""
    width, height = _size(image, inset)
    small = _like(_resized(inset.image, width, height), image)
    line = max(1, round(min(image.shape[:2]) * _LINE))
    ink = 0 if is_bilevel(image) else _INK
    framed = cv2.copyMakeBorder(small, line, line, line, line, cv2.BORDER_CONSTANT, value=(ink, ink, ink))
    result = image.copy()
    top, left = _place(image, framed.shape, inset.corner)
    part = result[top : top + framed.shape[0], left : left + framed.shape[1]]
    part[:] = framed[: part.shape[0], : part.shape[1]]
    return result


def _size(image: Image, inset: Inset) -> tuple[int, int]:
    """Return width and height, of the shape of the second picture, and less where it is tall."""
    rows, cols = inset.image.shape[:2]
    factor = min(image.shape[1] * inset.share / 100 / cols, image.shape[0] * _MOST_HEIGHT / rows)
    return max(1, round(cols * factor)), max(1, round(rows * factor))


def _resized(image: Image, width: int, height: int) -> Image:
    # The mean over an area is no filter for a picture that gets larger.
    how = cv2.INTER_AREA if width <= image.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=how), np.uint8)


def _like(small: Image, image: Image) -> Image:
    """Return the second picture in the colours of the first."""
    if image.ndim == 3:
        return small if small.ndim == 3 else np.asarray(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR), np.uint8)
    grey = small if small.ndim == 2 else np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    if not is_bilevel(image):
        return grey
    return np.asarray(PIL.Image.fromarray(grey).convert("1").convert("L"), np.uint8)


def _place(image: Image, shape: tuple[int, ...], corner: int) -> tuple[int, int]:
    """Return row and column of its top left pixel."""
    margin = round(min(image.shape[:2]) * _MARGIN)
    down, across = divmod(corner, 2)
    top = image.shape[0] - shape[0] - margin if down else margin
    left = image.shape[1] - shape[1] - margin if across else margin
    return max(0, top), max(0, left)
