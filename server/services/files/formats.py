"""The kinds of files that are made of pages: how each page is made ready, and how they are put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from server.decoding.decoders import Decoders, PreparedPdfPage
from server.decoding.foreign import ForeignFile
from server.documents.ofd_binder import OfdBinder, bind_ofd
from server.documents.pdf_binder import PdfBinder
from server.documents.pdf_file import Piece
from server.documents.prepared_page import PreparedPage
from server.documents.tesseract import Tesseract
from server.documents.tiff_binder import TiffBinder, bind_tiff
from server.services.pools import ThreadPools

L = TypeVar("L", bound=PreparedPage)


class DocumentWriter(Protocol[L]):
    """Makes one kind of file; about files its methods raise what `Decoders` does."""

    async def leaf(self, file: ForeignFile, page: int) -> L:
        """Make a page, from 0, ready."""

    async def bind(self, leaves: Sequence[L]) -> Sequence[Piece]:
        """The file of these pages, in this order; its pieces, to be put together."""

    def stop(self) -> None:
        """Nobody wants the file any more: end what takes long."""


class PdfWriter:
    """Makes PDFs.

    Parameters
    ----------
    reader
        Who reads the text of pages that have none; None for nobody.
    """

    def __init__(self, decoders: Decoders, workers: ThreadPools, reader: Tesseract | None = None) -> None:
        self._decoders = decoders
        self._workers = workers
        self._reader = reader

    async def leaf(self, file: ForeignFile, page: int) -> PreparedPdfPage:
        leaf = await self._decoders.pdf_page(file, page)
        if self._reader is None:
            return leaf
        raster = await self._decoders.raster_to_read(file, page)
        text = b"" if raster is None else await self._workers.bind(self._reader.read, raster)
        return replace(leaf, text=text, size=leaf.size + len(text))

    async def bind(self, leaves: Sequence[PreparedPdfPage]) -> Sequence[Piece]:
        return await self._decoders.bind_pdf(leaves)

    def stop(self) -> None:
        if self._reader is not None:
            self._reader.stop()


class PageListWriter(Generic[L]):
    """Makes files of pages that need no more work than to be put together.

    Parameters
    ----------
    leaf, bind
        Of `DocumentWriter`; the latter blocks.
    """

    def __init__(
        self,
        leaf: Callable[[ForeignFile, int], Awaitable[L]],
        bind: Callable[[Sequence[L]], Sequence[Piece]],
        workers: ThreadPools,
    ) -> None:
        self._leaf = leaf
        self._bind = bind
        self._workers = workers

    async def leaf(self, file: ForeignFile, page: int) -> L:
        return await self._leaf(file, page)

    async def bind(self, leaves: Sequence[L]) -> Sequence[Piece]:
        return await self._workers.run(self._bind, leaves)

    def stop(self) -> None:
        """Nothing takes long here."""


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """A kind of file; making its binder may block."""

    suffixes: Sequence[str]
    binder: Callable[[Decoders, ThreadPools], DocumentWriter[Any]]


DOCUMENT_FORMATS = {
    0: DocumentFormat(PdfBinder.suffixes, PdfWriter),
    1: DocumentFormat(
        TiffBinder.suffixes, lambda decoders, workers: PageListWriter(decoders.tiff_page, bind_tiff, workers)
    ),
    2: DocumentFormat(
        PdfBinder.suffixes, lambda decoders, workers: PdfWriter(decoders, workers, Tesseract())
    ),
    3: DocumentFormat(
        OfdBinder.suffixes, lambda decoders, workers: PageListWriter(decoders.ofd_page, bind_ofd, workers)
    ),
}
"""By the number in the protocol."""
