"""Captures: one full frame, processed as the connection's settings say, then encoded."""

from __future__ import annotations

import asyncio
import datetime
import time
from dataclasses import replace
from pathlib import Path

from imgcore.settings import Settings
from server.devices.ports.camera import Camera, Frame, PixelFormat
from server.errors import DeviceFailed, DeviceNotOpen, DeviceTimeout, LocalizedText
from server.services.cameras.desk import CameraDesk
from server.services.cameras.desk_scales import DeskScales
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
"""A sensor that was just started gives dark frames while its exposure settles."""
BROKEN_FRAMES = 5
"""So many undecodable frames in a row are a fault of the camera."""
UNDECODABLE = LocalizedText("它送来的画面无法解码", "it sends frames that cannot be decoded")
CAPTURED = LocalizedText("拍摄的图片", "the camera's picture")
UNCHANGED = (PictureFormat.JPEG, PictureFormat.PDF)
"""Formats that can hold a camera's JPEG as it came."""


class CaptureService:
    """Captures pictures with opened cameras.

    Parameters
    ----------
    scales
        Scales of the desks below the cameras.
    """

    def __init__(
        self, desk: CameraDesk, storage: Storage, pools: ThreadPools, cache: ModelCache, scales: DeskScales
    ) -> None:
        self._scales = scales
        self._cache = cache
        self._desk = desk
        self._storage = storage
        self._pools = pools

    async def capture(
        self,
        client: Client,
        camera: Camera,
        picture_format: PictureFormat,
        settings: Settings | None = None,
    ) -> list[EncodedPicture]:
        """Capture a frame; return its pictures in reading order, several only when documents are cut out.

        A frame that needs no processing keeps the camera's own JPEG bytes.

        Parameters
        ----------
        settings
            Settings of this capture; None for the client's of this camera.

        Raises
        ------
        DeviceNotOpen, DeviceBusy, DeviceTimeout, DeviceGone, DeviceFailed, PictureUnreadable
        """
        present = self._desk.owned(client, camera)
        settings = self._desk.settings(client, camera) if settings is None else settings
        scale = await self._pools.run(self._scales.of, camera.info.id)
        settings = replace(settings, scale=scale)
        for _ in range(BROKEN_FRAMES):
            frame = await _fresh_frame(present.hub)
            try:
                return await self._pools.run(process_frame, frame, settings, picture_format, self._cache)
            except BrokenFrame:
                continue
        raise DeviceFailed(device=camera.info.name, reason=UNDECODABLE)

    async def save(self, client: Client, camera: Camera, name: str) -> list[Path]:
        """Capture a frame and write its pictures below the storage root; return the files.

        The name is checked before the capture, so that nobody turns a page for an error.

        Parameters
        ----------
        name
            File name whose suffix decides the format; empty for a name by date and time.

        Raises
        ------
        BadSuffix, BadName, PathOutside, FileExists, StorageFull, StorageFailed
            Beside those of `capture`; no file is left then.
        """
        storage = self._storage.of(client.origin)
        name = name or storage.default_name(".jpg", datetime.datetime.now())
        picture_format = format_of(name)
        await self._pools.run(storage.check, name)
        pictures = await self.capture(client, camera, picture_format)
        return await self._pools.run(storage.save_series, name, [one.data for one in pictures])


def process_frame(
    frame: Frame, settings: Settings, picture_format: PictureFormat, cache: ModelCache
) -> list[EncodedPicture]:
    """Process one frame and encode its pictures.

    Raises
    ------
    BrokenFrame
        The frame cannot be decoded.
    PictureUnreadable
        The settings do not fit the picture, for instance a rectangle outside it.
    """
    untouched = replace(settings, scale=None) == Settings()
    if frame.format is PixelFormat.MJPG and untouched and picture_format in UNCHANGED:
        pixels(frame, 8)  # a truncated frame must not become somebody's file
        return [passthrough(frame.data, frame.size, picture_format)]
    result = process_image(pixels(frame), settings, cache, CAPTURED)
    pictures = zip(result.pictures, result.dots, strict=True)
    return [encode(image, picture_format, dots) for image, dots in pictures]


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
