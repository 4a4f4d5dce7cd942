"""Leases of cameras, which are listed, and opened for connections; each has its owner and mode."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from imgcore.outline.desk.memory import DeskMemory
from imgcore.settings import Crop, Settings
from server import errors
from server.access.client import Client
from server.devices.ports.camera import Camera, CameraInfo, CameraMode
from server.errors import GaopaiError
from server.runtime.background import finished
from server.services.cameras.indicator import CameraIndicator, CameraUse, NoIndicator
from server.services.cameras.kept import KeptControls, restore
from server.services.cameras.registry import CameraRegistry, ModeChoice, chosen_mode
from server.services.leases import DeviceNumbers
from server.services.pools import ThreadPools
from server.streaming.barcodes import BarcodeWatcher
from server.streaming.broadcast import Broadcast, PreviewThreads
from server.streaming.hub import Hub
from server.streaming.quick_search import GetDocumentNets
from server.telemetry import using

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Role:
    """Use a camera is opened for, by the functions of the protocol that errors name.

    Attributes
    ----------
    opener
        Function that opens the camera.
    preview
        Function that starts its preview.
    """

    opener: str
    preview: str


DOCUMENT = Role("OpenCamera", "GetCameraVideoBuff")


class CaptureListener(Protocol):
    """Protocol for what is told of each capture with a camera."""

    def mark_capture(self) -> None:
        """Note that a capture is made now."""


@dataclass(slots=True, eq=False)
class OpenCamera:
    """Camera that a connection has opened.

    Attributes
    ----------
    owner
        The connection that may configure, capture and close.
    requested, mode
        The mode that the owner requested, and the one that the device accepted.
    role
        Use it was last opened for.
    recording
        The recording that was started last, None before the first.
    """

    camera: Camera
    owner: Client
    hub: Hub
    broadcast: Broadcast
    barcodes: BarcodeWatcher
    requested: CameraMode
    mode: CameraMode
    role: Role
    recording: CaptureListener | None = None


class CameraLeases:
    """Opens cameras, tracks who owns each, and closes them.

    A camera belongs to the connection that opened it. Others of the same origin may watch it
    and may take it over by opening it themselves; any other origin is told that it is busy.

    Parameters
    ----------
    documents
        Returns the nets for outlines of several documents.
    still_fps
        Frame rate of previews of an unchanging scene; see `Broadcast`.
    indicator
        Shows the person in front of the cameras that are open.
    kept
        Settings of controls, which cameras get when they are opened.
    """

    def __init__(
        self,
        registry: CameraRegistry,
        pools: ThreadPools,
        documents: GetDocumentNets,
        still_fps: int = 0,
        indicator: CameraIndicator | None = None,
        kept: KeptControls | None = None,
    ) -> None:
        self._kept = kept
        self._documents = documents
        self._still_fps = still_fps
        self._indicator = indicator or NoIndicator()
        self._registry = registry
        self._pools = pools
        self._open: dict[str, OpenCamera] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._numbers = DeviceNumbers[Camera]()
        self._last: dict[Client, str] = {}
        self._listeners: list[Callable[[Camera], None]] = []
        self._memories: dict[str, DeskMemory] = {}

    def listen(self, listener: Callable[[Camera], None]) -> None:
        """Call `listener` with each camera that was closed."""
        self._listeners.append(listener)

    # Listing ---------------------------------------------------------------------------

    async def list(self, client: Client) -> tuple[CameraInfo, ...]:
        """Return the cameras present now; their positions are this client's numbers until it lists again."""
        cameras = self._numbers.show(client, tuple(await self._registry.refresh()))
        return tuple(camera.info for camera in cameras)

    def numbered(self, client: Client, number: int | None) -> Camera:
        """Return a camera by its number.

        Parameters
        ----------
        number
            Position in the client's listing; None for the camera it opened last.
        """
        if number is None:
            return self._opened(self._last.get(client, "")).camera
        return self._numbers.device(client, number, self._registry.devices)

    def camera_to_close(self, client: Client, number: int | None) -> Camera | None:
        """Like `numbered`, but return None where the client has nothing open: then there is nothing to do."""
        try:
            return self.numbered(client, number)
        except (errors.NoSuchDevice, errors.DeviceNotOpen):
            if any(present.owner is client for present in self._open.values()):
                raise
            return None

    def number(self, client: Client, camera: Camera) -> int:
        """Return the position of `camera` in the client's listing."""
        ids = [listed.info.id for listed in self._numbers.shown(client, self._registry.devices)]
        return ids.index(camera.info.id)

    # Opening and closing ---------------------------------------------------------------

    async def open(self, client: Client, camera: Camera, choice: ModeChoice) -> None:
        """Open a camera as the client's current one, which its requests need not name; see `acquire`."""
        await self.acquire(client, camera, choice)
        self._last[client] = camera.info.id

    async def acquire(
        self, client: Client, camera: Camera, choice: ModeChoice, role: Role = DOCUMENT
    ) -> None:
        """Open a camera for a client, change its mode, or take it over within one origin."""
        key = camera.info.id
        using(camera.info.name)
        async with self._lock(key):
            present = self._open.get(key)
            if present is None:
                await self._open_first(client, camera, chosen_mode(camera.info, choice, 15.0), role)
            else:
                self._must_share(present, client)
                await self._change(present, chosen_mode(camera.info, choice, present.requested.fps))
                present.owner = client
                present.role = role
        self._show_uses()

    async def configure(self, client: Client, camera: Camera, choice: ModeChoice) -> None:
        """Change the mode of a camera that the client owns."""
        async with self._lock(camera.info.id):
            # Checked under the lock: another page may have taken the camera over, or closed it.
            present = self.owned(client, camera)
            await self._change(present, chosen_mode(camera.info, choice, present.requested.fps))

    async def close(self, client: Client, camera: Camera) -> None:
        """Close a camera that the client owns; a camera it does not own stays as it is.

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
                raise errors.DeviceBusy(device=camera.info.name, holder=present.owner.name)
            await self._take_back(present)

    async def release(self, client: Client) -> None:
        """Close all cameras of a client whose connection is gone, and forget the client."""
        for key in [key for key, present in self._open.items() if present.owner is client]:
            async with self._lock(key):
                # While we waited, another page of the origin may have taken it over.
                present = self._open.get(key)
                if present is not None and present.owner is client:
                    await self._take_back(present)
        self._numbers.release(client)
        self._last.pop(client, None)

    async def close_all(self) -> None:
        """Close every camera, at the end of the service."""
        await asyncio.gather(*(self._take_back(present) for present in list(self._open.values())))
        await self._indicator.close()

    # Use -------------------------------------------------------------------------------

    def owned(self, client: Client, camera: Camera) -> OpenCamera:
        """Return the open camera, if the client owns it."""
        if camera.info.id not in self._open:
            raise self._not_open(client, camera)
        present = self._opened(camera.info.id)
        if present.owner is not client:
            raise errors.DeviceBusy(device=camera.info.name, holder=present.owner.name)
        return present

    @property
    def open_count(self) -> int:
        """Number of open cameras."""
        return len(self._open)

    @property
    def running(self) -> bool:
        """True while frames of any camera are wanted."""
        return any(present.hub.running for present in self._open.values())

    def holder(self, camera: Camera) -> Client | None:
        """Return the client that has this camera open."""
        present = self._open.get(camera.info.id)
        return None if present is None else present.owner

    def is_open(self, camera: Camera) -> bool:
        """Return whether any client has this camera open."""
        return camera.info.id in self._open

    def owns(self, client: Client, camera: Camera) -> bool:
        """Return whether the client owns this camera."""
        present = self._open.get(camera.info.id)
        return present is not None and present.owner is client

    def watched(self, client: Client, camera: Camera, role: Role = DOCUMENT) -> OpenCamera:
        """Return the open camera, if the client may watch it."""
        present = self._opened(camera.info.id, role)
        self._must_share(present, client)
        return present

    def prepare(self, client: Client, camera: str, settings: Settings) -> None:
        """Read what captures with settings that a client has made for an open camera will need."""
        if settings.crop in (Crop.SINGLE, Crop.MULTI) and camera in self._open:
            # Its first capture then finds them there. Whoever needs them hears of it if that fails.
            self._pools.full_searches.submit(self._documents)

    # Internals -------------------------------------------------------------------------

    def _lock(self, key: str) -> asyncio.Lock:
        """Return the lock held while a device is opened, changed or closed, one operation at a time."""
        return self._locks.setdefault(key, asyncio.Lock())

    def _show_uses(self) -> None:
        uses = (CameraUse(present.camera.info.name, present.owner.shown) for present in self._open.values())
        self._indicator.show(tuple(uses))

    def _not_open(self, client: Client, camera: Camera) -> errors.DeviceNotOpen:
        """Return the error of a camera that is not open; it names those that the client has open."""
        own = [present.camera for present in self._open.values() if present.owner is client]
        try:
            asked = self.number(client, camera)
            opened = sorted(self.number(client, each) for each in own)
        except ValueError:  # it was not there when the client listed cameras last
            return errors.DeviceNotOpen(opener=DOCUMENT.opener)
        return errors.DeviceNotOpen(opener=DOCUMENT.opener, asked=asked, open=opened)

    def _opened(self, key: str, role: Role = DOCUMENT) -> OpenCamera:
        present = self._open.get(key)
        if present is None:
            raise errors.DeviceNotOpen(opener=role.opener)
        using(present.camera.info.name)
        return present

    def _must_share(self, present: OpenCamera, client: Client) -> None:
        if present.owner is not client and present.owner.origin != client.origin:
            raise errors.DeviceBusy(device=present.camera.info.name, holder=present.owner.name)

    async def _open_first(self, client: Client, camera: Camera, mode: CameraMode, role: Role) -> None:
        hub = Hub(camera)
        try:
            accepted = await hub.open(mode)
            await self._restore(hub, camera)
        except BaseException:
            # Also when cancelled: the device thread may still be about to get the device.
            await finished(_close(hub))
            raise
        pools = self._pools
        threads = PreviewThreads(pools.previews, pools.outlines, pools.full_searches)
        memory = self._memories.setdefault(camera.info.id, DeskMemory())
        broadcast = Broadcast(hub, threads, self._documents, self._still_fps, memory)
        barcodes = BarcodeWatcher(hub, self._pools.barcodes)
        present = OpenCamera(camera, client, hub, broadcast, barcodes, mode, accepted, role)
        self._open[camera.info.id] = present
        log.info("opened %s at %s %s", camera.info.name, accepted.size, accepted.format)

    async def _change(self, present: OpenCamera, mode: CameraMode) -> None:
        # Compared with the request: a device may round a frame rate, and a page may ask again.
        if mode == present.requested and present.hub.error is None:
            return
        await finished(self._reopen(present, mode))

    async def _reopen(self, present: OpenCamera, mode: CameraMode) -> None:
        try:
            present.mode = await present.hub.open(mode)
            await self._restore(present.hub, present.camera)
            present.requested = mode
        except GaopaiError as error:
            present.broadcast.end(error)
            await self._take_back(present)
            raise

    async def _restore(self, hub: Hub, camera: Camera) -> None:
        """Give a camera the settings of its model, which it may have lost with its power."""
        settings = await asyncio.to_thread(self._kept.of, camera) if self._kept else ()
        if settings:
            await hub.ask(lambda stream: restore(stream, settings))

    async def _take_back(self, present: OpenCamera) -> None:
        present.broadcast.end(errors.DeviceNotOpen(opener=present.role.opener))
        await finished(self._shut(present))

    async def _shut(self, present: OpenCamera) -> None:
        try:
            await _close(present.hub)
        finally:
            if self._open.get(present.camera.info.id) is present:
                del self._open[present.camera.info.id]
            self._show_uses()
            for listener in self._listeners:
                listener(present.camera)
        log.info("closed %s", present.camera.info.name)


async def _close(hub: Hub) -> None:
    """Close a hub; a failure is logged, as no page can act on it."""
    try:
        await hub.close()
    except GaopaiError as error:
        log.warning("closing %s: %s", hub.name, error)
