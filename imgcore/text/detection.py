"""Detection of lines of text by a neural net that draws where text is (differentiable binarisation)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image, Net, Points

Floats = npt.NDArray[np.float32]
Rectangle = tuple[Sequence[float], Sequence[float], float]
"""Centre, sides and angle, as OpenCV has them."""

_BLOCK = 32
"""Divisor of the rows and columns of the net's input."""
_TEXT = 0.3
"""Probability above which a pixel is text."""
_SURE = 0.5
"""Least mean probability of a line's pixels."""
_GROWTH = 1.6
"""Share of its area over its perimeter by which a line grows, as the net draws lines thinner than they
are."""
_THIN = 3
"""Least shorter side of a drawn line in pixels."""
_MOST = 3000
"""Lines on a page; what has more is a pattern."""
_EDGE = 12
"""Difference of neighbouring pixels, in grey levels, above which there is print."""
_ROOM = 24
"""Pixels that are kept around print."""
_SPARED = 0.9
"""Largest share of the picture that is left where leaving out what is blank is worth it."""


class Detected(NamedTuple):
    """Lines that were found.

    Attributes
    ----------
    lines
        float32 ``(4, 2)`` each, clockwise from the top left.
    height
        Their median height in pixels of the picture that the net saw; 0 without lines.
    """

    lines: list[Points]
    height: float


def detect_lines(net: Net, image: Image, side: int) -> Detected:
    """Detect the lines of text on a picture.

    Parameters
    ----------
    net
        Float32 ``(1, 3, rows, cols)``, BGR -1..1, in; ``(1, 1, rows, cols)``, 0..1, out.
    image
        BGR.
    side
        Pixels to which its long side is reduced or enlarged.
    """
    rows, cols = image.shape[:2]
    factor = side / max(rows, cols)
    size = (_blocks(cols * factor), _blocks(rows * factor))
    way = cv2.INTER_AREA if factor <= 1 else cv2.INTER_CUBIC
    resized = np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)
    places = _print_places(resized)
    (drawn, *_) = net(_network_input(_without_blanks(resized, places)))
    scale = np.array([cols / size[0], rows / size[1]], np.float32)
    found = list(_rectangles(np.asarray(drawn[0, 0], np.float32)))
    height = float(np.median([min(sides) for _, sides, _ in found])) if found else 0.0
    return Detected([places.placed(_corners(one)) * scale for one in found], height)


def _blocks(side: float) -> int:
    return max(1, round(side / _BLOCK)) * _BLOCK


class _Places(NamedTuple):
    """Rows and columns of a picture with print on them or near by, and the picture's own."""

    rows: npt.NDArray[np.intp]
    cols: npt.NDArray[np.intp]

    def placed(self, corners: Points) -> Points:
        """Return the corners of a line on these rows and columns as they lie on the whole picture."""
        x, y = np.clip(corners.mean(axis=0).astype(int), 0, (len(self.cols) - 1, len(self.rows) - 1))
        return corners + np.array([self.cols[x] - x, self.rows[y] - y], np.float32)


def _print_places(image: Image) -> _Places:
    """Return what of a picture may have print: all but blank margins and wide gaps between rows.

    The net's work is proportional to the pixels that it sees. Columns are not brought nearer to each other.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    edges = np.asarray(cv2.absdiff(grey[:, 1:], grey[:, :-1]) > _EDGE, np.uint8)
    near = np.ones(2 * _ROOM + 1, np.uint8)
    rows = np.flatnonzero(cv2.dilate(edges.max(axis=1, initial=0), near))
    cols = np.flatnonzero(cv2.dilate(edges.max(axis=0, initial=0), near))
    if not len(rows) or len(rows) * (cols[-1] - cols[0] + 1) > _SPARED * grey.size:
        return _Places(np.arange(grey.shape[0]), np.arange(grey.shape[1]))
    return _Places(rows, np.arange(cols[0], cols[-1] + 1))


def _without_blanks(image: Image, places: _Places) -> Image:
    """Return a picture of rows and columns that are kept, of whole blocks."""
    kept = image[places.rows, places.cols[0] : places.cols[-1] + 1]
    beneath, beside = (-side % _BLOCK for side in kept.shape[:2])
    return np.asarray(cv2.copyMakeBorder(kept, 0, beneath, 0, beside, cv2.BORDER_REPLICATE), np.uint8)


def _network_input(image: Image) -> Floats:
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32) / 127.5 - 1


def _rectangles(drawn: Floats) -> Iterator[Rectangle]:
    mask = np.asarray(drawn > _TEXT, np.uint8)
    mask = np.asarray(cv2.dilate(mask, np.ones((2, 2), np.uint8)))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours[:_MOST]:
        rectangle = cv2.minAreaRect(contour)
        if min(rectangle[1]) >= _THIN and _score(drawn, rectangle) >= _SURE:
            yield _grown(rectangle)


def _score(drawn: Floats, rectangle: Rectangle) -> float:
    """Return the mean probability within a rectangle."""
    corners = cv2.boxPoints(rectangle)
    left, top = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = drawn[top:bottom, left:right]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [(corners - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(part, inside)[0])


def _grown(rectangle: Rectangle) -> Rectangle:
    centre, (width, height), angle = rectangle
    more = _GROWTH * width * height / (width + height)
    return centre, (width + more, height + more), angle


def _corners(rectangle: Rectangle) -> Points:
    """Return the corners clockwise from the top left: the first edge is the one that lies most level."""
    points = np.asarray(cv2.boxPoints(rectangle), np.float32)
    centre = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0])
    points = points[np.argsort(angles)]
    edges = np.roll(points, -1, axis=0) - points
    level = int(np.argmax(edges[:, 0] / np.maximum(np.hypot(*edges.T), 1e-6)))
    return np.roll(points, -level, axis=0)
