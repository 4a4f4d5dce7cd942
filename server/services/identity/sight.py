"""Documents in sight of a camera: whatever has come to rest below it is read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from typing import Literal

from imgcore.fields import Document
from imgcore.jpeg import Workspace
from imgcore.next_page.glance import glance
from imgcore.next_page.stillness import Stillness
from server.access.client import Client
from server.decoding.text_process import DocumentDecoder
from server.devices.ports.camera import Camera, Frame
from server.documents.faults import named
from server.services.cameras.capture import CAPTURED
from server.services.cameras.desk import CameraDesk
from server.services.cameras.owned_work import FRAME_SECONDS, Failed, OwnedFrames, OwnedWork, thumbnail
from server.services.pools import ThreadPools
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

    def __init__(self, desk: CameraDesk, reader: DocumentDecoder, pools: ThreadPools) -> None:
        super().__init__("reading of documents in sight", desk)
        self._reader = reader
        self._executor = pools.pages

    def start(self, client: Client, camera: Camera, tell: Tell, failed: Failed) -> None:
        """Begin to read, in place of what reads below this camera.

        Raises
        ------
        server.errors.DeviceNotOpen, DeviceBusy
        """

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
