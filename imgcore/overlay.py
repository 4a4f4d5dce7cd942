"""What the preview shows on top of the picture; always on a copy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from imgcore.settings import Rect
from imgcore.types import Image, Outline, Points

GREEN = (0, 255, 0)
_SHIFT = 4
"""Fractional bits of OpenCV's drawing coordinates: sixteenths of a pixel."""


def draw_outlines(image: Image, outlines: Iterable[Outline], thickness: int | None = None) -> Image:
    """The picture with a green closed line around each document.

    Parameters
    ----------
    image
        BGR or grey; grey comes back as BGR, so that green is green.
    outlines
        In pixels of `image`.
    thickness
        In pixels; None takes one that suits the picture's size.
    """
    return draw_lines(image, [outline.corners for outline in outlines], True, thickness)


def draw_rect(image: Image, rect: Rect, thickness: int | None = None) -> Image:
    """The picture with the manual rectangle on it."""
    left, top, right, bottom = rect.left, rect.top, rect.right - 1, rect.bottom - 1
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    return draw_lines(image, [corners], True, thickness)


def draw_line(image: Image, points: Points, thickness: int | None = None) -> Image:
    """The picture with an open line on it, such as the centre line of a spread.

    Parameters
    ----------
    points
        ``(n, 2)``, in order.
    """
    return draw_lines(image, [points], False, thickness)


def draw_lines(image: Image, lines: Sequence[Points], closed: bool, thickness: int | None = None) -> Image:
    """The picture with several lines on it.

    Parameters
    ----------
    lines
        ``(n, 2)`` each, in pixels of `image`; may lie outside.
    closed
        Whether the last point is joined to the first.
    """
    canvas = image.copy() if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    width = thickness or max(2, round(max(image.shape[:2]) / 300))
    # Far outside, the sixteenths would overflow OpenCV's 16-bit line clipping.
    reach = 4 * max(image.shape[:2])
    fixed = [np.round(np.clip(line, -reach, reach) * 2**_SHIFT).astype(np.int32) for line in lines]
    if fixed:
        cv2.polylines(canvas, fixed, closed, GREEN, width, cv2.LINE_AA, _SHIFT)
    return canvas  # type: ignore[return-value]
