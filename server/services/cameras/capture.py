"""Captures: one full frame, worked on as the connection's settings say, then encoded."""

from __future__ import annotations

import asyncio
import datetime
import time
from pathlib import Path

from imgcore.settings import Settings
from server.devices.ports.camera import Camera, Frame, PixelFormat
from server.errors import DeviceFailed, DeviceNotOpen, DeviceTimeout, LocalizedText
from server.services.cameras.desk import CameraDesk
from server.services.client import Client
from server.services.image_processing import EncodedPicture, encode, passthrough, process_image
from server.services.model_cache import ModelCache
from server.services.pools import ThreadPools
from server.storage.paths import PictureFormat, format_of
from server.storage.root import Storage
from server.streaming.hub import Hub, HubClosed
from server.streaming.pixels import BrokenFrame, pixels

FRAME_SECONDS = 8.0
WARM_UP_FRAMES = 3
"""A sensor that just woke gives dark frames while its exposure settles."""
BROKEN_FRAMES = 5
"""How many undecodable frames in a row are a fault of the camera."""
UNDECODABLE = LocalizedText("它送来的画面无法解码", "it sends frames that cannot be decoded")
TAKEN = LocalizedText("拍摄的图片", "the camera's picture")
UNTOUCHED = (PictureFormat.JPEG, PictureFormat.PDF)
"""Formats that can hold a camera's JPEG as it came."""


class CaptureService:
    """Takes pictures with opened cameras."""

    def __init__(self, desk: CameraDesk, storage: Storage, workers: ThreadPools, cache: ModelCache) -> None:
        self._cache = cache
        self._desk = desk
        self._storage = storage
        self._workers = workers

    async def take(
        self, client: Client, camera: Camera, picture_format: PictureFormat
    ) -> list[EncodedPicture]:
        """The pictures of one shot, in reading order; several only when several documents are cut.

        A frame that nothing is done to keeps the camera's own JPEG bytes.

        Raises
        ------
        DeviceNotOpen, DeviceBusy, DeviceTimeout, DeviceGone, DeviceFailed, PictureUnreadable
        """
        present = self._desk.owned(client, camera)
        settings = self._desk.settings(client, camera)
        for _ in range(BROKEN_FRAMES):
            frame = await _fresh_frame(present.hub)
            try:
                return await self._workers.run(develop, frame, settings, picture_format, self._cache)
            except BrokenFrame:
                continue
        raise DeviceFailed(device=camera.info.name, reason=UNDECODABLE)

    async def keep(self, client: Client, camera: Camera, name: str) -> list[Path]:
        """Take a shot and write it below the storage root; the files it gave.

        The name is judged before the picture is taken: nobody turns a page for an error.

        Parameters
        ----------
        name
            Its suffix decides the format; empty for a name by date and time.

        Raises
        ------
        BadSuffix, BadName, PathOutside, FileExists, StorageFull, StorageFailed
            Beside those of `take`; no file is left then.
        """
        name = name or self._storage.default_name(".jpg", datetime.datetime.now())
        picture_format = format_of(name)
        await self._workers.run(self._storage.check, name)
        shots = await self.take(client, camera, picture_format)
        return await self._workers.run(self._storage.save_series, name, [shot.data for shot in shots])


def develop(
    frame: Frame, settings: Settings, picture_format: PictureFormat, cache: ModelCache
) -> list[EncodedPicture]:
    """The finished pictures of one frame.

    Raises
    ------
    BrokenFrame
        The frame cannot be decoded.
    PictureUnreadable
        The settings do not fit the picture, for instance a rectangle outside it.
    """
    if frame.format is PixelFormat.MJPG and settings == Settings() and picture_format in UNTOUCHED:
        pixels(frame, 8)  # a truncated frame must not become somebody's file
        return [passthrough(frame.data, frame.size, picture_format)]
    pictures = process_image(pixels(frame), settings, cache, TAKEN)
    return [encode(image, picture_format) for image in pictures]


async def _fresh_frame(hub: Hub) -> Frame:
    """A frame taken after now, from a camera that is awake."""
    asked = time.monotonic()
    with hub.watch() as watch:
        try:
            async with asyncio.timeout(FRAME_SECONDS):
                frame = await watch.next(FRAME_SECONDS)
                while frame.time < asked or hub.awake < WARM_UP_FRAMES:
                    frame = await watch.next(FRAME_SECONDS)
        except HubClosed:
            raise DeviceNotOpen(opener="OpenCamera") from None
        except TimeoutError:
            raise DeviceTimeout(device=hub.name, seconds=f"{FRAME_SECONDS:g}") from None
    return frame
