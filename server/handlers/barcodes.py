"""Barcode requests."""

from __future__ import annotations

from imgcore.barcode import Code
from server.handlers.context import RequestContext, handles
from server.protocol.messages.barcodes import BarCodePush, CodeInfo, RecogBarCodeAnswer, RecogBarCodeRequest
from server.protocol.messages.base import Answer
from server.services.barcodes.recognition import BarcodeService
from server.services.barcodes.subscription import SendBarcodes
from server.services.barcodes.tracker import VisibleBarcodes
from server.services.pools import ThreadPools
from server.services.uploaded_picture import PICTURE, decoded


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

    def __init__(self, recognition: BarcodeService, pools: ThreadPools) -> None:
        self._recognition = recognition
        self._pools = pools

    @handles("RecogBarCode")
    async def read(self, context: RequestContext, request: RecogBarCodeRequest) -> Answer:
        # The standard: the picture in the message first, files only where it is empty.
        if request.image_base64:
            data = await self._pools.run(decoded, request.image_base64)
            found = await self._recognition.read_uploaded(data, PICTURE)
        else:
            found = await self._recognition.read_files(context.client, request.image_path)
        infos = tuple(code_info(one.barcode, one.page, one.path) for one in found)
        return RecogBarCodeAnswer(code_infos=infos)
