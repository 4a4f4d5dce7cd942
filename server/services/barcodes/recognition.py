"""Barcode recognition in stored files, page by page, and in uploaded pictures."""

from __future__ import annotations

from imgcore.barcode import Code
from server.protocol.messages.barcodes import BarCodePush, CodeInfo, RecogBarCodeAnswer, RecogBarCodeRequest
from server.protocol.messages.base import Answer
from server.services.barcodes.watcher import SendBarcodes, VisibleBarcodes
from server.services.context import RequestContext, handles
from server.services.page_source import PageSource


def code_info(code: Code, page: int | None = None, path: str = "") -> CodeInfo:
    """Convert a barcode to the standard's message.

    Parameters
    ----------
    page
        From 1, None for a picture that has none.
    path
        The file it is in, as the request named it; may be empty.
    """
    (left, top), (right, bottom) = code.corners.min(axis=0), code.corners.max(axis=0)
    return CodeInfo(
        code_num=code.text,
        code_type=code.symbology.value,
        left=str(round(float(left))),
        top=str(round(float(top))),
        right=str(round(float(right))),
        bottom=str(round(float(bottom))),
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in code.corners),
        page=page,
        image_path=path or None,
    )


def barcode_notifier(context: RequestContext, number: int) -> SendBarcodes:
    """Return a function that notifies a preview's client of the barcodes in sight."""

    def send(visible: VisibleBarcodes) -> None:
        context.notify(
            BarCodePush(
                event="OnBarCode",
                dev_num=number,
                width=visible.size.width,
                height=visible.size.height,
                code_infos=tuple(map(code_info, visible.barcodes)),
            )
        )

    return send


class BarcodeHandlers:
    """Handlers of requests to recognize barcodes."""

    def __init__(self, source: PageSource) -> None:
        self._source = source

    @handles("RecogBarCode")
    async def read(self, context: RequestContext, request: RecogBarCodeRequest) -> Answer:
        infos: list[CodeInfo] = []
        for given in await self._source.given(request):
            path = given if isinstance(given, str) else ""
            found = await self._source.barcodes(context.client, given)
            infos += (code_info(code, page, path) for page, code in found)
        return RecogBarCodeAnswer(code_infos=tuple(infos))
