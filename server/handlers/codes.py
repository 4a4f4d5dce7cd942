"""Codes as messages."""

from __future__ import annotations

from imgcore.barcode import Code
from server.handlers.exchange import Exchange, FrameLane
from server.protocol.codec import push
from server.protocol.messages.recognition import BarCodePush, CodeInfo
from server.services.live_codes import Tell
from server.streaming.codes import Seen


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


def teller(exchange: Exchange, lane: FrameLane, number: int) -> Tell:
    """Tells a preview's client of codes by notices that carry the reqId of its request."""

    def tell(seen: Seen) -> None:
        told = BarCodePush(
            event="OnBarCode",
            dev_num=number,
            width=seen.size.width,
            height=seen.size.height,
            code_infos=tuple(map(code_info, seen.codes)),
        )
        lane.tell(push("Notify", told, exchange.head.req_id))

    return tell
