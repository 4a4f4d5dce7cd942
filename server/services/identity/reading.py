"""Reading of documents in stored files, in uploaded pictures and under a camera."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Literal, cast

import msgspec

from imgcore.checks.dates import has_passed
from imgcore.fields import Document
from imgcore.jpeg import Workspace
from imgcore.next_page.glance import glance
from imgcore.next_page.stillness import Stillness
from imgcore.types import Image
from server.access.client import Client
from server.decoding.text_process import DocumentDecoder, TextDecoder
from server.devices.ports.camera import Camera, Frame
from server.documents.faults import named
from server.errors import GaopaiError
from server.protocol.messages import identity as messages
from server.protocol.messages.base import Answer
from server.services.cameras.capture import CAPTURED
from server.services.cameras.leases import CameraLeases
from server.services.cameras.owned_work import Failed, OwnedFrames, OwnedWork, thumbnail
from server.services.context import DomainServices, RequestContext, handles
from server.services.faces.engine import FaceEngine
from server.services.identity.private_copy import PrivateCopyHandlers
from server.services.page_source import PageSource
from server.services.pools import ThreadPools
from server.streaming.looks import FRAME_SECONDS
from server.streaming.pixels import BrokenFrame, pixels

SETTLED_SECONDS = 0.4
"""Rest after which a scene is read; many lenses find their focus within it."""
READINGS = 2
"""Readings of one scene at most: the first may have come before the focus."""

State = Literal["moving", "reading", "read"]
"""Stage of a reading: nothing lies still, or no more; something does, which is being read; it was read."""
Tell = Callable[[State, Sequence[Document]], None]
"""Hears of the documents that lie there, none where none of a known kind does; never blocks."""


class DocumentsInSight(OwnedWork):
    """Reading of what lies below a camera, for its owner, until it is stopped."""

    def __init__(self, leases: CameraLeases, reader: DocumentDecoder, pools: ThreadPools) -> None:
        super().__init__("reading of documents in sight", leases)
        self._reader = reader
        self._executor = pools.pages

    def start(self, client: Client, camera: Camera, tell: Tell, failed: Failed) -> None:
        """Begin to read, in place of what reads below this camera."""

        async def work(frames: OwnedFrames) -> None:
            await _Work(frames, self._reader, self._executor, tell).run()

        self.begin(client, camera, work, failed)


class _Work:
    """Reading below one camera."""

    def __init__(self, frames: OwnedFrames, reader: DocumentDecoder, executor: Executor, tell: Tell) -> None:
        self._frames = frames
        self._reader = reader
        self._executor = executor
        self._tell = tell
        self._stillness = Stillness()
        self._space = Workspace()
        self._found: list[Sequence[Document]] = []
        """Results of the readings of the scene that lies there."""

    async def run(self) -> None:
        self._tell("moving", ())
        async for frame, moved in self._frames.looks(self._executor, self._has_moved):
            self._hear(moved)
            if time.monotonic() - self._stillness.since >= SETTLED_SECONDS and not self._is_settled():
                await self._read(frame)

    def _has_moved(self, frame: Frame, now: float) -> bool:
        return self._stillness.has_moved(glance(thumbnail(frame, self._space)), now)

    def _hear(self, moved: bool) -> None:
        if moved and self._found:
            self._found.clear()
            self._tell("moving", ())

    def _is_settled(self) -> bool:
        """Return whether another reading of the same scene would tell nothing."""
        return len(self._found) >= READINGS or (bool(self._found) and _sureness(self._found[-1])[0] > 0)

    async def _read(self, frame: Frame) -> None:
        if not self._found:
            self._tell("reading", ())
        loop = asyncio.get_running_loop()
        image = await loop.run_in_executor(self._executor, pixels, frame)
        with named(CAPTURED):
            found = await self._reader.read_documents(image)
        self._found.append(found)
        # Nobody hears what a card said that was taken away meanwhile.
        later = await self._frames.watch.next(FRAME_SECONDS)
        with suppress(BrokenFrame):
            self._hear(await loop.run_in_executor(self._executor, self._has_moved, later, time.monotonic()))
        if self._found:
            self._tell("read", max(self._found, key=_sureness))


def _sureness(found: Sequence[Document]) -> tuple[int, int]:
    return sum(one.valid is True for one in found), sum(one.valid is not False for one in found)


@dataclass(eq=False, repr=False)
class DocumentHandlers:
    """Handlers of requests to read documents."""

    _leases: CameraLeases
    _source: PageSource
    _reader: DocumentDecoder
    _sight: DocumentsInSight

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
        camera = self._leases.numbered(client, request.dev_num)
        if not request.enable:
            self._sight.stop(client, camera)
            return messages.SetCameraDocumentReadingAnswer()
        number = self._leases.number(client, camera)

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
    return messages.DocumentInfo(
        type=cast(messages.DocumentType, document.kind),
        fields=msgspec.convert(document.fields, messages.DocumentFields),
        valid=document.valid,
        expired=has_passed(document.fields.get("endDate") or document.fields.get("expiry", ""), date.today()),
        problems=document.problems,
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in document.corners),
        page=page,
        image_path=path,
    )


class Identity(DomainServices):
    """The documents that prove who somebody is, and copies that do not tell it."""

    def __init__(
        self, texts: TextDecoder, faces: FaceEngine, leases: CameraLeases, source: PageSource
    ) -> None:
        reader = DocumentDecoder(texts)
        resources = source.resources
        self.sight = DocumentsInSight(leases, reader, resources.pools)
        super().__init__(
            DocumentHandlers(leases, source, reader, self.sight),
            PrivateCopyHandlers(resources, source, reader, faces),
        )
