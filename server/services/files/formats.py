"""Formats of files that are made of pages, and a writer for each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Generic, Literal, Protocol, TypeVar

from imgcore.text import TextLine
from server.archive.pdfa import Archival, Level
from server.decoding.decoders import Decoders, ForeignFile, PreparedPdfPage
from server.decoding.text_process import TextDecoder
from server.documents import text_reader
from server.documents.input_file import Raster
from server.documents.ofd_writer import OfdDocumentWriter, OfdPage, OfdText, write_ofd
from server.documents.office_writer import TablesPage, write_docx, write_xlsx
from server.documents.pdf_image import Chunk, PdfImage
from server.documents.pdf_writer import PLAIN, PageTerms, PdfDocumentWriter
from server.documents.tesseract import Tesseract
from server.documents.text_layer import text_page
from server.documents.tiff_writer import TiffDocumentWriter, TiffPage, write_tiff
from server.errors import ToolMissing
from server.protocol.messages.archive import PaperRequest
from server.services.pools import ThreadPools


class PreparedPage(Protocol):
    """A page, ready to be written."""

    @property
    def blank(self) -> bool:
        """True if nothing is on it."""

    @property
    def size(self) -> int:
        """Bytes that it adds to the file, roughly."""


P = TypeVar("P", bound=PreparedPage)


def _nothing() -> None:
    """Do nothing: no work takes long."""


@dataclass(slots=True)
class DocumentWriter(Generic[P]):
    """Writer of files of one format; about input files it raises the errors of `Decoders`.

    Attributes
    ----------
    prepare
        Prepares a page, from 0.
    write
        Returns the file of these pages, in this order, as chunks to be concatenated.
    stop
        Ends work that takes long, as the file is no longer wanted. Whoever waits for a page of the others is
        cancelled, which ends it.
    """

    prepare: Callable[[ForeignFile, int], Awaitable[P]]
    write: Callable[[Sequence[P]], Awaitable[Sequence[Chunk]]]
    stop: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True)
class PaperTerms:
    """Terms of a PDF that is to last.

    Attributes
    ----------
    level
        Of PDF/A; None for a plain PDF.
    attached
        Inputs that are attached: all of them, or those that are signed PDFs.
    drawn
        Pages of PDFs become pictures.
    signed
        Signed PDFs are taken, too, though their pages are not signed any more.
    sign
        True to sign what is made.
    """

    level: Level | None = None
    attached: Literal["none", "signed", "all"] = "none"
    drawn: bool = False
    signed: bool = False
    sign: bool = False

    @classmethod
    def of(cls, request: PaperRequest) -> PaperTerms:
        """Return the terms of a request."""
        some: Literal["none", "signed"] = "signed" if request.signed == "attach" else "none"
        attached = "all" if request.attach_originals else some
        signed = request.signed != "refuse"
        return cls(request.pdfa or None, attached, request.rasterize, signed, request.sign)

    @property
    def pages(self) -> PageTerms:
        """Terms of its pages."""
        return PageTerms(self.level is not None, self.drawn)


Shrink = Callable[[Raster, PdfImage], Awaitable[bytes]]
"""Returns a small PDF of a page alone, which is a picture; empty where it would not be smaller."""


class PdfWriter(DocumentWriter[PreparedPdfPage]):
    """Writer of PDFs.

    Parameters
    ----------
    reader
        Text recognition for pages that have no text; None for none.

    Attributes
    ----------
    terms, archival
        Terms of the pages, and archive format of the file.
    shrink
        Makes pictures small; None to leave them as they are.
    """

    def __init__(self, decoders: Decoders, reader: PageReader | None = None) -> None:
        super().__init__(self._prepared, self._written, reader.stop if reader else _nothing)
        self._decoders = decoders
        self._reader = reader
        self.terms: PageTerms = PLAIN
        self.archival: Archival | None = None
        self.shrink: Shrink | None = None

    async def _prepared(self, file: ForeignFile, page: int) -> PreparedPdfPage:
        prepared = await self._decoders.pdf_page(file, page, self.terms)
        shrink = self.shrink if prepared.image is not None else None
        if self._reader is None and shrink is None:
            return prepared
        raster = await self._decoders.raster_to_read(file, page)
        if raster is None:
            return prepared
        # Of the page as it came, whatever is made of it.
        text = b"" if self._reader is None else await self._reader.read(raster)
        if shrink is not None:
            prepared = await self._shrunk(prepared, raster, shrink)
        return replace(prepared, text=text, size=prepared.size + len(text))

    async def _shrunk(self, prepared: PreparedPdfPage, raster: Raster, shrink: Shrink) -> PreparedPdfPage:
        assert prepared.image is not None
        made = await shrink(raster, prepared.image)
        if not made:
            return prepared
        smaller = await self._decoders.opened(prepared.file.name, made)
        smaller.close()
        return PreparedPdfPage(None, smaller, 0, prepared.blank, len(made))

    async def _written(self, pages: Sequence[PreparedPdfPage]) -> Sequence[Chunk]:
        return await self._decoders.write_pdf(pages, self.archival)


def tiff_writer(decoders: Decoders, pools: ThreadPools) -> DocumentWriter[TiffPage]:
    """Return a writer of TIFFs."""
    prepare = partial(decoders.page, writer="tiff", kind=TiffPage)
    return DocumentWriter(prepare, lambda pages: pools.run(write_tiff, pages))


def ofd_writer(decoders: Decoders, pools: ThreadPools) -> DocumentWriter[OfdPage]:
    """Return a writer of OFDs, with text where it can be read here; Tesseract gives no places. Blocks."""
    texts: TextDecoder | None = None
    with suppress(ToolMissing):
        texts = net_of(decoders)

    async def prepare(file: ForeignFile, page: int) -> OfdPage:
        prepared = await decoders.page(file, page, "ofd", OfdPage)
        if texts is None or prepared.blank:
            return prepared
        image = (await decoders.raster(file, page)).image
        return replace(prepared, texts=texts_on(prepared, await texts.read(image), image.shape))

    return DocumentWriter(prepare, lambda pages: pools.run(write_ofd, pages))


def plain_ofd_writer(decoders: Decoders, pools: ThreadPools) -> DocumentWriter[OfdPage]:
    """Return a writer of OFDs of pictures alone."""
    prepare = partial(decoders.page, writer="ofd", kind=OfdPage)
    return DocumentWriter(prepare, lambda pages: pools.run(write_ofd, pages))


@dataclass(frozen=True, slots=True)
class PlainPage:
    """Text of a page."""

    text: str = field(repr=False)

    @property
    def blank(self) -> bool:
        return not self.text

    @property
    def size(self) -> int:
        return 3 * len(self.text)


def text_writer(
    join: Callable[[Sequence[str]], bytes], decoders: Decoders, pools: ThreadPools
) -> DocumentWriter[PlainPage]:
    """Return a writer of the text of pages alone.

    Parameters
    ----------
    join
        Returns the file of the texts of pages, each line ended; blocks.

    Raises
    ------
    server.errors.ToolMissing
        The nets that read text are not here.
    """
    texts = net_of(decoders)

    async def prepare(file: ForeignFile, page: int) -> PlainPage:
        image = (await decoders.raster(file, page)).image
        return PlainPage("".join(f"{line.text}\n" for line in await texts.read(image)))

    async def write(pages: Sequence[PlainPage]) -> Sequence[Chunk]:
        return [await pools.run(join, [page.text for page in pages])]

    return DocumentWriter(prepare, write)


def tables_writer(decoders: Decoders, pools: ThreadPools) -> DocumentWriter[TablesPage]:
    """Return a writer of the tables of pages, and of the lines of those without any.

    Raises
    ------
    server.errors.ToolMissing
        The nets that read text are not here.
    """
    texts = net_of(decoders)

    async def prepare(file: ForeignFile, page: int) -> TablesPage:
        image = (await decoders.raster(file, page)).image
        lines, tables = await texts.read_tables(image)
        return TablesPage(tables, [line.text for line in lines])

    async def write(pages: Sequence[TablesPage]) -> Sequence[Chunk]:
        return [await pools.run(write_xlsx, pages)]

    return DocumentWriter(prepare, write)


def write_plain(pages: Sequence[str]) -> bytes:
    """Return UTF-8 with a form feed between two pages."""
    return "\f".join(pages).encode()


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """Format of a file.

    Attributes
    ----------
    writer
        Makes a writer; may block.
    """

    suffixes: Sequence[str]
    writer: Callable[[Decoders, ThreadPools], DocumentWriter[Any]]


OFD = 3
"""Number of the format OFD in the protocol."""
DOCUMENT_FORMATS = {
    0: DocumentFormat(PdfDocumentWriter.suffixes, lambda decoders, _: PdfWriter(decoders)),
    1: DocumentFormat(TiffDocumentWriter.suffixes, tiff_writer),
    2: DocumentFormat(
        PdfDocumentWriter.suffixes, lambda decoders, pools: PdfWriter(decoders, page_reader(decoders, pools))
    ),
    OFD: DocumentFormat(OfdDocumentWriter.suffixes, ofd_writer),
    4: DocumentFormat(("txt",), partial(text_writer, write_plain)),
    5: DocumentFormat(("docx",), partial(text_writer, write_docx)),
    6: DocumentFormat(("xlsx",), tables_writer),
}
"""Formats by their numbers in the protocol."""
PICTURES_AS_OFD = DocumentFormat(OfdDocumentWriter.suffixes, plain_ofd_writer)
"""OFD without a text layer."""


def format_of(file_type: int, searchable: bool) -> DocumentFormat:
    """Return the format of a request; one that is not searchable is an OFD whose text nobody reads."""
    return DOCUMENT_FORMATS[file_type] if searchable or file_type != OFD else PICTURES_AS_OFD


@dataclass(frozen=True, slots=True)
class PageReader:
    """Text recognition of a page.

    Attributes
    ----------
    read
        Returns a PDF of one page with only its text, empty without any; raises the errors of `Decoders`.
    stop
        Ends work that takes long, as the text is no longer wanted.
    """

    read: Callable[[Raster], Awaitable[bytes]]
    stop: Callable[[], None] = _nothing


def net_of(decoders: Decoders) -> TextDecoder:
    """Return what reads text with the nets; blocks.

    Raises
    ------
    server.errors.ToolMissing
        Their files are not here.
    """
    if decoders.texts is None or not text_reader.is_there():
        raise ToolMissing(tool=text_reader.ENGINE)
    return decoders.texts


def page_reader(decoders: Decoders, pools: ThreadPools) -> PageReader:
    """Return the nets' reader where their files are here, and Tesseract's elsewhere; blocks.

    Raises
    ------
    server.errors.ToolMissing
        Neither is here.
    """
    try:
        texts = net_of(decoders)
    except ToolMissing:
        program = Tesseract()
        return PageReader(lambda raster: pools.run_document(program.read, raster), program.stop)

    async def read(raster: Raster) -> bytes:
        return await pools.run_document(text_page, await texts.read(raster.image), raster.image.shape)

    return PageReader(read)


def texts_on(page: OfdPage, lines: Sequence[TextLine], shape: tuple[int, ...]) -> tuple[OfdText, ...]:
    """Return lines as they lie on a page whose picture has that shape."""
    return tuple(_placed(line, page.width / shape[1]) for line in lines)


def _placed(line: TextLine, millimetres: float) -> OfdText:
    """Return a line on a page whose pixels measure so much."""
    left, top = (millimetres * line.corners.min(axis=0).clip(0)).tolist()
    right, bottom = (millimetres * line.corners.max(axis=0)).tolist()
    return OfdText(line.text, left, top, right - left, bottom - top, line.vertical)
