"""Standard formats of sheets, and the one that a document has: by its size, or by proportions and print."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import cv2
import numpy as np

from imgcore.paper.ink import ink, reduced
from imgcore.types import CropOutcome, CropState, Image


class SheetFormat(NamedTuple):
    """Standard format of sheets, its sides in millimetres, and who defines it."""

    name: str
    short: float
    long: float
    standard: str


FORMATS: Final = (
    SheetFormat("A2", 420.0, 594.0, "ISO 216"),
    SheetFormat("A3", 297.0, 420.0, "ISO 216"),
    SheetFormat("A4", 210.0, 297.0, "ISO 216"),
    SheetFormat("A5", 148.0, 210.0, "ISO 216"),
    SheetFormat("A6", 105.0, 148.0, "ISO 216"),
    SheetFormat("B4", 250.0, 353.0, "ISO 216"),
    SheetFormat("B5", 176.0, 250.0, "ISO 216"),
    SheetFormat("B6", 125.0, 176.0, "ISO 216"),
    SheetFormat("JIS B4", 257.0, 364.0, "JIS P 0138"),
    SheetFormat("JIS B5", 182.0, 257.0, "JIS P 0138"),
    SheetFormat("JIS B6", 128.0, 182.0, "JIS P 0138"),
    SheetFormat("Letter", 215.9, 279.4, "ANSI/ASME Y14.1"),
    SheetFormat("Legal", 215.9, 355.6, "ANSI/ASME Y14.1"),
    SheetFormat("ID-1", 53.98, 85.6, "ISO/IEC 7810"),
    SheetFormat("ID-2", 74.0, 105.0, "ISO/IEC 7810"),
    SheetFormat("ID-3", 88.0, 125.0, "ISO/IEC 7810"),
    SheetFormat("C4", 229.0, 324.0, "ISO 269, GB/T 1416"),
    SheetFormat("C5", 162.0, 229.0, "ISO 269, GB/T 1416"),
    SheetFormat("C6", 114.0, 162.0, "ISO 269"),
    SheetFormat("DL", 110.0, 220.0, "ISO 269, GB/T 1416"),
    SheetFormat("ZL", 120.0, 230.0, "GB/T 1416"),
    SheetFormat("CNY 100", 77.0, 155.0, "People's Bank of China, fifth series"),
    SheetFormat("CNY 50", 70.0, 150.0, "People's Bank of China, fifth series"),
    SheetFormat("CNY 20", 70.0, 145.0, "People's Bank of China, fifth series"),
    SheetFormat("CNY 10", 70.0, 140.0, "People's Bank of China, fifth series"),
    SheetFormat("CNY 5", 63.0, 135.0, "People's Bank of China, fifth series"),
    SheetFormat("CNY 1", 63.0, 130.0, "People's Bank of China, fifth series"),
    SheetFormat("EUR 200", 77.0, 153.0, "European Central Bank, Europa series"),
    SheetFormat("EUR 100", 77.0, 147.0, "European Central Bank, Europa series"),
    SheetFormat("EUR 50", 77.0, 140.0, "European Central Bank, Europa series"),
    SheetFormat("EUR 20", 72.0, 133.0, "European Central Bank, Europa series"),
    SheetFormat("EUR 10", 67.0, 127.0, "European Central Bank, Europa series"),
    SheetFormat("EUR 5", 62.0, 120.0, "European Central Bank, Europa series"),
    SheetFormat("USD", 66.3, 156.0, "Bureau of Engraving and Printing"),
)
"""Formats that are known."""
_BY_PROPORTIONS: Final = tuple(one for one in FORMATS if one.name in ("A4", "Letter"))
"""Formats that a sheet of unknown size may have. Proportions of the others are as often those of something
else: of 20 photographs with those of ID-1, four show cards of that format, six business cards and four
receipts."""
_SAME_PROPORTIONS = 0.015
"""Greatest relative difference of proportions from a format's."""
_SAME_SIDE = 0.025
"""Greatest relative difference of a measured side from a format's: a desk is measured within a per cent or
two."""
_MM_PER_INCH = 25.4
"""Millimetres in an inch."""
_LETTERS = 100
"""Fewest letters by whose height the size of a sheet is told."""
_LEAST_LETTER = 1.3
"""Least median height of letters in millimetres: lower-case ones of eight points have 1.4."""
_GREATEST_LETTER = 3.3
"""Greatest median height of letters in millimetres: those of cards and receipts, were they A4, would have 4.5
and more."""
_UNEVEN = 2.3
"""Greatest ratio of the seventieth to the twenty-fifth percentile of the heights: of print it is below 2, of
the bits of a picture on a playing card above 2.5."""
_LETTER_PIXELS = (3, 90)
"""Least and greatest height of a letter in pixels of the reduced picture."""
_ELONGATED = 7
"""Greatest ratio of a letter's, or a short word's, sides."""


class Sheet(NamedTuple):
    """Resolution in dots per inch of a sheet's picture, 0 if unknown, and the name of its format, if any."""

    dots: float
    format: str


def measure_sheet(image: Image, crop: CropOutcome, dots: float = 0.0) -> Sheet:
    """Measure a sheet that was cut out of a picture; some 8 ms where its size is not known.

    Without `dots`, A4 and Letter alone are told, by proportions within 1.5 % and by print that is of a usual
    height at that size: smaller formats of ISO 216, passports and playing cards are shaped as A4 is.

    Parameters
    ----------
    image
        BGR or grey, the sheet from edge to edge, before its enhancement.
    crop
        Outcome of its crop; a picture that nothing was cut out of is no sheet, and keeps `dots`.
    dots
        Resolution in dots per inch where a scanner or a measured desk tells it, which is kept; 0 if unknown.
    """
    rows, cols = image.shape[:2]
    if crop.state is not CropState.CROPPED:
        return Sheet(dots, "")
    if dots:
        return Sheet(dots, _format_of_size(cols / dots * _MM_PER_INCH, rows / dots * _MM_PER_INCH))
    for one in _BY_PROPORTIONS:
        alike = _difference(max(rows, cols) / min(rows, cols), one.long / one.short) < _SAME_PROPORTIONS
        if alike and _has_print(image, one.short / min(rows, cols)):
            return Sheet((rows * cols / (one.short * one.long)) ** 0.5 * _MM_PER_INCH, one.name)
    return Sheet(0.0, "")


def _format_of_size(width: float, height: float) -> str:
    """Return the name of the nearest format to sides in millimetres; empty if none is near."""
    short = min(width, height)
    long = max(width, height)

    def farther(one: SheetFormat) -> float:
        return max(_difference(short, one.short), _difference(long, one.long))

    nearest = min(FORMATS, key=farther)
    return nearest.name if farther(nearest) < _SAME_SIDE else ""


def _difference(one: float, other: float) -> float:
    return abs(math.log(one / other))


def _has_print(image: Image, scale: float) -> bool:
    """Return whether a picture of so many millimetres a pixel has print of a usual height."""
    grey = reduced(image)
    boxes = cv2.connectedComponentsWithStats(np.asarray(ink(grey) > 0, np.uint8), connectivity=8)[2][1:]
    width = boxes[:, cv2.CC_STAT_WIDTH]
    height = boxes[:, cv2.CC_STAT_HEIGHT]
    least, greatest = _LETTER_PIXELS
    sized = (height >= least) & (height <= greatest) & (width >= 2)
    letters = height[sized & (np.maximum(width, height) <= _ELONGATED * np.minimum(width, height))]
    if len(letters) < _LETTERS:
        return False
    low, median, high = np.percentile(letters, (25, 50, 70))
    usual = median * scale * min(image.shape[:2]) / min(grey.shape)
    return bool(_LEAST_LETTER <= usual <= _GREATEST_LETTER and high <= _UNEVEN * low)
