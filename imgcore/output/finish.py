"""Output of a finished picture: its colours, its watermark, and a file of the best quality that fits."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple

import cv2
import numpy as np

from imgcore import codec
from imgcore.enhance import black_white
from imgcore.output.inset import Inset, draw_inset
from imgcore.output.watermark import Typeface, Watermark, draw_watermark, is_bilevel
from imgcore.stopping import stop_here
from imgcore.types import Image, ImageError

QUALITY = 92
"""Quality of a JPEG or WebP file, 1 to 100, where none is asked for."""
LEAST_QUALITY = 30
"""Quality below which a picture is rather made smaller: letters fray."""
_FITS = 0.99
"""Factor of a side before it is fitted into the part: one that is longer by a hundredth fits, as outlines are
not exact."""
_SHEET = 0.03
"""Greatest difference of a picture's proportions from those of the A sizes, as a share of these."""
LEAST_SIDE = 64
"""Pixels of a side below which a picture is of no use."""


class ColourMode(IntEnum):
    """Colours of a picture; values are the protocol's ``colorMode``."""

    AS_IS = 0
    GREY = 1
    BLACK_WHITE = 2


@dataclass(frozen=True, slots=True)
class Placement:
    """Resolution that a picture is brought to, and the part of it that is kept.

    Parameters
    ----------
    dots
        Dots an inch of the result.
    nominal
        Dots an inch that a picture is taken to have whose own are not known.
    sheet
        Inches of the longer side that such a picture is taken to have if it is shaped as the A sizes are; 0
        for none.
    left, top, width, height
        The part in inches; of one that holds nothing of the picture, all is kept.
    cuts
        False to keep all of the picture, and to turn it by a quarter if it fits into the part only so.
    coloured
        True for three channels, also of a grey picture: some programs take no other.
    """

    dots: float
    nominal: float
    sheet: float = 0.0
    left: float = 0.0
    top: float = 0.0
    width: float = math.inf
    height: float = math.inf
    cuts: bool = True
    coloured: bool = False

    def apply(self, image: Image, dots: float) -> Image:
        """Return the part of a picture with `dots` an inch, 0 if unknown, at the resolution asked for."""
        known = dots or self._guessed(*image.shape[:2])
        part = self._part(image, known)
        scale = self.dots / known
        if self.coloured and part.ndim == 2:
            part = np.asarray(cv2.cvtColor(part, cv2.COLOR_GRAY2BGR), np.uint8)
        if abs(scale - 1) < 1e-3:
            return np.ascontiguousarray(part)
        size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(part, size, interpolation=how), np.uint8)

    def _part(self, image: Image, known: float) -> Image:
        if not self.cuts:
            high, wide = (side / known * _FITS for side in image.shape[:2])
            return np.rot90(image) if high <= self.width < wide <= self.height else image
        rows, columns = (
            slice(round(min(at * known, 1 << 30)), round(min((at + length) * known, 1 << 30)))
            for at, length in ((self.top, self.height), (self.left, self.width))
        )
        part = image[rows, columns]
        return part if part.size else image

    def _guessed(self, rows: int, columns: int) -> float:
        longer = max(rows, columns)
        shorter = min(rows, columns)
        is_sheet = self.sheet and abs(longer / shorter / math.sqrt(2) - 1) < _SHEET
        return longer / self.sheet if is_sheet else self.nominal


@dataclass(frozen=True, slots=True)
class OutputSettings:
    """Form of the files of pictures.

    Parameters
    ----------
    quality
        1..100, of the formats that have one, JPEG and WebP; None for `QUALITY`, or for bytes as they came.
    max_bytes
        Limit of a file; 0 for none.
    dots
        Dots an inch to be stated; 0 for those of the device.
    watermark
        Drawn last; None for none.
    placement
        Resolution and part of the picture; None for all of it as it is.

    Raises
    ------
    ImageError
        A value out of its range.
    """

    quality: int | None = None
    max_bytes: int = 0
    dots: float = 0.0
    colour_mode: ColourMode = ColourMode.AS_IS
    watermark: Watermark | None = None
    placement: Placement | None = None

    def __post_init__(self) -> None:
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise ImageError(f"the quality is {self.quality}, not 1 to 100")
        if self.max_bytes < 0 or self.dots < 0:
            raise ImageError("a limit of bytes or dots an inch is negative")

    def stating(self, dots: float) -> OutputSettings:
        """Return settings that state a device's resolution where no other is asked for."""
        if self.placement is not None:
            return replace(self, dots=self.placement.dots)
        return self if self.dots or not dots else replace(self, dots=dots)

    @property
    def changes_pixels(self) -> bool:
        """True if a picture has to be drawn or converted, and cannot keep the bytes that it came in."""
        drawn = self.watermark is not None or self.placement is not None
        return drawn or self.colour_mode is not ColourMode.AS_IS


AS_MADE = OutputSettings()
"""Output settings that ask for nothing."""


class TooManyBytes(ImageError):
    """Raised for a picture whose file cannot be made as small as asked; `size` is the smallest that could."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"the file has {size} bytes, {limit} are allowed")
        self.size = size
        self.limit = limit


class Encoded(NamedTuple):
    """File of a picture.

    Attributes
    ----------
    scale
        Side of the picture in it, in parts of that of the picture given; 1 if it was not made smaller.
    """

    data: bytes
    width: int
    height: int
    scale: float


def finish(
    image: Image, settings: OutputSettings, typeface: Typeface | None, inset: Inset | None = None
) -> Image:
    """Return a picture in the colours asked for, with its inset, and its watermark over both.

    Parameters
    ----------
    typeface
        Font of the watermark; may be None without one.
    inset
        Second picture; None for none.
    """
    image = _coloured(image, settings.colour_mode)
    if inset is not None:
        image = draw_inset(image, inset)
    if settings.watermark is None:
        return image
    assert typeface is not None
    return draw_watermark(image, settings.watermark, typeface)


def _coloured(image: Image, mode: ColourMode) -> Image:
    if mode is ColourMode.AS_IS or is_bilevel(image):
        return image
    if mode is ColourMode.BLACK_WHITE:
        return black_white(image)
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def encode_within(
    image: Image, suffix: str, settings: OutputSettings, wrap: Callable[[bytes], bytes] = bytes
) -> Encoded:
    """Encode a finished picture; of the files that fit the limit of bytes the best.

    Its quality is lowered first, to `LEAST_QUALITY`, then the picture is made smaller.

    Parameters
    ----------
    suffix
        As `imgcore.codec.encode`.
    wrap
        Makes the file of the encoded picture, as a PDF.

    Raises
    ------
    TooManyBytes
        The format has no quality, or the picture would have less than `LEAST_SIDE` pixels a side.
    ImageError
        As `imgcore.codec.encode`.
    imgcore.stopping.WorkStopped
        The work was stopped between two files.
    """

    def coded(picture: Image, quality: int, dots: float = settings.dots) -> bytes:
        stop_here()
        return wrap(codec.encode(picture, suffix, quality, dots))

    quality = settings.quality or QUALITY
    data = coded(image, quality)
    limit = settings.max_bytes
    if not limit or len(data) <= limit:
        return _encoded(image, image, data)
    if not codec.has_quality(suffix):
        raise TooManyBytes(len(data), limit)
    least = min(quality, LEAST_QUALITY)
    picture = image
    data = coded(image, least)
    while len(data) > limit:
        picture = _smaller(image, picture, math.sqrt(limit / len(data)) * 0.97, len(data), limit)
        data = coded(picture, least, settings.dots * picture.shape[1] / image.shape[1])
    dots = settings.dots * picture.shape[1] / image.shape[1]
    best = _best(lambda quality: coded(picture, quality, dots), least, quality, limit)
    return _encoded(image, picture, best or data)


def _smaller(image: Image, picture: Image, factor: float, size: int, limit: int) -> Image:
    """Reduce the picture as given to `factor` of the size that it has now."""
    side = factor * picture.shape[1] / image.shape[1]
    if min(image.shape[:2]) * side < LEAST_SIDE:
        raise TooManyBytes(size, limit)
    return np.asarray(cv2.resize(image, None, fx=side, fy=side, interpolation=cv2.INTER_AREA), np.uint8)


def _best(coded: Callable[[int], bytes], fits: int, too_large: int, limit: int) -> bytes | None:
    """Return the file of the best quality that fits, by bisection; None if that is `fits`, known to."""
    best = None
    while too_large - fits > 1:
        middle = (fits + too_large) // 2
        data = coded(middle)
        if len(data) <= limit:
            fits = middle
            best = data
        else:
            too_large = middle
    return best


def _encoded(image: Image, picture: Image, data: bytes) -> Encoded:
    return Encoded(data, picture.shape[1], picture.shape[0], picture.shape[1] / image.shape[1])
