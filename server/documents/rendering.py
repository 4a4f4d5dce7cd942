"""Rendering of PDF pages that are more than one picture, with PDFium where it is installed."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from typing import Any, BinaryIO

import numpy as np

from imgcore.shape import check_shape
from imgcore.types import Image
from server.documents.faults import DocumentFault
from server.errors import LocalizedText
from server.runtime.address_space import room

LEAST_DOTS = 300.0
"""Fewest dots an inch of a rendered page: characters of 8 points are 33 pixels high then."""
MOST_DOTS = 600.0
"""Most dots an inch of a rendered page, unless more are asked for; what is finer is noise."""

PARSED_BYTES = 384 << 20
"""Memory that the drawing instructions of a page may become: those of the largest drawings, some ten million
bytes, become 250 MB."""
DRAWING_BYTES = 64 << 20
"""Memory beside pixels that drawing a page may take."""
BYTES_PER_PIXEL = 16
"""Memory that each pixel of a page, or of a picture on it, may take while the page is drawn: decoded, turned,
blended, and copied once."""

_PDFIUM_LOCK = threading.Lock()
"""Lock around all calls of PDFium, which may be called by one thread of a process only."""


def render_page(
    stream: BinaryIO, page: int, limit_pixels: int, dots: float | None = None
) -> tuple[Image, float]:
    """Render one page as a reader shows it, forms and annotations with it, on white.

    Parameters
    ----------
    stream
        The whole PDF, seekable.
    page
        From 0.
    dots
        Dots an inch; None for as fine as the finest picture on it.

    Returns
    -------
    tuple
        BGR, or grey where nothing is coloured; and its dots an inch.

    Raises
    ------
    DocumentFault
        PDFium is not installed, cannot read the file, or draws nothing because a picture is damaged.
    imgcore.types.ImageError
        Too many pixels; judged before memory is spent.
    """
    with _opened(stream) as (pdfium, document):
        with room(PARSED_BYTES):
            document.init_forms()
            drawn = document[page]
            dots = dots or _dots(pdfium, drawn)
            stored = sum(math.prod(picture.get_px_size()) for picture in _pictures(pdfium, drawn))
        width, height = (math.ceil(points * dots / 72) for points in drawn.get_size())
        check_shape(width, height, limit_pixels)
        with room(DRAWING_BYTES + BYTES_PER_PIXEL * (width * height + min(stored, limit_pixels))):
            bitmap = drawn.render(scale=dots / 72)
            # A copy: the bitmap's memory is PDFium's.
            picture = _without_empty_colour(np.array(bitmap.to_numpy()[:, :, :3], np.uint8, order="C"))
            if picture.min() == picture.max() and not all(map(_is_sound, _pictures(pdfium, drawn))):
                raise DocumentFault(damaged_picture())
        return picture, dots


def has_text(stream: BinaryIO, page: int) -> bool:
    """Return whether a page has text, seen or not.

    Raises
    ------
    DocumentFault
        As `render_page`.
    """
    with _opened(stream) as (_, document), room(PARSED_BYTES):
        return bool(document[page].get_textpage().count_chars() > 0)


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[tuple[Any, Any]]:
    """Yield the module of PDFium, and a document that is open until the end of the block."""
    try:
        # By name: it is optional, and scans do without.
        pdfium: Any = import_module("pypdfium2")
    except ImportError as exc:
        raise DocumentFault(
            LocalizedText(
                "该页不是单一图片，需要先安装 pypdfium2 才能绘制（pip install pypdfium2）",
                "the page is not just one picture; drawing it needs pypdfium2 (pip install pypdfium2)",
            )
        ) from exc
    with _PDFIUM_LOCK:
        try:
            with closing(pdfium.PdfDocument(stream)) as document:
                yield pdfium, document
        except pdfium.PdfiumError as exc:
            raise DocumentFault(LocalizedText("该页无法绘制", "the page cannot be drawn")) from exc


def _dots(pdfium: Any, page: Any) -> float:
    """Return the dots an inch of the finest picture on the page, within limits."""
    finest = LEAST_DOTS
    for picture in _pictures(pdfium, page):
        left, bottom, right, top = picture.get_bounds()
        area = (right - left) * (top - bottom) / 72**2
        if area > 0:
            finest = max(finest, math.sqrt(math.prod(picture.get_px_size()) / area))
    return min(finest, MOST_DOTS)


def _pictures(pdfium: Any, page: Any) -> Iterator[Any]:
    found: Iterator[Any] = page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE])
    return found


def _is_sound(picture: Any) -> bool:
    """Return whether a picture can be decoded: PDFium draws a page without those that cannot."""
    try:
        picture.get_bitmap()
    except Exception:  # noqa: BLE001 - which one depends on the version of the binding
        return False
    return True


def damaged_picture() -> LocalizedText:
    """Return the reason of a page that would come out white."""
    return LocalizedText("该页的图片已损坏", "the page's picture is damaged")


def _without_empty_colour(picture: Image) -> Image:
    blue, green, red = (picture[:, :, channel] for channel in range(3))
    if np.array_equal(blue, green) and np.array_equal(green, red):
        return np.ascontiguousarray(blue)
    return picture
