"""Registry of the cameras, whose finders block."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from server.devices.ports.camera import Camera, CameraFinder, CameraInfo, CameraMode
from server.devices.registry import Registry
from server.errors import LocalizedText, ModeNotSupported
from server.runtime.background import report
from server.services.pools import ThreadPools

CameraRegistry = Registry[CameraFinder, Camera]


def largest_first(found: Sequence[Camera], _: Sequence[Camera]) -> Sequence[Camera]:
    """Order cameras for the listing, as pages open entry 0."""
    return sorted(found, key=lambda camera: camera.info.largest, reverse=True)


def camera_registry(finders: Sequence[CameraFinder], pools: ThreadPools) -> CameraRegistry:
    """Return a registry of the cameras of these finders."""
    searches: dict[CameraFinder, asyncio.Future[Sequence[Camera]]] = {}

    async def find(finder: CameraFinder) -> Sequence[Camera]:
        # One that hangs keeps one thread, however often it is asked.
        if finder not in searches or searches[finder].done():
            searches[finder] = pools.begin(finder.find)
        return await asyncio.shield(searches[finder])

    return CameraRegistry("cameras", finders, find, largest_first)


async def close_finders(registry: CameraRegistry) -> None:
    """End the hot-plug detection and close the finders, each even if another fails."""
    await registry.stop()
    for finder in registry.finders:
        try:
            finder.close()
        except Exception as error:  # noqa: BLE001 - the others are closed all the same
            report("closing of cameras", error)


async def list_cameras(finders: Sequence[CameraFinder]) -> Sequence[Camera]:
    """Return all cameras of `finders`, as the service would list them."""
    pools = ThreadPools()
    registry = camera_registry(finders, pools)
    try:
        return await registry.refresh()
    finally:
        for finder in finders:
            finder.close()
        pools.close()


MEDIA_TYPE = LocalizedText("视频格式", "media type")
RESOLUTION = LocalizedText("分辨率", "resolution")


@dataclass(frozen=True, slots=True)
class ModeChoice:
    """Camera mode by its numbers in the listing, as pages choose it."""

    media: int
    resolution: int
    fps: float | None = None
    """None keeps the frame rate of the open camera."""


def chosen_mode(info: CameraInfo, choice: ModeChoice, default_fps: float) -> CameraMode:
    """Return the mode with the numbers of `choice`. Raises ModeNotSupported."""
    if choice.media >= len(info.media):
        raise ModeNotSupported(device=info.name, number=choice.media, kind=MEDIA_TYPE)
    media = info.media[choice.media]
    if choice.resolution >= len(media.sizes):
        raise ModeNotSupported(device=info.name, number=choice.resolution, kind=RESOLUTION)
    return CameraMode(media.format, media.sizes[choice.resolution], choice.fps or default_fps)
