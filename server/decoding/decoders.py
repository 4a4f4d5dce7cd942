"""Decoding of foreign files, which the service knows by their bytes alone."""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from math import prod
from typing import TypeVar, cast

import msgspec
import numpy as np

from imgcore.barcode import USUAL, Code, Kinds
from imgcore.barcode.patch_code import PatchCode
from imgcore.types import Image
from server.archive.pdfa import Archival
from server.children import memory
from server.children.memory import MemoryFile
from server.decoding import faults, packing, wire
from server.decoding.limits import held_bytes
from server.decoding.pool import Pool, Reply
from server.decoding.tasks import PackedPdfPage
from server.decoding.text_process import TextDecoder
from server.devices.ports.frame_header import read_jpeg_header
from server.documents.faults import named
from server.documents.input_file import Raster
from server.documents.ofd_writer import OfdPage
from server.documents.pdf_image import Chunk, PdfImage, pdf_of_images
from server.documents.pdf_writer import PLAIN, PageTerms
from server.documents.tiff_writer import TiffPage
from server.errors import LocalizedText, PictureTooLarge, TooMuchWaiting
from server.runtime.process import MEMORY_BYTES
from server.runtime.turns import Turns


@dataclass(frozen=True, slots=True, eq=False)
class ForeignFile:
    """A file that was inspected.

    Attributes
    ----------
    name
        As the page that asked may read it.
    data
        All of it.
    shared
        The same in memory that decoding processes can read.
    pages
        The number of its pages, one at the least.
    quick
        True if it is a small picture, by its header.
    release
        Ends the count of its bytes.
    signed
        True if it is a PDF with a signature.
    """

    name: str
    data: bytes
    shared: MemoryFile
    pages: int
    quick: bool
    release: Callable[[], object]
    signed: bool = False

    def close(self) -> None:
        """No page of it will be asked for any more."""
        self.shared.close()
        self.release()


PAGES = 2000
"""Limit of the pages of one file."""

A = TypeVar("A", bound=wire.DecodingAnswer)
P = TypeVar("P", PackedPdfPage, TiffPage, OfdPage)
W = TypeVar("W", TiffPage, OfdPage)


@dataclass(frozen=True, slots=True, eq=False)
class PreparedPdfPage:
    """A page for a PDF: a picture or a page of another PDF; `text` is a PDF of the text on it, if any."""

    image: PdfImage | None
    file: ForeignFile
    page: int
    blank: bool
    size: int
    text: bytes = b""


class Decoders:
    """Decodes foreign files elsewhere. Every method may raise what `Pool.run` does, and as below.

    Attributes
    ----------
    texts
        Reads text; None where nobody asks for any.

    Raises
    ------
    server.documents.faults.DocumentFault, imgcore.types.ImageError, MemoryError
        About the file; see `server.documents.faults.named`.
    server.decoding.faults.DecoderFault
        A fault of our own.
    """

    def __init__(self, runner: Pool, texts: TextDecoder | None = None) -> None:
        self._runner = runner
        self.texts = texts
        held = held_bytes(MEMORY_BYTES)
        self._files = Turns(held, held // 2)

    async def opened(self, name: str, data: bytes) -> ForeignFile:
        """Inspect a file.

        Raises
        ------
        server.errors.TooMuchWaiting
            Others that are open leave no room for it.
        server.errors.PictureTooLarge
            It has more than `PAGES` pages.
        """
        # The file's bytes, and the copy that is shared.
        turn = self._files.attempt(2 * len(data))
        if turn is None:
            raise TooMuchWaiting()
        try:
            shared = await asyncio.to_thread(_shared, [data])
            quick = is_small_picture(data)
        except BaseException:
            self._files.release(turn)
            raise
        release = self._files.release_with(shared, turn)
        answer, _ = await self._ask(wire.Inspect(), shared, quick)
        inspected = _expected(answer, wire.Inspected)
        pages = inspected.pages
        if pages > PAGES:
            said = LocalizedText(f"{pages} 页", f"{pages} pages")
            raise PictureTooLarge(picture=name, size=said, limit=PAGES)
        return ForeignFile(name, data, shared, pages, quick, release, inspected.signed)

    @asynccontextmanager
    async def file(self, name: str | LocalizedText, data: bytes) -> AsyncIterator[ForeignFile]:
        """Open a file until the end of the ``with`` block, in which its faults become errors that name it."""
        with named(name), closing(await self.opened(str(name), data)) as file:
            yield file

    async def raster(self, file: ForeignFile, page: int) -> Raster:
        """Return the pixels of a page, from 0; its PNG is not among them."""
        answer, made = await self._ask(wire.Rasterize(page), file.shared, file.quick)
        return _raster(_expected(answer, wire.Rasterized), made)

    async def raster_to_read(self, file: ForeignFile, page: int) -> Raster | None:
        """Return the pixels of a page whose text is to be read; None where it has text already."""
        answer, made = await self._ask(wire.Rasterize(page, textless=True), file.shared, file.quick)
        if isinstance(answer, wire.HasText):
            return None
        return _raster(_expected(answer, wire.Rasterized), made)

    async def read_barcodes(self, file: ForeignFile, page: int, kinds: Kinds = USUAL) -> tuple[Code, ...]:
        """Read the barcodes of some kinds on a page, from 0."""
        answer, made = await self._ask(wire.ReadBarcodes(page, kinds), file.shared)
        _expected(answer, wire.BarcodesRead)
        with _content(made) as content:
            return await asyncio.to_thread(packing.unpacked_barcodes, content)

    async def read_patch_code(self, file: ForeignFile, page: int) -> PatchCode | None:
        """Read the patch code of a page, from 0; None where it has none."""
        answer, _ = await self._ask(wire.ReadPatchCode(page), file.shared)
        return _expected(answer, wire.PatchCodeRead).code

    async def pdf_page(self, file: ForeignFile, page: int, terms: PageTerms = PLAIN) -> PreparedPdfPage:
        """Prepare a page to be written by `write_pdf`."""
        packed, whole = await self._prepare(file, wire.PreparePage(page, "pdf", terms), PackedPdfPage)
        image = replace(packed.image, data=file.data) if packed.image is not None and whole else packed.image
        return PreparedPdfPage(image, file, page, packed.blank, packed.size)

    async def page(self, file: ForeignFile, page: int, writer: wire.WriterKind, kind: type[W]) -> W:
        """Prepare a page to be written by the writer of its kind, such as `server.documents.tiff_writer`."""
        prepared, whole = await self._prepare(file, wire.PreparePage(page, writer), kind)
        return replace(prepared, data=file.data) if whole else prepared

    async def write_pdf(
        self, pages: Sequence[PreparedPdfPage], archival: Archival | None = None
    ) -> Sequence[Chunk]:
        """Make a PDF of these pages in chunks."""
        images = [page.image for page in pages if page.image is not None]
        if len(images) == len(pages) and not any(page.text for page in pages):
            return await asyncio.to_thread(pdf_of_images, images, archival)
        pictures = pdf_of_images(images)
        files = list(dict.fromkeys(page.file for page in pages if page.image is None))
        texts = [page.text for page in pages]
        attached = [one.content for one in archival.attachments] if archival is not None else []
        beside = [*(file.data for file in files), *attached]
        sizes = (sum(map(len, pictures)), sum(map(len, texts)), *map(len, beside))
        numbers = {file: number for number, file in enumerate(files)}
        sources = (
            wire.PdfPageSource(-1 if page.image else numbers[page.file], page.page, len(page.text))
            for page in pages
        )
        with closing(await asyncio.to_thread(_shared, [*pictures, *texts, *beside])) as gathered:
            task = wire.WritePdf(sizes, tuple(sources), archival and archival.without_contents())
            answer, made = await self._ask(task, gathered)
        _expected(answer, wire.PdfWritten)
        return [memoryview(_content(made))]

    async def page_sizes(self, file: ForeignFile) -> Sequence[tuple[float, float]]:
        """Return width and height in mm of the pages of a PDF, as they are seen."""
        answer, _ = await self._ask(wire.MeasurePages(), file.shared)
        return _expected(answer, wire.PagesMeasured).sizes

    async def stamped(self, file: ForeignFile, layers: Sequence[bytes], pages: Sequence[int]) -> Chunk:
        """Return a PDF with stamps on its pages; see `server.documents.stamp_layer.stamped`."""
        sizes = (len(file.data), *map(len, layers))
        with closing(await asyncio.to_thread(_shared, [file.data, *layers])) as gathered:
            answer, made = await self._ask(wire.StampPdf(sizes, tuple(pages)), gathered)
        _expected(answer, wire.PdfWritten)
        return memoryview(_content(made))

    async def _prepare(self, file: ForeignFile, task: wire.PreparePage, kind: type[P]) -> tuple[P, bool]:
        answer, made = await self._ask(task, file.shared, file.quick)
        whole = _expected(answer, wire.PagePrepared).whole
        return await asyncio.to_thread(_unpacked, _content(made), kind), whole

    async def _ask(self, task: wire.Task, file: memory.MemoryFile, quick: bool = False) -> Reply:
        answer, made = await self._runner.run(task, file.descriptor, quick)
        faults.check(answer)
        return answer, made


def _shared(pieces: Iterable[memory.Piece]) -> memory.MemoryFile:
    return memory.MemoryFile(memory.filled(pieces))


def _expected(answer: wire.DecodingAnswer, kind: type[A]) -> A:
    if not isinstance(answer, kind):
        raise faults.malformed_answer()
    return answer


def _content(file: mmap.mmap | None) -> mmap.mmap:
    if file is None:
        raise faults.malformed_answer()
    return file


def _unpacked(packed: mmap.mmap, kind: type[P]) -> P:
    with packed:
        try:
            return msgspec.msgpack.decode(packed, type=kind)
        except msgspec.DecodeError as exc:
            raise faults.malformed_answer() from exc


def _raster(rasterized: wire.Rasterized, file: mmap.mmap | None) -> Raster:
    pixels = _content(file)
    shape = rasterized.shape
    if (
        len(shape) not in (2, 3)
        or shape[2:] not in ((), (3,))
        or min(shape) < 1
        or prod(shape) != len(pixels)
    ):
        raise faults.malformed_answer()
    return Raster(cast(Image, np.frombuffer(pixels, np.uint8).reshape(shape)), rasterized.dots)


SMALL_BYTES = 4 << 20
"""Size of a file up to which a picture counts as small, in bytes."""
SMALL_PIXELS = 6_000_000
"""Number of pixels up to which a picture counts as small: it is decoded in a tenth of a second, and a header
that lies costs its file the short time limit."""
_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def is_small_picture(data: bytes) -> bool:
    """Return whether a file is a small JPEG or PNG by its header; nothing is decoded."""
    if len(data) > SMALL_BYTES:
        return False
    if data.startswith(_PNG):
        width = int.from_bytes(data[16:20])
        height = int.from_bytes(data[20:24])
    else:
        header = read_jpeg_header(data) if data.startswith(b"\xff\xd8") else None
        width, height = header.size if header is not None else (0, 0)
    return 0 < width * height <= SMALL_PIXELS
