"""Watermark: text drawn over a finished picture, once or as a pattern all over it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from imgcore.types import Image, ImageError

Typeface: TypeAlias = "Callable[[int], PIL.ImageFont.FreeTypeFont]"
"""Font of a height in pixels; whoever hands it in knows that it has all characters of the text."""

_Mask = npt.NDArray[np.bool_]

LONGEST_TEXT = 200
"""Largest number of characters of a watermark's text."""
MOST_LINES = 8
"""Largest number of lines of a watermark's text."""
LEAST_HEIGHT = 6
"""Height in pixels of the smallest letters."""

_MARGIN = 0.03
"""Distance of a watermark from the rim, as a share of the shorter side."""
_GAPS = (2.5, 3.0)
"""Distance between two texts of a pattern, along and across them, in heights of a letter."""
_ROWS = 256
"""Number of rows blended at a time, as an A4 page at 300 dpi at once would take 100 MB."""
_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.uint8) * 16 + 8
"""Thresholds of a halftone, 0..255."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """Text over a picture.

    Parameters
    ----------
    text
        One line or several, at most `LONGEST_TEXT` characters.
    place
        0 to 8, from the top left to the bottom right, row by row; None for a pattern all over it.
    angle
        Degrees, counter-clockwise.
    opacity
        0..1.
    size
        Height of the letters in percent of the picture's shorter side; less where the text would not fit.
    colour
        BGR; its brightness on a grey picture, and dots of black or white on one that has only these.

    Raises
    ------
    ImageError
        A value out of its range, or no text.
    """

    text: str = field(repr=False)
    place: int | None = 8
    angle: float = 0.0
    opacity: float = 0.5
    size: float = 4.0
    colour: tuple[int, int, int] = (96, 96, 96)

    def __post_init__(self) -> None:
        if not self.text.strip() or len(self.text) > LONGEST_TEXT or self.text.count("\n") >= MOST_LINES:
            raise ImageError(f"a watermark has 1 to {LONGEST_TEXT} characters, in {MOST_LINES} lines at most")
        if self.place is not None and not 0 <= self.place <= 8:
            raise ImageError(f"the place of a watermark is {self.place}, not 0 to 8")
        if not (0 <= self.opacity <= 1 and 0 < self.size <= 50):
            raise ImageError("the opacity of a watermark is 0 to 1, its size above 0 to 50 %")


def draw_watermark(image: Image, watermark: Watermark, typeface: Typeface) -> Image:
    """Draw a watermark; some 50 ms at one place of an A4 page at 300 dpi, 300 ms all over it.

    Parameters
    ----------
    image
        BGR or grey; not modified.

    Returns
    -------
    uint8, shape of `image`
    """
    rows, cols = image.shape[:2]
    stamp = _stamp(watermark, typeface, (rows, cols))
    cover = np.zeros((rows, cols), np.uint8)
    letter = max(LEAST_HEIGHT, watermark.size / 100 * min(rows, cols))
    for left, top in _places(watermark, stamp.shape, (rows, cols), letter):
        _lay(cover, stamp, left, top)
    return _blended(image, cover, watermark)


def _stamp(watermark: Watermark, typeface: Typeface, shape: tuple[int, int]) -> Image:
    """Return the turned text as a mask 0..255, of letters as large as asked for or as fit."""
    height = max(LEAST_HEIGHT, round(watermark.size / 100 * min(shape)))
    if watermark.place is not None:
        left, top, right, bottom = _bounds(watermark.text, typeface(height))
        cos, sin = (abs(turn(math.radians(watermark.angle))) for turn in (math.cos, math.sin))
        width = right - left
        high = bottom - top
        box = (width * sin + high * cos, width * cos + high * sin)
        room = (side * (1 - 2 * _MARGIN) for side in shape)
        fits = min(1.0, *(space / max(side, 1) for space, side in zip(room, box, strict=True)))
        height = max(LEAST_HEIGHT, int(height * fits))
    return _turned(_text_mask(watermark.text, typeface(height)), watermark.angle)


def _bounds(text: str, font: PIL.ImageFont.FreeTypeFont) -> tuple[float, float, float, float]:
    drawing = PIL.ImageDraw.Draw(PIL.Image.new("L", (1, 1)))
    return drawing.multiline_textbbox((0, 0), text, font, align="center")


def _text_mask(text: str, font: PIL.ImageFont.FreeTypeFont) -> PIL.Image.Image:
    left, top, right, bottom = _bounds(text, font)
    mask = PIL.Image.new("L", (max(1, math.ceil(right - left)), max(1, math.ceil(bottom - top))))
    PIL.ImageDraw.Draw(mask).multiline_text((-left, -top), text, 255, font, align="center")
    return mask


def _turned(mask: PIL.Image.Image, angle: float) -> Image:
    return np.asarray(mask.rotate(angle, PIL.Image.Resampling.BICUBIC, expand=True), np.uint8)


def _places(
    watermark: Watermark, stamp: tuple[int, ...], shape: tuple[int, int], letter: float
) -> Iterator[tuple[int, int]]:
    """Yield the left top corners of all stamps."""
    rows, cols = shape
    if watermark.place is not None:
        margin = round(_MARGIN * min(shape))
        down, across = divmod(watermark.place, 3)
        yield _aligned(across, stamp[1], cols, margin), _aligned(down, stamp[0], rows, margin)
        return
    for x, y in _lattice(watermark.angle, stamp, shape, letter):
        yield round(cols / 2 + x - stamp[1] / 2), round(rows / 2 + y - stamp[0] / 2)


def _aligned(third: int, size: int, side: int, margin: int) -> int:
    return (margin, (side - size) // 2, side - size - margin)[third]


def _lattice(
    angle: float, stamp: tuple[int, ...], shape: tuple[int, int], letter: float
) -> Iterator[tuple[float, float]]:
    """Yield the middles of a pattern's texts, from that of the picture, in rows along the text."""
    cos = math.cos(math.radians(angle))
    sin = math.sin(math.radians(angle))
    length, height = _unturned(stamp, abs(cos), abs(sin), letter)
    along = length + _GAPS[0] * letter
    across = height + _GAPS[1] * letter
    reach = math.hypot(*shape) / 2 + max(stamp)
    for row in range(-math.ceil(reach / across), math.ceil(reach / across) + 1):
        # Every other row begins half a text later, as bricks do.
        shift = along / 2 if row % 2 else 0.0
        for place in range(-math.ceil(reach / along), math.ceil(reach / along) + 1):
            x = place * along + shift
            y = row * across
            turned = x * cos + y * sin, y * cos - x * sin
            if abs(turned[0]) < reach and abs(turned[1]) < reach:
                yield turned


def _unturned(stamp: tuple[int, ...], cos: float, sin: float, letter: float) -> tuple[float, float]:
    """Return length and height of a text by its box once turned."""
    spread = cos * cos - sin * sin
    if abs(spread) < 0.2:  # near 45 degrees the box tells only their sum
        total = (stamp[0] + stamp[1]) / (cos + sin)
        return max(total - letter, letter), letter
    length = (stamp[1] * cos - stamp[0] * sin) / spread
    height = (stamp[0] * cos - stamp[1] * sin) / spread
    return max(length, letter), max(height, letter / 2)


def _lay(cover: Image, stamp: Image, left: int, top: int) -> None:
    rows, cols = cover.shape
    first = max(top, 0)
    last = min(top + stamp.shape[0], rows)
    start = max(left, 0)
    end = min(left + stamp.shape[1], cols)
    if first < last and start < end:
        part = cover[first:last, start:end]
        np.maximum(part, stamp[first - top : last - top, start - left : end - left], out=part)


def _blended(image: Image, cover: Image, watermark: Watermark) -> Image:
    result = image.copy()
    blend = _halftone if is_bilevel(image) else _mix
    for first in range(0, image.shape[0], _ROWS):
        rows = slice(first, first + _ROWS)
        # Letters cover a tenth: nothing is calculated elsewhere.
        if (lettered := cover[rows] > 0).any():
            blend(result[rows], cover[rows], lettered, watermark)
    return result


def _halftone(part: Image, cover: Image, lettered: _Mask, watermark: Watermark) -> None:
    high, wide = part.shape
    thresholds = np.tile(_BAYER, (high // 4 + 1, wide // 4 + 1))[:high, :wide]
    dots = lettered & (cover * watermark.opacity > thresholds)
    part[dots] = 255 if _luma(watermark) > 127 else 0


def _mix(part: Image, cover: Image, lettered: _Mask, watermark: Watermark) -> None:
    alpha = cover[lettered].astype(np.float32) * (watermark.opacity / 255)
    pixels = part[lettered].astype(np.float32)
    if part.ndim == 3:
        pixels += (np.array(watermark.colour, np.float32) - pixels) * alpha[:, None]
    else:
        pixels += (_luma(watermark) - pixels) * alpha
    part[lettered] = np.rint(pixels).astype(np.uint8)


def _luma(watermark: Watermark) -> float:
    return float(np.dot((0.114, 0.587, 0.299), watermark.colour))


def is_bilevel(image: Image) -> bool:
    """Return whether a picture has pure black and white alone."""
    return image.ndim == 2 and bool(np.all((image == 0) | (image == 255)))
