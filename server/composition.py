"""Composition root: the only place that makes long-lived objects."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import cv2

from imgcore.settings import Settings, WhenUnsure
from server import config as configuration
from server.access.client import Client
from server.config import Config
from server.connection.multipart import MultipartStreams
from server.decoding.decoders import Decoders
from server.decoding.pool import Pool
from server.decoding.text_process import FormDecoder, TextDecoder
from server.documents.form_print import read_print
from server.equipment import Engines, Finders
from server.errors import GaopaiError
from server.protocol.prose_names import with_prose_names
from server.runtime import lazy_imports
from server.runtime.background import report, supervise
from server.services.archive import ArchiveHandlers, SigningService, missing_library
from server.services.barcodes import BarcodeHandlers
from server.services.buttons import ButtonHandlers, ButtonService
from server.services.cameras.handlers import Cameras
from server.services.cameras.registry import close_finders
from server.services.cards.reading import Cards
from server.services.composing import ComposeHandlers, ComposeService
from server.services.context import Dispatcher, DomainServices, bound_handlers, bound_heralds
from server.services.faces.handlers import Faces
from server.services.files.handlers import Files
from server.services.fingerprints.reading import Fingerprints
from server.services.forms import FormHandlers
from server.services.identity.reading import Identity
from server.services.leases import DeviceLeases
from server.services.page_source import PageSource
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.naming import FileNamer
from server.services.pictures.order import PictureOrders
from server.services.pictures.originals import Originals
from server.services.pictures.resources import PictureResources
from server.services.pictures.settings import PictureSettings
from server.services.pictures.settings_handlers import PictureSettingsHandlers
from server.services.pools import ThreadPools
from server.services.processing import ProcessHandlers, ProcessService
from server.services.scanners.handlers import Scanners
from server.services.service import ServiceHandlers
from server.services.signatures.handlers import Signatures
from server.services.stamps import StampBook, StampHandlers
from server.services.texts import TextHandlers, missing_tools, supported_languages
from server.services.upload.policy import UploadPolicy
from server.services.upload.service import UploadHandlers, UploadService
from server.services.upload.targets import Targets
from server.services.upload.transfer import UploadTransfer
from server.storage.forms import FOLDER, FormFolder
from server.storage.root import Storage

log = logging.getLogger(__name__)

CLOSE_SECONDS = 10.0
"""Time limit for all services and devices to close at the end, in seconds."""
UNUSED_SECONDS = 10.0
"""Time after their last use at which models and processes give back their memory, in seconds."""


class Keeper(Protocol):
    """Protocol for what keeps something for a client."""

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone, and end what runs for it."""


class Service:
    """Long-lived objects behind the endpoint.

    Parts that several methods go through stand in lists: `_domains` have handlers, `_lenders` search for
    devices, and `_keepers` keep something for each client. The leases of cameras are in neither of the last
    two: they find theirs before the service starts, and release them last.
    """

    def __init__(self, config: Config, finders: Finders, engines: Engines, storage: Storage) -> None:
        self._limits = config.limits
        self.pools, self._models = pools, models = ThreadPools(), ModelCache()
        self.originals = Originals(lambda: self._limits, pools, storage.own_folder)
        self.cards = Cards(config, finders.cards, engines.decode)
        names = FileNamer(self.cards.numbers, config.output.name)
        settings = PictureSettings(Settings(when_unsure=WhenUnsure(config.crop.when_unsure or "whole")))
        orders = PictureOrders(config.output, settings, pools)
        self.orders = orders
        resources = PictureResources(storage, names, pools, models, self.originals, orders)
        signing = SigningService(config.archive, configuration.access_folder(config.access))
        cameras = Cameras(config, finders.cameras, resources, signing.sign)
        self.cameras = cameras
        leases = cameras.leases
        limit = config.limits.picture_megapixels * 1_000_000
        self._decoding = Pool(limit)
        self.texts = TextDecoder(limit)
        decoders = Decoders(self._decoding, self.texts)
        source = PageSource(resources, decoders, cameras)
        self.source = source
        self.faces = Faces(config.faces, engines.faces, cameras, source)
        self.scanners = Scanners(config, finders.scanners, resources)
        self.fingerprints = Fingerprints(config, finders.fingerprints, engines.matcher, pools, decoders)
        self.buttons = ButtonService(finders.buttons, cameras)
        self._policy = UploadPolicy(config.upload.allow)
        targets = Targets(config.targets, self._policy, pools)
        transfer = UploadTransfer(config.upload, self._policy, storage, pools, targets=targets)
        self.uploads = UploadService(transfer)
        self.files = Files(lambda: self._limits, source, signing, self.uploads)
        self.signatures = Signatures(config.signature, source, signing, self.texts)
        self._forms = FormFolder(configuration.access_folder(config.access) / FOLDER, read_print)
        identity = Identity(self.texts, engines.faces, leases, source)
        self.composing = ComposeService(source, cameras.captures, engines.faces)
        self.processing = ProcessService(source)
        others = DomainServices(
            BarcodeHandlers(source),
            TextHandlers(source, self.texts),
            FormHandlers(source, FormDecoder(self.texts), self._forms),
            ButtonHandlers(leases, self.buttons),
            UploadHandlers(self.uploads, pools),
            ArchiveHandlers(signing, resources),
            ComposeHandlers(leases, self.composing, source),
            ProcessHandlers(self.processing, source),
            StampHandlers(StampBook(config.stamps, config.output.font, source), source),
            PictureSettingsHandlers(settings, leases, config.compat),
        )
        self._lenders: Sequence[DeviceLeases[Any]] = (
            self.buttons,
            self.cards.readers,
            self.scanners.leases,
            self.fingerprints.sensors,
        )
        self._keepers: Sequence[Keeper] = (
            *self._lenders,
            self.orders.settings,
            self.cards.numbers,
            cameras.previews,
            cameras.wanted,
            cameras.auto_captures,
            cameras.presses,
            self.faces.cameras,
            self.faces.previews,
            self.faces.monitor,
            identity.sight,
        )
        self._domains: Sequence[DomainServices] = (
            self.cards,
            cameras,
            self.faces,
            self.scanners,
            self.fingerprints,
            self.files,
            self.signatures,
            identity,
            others,
        )
        owners = [each for domain in self._domains for each in domain.handlers]
        handlers = bound_handlers(*owners)
        self.streams = MultipartStreams(leases, cameras.previews, self.release)
        languages = partial(pools.run_document, supported_languages)
        self._description = ServiceHandlers(config, handlers, self._unavailable, languages)
        served = {**handlers, **bound_handlers(self._description)}
        self.dispatcher = Dispatcher(
            served, bound_heralds(*owners), with_prose_names if config.compat.prose_names else None
        )

    def forget(self) -> None:
        """Let go of models and processes that nobody used lately, while no camera runs."""
        if not self.cameras.leases.running:
            self._models.forget(UNUSED_SECONDS)
            self._forms.forget(UNUSED_SECONDS)
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
        await self.cameras.registry.refresh()
        self.cameras.registry.watch()
        loop = asyncio.get_running_loop()
        lazy_imports.when_read(cv2, partial(loop.call_soon_threadsafe, self._decoding.warm_up))
        # Drivers may search the network or a bus for seconds, which a camera page need not wait for.
        for leases in self._lenders:
            leases.start()

    async def release(self, client: Client) -> None:
        """Release all devices and state of a client whose connection is gone, each even if another fails."""
        for keeper in self._keepers:
            try:
                keeper.release(client)
            except Exception as error:  # noqa: BLE001 - the others are released all the same
                report("release of a client", error)
        await self.cameras.leases.release(client)

    async def close(self) -> None:
        """Close all devices, each even if another fails, within a bounded time."""
        works = (
            # A recording ends with its camera, but its file is complete only a moment later.
            self.cameras.recordings.close,
            self.uploads.close,
            self._decoding.close,
            self.texts.close,
            self.cameras.leases.close_all,
            lambda: close_finders(self.cameras.registry),
            *(leases.close for leases in self._lenders),
        )
        closing = [supervise("closing of the service", work, restart=False) for work in works]
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
        return {**await self.faces.matching.missing_models(), **missing}
