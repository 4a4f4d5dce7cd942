"""Face cameras of a connection, opened as other cameras are, with their own numbers.

A device is the same whatever role it is opened for: a face camera may be watched as a
document camera too, and closing it closes both.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from server.access.client import Client
from server.config.devices import FacePairConfig
from server.devices.ports.camera import Camera, CameraInfo, Size
from server.errors import DeviceNotOpen, LocalizedText, ModeNotSupported, NoSuchDevice
from server.services.cameras.leases import CameraLeases, Role
from server.services.cameras.registry import MEDIA_TYPE, RESOLUTION, CameraRegistry, ModeChoice
from server.services.leases import DeviceNumbers

LARGEST_PIXELS = 5_000_000
"""Size from which a camera is a document camera, by the standard's rule."""

INFRARED = re.compile(r"(?<![A-Za-z])N?IR(?![A-Za-z])|(?<![A-Za-z])N?IR(?=Cam)|(?i:infra-?red)|红外")
COLOUR = re.compile(r"(?<![A-Za-z])(?:RGB|VIS)(?![a-z])|colou?r|可见光|彩色", re.IGNORECASE)
HUB_PORT = re.compile(r"^(usb-.+-\d+(?:\.\d+)*)\.\d+$")
"""Address of a device behind a USB hub, as the kernel writes it; the group is the hub's own."""


@dataclass(frozen=True, slots=True)
class FaceCamera:
    """Face camera, of one or two cameras.

    Attributes
    ----------
    infrared
        Infrared camera of a pair.
    """

    colour: Camera
    infrared: Camera | None = None

    @property
    def name(self) -> str:
        """Name for people."""
        return self.colour.info.name

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """Its one or two cameras, colour first."""
        return (self.colour,) if self.infrared is None else (self.colour, self.infrared)

    @property
    def sizes(self) -> tuple[Size, ...]:
        """Sizes of all formats in one list, as the standard requires; those of the best format first."""
        return tuple(dict.fromkeys(size for kind in self.colour.info.media for size in kind.sizes))

    def choice(self, media: int, resolution: int, fps: float) -> ModeChoice:
        """Return the mode with these positions in the listing.

        Raises
        ------
        ModeNotSupported
            There is no such format or size, or the format does not have the size.
        """
        kinds = self.colour.info.media
        if media >= len(kinds):
            raise ModeNotSupported(device=self.name, number=media, kind=MEDIA_TYPE)
        sizes = self.sizes
        if resolution >= len(sizes) or sizes[resolution] not in kinds[media].sizes:
            raise ModeNotSupported(device=self.name, number=resolution, kind=RESOLUTION)
        return ModeChoice(media, kinds[media].sizes.index(sizes[resolution]), fps)

    def stream(self, number: int) -> Camera:
        """Return the camera of a stream: 0 colour, 1 infrared."""
        if number >= len(self.cameras):
            raise ModeNotSupported(device=self.name, number=number, kind=LocalizedText("视频流", "stream"))
        return self.cameras[number]


def nearest(info: CameraInfo, size: Size, fps: float) -> ModeChoice:
    """Return the mode of the best format whose size is nearest to `size`."""
    sizes = info.media[0].sizes
    return ModeChoice(0, sizes.index(min(sizes, key=size.distance)), fps)


def face_cameras(
    found: Sequence[Camera], configured: Sequence[FacePairConfig] = ()
) -> tuple[FaceCamera, ...]:
    """Return the face cameras, in the order of their colour cameras.

    Parameters
    ----------
    configured
        Pairs that take precedence over detected ones, and may be of any size.
    """
    partners: dict[str, Camera] = {}
    free = list(found)
    for pair in configured:
        _join(partners, free, _named(free, pair.colour), _named(free, pair.infrared))
    paired = [camera for camera in found if camera.info.id in partners]
    free = [camera for camera in free if 0 < camera.info.largest < LARGEST_PIXELS]
    for camera in [camera for camera in free if is_infrared(camera.info)]:
        _join(partners, free, _partner(camera.info, free), camera)
    colours = {camera.info.id for camera in (*paired, *free)} | partners.keys()
    return tuple(
        FaceCamera(camera, partners.get(camera.info.id)) for camera in found if camera.info.id in colours
    )


def is_infrared(info: CameraInfo) -> bool:
    """Return whether a camera is an infrared one, by its formats and name."""
    return info.grey or INFRARED.search(info.name) is not None


def _join(
    partners: dict[str, Camera], free: list[Camera], colour: Camera | None, infrared: Camera | None
) -> None:
    if colour is None or infrared is None or colour is infrared:
        return
    partners[colour.info.id] = infrared
    free.remove(colour)
    free.remove(infrared)


def _named(cameras: Sequence[Camera], wanted: str) -> Camera | None:
    return next((camera for camera in cameras if wanted in (camera.info.id, camera.info.name)), None)


def _partner(infrared: CameraInfo, free: Sequence[Camera]) -> Camera | None:
    """Return the colour camera in the same housing."""
    colours = [camera for camera in free if not is_infrared(camera.info)]
    same = [camera for camera in colours if infrared.housing and camera.info.housing == infrared.housing]
    return next(iter(same or [camera for camera in colours if _siblings(camera.info, infrared)]), None)


def _siblings(colour: CameraInfo, infrared: CameraInfo) -> bool:
    """Return whether two devices are behind one hub, as in a housing with a hub, and have similar names.

    The names matter because a hub on the desk may have two unrelated webcams.
    """
    hubs = [HUB_PORT.match(info.housing) for info in (colour, infrared)]
    if hubs[0] is None or hubs[1] is None or hubs[0][1] != hubs[1][1]:
        return False
    return _plain(colour.name) == _plain(infrared.name)


def _plain(name: str) -> str:
    """Remove the words for colour and infrared from a name."""
    return re.sub(r"[\W_]+", " ", COLOUR.sub("", INFRARED.sub("", name))).strip().casefold()


FACE = Role("OpenFaceCamera", "GetFaceCamraBuff")


@dataclass(eq=False, repr=False)
class FaceCameras:
    """Lists, opens and closes face cameras; a pair is opened and closed as one.

    Parameters
    ----------
    pairs
        Pairs of the configuration.
    """

    _leases: CameraLeases
    _registry: CameraRegistry
    _pairs: Sequence[FacePairConfig] = ()
    _numbers: DeviceNumbers[FaceCamera] = field(default_factory=DeviceNumbers, init=False)
    _last: dict[Client, FaceCamera] = field(default_factory=dict, init=False)

    async def list(self, client: Client) -> tuple[FaceCamera, ...]:
        """Return the face cameras present now; positions are the client's numbers until it lists again."""
        return self._numbers.show(client, face_cameras(await self._registry.refresh(), self._pairs))

    def numbered(self, client: Client, number: int | None) -> FaceCamera:
        """Return a face camera by its number; None for the one that the client opened last."""
        if number is None:
            return self._opened_last(client)
        self._listed(client)
        return self._numbers.device(client, number)

    def camera_to_close(self, client: Client, number: int | None) -> FaceCamera | None:
        """Like `numbered`, but return None where the client has no face camera open."""
        try:
            return self.numbered(client, number)
        except (NoSuchDevice, DeviceNotOpen):
            if any(self._leases.owns(client, face.colour) for face in self._listed(client)):
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
        """Open both cameras of a pair for a client, or leave what it had; see `CameraLeases.acquire`."""
        added = [camera for camera in face.cameras if not self._leases.owns(client, camera)]
        try:
            await self._leases.acquire(client, face.colour, choice, FACE)
            if face.infrared is not None:
                size = face.colour.info.media[choice.media].sizes[choice.resolution]
                infrared = nearest(face.infrared.info, size, choice.fps or 15.0)
                await self._leases.acquire(client, face.infrared, infrared, FACE)
        except BaseException:
            # Also when cancelled: half a pair must not stay open.
            await asyncio.shield(self._close_owned(client, added))
            raise
        self._last[client] = face

    async def close(self, client: Client, face: FaceCamera) -> None:
        """Close both cameras of a pair; see `CameraLeases.close`."""
        for camera in face.cameras:
            await self._leases.close(client, camera)

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone; its cameras are closed as others are."""
        self._numbers.release(client)
        self._last.pop(client, None)

    def _listed(self, client: Client) -> tuple[FaceCamera, ...]:
        if not self._numbers.knows(client):
            self._numbers.show(client, face_cameras(self._registry.devices, self._pairs))
        return self._numbers.shown(client)

    def _opened_last(self, client: Client) -> FaceCamera:
        face = self._last.get(client)
        if face is None or not self._leases.is_open(face.colour):
            raise DeviceNotOpen(opener=FACE.opener)
        return face

    async def _close_owned(self, client: Client, cameras: Sequence[Camera]) -> None:
        for camera in cameras:
            if self._leases.owns(client, camera):
                await self._leases.close(client, camera)
