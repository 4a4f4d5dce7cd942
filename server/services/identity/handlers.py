"""Requests to read documents, and for private copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

import pybase64

from imgcore.fields import Document
from imgcore.privacy import Hidden
from server.errors import GaopaiError
from server.protocol.messages.base import Answer
from server.protocol.messages.identity import (
    DocumentFields,
    DocumentInfo,
    DocumentsPush,
    DocumentType,
    PrivateCopyAnswer,
    PrivateCopyRequest,
    RecogDocumentAnswer,
    RecogDocumentRequest,
    SetCameraDocumentReadingAnswer,
    SetCameraDocumentReadingRequest,
)
from server.services.cameras.desk import CameraDesk
from server.services.context import RequestContext, handles
from server.services.identity.private_copy import CopyOrder, PrivateCopyService
from server.services.identity.reading import DocumentService, FoundDocument
from server.services.identity.sight import DocumentsInSight
from server.services.pictures.uploaded_picture import PICTURE, decoded
from server.services.pools import ThreadPools


class DocumentHandlers:
    """Handlers of requests about what documents say."""

    def __init__(
        self,
        desk: CameraDesk,
        documents: DocumentService,
        sight: DocumentsInSight,
        copies: PrivateCopyService,
        pools: ThreadPools,
    ) -> None:
        self._desk = desk
        self._sight = sight
        self._documents = documents
        self._copies = copies
        self._pools = pools

    @handles("RecogDocument")
    async def read(self, context: RequestContext, request: RecogDocumentRequest) -> Answer:
        client, crop = context.client, request.crop
        if request.image_base64:
            data = await self._pools.run(decoded, request.image_base64)
            found = await self._documents.read_uploaded(data, PICTURE, crop)
        elif request.image_path:
            found = await self._documents.read_files(client, request.image_path, crop)
        else:
            camera = self._desk.camera(client, request.dev_num)
            found = await self._documents.read_capture(client, camera, crop)
        return RecogDocumentAnswer(documents=tuple(map(_info, found)))

    @handles("SetCameraDocumentReading")
    async def read_in_sight(
        self, context: RequestContext, request: SetCameraDocumentReadingRequest
    ) -> Answer:
        client = context.client
        camera = self._desk.camera(client, request.dev_num)
        if not request.enable:
            self._sight.stop(client, camera)
            return SetCameraDocumentReadingAnswer()
        self._sight.start(client, camera, _Pusher(context, self._desk.number(client, camera)))
        return SetCameraDocumentReadingAnswer()

    @handles("PrivateCopy")
    async def copy(self, context: RequestContext, request: PrivateCopyRequest) -> Answer:
        coded = request.image_base64
        order = CopyOrder(
            source=await self._pools.run(decoded, coded) if coded else request.image_path,
            kinds=frozenset(map(Hidden, request.hide)),
            mark=request.mark,
            name="" if request.file_path is None and not request.base64 else request.file_path,
            keep_original=request.keep_original,
        )
        copy = await self._copies.copy(context.client, order)
        return PrivateCopyAnswer(
            file_path=None if copy.path is None else str(copy.path),
            file_base64=pybase64.b64encode_as_string(copy.data) if request.base64 else None,
            mime=copy.picture_format.value,
            pages=copy.pages,
            removed=copy.removed,
            hidden={kind.value: count for kind, count in sorted(copy.hidden.items())},
        )


class _Pusher:
    """Pushes the documents in sight to the client of their request."""

    def __init__(self, context: RequestContext, number: int) -> None:
        self._context = context
        self._number = number

    def moving(self) -> None:
        self._context.notify(self._push("moving"))

    def reading(self) -> None:
        self._context.notify(self._push("reading"))

    def read(self, documents: Sequence[Document]) -> None:
        self._context.notify(self._push("read", documents))

    async def failed(self, error: GaopaiError) -> None:
        await self._context.refuse(error, self._push("ended"), "Notify")

    def _push(
        self, state: Literal["moving", "reading", "read", "ended"], documents: Sequence[Document] = ()
    ) -> DocumentsPush:
        infos = tuple(_info(FoundDocument(one, "", 1)) for one in documents)
        return DocumentsPush(event="OnDocuments", dev_num=self._number, state=state, documents=infos)


def _info(found: FoundDocument) -> DocumentInfo:
    document = found.document
    names = {_snake(name): text for name, text in document.fields.items()}
    return DocumentInfo(
        type=cast(DocumentType, document.kind),
        fields=DocumentFields(**names),
        valid=document.valid,
        problems=document.problems,
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in document.corners),
        page=found.page,
        image_path=found.path,
    )


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
