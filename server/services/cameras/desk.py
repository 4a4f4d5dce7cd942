"""The camera desk: which connection owns which camera, and in what mode it is open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from imgcore.settings import Settings
from server.devices.ports.camera import Camera, CameraFinder, CameraInfo, CameraMode
from server.devices.registry import Registry
from server.errors import (
    DeviceBusy,
    DeviceNotOpen,
    GaopaiError,
    LocalizedText,
    ModeNotSupported,
    NoSuchDevice,
)
from server.services.barcodes.watcher import BarcodeWatcher
from server.services.cameras.indicator import CameraIndicator, CameraUse, NoIndicator
from server.services.client import Client
from server.services.pools import ThreadPools
from server.streaming.broadcast import Broadcast
from server.streaming.hub import Hub
from server.streaming.outliner import GetDocumentNets
from server.telemetry import using

log = logging.getLogger(__name__)

CameraRegistry = Registry[CameraFinder, Camera]
OTHER_PAGE = LocalizedText("另一个网页", "another page")


def largest_first(found: Sequence[Camera], _: Sequence[Camera]) -> Sequence[Camera]:
    """The order in which cameras are listed: pages open entry 0."""
    return sorted(found, key=lambda camera: camera.info.largest, reverse=True)


@dataclass(frozen=True, slots=True)
class Role:
    """What a camera is opened as: the functions that errors name to pages."""

    opener: str
    preview: str


DOCUMENT = Role("OpenCamera", "GetCameraVideoBuff")


@dataclass(frozen=True, slots=True)
class ModeChoice:
    """A mode by its numbers in the listing, as pages choose it."""

    media: int
    resolution: int
    fps: float | None = None
    """None keeps the frame rate of the open camera."""


@dataclass(slots=True, eq=False)
class OpenCamera:
    """A camera that is in use.

    Attributes
    ----------
    owner
        The connection that may configure, capture and close.
    asked, mode
        What the owner asked for, and what the device then accepted.
    role
        What it was opened as, last.
    """

    camera: Camera
    owner: Client
    hub: Hub
    broadcast: Broadcast
    barcodes: BarcodeWatcher
    asked: CameraMode
    mode: CameraMode
    role: Role


class CameraDesk:
    """Opens, lends and takes back cameras.

    A camera belongs to the connection that opened it. Others of the same origin may watch it
    and may take it over by opening it themselves; any other origin is told that it is busy.

    Parameters
    ----------
    documents
        Gives what outlines of several documents are found with.
    sign
        Shows the person in front of the cameras which are open.
    """

    def __init__(
        self,
        registry: CameraRegistry,
        workers: ThreadPools,
        documents: GetDocumentNets,
        still_fps: int = 0,
        sign: CameraIndicator | None = None,
    ) -> None:
        self._documents = documents
        self._still_fps = still_fps
        self._sign = sign or NoIndicator()
        self._registry = registry
        self._workers = workers
        self._open: dict[str, OpenCamera] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._numbers: dict[Client, tuple[Camera, ...]] = {}
        self._last: dict[Client, str] = {}
        self._settings: dict[tuple[Client, str], Settings] = {}

    # Listing ---------------------------------------------------------------------------

    async def list(self, client: Client) -> tuple[CameraInfo, ...]:
        """The cameras present now; their places are this client's numbers until it asks again."""
        cameras = await self._registry.refresh()
        self._numbers[client] = cameras
        return tuple(camera.info for camera in cameras)

    def camera(self, client: Client, number: int | None) -> Camera:
        """The camera a client means.

        Parameters
        ----------
        number
            Place in the client's listing; None means the camera it opened last.

        Raises
        ------
        NoSuchDevice, DeviceNotOpen
        """
        if number is None:
            return self._opened_last(client)
        # Another device may have come or gone since the page asked: its numbers stay its own.
        cameras = self._numbers.setdefault(client, self._registry.devices)
        if not 0 <= number < len(cameras):
            raise NoSuchDevice(device=number)
        return cameras[number]

    def camera_to_close(self, client: Client, number: int | None) -> Camera | None:
        """Like `camera`, but None where the client has nothing open: then there is nothing to do."""
        try:
            return self.camera(client, number)
        except (NoSuchDevice, DeviceNotOpen):
            if any(present.owner is client for present in self._open.values()):
                raise
            return None

    def number(self, client: Client, camera: Camera) -> int:
        """The place of `camera` in the client's listing."""
        ids = [listed.info.id for listed in self._numbers.get(client, self._registry.devices)]
        return ids.index(camera.info.id)

    # Opening and closing ---------------------------------------------------------------

    async def open(self, client: Client, camera: Camera, choice: ModeChoice) -> None:
        """Open a camera for a client, which names it no more from now on; see `take`."""
        await self.take(client, camera, choice)
        self._last[client] = camera.info.id

    async def take(self, client: Client, camera: Camera, choice: ModeChoice, role: Role = DOCUMENT) -> None:
        """Open a camera for a client, change its mode, or take it over within one origin.

        Raises
        ------
        DeviceBusy, ModeNotSupported, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout
        """
        key = camera.info.id
        using(camera.info.name)
        async with self._lock(key):
            present = self._open.get(key)
            if present is None:
                await self._open_first(client, camera, _mode(camera.info, choice, 15.0), role)
            else:
                self._must_share(present, client)
                await self._change(present, _mode(camera.info, choice, present.asked.fps))
                present.owner, present.role = client, role
        self._show_uses()

    async def configure(self, client: Client, camera: Camera, choice: ModeChoice) -> None:
        """Change the mode of a camera the client owns."""
        async with self._lock(camera.info.id):
            # Judged when it is its turn: another page may have taken the camera over, or closed it.
            present = self.owned(client, camera)
            await self._change(present, _mode(camera.info, choice, present.asked.fps))

    async def close(self, client: Client, camera: Camera) -> None:
        """Close a camera the client owns; a camera it does not own stays as it is.

        Raises
        ------
        DeviceBusy
            It belongs to another connection.
        """
        using(camera.info.name)
        async with self._lock(camera.info.id):
            present = self._open.get(camera.info.id)
            if present is None:
                return
            if present.owner is not client:
                raise DeviceBusy(device=camera.info.name, holder=OTHER_PAGE)
            await self._take_back(present)

    async def release(self, client: Client) -> None:
        """Close whatever the client owns and forget it: its connection is gone."""
        for key in [key for key, present in self._open.items() if present.owner is client]:
            async with self._lock(key):
                # While we waited, another page of the origin may have taken it over.
                present = self._open.get(key)
                if present is not None and present.owner is client:
                    await self._take_back(present)
        self._numbers.pop(client, None)
        self._last.pop(client, None)
        self._settings = {key: kept for key, kept in self._settings.items() if key[0] is not client}

    async def close_all(self) -> None:
        """Close every camera: the service ends."""
        await asyncio.gather(*(self._take_back(present) for present in list(self._open.values())))
        await self._sign.close()

    # Use -------------------------------------------------------------------------------

    def owned(self, client: Client, camera: Camera) -> OpenCamera:
        """The open camera, if the client owns it.

        Raises
        ------
        DeviceNotOpen, DeviceBusy
        """
        present = self._opened(camera.info.id)
        if present.owner is not client:
            raise DeviceBusy(device=camera.info.name, holder=OTHER_PAGE)
        return present

    @property
    def open_count(self) -> int:
        """How many cameras are open."""
        return len(self._open)

    def is_open(self, camera: Camera) -> bool:
        """Whether anybody has this camera open."""
        return camera.info.id in self._open

    def owns(self, client: Client, camera: Camera) -> bool:
        """Whether the client has this camera open."""
        present = self._open.get(camera.info.id)
        return present is not None and present.owner is client

    def watched(self, client: Client, camera: Camera, role: Role = DOCUMENT) -> OpenCamera:
        """The open camera, if the client may see it.

        Raises
        ------
        DeviceNotOpen, DeviceBusy
        """
        present = self._opened(camera.info.id, role)
        self._must_share(present, client)
        return present

    def settings(self, client: Client, camera: Camera) -> Settings:
        """How the client wants this camera's pictures."""
        return self._settings.get((client, camera.info.id), Settings())

    def keep_settings(self, client: Client, camera: Camera, settings: Settings) -> None:
        """Remember how the client wants this camera's pictures, open or not."""
        self._settings[client, camera.info.id] = settings

    # Inside ----------------------------------------------------------------------------

    def _lock(self, key: str) -> asyncio.Lock:
        """Held while a device is opened, changed or closed: it has room for one of these."""
        return self._locks.setdefault(key, asyncio.Lock())

    def _show_uses(self) -> None:
        uses = (CameraUse(present.camera.info.name, present.owner.origin) for present in self._open.values())
        self._sign.show(tuple(uses))

    def _opened_last(self, client: Client) -> Camera:
        return self._opened(self._last.get(client, "")).camera

    def _opened(self, key: str, role: Role = DOCUMENT) -> OpenCamera:
        present = self._open.get(key)
        if present is None:
            raise DeviceNotOpen(opener=role.opener)
        using(present.camera.info.name)
        return present

    def _must_share(self, present: OpenCamera, client: Client) -> None:
        if present.owner is not client and present.owner.origin != client.origin:
            raise DeviceBusy(device=present.camera.info.name, holder=OTHER_PAGE)

    async def _open_first(self, client: Client, camera: Camera, mode: CameraMode, role: Role) -> None:
        hub = Hub(camera)
        try:
            accepted = await hub.open(mode)
        except BaseException:
            # Also when cancelled: the device thread may still be about to get the device.
            await asyncio.shield(hub.close())
            raise
        pools = (self._workers.painters, self._workers.searchers)
        broadcast = Broadcast(hub, *pools, self._documents, self._still_fps)
        barcodes = BarcodeWatcher(hub, self._workers.readers)
        present = OpenCamera(camera, client, hub, broadcast, barcodes, mode, accepted, role)
        self._open[camera.info.id] = present
        log.info("opened %s at %s %s", camera.info.name, accepted.size, accepted.format)

    async def _change(self, present: OpenCamera, mode: CameraMode) -> None:
        # Compared with what was asked: a device may round a frame rate, and a page may ask again.
        if mode == present.asked and present.hub.error is None:
            return
        try:
            present.mode = await present.hub.open(mode)
            present.asked = mode
        except GaopaiError as error:
            present.broadcast.end(error)
            await self._take_back(present)
            raise

    async def _take_back(self, present: OpenCamera) -> None:
        present.broadcast.end(DeviceNotOpen(opener=present.role.opener))
        closing = asyncio.create_task(self._shut(present), name=f"closing {present.camera.info.name}")
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            # Who is next would find the device taken: it is not lent before it is given back.
            await asyncio.wait([closing])
            raise

    async def _shut(self, present: OpenCamera) -> None:
        try:
            await present.hub.close()
        except GaopaiError as error:
            log.warning("closing %s: %s", present.camera.info.name, error)
        finally:
            if self._open.get(present.camera.info.id) is present:
                del self._open[present.camera.info.id]
            self._show_uses()
        log.info("closed %s", present.camera.info.name)


def _mode(info: CameraInfo, choice: ModeChoice, default_fps: float) -> CameraMode:
    """The mode with the numbers of `choice`.

    Raises
    ------
    ModeNotSupported
    """
    if choice.media >= len(info.media):
        raise ModeNotSupported(
            device=info.name, number=choice.media, kind=LocalizedText("视频格式", "media type")
        )
    media = info.media[choice.media]
    if choice.resolution >= len(media.sizes):
        raise ModeNotSupported(
            device=info.name, number=choice.resolution, kind=LocalizedText("分辨率", "resolution")
        )
    return CameraMode(media.format, media.sizes[choice.resolution], choice.fps or default_fps)
