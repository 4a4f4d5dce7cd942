"""File merging requests."""

from __future__ import annotations

from collections.abc import Sequence

import pybase64

from server.handlers.context import RequestContext, handles
from server.protocol.messages.base import Answer
from server.protocol.messages.files import MergedFile, MergeFileAnswer, MergeFileRequest
from server.services.files.merging import OUTPUT_BYTES, MergedDocument, MergeOrder, MergeService
from server.services.files.splitting import SplitMode, SplitRule
from server.services.pools import ThreadPools
from server.services.uploaded_picture import decoded

ANSWER_BYTES = 24 << 20
"""Limit of files that are given back in an answer, which is 32 MiB of base64 then."""


class FileHandlers:
    """Handlers of requests to merge files."""

    def __init__(self, merging: MergeService, pools: ThreadPools) -> None:
        self._merging = merging
        self._pools = pools

    @handles("MergeFile")
    async def merge(self, context: RequestContext, request: MergeFileRequest) -> Answer:
        order = MergeOrder(
            inputs=await self._inputs(request),
            kind=request.file_type,
            name=request.file_path,
            rule=SplitRule(SplitMode(request.split_by_bar_code), request.split_code),
            limit=ANSWER_BYTES if request.base64 else OUTPUT_BYTES,
        )
        merged = await self._merging.merge(context.client, order)
        return await self._pools.run(_answer, merged, request)

    async def _inputs(self, request: MergeFileRequest) -> Sequence[str | bytes]:
        # As the standard says elsewhere: the pictures in the message first, files only where there are none.
        coded = request.image_base64
        return [await self._pools.run(decoded, one) for one in coded] or request.image_path


def _answer(merged: Sequence[MergedDocument], request: MergeFileRequest) -> MergeFileAnswer:
    """Return the answer; blocks while files are encoded."""
    files = tuple(_file(document, request.base64) for document in merged)
    first = files[0]
    return MergeFileAnswer(
        file_path=first.file_path,
        page_count=first.page_count,
        blank_pages=first.blank_pages,
        file_base64=None if request.split_by_bar_code else first.file_base64,
        files=files if request.split_by_bar_code else None,
    )


def _file(merged: MergedDocument, coded: bool) -> MergedFile:
    return MergedFile(
        file_path=str(merged.path),
        page_count=merged.page_count,
        blank_pages=merged.blank_pages,
        code_num=merged.barcode,
        file_base64=pybase64.b64encode_as_string(b"".join(merged.content)) if coded else None,
    )
