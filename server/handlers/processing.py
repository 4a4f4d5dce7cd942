"""Requests about pictures that are worked on again."""

from __future__ import annotations

import pybase64

from imgcore.settings import Crop, Settings
from server.handlers.context import RequestContext, handles
from server.handlers.image_settings import merge
from server.handlers.original import corners, cuts, quad_of
from server.handlers.output import OutputOptions
from server.handlers.verdict import told, worst
from server.protocol.messages.base import Answer
from server.protocol.messages.processing import ProcessImageAnswer, ProcessImageRequest
from server.services.pools import ThreadPools
from server.services.reprocessing import ProcessedPictures, ProcessOrder, ProcessService
from server.services.uploaded_picture import decoded


class ProcessHandlers:
    """Handlers of requests for pictures that are worked on again."""

    def __init__(self, processing: ProcessService, outputs: OutputOptions, pools: ThreadPools) -> None:
        self._processing = processing
        self._outputs = outputs
        self._pools = pools

    @handles("ProcessImage")
    async def process(self, context: RequestContext, request: ProcessImageRequest) -> Answer | None:
        order = ProcessOrder(
            source=await self._source(request),
            is_handle=bool(request.handle),
            settings=_settings(request),
            output=await self._outputs.output(request),
            name=request.file_path,
        )
        made = await self._processing.process(context.client, order)
        if made.paths is not None and not request.base64:
            return _files_answer(made)
        for number in range(len(made.pictures)):
            await context.answer(await self._pools.run(_picture_answer, made, number))
        return None

    async def _source(self, request: ProcessImageRequest) -> str | bytes:
        if request.image_base64:
            return await self._pools.run(decoded, request.image_base64)
        return request.handle or request.image_path


def _settings(request: ProcessImageRequest) -> Settings:
    quad = None if request.corners is None else quad_of(request.corners)
    return merge(Settings(crop=Crop.MANUAL if quad else Crop.NONE, quad=quad), request)


def _files_answer(made: ProcessedPictures) -> ProcessImageAnswer:
    first = made.pictures[0]
    return ProcessImageAnswer(
        image_count=len(made.pictures),
        image_path=tuple(map(str, made.paths or ())),
        mime=made.picture_format.value,
        width=first.size.width,
        height=first.size.height,
        verdict=told(worst(one.verdict for one in made.pictures)),
        handle=first.handle,
        corners=corners(first.quad),
        cuts=cuts(made.pictures) if len(made.pictures) > 1 else None,
    )


def _picture_answer(made: ProcessedPictures, number: int) -> ProcessImageAnswer:
    picture = made.pictures[number]
    return ProcessImageAnswer(
        image_count=len(made.pictures),
        image_index=number + 1,
        image_base64_str=pybase64.b64encode_as_string(picture.data),
        image_path=None if made.paths is None else (str(made.paths[number]),),
        mime=made.picture_format.value,
        width=picture.size.width,
        height=picture.size.height,
        verdict=told(picture.verdict),
        handle=picture.handle,
        corners=corners(picture.quad),
    )
