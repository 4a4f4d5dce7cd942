"""Verdict on a captured page before it is given away: will its text be readable?

Everything is measured on letters: how wide their edges are against their height, how far they stand out of
the noise, how high they are in pixels, and what of them is lost in glare or at the rim. The scales were
fitted to the errors of text recognition on made pages; ``docs/benchmarks.md`` has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float32]

DOUBT = 0.5
"""Score from which a fault makes a page unreadable in part: a tenth of its letters is read wrongly."""

_TILES = (16, 48)
"""Least and largest side in pixels of the areas in which edges and contrast are measured."""
_LONG_SIDE = 3300
"""Long side in pixels that larger pictures are reduced to: at 300 dpi letters have more than they need."""
_SAMPLED_TILES = 128
"""Largest number of areas in which edges and contrast are measured: the medians of more are the same."""
_ENOUGH = 200_000
"""Number of pixels of which noise is measured."""
_GLARE_SIDE = 480
"""Long side in pixels of the picture in which glare is looked for: it is never as fine as letters."""
_AROUND = 5
"""Pixels around an area that its filters see."""
_FEW = 6
"""Letters, or areas with letters, below which a picture has no text to be judged by."""
_INK = 0.82
"""Brightness below which a pixel is ink, as a share of the paper's, before noise is allowed for."""
_BRIGHT = 0.7
"""Brightness from which a place is a sheet, as a share of the brightest: the grain of a desk is no text."""
_LARGE = 1_500_000
"""Pixels of a picture above which letters are looked for at half size."""
_HALF_INK = 100
"""Level above which a pixel of the mask of ink at half size is ink."""
_HALF_HEIGHT = 10
"""Least height in pixels of letters at half size, below which that is not fine enough."""
_LETTER = (3, 120)
"""Least and largest height of a letter, in pixels."""
_SATURATED = 250
"""Grey level from which a pixel is glare."""
_WHITE = 230
"""Grey level of paper from which glare cannot be told from it."""
_SHARP = 2.9
"""Width of the edges of a sharp letter as it is measured, in pixels."""

_BLUR = (0.275, 0.03)
"""Measure of blur that scores 0.5, and how fast the score rises around it: width of the edges over the height
of letters."""
_NOISE = (4.6, 0.5)
"""Contrast of letters over the noise that scores 0.5 for darkness, and how fast the score rises as it
falls."""
_SMALL = (6.5, 0.8)
"""Height of letters in pixels that scores 0.5 for small ones, and how fast the score rises as it falls."""
_GLARE = (0.07, 0.02)
"""Share of the text's area under glare that scores 0.5, and how fast the score rises around it."""
_CUT = (1.8, 0.5)
"""Number of letters at the rim that scores 0.5 for a page cut off, and how fast the score rises around it."""


@dataclass(frozen=True, slots=True)
class GlareBox:
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
    glare_place: GlareBox | None = None

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
    """Judge a picture as it was before its enhancement; some 0.03 s for a page of 3 megapixels.

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
    noise = _noise(grey)
    sheet = paper >= math.ceil(_BRIGHT * np.percentile(paper[::4, ::4], 98))
    letters = _letters(grey, paper, noise, sheet)
    contrast, edge = _edges(grey, paper, noise, sheet, _on_letters(letters, sheet))
    glare, place = _glare(grey, paper, letters)
    if place is not None:
        place = GlareBox(
            *(round(side / factor) for side in (place.left, place.top, place.right, place.bottom))
        )
    cut = _clamped(beyond / 0.02)
    if edge == 0.0 and not letters.height:
        lightless = _rising(45.0 - float(np.percentile(paper, 90)), 0.0, 6.0)
        return Verdict(glare=glare, cut_off=cut, too_dark=lightless, glare_place=place)
    blur = math.sqrt(max(edge**2 - _SHARP**2, 0.0)) / (letters.height or 12.0)
    return Verdict(
        blurred=_rising(blur, *_BLUR),
        glare=glare,
        cut_off=max(cut, _rising(_at_rim(letters, grey.shape), *_CUT)),
        too_dark=_rising(-contrast / noise, -_NOISE[0], _NOISE[1]),
        too_small=_rising(-letters.height, -_SMALL[0], _SMALL[1]) if letters.height else 0.0,
        glare_place=place,
    )


def _reduced(image: Image) -> tuple[Image, float]:
    grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    factor = min(1.0, _LONG_SIDE / max(grey.shape))
    return (grey if factor == 1 else _scaled(grey, factor)), factor


def _scaled(grey: Image, factor: float) -> Image:
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    whole = int(0.5 / factor)
    if 1 < whole <= min(grey.shape):
        # By a whole number to twice the size, which is several times as fast as to any other.
        rows, cols = (length // whole for length in grey.shape)
        cut = grey[: rows * whole, : cols * whole]
        grey = np.asarray(cv2.resize(cut, (cols, rows), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _paper(grey: Image) -> Image:
    """Level of the paper around each pixel."""
    small = _scaled(grey, min(1.0, 200 / max(grey.shape)))
    light = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 7)
    return np.asarray(cv2.resize(light, grey.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def _noise(grey: Image) -> float:
    """Standard deviation of the noise, from the quieter half of the picture.

    J. Immerkaer, "Fast noise variance estimation", 1996, with a median in place of the mean.
    """
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = cv2.filter2D(grey[::2], cv2.CV_16S, mask)
    step = max(1, int(math.sqrt(response.size / _ENOUGH)))
    return max(float(np.median(np.abs(response[::step, ::step]))) / (6 * 0.6745), 0.3)


def _edges(
    grey: Image, paper: Image, noise: float, sheet: npt.NDArray[np.bool_], letters: npt.NDArray[np.bool_]
) -> tuple[float, float]:
    """Contrast of letters in grey levels, and width of their edges in pixels; 0 where there are none.

    Across the direction of a movement edges stay sharp: that in which they are widest counts.
    """
    side = min(max(min(grey.shape) // 6, _TILES[0]), _TILES[1])
    if min(grey.shape) < side:
        return 0.0, 0.0
    lettered = _shares(letters, side)
    sheeted = _shares(sheet, side)
    places = np.flatnonzero((lettered > 0.06) | (sheeted > 0.6))
    if not len(places):
        places = np.arange(lettered.size)
    places = places[:: -(-len(places) // _SAMPLED_TILES)]
    rows, cols = np.divmod(places, grey.shape[1] // side) * np.array(side)
    corners = list(zip(rows.tolist(), cols.tolist(), strict=True))
    soft, dx, dy = _slopes(grey, corners, side)
    level = np.array([paper[y : y + side, x : x + side].ravel() for y, x in corners])
    bright, dark = np.percentile(level - soft, (96, 20), axis=1)
    depth = bright - dark
    dented = depth > np.maximum(0.07 * level.mean(axis=1), 2.0 * noise)
    written = dented & (lettered[places] > 0.06)
    on_sheet = dented & (sheeted[places] > 0.6)
    # Letters that have run together are no letters any more: then all that is on the sheet counts.
    inked = written if written.sum() >= max(_FEW, on_sheet.sum() / 4) else on_sheet
    if inked.sum() < _FEW:
        return float(np.percentile(depth, 95)), 0.0
    slopes = (dx, dy, (dx + dy) * 0.7071, (dx - dy) * 0.7071)
    steep = [np.percentile(np.abs(slope[inked]), 98, axis=1) for slope in slopes]
    width = depth[inked] / np.maximum(np.min(steep, axis=0), 1e-3)
    return float(np.median(depth[inked])), float(np.median(width))


def _shares(mask: npt.NDArray[np.bool_], side: int) -> Floats:
    """Share of each tile that is in a mask, by rows; what is left over at the ends is left out."""
    rows, cols = (length // side for length in mask.shape)
    cut = mask[: rows * side, : cols * side].view(np.uint8) * np.uint8(255)
    means = cv2.resize(cut, (cols, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(means, np.float32).ravel() / np.float32(255)


def _slopes(grey: Image, corners: Sequence[tuple[int, int]], side: int) -> tuple[Floats, Floats, Floats]:
    """Soft grey levels of tiles at (row, column), slopes across and down, each ``(tiles, side * side)``."""
    reach = side + 2 * _AROUND
    around = np.pad(grey, _AROUND, mode="edge")
    # One below the other, each with what is around it, so that a filter runs once.
    column = np.concatenate([around[y : y + reach, x : x + reach] for y, x in corners])
    soft = cv2.GaussianBlur(column, (0, 0), 0.8).astype(np.float32)
    dx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8)
    dy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8)
    inner = slice(_AROUND, -_AROUND)
    cut = [np.asarray(each).reshape(-1, reach, reach)[:, inner, inner] for each in (soft, dx, dy)]
    first, second, third = (np.ascontiguousarray(each, np.float32).reshape(len(corners), -1) for each in cut)
    return first, second, third


def _on_letters(letters: _Letters, sheet: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mask of the letters and what is around them: rules and borders have edges in one direction alone."""
    if not letters.height:
        return sheet
    mask = np.zeros(sheet.shape, np.uint8)
    for left, top, width, height in letters.boxes[letters.boxes[:, 2] <= 2.5 * letters.height]:
        mask[top : top + height, left : left + width] = 1
    return np.asarray(mask > 0) & sheet


def _letters(grey: Image, paper: Image, noise: float, sheet: npt.NDArray[np.bool_]) -> _Letters:
    soft = cv2.GaussianBlur(grey, (0, 0), 0.6 if noise < 3 else 1.2)
    # The smallest level that is not below the limit: what is below it is below that.
    limits = np.clip(np.ceil(_INK * np.arange(256, dtype=np.float32) - 1.5 * noise), 0, 255)
    level = cv2.LUT(paper, limits.astype(np.uint8))
    ink = np.asarray(cv2.compare(soft, level, cv2.CMP_LT), np.uint8) & sheet.view(np.uint8) * np.uint8(255)
    boxes, area = _components(ink)
    width = boxes[:, 2]
    height = boxes[:, 3]
    shaped = (height >= _LETTER[0]) & (height <= _LETTER[1]) & (width <= 6 * height) & (area >= 5)
    boxes = boxes[shaped]
    if len(boxes) < _FEW:
        return _Letters(0.0, boxes)
    # Dots and strokes of letters that came apart are lower than these.
    return _Letters(float(np.percentile(boxes[:, 3], 65)), boxes)


def _components(ink: Image) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Boxes and areas of connected ink; of a large picture at half its size, if letters stay high enough."""
    if ink.size > _LARGE:
        # Of an even number of rows and columns, a mean of two by two, which is many times as fast.
        half = _scaled(ink[: ink.shape[0] & ~1, : ink.shape[1] & ~1], 0.5)
        _, _, stats, _ = cv2.connectedComponentsWithStats((half > _HALF_INK).astype(np.uint8))
        heights = stats[1:, cv2.CC_STAT_HEIGHT]
        heights = heights[(heights >= _LETTER[0]) & (heights <= _LETTER[1] / 2)]
        if len(heights) >= _FEW and np.percentile(heights, 65) >= _HALF_HEIGHT:
            return stats[1:, :4].astype(np.int32) * 2, stats[1:, cv2.CC_STAT_AREA].astype(np.int32) * 4
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink)
    return stats[1:, :4].astype(np.int32), stats[1:, cv2.CC_STAT_AREA].astype(np.int32)


def _at_rim(letters: _Letters, shape: tuple[int, ...]) -> float:
    """Number of letters that touch the rim; those that nearly do raise a doubt, but no more."""
    if not letters.height:
        return 0.0
    left, top, width, height = letters.boxes.T
    right = shape[1] - left - width
    bottom = shape[0] - top - height
    away = np.minimum(np.minimum(left, top), np.minimum(right, bottom))
    sized = height <= 2.5 * letters.height
    touching = float(np.sum(sized & (away <= 1)))
    near = float(np.sum(sized & (away <= 1.35 * letters.height))) / 4
    return max(touching, min(near, _CUT[0] - _CUT[1]))


def _glare(grey: Image, paper: Image, letters: _Letters) -> tuple[float, GlareBox | None]:
    """Score of glare, by the share of the text that it covers, and its box."""
    if _written_level(paper, letters) >= _WHITE:
        return 0.0, None
    factor = min(1.0, _GLARE_SIDE / max(grey.shape))
    saturated = (_scaled(grey, factor) >= _SATURATED).astype(np.uint8)
    bright = np.asarray(cv2.morphologyEx(saturated, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)
    if bright.mean() <= 0.0005:
        return 0.0, None
    rows = np.flatnonzero(bright.any(axis=1))
    cols = np.flatnonzero(bright.any(axis=0))
    sides = (cols[0], rows[0], cols[-1] + 1, rows[-1] + 1)
    place = GlareBox(*(round(float(side) / factor) for side in sides))
    return _rising(_covered(bright, letters, factor), *_GLARE), place


def _written_level(paper: Image, letters: _Letters) -> float:
    """Level of the paper where letters are; of a picture without any, of its darker part."""
    if not letters.height:
        return float(np.percentile(paper, 15))
    x = letters.boxes[:, 0] + letters.boxes[:, 2] // 2
    y = letters.boxes[:, 1] + letters.boxes[:, 3] // 2
    return float(np.median(paper[y, x]))


def _covered(bright: Image, letters: _Letters, factor: float) -> float:
    """Share of the text's area, glare among it, that is glare."""
    if not letters.height:
        return float(bright.mean())
    boxes = letters.boxes * factor
    rows = np.flatnonzero(bright.any(axis=1))
    top = min(float(boxes[:, 1].min()), float(rows[0]))
    bottom = max(float((boxes[:, 1] + boxes[:, 3]).max()), float(rows[-1]))
    width = float((boxes[:, 0] + boxes[:, 2]).max() - boxes[:, 0].min())
    return float(bright.sum()) / max(1.0, (bottom - top) * width)


def _rising(value: float, middle: float, width: float) -> float:
    """Logistic scale: 0.5 at the middle, 0.12 and 0.88 two widths to each side."""
    return 1 / (1 + math.exp(-_limited((value - middle) / width)))


def _limited(exponent: float) -> float:
    return min(max(exponent, -50.0), 50.0)


def _clamped(value: float) -> float:
    return min(max(value, 0.0), 1.0)
