"""Document cameras and scanners as shared devices: each with its capabilities, and scanning as a job says."""

from __future__ import annotations

import asyncio
import re
import socket
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from imgcore.output.finish import ColourMode, OutputSettings, Placement
from imgcore.settings import Crop, ImageType, Settings
from server.access.client import Client
from server.composition import Service
from server.config.dialects import ShareConfig
from server.devices.ports.camera import Camera
from server.devices.ports.scanner import Bed, Scanner, ScannerCapabilities
from server.errors import FeederEmpty, GaopaiError
from server.runtime.background import supervise
from server.services.cameras.auto_capture import AutoCaptured, AutoCapturePlan, Trigger
from server.services.cameras.leases import Role
from server.services.cameras.registry import ModeChoice
from server.services.pictures.order import PictureOrder
from server.services.pictures.output import EncodedPicture
from server.services.scanners.leases import MAXIMUM, SIZES, UNSET, USER_DEFINED, ScanOptions, offer_of
from server.services.scanners.scan import ScannedPicture
from server.share import escl

INCH = 25.4
"""Millimetres in an inch."""
A4_INCHES = 297 / INCH
"""Long side of A4 in inches, taken for that of a desk that nobody measured, and of a page of that shape on
it."""
LEAST_WIDTH = 8.5
"""Least width in inches of a desk that nobody measured, so that A4 is not cut by an outline that is not
exact."""
LINGER_SECONDS = 2.0
"""Time in seconds for which a camera stays open after a job: the next page need not wait for it to start."""
PREVIEW_QUALITY = 80
"""JPEG quality of pictures that a client asks for as a preview."""
SCANNING = Role("eSCL", "eSCL")
NETWORK = re.compile(r"sane:(airscan|escl|net|v4l)\b|:/?net[/;:0-9]|:(tcp|http|https|udp):|://")
"""Scanners that are network ones themselves, or cameras: ours among them, found again."""
_MODES: Mapping[escl.Colours, Sequence[str]] = {
    escl.Colours.COLOUR: ("color", "colour"),
    escl.Colours.GREY: ("gray", "grey"),
    escl.Colours.BLACK_WHITE: ("lineart", "black", "binary", "mono"),
}
_COLOUR_MODES = {
    escl.Colours.COLOUR: ColourMode.AS_IS,
    escl.Colours.GREY: ColourMode.GREY,
    escl.Colours.BLACK_WHITE: ColourMode.BLACK_WHITE,
}
_PAGE = Settings(crop=Crop.SINGLE, image_type=ImageType.COLOUR, deskew=True, upright=True)
"""Processing of a camera's picture where a client's purpose has none of its own: that of a page."""
PROFILES: Mapping[escl.Intent | None, Settings] = {
    escl.Intent.PHOTO: Settings(crop=Crop.SINGLE, image_type=ImageType.PHOTO),
    escl.Intent.PREVIEW: Settings(crop=Crop.SINGLE, upright=True),
    escl.Intent.OBJECT: Settings(),
}
"""Processing of a camera's picture by the client's purpose; of any other, and of none, a page's."""

Deliver = Callable[[EncodedPicture], Awaitable[None]]
"""Delivers a picture; the device waits for a slow client."""


class SharedDevice(Protocol):
    """Protocol for a device that programs scan with; one job at a time."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def in_use(self) -> bool:
        """True while a page, or a program, has it."""

    async def capabilities(self) -> escl.DeviceCapabilities:
        """Return the capabilities; a scanner's driver is asked once."""

    async def scan(
        self, client: Client, settings: escl.ScanSettings, begun: Callable[[], None], deliver: Deliver
    ) -> None:
        """Scan and deliver each picture; `begun` is called once the device is this client's.

        Raises
        ------
        server.errors.GaopaiError
            The pictures of all earlier pages were delivered.
        """


def uuid_of(device: SharedDevice) -> str:
    """Return an identifier that is the same whenever this computer shares this device."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"gaopai://{socket.gethostname()}/{device.id}"))


class SharedCamera:
    """Document camera: the page below it, or one after the other as they are laid down."""

    def __init__(self, camera: Camera, services: Service, page_seconds: float) -> None:
        self._camera = camera
        self._services = services
        self._page_seconds = page_seconds
        self._order = asyncio.Lock()
        self._holder: Client | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def id(self) -> str:
        return f"camera {self._camera.info.id}"

    @property
    def name(self) -> str:
        return self._camera.info.name

    @property
    def in_use(self) -> bool:
        return self._services.cameras.leases.holder(self._camera) not in (None, self._holder)

    async def capabilities(self) -> escl.DeviceCapabilities:
        (shorter, longer), dots, measured = await self._desk_size()
        offered = sorted({*(each for each in escl.RESOLUTIONS if each <= dots), max(75, int(dots))})
        # Upright, as most pages; one that lies across is turned where it fits only so.
        caps = [
            escl.InputCapabilities(
                source, int(shorter * escl.UNITS), int(longer * escl.UNITS), tuple(escl.Colours), offered
            )
            for source in (escl.InputSource.PLATEN, escl.InputSource.FEEDER)
        ]
        return escl.DeviceCapabilities(self.name, uuid_of(self), caps, not measured)

    async def scan(
        self, client: Client, settings: escl.ScanSettings, begun: Callable[[], None], deliver: Deliver
    ) -> None:
        _, dots, _ = await self._desk_size()
        defaults = self._services.orders.settings.defaults
        profile = replace(PROFILES.get(settings.intent, _PAGE), when_unsure=defaults.when_unsure)
        order = PictureOrder(
            profile,
            _output(settings, dots, camera=True),
            picture_format=settings.picture_format,
            judged=False,
        )
        await self._take(client)
        try:
            begun()
            if settings.source is escl.InputSource.PLATEN:
                for picture in await self._services.cameras.captures.capture(client, self._camera, order):
                    await deliver(picture)
            else:
                await self._feed(client, order, deliver)
        finally:
            self._closing = supervise("closing of a shared camera", self._close_later, restart=False)

    async def _feed(self, client: Client, order: PictureOrder, deliver: Deliver) -> None:
        """Deliver each page that is laid down, until none comes for a time."""
        pages = _LaidPages()
        plan = AutoCapturePlan(Trigger.PAGE, 0.0, order)
        await self._services.cameras.auto_captures.start(client, self._camera, plan, pages)
        try:
            while (page := await pages.next(self._page_seconds)) is not None:
                for picture in page.pictures:
                    await deliver(picture)
        finally:
            self._services.cameras.auto_captures.stop(client, self._camera)
        if not pages.count:
            raise FeederEmpty(device=self.name)

    async def _take(self, client: Client) -> None:
        leases = self._services.cameras.leases
        if self._closing is not None:
            self._closing.cancel()
        async with self._order:
            holder = self._holder
            if holder is not None and leases.owns(holder, self._camera) and holder != client:
                await leases.close(holder, self._camera)
            await leases.acquire(client, self._camera, ModeChoice(0, 0), SCANNING)
            self._holder = client

    async def _close_later(self) -> None:
        await asyncio.sleep(LINGER_SECONDS)
        async with self._order:
            holder = self._holder
            self._holder = None
            if holder is not None and self._services.cameras.leases.owns(holder, self._camera):
                await self._services.cameras.leases.close(holder, self._camera)

    async def _desk_size(self) -> tuple[tuple[float, float], float, bool]:
        """Return the sides of the desk in inches, the dots an inch on it, and True if measured."""
        width, height = self._camera.info.media[0].sizes[0]
        scale = await self._services.pools.run(self._services.cameras.scales.of, self._camera.info.id)
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
        measured = None if scale is None else scale.size(corners, (height, width))
        if measured is not None:
            shorter, longer = (side / INCH for side in sorted(measured))
        else:
            shorter = max(A4_INCHES * min(width, height) / max(width, height), LEAST_WIDTH)
            longer = A4_INCHES
        return (shorter, longer), max(width, height) / longer, measured is not None


class _LaidPages:
    """Hears of the pages that are laid below a camera."""

    def __init__(self) -> None:
        self.count = 0
        self._waiting: asyncio.Queue[AutoCaptured | GaopaiError] = asyncio.Queue(1)

    async def next(self, seconds: float) -> AutoCaptured | None:
        """Return the next page, None if none comes in time."""
        try:
            async with asyncio.timeout(seconds):
                page = await self._waiting.get()
        except TimeoutError:
            return None
        if isinstance(page, GaopaiError):
            raise page
        self.count += 1
        return page

    async def captured(self, capture: AutoCaptured) -> None:
        await self._waiting.put(capture)

    def waits(self, wait: object) -> None:
        """Tell nobody: no program that scans would show it."""

    def missed(self) -> None:
        """Tell nobody, likewise."""

    async def failed(self, error: GaopaiError) -> None:
        await self._waiting.put(error)


class SharedScanner:
    """Scanner that only this computer has."""

    def __init__(self, scanner: Scanner, services: Service) -> None:
        self._scanner = scanner
        self._leases = services.scanners.leases
        self._scans = services.scanners.scans
        self._settings = services.orders.settings

    @property
    def id(self) -> str:
        return f"scanner {self._scanner.info.id}"

    @property
    def name(self) -> str:
        return self._scanner.info.name

    @property
    def in_use(self) -> bool:
        return self._leases.is_lent(self._scanner)

    async def capabilities(self) -> escl.DeviceCapabilities:
        known = await self._leases.describe(self._scanner)
        offered = [each for each in known.resolutions or escl.RESOLUTIONS[:5] if each <= escl.RESOLUTIONS[-1]]
        caps = []
        for source in escl.InputSource:
            if (number := _source(known, source)) is not None:
                bed = known.sources[number].bed or Bed(*SIZES["A4"])
                width, height = (int(side / INCH * escl.UNITS) for side in (bed.width, bed.height))
                caps.append(
                    escl.InputCapabilities(
                        source, width, height, tuple(escl.Colours), offered or escl.RESOLUTIONS[:5]
                    )
                )
        return escl.DeviceCapabilities(self.name, uuid_of(self), caps)

    async def scan(
        self, client: Client, settings: escl.ScanSettings, begun: Callable[[], None], deliver: Deliver
    ) -> None:
        known = await self._leases.describe(self._scanner)
        options, dots = _options(known, settings)

        async def hand_on(picture: ScannedPicture) -> None:
            await deliver(picture.picture)

        order = PictureOrder(
            self._settings.defaults,
            _output(settings, dots),
            picture_format=settings.picture_format,
            judged=False,
        )
        begun()
        await self._scans.scan(client, self._scanner, options, order, hand_on)


def _output(settings: escl.ScanSettings, nominal: float, *, camera: bool = False) -> OutputSettings:
    """Return the form of the files of a job's pictures.

    Parameters
    ----------
    nominal
        Dots an inch of a picture whose own are not known.
    camera
        True for a camera, whose page is delivered whole unless the region begins elsewhere.
    """
    part: dict[str, float] = {}
    whole = camera
    region = settings.region
    if region is not None:
        whole = camera and not (region.left or region.top)
        sides = ("left", "top", "width", "height")
        part = {side: value / escl.UNITS for side, value in zip(sides, region, strict=True)}
    coloured = settings.colours is escl.Colours.COLOUR
    sheet = A4_INCHES if camera else 0.0
    placement = Placement(float(settings.dots), nominal, sheet, cuts=not whole, coloured=coloured, **part)
    quality = PREVIEW_QUALITY if settings.intent is escl.Intent.PREVIEW else None
    colours = _COLOUR_MODES[settings.colours]
    return OutputSettings(quality=quality, colour_mode=colours, placement=placement)


def _options(known: ScannerCapabilities, settings: escl.ScanSettings) -> tuple[ScanOptions, float]:
    """Return the options of a scan, and the resolution that it has; a source that is missing is the glass."""
    papers = offer_of(known).papers
    modes = known.modes or ()
    words = _MODES[settings.colours]
    mode = next((i for i, name in enumerate(modes) if any(word in name.lower() for word in words)), UNSET)
    offered = known.resolutions or ()
    resolution = next((i for i, dots in enumerate(offered) if dots >= settings.dots), len(offered) - 1)
    source = _source(known, settings.source) or 0
    bed = known.sources[source].bed
    region = settings.region
    paper = UNSET
    width = None
    height = None
    if papers is not None:
        paper = papers.index(MAXIMUM if region is None or bed is None else USER_DEFINED)
    if region is not None and bed is not None:
        width = min((region.left + region.width) / escl.UNITS * INCH, bed.width)
        height = min((region.top + region.height) / escl.UNITS * INCH, bed.height)
    dots = float(offered[resolution]) if offered else float(settings.dots)
    return ScanOptions(source, mode, resolution if offered else UNSET, paper, width, height), dots


def _source(known: ScannerCapabilities, wanted: escl.InputSource) -> int | None:
    for number, source in enumerate(known.sources):
        duplex = "duplex" in source.name.lower()
        kind = escl.InputSource.DUPLEX if duplex else escl.InputSource.FEEDER
        if wanted is (kind if source.feeder else escl.InputSource.PLATEN):
            return number
    return None


class SharedDevices:
    """Devices that are shared, the first document camera first.

    Parameters
    ----------
    section
        Configuration of what is shared.
    """

    def __init__(self, services: Service, section: ShareConfig) -> None:
        self._services = services
        self._page_seconds = section.page_seconds
        self._names = frozenset(section.devices)
        self._known: dict[str, SharedDevice] = {}

    async def present(self) -> Sequence[SharedDevice]:
        """Return the devices that are there now."""
        listed = self._services.cameras.registry.devices
        cameras = [each for each in listed if each.info.media and not each.info.grey]
        scanners = await self._services.scanners.leases.present()
        made: list[SharedDevice] = [
            SharedCamera(camera, self._services, self._page_seconds) for camera in cameras
        ]
        made += [SharedScanner(each, self._services) for each in scanners if not NETWORK.search(each.info.id)]
        found = {each.id: self._known.get(each.id, each) for each in made}
        self._known = found
        return [each for each in found.values() if not self._names or each.name in self._names]
