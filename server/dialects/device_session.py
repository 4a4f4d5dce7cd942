"""Devices in use by one page: its cameras, their modes and settings, and its pictures."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from imgcore.next_page.wait import Wait
from imgcore.output.finish import AS_MADE, OutputSettings
from imgcore.settings import Crop, Settings
from imgcore.types import CropState
from server.access.client import Client
from server.access.limits import ByteBudget
from server.devices.ports.camera import Camera, CameraInfo, PixelFormat, Size
from server.dialects.services import DialectServices, OriginFiles, PictureList
from server.errors import Cancelled, GaopaiError, NoSuchDevice
from server.services.cameras.auto_capture import AutoCaptured, AutoCapturePlan, Trigger
from server.services.cameras.capture import FrameChoice
from server.services.cameras.recording import RecordedFile
from server.services.cameras.registry import ModeChoice
from server.services.pictures.order import PictureOrder
from server.services.pictures.output import EncodedPicture
from server.storage.paths import PictureFormat, format_of
from server.streaming.painter import FrameSink

log = logging.getLogger(__name__)

MOST_PAGES_WAITING = 4
"""Limit of the pages that were captured and that the page has not asked for yet."""
MOST_CAMERAS = 64
"""Limit of the cameras whose choices are kept, whatever numbers a page makes up."""


@dataclass(slots=True)
class CameraChoice:
    """Choices of a page for one camera, kept while the camera is closed.

    Attributes
    ----------
    format, size
        Mode that the page chose; None for the camera's best format, and the first size of a format.
    turned
        Degrees clockwise by which preview and captures are turned.
    settings
        Settings of captures, before `turned`.
    output
        Form of the files of captures.
    frames
        Most frames that a capture is merged from; None for as many as help.
    wider
        Pixels by which a page is cut out wider on each side than it is found.
    """

    format: PixelFormat | None = None
    size: Size | None = None
    turned: int = 0
    settings: Settings = field(default_factory=Settings)
    output: OutputSettings = AS_MADE
    frames: int | None = None
    wider: float = 0.0


@dataclass(frozen=True, slots=True)
class SavedCapture:
    """Pictures of a capture, and the files that they were written to."""

    pictures: Sequence[EncodedPicture]
    paths: Sequence[Path]


@dataclass(slots=True)
class SessionRecording:
    """Recording of a page; `result` once it has ended by itself."""

    camera: Camera
    spelling: str
    began: float
    result: RecordedFile | GaopaiError | None = None


PageOutcome = EncodedPicture | GaopaiError


class DeviceSession:
    """Devices in use by one page, or by all pages of an origin where a dialect cannot tell them apart.

    Attributes
    ----------
    files
        Files of the origin's pages.
    client
        Owner of the cameras that the session opens; others of its origin are made by `new_client`.
    pictures
        Pictures collected for a document.
    recording
        Recording that the page began and has not stopped.
    """

    def __init__(self, services: DialectServices, origin: str, budget: ByteBudget) -> None:
        self.services = services.house
        self._cameras = self.services.cameras
        self.files = OriginFiles(services.storage, self.services.pools, origin)
        self.origin = origin
        self.new_client = partial(services.new_client, origin)
        self.client = self.new_client()
        self.pictures = PictureList(budget)
        self.recording: SessionRecording | None = None
        self._listed = False
        self._pages: dict[int, asyncio.Queue[PageOutcome]] = {}
        self._choices: dict[int, CameraChoice] = {}
        self._opened: dict[int, Camera] = {}
        self._previews: list[tuple[Client, int, Camera]] = []
        # One opening or closing at a time, in the order of the requests.
        self._order = asyncio.Lock()

    def choice(self, number: int) -> CameraChoice:
        """Return the page's choices for a camera.

        Raises
        ------
        NoSuchDevice
            No computer has so many.
        """
        if not 0 <= number < MOST_CAMERAS:
            raise NoSuchDevice(device=number)
        return self._choices.setdefault(number, CameraChoice())

    async def cameras(self) -> Sequence[CameraInfo]:
        """Return the cameras present now, whose positions are the page's numbers."""
        self._listed = True
        return await self._cameras.leases.list(self.client)

    async def info(self, number: int) -> CameraInfo:
        """Return what one of the cameras that are present now is."""
        cameras = await self.cameras()
        if not 0 <= number < len(cameras):
            raise NoSuchDevice(device=number)
        return cameras[number]

    async def camera(self, number: int) -> Camera:
        """Return a camera by its number."""
        if number < 0:
            raise NoSuchDevice(device=number)
        if not self._listed:
            await self.cameras()
        try:
            return self._cameras.leases.numbered(self.client, number)
        except NoSuchDevice:
            # It may have been plugged in since.
            await self.cameras()
            return self._cameras.leases.numbered(self.client, number)

    def is_open(self, number: int) -> bool:
        """Return whether this session has the camera open."""
        camera = self._opened.get(number)
        return camera is not None and self._cameras.leases.owns(self.client, camera)

    @property
    def open_numbers(self) -> tuple[int, ...]:
        """Cameras that this session has open, the newest last."""
        return tuple(number for number in self._opened if self.is_open(number))

    # Opening and closing ---------------------------------------------------------------

    async def open(self, number: int) -> Camera:
        """Open a camera in the page's mode, or change its mode if it is open."""
        async with self._order:
            camera = await self.camera(number)
            await self._cameras.leases.open(self.client, camera, _mode(camera.info, self.choice(number)))
            self._opened.pop(number, None)
            self._opened[number] = camera
            return camera

    async def close(self, number: int | None = None) -> None:
        """Close a camera, or all; no error if it is closed."""
        async with self._order:
            for each, camera in list(self._opened.items()):
                if number not in (None, each):
                    continue
                if self._cameras.leases.owns(self.client, camera):
                    await self._cameras.leases.close(self.client, camera)
                self._opened.pop(each, None)
                self._pages.pop(each, None)

    async def release(self) -> None:
        """Close all devices: the page is gone."""
        for viewer, _, _ in self._previews:
            await self.services.release(viewer)
        await self.services.release(self.client)
        self._opened.clear()

    # Pictures --------------------------------------------------------------------------

    def preview(self, viewer: Client, number: int, sink: FrameSink, binary: bool) -> None:
        """Start a preview of an open camera, turned as the page has it and without any line drawn in.

        Parameters
        ----------
        viewer
            The session's client, or another of its origin.
        """
        camera = self._opened[number]
        self._rotate(viewer, camera, self.choice(number).turned)
        self._cameras.previews.start(viewer, camera, sink, binary)
        self._previews.append((viewer, number, camera))

    def stop_preview(self, viewer: Client) -> None:
        """End the previews of a viewer; no error if there is none."""
        for entry in [entry for entry in self._previews if entry[0] is viewer]:
            self._previews.remove(entry)
            self._cameras.previews.stop(viewer, entry[2])

    def turn(self, number: int, degrees: int) -> None:
        """Turn preview and captures to `degrees` clockwise, a multiple of 90."""
        self.choice(number).turned = degrees % 360
        for viewer, each, camera in self._previews:
            if each == number:
                self._rotate(viewer, camera, degrees % 360)

    def _rotate(self, viewer: Client, camera: Camera, degrees: int) -> None:
        self.services.orders.settings.keep(viewer, camera.info.id, Settings(rotate=degrees))

    async def capture(
        self, number: int, settings: Settings, picture_format: PictureFormat = PictureFormat.JPEG
    ) -> list[EncodedPicture]:
        """Capture with an open camera; the picture is turned as the preview, and by the settings besides."""
        camera = await self.camera(number)
        choice = self.choice(number)
        cut = choice.wider and settings.crop is Crop.SINGLE and picture_format is PictureFormat.JPEG
        order = replace(await self._order_of(choice, settings, picture_format), judged=bool(cut))
        frames = FrameChoice(choice.frames)
        made = await self._cameras.captures.capture(self.client, camera, order, frames)
        return await self._widened(made[0], choice.wider, order) if cut else made

    async def _order_of(
        self, choice: CameraChoice, settings: Settings, picture_format: PictureFormat
    ) -> PictureOrder:
        """Return the order of pictures without files and verdicts, turned as the page has them."""
        turned = replace(settings, rotate=(settings.rotate + choice.turned) % 360)
        order = await self.services.orders.made(turned, choice.output)
        return replace(order, picture_format=picture_format, judged=False)

    async def _widened(
        self, picture: EncodedPicture, wider: float, order: PictureOrder
    ) -> list[EncodedPicture]:
        """Cut a page out of its original once more, so many pixels wider on each side."""
        crop = picture.crop
        handle = picture.handle
        if crop.state is not CropState.CROPPED or crop.corners is None or handle is None:
            return [picture]
        corners = np.array(crop.corners)
        outward = corners - corners.mean(axis=0)
        corners += outward * (wider * math.sqrt(2) / np.linalg.norm(outward, axis=1, keepdims=True))
        quad = tuple((x, y) for x, y in corners.tolist())
        order = replace(order, settings=replace(order.settings, crop=Crop.MANUAL, quad=quad))
        processing = self.services.processing
        return list((await processing.process(self.client, handle, order, is_handle=True)).pictures)

    async def capture_automatically(
        self,
        number: int,
        settings: Settings,
        receive: Callable[[PageOutcome], Awaitable[None]],
        seconds: float = 0.0,
        picture_format: PictureFormat = PictureFormat.JPEG,
    ) -> None:
        """Capture each page that comes to rest, or every so many seconds, until `stop_captures`."""
        choice = self.choice(number)
        order = await self._order_of(choice, settings, picture_format)
        trigger = Trigger.TIMED if seconds else Trigger.PAGE
        plan = AutoCapturePlan(trigger, seconds, order, FrameChoice(choice.frames))
        camera = await self.camera(number)
        await self._cameras.auto_captures.start(self.client, camera, plan, _Receiver(receive))

    async def next_page(self, number: int, settings: Settings) -> EncodedPicture:
        """Wait for the next page to come to rest; those after it are kept until they are asked for.

        Raises
        ------
        GaopaiError
            The error that ended the captures; `Cancelled` for `stop_captures`.
        """
        pages = self._pages.get(number)
        if pages is None:
            pages = self._pages[number] = asyncio.Queue(MOST_PAGES_WAITING)

            async def receive(outcome: PageOutcome) -> None:
                _put(pages, outcome)

            try:
                await self.capture_automatically(number, settings, receive)
            except GaopaiError:
                del self._pages[number]
                raise
        outcome = await pages.get()
        if isinstance(outcome, GaopaiError):
            await self.stop_captures(number)
            raise outcome
        return outcome

    async def stop_captures(self, number: int) -> None:
        """End automatic captures; no error if there are none."""
        pages = self._pages.pop(number, None)
        if pages is not None:
            _put(pages, Cancelled(func="-"))
        self._cameras.auto_captures.stop(self.client, await self.camera(number))

    async def save(self, number: int, settings: Settings, spelling: str) -> SavedCapture:
        """Capture and write the pictures to a file of the page's.

        Raises
        ------
        BadSuffix, BadName, PathOutside, FileExists, StorageFull, StorageFailed
            Beside those of `capture`; no file is left then.
        """
        picture_format = format_of(spelling)
        await self.files.check(spelling)
        pictures = await self.capture(number, settings, picture_format)
        contents = [one.data for one in pictures]
        paths = await self.files.save(spelling, contents)
        return SavedCapture(pictures, paths)


def first_sizes(info: CameraInfo) -> Sequence[Size]:
    """Return the sizes of a camera's best format."""
    return info.media[0].sizes if info.media else ()


def _mode(info: CameraInfo, choice: CameraChoice) -> ModeChoice:
    """Return the mode nearest to the page's choice."""
    formats = [kind.format for kind in info.media]
    media = formats.index(choice.format) if choice.format in formats else 0
    sizes = info.media[media].sizes if info.media else ()
    if choice.size is None or not sizes:
        return ModeChoice(media, 0)
    return ModeChoice(media, sizes.index(min(sizes, key=choice.size.distance)))


def _put(pages: asyncio.Queue[PageOutcome], outcome: PageOutcome) -> None:
    """Add a page; of too many the oldest is dropped, as nobody asks for them."""
    if pages.full():
        log.warning("a captured page was not asked for")
        pages.get_nowait()
    pages.put_nowait(outcome)


class _Receiver:
    """`AutoCaptureListener` that hands on the first picture of each capture."""

    def __init__(self, receive: Callable[[PageOutcome], Awaitable[None]]) -> None:
        self._receive = receive

    async def captured(self, capture: AutoCaptured) -> None:
        await self._receive(capture.pictures[0])

    def waits(self, wait: Wait) -> None:
        pass

    def missed(self) -> None:
        pass

    async def failed(self, error: GaopaiError) -> None:
        await self._receive(error)
