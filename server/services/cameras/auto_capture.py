"""Captures that make themselves: of each page that comes to rest, or at intervals."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from imgcore.next_page.wait import Wait
from imgcore.next_page.watch import Sighting
from server.access.client import Client
from server.devices.ports.camera import Camera, Frame
from server.errors import GaopaiError
from server.services.cameras.capture import CaptureService
from server.services.cameras.desk import CameraDesk
from server.services.cameras.owned_work import (
    FRAME_SECONDS,
    INTERVAL_SECONDS,
    LONGEST_PAUSE,
    REST,
    OwnedFrames,
    OwnedWork,
)
from server.services.cameras.page_search import NextPageSearch, PageSearch
from server.services.naming import NamePlan, SeriesPlan
from server.services.output import EncodedPicture, Output
from server.services.pools import ThreadPools
from server.streaming.hub import FrameSubscription
from server.streaming.pixels import BrokenFrame

log = logging.getLogger(__name__)

OWNER_SECONDS = 0.5
"""Interval at which the owner is looked at while the time of a capture has not come."""


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
        self._running = OwnedWork("automatic capture", desk)

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
        search = self._search() if plan.trigger is Trigger.PAGE else None
        series = _Series(self._captures, client, camera, plan, names)

        def work(frames: OwnedFrames) -> Awaitable[None]:
            capturing = _Work(frames, series, listener)
            return capturing.by_pages(search, self._executor) if search else capturing.by_time()

        self._running.start(client, camera, work, listener.failed)

    def stop(self, client: Client, camera: Camera) -> None:
        """End automatic captures without a message; no error if there are none."""
        self._running.stop(client, camera)

    def release(self, client: Client) -> None:
        """End those of a client whose connection is gone."""
        self._running.release(client)


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
    """The work of one series."""

    def __init__(self, frames: OwnedFrames, series: _Series, listener: AutoCaptureListener) -> None:
        self._frames = frames
        self._series = series
        self._listener = listener
        self._wait: Wait | None = None

    async def by_time(self) -> None:
        """Capture at intervals."""
        due = time.monotonic()
        while self._frames.owned:
            due = max(due + self._series.plan.seconds, time.monotonic())
            while (left := due - time.monotonic()) > 0:
                await asyncio.sleep(min(left, OWNER_SECONDS))
                if not self._frames.owned:
                    return
            await self._take(await _taken_after(self._frames.watch, due))

    async def by_pages(self, search: PageSearch, executor: Executor) -> None:
        """Capture each new page."""
        loop = asyncio.get_running_loop()
        while self._frames.owned:
            started = time.monotonic()
            frame = await self._frames.watch.next(FRAME_SECONDS)
            begun = time.monotonic()
            try:
                seen = await loop.run_in_executor(executor, search.look, frame, begun)
            except BrokenFrame:
                log.debug("a frame was broken")
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
            if not self._frames.owned:
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
