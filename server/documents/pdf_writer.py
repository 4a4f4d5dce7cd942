"""PDFs of pictures and of other PDFs' pages, with a layer of invisible text where there is one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pikepdf

from server.archive.page_conformance import page_breaches
from server.archive.pdfa import Archival, make_archival, saved
from server.documents.blank_page import BlankPageDetector
from server.documents.faults import DocumentFault, damaged
from server.documents.input_file import InputFile, Picture, decode_jpeg, picture_of
from server.documents.jpeg import Jpeg
from server.documents.pdf_image import PdfImage, pdf_image
from server.documents.text_layer import add_text
from server.errors import LocalizedText


@dataclass(frozen=True, slots=True, eq=False)
class PdfPage:
    """A prepared page: a picture, or a page of another PDF."""

    content: PdfImage | tuple[pikepdf.Pdf, int]
    blank: bool
    size: int


@dataclass(frozen=True, slots=True)
class PageTerms:
    """Terms on which pages of a PDF are prepared.

    Attributes
    ----------
    archival
        For PDF/A, whose one output intent explains no CMYK.
    drawn
        Pages of PDFs become pictures.
    """

    archival: bool = False
    drawn: bool = False


PLAIN = PageTerms()
"""Terms of a document that is not for PDF/A, and whose pages are taken as they are."""


@dataclass(frozen=True, slots=True, eq=False)
class AssembledPage:
    """A page of a PDF to be assembled: one of another document, or the next picture where that is None.

    Attributes
    ----------
    text
        PDF of the text on it, or nothing; see `add_text`.
    """

    document: pikepdf.Pdf | None = None
    number: int = 0
    text: bytes = b""


class PdfDocumentWriter:
    """Writes PDFs."""

    suffixes = ("pdf",)

    def __init__(self, limit_pixels: int, blank_pages: BlankPageDetector) -> None:
        self._limit = limit_pixels
        self._blank_pages = blank_pages

    def prepare(self, source: InputFile, number: int, terms: PageTerms = PLAIN) -> PdfPage:
        """Prepare a page: a picture as it is stored, a page of a PDF as it is."""
        if source.document is not None and not terms.drawn:
            blank = self._blank_pages.blank_page(source, number, self._limit)
            return PdfPage((source.document, number), blank, len(source.data) // source.pages)
        picture = picture_of(source, number, self._limit)
        if terms.archival and isinstance(picture, Jpeg):
            picture = self._explained(picture)
        blank = self._blank_pages.blank(picture)
        image = pdf_image(picture)
        return PdfPage(image, blank, len(image.data))

    def _explained(self, jpeg: Jpeg) -> Picture:
        """Return a picture whose colours a profile explains: its own, or that of the output intent."""
        sound = jpeg.profile[8:9] <= b"\x04" and jpeg.profile[36:40] == b"acsp"
        kept = jpeg if sound or not jpeg.profile else replace(jpeg, profile=b"")
        return decode_jpeg(jpeg, self._limit) if jpeg.channels == 4 and not sound else kept


def assemble(pictures: bytes, pages: Sequence[AssembledPage], archival: Archival | None = None) -> memoryview:
    """Return the PDF of all pictures, with the pages of other PDFs among them, and with the text.

    Raises
    ------
    server.documents.faults.DocumentFault
        A page is damaged in a way that only shows when its parts are copied, or it does not conform to PDF/A.
    """
    try:
        with pikepdf.open(io.BytesIO(pictures)) if pictures else pikepdf.new() as whole:
            return _assemble(whole, pages, archival)
    except (pikepdf.PdfError, RuntimeError, RecursionError) as exc:
        raise damaged() from exc


def _assemble(whole: pikepdf.Pdf, pages: Sequence[AssembledPage], archival: Archival | None) -> memoryview:
    for place, page in enumerate(pages):
        if page.document is not None:
            whole.pages.insert(place, page.document.pages[page.number])
        if page.text:
            add_text(whole, whole.pages[place], page.text)
    if archival is not None:
        _check_pages(whole, pages, archival)
        make_archival(whole, archival)
    # A digest of all pictures takes longer than writing them.
    return saved(whole, deterministic=archival is not None)


def _check_pages(whole: pikepdf.Pdf, pages: Sequence[AssembledPage], archival: Archival) -> None:
    foreign = [place for place, page in enumerate(pages) if page.document is not None]
    try:
        found = page_breaches(whole, foreign, archival.level)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as exc:  # it contradicts itself
        raise damaged() from exc
    if found:
        one = found[0]
        level = f"PDF/A-{archival.level}"
        raise DocumentFault(
            LocalizedText(
                f"第 {one.page} 页不符合 {level}（第 {one.clause} 条：{one.text}），"
                "可用 rasterize: true 作为图片合并",
                f"page {one.page} does not conform to {level} (clause {one.clause}: {one.text}), "
                "which rasterize: true merges it as a picture",
            )
        )
