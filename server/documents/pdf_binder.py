"""PDFs of pictures and of other PDFs' pages, with a layer of invisible text where it is asked for."""

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
from server.documents.text_layer import Reader, add_text


@dataclass(frozen=True, slots=True, eq=False)
class PdfLeaf:
    """A page to come: a picture, or a page of another PDF; `text` is a PDF of the text on it, or nothing."""

    content: PdfImage | tuple[pikepdf.Pdf, int]
    blank: bool
    size: int
    text: bytes = b""


class PdfBinder:
    """Makes PDFs.

    Parameters
    ----------
    reader
        Who reads the text of each page; None for none.
    """

    suffixes = ("pdf",)

    def __init__(self, limit_pixels: int, glances: Glances, reader: Reader | None = None) -> None:
        self._limit = limit_pixels
        self._glances = glances
        self._reader = reader

    def leaf(self, source: Source, number: int) -> PdfLeaf:
        """Take a page: a picture as it is stored, a page of a PDF as it is."""
        text = b"" if self._reader is None else self._reader.text_of(source, number, self._limit)
        if source.document is not None:
            blank = self._glances.blank_page(source, number, self._limit)
            size = len(source.data) // source.pages + len(text)
            return PdfLeaf((source.document, number), blank, size, text)
        picture = picture_of(source, number, self._limit)
        blank, image = self._glances.blank(picture), pdf_image(picture)
        return PdfLeaf(image, blank, len(image.data) + len(text), text)

    def bind(self, leaves: Sequence[PdfLeaf]) -> list[Piece]:
        """A PDF of these pages."""
        pictures = pdf_of_images([leaf.content for leaf in leaves if isinstance(leaf.content, PdfImage)])
        if all(isinstance(leaf.content, PdfImage) and not leaf.text for leaf in leaves):
            return pictures
        try:
            with pikepdf.open(io.BytesIO(b"".join(pictures))) as whole:
                return [_completed(whole, leaves)]
        except (pikepdf.PdfError, RuntimeError, RecursionError) as exc:
            # What only shows when its parts are copied.
            raise damaged() from exc

    def stop(self) -> None:
        """Read no more text."""
        if self._reader is not None:
            self._reader.stop()


def _completed(whole: pikepdf.Pdf, leaves: Sequence[PdfLeaf]) -> memoryview:
    """The PDF of all pictures, with the pages of other PDFs among them, and with the text."""
    for place, leaf in enumerate(leaves):
        if not isinstance(leaf.content, PdfImage):
            document, number = leaf.content
            whole.pages.insert(place, document.pages[number])
        if leaf.text:
            add_text(whole, whole.pages[place], leaf.text)
    sink = io.BytesIO()
    # Pictures are compressed already, and a digest of them all takes longer than writing them.
    whole.save(
        sink,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
    )
    return sink.getbuffer()
