"""A file whose pages are to be merged: what it is, told by how it begins, and how many pages it has."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass, field
from enum import Enum, auto

import pikepdf

from imgcore import tiff
from server.documents import pdf, png
from server.documents.faults import DocumentFault, cut_off
from server.documents.jpeg import Jpeg, read_jpeg
from server.errors import LocalizedText


class Kind(Enum):
    """What a file is."""

    JPEG = auto()
    PICTURE = auto()
    """PNG, BMP or WebP."""
    TIFF = auto()
    PDF = auto()


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One file.

    Attributes
    ----------
    name
        As the page that asked may read it.
    pages
        How many it has, one at the least.
    jpeg, document
        What was understood of a JPEG or a PDF.
    """

    name: str
    data: bytes
    kind: Kind
    pages: int = 1
    jpeg: Jpeg | None = None
    document: pikepdf.Pdf | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while `document` is used: one thread at a time."""


def open_source(name: str, data: bytes, limit_pixels: int) -> Source:
    """Look into a file, whatever its name ends in.

    Raises
    ------
    server.documents.faults.DocumentFault
        It is nothing that has pages, broken, cut off or protected.
    imgcore.types.ImageError
        A damaged picture, or one of too many pixels.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return Source(name, data, Kind.JPEG, jpeg=read_jpeg(data, limit_pixels))
    if data.startswith(tiff.MAGICS):
        return Source(name, data, Kind.TIFF, tiff.count_tiff_pages(io.BytesIO(data)))
    if data.startswith((png.MAGIC, b"BM")) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return Source(name, data, Kind.PICTURE)
    if pdf.MAGIC in data[: pdf.MAGIC_WITHIN]:
        document = pdf.open_whole(data)
        return Source(name, data, Kind.PDF, len(document.pages), document=document)
    raise _foreign() if data else cut_off()


def _foreign() -> DocumentFault:
    kinds = "JPEG, PNG, BMP, TIFF, WebP, PDF"
    return DocumentFault(
        LocalizedText(f"不是可以合并的文件（{kinds}）", f"it is none of what can be merged ({kinds})")
    )
