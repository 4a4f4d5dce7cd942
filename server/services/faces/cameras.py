"""Face cameras of a connection, opened by the camera desk, with their own numbers.

A device is the same whatever role it is opened for: a face camera may be watched as a
document camera too, and closing it closes both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from server.access.client import Client
from server.devices.ports.camera import Camera, Size
from server.errors import DeviceNotOpen, NoSuchDevice
from server.services.cameras.desk import CameraDesk, Role
from server.services.cameras.registry import CameraRegistry, ModeChoice
from server.services.faces.pairing import CameraPair, FaceCamera, face_cameras, nearest

FACE = Role("OpenFaceCamera", "GetFaceCamraBuff")


class FaceCameras:
    """Lists, opens and closes face cameras; a pair is opened and closed as one.

    Parameters
    ----------
    pairs
        Pairs of the configuration.
    """

    def __init__(self, desk: CameraDesk, registry: CameraRegistry, pairs: Sequence[CameraPair] = ()) -> None:
        self._desk = desk
        self._registry = registry
        self._pairs = pairs
        self._numbers: dict[Client, tuple[FaceCamera, ...]] = {}
        self._last: dict[Client, FaceCamera] = {}

    async def list(self, client: Client) -> tuple[FaceCamera, ...]:
        """Return the face cameras present now; positions are the client's numbers until it lists again."""
        self._numbers[client] = face_cameras(await self._registry.refresh(), self._pairs)
        return self._numbers[client]

    def camera(self, client: Client, number: int | None) -> FaceCamera:
        """Return a face camera by its number; None for the one that the client opened last.

        Raises
        ------
        NoSuchDevice, DeviceNotOpen
        """
        if number is None:
            return self._opened_last(client)
        listed = self._listed(client)
        if not 0 <= number < len(listed):
            raise NoSuchDevice(device=number)
        return listed[number]

    def camera_to_close(self, client: Client, number: int | None) -> FaceCamera | None:
        """Like `camera`, but return None where the client has no face camera open."""
        try:
            return self.camera(client, number)
        except (NoSuchDevice, DeviceNotOpen):
            if any(self._desk.owns(client, face.colour) for face in self._listed(client)):
                raise
            return None

    def number(self, client: Client, face: FaceCamera) -> int:
        """Return the position of a face camera in the client's listing.

        Raises
        ------
        DeviceNotOpen
            The camera is not in the client's newest listing.
        """
        ids = [listed.colour.info.id for listed in self._listed(client)]
        if face.colour.info.id not in ids:
            raise DeviceNotOpen(opener=FACE.opener)
        return ids.index(face.colour.info.id)

    async def open(self, client: Client, face: FaceCamera, choice: ModeChoice) -> None:
        """Open both cameras of a pair for a client, or leave what it had; see `CameraDesk.acquire`."""
        added = [camera for camera in face.cameras if not self._desk.owns(client, camera)]
        try:
            await self._desk.acquire(client, face.colour, choice, FACE)
            if face.infrared is not None:
                infrared = _infrared_choice(face, face.infrared, choice)
                await self._desk.acquire(client, face.infrared, infrared, FACE)
        except BaseException:
            # Also when cancelled: half a pair must not stay open.
            await asyncio.shield(self._close_owned(client, added))
            raise
        self._last[client] = face

    async def close(self, client: Client, face: FaceCamera) -> None:
        """Close both cameras of a pair; see `CameraDesk.close`."""
        for camera in face.cameras:
            await self._desk.close(client, camera)

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone; the desk closes its cameras."""
        self._numbers.pop(client, None)
        self._last.pop(client, None)

    def _listed(self, client: Client) -> tuple[FaceCamera, ...]:
        # Devices may have come or gone since the client listed them: its numbers stay valid.
        present = self._numbers.get(client)
        if present is None:
            present = self._numbers[client] = face_cameras(self._registry.devices, self._pairs)
        return present

    def _opened_last(self, client: Client) -> FaceCamera:
        face = self._last.get(client)
        if face is None or not self._desk.is_open(face.colour):
            raise DeviceNotOpen(opener=FACE.opener)
        return face

    async def _close_owned(self, client: Client, cameras: Sequence[Camera]) -> None:
        for camera in cameras:
            if self._desk.owns(client, camera):
                await self._desk.close(client, camera)


def _infrared_choice(face: FaceCamera, infrared: Camera, choice: ModeChoice) -> ModeChoice:
    """Return the mode of the infrared camera nearest to the one chosen for the colour camera."""
    size: Size = face.colour.info.media[choice.media].sizes[choice.resolution]
    return nearest(infrared.info, size, choice.fps or 15.0)
