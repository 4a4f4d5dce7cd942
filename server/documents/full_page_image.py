"""Pages of a PDF that are nothing but one picture, as scanners make them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pikepdf

from imgcore import codec
from imgcore.pillow import from_pillow, turned
from imgcore.rotate import rotate
from imgcore.shape import check_shape
from imgcore.types import Image
from server.documents.geometry import MATRIX_SIGNS

_TOLERANCE = 0.02
"""Share of the page's side by which a scan may be smaller or larger than the page, and by which its pixels
may differ from squares."""
_DEPTH = 32
"""Most levels of a page tree that are climbed for an inherited value; a loop would have no end."""
_STATE = frozenset(
    {
        *("BT", "ET", "Tf", "Tm", "Td", "TD", "T*", "Tc", "Tw", "Tz", "TL", "Ts"),
        *("g", "G", "rg", "RG", "k", "K", "cs", "CS", "sc", "scn", "SC", "SCN"),
        *("BMC", "BDC", "EMC", "MP", "DP", "n", "w", "J", "j", "M", "d", "ri", "i"),
    }
)
"""Operators that draw nothing themselves. Paths, clipping and graphics state parameters are not
among them: what they do to a picture is left to a program that draws."""
_SHOWS_TEXT = frozenset({"Tj", "TJ", "'", '"'})
"""Operators that show text."""
_INVISIBLE = 3
"""Rendering mode of text, set by the operator ``Tr``, in which it is not drawn."""
_ORIENTATIONS: dict[tuple[int, ...], int] = {signs: each for each, signs in MATRIX_SIGNS.items()}
"""EXIF orientations of a picture by the signs of the matrix that places it on the page."""


@dataclass(frozen=True, slots=True)
class FullPageImage:
    """The one picture of a page.

    Attributes
    ----------
    image
        The picture's stream.
    orientation
        EXIF orientation of its pixels.
    clockwise
        Rotation of the page after that: 0, 90, 180 or 270 degrees.
    dots
        Pixels an inch.
    """

    image: Any
    orientation: int
    clockwise: int
    dots: float


def find_full_page_image(page: pikepdf.Page) -> FullPageImage | None:
    """Return the picture that a page consists of, or None where there is more to see, or less.

    A layer of invisible text, as text recognition adds it, does not count.
    """
    placed = _only_picture(page)
    if placed is None or _is_annotated(page):
        return None
    image, matrix = placed
    orientation = _ORIENTATIONS.get(_signs(matrix))
    rotation = int(inherited(page, "/Rotate") or 0) % 360
    if orientation is None or rotation % 90 or not _is_plain(image) or not _fills(page, matrix):
        return None
    width = abs(matrix.a) + abs(matrix.b)
    height = abs(matrix.c) + abs(matrix.d)
    dots = int(image.Width) / width * 72, int(image.Height) / height * 72
    if not 1 - _TOLERANCE < dots[0] / dots[1] < 1 + _TOLERANCE:
        return None
    return FullPageImage(image, orientation, rotation, max(dots))


def read_full_page_image(scan: FullPageImage, limit_pixels: int) -> Image:
    """Decode the picture as the page shows it.

    Raises
    ------
    imgcore.types.ImageError
        Too many pixels (judged before memory is spent), or damaged data.
    pikepdf.PdfError, NotImplementedError
        A coding that pikepdf does not know; it raises others, too.
    """
    check_shape(int(scan.image.Width), int(scan.image.Height), limit_pixels)
    picture = pikepdf.PdfImage(scan.image)
    if set(picture.filters) & {"/DCTDecode", "/CCITTFaxDecode"}:
        stored = io.BytesIO()
        picture.extract_to(stream=stored)
        # What a JPEG says about its orientation does not count inside a PDF.
        image = codec.decode(stored.getvalue(), limit_pixels, oriented=False)
    else:
        image = from_pillow(picture.as_pil_image(), limit_pixels)
    upright = turned(image, scan.orientation)
    if scan.clockwise == 0:
        return upright
    return np.ascontiguousarray(rotate(upright, scan.clockwise), np.uint8)


def _only_picture(page: pikepdf.Page) -> tuple[Any, pikepdf.Matrix] | None:
    """Return the one picture drawn and its matrix, or None where anything else is drawn."""
    found: tuple[Any, pikepdf.Matrix] | None = None
    for name, matrix in _drawn(page):
        image = _resource(page, name) if name else None
        if found is not None or image is None or image.get("/Subtype") != "/Image":
            return None
        found = image, matrix
    return found


def _drawn(page: pikepdf.Page) -> Iterator[tuple[str, pikepdf.Matrix]]:
    """Yield what is drawn: a name of the page's resources, or "" for anything else; and its matrix."""
    matrix = pikepdf.Matrix()
    rendering = 0
    kept: list[tuple[pikepdf.Matrix, int]] = []
    instructions: Any = pikepdf.parse_content_stream(page)
    for operands, operator in instructions:
        word = str(operator)
        if word == "q":
            kept.append((matrix, rendering))
        elif word == "Q":
            matrix, rendering = kept.pop() if kept else (matrix, rendering)
        elif word == "cm":
            matrix = pikepdf.Matrix(*(float(number) for number in operands)) @ matrix
        elif word == "Tr":
            rendering = int(operands[0])
        elif word == "Do":
            yield str(operands[0]), matrix
        elif word not in _STATE and not (word in _SHOWS_TEXT and rendering == _INVISIBLE):
            yield "", matrix


def _resource(page: pikepdf.Page, name: str) -> Any:
    """Return a picture or form of the page, or None."""
    known: Any = page.resources
    return known["/XObject"].get(name) if "/XObject" in known else None


def _signs(matrix: pikepdf.Matrix) -> tuple[int, ...]:
    """Return -1, 0 or 1 for each of a, b, c, d; what is small beside the largest counts as 0."""
    numbers = (matrix.a, matrix.b, matrix.c, matrix.d)
    small = max(map(abs, numbers)) * 1e-3
    return tuple(0 if abs(number) <= small else 1 if number > 0 else -1 for number in numbers)


def _fills(page: pikepdf.Page, matrix: pikepdf.Matrix) -> bool:
    """Return whether a picture with that matrix covers the page exactly."""
    left, bottom, right, top = (float(number) for number in page.cropbox)
    sides = (left, right, matrix.e, matrix.a + matrix.c), (bottom, top, matrix.f, matrix.b + matrix.d)
    return all(_same_span(*span) for span in sides)


def _same_span(low: float, high: float, start: float, length: float) -> bool:
    first = min(start, start + length)
    last = max(start, start + length)
    allowed = abs(high - low) * _TOLERANCE
    return abs(first - min(low, high)) <= allowed and abs(last - max(low, high)) <= allowed


def _is_plain(image: Any) -> bool:
    """Return whether a picture is opaque, always shown, and of known size."""
    masked = any(key in image for key in ("/SMask", "/Mask", "/OC")) or bool(image.get("/ImageMask", False))
    return not masked and int(image.get("/Width", 0)) > 0 and int(image.get("/Height", 0)) > 0


def _is_annotated(page: pikepdf.Page) -> bool:
    """Return whether stamps, signatures or form fields are on the page; links do not show."""
    notes: Any = page.obj.get("/Annots")
    return notes is not None and any(note.get("/Subtype") not in ("/Link", "/Popup") for note in notes)


def inherited(page: pikepdf.Page, key: str) -> Any:
    """Return a value of a page, or of the nodes of the page tree above it; None for none."""
    node: Any = page.obj
    for _ in range(_DEPTH):
        if key in node:
            return node[key]
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    return None
