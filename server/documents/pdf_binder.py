"""PDFs of pictures and of other PDFs' pages, with a layer of invisible text where there is one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf

from server.documents.blankness import Glances
from server.documents.faults import damaged
from server.documents.pdf_file import Piece, pdf_of_images
from server.documents.pdf_image import PdfImage, pdf_image
from server.documents.picture import picture_of
from server.documents.source import Source
from server.documents.text_layer import add_text


@dataclass(frozen=True, slots=True, eq=False)
class PdfPage:
    """A page to come: a picture, or a page of another PDF."""

    content: PdfImage | tuple[pikepdf.Pdf, int]
    blank: bool
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Inserted:
    """A page of a PDF to come: one of another document, or the next picture where that is None.

    Attributes
    ----------
    text
        A PDF of the text on it, or nothing; see `add_text`.
    """

    document: pikepdf.Pdf | None = None
    number: int = 0
    text: bytes = b""


class PdfBinder:
    """Makes PDFs."""

    suffixes = ("pdf",)

    def __init__(self, limit_pixels: int, glances: Glances) -> None:
        self._limit = limit_pixels
        self._glances = glances

    def prepare(self, source: Source, number: int) -> PdfPage:
        """Prepare a page: a picture as it is stored, a page of a PDF as it is."""
        if source.document is not None:
            blank = self._glances.blank_page(source, number, self._limit)
            return PdfPage((source.document, number), blank, len(source.data) // source.pages)
        picture = picture_of(source, number, self._limit)
        blank, image = self._glances.blank(picture), pdf_image(picture)
        return PdfPage(image, blank, len(image.data))

    def bind(self, leaves: Sequence[PdfPage]) -> list[Piece]:
        """A PDF of these pages."""
        pictures = pdf_of_images([leaf.content for leaf in leaves if isinstance(leaf.content, PdfImage)])
        if all(isinstance(leaf.content, PdfImage) for leaf in leaves):
            return pictures
        return [completed(b"".join(pictures), list(map(_inserted, leaves)))]


def completed(pictures: bytes, pages: Sequence[Inserted]) -> memoryview:
    """The PDF of all pictures, with the pages of other PDFs among them, and with the text.

    Raises
    ------
    server.documents.faults.DocumentFault
        A page is damaged in a way that only shows when its parts are copied.
    """
    try:
        with pikepdf.open(io.BytesIO(pictures)) if pictures else pikepdf.new() as whole:
            return _completed(whole, pages)
    except (pikepdf.PdfError, RuntimeError, RecursionError) as exc:
        raise damaged() from exc


def _completed(whole: pikepdf.Pdf, pages: Sequence[Inserted]) -> memoryview:
    for place, page in enumerate(pages):
        if page.document is not None:
            whole.pages.insert(place, page.document.pages[page.number])
        if page.text:
            add_text(whole, whole.pages[place], page.text)
    sink = io.BytesIO()
    # Pictures are compressed already, and a digest of them all takes longer than writing them.
    whole.save(
        sink,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
    )
    return sink.getbuffer()


def _inserted(leaf: PdfPage) -> Inserted:
    return Inserted() if isinstance(leaf.content, PdfImage) else Inserted(*leaf.content)
