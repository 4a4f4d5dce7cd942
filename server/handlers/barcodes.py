"""Barcode requests."""

from __future__ import annotations

from collections.abc import Mapping

from imgcore.barcode import Code
from server.handlers.context import FrameLane, Handler, RequestContext
from server.protocol.codec import push
from server.protocol.messages.barcodes import BarCodePush, CodeInfo, RecogBarCodeAnswer, RecogBarCodeRequest
from server.protocol.messages.base import Answer
from server.services.barcodes.recognition import BarcodeService
from server.services.barcodes.tracker import VisibleBarcodes
from server.services.barcodes.watcher import SendBarcodes
from server.services.pools import ThreadPools
from server.services.uploaded_picture import GIVEN, decoded


def code_info(code: Code, page: int | None = None, path: str = "") -> CodeInfo:
    """A code as the standard writes it.

    Parameters
    ----------
    page
        From 1, None for a picture that has none.
    path
        The file it is in, as its page named it; may be empty.
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


def barcode_notifier(exchange: RequestContext, lane: FrameLane, number: int) -> SendBarcodes:
    """Tells a preview's client of codes by notices that carry the reqId of its request."""

    def tell(seen: VisibleBarcodes) -> None:
        told = BarCodePush(
            event="OnBarCode",
            dev_num=number,
            width=seen.size.width,
            height=seen.size.height,
            code_infos=tuple(map(code_info, seen.codes)),
        )
        lane.tell(push("Notify", told, exchange.head.req_id))

    return tell


class BarcodeHandlers:
    """Requests to read codes, handed to the service."""

    def __init__(self, recognition: BarcodeService, workers: ThreadPools) -> None:
        self._recognition = recognition
        self._workers = workers

    def table(self) -> Mapping[str, Handler]:
        """The handlers by function name."""
        return {"RecogBarCode": self.read}

    async def read(self, exchange: RequestContext, request: RecogBarCodeRequest) -> Answer:
        # The standard: the picture in the message first, files only where it is empty.
        if request.image_base64:
            data = await self._workers.run(decoded, request.image_base64)
            seen = await self._recognition.read_given(data, GIVEN)
        else:
            seen = await self._recognition.read_files(request.image_path)
        return RecogBarCodeAnswer(code_infos=tuple(code_info(one.code, one.page, one.path) for one in seen))
