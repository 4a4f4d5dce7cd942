"""Requests for stored files."""

from __future__ import annotations

import mimetypes
from datetime import datetime

import pybase64

from server.handlers.context import RequestContext, handles
from server.handlers.files import ANSWER_BYTES
from server.protocol.messages.base import Answer
from server.protocol.messages.files import (
    FileEntry,
    GetFileAnswer,
    GetFileRequest,
    ListFilesAnswer,
    ListFilesRequest,
)
from server.services.files.stored import StoredFiles
from server.services.pools import ThreadPools
from server.storage.listing import StoredFile


class StoredFileHandlers:
    """Handlers of requests for files that pages of the same site made."""

    def __init__(self, stored: StoredFiles, pools: ThreadPools) -> None:
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


def _time(file: StoredFile) -> str:
    return datetime.fromtimestamp(file.time).astimezone().isoformat(timespec="seconds")
