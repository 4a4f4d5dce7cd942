"""Composition root: the only place that makes long-lived objects."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Protocol, runtime_checkable

import cv2

from imgcore.settings import Settings, WhenUnsure
from server import config as configuration
from server.access.client import Client
from server.config import Config
from server.connection.multipart import MultipartStreams
from server.decoding.decoders import Decoders
from server.decoding.pool import Pool
from server.decoding.text_process import DocumentDecoder, TextDecoder
from server.errors import GaopaiError
from server.finders import Engines, Finders
from server.runtime import lazy_imports
from server.runtime.background import report, supervise
from server.services.archive import ArchiveHandlers, SigningService, missing_library
from server.services.barcodes import BarcodeHandlers
from server.services.buttons import ButtonHandlers, ButtonService
from server.services.cameras.auto_capture import AutoCaptureHandlers, AutoCaptureService
from server.services.cameras.capture import CaptureService
from server.services.cameras.controls import CameraControlHandlers, CameraControlService
from server.services.cameras.desk import CameraDesk
from server.services.cameras.handlers import CameraHandlers, WantedCameras
from server.services.cameras.indicator import desktop_indicator, desktop_language
from server.services.cameras.kept import DeskScales, KeptControls
from server.services.cameras.preview import PreviewService
from server.services.cameras.recording import RecordingHandlers, RecordingService, recording_limits
from server.services.cameras.registry import camera_registry, close_finders
from server.services.cards.reading import CardHandlers, CardReadService, Portraits
from server.services.composing import ComposeHandlers, ComposeService, SideFinder
from server.services.context import Dispatcher, bound_handlers
from server.services.desk import DeviceDesk
from server.services.faces.cameras import FACE, FaceCameras
from server.services.faces.handlers import FaceHandlers, FaceMatchHandlers
from server.services.faces.matching import FaceMatchService, UploadedFaces
from server.services.faces.monitoring import FaceMonitor
from server.services.files.handlers import FileHandlers
from server.services.files.merging import MergeService
from server.services.files.stored import Downloads, StoredFileHandlers
from server.services.fingerprints.matcher import UploadedFingerprints
from server.services.fingerprints.reading import FingerprintHandlers, FingerprintService
from server.services.identity.private_copy import PrivateCopyHandlers
from server.services.identity.reading import DocumentHandlers, DocumentsInSight
from server.services.page_source import PageSource
from server.services.pictures.messages import OutputOptions
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.naming import CardNumbers, FileNamer
from server.services.pictures.originals import Originals
from server.services.pictures.picture_work import PictureResources
from server.services.pools import ThreadPools
from server.services.processing import ProcessHandlers, ProcessService
from server.services.scanners.desk import ScannerDesk
from server.services.scanners.handlers import ImageSettingsHandlers, ScannerHandlers
from server.services.scanners.scan import ScanService
from server.services.service import ServiceHandlers
from server.services.texts import TextHandlers, missing_tools, supported_languages
from server.services.upload.policy import UploadPolicy
from server.services.upload.service import UploadHandlers, UploadService
from server.services.upload.transfer import UploadTransfer
from server.storage.root import Storage

log = logging.getLogger(__name__)

CLOSE_SECONDS = 10.0
UNUSED_SECONDS = 10.0
"""So long after their last use models and processes give back their memory."""


@runtime_checkable
class Releases(Protocol):
    """Protocol for what keeps something for a client; the desk of cameras, which waits, comes after all."""

    def release(self, client: Client) -> None: ...


class Service:
    """Long-lived objects behind the endpoint."""

    def __init__(self, config: Config, finders: Finders, engines: Engines, storage: Storage) -> None:
        self.pools, self._models = ThreadPools(), ModelCache()
        self.registry = camera_registry(finders.cameras, self.pools)
        indicator = desktop_indicator(config.notice.cameras, desktop_language(config.server.language))
        cache, state = self._models, configuration.access_folder(config.access)
        kept, self.scales = KeptControls(state), DeskScales(state)
        defaults = Settings(when_unsure=WhenUnsure(config.crop.when_unsure or "whole"))
        self.desk = CameraDesk(
            self.registry, self.pools, cache.documents, config.preview.still_fps, indicator, kept
        )
        self.desk.defaults = defaults
        self.previews, self.card_numbers = PreviewService(self.desk), CardNumbers()
        names = FileNamer(self.card_numbers, config.output.name)
        self.outputs = outputs = OutputOptions(config.output, self.pools)
        self._limits = config.limits
        self.originals = Originals(lambda: self._limits, self.pools, storage.own_folder)
        resources = PictureResources(storage, names, self.pools, cache, self.originals)
        self.captures = CaptureService(self.desk, resources, self.scales)
        self.wanted = WantedCameras(self.desk)
        self.auto_captures = AutoCaptureService(self.desk, self.captures, self.pools)
        self.captures.end_automatic = self.auto_captures.stop
        self.recordings = RecordingService(self.desk, storage, recording_limits(config.recording))
        self.buttons = ButtonService(finders.buttons, self.desk, self.registry)
        self.face_cameras = FaceCameras(self.desk, self.registry, config.faces.pairs)
        self._face_previews = PreviewService(self.desk, FACE)
        self.face_monitor = FaceMonitor(self.desk, engines.faces, self.pools.faces)
        limit_pixels = config.limits.picture_megapixels * 1_000_000
        self._decoding, self.texts = Pool(limit_pixels), TextDecoder(limit_pixels)
        decoders = Decoders(self._decoding, self.texts)
        self.source = source = PageSource(storage, self.pools, decoders, self.captures, self.desk)
        self.matching = FaceMatchService(
            self.face_monitor, engines.faces, self.pools, config.faces.wait_seconds
        )
        self.uploaded_faces = UploadedFaces(engines.faces, source, self.pools)
        self.scanners = ScannerDesk(finders.scanners, config.scan.find_seconds, limit_pixels, defaults)
        self.scans = ScanService(self.scanners, resources)
        self._policy = UploadPolicy(config.upload.allow)
        self.uploads = UploadService(UploadTransfer(config.upload, self._policy, storage, self.pools))
        self.downloads = Downloads(lambda: self._limits)
        self.composing = ComposeService(resources, source, self.captures, SideFinder(cache, engines.faces))
        self.cards = CardReadService(finders.cards, config.cards)
        self.portraits = Portraits(engines.decode)
        self.fingerprints = FingerprintService(
            finders.fingerprints, engines.matcher, self.pools, config.fingers
        )
        self.uploaded_fingerprints = UploadedFingerprints(engines.matcher, self.pools, decoders)
        self.controls = CameraControlService(self.desk, kept)
        self.processing = ProcessService(resources, source)
        reader, signing = DocumentDecoder(self.texts), SigningService(config.archive, state)
        merging = MergeService(storage, self.pools, decoders, signing, resources.provenance)
        self.sight = DocumentsInSight(self.desk, reader, self.pools)
        handlers = bound_handlers(
            CameraHandlers(self.desk, self.previews, self.captures, outputs, config.compat, self.wanted),
            CameraControlHandlers(self.desk, self.controls),
            ScannerHandlers(self.scanners, self.scans, outputs),
            ImageSettingsHandlers(self.desk, self.previews, self.scanners, config.compat),
            CardHandlers(self.cards, self.portraits, self.card_numbers, config.compat),
            FingerprintHandlers(self.fingerprints, self.uploaded_fingerprints),
            FaceHandlers(self.face_cameras, self._face_previews, self.face_monitor),
            FaceMatchHandlers(self.face_cameras, self.face_monitor, self.uploaded_faces, self.matching),
            RecordingHandlers(self.desk, self.recordings),
            AutoCaptureHandlers(self.desk, self.auto_captures, outputs),
            ButtonHandlers(self.desk, self.buttons),
            UploadHandlers(self.uploads, self.pools),
            FileHandlers(merging, source, self.downloads, self.pools),
            StoredFileHandlers(storage, self.pools, self.downloads),
            *(ArchiveHandlers(signing, resources), TextHandlers(source, self.texts, self.pools)),
            *(BarcodeHandlers(source), DocumentHandlers(self.desk, source, reader, self.sight)),
            PrivateCopyHandlers(resources, source, reader, engines.faces, config.output.font),
            ComposeHandlers(self.desk, self.composing, source, outputs),
            ProcessHandlers(self.processing, source, defaults, outputs, self.pools),
        )
        self.streams = MultipartStreams(self.desk, self.previews, self.release)
        self._description = ServiceHandlers(
            config, handlers, self._unavailable, lambda: self.pools.run_document(supported_languages)
        )
        self.dispatcher = Dispatcher(
            {**handlers, **bound_handlers(self._description)}, config.compat.prose_names
        )

    def forget(self) -> None:
        """Let go of models and processes that nobody used lately, while no camera runs."""
        if not self.desk.running:
            self._models.forget(UNUSED_SECONDS)
            self._decoding.end_unused(UNUSED_SECONDS)

    def renew(self, config: Config) -> None:
        """Apply the keys of a reloaded configuration that need no restart.

        Raises
        ------
        BadOrigin
            An origin of the upload policy is invalid; nothing has changed.
        """
        self._policy.renew(config.upload.allow)
        self._description.limits = self._limits = config.limits
        self._description.profiles = tuple(config.profiles)

    async def start(self) -> None:
        """Find the devices, and watch for hot-plug from now on."""
        await self.registry.refresh()
        self.registry.watch()
        loop = asyncio.get_running_loop()
        lazy_imports.when_read(cv2, partial(loop.call_soon_threadsafe, self._decoding.warm_up))
        # Drivers may search the network or a bus for seconds, which a camera page need not wait for.
        for desk in self._desks:
            desk.start()

    @property
    def _desks(self) -> Sequence[DeviceDesk[Any]]:
        return [part for part in vars(self).values() if isinstance(part, DeviceDesk)]

    async def release(self, client: Client) -> None:
        """Release all devices and state of a client whose connection is gone, each even if another fails."""
        keepers = [part for part in vars(self).values() if isinstance(part, Releases)]
        for part in keepers:
            if isinstance(part, CameraDesk):
                continue
            try:
                part.release(client)
            except Exception as error:  # noqa: BLE001 - the others are released all the same
                report("release of a client", error)
        await self.desk.release(client)

    async def close(self) -> None:
        """Close all devices, each even if another fails, within a bounded time."""
        # A recording ends with its camera, but its file is complete only a moment later.
        own = (self.recordings.close, self.uploads.close, self._decoding.close, self.texts.close)
        cameras = (self.desk.close_all, lambda: close_finders(self.registry))
        parts = (*own, *cameras, *(desk.close for desk in self._desks))
        closing = [supervise("closing of the service", part, restart=False) for part in parts]
        _, late = await asyncio.wait(closing, timeout=CLOSE_SECONDS)
        if late:
            log.warning("a device did not close in %g s", CLOSE_SECONDS)
        for task in late:
            task.cancel()
        self.originals.close()
        self.pools.close()

    async def _unavailable(self) -> Mapping[str, GaopaiError]:
        """Return the functions that lack a model, each with the error."""
        missing = await self.pools.run(lambda: {**missing_tools(), **missing_library()})
        return {**await self.matching.missing_models(), **missing}
