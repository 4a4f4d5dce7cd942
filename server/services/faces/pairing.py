"""Face cameras among the cameras, and pairs of colour and infrared cameras in one housing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from server.devices.ports.camera import Camera, CameraInfo, Size
from server.errors import LocalizedText, ModeNotSupported
from server.services.cameras.registry import ModeChoice

LARGEST_PIXELS = 5_000_000
"""Size from which a camera is a document camera, by the standard's rule."""

INFRARED = re.compile(r"(?<![A-Za-z])N?IR(?![A-Za-z])|(?<![A-Za-z])N?IR(?=Cam)|(?i:infra-?red)|红外")
COLOUR = re.compile(r"(?<![A-Za-z])(?:RGB|VIS)(?![a-z])|colou?r|可见光|彩色", re.IGNORECASE)
HUB_PORT = re.compile(r"^(usb-.+-\d+(?:\.\d+)*)\.\d+$")
"""Address of a device behind a USB hub, as the kernel writes it; the group is the hub's own."""


@dataclass(frozen=True, slots=True)
class CameraPair:
    """Configured pair of cameras that are one device, each by its name or id."""

    colour: str
    infrared: str


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
        """Return the camera of a stream: 0 colour, 1 infrared.

        Raises
        ------
        ModeNotSupported
        """
        if number >= len(self.cameras):
            raise ModeNotSupported(device=self.name, number=number, kind=LocalizedText("视频流", "stream"))
        return self.cameras[number]


def nearest(info: CameraInfo, size: Size, fps: float) -> ModeChoice:
    """Return the mode of the best format whose size is nearest to `size`."""
    sizes = info.media[0].sizes
    return ModeChoice(0, min(range(len(sizes)), key=lambda index: _distance(sizes[index], size)), fps)


def face_cameras(found: Sequence[Camera], configured: Sequence[CameraPair] = ()) -> tuple[FaceCamera, ...]:
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


def _distance(one: Size, other: Size) -> int:
    return abs(one.width - other.width) + abs(one.height - other.height)
