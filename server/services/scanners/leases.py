"""Leases of scanners, which are listed and described, and lent each to one scan."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from server import errors
from server.access.client import Client
from server.devices.ports import scanner as port
from server.devices.ports.scan_notice import ScanNotice
from server.errors import LocalizedText
from server.protocol.messages.scanners import ScanExtra
from server.services.leases import DeviceLeases
from server.services.scanners.feeds import loaded
from server.services.scanners.progress import ScanProgress
from server.services.scanners.scanned_file import Fronts
from server.telemetry.printable import printable

log = logging.getLogger(__name__)

ANOTHER_SCAN = LocalizedText("另一次扫描", "another scan")
UNSET = -1
"""Number with which a page leaves a choice to the driver."""
AUTO = -2
"""Number of no source: the feeder if it holds paper, else the glass; of no mode: colour."""
COLOUR = "Color"
GREY = "Gray"
"""Modes by the words of the standard."""
BLACK_WHITE = frozenset({"Black & White", "Lineart"})
"""Words for black and white; the second is SANE's."""


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """Options of a scan, by numbers in `ScannerOffer`; a custom paper size is in mm.

    Attributes
    ----------
    detect
        True to stop at double feeds and staples where the scanner can.
    dropout
        Colour of ink that is to vanish.
    own_threshold
        True for black and white by the picture core, of a scan in grey.
    noticed
        Called with what people have to know while the scan goes on.
    shown
        Called with rows of a page while it comes; None where nobody looks.
    """

    source: int
    mode: int
    resolution: int
    paper: int
    width: float | None = None
    height: float | None = None
    detect: bool = True
    dropout: port.Colour = ""
    own_threshold: bool = False
    noticed: Callable[[ScanNotice], None] = field(default=lambda _: None, compare=False, repr=False)
    shown: Callable[[port.ScannedRows], None] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ScannerOffer:
    """Choices that a scanner offers, as pages see them; None where its driver has no such option.

    Attributes
    ----------
    extras
        Further parameters of Scan that make a difference with this scanner.
    """

    sources: tuple[str, ...] | None
    modes: tuple[str, ...] | None
    resolutions: tuple[int, ...] | None
    papers: tuple[str, ...] | None
    extras: tuple[ScanExtra, ...]


@dataclass(frozen=True, slots=True)
class MadeColours:
    """Colours that the picture core makes of scanned pages, as their scanner does not.

    Attributes
    ----------
    dropout
        Colour of ink that vanishes.
    black_white
        True for black and white by our own ink.
    found
        True to give pages without colour in grey.
    """

    dropout: port.Colour = ""
    black_white: bool = False
    found: bool = False


@dataclass(frozen=True, slots=True)
class StartedScan:
    """Scan that runs.

    Attributes
    ----------
    source
        Source of the pages; of a feeder their number is not known.
    sheet_size
        True where each sheet is smaller than what is scanned, and is to be found in it.
    made
        Work on colours that is left to the picture core.
    """

    feed: port.Feed
    source: port.ScanSource
    sheet_size: bool
    made: MadeColours


class ScannerLeases(DeviceLeases[port.Scanner]):
    """Lists, describes and lends scanners; one scan at a time on each.

    Parameters
    ----------
    seconds
        Time limit of one finder to list its scanners.
    limit_pixels
        Pixels of the largest page.
    """

    def __init__(self, finders: Sequence[port.ScannerFinder], seconds: float, limit_pixels: int) -> None:
        super().__init__("scanners", finders, seconds, ANOTHER_SCAN)
        self.registry.listen(self._forget_gone)
        self._limit_pixels = limit_pixels
        self.fronts: dict[Client, Fronts] = {}
        """Fronts of each client's pile whose backs are still to come."""
        self.paused: dict[Client, ScanProgress] = {}
        """Scan of each client that a fault ended, and that may go on."""
        self._capabilities: dict[str, port.ScannerCapabilities] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._leases: dict[str, ExitStack] = {}
        """The lease of each scanner that scans; closing it returns the scanner."""

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone; its scan ends with its request."""
        super().release(client)
        self.fronts.pop(client, None)
        self.paused.pop(client, None)

    def _forget_gone(self) -> None:
        present = {scanner.info.id for scanner in self.registry.devices}
        self._capabilities = {key: known for key, known in self._capabilities.items() if key in present}

    # Describing ------------------------------------------------------------------------

    async def describe(self, scanner: port.Scanner) -> port.ScannerCapabilities:
        """Return the capabilities of a scanner, which is asked once; raises as its `describe`."""
        key = scanner.info.id
        async with self._locks.setdefault(key, asyncio.Lock()):
            if key not in self._capabilities:
                self._capabilities[key] = await scanner.describe()
            return self._capabilities[key]

    # Scanning --------------------------------------------------------------------------

    async def begin(self, scanner: port.Scanner, options: ScanOptions) -> StartedScan:
        """Lease a scanner and start it; `finished` has to be called when the feed was closed.

        Raises
        ------
        DeviceBusy, ModeNotSupported, MissingParameter, PaperTooLarge
            Beside those of `server.devices.ports.scanner.Scanner.begin`.
        """
        with ExitStack() as lease:
            lease.enter_context(self.lend((scanner,)))
            started = await self._started(scanner, await self.describe(scanner), options)
            self._leases[scanner.info.id] = lease.pop_all()
        log.info("scanning on %s", scanner.info.name)
        return started

    async def _started(
        self, scanner: port.Scanner, capabilities: port.ScannerCapabilities, options: ScanOptions
    ) -> StartedScan:
        if options.source != AUTO:
            paper, parameters = self._parameters(scanner.info, capabilities, options)
            mode, made = _colours(capabilities, parameters.mode, options)
            dropout: port.Colour = "" if made.dropout else options.dropout
            parameters = replace(parameters, mode=mode, sheet_size=paper == AUTO_SIZE, dropout=dropout)
            return StartedScan(await scanner.begin(parameters), parameters.source, paper == AUTO_SIZE, made)
        feeder, glass = (
            next(
                (number for number, source in enumerate(capabilities.sources) if source.feeder is kind), None
            )
            for kind in (True, False)
        )
        if feeder is not None:
            try:
                started = await self._started(scanner, capabilities, replace(options, source=feeder))
                return replace(started, feed=await loaded(started.feed))
            except errors.FeederEmpty:
                if glass is None:
                    raise
        return await self._started(scanner, capabilities, replace(options, source=glass or 0))

    def finished(self, scanner: port.Scanner) -> None:
        """End the lease of a scanner, so that others can scan."""
        if (lease := self._leases.pop(scanner.info.id, None)) is not None:
            lease.close()

    def _parameters(
        self, info: port.ScannerInfo, capabilities: port.ScannerCapabilities, options: ScanOptions
    ) -> tuple[str | None, port.ScanParameters]:
        """Return the paper and the parameters of a scan."""
        sources = capabilities.sources if capabilities.choice_of_source else None
        source = _chosen(info, sources, options.source, SOURCE) or capabilities.sources[0]
        mode = None if options.mode == AUTO else _chosen(info, capabilities.modes, options.mode, MODE)
        resolution = _chosen(info, capabilities.resolutions, options.resolution, RESOLUTION)
        paper = _chosen(info, offer_of(capabilities).papers, options.paper, PAPER)
        area = _area(info, source, paper, options)
        return paper, port.ScanParameters(
            source,
            mode,
            resolution,
            area,
            self._limit_pixels,
            options.detect,
            noticed=options.noticed,
            shown=options.shown,
        )


def _colours(
    capabilities: port.ScannerCapabilities, mode: str | None, options: ScanOptions
) -> tuple[str | None, MadeColours]:
    """Return the mode to scan in, and what is left to the picture core; a scanner may lack any mode."""
    modes = capabilities.modes or ()
    black_white = mode in BLACK_WHITE and (options.own_threshold or bool(options.dropout))
    if options.mode == AUTO:
        return (COLOUR if COLOUR in modes else mode), MadeColours(options.dropout, found=not options.dropout)
    if options.dropout and (options.dropout not in capabilities.dropout or mode == COLOUR):
        # Seen in all colours, any of them can go.
        return (COLOUR if COLOUR in modes else mode), MadeColours(options.dropout, black_white)
    if black_white and options.own_threshold and GREY in modes:
        return GREY, MadeColours(black_white=True)
    return mode, MadeColours()


T = TypeVar("T")
SOURCE = LocalizedText("扫描类型", "source")
MODE = LocalizedText("扫描模式", "mode")
RESOLUTION = LocalizedText("分辨率", "resolution")
PAPER = LocalizedText("纸张", "paper")


def offer_of(capabilities: port.ScannerCapabilities) -> ScannerOffer:
    """Return the choices that pages see of a scanner's capabilities."""
    beds = [source.bed for source in capabilities.sources if source.bed is not None]
    sources = tuple(source.name for source in capabilities.sources) if capabilities.choice_of_source else None
    papers = papers_on(beds) if beds else None
    return ScannerOffer(
        sources, capabilities.modes, capabilities.resolutions, papers, _extras_of(capabilities)
    )


def _extras_of(capabilities: port.ScannerCapabilities) -> tuple[ScanExtra, ...]:
    modes = capabilities.modes or ()
    fed = any(source.feeder for source in capabilities.sources)
    colour = COLOUR in modes
    offered: dict[ScanExtra, bool] = {
        "scanMode": colour,
        "doubleFeed": capabilities.detects,
        "dropBlank": fed,
        "turnBacks": fed,
        "streams": colour or GREY in modes,
        "dropout": colour or bool(capabilities.dropout),
        "threshold": GREY in modes and not BLACK_WHITE.isdisjoint(modes),
    }
    return tuple(name for name, is_offered in offered.items() if is_offered)


def _chosen(
    info: port.ScannerInfo, offered: tuple[T, ...] | None, number: int, kind: LocalizedText
) -> T | None:
    """Return the choice with a number; None for the driver's own setting, or where there is no such list."""
    if offered is None or number == UNSET:
        return None
    if number >= len(offered):
        raise errors.ModeNotSupported(device=info.name, number=number, kind=_with_choices(kind, offered))
    return offered[number]


def _with_choices(kind: LocalizedText, offered: Sequence[object]) -> LocalizedText:
    names = (getattr(one, "name", one) for one in offered)
    listed = ", ".join(f"{number}: {name}" for number, name in enumerate(names))
    shown = printable(listed).replace("{", "{{").replace("}", "}}")
    return LocalizedText(f"{kind.zh}（有 {shown}）", f"{kind.en} (there are {shown})")


def _area(
    info: port.ScannerInfo, source: port.ScanSource, name: str | None, options: ScanOptions
) -> port.Area | None:
    if source.bed is None or name in (None, MAXIMUM, AUTO_SIZE):
        return None
    if name == USER_DEFINED:
        if options.width is None or options.height is None:
            raise errors.MissingParameter(field="paperWidth/paperHeight")
        size = options.width, options.height
    else:
        size = SIZES[name]
    if not holds(source.bed, *size):
        paper = f"{size[0]:g} x {size[1]:g} mm"
        raise errors.PaperTooLarge(device=info.name, paper=paper, available=str(source.bed))
    return area_of(source.bed, *size)


SIZES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "A4": (210, 297),
        "A5": (148, 210),
        "A5R": (210, 148),
        "A6": (105, 148),
        "A6R": (148, 105),
        "B5(JIS)": (182, 257),
        "B6(JIS)": (128, 182),
        "B6R(JIS)": (182, 128),
        "Legal": (215.9, 355.6),
        "Letter": (215.9, 279.4),
        "A3": (297, 420),
        "B4(JIS)": (257, 364),
        "A4R": (297, 210),
    }
)
"""Width and height in mm as the sheet lies; R is turned. In listing order: A4 first, as pages choose 0."""

USER_DEFINED = "User Defined"
MAXIMUM = "Maximum"
AUTO_SIZE = "Auto Size"
"""The whole bed, cropped to the sheet that lies on it."""

TOLERANCE_MM = 2.5
"""Millimetres by which a sheet may exceed a bed, as drivers round these down: an A4 scanner may call its bed
296.8 mm long."""


def papers_on(beds: Iterable[port.Bed]) -> tuple[str, ...]:
    """Return the papers that fit on at least one of the beds, in listing order."""
    present = tuple(beds)
    fitting = (name for name, size in SIZES.items() if any(holds(bed, *size) for bed in present))
    return (*fitting, USER_DEFINED, MAXIMUM, AUTO_SIZE)


def holds(bed: port.Bed, width: float, height: float) -> bool:
    """Return whether a sheet of that size in mm fits on the bed."""
    return width <= bed.width + TOLERANCE_MM and height <= bed.height + TOLERANCE_MM


def area_of(bed: port.Bed, width: float, height: float) -> port.Area:
    """Return the area of a sheet at the top left of the bed, limited to the bed."""
    return port.Area(0.0, 0.0, min(width, bed.width), min(height, bed.height))
