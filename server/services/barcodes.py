"""Barcode recognition in stored files, page by page, and in uploaded pictures."""

from __future__ import annotations

import msgspec

from imgcore.barcode import USUAL, Code, Symbology
from imgcore.code_data import parsed
from server.protocol.messages.barcodes import (
    CodeInfo,
    ParsedCodeInfo,
    RecogBarCodeAnswer,
    RecogBarCodeRequest,
)
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
            made = ((code, code_info(code, page, path)) for page, code in found)
            infos += (with_fields(code, info) if request.parse else info for code, info in made)
        return RecogBarCodeAnswer(code_infos=tuple(infos))


def with_fields(code: Code, info: CodeInfo) -> CodeInfo:
    """Return the message about a barcode with the fields of its text, if it is written by a known scheme."""
    found = parsed(code)
    if found is None:
        return info
    fields = ParsedCodeInfo(
        scheme=found.scheme.value, fields=dict(found.fields), valid=found.valid, problems=found.problems
    )
    return msgspec.structs.replace(info, parsed=fields)
