"""Requests for two sides on one page."""

from __future__ import annotations

from collections.abc import Sequence

import pybase64

from imgcore.output.compose import Arrangement
from server.handlers.context import RequestContext, handles
from server.handlers.output import OutputOptions
from server.protocol.messages.base import Answer
from server.protocol.messages.composing import ComposeCardsAnswer, ComposeCardsRequest
from server.services.cameras.desk import CameraDesk
from server.services.composing import ComposeOrder, ComposeService
from server.services.pools import ThreadPools
from server.services.uploaded_picture import decoded
from server.storage.paths import PictureFormat

_FORMATS = (PictureFormat.PDF, PictureFormat.JPEG)
"""Formats by their numbers in the protocol."""


class ComposeHandlers:
    """Handlers of requests for composed pages."""

    def __init__(
        self, desk: CameraDesk, composing: ComposeService, outputs: OutputOptions, pools: ThreadPools
    ) -> None:
        self._desk = desk
        self._composing = composing
        self._outputs = outputs
        self._pools = pools

    @handles("ComposeCards")
    async def compose(self, context: RequestContext, request: ComposeCardsRequest) -> Answer:
        inputs = await self._inputs(request)
        name = "" if request.file_path is None and not request.base64 else request.file_path
        order = ComposeOrder(
            inputs=inputs,
            camera=None if inputs else self._desk.camera(context.client, request.dev_num),
            arrangement=Arrangement(request.layout),
            name=name,
            picture_format=_FORMATS[request.file_type],
            output=await self._outputs.output(request),
        )
        page = await self._composing.compose(context.client, order)
        data = page.picture.data
        return ComposeCardsAnswer(
            file_path=None if page.path is None else str(page.path),
            file_base64=pybase64.b64encode_as_string(data) if request.base64 else None,
            mime=page.picture_format.value,
            width=page.picture.size.width,
            height=page.picture.size.height,
        )

    async def _inputs(self, request: ComposeCardsRequest) -> Sequence[str | bytes]:
        coded = request.image_base64
        return [await self._pools.run(decoded, one) for one in coded] or request.image_path
