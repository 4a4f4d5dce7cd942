"""Captures: one full frame, processed as the connection's settings say, then encoded."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from imgcore.burst.merge import merge_burst, sensor_noise
from imgcore.output.inset import Inset
from imgcore.rotate import rotate
from imgcore.settings import Settings, WhenUnsure
from imgcore.types import Image
from server.access.client import Client
from server.archive.record import taken_with
from server.devices.ports.camera import Camera, Frame, PixelFormat
from server.errors import DeviceFailed, DeviceNotOpen, DeviceTimeout, GaopaiError, LocalizedText
from server.runtime.background import ended
from server.services.cameras.inset import InsetCameras, SecondCamera
from server.services.cameras.kept import DeskScales
from server.services.cameras.leases import CameraLeases, OpenCamera
from server.services.cameras.presses import HeldFrames
from server.services.pictures.naming import NamePlan
from server.services.pictures.order import PictureOrder
from server.services.pictures.originals import original_frame
from server.services.pictures.output import EncodedPicture, PictureWork, as_it_came, process_image
from server.services.pictures.resources import PictureResources
from server.storage.paths import PictureFormat
from server.streaming.hub import Hub, HubClosed
from server.streaming.pixels import BrokenFrame, grey, pixels

FRAME_SECONDS = 8.0
"""Time limit for a fresh frame of a camera, in seconds, the start of its sensor included."""
WARM_UP_FRAMES = 3
"""Number of first frames that a sensor gives dark, while its exposure settles."""
APART_SECONDS = 0.25
"""Time in seconds beyond which frames of two cameras are taken again: one camera had to be started first."""
BURST_SECONDS = 1.5
"""Time in seconds from the first frame beyond which another one shows another moment."""
BURST_WAIT = 3.0
"""Longest wait for as many frames as were asked for, in seconds."""
MERGED_PIXELS = 8_000_000
"""Number of pixels that are added to a capture unasked: about what its other work costs."""
NOISY = 2.0
"""Noise of a sensor in levels, as `sensor_noise` gives it, that merging takes away to be seen."""
SHAKEN = 0.85
"""Share of the bytes of a sharp JPEG below which one of the same scene may be blurred."""
BROKEN_FRAMES = 5
"""Number of undecodable frames in a row that are a fault of the camera."""
UNDECODABLE = LocalizedText("它送来的画面无法解码", "it sends frames that cannot be decoded")
CAPTURED = LocalizedText("拍摄的图片", "the camera's picture")
UNCHANGED = (PictureFormat.JPEG, PictureFormat.PDF)
"""Formats that can hold a camera's JPEG as it came."""


T = TypeVar("T")
F = TypeVar("F")


class BrokenSecondFrame(BrokenFrame):
    """A frame of the second camera cannot be decoded; `device` is its name."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self.device = device


class CapturedFile(NamedTuple):
    """One picture of a capture, and the file it was written to."""

    path: Path
    picture: EncodedPicture


@dataclass(frozen=True, slots=True)
class FrameChoice:
    """Frames that a capture is made of.

    Attributes
    ----------
    most
        Most frames that the capture is merged from; None for as many as help and cost no time.
    second
        Second camera, whose picture is laid into a corner.
    held
        Frames of the moment that the capture was asked for; None for a frame of its turn.
    """

    most: int | None = None
    second: SecondCamera | None = None
    held: HeldFrames | None = None


ANY_FRAMES = FrameChoice()


class CaptureService:
    """Captures pictures with opened cameras.

    Parameters
    ----------
    scales
        Scales of the desks below the cameras.
    """

    def __init__(self, leases: CameraLeases, resources: PictureResources, scales: DeskScales) -> None:
        self._leases = leases
        self._scales = scales
        self.resources = resources
        self._pools = resources.pools
        self._cache = resources.cache
        self._originals = resources.originals
        self._insets = InsetCameras(leases)
        self._settings = resources.orders.settings

    async def capture(
        self, client: Client, camera: Camera, order: PictureOrder, frames: FrameChoice = ANY_FRAMES
    ) -> list[EncodedPicture]:
        """Capture a frame; return its pictures in reading order, several only when documents are cut out.

        A frame that needs no processing keeps the camera's own JPEG bytes.
        """
        return await self._captured(client, camera, self._work(order), frames)

    async def save(
        self, client: Client, camera: Camera, order: PictureOrder, frames: FrameChoice = ANY_FRAMES
    ) -> list[CapturedFile]:
        """Capture a frame as `capture` does, and write its pictures below the storage root.

        The name is checked before the capture, so that nobody turns a page for an error.

        Raises
        ------
        BadSuffix, BadName, PathOutside, FileExists, StorageFull, StorageFailed, NamePartMissing
            Beside those of `capture`; no file is left then.
        """
        plan = await self.resources.plan(client, order)
        pictures = await self._captured(client, camera, self._work(order, plan), frames)
        return list(map(CapturedFile, await self._pools.run(plan.save, pictures), pictures))

    async def of_frame(
        self,
        client: Client,
        camera: Camera,
        frame: Frame,
        order: PictureOrder,
        plan: NamePlan | None,
        frames: FrameChoice = ANY_FRAMES,
    ) -> tuple[list[EncodedPicture], list[Path]]:
        """Process this very frame as `capture` does, or as `save` does if there is a plan of names."""
        pictures = await self._captured(client, camera, self._work(order, plan), frames, frame)
        paths = [await self._pools.run(plan.save_next, picture) for picture in pictures] if plan else []
        return pictures, paths

    async def picture(self, client: Client, camera: Camera, settings: Settings) -> Image:
        """Capture a frame; return its pixels, of several pictures the first."""
        present = self._leases.owned(client, camera)
        return await self._undamaged(
            present,
            partial(_fresh_frame, present.hub),
            lambda frame: process_image(pixels(frame), settings, self._cache, CAPTURED).pictures[0],
        )

    def _work(self, order: PictureOrder, plan: NamePlan | None = None) -> PictureWork:
        if plan is None:
            return PictureWork(order, self._cache, helpers=self._pools.helpers)
        named = replace(order, picture_format=plan.picture_format)
        return PictureWork(named, self._cache, plan.needs_barcode, self._pools.helpers)

    async def _captured(
        self,
        client: Client,
        camera: Camera,
        work: PictureWork,
        frames: FrameChoice,
        given: Frame | None = None,
    ) -> list[EncodedPicture]:
        present = self._leases.owned(client, camera)
        scale = await self._pools.run(self._scales.of, camera.info.id)
        desk = present.broadcast.memory.desk_in(present.mode.size)
        order = replace(work.order, settings=replace(work.order.settings, scale=scale))
        measured = replace(work, order=order, desk=desk)
        if frames.second is None:
            take = partial(_burst, [given] if given else [], present.hub, frames.most)
            if frames.held is not None and (held := frames.held.of(present)):
                take = partial(_first_of, [held], take)
            frame, pictures = await self._undamaged(
                present, take, lambda taken: process_burst(taken, measured, frames.most)
            )
        else:
            frame, pictures = await self._captured_with(client, present, frames.second, measured, frames.most)
        ago = time.monotonic() - frame.time
        info = camera.info
        keep = self.resources.provenance.keep
        taken = await self._pools.run(taken_with, info.name, "camera", info.serial, frame.data, ago)
        await self._pools.run(keep, client.origin, pictures, taken, work.order.settings)
        if not work.order.judged:
            return pictures
        handle = self._originals.keep(client.origin, original_frame(frame, scale, taken))
        return [replace(picture, handle=handle) for picture in pictures]

    async def _captured_with(
        self,
        client: Client,
        present: OpenCamera,
        second: SecondCamera,
        work: PictureWork,
        most: int | None,
    ) -> tuple[Frame, list[EncodedPicture]]:
        """Capture with a second camera, whose picture is turned as the client set it, and no more."""
        turn = self._settings.of(client, second.camera.info.id).rotate

        def process(frames: tuple[Frame, Frame]) -> tuple[Frame, list[EncodedPicture]]:
            frame, beside = frames
            try:
                image = rotate(pixels(beside), turn)
            except BrokenFrame as exc:
                raise BrokenSecondFrame(second.camera.info.name) from exc
            inset = Inset(image, second.corner, second.share)
            return process_burst([frame], replace(work, inset=inset), most)

        async with self._insets.lent(client, second.camera) as other:
            return await self._undamaged(present, partial(_frames_together, present.hub, other.hub), process)

    async def _undamaged(
        self, present: OpenCamera, take: Callable[[], Awaitable[F]], process: Callable[[F], T]
    ) -> T:
        """Process the next frame, or the next frames, that can be decoded, in a thread."""
        if present.recording is not None:
            present.recording.mark_capture()
        device = present.camera.info.name
        present.hub.captures += 1
        try:
            for _ in range(BROKEN_FRAMES):
                taken = await take()
                try:
                    return await self._pools.run(process, taken)
                except BrokenSecondFrame as broken:
                    device = broken.device
                except BrokenFrame:
                    continue
        finally:
            present.hub.captures -= 1
        raise DeviceFailed(device=device, reason=UNDECODABLE)


def process_frame(frame: Frame, work: PictureWork) -> list[EncodedPicture]:
    """Process one frame and encode its pictures; see `process_burst`."""
    return process_burst([frame], work)[1]


def process_burst(
    frames: Sequence[Frame], work: PictureWork, most: int | None = None
) -> tuple[Frame, list[EncodedPicture]]:
    """Process the first of some frames, merged with the others where that helps, and encode its pictures.

    Parameters
    ----------
    most
        Number of frames that were asked for; None where none was.

    Returns
    -------
    tuple
        The frame whose pixels the pictures were cut from, and the pictures.

    Raises
    ------
    BrokenFrame
        The first frame cannot be decoded.
    PictureUnreadable
        The settings do not fit the picture, for instance a rectangle outside it.
    PictureTooLarge
    """
    frame = frames[0]
    order = work.order
    untouched = replace(order.settings, scale=None, when_unsure=WhenUnsure.WHOLE) == Settings()
    as_it_is = untouched and work.inset is None and (most or 1) == 1
    if frame.format is PixelFormat.MJPG and as_it_is and order.picture_format in UNCHANGED:
        # A truncated frame must not become somebody's file; verdicts and barcodes look at no colour.
        seen = grey(frame, 1 if work.looks else 8)
        unchanged = as_it_came(frame.data, frame.size, order)
        if unchanged is not None:
            return frame, [work.described(unchanged, seen) if work.looks else unchanged]
    image = pixels(frame)
    count = 1
    others = frames[1:] if most else _worth_merging(frame, image, frames[1:])
    if others:
        merged = merge_burst(image, _decoded(others))
        frame = frames[merged.reference]
        image = merged.image
        count = merged.count
    return frame, [replace(each.encoded, frames=count) for each in work.run(image, CAPTURED)]


def _worth_merging(frame: Frame, image: Image, others: Sequence[Frame]) -> Sequence[Frame]:
    """Return the frames that a capture is merged from unasked."""
    most = MERGED_PIXELS // (frame.size.width * frame.size.height)
    packed = frame.format is PixelFormat.MJPG
    shaken = packed and len(frame.data) < SHAKEN * max((len(each.data) for each in others), default=0)
    return others[:most] if others and (shaken or sensor_noise(image) > NOISY) else ()


def _decoded(frames: Sequence[Frame]) -> Iterator[Image]:
    """Yield frames that can be decoded, and for one that cannot a picture of nothing."""
    for frame in frames:
        try:
            yield pixels(frame)
        except BrokenFrame:
            yield np.zeros((1, 1), np.uint8)


async def _first_of(
    held: list[Sequence[Frame]], otherwise: Callable[[], Awaitable[Sequence[Frame]]]
) -> Sequence[Frame]:
    """Return the frames that are held, once: what cannot be decoded then is taken anew."""
    return held.pop() if held else await otherwise()


async def _burst(given: list[Frame], hub: Hub, asked: int | None) -> Sequence[Frame]:
    """Return the frame that was given, or a fresh one, and those that were taken about the same time."""
    first = given.pop() if given else await _fresh_frame(hub)
    settled = max(0, hub.frames_since_start - WARM_UP_FRAMES + 1)
    near = [each for each in hub.recent[:settled] if abs(each.time - first.time) < BURST_SECONDS]
    if asked is not None:
        near = near[:asked]
        near += await _more_frames(hub, asked - len(near))
    # A camera that repeats a picture adds nothing by it.
    return list({each.data: each for each in [first, *near]}.values())[:asked]


async def _more_frames(hub: Hub, count: int) -> Sequence[Frame]:
    """Wait for so many frames; not for ever, as one is a picture already."""
    frames: list[Frame] = []
    with hub.watch() as watch, contextlib.suppress(TimeoutError, HubClosed, GaopaiError):
        async with asyncio.timeout(BURST_WAIT):
            while len(frames) < count:
                frames.append(await watch.next(BURST_WAIT))
    return frames


async def _fresh_frame(hub: Hub) -> Frame:
    """Wait for a frame that was taken after this call, with the sensor warmed up."""
    called = time.monotonic()
    with hub.watch() as watch:
        try:
            async with asyncio.timeout(FRAME_SECONDS):
                frame = await watch.next(FRAME_SECONDS)
                while frame.time < called or hub.frames_since_start < WARM_UP_FRAMES:
                    frame = await watch.next(FRAME_SECONDS)
        except HubClosed:
            raise DeviceNotOpen(opener="OpenCamera") from None
        except TimeoutError:
            raise DeviceTimeout(device=hub.name, seconds=f"{FRAME_SECONDS:g}") from None
    return frame


async def _frames_together(hub: Hub, other: Hub) -> tuple[Frame, Frame]:
    """Wait for a frame of each of two cameras, taken after this call and at the same time."""
    frame, second = both = await _frame_of_each(hub, other)
    apart = abs(frame.time - second.time) > APART_SECONDS
    return await _frame_of_each(hub, other) if apart else both


async def _frame_of_each(hub: Hub, other: Hub) -> tuple[Frame, Frame]:
    beside = asyncio.create_task(_fresh_frame(other))
    try:
        return await _fresh_frame(hub), await beside
    finally:
        await ended(beside)
