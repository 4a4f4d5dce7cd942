"""Foreign files decoded: what the service asks, whoever does it."""

from __future__ import annotations

import asyncio
import mmap
import os
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from math import prod
from typing import Protocol, TypeVar, cast

import msgspec
import numpy as np

from imgcore.types import Image
from server.children import memory
from server.decoding import faults, wire
from server.decoding.foreign import ForeignFile
from server.decoding.tasks import PdfPage
from server.documents.ofd_binder import OfdLeaf
from server.documents.pdf_file import Piece, pdf_of_images
from server.documents.pdf_image import PdfImage
from server.documents.picture import Raster
from server.documents.tiff_binder import TiffLeaf
from server.errors import PictureTooLarge, Text

PAGES = 2000
"""Of one file."""

A = TypeVar("A", bound=wire.Answer)
L = TypeVar("L", PdfPage, TiffLeaf, OfdLeaf)


class Runner(Protocol):
    """Who does jobs."""

    async def run(self, job: wire.AnyJob, file: int) -> tuple[wire.AnyAnswer, int | None]:
        """Do a job with the file of a descriptor; see `server.decoding.pool.Pool.run`."""


@dataclass(frozen=True, slots=True, eq=False)
class PdfLeaf:
    """A page for a PDF: a picture or a page of another PDF; `text` is a PDF of the text on it, if any."""

    image: PdfImage | None
    file: ForeignFile
    page: int
    blank: bool
    size: int
    text: bytes = b""


class Decoders:
    """Decodes foreign files elsewhere. Every method may raise what `Runner.run` does, and:

    Raises
    ------
    server.documents.faults.DocumentFault, imgcore.types.ImageError, MemoryError
        About the file; see `server.documents.faults.named`.
    server.decoding.faults.DecodingBroken
        A fault of our own.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def opened(self, name: str, data: bytes) -> ForeignFile:
        """A file that was looked into.

        Raises
        ------
        server.errors.PictureTooLarge
            It has more than `PAGES` pages.
        """
        shared = await asyncio.to_thread(_shared, [data])
        answer, made = await self._said(wire.Look(), shared)
        pages = _expected(answer, wire.Looked, made).pages
        if pages > PAGES:
            said = Text(f"{pages} 页", f"{pages} pages")
            raise PictureTooLarge(picture=name, size=said, limit=PAGES)
        return ForeignFile(name, data, shared, pages)

    async def raster(self, file: ForeignFile, page: int) -> Raster:
        """The pixels of a page, from 0; its PNG is not among them."""
        answer, made = await self._said(wire.Paint(page), file.shared)
        return _raster(_expected(answer, wire.Painted, made), made)

    async def raster_to_read(self, file: ForeignFile, page: int) -> Raster | None:
        """The pixels of a page whose text is to be read; None where it has text already."""
        answer, made = await self._said(wire.Paint(page, textless=True), file.shared)
        return (
            None if isinstance(answer, wire.Nothing) else _raster(_expected(answer, wire.Painted, made), made)
        )

    async def pdf_leaf(self, file: ForeignFile, page: int) -> PdfLeaf:
        """A page ready to be bound by `bound_pdf`."""
        leaf, whole = await self._leaf(file, wire.TakeLeaf(page, "pdf"), PdfPage)
        image = replace(leaf.image, data=file.data) if leaf.image is not None and whole else leaf.image
        return PdfLeaf(image, file, page, leaf.blank, leaf.size)

    async def tiff_leaf(self, file: ForeignFile, page: int) -> TiffLeaf:
        """A page ready to be bound by `server.documents.tiff_binder`."""
        leaf, whole = await self._leaf(file, wire.TakeLeaf(page, "tiff"), TiffLeaf)
        return replace(leaf, data=file.data) if whole else leaf

    async def ofd_leaf(self, file: ForeignFile, page: int) -> OfdLeaf:
        """A page ready to be bound by `server.documents.ofd_binder`."""
        leaf, whole = await self._leaf(file, wire.TakeLeaf(page, "ofd"), OfdLeaf)
        return replace(leaf, data=file.data) if whole else leaf

    async def bound_pdf(self, leaves: Sequence[PdfLeaf]) -> Sequence[Piece]:
        """A PDF of these pages; its pieces, to be put together."""
        pictures = pdf_of_images([leaf.image for leaf in leaves if leaf.image is not None])
        if all(leaf.image is not None and not leaf.text for leaf in leaves):
            return pictures
        files = list(dict.fromkeys(leaf.file for leaf in leaves if leaf.image is None))
        texts = [leaf.text for leaf in leaves]
        sizes = (sum(map(len, pictures)), sum(map(len, texts)), *(len(file.data) for file in files))
        numbers = {file: number for number, file in enumerate(files)}
        places = (
            wire.Placed(-1 if leaf.image else numbers[leaf.file], leaf.page, len(leaf.text))
            for leaf in leaves
        )
        pieces = [*pictures, *texts, *(file.data for file in files)]
        with closing(await asyncio.to_thread(_shared, pieces)) as gathered:
            answer, made = await self._said(wire.BindPdf(sizes, tuple(places)), gathered)
        _expected(answer, wire.Bound, made)
        return [memoryview(_taken(made))]

    async def _leaf(self, file: ForeignFile, job: wire.TakeLeaf, kind: type[L]) -> tuple[L, bool]:
        answer, made = await self._said(job, file.shared)
        whole = _expected(answer, wire.Leaf, made).whole
        return await asyncio.to_thread(_unpacked, _taken(made), kind), whole

    async def _said(self, job: wire.AnyJob, file: memory.File) -> tuple[wire.AnyAnswer, int | None]:
        answer, made = await self._runner.run(job, file.descriptor)
        if isinstance(answer, wire.Failed):
            raise faults.raised(answer)
        if isinstance(answer, wire.Broken):
            raise faults.DecodingBroken(answer.place)
        return answer, made


def _shared(pieces: Iterable[memory.Piece]) -> memory.File:
    return memory.File(memory.filled(pieces))


def _expected(answer: wire.AnyAnswer, kind: type[A], file: int | None) -> A:
    if not isinstance(answer, kind):
        if file is not None:
            os.close(file)
        raise faults.mad()
    return answer


def _unpacked(packed: mmap.mmap, kind: type[L]) -> L:
    with packed:
        try:
            return msgspec.msgpack.decode(packed, type=kind)
        except msgspec.DecodeError as exc:
            raise faults.mad() from exc


def _taken(file: int | None) -> mmap.mmap:
    """The content of a file that came along."""
    if file is None:
        raise faults.mad()
    try:
        return memory.mapped(file)
    except (OSError, ValueError) as exc:
        raise faults.mad() from exc
    finally:
        os.close(file)


def _raster(painted: wire.Painted, file: int | None) -> Raster:
    pixels = _taken(file)
    shape = painted.shape
    if (
        len(shape) not in (2, 3)
        or shape[2:] not in ((), (3,))
        or min(shape) < 1
        or prod(shape) != len(pixels)
    ):
        raise faults.mad()
    return Raster(cast(Image, np.frombuffer(pixels, np.uint8).reshape(shape)), painted.dots)
