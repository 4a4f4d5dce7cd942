"""Drawing of a preview's overlay, always on a copy of the picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.settings import Rect
from imgcore.types import Image, Outline, Planes, Points

GREEN = (0, 255, 0)
"""Green of drawn lines, BGR."""
_GREEN_LEVELS = (150, 44, 21)
"""Green of drawn lines in luma, blue and red chroma (JFIF)."""
_SHIFT = 4
"""Fractional bits of OpenCV's drawing coordinates: sixteenths of a pixel."""


def draw_outlines(image: Image, outlines: Iterable[Outline], thickness: int | None = None) -> Image:
    """Draw a green closed line around each document.

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
    """Draw the manual rectangle."""
    left = rect.left
    top = rect.top
    right = rect.right - 1
    bottom = rect.bottom - 1
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    return draw_lines(image, [corners], True, thickness)


def draw_line(image: Image, points: Points, thickness: int | None = None) -> Image:
    """Draw an open line, such as the centre line of a spread.

    Parameters
    ----------
    points
        ``(n, 2)``, in order.
    """
    return draw_lines(image, [points], False, thickness)


def draw_lines(image: Image, lines: Sequence[Points], closed: bool, thickness: int | None = None) -> Image:
    """Draw several lines.

    Parameters
    ----------
    lines
        ``(n, 2)`` each, in pixels of `image`; may lie outside.
    closed
        True to join the last point to the first.
    """
    canvas = image.copy() if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    width = thickness or max(2, round(max(image.shape[:2]) / 300))
    # Far outside, the sixteenths would overflow OpenCV's 16-bit line clipping.
    reach = 4 * max(image.shape[:2])
    fixed = [np.round(np.clip(line, -reach, reach) * 2**_SHIFT).astype(np.int32) for line in lines]
    if fixed:
        cv2.polylines(canvas, fixed, closed, GREEN, width, cv2.LINE_AA, _SHIFT)
    return canvas  # type: ignore[return-value]


def draw_lines_on_planes(planes: Planes, lines: Sequence[Points], thickness: int) -> Planes:
    """Draw closed lines on luma and two chroma planes, as `draw_lines` would show them.

    Parameters
    ----------
    planes
        Luma, blue and red chroma in the full range of a JPEG; chroma may have half the
        columns, half the rows, or both.
    lines
        ``(n, 2)`` each, in pixels of the luma.

    Returns
    -------
    Planes
        Copies.
    """
    drawn = tuple(plane.copy() for plane in planes)
    luma = drawn[0]
    reach = 4 * max(luma.shape)
    for line in lines:
        for stroke in _strokes(np.clip(line, -reach, reach), thickness):
            for plane, level in zip(drawn, _GREEN_LEVELS, strict=True):
                # A stroke is a polygon, so that it is as thick in a plane of half the columns.
                scale = np.array([plane.shape[1] / luma.shape[1], plane.shape[0] / luma.shape[0]])
                points = ((stroke + 0.5) * scale - 0.5) * 2**_SHIFT
                cv2.fillConvexPoly(plane, np.round(points).astype(np.int32), level, cv2.LINE_AA, _SHIFT)
    return drawn


def _strokes(line: Points, thickness: int) -> Iterator[npt.NDArray[np.float64]]:
    """Yield a rectangle ``(4, 2)`` for each side of a closed line, long enough to cover its corners."""
    for start, end in zip(line.astype(float), np.roll(line, -1, axis=0).astype(float), strict=True):
        length = float(np.linalg.norm(end - start))
        if length > 0:
            along = (end - start) / length * thickness / 2
            across = np.array([-along[1], along[0]])
            first = start - along
            last = end + along
            yield np.array([first - across, last - across, last + across, first + across])
