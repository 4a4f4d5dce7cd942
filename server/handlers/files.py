"""Files made of files."""

from __future__ import annotations

from collections.abc import Mapping

from server.handlers.exchange import Exchange, Handler
from server.protocol.messages.base import Answer
from server.protocol.messages.files import MergeFileAnswer, MergeFileRequest
from server.services.merging import Merging


class FileHandlers:
    """Requests to merge files, handed to the service."""

    def __init__(self, merging: Merging) -> None:
        self._merging = merging

    def table(self) -> Mapping[str, Handler]:
        """The handlers by function name."""
        return {"MergeFile": self.merge}

    async def merge(self, exchange: Exchange, request: MergeFileRequest) -> Answer:
        merged = await self._merging.merge(request.image_path, request.file_type, request.file_path)
        return MergeFileAnswer(
            file_path=str(merged.path), page_count=merged.page_count, blank_pages=merged.blank_pages
        )
