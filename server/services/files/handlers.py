"""Requests to merge files, and to list and fetch what pages of the same site made."""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Sequence
from datetime import datetime

import pybase64

from server.protocol.messages.base import Answer
from server.protocol.messages.files import (
    FileEntry,
    GetFileAnswer,
    GetFileRequest,
    ListFilesAnswer,
    ListFilesRequest,
    MergedFile,
    MergeFileAnswer,
    MergeFileRequest,
    ProgressPush,
    ProposedStart,
    ProposeSplitAnswer,
    ProposeSplitRequest,
)
from server.services.context import RequestContext, handles
from server.services.files.merging import (
    OUTPUT_BYTES,
    MergedDocument,
    MergeOrder,
    MergeService,
    PaperTerms,
    Report,
    not_reported,
)
from server.services.files.splitting import WHOLE, SplitMode, SplitRule
from server.services.files.stored import OwnFileService
from server.services.pictures.uploaded_picture import decoded
from server.services.pools import ThreadPools
from server.storage.listing import ListedFile

ANSWER_BYTES = 24 << 20
"""Limit of files that are given back in an answer, which is 32 MiB of base64 then."""
PROGRESS_SECONDS = 0.25
"""Least time between two notices of progress."""


class FileHandlers:
    """Handlers of requests to merge files."""

    def __init__(self, merging: MergeService, stored: OwnFileService, pools: ThreadPools) -> None:
        self._merging = merging
        self._stored = stored
        self._pools = pools

    @handles("MergeFile")
    async def merge(self, context: RequestContext, request: MergeFileRequest) -> Answer:
        order = MergeOrder(
            inputs=await self._inputs(request),
            kind=request.file_type,
            name=request.file_path,
            rule=_rule(request),
            limit=ANSWER_BYTES if request.base64 else OUTPUT_BYTES,
            paper=_paper(request),
            max_bytes=request.max_bytes or 0,
        )
        report = _reporter(context) if request.progress else not_reported
        merged = await self._merging.merge(context.client, order, report)
        urls = [context.download_url(self._stored.offer(context.client, one.path)) for one in merged]
        return await self._pools.run(_answer, merged, urls, request)

    @handles("ProposeSplit")
    async def propose(self, context: RequestContext, request: ProposeSplitRequest) -> Answer:
        found = await self._merging.propose(context.client, await self._inputs(request))
        starts = (ProposedStart(page=one.page + 1, reason=one.reason.value, score=one.score) for one in found)
        return ProposeSplitAnswer(starts=tuple(starts))

    async def _inputs(self, request: MergeFileRequest | ProposeSplitRequest) -> Sequence[str | bytes]:
        # As the standard says elsewhere: the pictures in the message first, files only where there are none.
        coded = request.image_base64
        return [await self._pools.run(decoded, one) for one in coded] or request.image_path


class StoredFileHandlers:
    """Handlers of requests for files that pages of the same site made."""

    def __init__(self, stored: OwnFileService, pools: ThreadPools) -> None:
        self._stored = stored
        self._pools = pools

    @handles("ListFiles")
    async def list(self, context: RequestContext, request: ListFilesRequest) -> Answer:
        found = await self._stored.list(context.client, request.prefix, request.offset, request.limit)
        entries = (FileEntry(path=str(one.path), size=one.size, time=_time(one)) for one in found.files)
        return ListFilesAnswer(files=tuple(entries), more=found.more)

    @handles("GetFile")
    async def get(self, context: RequestContext, request: GetFileRequest) -> Answer:
        file = await self._stored.describe(context.client, request.path)
        coded = address = None
        if request.base64:
            content = await self._stored.content(context.client, request.path, ANSWER_BYTES)
            coded = await self._pools.run(pybase64.b64encode_as_string, content)
        else:
            address = context.download_url(self._stored.offer(context.client, file.path))
        return GetFileAnswer(
            path=str(file.path),
            size=file.size,
            time=_time(file),
            mime=mimetypes.guess_type(file.path.name)[0] or "application/octet-stream",
            download_url=address,
            file_base64=coded,
        )


def _rule(request: MergeFileRequest) -> SplitRule:
    return SplitRule(
        SplitMode(request.split_by_bar_code),
        request.split_code,
        request.split_every,
        request.split_at_blank,
        frozenset(request.split_pages),
    )


def _paper(request: MergeFileRequest) -> PaperTerms:
    return PaperTerms(
        level=request.pdfa or None,
        attached="all" if request.attach_originals else "signed" if request.signed == "attach" else "none",
        drawn=request.rasterize,
        signed=request.signed != "refuse",
        sign=request.sign,
    )


def _answer(
    merged: Sequence[MergedDocument], urls: Sequence[str], request: MergeFileRequest
) -> MergeFileAnswer:
    """Return the answer; blocks while files are encoded."""
    files = tuple(_file(document, url, request.base64) for document, url in zip(merged, urls, strict=True))
    first, split = files[0], _rule(request) != WHOLE
    return MergeFileAnswer(
        file_path=first.file_path,
        page_count=first.page_count,
        blank_pages=first.blank_pages,
        file_base64=None if split else first.file_base64,
        download_url=first.download_url,
        files=files if split else None,
    )


def _file(merged: MergedDocument, url: str, coded: bool) -> MergedFile:
    return MergedFile(
        file_path=str(merged.path),
        page_count=merged.page_count,
        blank_pages=merged.blank_pages,
        code_num=merged.barcode,
        file_base64=pybase64.b64encode_as_string(b"".join(merged.content)) if coded else None,
        download_url=url,
    )


def _reporter(context: RequestContext) -> Report:
    """Return a function that tells the page of progress, the end of it in any case."""
    told_at = -PROGRESS_SECONDS

    def report(done: int, total: int) -> None:
        nonlocal told_at
        now = time.monotonic()
        if now - told_at >= PROGRESS_SECONDS or done == total:
            told_at = now
            context.notify(ProgressPush(event="OnProgress", kind="merge", done=done, total=total))

    return report


def _time(file: ListedFile) -> str:
    return datetime.fromtimestamp(file.time).astimezone().isoformat(timespec="seconds")
