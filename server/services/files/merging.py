"""Merging: the pages of many files, in order, as one file or as one between any two barcodes."""

from __future__ import annotations

import asyncio
import datetime
import os
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from imgcore.barcode.patch_code import PatchCode
from imgcore.output.finish import OutputSettings, encode_within
from imgcore.paper.document_start import DocumentStart, PageLook, document_starts, look_at
from server.access.client import Client
from server.archive import record as records
from server.archive.pdfa import Archival, Attachment, attachment
from server.decoding.decoders import Decoders, ForeignFile
from server.documents.faults import named
from server.documents.geometry import assumed_dots
from server.documents.input_file import Raster
from server.documents.pdf_image import PdfImage
from server.documents.small_page import small_page
from server.errors import DocumentSigned, LocalizedText, PictureTooLarge
from server.protocol.messages.files import MergeFileRequest
from server.runtime.process import MEMORY_BYTES
from server.services.archive import SigningService
from server.services.files import formats
from server.services.files.formats import DocumentWriter, PaperTerms, PdfWriter, PreparedPage
from server.services.files.splitting import SplitMode, SplitPage, SplitPart, SplitRule, parts
from server.services.page_source import INPUT_BYTES, Given
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.naming import FileNamer, TemplatePlan, is_template
from server.services.pictures.originals import Provenance
from server.services.pictures.uploaded_picture import PICTURE
from server.services.pools import ThreadPools
from server.storage.atomic import Content
from server.storage.root import Storage

ANSWER_BYTES = 24 << 20
"""Limit of files that are given back in an answer, in bytes: in base64 they have 32 MiB then."""
OUTPUT_BYTES = min(1 << 30, MEMORY_BYTES // 4)
"""Limit of all output, in bytes; pages of a short PDF may be large pictures."""
PAGES = 2000
"""Limit of the pages of all files that are merged."""
LEAST_BYTES = 2000
"""Number of bytes below which no page is made."""
_AHEAD = (os.cpu_count() or 1) + 2
"""Number of pages that are prepared in advance: enough that no core waits for one."""
ALL = LocalizedText("要合并的文件", "what is to be merged")

P = TypeVar("P", bound=PreparedPage)
T = TypeVar("T")
Prepare = Callable[[ForeignFile, int], Awaitable[SplitPage[P]]]
"""Prepares a page, from 0, of a file."""


Report = Callable[[int, int], None]
"""Told how many pages are done, of how many that are known."""


def not_reported(done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class MergedDocument:
    """File that was written.

    Attributes
    ----------
    path
        Absolute path.
    blank_pages
        Numbers of blank pages, from 1; they are in the file all the same.
    content
        The file's bytes, in pieces.
    barcode
        Text of the barcode that the file begins with, if split; may be empty.
    """

    path: Path
    page_count: int
    blank_pages: tuple[int, ...]
    content: Content = field(repr=False)
    barcode: str = ""


def split_rule(request: MergeFileRequest) -> SplitRule:
    """Return where a request splits its pages."""
    return SplitRule(
        SplitMode(request.split_by_bar_code),
        request.split_code,
        request.split_every,
        request.split_at_blank,
        frozenset(request.split_pages),
    )


@dataclass(frozen=True, slots=True)
class MergeService:
    """Merges files into one, or into one between any two barcodes.

    Attributes
    ----------
    cache
        Models by which small files tell print from paper.
    """

    storage: Storage
    pools: ThreadPools
    decoders: Decoders
    signing: SigningService
    provenance: Provenance
    names: FileNamer
    cache: ModelCache = field(default_factory=ModelCache)

    async def merge(
        self,
        client: Client,
        request: MergeFileRequest,
        inputs: Sequence[Given],
        report: Report = not_reported,
    ) -> list[MergedDocument]:
        """Write the pages of inputs, in order, to the files ``name, name1, name2``, all of them or none.

        A name with placeholders is a template, by which no file is replaced.

        The first name is checked before any work.

        Parameters
        ----------
        report
            Called after each page that is prepared; must not block.

        Raises
        ------
        server.errors.BadSuffix, BadName, PathOutside, FileExists, StorageFull, StorageFailed
            The output cannot be written; no part of it is left.
        server.errors.FileMissing, FileUnreadable, FileOfAnotherOrigin
        server.errors.PictureUnreadable, PictureTooLarge, DocumentProtected
            An input, which the error names, cannot be read.
        server.errors.PictureTooLarge
            The output is beyond a limit.
        server.errors.ToolMissing, DecoderUnavailable
            This machine cannot recognize text, or decode any file.
        server.errors.BadParameter
            All pages are separators.
        server.errors.DocumentSigned
            A signature would break.
        """
        storage = self.storage.of(client.origin, request.profile or "")
        form = formats.format_of(request.file_type, request.searchable)
        terms = PaperTerms.of(request)
        rule = split_rule(request)
        now = datetime.datetime.now()
        limit = ANSWER_BYTES if request.base64 else OUTPUT_BYTES
        most = request.max_bytes or 0
        target = self._target(client, request.file_path, form.suffixes, storage)
        stem = Path(await self.pools.run(target.check, storage)).stem
        writer = await self.pools.run(form.writer, self.decoders, self.pools)
        paper = terms if isinstance(writer, PdfWriter) else None
        if isinstance(writer, PdfWriter):
            writer.terms = terms.pages
            writer.shrink = self._small if request.small_file else None
        try:
            total = _Total(limit, len(inputs), report, paper)
            if request.record is not None:
                total.taken = partial(self.provenance.of, client.origin)
            pages = await self._pages(storage, inputs, partial(self._page, writer, rule), total)
            split = parts(pages, rule)
            if isinstance(writer, PdfWriter) and terms.level is not None:
                archival = Archival(terms.level, now.timestamp(), stem, total.attached)
                if request.attach_originals and request.record is not None:
                    count = len(split[0].pages) if len(split) == 1 else 0
                    begun = now.timestamp()
                    record = _record(client, request, stem, count, begun, sources=total.sources)
                    archival = await self.pools.run(records.recorded, archival, record)
                writer.archival = archival
            contents = await _written(writer, split)
            for share in _SHARES:
                if not most or max(map(_size, contents)) <= most:
                    break
                room = min(_room(part, most * share) for part in split)
                shrunk = partial(self._page, writer, rule, room=room)
                again = _Total(limit, len(inputs), not_reported, None)
                split = parts(await self._pages(storage, inputs, shrunk, again), rule)
                contents = await _written(writer, split)
        finally:
            writer.stop()
        if paper is not None and paper.sign:
            contents = [[await self.signing.sign(b"".join(content))] for content in contents]
        _check_output(sum(map(_size, contents)), limit)
        if most and (largest := max(map(_size, contents))) > most:
            raise _too_much(f"{largest} B", f"{most} B")
        if request.record is not None and not request.attach_originals:
            record = _record(client, request, "", 0, now.timestamp(), sources=total.sources)
            each = iter([msgspec.structs.replace(record, pages=len(part.pages)) for part in split])
            storage = storage.recording(lambda name, content: records.beside(next(each), name, content))
        paths = await self.pools.run(target.save, storage, contents, [part.barcode or "" for part in split])
        return [_merged(*document) for document in zip(paths, split, contents, strict=True)]

    async def _small(self, raster: Raster, image: PdfImage) -> bytes:
        make = lambda: small_page(raster.image, image, self.cache.page_layers())  # noqa: E731
        return await self.pools.run_heavy(make)

    def _target(self, client: Client, name: str, suffixes: Sequence[str], storage: Storage) -> _Target:
        now = datetime.datetime.now()
        name = name or storage.default_name(suffixes[0], now, suffixes)
        if not is_template(name):
            return _Target(name, suffixes, None)
        return _Target(name, suffixes, self.names.template_plan(client, name, storage, now))

    async def propose(self, client: Client, inputs: Sequence[Given]) -> list[DocumentStart]:
        """Return the pages, from 0 through all inputs, that seem to begin another document.

        Raises server.errors.GaopaiError: as `merge`, about its inputs.
        """
        total = _Total(OUTPUT_BYTES, len(inputs), not_reported, None)
        pages = await self._pages(self.storage.of(client.origin), inputs, self._look, total)
        return document_starts(page.prepared.look for page in pages if page.prepared is not None)

    async def _look(self, file: ForeignFile, number: int) -> SplitPage[_SeenPage]:
        with named(file.name):
            raster = await self.decoders.raster(file, number)
            dots = raster.dots[0] if raster.dots else 0.0
            return SplitPage(_SeenPage(await self.pools.run(look_at, raster.image, dots)), None)

    async def _pages(
        self, storage: Storage, inputs: Sequence[Given], prepare: Prepare[P], total: _Total
    ) -> list[SplitPage[P]]:
        """Prepare all pages; a cancel ends it between two of them."""
        pages: list[SplitPage[P]] = []
        opened = (partial(self._open, storage, one, number, prepare) for number, one in enumerate(inputs, 1))
        async with aclosing(self._in_order(opened)) as files:
            async for file, first in files:
                # A file of a record is hashed.
                await self.pools.run(total.add_file, file)
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
                if len(pending) > _AHEAD:
                    yield await pending.popleft()
            while pending:
                yield await pending.popleft()
        finally:
            for future in pending:
                future.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    async def _open(
        self, storage: Storage, one: Given, number: int, prepare: Prepare[P]
    ) -> tuple[ForeignFile, SplitPage[P]]:
        """Open an input, of a number from 1, and prepare its first page."""
        if isinstance(one, bytes):
            data = one
            label = f"{PICTURE} {number}"
        else:
            data = await self.pools.run_document(storage.read, one, INPUT_BYTES)
            label = storage.relative(one)
        with named(label):
            file = await self.decoders.opened(label, data)
        return file, await prepare(file, 0)

    async def _page(
        self,
        writer: DocumentWriter[P],
        rule: SplitRule,
        file: ForeignFile,
        number: int,
        room: int | None = None,
    ) -> SplitPage[P]:
        """Prepare a page; of more than `room` bytes as a picture of less, unless it has text."""
        with named(file.name):
            barcode = await self._barcode(rule, file, number)
            if not rule.keeps(barcode):
                return SplitPage(None, barcode)
            prepared = await writer.prepare(file, number)
            if room is None or prepared.size <= room:
                return SplitPage(prepared, barcode)
            raster = await self.decoders.raster_to_read(file, number)
            if raster is None:
                return SplitPage(prepared, barcode)
            smaller = await self.decoders.opened(
                file.name, await self.pools.run_heavy(_smaller, raster, room)
            )
            return SplitPage(await writer.prepare(smaller, 0), barcode)

    async def _barcode(self, rule: SplitRule, file: ForeignFile, number: int) -> str | None:
        if rule.mode is SplitMode.NOWHERE:
            return None
        if rule.mode is SplitMode.PATCH:
            return "" if await self.decoders.read_patch_code(file, number) is PatchCode.T else None
        return rule.splitting_text(await self.decoders.read_barcodes(file, number))


@dataclass(frozen=True, slots=True, repr=False)
class _Target:
    """Names of the documents of one merge: a name and the numbers after it, or those of a template."""

    name: str
    suffixes: Sequence[str]
    plan: TemplatePlan | None

    def check(self, storage: Storage) -> str:
        """Refuse what `save` would refuse; return the first name; blocks."""
        if self.plan is not None:
            return self.plan.check_document(self.suffixes)
        storage.check(self.name, self.suffixes)
        return self.name

    def save(self, storage: Storage, contents: Sequence[Content], barcodes: Sequence[str]) -> list[Path]:
        """Write documents, each with the barcode that it begins with; blocks."""
        if self.plan is None:
            return storage.save_documents(self.name, contents, self.suffixes)
        return replace(self.plan, storage=storage).save_documents(contents, barcodes, self.suffixes)


@dataclass(frozen=True, slots=True)
class _SeenPage:
    """Page as it looks; of no size, as it is in no file."""

    look: PageLook
    blank: bool = False
    size: int = 0


_WISHES = ("pdfa", "file_type", "rasterize", "signed", "max_bytes", "small_file")
_SHARES = (0.97, 0.9, 0.8)
"""Shares of the limit of a file for its pages, tried in turn: the rest is for what is around them."""


def _room(part: SplitPart[P], limit: float) -> int:
    """Return the most bytes of a page with which all of a part keep a limit together."""
    sizes = sorted(page.size for page in part.pages)
    for number, size in enumerate(sizes):
        room = limit / (len(sizes) - number)
        if size > room:
            return int(room)
        limit -= size
    return sizes[-1]


async def _written(writer: DocumentWriter[P], split: Sequence[SplitPart[P]]) -> list[Content]:
    with named(ALL):
        return [await writer.write(part.pages) for part in split]


def _record(client: Client, request: MergeFileRequest, *told: Any, **more: Any) -> records.DocumentRecord:
    wishes = {name: one for name in _WISHES if (one := getattr(request, name))}
    more |= {"origin": client.origin or "", "profile": request.profile or "", "said": request.record}
    return records.document_record(*told, wishes=wishes, **more)


def _size(content: Content) -> int:
    return sum(map(len, content))


def _smaller(raster: Raster, room: int) -> bytes:
    dots = (raster.dots or assumed_dots(*raster.image.shape[1::-1]))[0]
    settings = OutputSettings(max_bytes=max(room, LEAST_BYTES), dots=dots)
    return encode_within(raster.image, "jpg", settings).data


def _merged(path: Path, part: SplitPart[P], content: Content) -> MergedDocument:
    blank = tuple(number for number, page in enumerate(part.pages, 1) if page.blank)
    return MergedDocument(path, len(part.pages), blank, content, part.barcode)


class _Total:
    """Totals of files and pages, checked against the limits."""

    def __init__(self, limit: int, files: int, report: Report, paper: PaperTerms | None) -> None:
        self._limit = limit
        self._paper = paper
        self.attached: tuple[Attachment, ...] = ()
        self.sources: tuple[records.RecordedSource, ...] = ()
        self.taken: records.Taken | None = None
        """Finds how pictures were taken, where sources are recorded."""
        self._report = report
        self._unopened = files
        self._input = 0
        self._pages = 0
        self._output = 0
        self._done = 0

    def add_file(self, file: ForeignFile) -> None:
        """Count a file that was read, and keep it where it is to be attached; blocks while it is hashed."""
        if self._paper is not None and file.signed and not self._paper.signed:
            raise DocumentSigned(name=file.name)
        if self._paper is not None and self._paper.attached in ("all", "signed" if file.signed else "all"):
            self.attached = (*self.attached, attachment(file.name, len(self.attached) + 1, file.data))
        if self.taken is not None:
            inside = self._paper is not None and self._paper.attached == "all"
            name = self.attached[-1].name if inside else file.name
            self.sources = (*self.sources, records.recorded_source(name, file.data, self.taken))
        self._input += len(file.data)
        self._pages += file.pages
        self._unopened -= 1
        if self._input > INPUT_BYTES:
            raise _too_much(f"> {INPUT_BYTES >> 20} MiB", f"{INPUT_BYTES >> 20} MiB")
        if self._pages > PAGES:
            raise _too_much(LocalizedText(f"{self._pages} 页", f"{self._pages} pages"), PAGES)

    def add_page(self, page: SplitPage[P]) -> SplitPage[P]:
        """Count a prepared page and return it."""
        self._output += 0 if page.prepared is None else page.prepared.size
        _check_output(self._output, self._limit)
        self._done += 1
        # A file that is not open yet has one page at the least.
        self._report(self._done, self._pages + self._unopened)
        return page


def _check_output(size: int, limit: int) -> None:
    if size > limit:
        raise _too_much(f"> {limit >> 20} MiB", f"{limit >> 20} MiB")


def _too_much(size: str | LocalizedText, limit: object) -> PictureTooLarge:
    return PictureTooLarge(picture=ALL, size=size, limit=limit)
