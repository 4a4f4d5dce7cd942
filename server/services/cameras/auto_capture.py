"""Captures that make themselves: of each page that comes to rest, or at intervals."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Protocol

import pybase64

from imgcore.next_page.wait import Wait
from imgcore.next_page.watch import Sighting
from server.access.client import Client
from server.devices.ports.camera import Camera, Frame
from server.errors import GaopaiError
from server.protocol.messages import auto_capture as messages
from server.protocol.messages.base import Answer
from server.services.cameras.capture import ANY_FRAMES, CaptureService, FrameChoice
from server.services.cameras.inset import inset_of
from server.services.cameras.leases import CameraLeases
from server.services.cameras.owned_work import NextPageSearch, OwnedFrames, OwnedWork
from server.services.context import RequestContext, handles
from server.services.pictures.messages import MIME, picture_fields, pictures_fields
from server.services.pictures.naming import NamePlan, SeriesPlan
from server.services.pictures.order import PictureOrder, PictureOrders
from server.services.pictures.output import EncodedPicture
from server.services.pools import ThreadPools
from server.streaming.hub import FrameSubscription
from server.streaming.looks import FRAME_SECONDS

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
    order
        Order of each; its name is that of the first file, or a template.
    frames
        Frames of each.
    follows
        True for captures with the settings that the client has made for the camera by then.
    """

    trigger: Trigger
    seconds: float
    order: PictureOrder
    frames: FrameChoice = ANY_FRAMES
    follows: bool = False


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


class AutoCaptureService(OwnedWork):
    """Automatic captures, of one camera for its owner at a time."""

    def __init__(self, leases: CameraLeases, captures: CaptureService, pools: ThreadPools) -> None:
        super().__init__("automatic capture", leases)
        self._captures = captures
        self._executor = pools.pages

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
        memory = self._leases.owned(client, camera).broadcast.memory
        names = None
        if plan.order.name is not None:
            names = await self._captures.resources.plan(client, plan.order)
        search = NextPageSearch(memory) if plan.trigger is Trigger.PAGE else None
        series = _Series(self._captures, client, camera, plan, names)

        def work(frames: OwnedFrames) -> Awaitable[None]:
            capturing = _Work(frames, series, listener)
            return capturing.by_pages(search, self._executor) if search else capturing.by_time()

        self.begin(client, camera, work, listener.failed)


@dataclass(eq=False, repr=False)
class _Series:
    """Captures of one plan, which know how many they are."""

    _captures: CaptureService
    _client: Client
    _camera: Camera
    plan: AutoCapturePlan
    _names: NamePlan | None
    taken: int = field(default=0, init=False)

    async def take(self, frame: Frame) -> AutoCaptured:
        """Capture a frame."""
        resources = self._captures.resources
        order = self.plan.order
        if self.plan.follows:
            settings = resources.orders.settings.of(self._client, self._camera.info.id)
            order = replace(order, settings=settings)
        names = self._names
        if names is not None and not isinstance(names, SeriesPlan):
            # Its time is that of the capture.
            names = await resources.plan(self._client, order)
        pictures, paths = await self._captures.of_frame(
            self._client, self._camera, frame, order, names, self.plan.frames
        )
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

    async def by_pages(self, search: NextPageSearch, executor: Executor) -> None:
        """Capture each new page."""
        async for frame, seen in self._frames.looks(executor, search.look):
            if not await self._tell(seen, frame):
                search.forget()

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


PUSH = "OnAutoCapture"


class AutoCaptureHandlers:
    """Handlers of requests about automatic captures."""

    def __init__(self, leases: CameraLeases, captures: AutoCaptureService, orders: PictureOrders) -> None:
        self._leases = leases
        self._captures = captures
        self._orders = orders

    @handles("SetCameraAutoCapture")
    async def set(self, context: RequestContext, request: messages.SetCameraAutoCaptureRequest) -> Answer:
        client = context.client
        camera = self._leases.numbered(client, request.dev_num)
        if request.mode == 0:
            self._captures.stop(client, camera)
            return messages.SetCameraAutoCaptureAnswer()
        second = inset_of(self._leases, client, camera, request)
        order = await self._orders.of_device(client, camera.info.id, request)
        name = request.image_path if request.writes_files else None
        plan = AutoCapturePlan(
            trigger=Trigger(request.mode),
            seconds=request.seconds,
            order=replace(order, name=name),
            frames=FrameChoice(second=second),
            follows=request.settings is None,
        )
        listener = _Pusher(context, self._leases.number(client, camera))
        await self._captures.start(client, camera, plan, listener)
        return messages.SetCameraAutoCaptureAnswer()


class _Pusher:
    """Pushes automatic captures to the client of their request."""

    def __init__(self, context: RequestContext, number: int) -> None:
        self._context = context
        self._number = number

    async def captured(self, capture: AutoCaptured) -> None:
        if capture.paths:
            await self._push(_of_files(self._number, capture))
            return
        for index, picture in enumerate(capture.pictures, 1):
            await self._push(_of_picture(self._number, capture, picture, index))

    def waits(self, wait: Wait) -> None:
        self._context.notify(messages.AutoCaptureReason(dev_num=self._number, reason=wait.value), PUSH)

    def missed(self) -> None:
        self._context.notify(messages.AutoCaptureReason(dev_num=self._number, reason="missed"), PUSH)

    async def failed(self, error: GaopaiError) -> None:
        await self._context.refuse(error, messages.SetCameraAutoCaptureAnswer(), PUSH)

    async def _push(self, push: Answer) -> None:
        await self._context.answer(push, PUSH)


def _of_files(number: int, capture: AutoCaptured) -> messages.AutoCapturePush:
    return messages.AutoCapturePush(
        dev_num=number,
        capture_index=capture.index,
        image_path=tuple(map(str, capture.paths)),
        **pictures_fields(capture.pictures),
    )


def _of_picture(
    number: int, capture: AutoCaptured, picture: EncodedPicture, index: int
) -> messages.AutoCapturePush:
    text = pybase64.b64encode_as_string(picture.data)
    return messages.AutoCapturePush(
        dev_num=number,
        capture_index=capture.index,
        image_count=len(capture.pictures),
        image_index=index,
        image_base64_str=text,
        img_base64_str=text,
        mime=MIME,
        width=picture.size.width,
        height=picture.size.height,
        **picture_fields(picture),
    )
