"""Merging: the pages of many files, in order, as one file or as one between any two barcodes."""

from __future__ import annotations

import asyncio
import datetime
import os
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from server.decoding.decoders import Decoders, ForeignFile
from server.documents.faults import named
from server.errors import LocalizedText, PictureTooLarge
from server.memory_limit import MEMORY_BYTES
from server.services.files.formats import DOCUMENT_FORMATS, DocumentWriter, PreparedPage
from server.services.files.splitting import WHOLE, SplitMode, SplitPage, SplitPart, SplitRule, parts
from server.services.pools import ThreadPools
from server.storage.root import Storage

INPUT_BYTES = min(512 << 20, MEMORY_BYTES // 8)
"""Limit of all input files together, which are held twice."""
OUTPUT_BYTES = min(1 << 30, MEMORY_BYTES // 4)
"""Limit of all output; pages of a short PDF may be large pictures."""
PAGES = 2000

ALL = LocalizedText("要合并的文件", "what is to be merged")

P = TypeVar("P", bound=PreparedPage)
T = TypeVar("T")
Prepare = Callable[[ForeignFile, int], Awaitable[SplitPage[P]]]
"""Prepares a page, from 0, of a file."""


@dataclass(frozen=True, slots=True)
class MergedDocument:
    """File that was written.

    Attributes
    ----------
    path
        Absolute path.
    blank_pages
        Numbers of blank pages, from 1; they are in the file all the same.
    barcode
        Text of the barcode that the file begins with, if split; may be empty.
    """

    path: Path
    page_count: int
    blank_pages: tuple[int, ...]
    barcode: str = ""


class MergeService:
    """Merges files into one, or into one between any two barcodes."""

    def __init__(self, storage: Storage, pools: ThreadPools, decoders: Decoders) -> None:
        self._storage = storage
        self._pools = pools
        self._decoders = decoders
        # Enough pages in advance that no core waits for one.
        self._ahead = (os.cpu_count() or 1) + 2

    async def merge(self, names: Sequence[str], kind: int, name: str) -> MergedDocument:
        """Write the pages of `names`, in order, to the file `name`; parameters and errors as in `split`."""
        return (await self.split(names, kind, name, WHOLE))[0]

    async def split(
        self, names: Sequence[str], kind: int, name: str, rule: SplitRule
    ) -> list[MergedDocument]:
        """Write the pages of `names`, in order, to the files ``name, name1, name2``, all of them or none.

        The first name is checked before any work.

        Parameters
        ----------
        kind
            0 PDF, 1 TIFF, 2 PDF with the text of its pictures, 3 OFD.
        name
            File name with a suffix of that format; empty for a name by date and time.

        Raises
        ------
        server.errors.BadSuffix, BadName, PathOutside, FileExists, StorageFull, StorageFailed
            The output cannot be written; no part of it is left.
        server.errors.FileMissing, FileUnreadable, PictureUnreadable, PictureTooLarge, DocumentProtected
            An input file, which the error names, cannot be read.
        server.errors.ToolMissing, DecoderUnavailable
            This machine cannot recognize text, or decode any file.
        server.errors.BadParameter
            All pages are separators.
        """
        suffixes = DOCUMENT_FORMATS[kind].suffixes
        now = datetime.datetime.now()
        target = name or self._storage.default_name(suffixes[0], now, suffixes)
        await self._pools.run(self._storage.check, target, suffixes)
        writer = await self._pools.run(DOCUMENT_FORMATS[kind].writer, self._decoders, self._pools)
        try:
            pages = await self._pages(names, partial(self._page, writer, rule))
        finally:
            writer.stop()
        split = parts(pages)
        with named(ALL):
            contents = [await writer.write(part.pages) for part in split]
        paths = await self._pools.run(self._storage.save_documents, target, contents, suffixes)
        return [_merged(path, part) for path, part in zip(paths, split, strict=True)]

    async def _pages(self, names: Sequence[str], prepare: Prepare[P]) -> list[SplitPage[P]]:
        """Prepare all pages; a cancel ends it between two of them."""
        pages: list[SplitPage[P]] = []
        total = _Total()
        async with aclosing(self._in_order(partial(self._open, name, prepare) for name in names)) as files:
            async for file, first in files:
                total.add_file(file)
                pages.append(total.add_page(first))
                others = (partial(prepare, file, number) for number in range(1, file.pages))
                async with aclosing(self._in_order(others)) as rest:
                    async for page in rest:
                        pages.append(total.add_page(page))
                file.close()
        return pages

    async def _in_order(self, jobs: Iterable[Callable[[], Awaitable[T]]]) -> AsyncGenerator[T, None]:
        """Yield the results of jobs in order; several run at a time."""
        pending: deque[asyncio.Future[T]] = deque()
        try:
            for job in jobs:
                pending.append(asyncio.ensure_future(job()))
                if len(pending) > self._ahead:
                    yield await pending.popleft()
            while pending:
                yield await pending.popleft()
        finally:
            for future in pending:
                future.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    async def _open(self, name: str, prepare: Prepare[P]) -> tuple[ForeignFile, SplitPage[P]]:
        """Open a file and prepare its first page."""
        data = await self._pools.run_document(self._storage.read, name, INPUT_BYTES)
        label = self._storage.relative(name)
        with named(label):
            file = await self._decoders.opened(label, data)
        return file, await prepare(file, 0)

    async def _page(
        self, writer: DocumentWriter[P], rule: SplitRule, file: ForeignFile, number: int
    ) -> SplitPage[P]:
        with named(file.name):
            barcode = await self._barcode(rule, file, number)
            return SplitPage(await writer.prepare(file, number) if rule.keeps(barcode) else None, barcode)

    async def _barcode(self, rule: SplitRule, file: ForeignFile, number: int) -> str | None:
        if rule.mode is SplitMode.NOWHERE:
            return None
        return rule.splitting_text(await self._decoders.read_barcodes(file, number))


def _merged(path: Path, part: SplitPart[P]) -> MergedDocument:
    blank = tuple(number for number, page in enumerate(part.pages, 1) if page.blank)
    return MergedDocument(path, len(part.pages), blank, part.barcode)


class _Total:
    """Totals of files and pages, checked against the limits."""

    def __init__(self) -> None:
        self._input = self._pages = self._output = 0

    def add_file(self, file: ForeignFile) -> None:
        """Count a file that was read."""
        self._input += len(file.data)
        self._pages += file.pages
        if self._input > INPUT_BYTES:
            raise _too_much(f"> {INPUT_BYTES >> 20} MiB", f"{INPUT_BYTES >> 20} MiB")
        if self._pages > PAGES:
            raise _too_much(LocalizedText(f"{self._pages} 页", f"{self._pages} pages"), PAGES)

    def add_page(self, page: SplitPage[P]) -> SplitPage[P]:
        """Count a prepared page and return it."""
        self._output += 0 if page.prepared is None else page.prepared.size
        if self._output > OUTPUT_BYTES:
            raise _too_much(f"> {OUTPUT_BYTES >> 20} MiB", f"{OUTPUT_BYTES >> 20} MiB")
        return page


def _too_much(size: str | LocalizedText, limit: object) -> PictureTooLarge:
    return PictureTooLarge(picture=ALL, size=size, limit=limit)
