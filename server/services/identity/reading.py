"""Reading of documents in stored files, in uploaded pictures and under a camera."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

import pybase64

from imgcore.checks.dates import has_passed
from imgcore.fields import Document
from imgcore.privacy import Hidden
from imgcore.settings import Settings
from server.access.client import Client
from server.decoding.decoders import Decoders
from server.decoding.text_process import DocumentDecoder
from server.devices.ports.camera import Camera
from server.documents.faults import named
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
from server.services.barcodes.recognition import INPUT_BYTES
from server.services.cameras.capture import CAPTURED, CaptureService
from server.services.cameras.desk import CameraDesk
from server.services.context import RequestContext, handles
from server.services.identity.private_copy import CopyOrder, PrivateCopyService
from server.services.identity.sight import DocumentsInSight
from server.services.pictures.uploaded_picture import PICTURE, decoded
from server.services.pools import ThreadPools
from server.storage.root import Storage


@dataclass(frozen=True, slots=True, eq=False)
class FoundDocument:
    """Document and the file and page it was found on.

    Attributes
    ----------
    path
        The file, as the request named it; empty for a picture that is none.
    page
        From 1.
    """

    document: Document
    path: str
    page: int


class DocumentService:
    """Reads documents; their fields are in its answers alone."""

    def __init__(
        self,
        captures: CaptureService,
        storage: Storage,
        pools: ThreadPools,
        decoders: Decoders,
        reader: DocumentDecoder,
    ) -> None:
        self._captures = captures
        self._storage = storage
        self._pools = pools
        self._decoders = decoders
        self._reader = reader

    async def read_files(self, client: Client, names: Sequence[str], crop: bool) -> list[FoundDocument]:
        """Return the documents of several files, in their order; a cancel ends the work on a page.

        Raises
        ------
        server.errors.FileMissing, FileUnreadable, FileOfAnotherOrigin, PathOutside, BadName
        server.errors.PictureUnreadable, PictureTooLarge, DocumentProtected
            About a file, which it names.
        server.errors.DecoderUnavailable
        """
        storage = self._storage.of(client.origin)
        found: list[FoundDocument] = []
        for name in names:
            data = await self._pools.run(storage.read, name, INPUT_BYTES)
            found += await self._read(storage.relative(name), data, name, crop)
        return found

    async def read_uploaded(self, data: bytes, label: str, crop: bool) -> list[FoundDocument]:
        """Return the documents of a picture or file that came with the request."""
        return await self._read(label, data, "", crop)

    async def read_capture(self, client: Client, camera: Camera, crop: bool) -> list[FoundDocument]:
        """Return the documents under a camera, of a picture taken now.

        Raises
        ------
        server.errors.GaopaiError
            As a capture does.
        """
        picture = await self._captures.picture(client, camera, Settings())
        with named(CAPTURED):
            return [FoundDocument(one, "", 1) for one in await self._reader.read_documents(picture, crop)]

    async def _read(self, label: str, data: bytes, path: str, crop: bool) -> list[FoundDocument]:
        found: list[FoundDocument] = []
        with named(label), closing(await self._decoders.opened(label, data)) as file:
            for number in range(file.pages):
                raster = await self._decoders.raster(file, number)
                documents = await self._reader.read_documents(raster.image, crop)
                found += (FoundDocument(document, path, number + 1) for document in documents)
        return found


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
        expired=has_passed(document.fields.get("endDate") or document.fields.get("expiry", ""), date.today()),
        problems=document.problems,
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in document.corners),
        page=found.page,
        image_path=found.path,
    )


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
