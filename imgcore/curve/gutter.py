"""Detection of an open book's gutter, the line on which its two pages meet."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.crop import page_size
from imgcore.curve.grid import Floats
from imgcore.curve.page_view import PageView, darkest_channel, page_view, text_runs_down
from imgcore.outline import find_outline_fast
from imgcore.types import Image, Outline, Points

_WIDTH = 240
"""Width in pixels of the view of a spread in which its gutter is searched."""
_BANDS = 16
"""Number of bands that the view is divided into from top to bottom."""
_BAND_ROWS = 10
"""Height of a band in pixels of the view."""
_WIDEST = 2.6
"""Largest width over height of an open book, perspective and curl included."""
_NARROWEST = 1.05
"""Least width over height of an open book, perspective and curl included."""
_PART = (0.3, 0.7)
"""Range of the gutter in shares of the spread's width."""
_VALLEYS = (3, 5, 8)
"""Half widths in pixels of the view of a gutter's shade."""
_DEPTH = 0.05
"""Least depth of a gutter's shade, as a part of the paper beside it."""
_BANDS_SURE = 0.75
"""Least share of the bands that show a gutter's shade."""
_LEAN = 20
"""Largest slant of a gutter from the first band to the last, in pixels of the view."""
_NEAR = 9
"""Pixels of the view to either side of a gutter's line within which the sharpest dent is searched."""
_FLANK = 24
"""Pixels of the view to either side of a gutter over which the profile of its shade is looked at."""
_FULLEST = 0.72
"""Share of its bounding box that a profile fills from which it is no gutter's: a bar of print fills all, a
shade half."""
_THUMBNAIL = 480
"""Longer side in pixels that larger pictures are reduced to."""
_STROKE = 15
"""Rows of a page's view that strokes of print are lower than."""
_MIDDLE = 7
"""Pixels of a page's view to either side of the gutter within which nothing is printed."""
_MARGIN = 24
"""Pixels of a page's view from the gutter from which on there may be print."""
_COLUMN = 80
"""Pixels of a page's view to either side of the gutter that are looked at for print."""
_CROSSED = 0.4
"""Print on a fold, as a share of that beside it, from which print runs across: real and made books have 0.02
at most."""
_PRINTED = 0.01
"""Contrast of print beside a fold, as a part of the paper's light, from which there is enough to tell."""


def find_gutter(image: Image) -> Points | None:
    """Find the gutter of the open book in a picture; None if there is no certain one.

    Parameters
    ----------
    image
        BGR or grey. A thumbnail of some 400 px is enough; larger ones are reduced. Most of the time
        goes into the outline: with a tracked one, call `gutter_of`.

    Returns
    -------
    Points or None
        float32 ``(2, 2)``: its upper and lower end at the book's edges, in pixels of `image`.
    """
    small = _thumbnail(image)
    return _enlarged(_gutter_of(small, find_outline_fast(small)), small, image)


def gutter_of(image: Image, outline: Outline | None) -> Points | None:
    """Find the gutter within a known outline; None for a book that fills the picture. 5 ms."""
    small = _thumbnail(image)
    if outline is not None:
        scale = np.array(small.shape[1::-1]) / np.array(image.shape[1::-1])
        outline = Outline(np.asarray((outline.corners + 0.5) * scale - 0.5, np.float32), outline.score)
    return _enlarged(_gutter_of(small, outline), small, image)


def _gutter_of(small: Image, outline: Outline | None) -> Floats | None:
    return gutter_within(small, _whole(small) if outline is None else outline.corners.astype(np.float64))


def _thumbnail(image: Image) -> Image:
    factor = _THUMBNAIL / max(image.shape)
    if factor >= 1:
        return image
    size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _enlarged(line: Floats | None, small: Image, image: Image) -> Points | None:
    if line is None:
        return None
    scale = np.array(image.shape[1::-1]) / np.array(small.shape[1::-1])
    return np.asarray((line + 0.5) * scale - 0.5, np.float32)


def gutter_within(image: Image, corners: Floats) -> Floats | None:
    """Find the gutter ``(2, 2)``, top and bottom, within the corners of a spread; or None."""
    if min(image.shape[:2]) < 16:
        return None
    width, height = page_size(corners, (image.shape[1], image.shape[0]))
    if not _NARROWEST < width / height < _WIDEST:
        return None
    shape = np.array([(0, 0), (_WIDTH, 0), (_WIDTH, _BANDS * _BAND_ROWS), (0, _BANDS * _BAND_ROWS)]) - 0.5
    to_view = cv2.getPerspectiveTransform(corners.astype(np.float32), shape.astype(np.float32))
    view = cv2.warpPerspective(image, to_view, (_WIDTH, _BANDS * _BAND_ROWS), flags=cv2.INTER_AREA,
                               borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    line = _valley(np.asarray(view, np.uint8))
    if line is None:
        return None
    ends = np.array([(line[0], -0.5), (line[1], _BANDS * _BAND_ROWS - 0.5)])
    seen: Floats = cv2.perspectiveTransform(ends[None], np.linalg.inv(to_view))[0]
    # A fold across a sheet looks the same, but for its text.
    upright = page_view(darkest_channel(image), corners, 0.0)
    return None if text_runs_down(upright.picture) or _is_crossed(upright, seen) else seen


def _is_crossed(view: PageView, line: Floats) -> bool:
    """Return whether print runs across a line, as it does across a fold and never across a gutter."""
    (left, top), (right, bottom) = view.map(line)
    rows = np.arange(len(view.picture) // 8, len(view.picture) * 7 // 8)
    places = left + (rows - top) / (bottom - top) * (right - left)
    # Closed from above to below alone: a crease is no print.
    paper = cv2.morphologyEx(view.picture, cv2.MORPH_CLOSE, np.ones((_STROKE, 1), np.uint8))
    across = np.rint(places).astype(np.intp)[:, None] + np.arange(-_COLUMN, _COLUMN + 1)
    at = rows[:, None], np.clip(across, 0, view.picture.shape[1] - 1)
    contrast = np.mean((paper[at].astype(np.float32) - view.picture[at]) / np.maximum(paper[at], 32), axis=0)
    apart = np.abs(np.arange(-_COLUMN, _COLUMN + 1))
    beside = float(contrast[apart >= _MARGIN].mean())
    return beside > _PRINTED and float(contrast[apart <= _MIDDLE].mean()) > _CROSSED * beside


def _whole(image: Image) -> Floats:
    rows, cols = image.shape[:2]
    return np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)]) - 0.5


def _valley(view: Image) -> tuple[float, float] | None:
    """Crossings of the gutter with the first and the last row of a view of the spread, or None."""
    paper = _paper(view)
    left, right = (round(part * _WIDTH) for part in _PART)
    # The bands at the ends hold the desk behind a bow, and corners.
    depth = _depths(paper)[1:-1, left:right]
    lines = _lines(*depth.shape)
    along = depth[np.arange(len(depth)), lines]
    weakest = round((1 - _BANDS_SURE) * len(depth))
    scores = np.partition(along, weakest, axis=1)[:, weakest]
    best = int(scores.argmax())
    if scores[best] < _DEPTH:
        return None
    line = _refined(paper, lines[best] + left)
    return line if _fullness(paper, line) < _FULLEST else None


@lru_cache(maxsize=1)
def _lines(bands: int, width: int) -> npt.NDArray[np.intp]:
    """All lines ``(n, bands)`` from the first band to the last that are steep enough."""
    top, bottom = np.meshgrid(np.arange(width), np.arange(width))
    steep = np.abs(top - bottom) <= _LEAN
    ends = np.stack([top[steep], bottom[steep]], axis=1)
    return np.asarray(np.rint(ends @ np.stack([np.linspace(1, 0, bands), np.linspace(0, 1, bands)])), np.intp)


def _refined(paper: Floats, places: npt.NDArray[np.intp]) -> tuple[float, float]:
    """Fit a line to the sharpest dents of the bands, near those that were found."""
    window = places[:, None] + np.arange(-_NEAR, _NEAR + 1)
    shade = np.asarray(cv2.blur(paper, (3, 1))[1:-1], np.float64)
    # Lightness rises on both sides, faster on the side that faces the light: its bend tells the crease.
    bend = np.take_along_axis(_moved(shade, 2) + _moved(shade, -2) - 2 * shade, window, axis=1)
    weight = np.maximum(bend, 0) ** 4
    x = (window * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9)
    y = (np.arange(1, _BANDS - 1) + 0.5) * _BAND_ROWS - 0.5
    # Theil and Sen: the median of the slopes between distant bands bears a dark letter or two.
    half = len(y) // 2
    slope = float(np.median((x[half:, None] - x[None, :half]) / (y[half:, None] - y[None, :half])))
    start = float(np.median(x - slope * y))
    return start - 0.5 * slope, start + slope * (_BANDS * _BAND_ROWS - 0.5)


def _fullness(paper: Floats, line: tuple[float, float]) -> float:
    """Share of its bounding box that the valley's profile fills: of a bar of print all, of a shade half."""
    at = np.linspace(line[0], line[1], _BANDS)[:, None] + np.arange(-_FLANK, _FLANK + 1)
    across = np.stack(
        [np.interp(places, np.arange(_WIDTH), band) for places, band in zip(at, paper, strict=True)]
    )
    shade = np.median(across[1:-1], axis=0)
    rim = np.interp(np.arange(2 * _FLANK + 1), [0, 2 * _FLANK], [shade[:3].max(), shade[-3:].max()])
    dent = np.maximum(rim - shade, 0)
    middle = _FLANK
    peak = float(dent[middle - 3 : middle + 4].max())
    low = dent < 0.2 * peak
    left = int(np.flatnonzero(low[:middle])[-1]) + 1 if low[:middle].any() else 0
    right = middle + int(np.flatnonzero(low[middle:])[0]) if low[middle:].any() else len(dent)
    return float(dent[left:right].sum() / (max(peak, 1e-9) * max(right - left, 1)))


def _paper(view: Image) -> Floats:
    """Lightness of the paper ``(bands, width)``, print closed over."""
    grey = view if view.ndim == 2 else cv2.cvtColor(view, cv2.COLOR_BGR2GRAY)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((7, 5), np.uint8))
    bands = closed.reshape(_BANDS, _BAND_ROWS, _WIDTH)
    return np.asarray(np.percentile(bands, 60, axis=1), np.float64)


def _depths(paper: Floats) -> Floats:
    """Depth of each place below the paper on both of its sides, as a part of that."""
    deepest = np.zeros_like(paper)
    floor = cv2.blur(paper, (3, 1))
    for half in _VALLEYS:
        flank = np.asarray(cv2.blur(paper, (half, 1)), np.float64)
        left = _moved(flank, 2 * half)
        right = _moved(flank, -2 * half)
        rim = np.minimum(left, right)
        deepest = np.maximum(deepest, (rim - floor) / np.maximum(rim, 16))
    return deepest


def _moved(values: Floats, by: int) -> npt.NDArray[np.float64]:
    padded = np.pad(values, ((0, 0), (abs(by), abs(by))), mode="edge")
    return padded[:, abs(by) - by : abs(by) - by + values.shape[1]]
