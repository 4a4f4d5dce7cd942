"""Text requests."""

from __future__ import annotations

from imgcore.text import TextLine
from server.handlers.context import RequestContext, handles
from server.protocol.messages.base import Answer
from server.protocol.messages.texts import RecogTextAnswer, RecogTextRequest, TextInfo, TextLineInfo
from server.services.cameras.desk import CameraDesk
from server.services.pools import ThreadPools
from server.services.text_recognition import TextOfPage, TextService
from server.services.uploaded_picture import PICTURE, decoded


class TextHandlers:
    """Handlers of requests to recognize text."""

    def __init__(self, desk: CameraDesk, texts: TextService, pools: ThreadPools) -> None:
        self._desk = desk
        self._texts = texts
        self._pools = pools

    @handles("RecogText")
    async def read(self, context: RequestContext, request: RecogTextRequest) -> Answer:
        if request.image_base64:
            data = await self._pools.run(decoded, request.image_base64)
            pages = await self._texts.read_uploaded(data, PICTURE, request.crop)
        elif request.image_path:
            pages = await self._texts.read_files(context.client, request.image_path, request.crop)
        else:
            camera = self._desk.camera(context.client, request.dev_num)
            pages = await self._texts.read_below(context.client, camera, request.crop)
        return RecogTextAnswer(text_infos=tuple(map(_page_info, pages)))


def _page_info(page: TextOfPage) -> TextInfo:
    return TextInfo(
        image_path=page.path or None,
        page=page.page,
        text="\n".join(line.text for line in page.lines),
        lines=tuple(map(_line_info, page.lines)),
    )


def _line_info(line: TextLine) -> TextLineInfo:
    (left, top), (right, bottom) = line.corners.min(axis=0), line.corners.max(axis=0)
    return TextLineInfo(
        text=line.text,
        score=round(line.score, 3),
        left=round(float(left)),
        top=round(float(top)),
        right=round(float(right)),
        bottom=round(float(bottom)),
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in line.corners),
    )
