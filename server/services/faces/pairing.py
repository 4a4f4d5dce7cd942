"""Which cameras show faces, and which two of them are one device: colour and infrared in one housing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from server.devices.ports.camera import Camera, CameraInfo, Size
from server.errors import LocalizedText, ModeNotSupported
from server.services.cameras.desk import ModeChoice

LARGEST_PIXELS = 5_000_000
"""From this size on a camera is one for documents: the standard's rule."""

INFRARED = re.compile(r"(?<![A-Za-z])N?IR(?![A-Za-z])|(?<![A-Za-z])N?IR(?=Cam)|(?i:infra-?red)|红外")
COLOUR = re.compile(r"(?<![A-Za-z])(?:RGB|VIS)(?![a-z])|colou?r|可见光|彩色", re.IGNORECASE)
HUB_PORT = re.compile(r"^(usb-.+-\d+(?:\.\d+)*)\.\d+$")
"""The address of a device behind a hub, as the kernel writes it; the group is the hub's own."""


@dataclass(frozen=True, slots=True)
class CameraPair:
    """Two cameras that are one device because somebody says so: each by its name or its id."""

    colour: str
    infrared: str


@dataclass(frozen=True, slots=True)
class FaceCamera:
    """One device that shows faces.

    Attributes
    ----------
    infrared
        The other half of a pair.
    """

    colour: Camera
    infrared: Camera | None = None

    @property
    def name(self) -> str:
        """What a person reads."""
        return self.colour.info.name

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """All that belongs to it, colour first."""
        return (self.colour,) if self.infrared is None else (self.colour, self.infrared)

    @property
    def sizes(self) -> tuple[Size, ...]:
        """Those of all formats in one list, as the standard wants it; those of the best format first."""
        return tuple(dict.fromkeys(size for kind in self.colour.info.media for size in kind.sizes))

    def choice(self, media: int, resolution: int, fps: float) -> ModeChoice:
        """The mode with these places in the listing.

        Raises
        ------
        ModeNotSupported
            Also for a size that this format does not have.
        """
        kinds = self.colour.info.media
        if media >= len(kinds):
            raise ModeNotSupported(
                device=self.name, number=media, kind=LocalizedText("视频格式", "media type")
            )
        sizes = self.sizes
        if resolution >= len(sizes) or sizes[resolution] not in kinds[media].sizes:
            raise ModeNotSupported(
                device=self.name, number=resolution, kind=LocalizedText("分辨率", "resolution")
            )
        return ModeChoice(media, kinds[media].sizes.index(sizes[resolution]), fps)

    def stream(self, number: int) -> Camera:
        """The camera of a stream: 0 colour, 1 infrared.

        Raises
        ------
        ModeNotSupported
        """
        if number >= len(self.cameras):
            raise ModeNotSupported(device=self.name, number=number, kind=LocalizedText("视频流", "stream"))
        return self.cameras[number]


def nearest(info: CameraInfo, size: Size, fps: float) -> ModeChoice:
    """The mode of the best format whose size comes nearest to `size`."""
    sizes = info.media[0].sizes
    return ModeChoice(0, min(range(len(sizes)), key=lambda index: _distance(sizes[index], size)), fps)


def face_cameras(found: Sequence[Camera], configured: Sequence[CameraPair] = ()) -> tuple[FaceCamera, ...]:
    """The devices that show faces, in the order of their colour cameras.

    Parameters
    ----------
    configured
        Pairs that nothing else would tell; they come before what is guessed, and may be of any size.
    """
    partners: dict[str, Camera] = {}
    free = list(found)
    for pair in configured:
        _join(partners, free, _named(free, pair.colour), _named(free, pair.infrared))
    paired = [camera for camera in found if camera.info.id in partners]
    free = [camera for camera in free if 0 < camera.info.largest < LARGEST_PIXELS]
    for camera in [camera for camera in free if is_infrared(camera.info)]:
        _join(partners, free, _partner(camera.info, free), camera)
    shown = {camera.info.id for camera in (*paired, *free)} | partners.keys()
    return tuple(
        FaceCamera(camera, partners.get(camera.info.id)) for camera in found if camera.info.id in shown
    )


def is_infrared(info: CameraInfo) -> bool:
    """Whether a camera sees infrared, by what it says of itself."""
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
    """The colour camera in the same housing."""
    colours = [camera for camera in free if not is_infrared(camera.info)]
    same = [camera for camera in colours if infrared.housing and camera.info.housing == infrared.housing]
    return next(iter(same or [camera for camera in colours if _siblings(camera.info, infrared)]), None)


def _siblings(colour: CameraInfo, infrared: CameraInfo) -> bool:
    """Whether two devices sit behind one hub, as in a housing with a hub inside, and are named alike.

    A hub on the desk may hold two webcams that have nothing to do with each other.
    """
    hubs = [HUB_PORT.match(info.housing) for info in (colour, infrared)]
    if hubs[0] is None or hubs[1] is None or hubs[0][1] != hubs[1][1]:
        return False
    return _plain(colour.name) == _plain(infrared.name)


def _plain(name: str) -> str:
    """A name without what tells colour from infrared."""
    return re.sub(r"[\W_]+", " ", COLOUR.sub("", INFRARED.sub("", name))).strip().casefold()


def _distance(one: Size, other: Size) -> int:
    return abs(one.width - other.width) + abs(one.height - other.height)
