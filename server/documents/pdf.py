"""Pages of a PDF as pictures: a scan as it was stored, anything else rendered."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO

import pikepdf

from imgcore.types import Image, ImageError
from server.documents import rendering
from server.documents.faults import DocumentFault, ProtectedFault, cut_off
from server.documents.full_page_image import FullPageImage, find_full_page_image, read_full_page_image
from server.documents.geometry import rotated
from server.documents.jpeg import Jpeg, read_jpeg
from server.errors import LocalizedText

MAGIC = b"%PDF-"
"""Bytes with which a PDF begins."""
MAGIC_WITHIN = 1024
"""Bytes at the beginning of a file among which readers look for the magic: some scanners write a line of
their own before it."""

END_WITHIN = 4096
"""Bytes at the end of a file among which the mark of its end must be; what a transfer adds behind that is
shorter."""

STREAM_LIMIT = 1 << 30
"""Most bytes of an inflated stream; the largest picture that is accepted has fewer."""

FILTERS = 8
"""Most codings of one stream, each around the next; programs use two."""

PROGRESSIVE_SCANS = 100
"""Most scans of a progressive JPEG; programs write ten, and each costs as much as the picture."""

OBJECTS = 1_000_000
"""Most objects in a document, and in one list of it; a document of two thousand pages has some ten
thousand."""

CONTENT_LIMIT = 128 << 20
"""Most bytes of a page's drawing instructions, inflated; those of the largest drawings are some ten
million."""

SCAN_CONTENT = 1 << 20
"""Most bytes of the drawing instructions of a page that may be a scan alone, inflated: ten times those of a
picture with the text on it. Parsed here, they become a hundred times as much."""

_MEMORY_LIMITS = (
    "flate_max_memory",
    "run_length_max_memory",
    "png_max_memory",
    "tiff_max_memory",
    "dct_max_memory",
)
"""Names of QPDF's limits on the memory of its decoders."""


def count_pages(stream: BinaryIO) -> int:
    """Return the number of pages.

    Raises
    ------
    DocumentFault
        A damaged or protected PDF, or one without pages.
    """
    with _opened(stream) as document:
        count = len(document.pages)
    if count == 0:
        raise _empty()
    return count


def read_page(stream: BinaryIO, page: int, limit_pixels: int) -> tuple[Image, float]:
    """Return one page as a picture, and its dots an inch.

    A page that is nothing but one picture is decoded as it was stored, not rendered, with
    an invisible text layer left aside. Any other is rendered, as fine as its finest picture.

    Parameters
    ----------
    page
        From 0.

    Raises
    ------
    DocumentFault
        A damaged or protected PDF; a page that must be drawn where nothing can.
    ImageError
        Too many pixels, or a damaged picture.
    """
    with _opened(stream) as document:
        return read_page_of(document, stream, page, limit_pixels)


def read_page_of(
    document: pikepdf.Pdf, stream: BinaryIO, page: int, limit_pixels: int
) -> tuple[Image, float]:
    """Do as `read_page` with a PDF that is open already; `stream` has the whole of it."""
    if page >= len(document.pages):
        raise DocumentFault(LocalizedText("PDF 没有这一页", "the PDF has no such page"))
    scan = _full_page_image(document.pages[page])
    picture = _stored(scan, limit_pixels) if scan else None
    if picture is not None and scan is not None:
        return picture, scan.dots
    stream.seek(0)
    return rendering.render_page(stream, page, limit_pixels)


def open_complete(data: bytes) -> pikepdf.Pdf:
    """Open a PDF whose pages are to be copied; it stays open as long as it is used.

    Raises
    ------
    DocumentFault
        As `count_pages`, and where the end is missing: what was mended might lack pages.
    ProtectedFault
        A password is needed, or its author forbids putting pages together.
    """
    if data.rfind(b"%%EOF", -END_WITHIN) < 0:
        raise cut_off()
    _limit_streams()
    with _translated():
        document = pikepdf.open(io.BytesIO(data))
        _check_object_count(document)
        count = len(document.pages)
    if document.is_encrypted and not document.allow.modify_assembly:
        raise ProtectedFault(LocalizedText("PDF 禁止取出页面", "the PDF forbids taking pages out"))
    if count == 0:
        raise _empty()
    return document


def stored_jpeg(document: pikepdf.Pdf, page: int, limit_pixels: int) -> Jpeg | None:
    """Return the JPEG that a page consists of, turned as the page is; None where there is more, or less.

    Raises
    ------
    DocumentFault, imgcore.types.ImageError
        It is damaged, or has too many pixels.
    """
    scan = _full_page_image(document.pages[page])
    stored = _plain_jpeg(scan.image) if scan else None
    if scan is None or stored is None:
        return None
    data, channels = stored
    jpeg = read_jpeg(data, limit_pixels)
    if jpeg.channels != channels:
        return None
    # What a JPEG says about its orientation does not count inside a PDF.
    orientation = rotated(scan.orientation, scan.clockwise)
    return replace(jpeg, orientation=orientation, dots=(scan.dots, scan.dots), profile=b"")


def _plain_jpeg(image: Any) -> tuple[bytes, int] | None:
    """Return a picture's JPEG and its stated number of channels; None where it is not that alone."""
    try:
        coding = image.get("/Filter")
        only = coding[0] if isinstance(coding, pikepdf.Array) and len(coding) == 1 else coding
        if only != "/DCTDecode" or "/Decode" in image or "/DecodeParms" in image:
            return None
        return bytes(image.read_raw_bytes()), _channels(image.get("/ColorSpace"))
    except Exception:  # noqa: BLE001 - a picture that contradicts itself, as in `_full_page_image`
        return None


def _channels(space: Any) -> int:
    """Return the channels of a colour space that a JPEG alone stands for; 0 for any other."""
    if isinstance(space, pikepdf.Array) and len(space) == 2 and space[0] == "/ICCBased":
        return {1: 1, 3: 3}.get(int(space[1].get("/N", 0)), 0)
    return {"/DeviceGray": 1, "/DeviceRGB": 3}.get(str(space), 0)


def _full_page_image(page: pikepdf.Page) -> FullPageImage | None:
    if _content_size(page) > SCAN_CONTENT:
        return None
    try:
        return find_full_page_image(page)
    except Exception:  # noqa: BLE001 - a page that contradicts itself; rendering programs mend what they can
        return None


def _stored(scan: FullPageImage, limit_pixels: int) -> Image | None:
    """Return the scan's pixels, or None where only a renderer knows its coding."""
    try:
        return read_full_page_image(scan, limit_pixels)
    except _unknown_coding():
        return None
    except (ImageError, MemoryError):
        raise
    except Exception as exc:
        # Not to be drawn: PDFium leaves such a picture out, and a white page would count as done.
        raise DocumentFault(rendering.damaged_picture()) from exc


def _unknown_coding() -> tuple[type[Exception], ...]:
    """Return the errors of pikepdf on pictures in codings that it does not know, such as JBIG2."""
    return (
        *(pikepdf.UnsupportedImageTypeError, pikepdf.HifiPrintImageNotTranscodableError),
        *(pikepdf.DependencyError, NotImplementedError),
    )


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[pikepdf.Pdf]:
    _limit_streams()
    with _translated(), pikepdf.open(stream) as document:
        _check_object_count(document)
        yield document


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except pikepdf.PasswordError as exc:
        raise ProtectedFault(LocalizedText("PDF 受密码保护", "the PDF is protected by a password")) from exc
    except (pikepdf.PdfError, RuntimeError, RecursionError) as exc:
        raise DocumentFault(LocalizedText("PDF 已损坏", "the PDF is damaged")) from exc


def _check_object_count(document: pikepdf.Pdf) -> None:
    if len(document.objects) > OBJECTS:
        raise DocumentFault(LocalizedText("PDF 的对象过多", "the PDF has too many objects"))


def _content_size(page: pikepdf.Page) -> int:
    """Return the inflated bytes of a page's instructions; refuse too many before they are parsed."""
    contents: Any = page.obj.get("/Contents", [])
    left = CONTENT_LIMIT
    for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
        if isinstance(stream, pikepdf.Stream):
            left -= _inflated(stream, left)
        if left <= 0:
            raise DocumentFault(LocalizedText("该页的内容过大", "the page has too much on it"))
    return CONTENT_LIMIT - left


def _inflated(stream: pikepdf.Stream, limit: int) -> int:
    """Return the inflated size of a stream, `limit` at most; other codings hardly grow."""
    coding: Any = stream.get("/Filter", [])
    try:
        data = bytes(stream.read_raw_bytes())
    except (pikepdf.PdfError, RuntimeError):
        # Drawing programs mend what they can.
        return 0
    for name in coding if isinstance(coding, pikepdf.Array) else [coding]:
        if name != "/FlateDecode":
            break
        try:
            data = zlib.decompressobj().decompress(data, limit)
        except zlib.error:
            break
    return len(data)


def _empty() -> DocumentFault:
    return DocumentFault(LocalizedText("PDF 没有页面", "the PDF has no pages"))


def _limit_streams() -> None:
    """Limit the size of streams, of which few kilobytes may stand for gigabytes; needs pikepdf 10."""
    limit = getattr(pikepdf.settings, "set_qpdf_limits", None)
    if limit is not None:
        limit(
            **dict.fromkeys(_MEMORY_LIMITS, STREAM_LIMIT),
            dct_max_progressive_scans=PROGRESSIVE_SCANS,
            max_stream_filters=FILTERS,
            parser_max_container_size=OBJECTS,
        )
