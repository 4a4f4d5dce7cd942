"""Files: requests to merge them and about stored ones, and what serves these."""

from __future__ import annotations

import heapq
import mimetypes
import os
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import pybase64

from server.archive.record import time_told
from server.config import LimitsConfig
from server.protocol.messages import files as messages
from server.protocol.messages.base import Answer
from server.services.archive import SigningService
from server.services.context import DomainServices, RequestContext, handles, progress_reporter
from server.services.files.merging import (
    ANSWER_BYTES,
    MergedDocument,
    MergeService,
    not_reported,
    split_rule,
)
from server.services.files.splitting import WHOLE
from server.services.page_source import PageSource
from server.services.pools import ThreadPools
from server.services.upload.service import UploadService
from server.services.upload.transfer import Upload, not_told
from server.storage.listing import ListedFile
from server.storage.root import Storage


class StoredFileHandlers:
    """Handlers of requests for files that pages of the same site made."""

    def __init__(self, storage: Storage, pools: ThreadPools, downloads: Downloads) -> None:
        self._storage = storage
        self._pools = pools
        self._downloads = downloads

    @handles("ListFiles")
    async def list(self, context: RequestContext, request: messages.ListFilesRequest) -> Answer:
        """List files, the newest first; looking through a large folder takes its turn."""
        storage = self._storage.of(context.client.origin)
        end = request.offset + request.limit
        found = await self._pools.run_heavy(_newest, storage, request.prefix, end + 1)
        files = found[request.offset : end]
        entries = (
            messages.FileEntry(path=str(one.path), size=one.size, time=time_told(one.time)) for one in files
        )
        return messages.ListFilesAnswer(files=tuple(entries), more=len(found) > end)

    @handles("GetFile")
    async def get(self, context: RequestContext, request: messages.GetFileRequest) -> Answer:
        storage = self._storage.of(context.client.origin)
        file = await self._pools.run(_described, storage, request.path)
        coded = None
        address = None
        if request.base64:
            content = await self._pools.run(storage.read, request.path, ANSWER_BYTES, own=True)
            coded = await self._pools.run(pybase64.b64encode_as_string, content)
        else:
            address = context.download_url(self._downloads.offer(context.client.origin, str(file.path)))
        return messages.GetFileAnswer(
            path=str(file.path),
            size=file.size,
            time=time_told(file.time),
            mime=mimetypes.guess_type(file.path.name)[0] or "application/octet-stream",
            download_url=address,
            file_base64=coded,
        )


def _newest(storage: Storage, prefix: str, count: int) -> list[ListedFile]:
    return heapq.nlargest(count, storage.own_files(prefix), key=lambda file: (file.time, str(file.path)))


def _described(storage: Storage, name: str) -> ListedFile:
    with storage.opened(name, own=True) as file:
        status = os.fstat(file.fileno())
    return ListedFile(storage.located(name), status.st_size, status.st_mtime)


TICKET_BYTES = 24
"""Random bytes of a ticket, which nobody can guess."""
MOST_TICKETS = 1000
"""Limit of one origin's tickets, the oldest of which make room."""
LEAST_MINUTES = 1
"""Least time for which a ticket is valid, in minutes."""


@dataclass(frozen=True, slots=True)
class Download:
    """File that a ticket is for.

    Attributes
    ----------
    origin
        Origin that the ticket was given to, and whose file it is; None for programs that are no browser.
    """

    origin: str | None
    path: str
    until: float


class Downloads:
    """Gives tickets for files, and takes each once.

    Parameters
    ----------
    limits
        Returns the limits of the configuration, which a reload may change.
    """

    def __init__(
        self, limits: Callable[[], LimitsConfig], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._tickets: dict[str, Download] = {}

    def offer(self, origin: str | None, path: str) -> str:
        """Return a ticket for a file, which nobody can guess."""
        self._expire()
        own = [ticket for ticket, download in self._tickets.items() if download.origin == origin]
        if len(own) >= MOST_TICKETS:
            del self._tickets[own[0]]
        ticket = secrets.token_urlsafe(TICKET_BYTES)
        seconds = 60 * max(LEAST_MINUTES, self._limits().kept_minutes)
        self._tickets[ticket] = Download(origin, path, self._clock() + seconds)
        return ticket

    def find(self, ticket: str) -> Download | None:
        """Return what a ticket is for, None if it was used, has expired or was never given."""
        self._expire()
        return self._tickets.get(ticket)

    def take(self, ticket: str) -> bool:
        """Use a ticket; return False if another request did a moment ago."""
        return self._tickets.pop(ticket, None) is not None

    def _expire(self) -> None:
        now = self._clock()
        # In the order they were given, so that the first that is good ends the search.
        while self._tickets:
            ticket, download = next(iter(self._tickets.items()))
            if download.until > now:
                return
            del self._tickets[ticket]


class FileHandlers:
    """Handlers of requests to merge files."""

    def __init__(
        self, merging: MergeService, source: PageSource, downloads: Downloads, uploads: UploadService
    ) -> None:
        self._uploads = uploads
        self._merging = merging
        self._source = source
        self._downloads = downloads
        self._pools = source.resources.pools

    @handles("MergeFile")
    async def merge(self, context: RequestContext, request: messages.MergeFileRequest) -> Answer | None:
        if request.target:
            self._uploads.check(request.target)
        inputs = await self._source.given(request)
        report = progress_reporter(context, "merge") if request.progress else not_reported
        merged = await self._merging.merge(context.client, request, inputs, report)
        tickets = (self._downloads.offer(context.client.origin, str(one.path)) for one in merged)
        urls = list(map(context.download_url, tickets))
        answer = await self._pools.run(_answer, merged, urls, request)
        if not request.target:
            return answer
        sent = progress_reporter(context, "upload") if request.progress else not_told
        files = [Upload.to_target(context, request.target, file=str(one.path)) for one in merged]
        delivered = await self._uploads.deliver(files, request.retry, sent)
        answer = msgspec.structs.replace(answer, receipts=delivered.receipts, queued=delivered.queued)
        if delivered.error is None:
            return answer
        await context.refuse(delivered.error, answer)
        return None

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


class Files(DomainServices):
    """The files of pages."""

    def __init__(
        self,
        limits: Callable[[], LimitsConfig],
        source: PageSource,
        signing: SigningService,
        uploads: UploadService,
    ) -> None:
        resources = source.resources
        storage = resources.storage
        pools = resources.pools
        self.downloads = Downloads(limits)
        merging = MergeService(
            storage,
            pools,
            source.decoders,
            signing,
            resources.provenance,
            resources.names,
            resources.cache,
        )
        super().__init__(
            FileHandlers(merging, source, self.downloads, uploads),
            StoredFileHandlers(storage, pools, self.downloads),
        )
