"""Formats of files that are made of pages, and a writer for each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol, TypeVar

from imgcore.tables import find_tables
from imgcore.text import TextLine
from server.archive.pdfa import Archival
from server.decoding.decoders import Decoders, ForeignFile, PreparedPdfPage
from server.decoding.text_process import TextDecoder
from server.documents import text_reader
from server.documents.input_file import Raster
from server.documents.ofd_writer import OfdDocumentWriter, OfdPage, OfdText, write_ofd
from server.documents.office_writer import TablesPage, write_docx, write_xlsx
from server.documents.pdf_image import Chunk
from server.documents.pdf_writer import PLAIN, PageTerms, PdfDocumentWriter
from server.documents.recognized_text import text_page
from server.documents.tesseract import Tesseract
from server.documents.tiff_writer import TiffDocumentWriter, write_tiff
from server.errors import ToolMissing
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


class DocumentWriter(Protocol[P]):
    """Protocol for writing files of one format; about input files it raises the errors of `Decoders`."""

    async def prepare(self, file: ForeignFile, page: int) -> P:
        """Prepare a page, from 0."""

    async def write(self, pages: Sequence[P]) -> Sequence[Chunk]:
        """Return the file of these pages, in this order, as chunks to be concatenated."""

    def stop(self) -> None:
        """End work that takes long, as the file is no longer wanted."""


class PdfWriter:
    """Writes PDFs.

    Parameters
    ----------
    reader
        Text recognition for pages that have no text; None for none.

    Attributes
    ----------
    terms, archival
        Terms of the pages, and archive format of the file.
    """

    def __init__(self, decoders: Decoders, reader: PageReader | None = None) -> None:
        self._decoders = decoders
        self._reader = reader
        self.terms: PageTerms = PLAIN
        self.archival: Archival | None = None

    async def prepare(self, file: ForeignFile, page: int) -> PreparedPdfPage:
        prepared = await self._decoders.pdf_page(file, page, self.terms)
        if self._reader is None:
            return prepared
        raster = await self._decoders.raster_to_read(file, page)
        text = b"" if raster is None else await self._reader.read(raster)
        return replace(prepared, text=text, size=prepared.size + len(text))

    async def write(self, pages: Sequence[PreparedPdfPage]) -> Sequence[Chunk]:
        return await self._decoders.write_pdf(pages, self.archival)

    def stop(self) -> None:
        if self._reader is not None:
            self._reader.stop()


class OfdWriter:
    """Writes OFDs, with the text of their pages where it can be read here; Tesseract gives no places.

    Blocks for a moment.
    """

    suffixes = OfdDocumentWriter.suffixes

    def __init__(self, decoders: Decoders, pools: ThreadPools) -> None:
        self._decoders = decoders
        self._pools = pools
        self._texts: TextDecoder | None = None
        with suppress(ToolMissing):
            self._texts = net_of(decoders)

    async def prepare(self, file: ForeignFile, page: int) -> OfdPage:
        prepared = await self._decoders.ofd_page(file, page)
        if self._texts is None or prepared.blank:
            return prepared
        image = (await self._decoders.raster(file, page)).image
        return replace(prepared, texts=texts_on(prepared, await self._texts.read(image), image.shape))

    async def write(self, pages: Sequence[OfdPage]) -> Sequence[Chunk]:
        return await self._pools.run(write_ofd, pages)

    def stop(self) -> None:
        """Do nothing: whoever waits for a page is cancelled, which ends it."""


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


class TextWriter:
    """Writes the text of pages alone.

    Parameters
    ----------
    write
        Returns the file of the texts of pages, each line ended; blocks.

    Raises
    ------
    server.errors.ToolMissing
        The nets that read text are not here.
    """

    def __init__(
        self, decoders: Decoders, pools: ThreadPools, write: Callable[[Sequence[str]], bytes]
    ) -> None:
        self._decoders = decoders
        self._pools = pools
        self._write = write
        self._texts = net_of(decoders)

    async def prepare(self, file: ForeignFile, page: int) -> PlainPage:
        image = (await self._decoders.raster(file, page)).image
        return PlainPage("".join(f"{line.text}\n" for line in await self._texts.read(image)))

    async def write(self, pages: Sequence[PlainPage]) -> Sequence[Chunk]:
        return [await self._pools.run(self._write, [page.text for page in pages])]

    def stop(self) -> None:
        """Do nothing: whoever waits for a page is cancelled, which ends it."""


class TablesWriter:
    """Writes the tables of pages, and the lines of those without any.

    Raises
    ------
    server.errors.ToolMissing
        The nets that read text are not here.
    """

    def __init__(self, decoders: Decoders, pools: ThreadPools) -> None:
        self._decoders = decoders
        self._pools = pools
        self._texts = net_of(decoders)

    async def prepare(self, file: ForeignFile, page: int) -> TablesPage:
        image = (await self._decoders.raster(file, page)).image
        lines = await self._texts.read(image)
        tables = await self._pools.run_document(find_tables, image, lines)
        return TablesPage(tables, [line.text for line in lines])

    async def write(self, pages: Sequence[TablesPage]) -> Sequence[Chunk]:
        return [await self._pools.run(write_xlsx, pages)]

    def stop(self) -> None:
        """Do nothing: whoever waits for a page is cancelled, which ends it."""


def write_plain(pages: Sequence[str]) -> bytes:
    """Return UTF-8 with a form feed between two pages."""
    return "\f".join(pages).encode()


class PageListWriter(Generic[P]):
    """Writes files by concatenating prepared pages.

    Parameters
    ----------
    prepare, write
        The methods of `DocumentWriter`; `write` blocks.
    """

    def __init__(
        self,
        prepare: Callable[[ForeignFile, int], Awaitable[P]],
        write: Callable[[Sequence[P]], Sequence[Chunk]],
        pools: ThreadPools,
    ) -> None:
        self._prepare = prepare
        self._write = write
        self._pools = pools

    async def prepare(self, file: ForeignFile, page: int) -> P:
        return await self._prepare(file, page)

    async def write(self, pages: Sequence[P]) -> Sequence[Chunk]:
        return await self._pools.run(self._write, pages)

    def stop(self) -> None:
        """Do nothing: no work takes long."""


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


DOCUMENT_FORMATS = {
    0: DocumentFormat(PdfDocumentWriter.suffixes, lambda decoders, pools: PdfWriter(decoders)),
    1: DocumentFormat(
        TiffDocumentWriter.suffixes,
        lambda decoders, pools: PageListWriter(decoders.tiff_page, write_tiff, pools),
    ),
    2: DocumentFormat(
        PdfDocumentWriter.suffixes, lambda decoders, pools: PdfWriter(decoders, page_reader(decoders, pools))
    ),
    3: DocumentFormat(OfdWriter.suffixes, OfdWriter),
    4: DocumentFormat(("txt",), lambda decoders, pools: TextWriter(decoders, pools, write_plain)),
    5: DocumentFormat(("docx",), lambda decoders, pools: TextWriter(decoders, pools, write_docx)),
    6: DocumentFormat(("xlsx",), TablesWriter),
}
"""Formats by their numbers in the protocol."""


class PageReader(Protocol):
    """Protocol for reading the text of a page into a PDF of one page with nothing else; empty without any.

    About the page it raises the errors of `Decoders`.
    """

    async def read(self, raster: Raster) -> bytes: ...

    def stop(self) -> None:
        """End work that takes long, as the text is no longer wanted."""


class NetReader:
    """Reads text with the nets."""

    def __init__(self, texts: TextDecoder, pools: ThreadPools) -> None:
        self._texts = texts
        self._pools = pools

    async def read(self, raster: Raster) -> bytes:
        lines = await self._texts.read(raster.image)
        return await self._pools.run_document(text_page, lines, raster.image.shape)

    def stop(self) -> None:
        """Do nothing: whoever waits for a page is cancelled, which ends it."""


class TesseractReader:
    """Reads text with Tesseract.

    Raises
    ------
    server.errors.ToolMissing
    """

    def __init__(self, pools: ThreadPools) -> None:
        self._program = Tesseract()
        self._pools = pools

    async def read(self, raster: Raster) -> bytes:
        return await self._pools.run_document(self._program.read, raster)

    def stop(self) -> None:
        self._program.stop()


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
        return NetReader(net_of(decoders), pools)
    except ToolMissing:
        return TesseractReader(pools)


def texts_on(page: OfdPage, lines: Sequence[TextLine], shape: tuple[int, ...]) -> tuple[OfdText, ...]:
    """Return lines as they lie on a page whose picture has that shape."""
    return tuple(_placed(line, page.width / shape[1]) for line in lines)


def _placed(line: TextLine, millimetres: float) -> OfdText:
    """Return a line on a page whose pixels measure so much."""
    left, top = (millimetres * line.corners.min(axis=0).clip(0)).tolist()
    right, bottom = (millimetres * line.corners.max(axis=0)).tolist()
    return OfdText(line.text, left, top, right - left, bottom - top, line.vertical)
