"""Reading of documents in stored files, in uploaded pictures and under a camera."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import chain
from typing import Literal, cast

from imgcore.checks.dates import has_passed
from imgcore.fields import Document
from imgcore.types import Image
from server.decoding.text_process import DocumentDecoder
from server.errors import GaopaiError
from server.protocol.messages import identity as messages
from server.protocol.messages.base import Answer
from server.services.cameras.desk import CameraDesk
from server.services.context import RequestContext, handles
from server.services.identity.sight import DocumentsInSight, State
from server.services.page_source import PageSource


class DocumentHandlers:
    """Handlers of requests to read documents."""

    def __init__(
        self, desk: CameraDesk, source: PageSource, reader: DocumentDecoder, sight: DocumentsInSight
    ) -> None:
        self._desk = desk
        self._source = source
        self._reader = reader
        self._sight = sight

    @handles("RecogDocument")
    async def read(self, context: RequestContext, request: messages.RecogDocumentRequest) -> Answer:
        async def infos(picture: Image, path: str, page: int) -> list[messages.DocumentInfo]:
            documents = await self._reader.read_documents(picture, request.crop)
            return [_info(document, path, page) for document in documents]

        pages = await self._source.each_asked(context.client, request, infos)
        return messages.RecogDocumentAnswer(documents=tuple(chain.from_iterable(pages)))

    @handles("SetCameraDocumentReading")
    async def read_in_sight(
        self, context: RequestContext, request: messages.SetCameraDocumentReadingRequest
    ) -> Answer:
        client = context.client
        camera = self._desk.camera(client, request.dev_num)
        if not request.enable:
            self._sight.stop(client, camera)
            return messages.SetCameraDocumentReadingAnswer()
        number = self._desk.number(client, camera)

        async def failed(error: GaopaiError) -> None:
            await context.refuse(error, _push(number, "ended"), "Notify")

        self._sight.start(client, camera, lambda *told: context.notify(_push(number, *told)), failed)
        return messages.SetCameraDocumentReadingAnswer()


def _push(
    number: int, state: State | Literal["ended"], documents: Sequence[Document] = ()
) -> messages.DocumentsPush:
    infos = tuple(map(_info, documents))
    return messages.DocumentsPush(event="OnDocuments", dev_num=number, state=state, documents=infos)


def _info(document: Document, path: str = "", page: int = 1) -> messages.DocumentInfo:
    names = {_snake(name): text for name, text in document.fields.items()}
    return messages.DocumentInfo(
        type=cast(messages.DocumentType, document.kind),
        fields=messages.DocumentFields(**names),
        valid=document.valid,
        expired=has_passed(document.fields.get("endDate") or document.fields.get("expiry", ""), date.today()),
        problems=document.problems,
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in document.corners),
        page=page,
        image_path=path,
    )


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
