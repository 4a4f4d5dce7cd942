"""The composition root: the only place that names concrete adapters and makes long-lived objects."""

from __future__ import annotations

import asyncio
import ctypes
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import cv2
from aiohttp import web

from server import config as configuration
from server.config import Config
from server.devices.access import NodeAccess
from server.devices.adapters.demo import DemoCameraFinder, DemoScannerFinder
from server.devices.adapters.filesystem import FilesystemCamera, FilesystemCameraFinder
from server.devices.adapters.network import NetworkCamera, NetworkCameraFinder
from server.devices.adapters.samv.permissions import node_access as resident_reader_access
from server.devices.adapters.sane.finder import Entry as SaneEntry
from server.devices.adapters.sane.finder import SaneScannerFinder
from server.devices.adapters.sane.permissions import node_access as scanner_access
from server.devices.adapters.v4l2 import V4l2Finder
from server.devices.adapters.v4l2 import node_access as camera_access
from server.devices.ports.camera import Camera, CameraFinder
from server.devices.ports.scanner import ScannerFinder, ScannerInfo
from server.handlers.camera import CameraHandlers
from server.handlers.exchange import Handler
from server.handlers.files import FileHandlers
from server.handlers.recognition import RecognitionHandlers
from server.handlers.scanner import ScannerHandlers
from server.handlers.service import ServiceHandlers
from server.handlers.upload import UploadHandlers, notice
from server.protocol.codec import push
from server.protocol.messages.service import NotifyPush
from server.services.cameras import CameraDesk, CameraRegistry, largest_first
from server.services.capture import Captures
from server.services.client import Client
from server.services.merging import Merging
from server.services.preview import Previews
from server.services.recognition import Recognition
from server.services.scanners import ScannerDesk
from server.services.scanning import Scans
from server.services.toolbox import Toolbox
from server.services.upload.policy import Policy
from server.services.upload.service import Uploads
from server.services.upload.transfer import Transfer
from server.services.workers import Workers
from server.session.dispatcher import Dispatcher
from server.session.endpoint import Endpoint
from server.session.multipart import MultipartStreams
from server.session.origin import Gate
from server.storage.root import Storage

log = logging.getLogger(__name__)

CLOSE_SECONDS = 10.0
KEPT_BYTES = 32 * 1024 * 1024
"""Buffers up to this size are reused: a decoded 8-megapixel frame has 24 MB."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""Of ``malloc.h``."""
ARENAS = 2


def tune_process() -> None:
    """Settle what holds for the whole process."""
    # One thread a picture: the pools already use every core, and a preview must not stall a capture.
    cv2.setNumThreads(1)
    # glibc gives every buffer of a frame's size back to the kernel at once, and page-faults it in again for
    # the next frame. Other libcs have no such knob, and musl's mallopt does nothing.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)
        mallopt(M_TRIM_THRESHOLD, 2 * KEPT_BYTES)
        # Every thread would keep such buffers in an arena of its own.
        mallopt(M_ARENA_MAX, ARENAS)


def camera_finders(config: Config, demo: bool) -> list[CameraFinder]:
    """The camera adapters a configuration asks for.

    Parameters
    ----------
    demo
        List the demo camera beside the real ones.
    """
    entries = config.cameras
    nodes = {entry.path: entry.name for entry in entries if isinstance(entry, configuration.V4l2Camera)}
    finders: list[CameraFinder] = [V4l2Finder(paths=nodes)]
    networked = [
        NetworkCamera(entry.name or urlsplit(entry.url).hostname or "network camera", entry.url)
        for entry in entries
        if isinstance(entry, configuration.NetworkCamera)
    ]
    if networked:
        finders.append(NetworkCameraFinder(networked))
    played = [
        FilesystemCamera(entry.name or Path(entry.path).name, Path(entry.path))
        for entry in entries
        if isinstance(entry, configuration.FilesystemCamera)
    ]
    if played:
        finders.append(FilesystemCameraFinder(played))
    if demo or any(isinstance(entry, configuration.DemoCamera) for entry in entries):
        finders.append(DemoCameraFinder())
    return finders


def scanner_finders(config: Config, demo: bool) -> list[ScannerFinder]:
    """The scanner adapters a configuration asks for.

    Parameters
    ----------
    demo
        List the demo scanner beside the real ones.
    """
    entries = [
        SaneEntry(entry.device, entry.name, entry.options)
        for entry in config.scanners
        if isinstance(entry, configuration.SaneScanner)
    ]
    finders: list[ScannerFinder] = []
    if config.scan.enabled:
        finders.append(SaneScannerFinder(entries, config.scan.silence_seconds, config.scan.find_seconds))
    shown = [entry.name for entry in config.scanners if isinstance(entry, configuration.DemoScanner)]
    if demo or shown:
        finders.append(DemoScannerFinder(name=next(iter(shown), ""), faulty=demo))
    return finders


@dataclass(frozen=True, slots=True)
class Finders:
    """The adapters in use, by kind of device."""

    cameras: Sequence[CameraFinder]
    scanners: Sequence[ScannerFinder]


def create_app(
    config: Config, finders: Sequence[CameraFinder], scanner_finders: Sequence[ScannerFinder] = ()
) -> web.Application:
    """The service, ready to be run by aiohttp.

    Raises
    ------
    BadOrigin
        A configured origin that no browser could send, or to which no file can be sent.
    StorageFailed
        The storage root cannot be made or written.
    """
    tune_process()
    gate = Gate.of(config.access.origins, config.access.hosts, config.access.native_clients)
    quota = config.storage.quota_mib
    storage = Storage(
        configuration.storage_root(config.storage),
        overwrite=config.storage.overwrite,
        quota_bytes=None if quota is None else quota * 1024 * 1024,
    )
    service = Service(config, Finders(finders, scanner_finders), storage)
    endpoint = Endpoint(config, gate, service.dispatcher, service.streams, service.release)
    app = endpoint.application()

    async def lifetime(_: web.Application) -> AsyncIterator[None]:
        service.registry.listen(lambda: endpoint.notify(_changed("camera")))
        service.scanners.registry.listen(lambda: endpoint.notify(_changed("scanner")))
        service.uploads.listen(lambda ended: endpoint.notify_origin(ended.page, notice(ended)))
        await service.uploads.start()
        await service.start()
        yield
        await service.close()

    async def hang_up(_: web.Application) -> None:
        await endpoint.close()

    app.cleanup_ctx.append(lifetime)
    app.on_shutdown.append(hang_up)
    return app


def _changed(kind: str) -> bytes:
    return push("Notify", NotifyPush(event="OnDeviceChanged", kind=kind))


class Service:
    """The long-lived objects behind the endpoint and how they hang together."""

    def __init__(self, config: Config, finders: Finders, storage: Storage) -> None:
        self._workers = Workers()
        self.registry = camera_registry(finders.cameras, self._workers)
        self._desk = CameraDesk(self.registry, self._workers, config.preview.still_fps)
        self._previews = Previews(self._desk)
        toolbox = Toolbox()
        captures = Captures(self._desk, storage, self._workers, toolbox)
        cameras = CameraHandlers(self._desk, self._previews, captures, config.compat)
        limit_pixels = config.limits.picture_megapixels * 1_000_000
        self.scanners = ScannerDesk(finders.scanners, config.scan.find_seconds, limit_pixels)
        scans = Scans(self.scanners, storage, self._workers, toolbox)
        scanners = ScannerHandlers(self.scanners, scans, config.compat)
        policy = Policy(config.upload.allow)
        self.uploads = Uploads(Transfer(config.upload, policy, storage, self._workers))
        uploads = UploadHandlers(self.uploads, self._workers)
        files = FileHandlers(Merging(storage, self._workers, limit_pixels))
        recognition = Recognition(storage, self._workers, limit_pixels)
        codes = RecognitionHandlers(recognition, self._workers)
        tables = (cameras.table(), scanners.table(), uploads.table(), files.table(), codes.table())
        table: dict[str, Handler] = {name: handler for each in tables for name, handler in each.items()}
        self.streams = MultipartStreams(self._desk, self._previews, self.release)
        self.dispatcher = Dispatcher({**table, **ServiceHandlers(config, table).table()})

    async def start(self) -> None:
        """Find the devices, and watch for others from now on."""
        await self.registry.refresh()
        self.registry.watch()
        # Scanner drivers may search the network for seconds: a camera page does not wait for them.
        self.scanners.start()

    async def release(self, client: Client) -> None:
        """Give back what a client held: its connection is gone."""
        self._previews.release(client)
        self.scanners.release(client)
        await self._desk.release(client)

    async def close(self) -> None:
        """Give back all devices, within a bounded time."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.uploads.close()
                await self._desk.close_all()
                await self.registry.stop()
                for camera_finder in self.registry.finders:
                    camera_finder.close()
                await self.scanners.close()
        except TimeoutError:
            log.warning("a device did not close in %g s", CLOSE_SECONDS)
        self._workers.close()


def camera_permissions() -> Sequence[NodeAccess]:
    """For each video node, whether this process may use it."""
    return camera_access()


def scanner_permissions() -> Sequence[NodeAccess]:
    """For each USB scanner, whether this process may use it."""
    return scanner_access()


def resident_reader_permissions(config: Config) -> Sequence[NodeAccess]:
    """For each resident ID reader, whether this process may use it."""
    return resident_reader_access(config.cards.samv, config.cards.samv_usb)


async def list_cameras(finders: Sequence[CameraFinder]) -> Sequence[Camera]:
    """All cameras of `finders`, as the service would list them."""
    workers = Workers()
    registry = camera_registry(finders, workers)
    try:
        return await registry.refresh()
    finally:
        for finder in finders:
            finder.close()
        workers.close()


async def list_scanners(finders: Sequence[ScannerFinder], seconds: float) -> Sequence[ScannerInfo]:
    """All scanners of `finders`, as the service would list them."""
    desk = ScannerDesk(finders, seconds, 0)
    try:
        return [scanner.info for scanner in await desk.registry.refresh()]
    finally:
        await desk.close()


def camera_registry(finders: Sequence[CameraFinder], workers: Workers) -> CameraRegistry:
    """The registry of cameras, whose finders block."""
    return CameraRegistry(finders, lambda finder: workers.run(finder.find), largest_first)
