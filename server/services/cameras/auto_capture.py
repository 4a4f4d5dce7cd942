"""Captures that make themselves: of each page that comes to rest, or at intervals."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Protocol

from imgcore.next_page.wait import Wait
from imgcore.next_page.watch import Sighting
from server.background import report, supervise
from server.devices.ports.camera import Camera, Frame
from server.errors import DeviceBusy, DeviceFailed, DeviceNotOpen, GaopaiError, LocalizedText
from server.services.cameras.capture import CaptureService
from server.services.cameras.desk import CameraDesk, OpenCamera
from server.services.cameras.page_search import NextPageSearch, PageSearch
from server.services.client import Client
from server.services.naming import NamePlan, SeriesPlan
from server.services.output import EncodedPicture, Output
from server.services.pools import ThreadPools
from server.streaming.hub import FrameSubscription, HubClosed
from server.streaming.pixels import BrokenFrame

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.2
"""Five looks a second: a page is taken half a second after it has come to rest."""
REST = 3.0
"""Pause after a look as a multiple of its duration: never more than a quarter of a core."""
LONGEST_PAUSE = 1.0
"""Longest such pause: the first look reads libraries."""
OWNER_SECONDS = 0.5
"""Interval at which the owner is looked at while the time of a capture has not come."""
FRAME_SECONDS = 10.0
"""Longer than the timeout of the preview, which reports why frames stopped."""
OPENER = "OpenCamera"
OTHER_PAGE = LocalizedText("另一个网页", "another page")


class Trigger(Enum):
    """Event that makes a capture: a new page, or the time."""

    PAGE = 1
    TIMED = 2


@dataclass(frozen=True, slots=True)
class AutoCapturePlan:
    """Captures to be made.

    Attributes
    ----------
    seconds
        Interval of `Trigger.TIMED`.
    name
        File name or template of each; None for pictures without files.
    """

    trigger: Trigger
    seconds: float
    name: str | None
    output: Output


@dataclass(frozen=True, slots=True)
class AutoCaptured:
    """Pictures of one automatic capture, and their files where there are any.

    Attributes
    ----------
    index
        Number of the capture, from 1.
    """

    index: int
    pictures: Sequence[EncodedPicture]
    paths: Sequence[Path] = ()


class AutoCaptureListener(Protocol):
    """Protocol for the receiver of automatic captures."""

    async def captured(self, capture: AutoCaptured) -> None:
        """Receive a capture; takes as long as the client needs to receive it."""

    def waits(self, wait: Wait) -> None:
        """Hear why nothing is taken, whenever that changes; never blocks."""

    def missed(self) -> None:
        """Hear that a page went by that was not taken; never blocks."""

    async def failed(self, error: GaopaiError) -> None:
        """Hear of a capture that failed, or of what has ended them all."""


class AutoCaptureService:
    """Automatic captures, of one camera for its owner at a time.

    Parameters
    ----------
    search
        Makes a new search for pages.
    """

    def __init__(
        self,
        desk: CameraDesk,
        captures: CaptureService,
        pools: ThreadPools,
        search: Callable[[], PageSearch] = NextPageSearch,
    ) -> None:
        self._desk = desk
        self._captures = captures
        self._executor = pools.pages
        self._search = search
        self._running: dict[tuple[Client, str], asyncio.Task[None]] = {}

    async def start(
        self, client: Client, camera: Camera, plan: AutoCapturePlan, listener: AutoCaptureListener
    ) -> None:
        """Begin to capture, in place of what runs for this camera.

        Raises
        ------
        DeviceNotOpen, DeviceBusy
        BadSuffix, BadName, PathOutside, FileExists, NamePartMissing
            About the name of the files.
        """
        self._desk.owned(client, camera)
        names = None if plan.name is None else await self._captures.names(client, plan.name)
        present = self._desk.owned(client, camera)
        self.stop(client, camera)
        series = _Series(self._captures, client, camera, plan, names)
        work = _Work(present, series, listener, partial(self._desk.owns, client, camera))
        search = self._search() if plan.trigger is Trigger.PAGE else None
        task = supervise("automatic capture", lambda: work.run(search, self._executor), restart=False)
        self._running[client, camera.info.id] = task

    def stop(self, client: Client, camera: Camera) -> None:
        """End automatic captures without a message; no error if there are none."""
        task = self._running.pop((client, camera.info.id), None)
        if task is not None:
            task.cancel()

    def release(self, client: Client) -> None:
        """End those of a client whose connection is gone."""
        for key in [key for key in self._running if key[0] is client]:
            self._running.pop(key).cancel()


class _Series:
    """Captures of one plan, which know how many they are."""

    def __init__(
        self,
        captures: CaptureService,
        client: Client,
        camera: Camera,
        plan: AutoCapturePlan,
        names: NamePlan | None,
    ) -> None:
        self._captures = captures
        self._client = client
        self._camera = camera
        self._names = names
        self.plan = plan
        self.taken = 0

    async def take(self, frame: Frame) -> AutoCaptured:
        """Capture a frame.

        Raises
        ------
        GaopaiError
        """
        names = self._names
        if names is not None and not isinstance(names, SeriesPlan):
            # Its time is that of the capture.
            names = await self._captures.names(self._client, self.plan.name or "")
        made = self._captures.of_frame(self._client, self._camera, frame, self.plan.output, names)
        pictures, paths = await made
        self.taken += 1
        return AutoCaptured(self.taken, pictures, paths)


class _Work:
    """The task of one series."""

    def __init__(
        self,
        present: OpenCamera,
        series: _Series,
        listener: AutoCaptureListener,
        is_owner: Callable[[], bool],
    ) -> None:
        self._present = present
        self._series = series
        self._listener = listener
        self._is_owner = is_owner
        self._wait: Wait | None = None

    async def run(self, search: PageSearch | None, executor: Executor) -> None:
        """Capture until the camera is closed, fails or belongs to another."""
        name = self._present.camera.info.name
        try:
            with self._present.hub.watch() as watch:
                await (self._by_pages(watch, search, executor) if search else self._by_time(watch))
            await self._listener.failed(DeviceBusy(device=name, holder=OTHER_PAGE))
        except HubClosed:
            await self._listener.failed(DeviceNotOpen(opener=OPENER))
        except GaopaiError as error:
            await self._listener.failed(error)
        except Exception as error:  # noqa: BLE001 - the client is told that nothing more will come
            report("automatic capture", error)
            await self._listener.failed(DeviceFailed(device=name, reason=type(error).__name__))

    async def _by_time(self, watch: FrameSubscription) -> None:
        due = time.monotonic()
        while self._is_owner():
            due = max(due + self._series.plan.seconds, time.monotonic())
            while (left := due - time.monotonic()) > 0:
                await asyncio.sleep(min(left, OWNER_SECONDS))
                if not self._is_owner():
                    return
            await self._take(await _taken_after(watch, due))

    async def _by_pages(self, watch: FrameSubscription, search: PageSearch, executor: Executor) -> None:
        loop = asyncio.get_running_loop()
        while self._is_owner():
            started = time.monotonic()
            frame = await watch.next(FRAME_SECONDS)
            begun = time.monotonic()
            try:
                seen = await loop.run_in_executor(executor, search.look, frame, begun)
            except BrokenFrame:
                log.debug("%s sent a broken frame", self._present.camera.info.name)
            else:
                pause = REST * (time.monotonic() - begun)
                if not await self._tell(seen, frame):
                    search.forget()
            now = time.monotonic()
            await asyncio.sleep(max(started + INTERVAL_SECONDS - now, min(pause, LONGEST_PAUSE), 0.0))

    async def _tell(self, seen: Sighting, frame: Frame) -> bool:
        """Take the page, or tell why not; return False if it could not be taken."""
        if seen.missed:
            self._listener.missed()
        if seen.wait is None:
            self._wait = None
            return await self._take(frame)
        if seen.wait is not self._wait:
            self._wait = seen.wait
            self._listener.waits(seen.wait)
        return True

    async def _take(self, frame: Frame) -> bool:
        """Capture a frame; return False after a failure, of which the client is told."""
        try:
            capture = await self._series.take(frame)
        except GaopaiError as error:
            if not self._is_owner():
                raise
            await self._listener.failed(error)
            return False
        await self._listener.captured(capture)
        return True


async def _taken_after(watch: FrameSubscription, moment: float) -> Frame:
    frame = await watch.next(FRAME_SECONDS)
    while frame.time < moment:
        frame = await watch.next(FRAME_SECONDS)
    return frame
