"""Second cameras of captures, whose picture is laid into a corner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from server.access.client import Client
from server.devices.ports.camera import Camera, CameraInfo
from server.errors import BadParameter, LocalizedText, MissingParameter
from server.protocol.messages.pictures import InsetRequest
from server.services.cameras.leases import CameraLeases, OpenCamera
from server.services.cameras.registry import ModeChoice

WIDTH = 1280
"""Width in pixels that is enough for a part of a picture."""


@dataclass(frozen=True, slots=True)
class SecondCamera:
    """Second camera of a capture, and the place of its picture; see `Inset`."""

    camera: Camera
    corner: int
    share: float


class InsetCameras:
    """Lends second cameras to captures, and opens those that nobody has open for the time."""

    def __init__(self, leases: CameraLeases) -> None:
        self._leases = leases
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def lent(self, client: Client, camera: Camera) -> AsyncIterator[OpenCamera]:
        """Lend a camera for one capture."""
        # One capture at a time, so that none closes the camera of another.
        async with self._locks.setdefault(camera.info.id, asyncio.Lock()):
            if self._leases.is_open(camera):
                yield self._leases.watched(client, camera)
                return
            await self._leases.acquire(client, camera, small_mode(camera.info))
            try:
                yield self._leases.owned(client, camera)
            finally:
                # Another page of the origin may have taken it over meanwhile, or the connection is gone.
                if self._leases.owns(client, camera):
                    await self._leases.close(client, camera)


def small_mode(info: CameraInfo) -> ModeChoice:
    """Return the smallest mode that is at least `WIDTH` wide, else the widest."""
    sizes = info.media[0].sizes
    wide = [size for size in sizes if size.width >= WIDTH]
    chosen = min(wide, key=lambda size: size.width * size.height) if wide else max(sizes)
    return ModeChoice(0, sizes.index(chosen))


BOTTOM_RIGHT = 3
"""Corner of the inset where a request names none: the bottom right one, by its number in the protocol."""
QUARTER = 25.0
"""Width of the inset where a request gives none, in per cent of the picture's."""
_ITSELF = LocalizedText("不能是所拍摄的摄像头本身", "it is the camera of the capture itself")


def inset_of(
    leases: CameraLeases, client: Client, camera: Camera, request: InsetRequest
) -> SecondCamera | None:
    """Return the second camera of a capture with `camera`, None if the request asks for none."""
    number = request.overlay_dev_num
    corner = request.overlay_position
    share = request.overlay_size
    if number is None:
        if corner is not None or share is not None:
            raise MissingParameter(field="overlayDevNum")
        return None
    second = leases.numbered(client, number)
    if second.info.id == camera.info.id:
        raise BadParameter(field="overlayDevNum", reason=_ITSELF)
    return SecondCamera(
        second, BOTTOM_RIGHT if corner is None else corner, QUARTER if share is None else share
    )
