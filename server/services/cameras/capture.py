"""Captures: one full frame, processed as the connection's settings say, then encoded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from imgcore.settings import Settings
from imgcore.types import Image
from server.devices.ports.camera import Camera, Frame, PixelFormat
from server.errors import DeviceFailed, DeviceNotOpen, DeviceTimeout, LocalizedText
from server.services.cameras.desk import CameraDesk, OpenCamera
from server.services.cameras.desk_scales import DeskScales
from server.services.client import Client
from server.services.image_processing import process_image
from server.services.originals import original_frame
from server.services.output import PLAIN, EncodedPicture, Output, as_it_came
from server.services.picture_work import PictureWork
from server.services.resources import PictureResources
from server.storage.paths import PictureFormat
from server.streaming.hub import Hub, HubClosed
from server.streaming.pixels import BrokenFrame, pixels

FRAME_SECONDS = 8.0
WARM_UP_FRAMES = 3
"""A sensor that was just started gives dark frames while its exposure settles."""
BROKEN_FRAMES = 5
"""So many undecodable frames in a row are a fault of the camera."""
UNDECODABLE = LocalizedText("它送来的画面无法解码", "it sends frames that cannot be decoded")
CAPTURED = LocalizedText("拍摄的图片", "the camera's picture")
UNCHANGED = (PictureFormat.JPEG, PictureFormat.PDF)
"""Formats that can hold a camera's JPEG as it came."""


T = TypeVar("T")


class CapturedFile(NamedTuple):
    """One picture of a capture, and the file it was written to."""

    path: Path
    picture: EncodedPicture


class CaptureService:
    """Captures pictures with opened cameras.

    Parameters
    ----------
    scales
        Scales of the desks below the cameras.
    """

    def __init__(self, desk: CameraDesk, resources: PictureResources, scales: DeskScales) -> None:
        self._desk = desk
        self._scales = scales
        self._storage, self._names = resources.storage, resources.names
        self._pools, self._cache = resources.pools, resources.cache
        self._originals = resources.originals

    async def capture(
        self,
        client: Client,
        camera: Camera,
        picture_format: PictureFormat,
        settings: Settings | None = None,
        output: Output = PLAIN,
        *,
        judged: bool = False,
    ) -> list[EncodedPicture]:
        """Capture a frame; return its pictures in reading order, several only when documents are cut out.

        A frame that needs no processing keeps the camera's own JPEG bytes.

        Parameters
        ----------
        settings
            Settings of this capture; None for the client's of this camera.
        judged
            True for a verdict on each picture, and to keep the frame that they come from.

        Raises
        ------
        DeviceNotOpen, DeviceBusy, DeviceTimeout, DeviceGone, DeviceFailed, PictureUnreadable, PictureTooLarge
        """
        settings = self._desk.settings(client, camera) if settings is None else settings
        return await self._captured(
            client, camera, PictureWork(settings, picture_format, output, self._cache, with_verdict=judged)
        )

    async def save(
        self, client: Client, camera: Camera, name: str, output: Output = PLAIN
    ) -> list[CapturedFile]:
        """Capture a frame, judge its pictures and write them below the storage root.

        The name is checked before the capture, so that nobody turns a page for an error.

        Parameters
        ----------
        name
            File name whose suffix decides the format, or a template; empty for the configured one, or for a
            name by date and time.

        Raises
        ------
        BadSuffix, BadName, PathOutside, FileExists, StorageFull, StorageFailed, NamePartMissing
            Beside those of `capture`; no file is left then.
        """
        storage = self._storage.of(client.origin)
        plan = self._names.plan(client, name, storage)
        await self._pools.run(plan.check)
        settings = self._desk.settings(client, camera)
        work = PictureWork(
            settings, plan.picture_format, output, self._cache, plan.needs_barcode, with_verdict=True
        )
        pictures = await self._captured(client, camera, work)
        paths = await self._pools.run(plan.save, pictures)
        return [CapturedFile(*saved) for saved in zip(paths, pictures, strict=True)]

    async def picture(self, client: Client, camera: Camera, settings: Settings) -> Image:
        """Capture a frame; return its pixels, of several pictures the first.

        Raises
        ------
        DeviceNotOpen, DeviceBusy, DeviceTimeout, DeviceGone, DeviceFailed, PictureUnreadable
        """
        present = self._desk.owned(client, camera)
        return await self._undamaged(
            present, lambda frame: process_image(pixels(frame), settings, self._cache, CAPTURED).pictures[0]
        )

    async def _captured(self, client: Client, camera: Camera, work: PictureWork) -> list[EncodedPicture]:
        present = self._desk.owned(client, camera)
        scale = await self._pools.run(self._scales.of, camera.info.id)
        measured = replace(work, settings=replace(work.settings, scale=scale))
        frame, pictures = await self._undamaged(
            present, lambda frame: (frame, process_frame(frame, measured))
        )
        if not work.with_verdict:
            return pictures
        handle = self._originals.keep(client.origin, original_frame(frame, scale))
        return [replace(picture, handle=handle) for picture in pictures]

    async def _undamaged(self, present: OpenCamera, process: Callable[[Frame], T]) -> T:
        """Process the next frame that can be decoded, in a thread."""
        if present.recording is not None:
            present.recording.mark_capture()
        for _ in range(BROKEN_FRAMES):
            frame = await _fresh_frame(present.hub)
            try:
                return await self._pools.run(process, frame)
            except BrokenFrame:
                continue
        raise DeviceFailed(device=present.camera.info.name, reason=UNDECODABLE)


def process_frame(frame: Frame, work: PictureWork) -> list[EncodedPicture]:
    """Process one frame and encode its pictures.

    Raises
    ------
    BrokenFrame
        The frame cannot be decoded.
    PictureUnreadable
        The settings do not fit the picture, for instance a rectangle outside it.
    PictureTooLarge
    """
    untouched = replace(work.settings, scale=None) == Settings()
    if frame.format is PixelFormat.MJPG and untouched and work.picture_format in UNCHANGED:
        pixels(frame, 8)  # a truncated frame must not become somebody's file
        unchanged = as_it_came(frame.data, frame.size, work.picture_format, work.output)
        if unchanged is not None:
            return [work.described(unchanged, pixels(frame)) if work.looks else unchanged]
    return [finished.encoded for finished in work.run(pixels(frame), CAPTURED)]


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
