"""File merging requests."""

from __future__ import annotations

from server.handlers.context import RequestContext, handles
from server.protocol.messages.base import Answer
from server.protocol.messages.files import MergedFile, MergeFileAnswer, MergeFileRequest
from server.services.files.merging import MergedDocument, MergeService
from server.services.files.splitting import SplitMode, SplitRule


class FileHandlers:
    """Handlers of requests to merge files."""

    def __init__(self, merging: MergeService) -> None:
        self._merging = merging

    @handles("MergeFile")
    async def merge(self, context: RequestContext, request: MergeFileRequest) -> Answer:
        rule = SplitRule(SplitMode(request.split_by_bar_code), request.split_code)
        names, target = request.image_path, request.file_path
        merged = await self._merging.split(names, request.file_type, target, rule)
        first = merged[0]
        return MergeFileAnswer(
            file_path=str(first.path),
            page_count=first.page_count,
            blank_pages=first.blank_pages,
            files=tuple(map(_file, merged)) if rule.mode else None,
        )


def _file(merged: MergedDocument) -> MergedFile:
    return MergedFile(
        file_path=str(merged.path),
        page_count=merged.page_count,
        blank_pages=merged.blank_pages,
        code_num=merged.barcode,
    )
