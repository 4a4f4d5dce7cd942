"""Input files of documents: their kind, told by their first bytes, and their pages as pictures."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass, field
from enum import Enum, auto

import pikepdf

from imgcore import codec, tiff
from imgcore.pillow import turned
from imgcore.types import Image
from server.documents import lossless, pdf
from server.documents.faults import DocumentFault, cut_off
from server.documents.geometry import Dots, plausible, swaps_sides
from server.documents.jpeg import Jpeg, read_jpeg
from server.errors import LocalizedText


class InputKind(Enum):
    """Kind of a file."""

    JPEG = auto()
    PICTURE = auto()
    """PNG, BMP or WebP."""
    TIFF = auto()
    PDF = auto()


@dataclass(frozen=True, slots=True, eq=False)
class InputFile:
    """One file.

    Attributes
    ----------
    name
        Name as the page that asked may read it.
    pages
        Number of pages, one at the least.
    jpeg, document
        The file's JPEG or PDF, if it is one.
    """

    name: str
    data: bytes
    kind: InputKind
    pages: int = 1
    jpeg: Jpeg | None = None
    document: pikepdf.Pdf | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while `document` is used: one thread at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """Pixels of a page, upright.

    Attributes
    ----------
    image
        BGR or grey.
    stored
        The PNG they came from, where it says the same: it may have more than eight bits.
    """

    image: Image
    dots: Dots | None = None
    stored: bytes = b""


Picture = Jpeg | Raster


def open_input(name: str, data: bytes, limit_pixels: int) -> InputFile:
    """Recognize a file, whatever its name ends in.

    Raises
    ------
    server.documents.faults.DocumentFault
        It is nothing that has pages, broken, cut off or protected.
    imgcore.types.ImageError
        A damaged picture, or one of too many pixels.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return InputFile(name, data, InputKind.JPEG, jpeg=read_jpeg(data, limit_pixels))
    if data.startswith(tiff.MAGICS):
        return InputFile(name, data, InputKind.TIFF, tiff.count_tiff_pages(io.BytesIO(data)))
    if data.startswith((lossless.PNG_MAGIC, b"BM")) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return InputFile(name, data, InputKind.PICTURE)
    if pdf.MAGIC in data[: pdf.MAGIC_WITHIN]:
        document = pdf.open_complete(data)
        return InputFile(name, data, InputKind.PDF, len(document.pages), document=document)
    raise _unknown_kind() if data else cut_off()


def picture_of(source: InputFile, number: int, limit_pixels: int) -> Picture:
    """Return one page of a file as a picture.

    Parameters
    ----------
    number
        From 0.

    Raises
    ------
    server.documents.faults.DocumentFault, imgcore.types.ImageError
        It is damaged, has too many pixels, or must be drawn where nothing can.
    """
    if source.jpeg is not None:
        return source.jpeg
    if source.document is not None:
        return _pdf_picture(source, number, limit_pixels)
    if source.kind is InputKind.TIFF:
        page = tiff.read_tiff_page(io.BytesIO(source.data), number, limit_pixels)
        return Raster(page.picture, (page.dots, page.dots) if page.dots else None)
    image = codec.decode(source.data, limit_pixels)
    if source.data.startswith(lossless.PNG_MAGIC):
        return Raster(image, lossless.png_dots(source.data), source.data)
    return Raster(image, _bmp_dots(source.data))


def raster_of(source: InputFile, number: int, limit_pixels: int) -> Raster:
    """Return the pixels of one page of a file; see `picture_of`."""
    picture = picture_of(source, number, limit_pixels)
    return decode_jpeg(picture, limit_pixels) if isinstance(picture, Jpeg) else picture


def decode_jpeg(jpeg: Jpeg, limit_pixels: int) -> Raster:
    """Return the pixels of a JPEG, upright.

    Raises
    ------
    imgcore.types.ImageError
        It is damaged.
    """
    # Out of a PDF it may be meant otherwise than it says itself.
    image = turned(codec.decode(jpeg.data, limit_pixels, oriented=False), jpeg.orientation)
    dots = jpeg.dots
    return Raster(image, dots[::-1] if dots and swaps_sides(jpeg.orientation) else dots)


def _pdf_picture(source: InputFile, number: int, limit_pixels: int) -> Picture:
    assert source.document is not None
    with source.lock:
        stored = pdf.stored_jpeg(source.document, number, limit_pixels)
        if stored is not None:
            return stored
        image, dots = pdf.read_page_of(source.document, io.BytesIO(source.data), number, limit_pixels)
    return Raster(image, (dots, dots))


def _bmp_dots(data: bytes) -> Dots | None:
    if not data.startswith(b"BM"):
        return None
    across, down = (int.from_bytes(data[at : at + 4], "little") * 0.0254 for at in (38, 42))
    return plausible(across, down)


def _unknown_kind() -> DocumentFault:
    kinds = "JPEG, PNG, BMP, TIFF, WebP, PDF"
    return DocumentFault(
        LocalizedText(f"不是可以合并的文件（{kinds}）", f"it is none of what can be merged ({kinds})")
    )
