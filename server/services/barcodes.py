"""Barcode recognition in stored files, page by page, and in uploaded pictures."""

from __future__ import annotations

from imgcore.barcode import USUAL, Symbology
from server.protocol.messages.barcodes import CodeInfo, RecogBarCodeAnswer, RecogBarCodeRequest
from server.protocol.messages.base import Answer
from server.services.context import RequestContext, handles
from server.services.page_source import PageSource
from server.services.pictures.messages import code_info


class BarcodeHandlers:
    """Handlers of requests to recognize barcodes."""

    def __init__(self, source: PageSource) -> None:
        self._source = source

    @handles("RecogBarCode")
    async def read(self, context: RequestContext, request: RecogBarCodeRequest) -> Answer:
        infos: list[CodeInfo] = []
        kinds = frozenset(map(Symbology, request.code_types)) or USUAL
        for given in await self._source.given(request):
            path = given if isinstance(given, str) else ""
            found = await self._source.barcodes(context.client, given, kinds=kinds)
            infos += (code_info(code, page, path) for page, code in found)
        return RecogBarCodeAnswer(code_infos=tuple(infos))
