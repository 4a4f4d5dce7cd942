"""Detection of blank scanned sides: dust, creases, punch holes and show-through are no writing.

Writing is darker (or, where it is strong, lighter) than the paper around it: strokes, classified by size and
contrast, and areas too broad for a stroke. Sizes are millimetres of a sheet as tall as A4; a smaller sheet
shows its marks larger, so none is missed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Mask = npt.NDArray[np.uint8]
"""uint8 of 0 and 255, as in OpenCV."""

_LONG_SIDE = 900
"""Pixels of the reduced long side, roughly: some 80 dots an inch, at which grain averages out."""
_TALL = 297.0
"""Millimetres of the long side of a sheet, as that of A4."""
_NARROW = 0.9
"""Millimetres of the widest sharp stroke."""
_STROKE = 2.2
"""Millimetres of the widest stroke of a pen."""
_BROAD = 7.0
"""Millimetres of the widest stroke of a stamp."""
_AREA = 80.0
"""Millimetres of the widest area."""
_PALE = 12.0
"""Depth of pencil below paper, in levels of 255."""
_STRONG = 36.0
"""Depth of ink below paper, in levels of 255."""
_DARK = 100.0
"""Depth of a black area below paper, in levels of 255."""
_GRAIN = 10.0
"""Least contrast of a mark, in multiples of the paper's mean roughness."""
_COARSE = 10.0
"""Grain, in levels, from which paper is smoothed first."""
_SHARP = 0.62
"""Least part of a pale stroke's contrast that is narrow; show-through is blurred by the paper."""
_SPECK = 1.5
"""Millimetres of the smallest figure of print, above dust."""
_LINE = 8.0
"""Millimetres of the shortest pale stroke."""
_EDGE = 3.0
"""Millimetres of the margin within which nothing counts."""
_LID = 14.0
"""Millimetres of the margin within which a dark area joined to the edge is the scanner's lid."""
_HOLE = (3.0, 11.0)
"""Least and largest diameter of punch holes in millimetres."""
_HOLE_BAND = 24.0
"""Millimetres of the largest distance of punch holes from an edge."""
_ROUND = 0.68
"""Least share of its bounding box that a disc fills."""
_CHORD = 0.92
"""Least share of the way from edge to edge that a crease, or a streak of the scanner's glass, covers."""
_LEAST_LIGHT = 100
"""Level of paper below which contrasts are not normalised."""
_MOST_LINES = 40
"""Most straight lines that are looked at as creases."""
_COARSE_CROWD = 15
"""Marks above which a thumbnail is crowded."""
_COARSE_FIGURE = (4, 60)
"""Least and largest size in pixels of a thumbnail of the marks that count: words, not dust."""
_CROWD = 100
"""Number of figures from which a page has writing; a broken crease has as many pieces, but thinner ones."""


def is_blank(image: Image) -> bool:
    """Return whether nothing is written, printed, stamped or drawn on a page.

    Parameters
    ----------
    image
        A whole sheet, at some 70 dots an inch or more.

    Notes
    -----
    Takes 5 to 10 ms for A4 at 300 dots an inch. A page that is black or coloured all over is blank, too.
    """
    page = _Page(_reduced(image))
    return not (page.has_areas() or page.has_strong_strokes() or page.has_pale_strokes())


def is_crowded(thumbnail: Image) -> bool:
    """Return whether a part of a page, however coarse, has so many marks that `is_blank` is not needed.

    Parameters
    ----------
    thumbnail
        Grey, a strip of a page at 30 dots an inch or more. False means only that it is not certain.
    """
    inner = thumbnail[:, thumbnail.shape[1] // 10 : -thumbnail.shape[1] // 10 or None]
    if min(inner.shape) < 8:
        return False
    strokes = cv2.morphologyEx(inner, cv2.MORPH_BLACKHAT, np.ones((5, 5), np.uint8))
    low, high = _COARSE_FIGURE
    return sum(low <= blob.long <= high for blob in _blobs(_over(strokes, 2 * _STRONG))) > _COARSE_CROWD


@dataclass(frozen=True, slots=True, eq=False)
class _Blob:
    """Connected mark: its outline and the box around it."""

    outline: npt.NDArray[np.int32]
    left: int
    top: int
    width: int
    height: int

    @property
    def long(self) -> int:
        return max(self.width, self.height)

    @property
    def short(self) -> int:
        return min(self.width, self.height)

    def fill(self, mask: Mask) -> None:
        """Draw the mark, without holes, into a mask of the page."""
        cv2.drawContours(mask, [self.outline], -1, 255, cv2.FILLED)

    def filled(self) -> Mask:
        """Draw the mark alone, without holes, in a mask of its box."""
        alone = np.zeros((self.height, self.width), np.uint8)
        offset = (-self.left, -self.top)
        return np.asarray(
            cv2.drawContours(alone, [self.outline], -1, 255, cv2.FILLED, offset=offset), np.uint8
        )

    def cut(self, picture: Image) -> Image:
        """Cut the mark's box out of a picture of the page."""
        return picture[self.top : self.top + self.height, self.left : self.left + self.width]


class _Page:
    """Reduced page in even light, and the marks on it."""

    def __init__(self, grey: Image) -> None:
        self._unit = max(grey.shape) / _TALL
        light = _light(grey, self._pixels(_AREA))
        most = cv2.max(light, np.full_like(light, _LEAST_LIGHT))
        self._flat = np.asarray(cv2.divide(grey, most, scale=255), np.uint8)
        self._grain = _grain(self._flat)
        if self._grain > _COARSE:
            self._flat = np.asarray(cv2.blur(self._flat, (2, 2)), np.uint8)
            self._grain = _grain(self._flat)
        self._paper = np.asarray(cv2.divide(light, most, scale=255), np.uint8)
        self._ignored = self._edges()

    def has_areas(self) -> bool:
        """Return whether there is an area too broad for a stroke, and neither lid nor punch hole."""
        dark = _over(cv2.subtract(self._paper, self._flat), _DARK)
        lids = np.zeros_like(dark)
        holes = np.zeros_like(dark)
        for blob in _blobs(dark):
            if self._is_lid(blob):
                blob.fill(lids)
            elif self._is_hole(blob):
                blob.fill(holes)
        # All at once: each by itself would take the time of a whole page.
        self._ignore(cv2.bitwise_or(cv2.subtract(lids, self._inner()), holes))
        side = max(3, self._pixels(_STROKE))
        return bool(cv2.erode(self._counted(dark), np.ones((side, side), np.uint8)).any())

    def has_strong_strokes(self) -> bool:
        """Return whether there is ink of at least a figure's size."""
        strong = self._counted(_over(self._contrast(_BROAD), max(_STRONG, self._grain)))
        if sum(blob.short >= _SPECK * self._unit for blob in _blobs(strong)) > _CROWD:
            return True
        self._forget_creases(np.asarray(cv2.bitwise_or(strong, self._pale()), np.uint8))
        return any(self._is_figure(blob) for blob in _blobs(self._counted(strong)))

    def has_pale_strokes(self) -> bool:
        """Return whether there is a line of pencil: pale, but sharp and long."""
        long = [blob for blob in _blobs(self._pale()) if blob.long >= _LINE * self._unit]
        return any(self._is_sharp(blob) for blob in long[:_CROWD])

    def _is_sharp(self, blob: _Blob) -> bool:
        """Return whether a stroke's contrast is narrow, so that it is on this side of the paper."""
        here = blob.filled()
        narrow, whole = (cv2.mean(blob.cut(lines), here)[0] for lines in (self._narrow, self._lines))
        return narrow >= _SHARP * whole

    def _pale(self) -> Mask:
        return self._counted(_over(self._lines, max(_PALE, self._grain)))

    @cached_property
    def _narrow(self) -> Image:
        return self._contrast(_NARROW)

    @cached_property
    def _lines(self) -> Image:
        return self._contrast(_STROKE)

    def _pixels(self, millimetres: float) -> int:
        return int(max(1, round(millimetres * self._unit)))

    def _contrast(self, widest: float) -> Image:
        """Contrast to paper of marks narrower than `widest` millimetres, in levels."""
        side = max(3, self._pixels(widest) | 1)
        around = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
        return np.asarray(cv2.morphologyEx(self._flat, cv2.MORPH_BLACKHAT, around), np.uint8)

    def _counted(self, marks: Mask) -> Mask:
        return np.asarray(cv2.subtract(marks, self._ignored), np.uint8)

    def _edges(self) -> Mask:
        ignored = np.full(self._flat.shape, 255, np.uint8)
        margin = self._pixels(_EDGE)
        ignored[margin:-margin, margin:-margin] = 0
        return ignored

    def _inner(self) -> Mask:
        inner = np.zeros(self._flat.shape, np.uint8)
        depth = self._pixels(_LID)
        inner[depth:-depth, depth:-depth] = 255
        return inner

    def _is_figure(self, blob: _Blob) -> bool:
        return bool(blob.long >= _SPECK * self._unit)

    def _is_lid(self, blob: _Blob) -> bool:
        """Return whether a dark area reaches the edge: beside a sheet the scanner's lid is visible."""
        rows, cols = self._flat.shape
        ends = blob.left + blob.width == cols or blob.top + blob.height == rows
        return blob.left == 0 or blob.top == 0 or ends

    def _is_hole(self, blob: _Blob) -> bool:
        low, high = (size * self._unit for size in _HOLE)
        if not (low <= blob.width <= high and low <= blob.height <= high):
            return False
        full = cv2.countNonZero(blob.filled()) / (blob.width * blob.height)
        if full < _ROUND or not 0.75 < blob.width / blob.height < 1.33:
            return False
        rows, cols = self._flat.shape
        x = blob.left + blob.width / 2
        y = blob.top + blob.height / 2
        return bool(min(x, y, cols - x, rows - y) <= _HOLE_BAND * self._unit)

    def _forget_creases(self, marks: Mask) -> None:
        """Ignore straight lines from edge to edge."""
        votes = round(min(marks.shape) * 0.5)
        if cv2.countNonZero(marks) < votes:
            return
        lines = cv2.HoughLines(marks, 1, math.pi / 720, votes)
        near = cv2.dilate(marks, np.ones((5, 5), np.uint8))
        for distance, angle in [] if lines is None else lines.reshape(-1, lines.shape[-1])[:_MOST_LINES]:
            chord = _chord(marks.shape, float(distance), float(angle))
            way = self._counted(np.asarray(cv2.line(np.zeros_like(marks), *chord, 255, 1), np.uint8))
            if cv2.countNonZero(cv2.bitwise_and(way, near)) >= _CHORD * max(1, cv2.countNonZero(way)):
                cv2.line(self._ignored, *chord, 255, self._pixels(2 * _STROKE))

    def _ignore(self, where: npt.ArrayLike) -> None:
        side = 2 * self._pixels(1.2) + 1
        wide = cv2.dilate(np.asarray(where, np.uint8), np.ones((side, side), np.uint8))
        cv2.bitwise_or(self._ignored, wide, self._ignored)


def _reduced(image: Image) -> Image:
    """Reduce the darkest channel of the picture by a whole number."""
    rows, cols = image.shape[:2]
    step = max(1, round(max(rows, cols) / _LONG_SIDE))
    size = max(1, cols // step), max(1, rows // step)
    whole = image[: size[1] * step, : size[0] * step] if min(rows, cols) >= step else image
    small = cv2.resize(whole, size, interpolation=cv2.INTER_AREA) if step > 1 else whole
    if small.ndim == 3:
        blue, green, red = cv2.split(small)
        small = cv2.min(cv2.min(blue, green), red)
    return np.asarray(small, np.uint8)


def _light(grey: Image, widest: int) -> Image:
    """Estimate the level of the paper everywhere: bright, and smooth over `widest` pixels."""
    size = max(1, grey.shape[1] // 8), max(1, grey.shape[0] // 8)
    coarse = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    side = max(3, widest // 8 | 1)
    closed = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    smooth = cv2.resize(cv2.blur(closed, (5, 5)), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(smooth, np.uint8)


def _over(contrast: npt.ArrayLike, least: float) -> Mask:
    levels = np.asarray(contrast, np.uint8)
    return np.asarray(cv2.threshold(levels, math.ceil(least) - 1, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _grain(flat: Image) -> float:
    """Contrast that marks must have above the paper's grain."""
    rough = cv2.absdiff(flat, cv2.medianBlur(flat, 3))
    return _GRAIN * float(cv2.mean(rough)[0])


def _blobs(mask: Mask) -> list[_Blob]:
    # Outlines, not labels: on a page with little on it they take a hundredth of the time.
    outlines = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    return [_Blob(np.asarray(one, np.int32), *cv2.boundingRect(one)) for one in outlines]


def _chord(shape: tuple[int, ...], distance: float, angle: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """Two points far outside of the picture on a line of the Hough transform."""
    reach = 2 * max(shape)
    across = math.cos(angle)
    down = math.sin(angle)
    x = across * distance
    y = down * distance
    return (
        (round(x - reach * down), round(y + reach * across)),
        (round(x + reach * down), round(y - reach * across)),
    )
