"""Stamps: pictures whose white is no ink, laid over a finished page."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt
import PIL.Image
import PIL.ImageDraw

from imgcore.output.watermark import Typeface, is_bilevel
from imgcore.types import Image

Colour = tuple[int, int, int]
"""Blue, green and red, 0..255."""

MARGIN = 0.03
"""Distance of a stamp from the rim where it has a position, as a share of the page's shorter side."""
_LETTER = 96
"""Height in pixels of a text stamp's letters."""
_LINE = 8
"""Width in pixels of a text stamp's frame."""
_SPACE = 40
"""Distance in pixels of a text stamp's letters from its frame."""
_INKED = 208
"""Grey level below which a stamp is ink where a page has only black and white."""


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """Stamp on a page.

    Attributes
    ----------
    image
        BGR or grey; white leaves the page as it is.
    left, top
        Of its upper left corner before it is turned, in pixels of the page; may lie outside.
    width, height
        Before it is turned, in pixels of the page.
    angle
        Degrees, counter-clockwise around its middle.
    """

    image: Image = field(repr=False)
    left: float
    top: float
    width: float
    height: float
    angle: float = 0.0


def stamp_at(image: Image, position: int, width: float, shape: tuple[int, ...]) -> Stamp:
    """Return a stamp in a corner, on an edge or in the middle of a page, made smaller where it would not fit.

    Parameters
    ----------
    position
        0 to 8, from the top left to the bottom right, row by row.
    width
        Pixels of the page.
    shape
        Rows and columns of the page.
    """
    rows, cols = shape[:2]
    margin = MARGIN * min(rows, cols)
    ratio = image.shape[0] / image.shape[1]
    width = min(width, cols - 2 * margin, (rows - 2 * margin) / ratio)
    height = width * ratio
    down, across = divmod(position, 3)
    left = margin + across / 2 * (cols - 2 * margin - width)
    top = margin + down / 2 * (rows - 2 * margin - height)
    return Stamp(image, left, top, width, height)


def draw_stamps(image: Image, stamps: Iterable[Stamp]) -> Image:
    """Return a page with stamps on it, as ink: what is printed below them shows through.

    Parameters
    ----------
    image
        BGR or grey; not modified.

    Returns
    -------
    uint8
        Grey or BGR as `image`; a grey page becomes BGR below a stamp in colour, and one of pure black and
        white stays so.
    """
    bilevel = is_bilevel(image)
    result = image.copy()
    for stamp in stamps:
        if result.ndim == 2 and stamp.image.ndim == 3 and not bilevel:
            result = np.asarray(cv2.cvtColor(result, cv2.COLOR_GRAY2BGR), np.uint8)
        _draw(result, stamp, bilevel)
    return result


def text_stamp(text: str, typeface: Typeface, colour: Colour) -> Image:
    """Return a stamp of text in a frame.

    Parameters
    ----------
    text
        One line or several.

    Returns
    -------
    uint8, ``(rows, cols, 3)``, BGR on white
    """
    font = typeface(_LETTER)
    drawing = PIL.ImageDraw.Draw(PIL.Image.new("L", (1, 1)))
    left, top, right, bottom = drawing.multiline_textbbox((0, 0), text, font, align="center")
    rim = _LINE + _SPACE
    width = math.ceil(right - left) + 2 * rim
    height = math.ceil(bottom - top) + 2 * rim
    picture = PIL.Image.new("RGB", (width, height), "white")
    drawing = PIL.ImageDraw.Draw(picture)
    ink = colour[::-1]
    drawing.rounded_rectangle((0, 0, width - 1, height - 1), _SPACE, outline=ink, width=_LINE)
    drawing.multiline_text((rim - left, rim - top), text, ink, font, align="center")
    return np.ascontiguousarray(np.asarray(picture, np.uint8)[:, :, ::-1])


def _draw(page: Image, stamp: Stamp, bilevel: bool) -> None:
    """Draw a stamp onto a page in place."""
    picture = _resized(stamp)
    matrix = _matrix(picture.shape, stamp)
    rows, cols = picture.shape[:2]
    corners = matrix @ np.array([[0, cols, cols, 0], [0, 0, rows, rows], [1, 1, 1, 1]], float)
    first = np.maximum(np.floor(corners.min(axis=1)).astype(int) - 1, 0)
    last = np.minimum(np.ceil(corners.max(axis=1)).astype(int) + 1, page.shape[1::-1])
    if np.any(first >= last):
        return
    matrix[:, 2] -= first
    size = (int(last[0] - first[0]), int(last[1] - first[1]))
    ink = np.asarray(
        cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255)), np.uint8
    )
    part = page[first[1] : last[1], first[0] : last[0]]
    if bilevel:
        grey = ink if ink.ndim == 2 else cv2.cvtColor(ink, cv2.COLOR_BGR2GRAY)
        part[grey < _INKED] = 0
    else:
        shade = cv2.cvtColor(ink, cv2.COLOR_GRAY2BGR) if part.ndim == 3 and ink.ndim == 2 else ink
        part[:] = cv2.multiply(part, shade, scale=1 / 255)


def _resized(stamp: Stamp) -> Image:
    """Return the picture of a stamp with as many pixels as the page has for it."""
    size = (max(1, round(stamp.width)), max(1, round(stamp.height)))
    # The mean over an area is no filter for a picture that gets larger.
    how = cv2.INTER_AREA if size[0] <= stamp.image.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(stamp.image, size, interpolation=how), np.uint8)


def _matrix(shape: tuple[int, ...], stamp: Stamp) -> npt.NDArray[np.float64]:
    """Return the matrix ``(2, 3)`` from pixels of a stamp's picture to those of its page."""
    matrix = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), stamp.angle, 1.0)
    matrix[0, 2] += stamp.left + stamp.width / 2 - shape[1] / 2
    matrix[1, 2] += stamp.top + stamp.height / 2 - shape[0] / 2
    return np.asarray(matrix, np.float64)
