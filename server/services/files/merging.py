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

from server.decoding.decoders import Decoders
from server.decoding.foreign import ForeignFile
from server.documents.faults import named
from server.documents.leaf import Leaf
from server.errors import LocalizedText, PictureTooLarge
from server.services.files.formats import DOCUMENT_FORMATS, DocumentWriter
from server.services.files.splitting import WHOLE, SplitMode, SplitPage, SplitPart, SplitRule, parts
from server.services.pools import ThreadPools
from server.storage.root import Storage

INPUT_BYTES = 512 << 20
"""Files merged into one, together."""
OUTPUT_BYTES = 1 << 30
"""Pages of a short PDF may be large pictures."""
PAGES = 2000

ALL = LocalizedText("要合并的文件", "what is to be merged")

L = TypeVar("L", bound=Leaf)
T = TypeVar("T")
Prepare = Callable[[ForeignFile, int], Awaitable[SplitPage[L]]]
"""Makes a page, from 0, of a file ready."""


@dataclass(frozen=True, slots=True)
class MergedDocument:
    """A file that was made.

    Attributes
    ----------
    path
        Absolute.
    blank_pages
        Pages on which nothing is, from 1. They are in the file all the same.
    code
        What the barcode says with which it begins, if it was split; may be empty.
    """

    path: Path
    page_count: int
    blank_pages: tuple[int, ...]
    code: str = ""


class MergeService:
    """Makes one file of many."""

    def __init__(self, storage: Storage, pools: ThreadPools, decoders: Decoders) -> None:
        self._storage = storage
        self._pools = pools
        self._decoders = decoders
        # So many pages wait, and no core waits for one.
        self._ahead = (os.cpu_count() or 1) + 2

    async def merge(self, names: Sequence[str], kind: int, name: str) -> MergedDocument:
        """Write the pages of `names`, in order, to the file `name`; the rest as `split`."""
        return (await self.split(names, kind, name, WHOLE))[0]

    async def split(
        self, names: Sequence[str], kind: int, name: str, splitting: SplitRule
    ) -> list[MergedDocument]:
        """Write the pages of `names`, in order, to the files ``name, name1, name2``, all of them or none.

        Whether the first can be written there is judged before any work.

        Parameters
        ----------
        kind
            0 PDF, 1 TIFF, 2 PDF with the text of its pictures, 3 OFD.
        name
            Its suffix has to be one of that kind's; empty for a name by date and time.

        Raises
        ------
        server.errors.BadSuffix, BadName, PathOutside, FileExists, StorageFull, StorageFailed
            About the file to be written; no part of it is left.
        server.errors.FileMissing, FileUnreadable, PictureUnreadable, PictureTooLarge, DocumentProtected
            About a file to be read, which it names.
        server.errors.ToolMissing, DecoderUnavailable
            The text of pictures, or any file, cannot be read here.
        server.errors.BadParameter
            All pages only separate.
        """
        suffixes = DOCUMENT_FORMATS[kind].suffixes
        now = datetime.datetime.now()
        target = name or self._storage.default_name(suffixes[0], now, suffixes)
        await self._pools.run(self._storage.check, target, suffixes)
        binder = await self._pools.run(DOCUMENT_FORMATS[kind].binder, self._decoders, self._pools)
        try:
            pages = await self._pages(names, partial(self._page, binder, splitting))
        finally:
            binder.stop()
        split = parts(pages)
        with named(ALL):
            contents = [await binder.bind(part.leaves) for part in split]
        paths = await self._pools.run(self._storage.save_documents, target, contents, suffixes)
        return [_merged(path, part) for path, part in zip(paths, split, strict=True)]

    async def _pages(self, names: Sequence[str], prepare: Prepare[L]) -> list[SplitPage[L]]:
        """All pages; ended between two of them when it is cancelled."""
        pages: list[SplitPage[L]] = []
        total = _Total()
        async with aclosing(self._in_order(partial(self._begun, name, prepare) for name in names)) as files:
            async for file, first in files:
                total.add_file(file)
                pages.append(total.added(first))
                others = (partial(prepare, file, number) for number in range(1, file.pages))
                async with aclosing(self._in_order(others)) as rest:
                    async for page in rest:
                        pages.append(total.added(page))
                file.close()
        return pages

    async def _in_order(self, jobs: Iterable[Callable[[], Awaitable[T]]]) -> AsyncGenerator[T, None]:
        """What the jobs return, several of which run at a time."""
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

    async def _begun(self, name: str, prepare: Prepare[L]) -> tuple[ForeignFile, SplitPage[L]]:
        """A file, and its first page."""
        data = await self._pools.run_document(self._storage.read, name, INPUT_BYTES)
        shown = self._storage.relative(name)
        with named(shown):
            file = await self._decoders.opened(shown, data)
        return file, await prepare(file, 0)

    async def _page(
        self, binder: DocumentWriter[L], splitting: SplitRule, file: ForeignFile, number: int
    ) -> SplitPage[L]:
        with named(file.name):
            code = await self._code(splitting, file, number)
            return SplitPage(await binder.leaf(file, number) if splitting.keeps(code) else None, code)

    async def _code(self, splitting: SplitRule, file: ForeignFile, number: int) -> str | None:
        if splitting.cut is SplitMode.NOWHERE:
            return None
        raster = await self._decoders.raster(file, number)
        return await self._pools.run_document(splitting.code_in, raster.image)


def _merged(path: Path, part: SplitPart[L]) -> MergedDocument:
    blank = tuple(number for number, leaf in enumerate(part.leaves, 1) if leaf.blank)
    return MergedDocument(path, len(part.leaves), blank, part.code)


class _Total:
    """What all pages are together, against the limits."""

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

    def added(self, page: SplitPage[L]) -> SplitPage[L]:
        """The page, counted."""
        self._output += 0 if page.leaf is None else page.leaf.size
        if self._output > OUTPUT_BYTES:
            raise _too_much(f"> {OUTPUT_BYTES >> 20} MiB", f"{OUTPUT_BYTES >> 20} MiB")
        return page


def _too_much(size: str | LocalizedText, limit: object) -> PictureTooLarge:
    return PictureTooLarge(picture=ALL, size=size, limit=limit)
