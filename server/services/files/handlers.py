"""Requests to merge files."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec
import pybase64

from server.protocol.messages import files as messages
from server.protocol.messages.base import Answer
from server.services.context import RequestContext, handles
from server.services.files.merging import MergedDocument, MergeService, Report, not_reported, split_rule
from server.services.files.splitting import WHOLE
from server.services.files.stored import Downloads
from server.services.page_source import PageSource
from server.services.pools import ThreadPools

PROGRESS_SECONDS = 0.25
"""Least time between two notices of progress."""


class FileHandlers:
    """Handlers of requests to merge files."""

    def __init__(
        self, merging: MergeService, source: PageSource, downloads: Downloads, pools: ThreadPools
    ) -> None:
        self._merging = merging
        self._source = source
        self._downloads = downloads
        self._pools = pools

    @handles("MergeFile")
    async def merge(self, context: RequestContext, request: messages.MergeFileRequest) -> Answer:
        inputs = await self._source.given(request)
        report = _reporter(context) if request.progress else not_reported
        merged = await self._merging.merge(context.client, request, inputs, report)
        tickets = (self._downloads.offer(context.client.origin, str(one.path)) for one in merged)
        urls = list(map(context.download_url, tickets))
        return await self._pools.run(_answer, merged, urls, request)

    @handles("ProposeSplit")
    async def propose(self, context: RequestContext, request: messages.ProposeSplitRequest) -> Answer:
        found = await self._merging.propose(context.client, await self._source.given(request))
        starts = (
            messages.ProposedStart(page=one.page + 1, reason=one.reason.value, score=one.score)
            for one in found
        )
        return messages.ProposeSplitAnswer(starts=tuple(starts))


def _answer(
    merged: Sequence[MergedDocument], urls: Sequence[str], request: messages.MergeFileRequest
) -> messages.MergeFileAnswer:
    """Return the answer; blocks while files are encoded."""
    files = tuple(_file(document, url, request.base64) for document, url in zip(merged, urls, strict=True))
    first = msgspec.structs.asdict(files[0])
    del first["code_num"]
    if split_rule(request) != WHOLE:
        first |= {"file_base64": None, "files": files}
    return messages.MergeFileAnswer(**first)


def _file(merged: MergedDocument, url: str, coded: bool) -> messages.MergedFile:
    return messages.MergedFile(
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
            context.notify(messages.ProgressPush(event="OnProgress", kind="merge", done=done, total=total))

    return report
