"""Text of pages that are pictures, for documents that can be searched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from imgcore.text import TextLine
from server.decoding.decoders import Decoders
from server.decoding.text_process import TextDecoder
from server.documents import text_reader
from server.documents.input_file import Raster
from server.documents.ofd_writer import OfdPage, OfdText
from server.documents.recognized_text import text_page
from server.documents.tesseract import Tesseract
from server.errors import ToolMissing
from server.services.pools import ThreadPools


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
