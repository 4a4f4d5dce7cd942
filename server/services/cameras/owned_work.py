"""Work on the frames of cameras for as long as a client owns them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor
from typing import TypeVar

from imgcore.jpeg import Workspace
from imgcore.next_page.watch import PageWatch, Sighting
from imgcore.outline import Finding, find_page
from imgcore.outline.desk.memory import DeskMemory
from imgcore.types import Image
from server.access.client import Client
from server.devices.ports.camera import Camera, Frame
from server.errors import DeviceBusy, DeviceFailed, DeviceNotOpen, GaopaiError, LocalizedText
from server.runtime.background import report, supervise
from server.services.cameras.leases import CameraLeases, OpenCamera
from server.streaming.hub import FrameSubscription, HubClosed
from server.streaming.looks import Pace, looks
from server.streaming.painter import eighth
from server.streaming.pixels import EIGHTH, pixels

log = logging.getLogger(__name__)

PACE = Pace(longest_rest=1.0)
"""Pace of the looks: the first one reads libraries, after which nobody is to rest."""
OPENER = "OpenCamera"
OTHER_PAGE = LocalizedText("另一个网页", "another page")

T = TypeVar("T")
Work = Callable[["OwnedFrames"], Awaitable[None]]
Failed = Callable[[GaopaiError], Awaitable[None]]
"""Hears what has ended a work."""


class OwnedFrames:
    """Frames of a camera, and whether its client still owns it."""

    def __init__(
        self, leases: CameraLeases, client: Client, camera: Camera, watch: FrameSubscription
    ) -> None:
        self._leases = leases
        self._client = client
        self._camera = camera
        self.watch = watch

    @property
    def owned(self) -> bool:
        """True while the client owns the camera."""
        return self._leases.owns(self._client, self._camera)

    async def looks(
        self, executor: Executor, look: Callable[[Frame, float], T]
    ) -> AsyncIterator[tuple[Frame, T]]:
        """Yield the newest frame and what was seen in it, five times a second, until another owns the camera.

        Parameters
        ----------
        look
            Looks at a frame at a time in seconds, monotonic, in a thread; may raise `BrokenFrame`.
        """
        loop = asyncio.get_running_loop()

        async def looked(frame: Frame, now: float) -> T:
            return await loop.run_in_executor(executor, look, frame, now)

        async for each in looks(self.watch.next, looked, PACE, wanted=lambda: self.owned):
            yield each


class OwnedWork:
    """Background work of one kind, of each camera for its owner at most one.

    Parameters
    ----------
    name
        Of the kind, for the log.
    """

    def __init__(self, name: str, leases: CameraLeases) -> None:
        self._name = name
        self._leases = leases
        self._running: dict[tuple[Client, str], asyncio.Task[None]] = {}

    def begin(self, client: Client, camera: Camera, work: Work, failed: Failed) -> None:
        """Begin to work until the camera is closed, fails or belongs to another, in place of what runs."""
        present = self._leases.owned(client, camera)
        self.stop(client, camera)
        key = (client, camera.info.id)
        self._running[key] = supervise(
            self._name, lambda: self._run(client, present, work, failed), restart=False
        )

    def stop(self, client: Client, camera: Camera) -> None:
        """End the work without a message; no error if there is none."""
        task = self._running.pop((client, camera.info.id), None)
        if task is not None:
            task.cancel()

    def release(self, client: Client) -> None:
        """End that of a client whose connection is gone."""
        for key in [key for key in self._running if key[0] is client]:
            self._running.pop(key).cancel()

    async def _run(self, client: Client, present: OpenCamera, work: Work, failed: Failed) -> None:
        name = present.camera.info.name
        try:
            with present.hub.watch() as watch:
                await work(OwnedFrames(self._leases, client, present.camera, watch))
            await failed(DeviceBusy(device=name, holder=OTHER_PAGE))
        except HubClosed:
            await failed(DeviceNotOpen(opener=OPENER))
        except GaopaiError as error:
            await failed(error)
        except Exception as error:  # noqa: BLE001 - the client is told that nothing more will come
            report(self._name, error)
            await failed(DeviceFailed.by_defect(name, error))


SMALL = 120
"""Long side below which a thumbnail at an eighth shows no hand; then it is made at a quarter."""
LARGE_PIXELS = 4_500_000
"""Pixels from which a frame is decoded at half its size."""


class NextPageSearch:
    """Search for the next page in thumbnails; a frame is decoded only where something came to rest.

    Parameters
    ----------
    memory
        Memory of the desk below the camera, which learns from what comes to rest.
    """

    def __init__(self, memory: DeskMemory) -> None:
        self._memory = memory
        self._watch = PageWatch(self._find)
        self._space = Workspace()

    def look(self, frame: Frame, now: float) -> Sighting:
        """Look at a frame at a time in seconds, monotonic."""
        reduce = 2 if frame.size.width * frame.size.height > LARGE_PIXELS else 1
        return self._watch.update(thumbnail(frame, self._space), now, lambda: pixels(frame, reduce))

    def forget(self) -> None:
        self._watch.forget()

    def _find(self, picture: Image) -> Finding:
        self._memory.learn(picture)
        known = self._memory.find(picture)
        return find_page(picture) if known is None else known


def thumbnail(frame: Frame, space: Workspace) -> Image:
    """Return a frame at an eighth of its size, or at a quarter where that shows no hand."""
    if max(frame.size) // EIGHTH < SMALL:
        return pixels(frame, EIGHTH // 2)
    return eighth(frame, space).colour()
