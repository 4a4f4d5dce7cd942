"""The pages of a PDF as pictures: a scan as it was stored, anything else drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pikepdf

from imgcore.types import Image, ImageError
from server.batch import drawing
from server.batch.faults import PageFault
from server.batch.scan import Scan, find_scan, read_scan
from server.errors import Text

MAGIC = b"%PDF-"
MAGIC_WITHIN = 1024
"""Readers look for the magic this far into a file; some scanners write a line of their own before it."""

STREAM_LIMIT = 1 << 30
"""The most a compressed stream may become: the largest picture accepted is smaller."""


def count_pages(stream: BinaryIO) -> int:
    """How many pages there are.

    Raises
    ------
    PageFault
        A damaged or protected PDF, or one without pages.
    """
    with _opened(stream) as document:
        count = len(document.pages)
    if count == 0:
        raise PageFault(Text("PDF 没有页面", "the PDF has no pages"))
    return count


def read_page(stream: BinaryIO, page: int, limit_pixels: int) -> tuple[Image, float]:
    """One page as a picture, and its dots an inch.

    A page that is nothing but one picture is decoded as it was stored, not drawn anew, with
    an invisible text layer left aside. Any other is drawn, as fine as its finest picture.

    Parameters
    ----------
    page
        From 0.

    Raises
    ------
    PageFault
        A damaged or protected PDF; a page that must be drawn where nothing can.
    ImageError
        Too many pixels, or a damaged picture.
    """
    with _opened(stream) as document:
        if page >= len(document.pages):
            raise PageFault(Text("PDF 没有这一页", "the PDF has no such page"))
        scan = _scan(document.pages[page])
        picture = _stored(scan, limit_pixels) if scan else None
        if picture is not None and scan is not None:
            return picture, scan.dots
    stream.seek(0)
    return drawing.draw_page(stream, page, limit_pixels)


def _scan(page: pikepdf.Page) -> Scan | None:
    try:
        return find_scan(page)
    except Exception:  # noqa: BLE001 - a page that contradicts itself; drawing programs mend what they can
        return None


def _stored(scan: Scan, limit_pixels: int) -> Image | None:
    """The scan's pixels, or None where its coding is one that only a drawer knows."""
    try:
        return read_scan(scan, limit_pixels)
    except _UNKNOWN_CODING:
        return None
    except (ImageError, MemoryError):
        raise
    except Exception as exc:
        # Not to be drawn: PDFium leaves such a picture out, and a white page would count as done.
        raise PageFault(drawing.damaged_picture()) from exc


_UNKNOWN_CODING = (
    *(pikepdf.UnsupportedImageTypeError, pikepdf.HifiPrintImageNotTranscodableError),
    *(pikepdf.DependencyError, NotImplementedError),
)
"""What pikepdf raises on pictures in codings that it does not know, such as JBIG2 without a decoder."""


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[pikepdf.Pdf]:
    _limit_streams()
    try:
        with pikepdf.open(stream) as document:
            yield document
    except pikepdf.PasswordError as exc:
        raise PageFault(Text("PDF 受密码保护", "the PDF is protected by a password")) from exc
    except (pikepdf.PdfError, RuntimeError, RecursionError) as exc:
        raise PageFault(Text("PDF 已损坏", "the PDF is damaged")) from exc


def _limit_streams() -> None:
    """A few kilobytes may stand for gigabytes; pikepdf can refuse them since version 10."""
    limit = getattr(pikepdf.settings, "set_qpdf_limits", None)
    if limit is not None:
        limit(flate_max_memory=STREAM_LIMIT, run_length_max_memory=STREAM_LIMIT, png_max_memory=STREAM_LIMIT)
