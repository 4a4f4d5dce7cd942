"""Verdict on a captured page before it is given away: will its text be readable?

Everything is measured on letters: how wide their edges are against their height, how far they stand out of
the noise, how high they are in pixels, and what of them is lost in glare or at the rim. The scales were
fitted to the errors of text recognition on made pages; ``docs/benchmarks.md`` has the figures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float32]

DOUBT = 0.5
"""Score from which a fault makes a page unreadable in part: a tenth of its letters is read wrongly."""

_TILE = 48
"""Side of the areas in which edges and contrast are measured, in pixels."""
_LONG_SIDE = 3300
"""Larger pictures are reduced: at 300 dpi letters have more than they need."""
_GLARE_SIDE = 480
"""Long side at which glare is looked for: it is never as fine as letters."""
_FEW = 12
"""Letters, or areas with letters, below which a picture has no text to be judged by."""
_INK = 0.82
"""Brightness of ink in parts of the paper's."""
_LETTER = (4, 120)
"""Heights of letters in pixels."""
_SATURATED, _WHITE = 250, 243
"""Grey level of glare, and of paper from which glare cannot be told from it."""

_BLUR = (0.34, 0.05)
_NOISE = (5.0, 1.2)
_SMALL = (10.5, 1.2)
_GLARE = (0.035, 0.012)
_CUT = (2.5, 0.8)
"""Middle and width of each scale: the measure that scores 0.5, and how fast it rises around it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Rectangle in pixels of the picture, right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Faults of a picture, each 0..1, from none to certain.

    Attributes
    ----------
    blurred
        Edges of letters are too wide: out of focus, or moved.
    glare
        A reflection covers what it lies on.
    cut_off
        Letters, or the page, go on beyond the rim.
    too_dark
        Letters hardly stand out of the noise.
    too_small
        Letters have too few pixels.
    glare_place
        Box around the glare; None without any.
    """

    blurred: float = 0.0
    glare: float = 0.0
    cut_off: float = 0.0
    too_dark: float = 0.0
    too_small: float = 0.0
    glare_place: Place | None = None

    @property
    def worst(self) -> float:
        """Score of the worst fault."""
        return max(self.blurred, self.glare, self.cut_off, self.too_dark, self.too_small)

    @property
    def ok(self) -> bool:
        """True if no fault reaches `DOUBT`."""
        return self.worst < DOUBT


@dataclass(frozen=True, slots=True, eq=False)
class _Letters:
    """Measures of the letters of a picture.

    Attributes
    ----------
    height
        Median height, in pixels; 0 where there are none.
    boxes
        int32 ``(n, 4)``: left, top, width, height.
    """

    height: float
    boxes: npt.NDArray[np.int32]


def judge(image: Image, beyond: float = 0.0) -> Verdict:
    """Judge a picture as it was before its enhancement; some 0.15 s at 8 megapixels.

    Parameters
    ----------
    image
        BGR or grey.
    beyond
        0..1, share of the page that is known to lie outside of the camera's picture.

    Returns
    -------
    Verdict
        All 0 for a picture without text, but for glare and utter darkness.
    """
    grey, factor = _reduced(image)
    paper = _paper(grey)
    glare, place = _glare(grey, paper)
    if place is not None:
        place = Place(*(round(side / factor) for side in (place.left, place.top, place.right, place.bottom)))
    cut = _clamped(beyond / 0.02)
    noise = _noise(grey)
    contrast, edge, textured = _edges(grey, paper, noise)
    dark = _rising(noise * _NOISE[0] / max(contrast, 1e-3), 1.0, _NOISE[1] / _NOISE[0])
    if not textured:
        lightless = _rising(40.0 - float(np.median(paper)), 0.0, 6.0)
        return Verdict(glare=glare, cut_off=cut, too_dark=lightless, glare_place=place)
    letters = _letters(grey, paper, noise)
    height = letters.height or 20.0
    return Verdict(
        blurred=_rising(edge / height, *_BLUR),
        glare=glare,
        cut_off=max(cut, _rising(_at_rim(letters, grey.shape), *_CUT)),
        too_dark=dark,
        too_small=_rising(-letters.height, -_SMALL[0], _SMALL[1]) if letters.height else 0.0,
        glare_place=place,
    )


def _reduced(image: Image) -> tuple[Image, float]:
    grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    factor = min(1.0, _LONG_SIDE / max(grey.shape))
    return (grey if factor == 1 else _scaled(grey, factor)), factor


def _scaled(grey: Image, factor: float) -> Image:
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _paper(grey: Image) -> Floats:
    """Level of the paper around each pixel."""
    small = _scaled(grey, min(1.0, 200 / max(grey.shape)))
    light = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 7)
    return np.asarray(cv2.resize(light, grey.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _noise(grey: Image) -> float:
    """Standard deviation of the noise, from the quieter half of the picture.

    J. Immerkaer, "Fast noise variance estimation", 1996, with a median in place of the mean.
    """
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = np.abs(cv2.filter2D(grey[::2], cv2.CV_32F, mask))
    return max(float(np.median(response)) / (6 * 0.6745), 0.3)


def _edges(grey: Image, paper: Floats, noise: float) -> tuple[float, float, bool]:
    """Contrast of letters in grey levels, width of their edges in pixels, and whether there are any."""
    soft = cv2.GaussianBlur(grey, (0, 0), 0.8).astype(np.float32)
    dx, dy = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = cv2.magnitude(dx, dy)
    rows, cols = (side // _TILE for side in grey.shape)
    if not rows or not cols:
        return 0.0, 0.0, False
    tiles = _tiles(paper - soft, rows, cols)
    depth = np.percentile(tiles, 96, axis=1) - np.percentile(tiles, 20, axis=1)
    steep = np.percentile(_tiles(np.asarray(slope, np.float32), rows, cols), 98, axis=1)
    level = _tiles(paper, rows, cols).mean(axis=1)
    inked = depth > np.maximum(0.12 * level, 3.0 * noise)
    if inked.sum() < _FEW:
        return float(np.percentile(depth, 90)), 0.0, False
    width = depth[inked] / np.maximum(steep[inked], 1e-3)
    return float(np.median(depth[inked])), float(np.median(width)), True


def _tiles(values: Floats, rows: int, cols: int) -> Floats:
    """Cut an array into ``(rows * cols, _TILE * _TILE)``."""
    cut = values[: rows * _TILE, : cols * _TILE].reshape(rows, _TILE, cols, _TILE)
    return cut.swapaxes(1, 2).reshape(rows * cols, -1)


def _letters(grey: Image, paper: Floats, noise: float) -> _Letters:
    soft = cv2.GaussianBlur(grey, (0, 0), 0.6 if noise < 3 else 1.2)
    ink = (soft < _INK * paper - 1.5 * noise).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    boxes = stats[1:, :4].astype(np.int32)
    area = stats[1:, cv2.CC_STAT_AREA]
    width, height = boxes[:, 2], boxes[:, 3]
    shaped = (height >= _LETTER[0]) & (height <= _LETTER[1]) & (width <= 6 * height) & (area >= 8)
    boxes = boxes[shaped]
    if len(boxes) < _FEW:
        return _Letters(0.0, boxes)
    # Dots and strokes of letters that came apart are lower than these.
    return _Letters(float(np.percentile(boxes[:, 3], 65)), boxes)


def _at_rim(letters: _Letters, shape: tuple[int, ...]) -> float:
    """Number of letters that touch the rim; those that nearly do raise a doubt, but no more."""
    if not letters.height:
        return 0.0
    left, top, width, height = letters.boxes.T
    right, bottom = shape[1] - left - width, shape[0] - top - height
    away = np.minimum(np.minimum(left, top), np.minimum(right, bottom))
    sized = height <= 2.5 * letters.height
    touching = float(np.sum(sized & (away <= 1)))
    near = float(np.sum(sized & (away <= 0.8 * letters.height))) / 4
    return max(touching, min(near, _CUT[0] - _CUT[1] / 2))


def _glare(grey: Image, paper: Floats) -> tuple[float, Place | None]:
    """Score of glare, and its box."""
    factor = min(1.0, _GLARE_SIDE / max(grey.shape))
    small = _scaled(grey, factor)
    usual = float(np.median(paper))
    if usual >= _WHITE:
        return 0.0, None
    # Between letters glare may leave a rest of them.
    bright = cv2.morphologyEx(
        (small >= _SATURATED).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)
    )
    share = float(bright.mean())
    if share <= 0.0005:
        return 0.0, None
    rows, cols = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
    sides = (cols[0], rows[0], cols[-1] + 1, rows[-1] + 1)
    return _rising(share, *_GLARE), Place(*(round(float(side) / factor) for side in sides))


def _rising(value: float, middle: float, width: float) -> float:
    """Logistic scale: 0.5 at the middle, 0.12 and 0.88 two widths to each side."""
    return 1 / (1 + math.exp(-_limited((value - middle) / width)))


def _limited(exponent: float) -> float:
    return min(max(exponent, -50.0), 50.0)


def _clamped(value: float) -> float:
    return min(max(value, 0.0), 1.0)
