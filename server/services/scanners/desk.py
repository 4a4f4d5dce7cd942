"""The scanner desk: which scanners there are, what each offers, and who is scanning."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TypeVar

from imgcore.settings import Crop, Settings
from server.devices.ports.scanner import (
    Area,
    Feed,
    Scanner,
    ScannerCapabilities,
    ScannerFinder,
    ScannerInfo,
    ScanParameters,
    ScanSource,
)
from server.errors import (
    LocalizedText,
    MissingParameter,
    ModeNotSupported,
    PaperTooLarge,
)
from server.services.client import Client
from server.services.desk import DeviceDesk
from server.services.scanners.paper_sizes import (
    AUTO_SIZE,
    MAXIMUM,
    SIZES,
    USER_DEFINED,
    area_of,
    holds,
    papers_on,
)

log = logging.getLogger(__name__)

ANOTHER_SCAN = LocalizedText("另一次扫描", "another scan")
UNSET = -1
"""The number by which a page leaves a choice to the driver."""


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """A scan as a page chooses it, by numbers in `ScannerOffer`; a custom paper size is in mm."""

    source: int
    mode: int
    resolution: int
    paper: int
    width: float | None = None
    height: float | None = None


@dataclass(frozen=True, slots=True)
class ScannerOffer:
    """What a scanner offers, as pages see it; None where its driver has no such option."""

    sources: tuple[str, ...] | None
    modes: tuple[str, ...] | None
    resolutions: tuple[int, ...] | None
    papers: tuple[str, ...] | None


class ScannerDesk(DeviceDesk[Scanner]):
    """Lists, describes and lends scanners; one scan at a time on each.

    Parameters
    ----------
    seconds
        How long one adapter may take to list its scanners.
    limit_pixels
        The largest page.
    """

    def __init__(self, finders: Sequence[ScannerFinder], seconds: float, limit_pixels: int) -> None:
        super().__init__("scanners", finders, seconds, ANOTHER_SCAN)
        self.registry.listen(self._forget_gone)
        self._limit_pixels = limit_pixels
        self._settings: dict[Client, Settings] = {}
        self._abilities: dict[str, ScannerCapabilities] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._scans: dict[str, ExitStack] = {}
        """What ends the loan of each scanner that scans."""

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone; its scan ends with its request."""
        super().release(client)
        self._settings.pop(client, None)

    def _forget_gone(self) -> None:
        present = {scanner.info.id for scanner in self.registry.devices}
        self._abilities = {key: known for key, known in self._abilities.items() if key in present}

    # Describing ------------------------------------------------------------------------

    async def offer(self, scanner: Scanner) -> ScannerOffer:
        """What a scanner offers; asked of its driver once.

        Raises
        ------
        DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout, DriverCrashed
        """
        return offer_of(await self._describe(scanner))

    async def _describe(self, scanner: Scanner) -> ScannerCapabilities:
        key = scanner.info.id
        async with self._locks.setdefault(key, asyncio.Lock()):
            if key not in self._abilities:
                self._abilities[key] = await scanner.describe()
            return self._abilities[key]

    # Scanning --------------------------------------------------------------------------

    def settings(self, client: Client) -> Settings:
        """How the client wants its pages."""
        return self._settings.get(client, Settings())

    def keep_settings(self, client: Client, settings: Settings) -> None:
        """Remember how the client wants its pages."""
        self._settings[client] = settings

    async def begin(
        self, client: Client, scanner: Scanner, choice: ScanOptions
    ) -> tuple[Feed, Settings, bool]:
        """Take a scanner and start it; `finished` has to be called when the feed was closed.

        Returns
        -------
        Feed
            The pages.
        Settings
            How they are to be processed.
        bool
            True for a feeder: nobody knows how many pages there will be.

        Raises
        ------
        DeviceBusy, ModeNotSupported, MissingParameter, PaperTooLarge
            Beside those of `server.devices.ports.scanner.Scanner.begin`.
        """
        with ExitStack() as lent:
            lent.enter_context(self.lend((scanner,)))
            abilities = await self._describe(scanner)
            order = self._order(scanner.info, abilities, choice)
            feed = await scanner.begin(order)
            self._scans[scanner.info.id] = lent.pop_all()
        log.info("scanning on %s", scanner.info.name)
        return feed, self._page_settings(client, abilities, choice), order.source.feeder

    def finished(self, scanner: Scanner) -> None:
        """Let others scan."""
        if (lent := self._scans.pop(scanner.info.id, None)) is not None:
            lent.close()

    def _order(
        self, info: ScannerInfo, abilities: ScannerCapabilities, choice: ScanOptions
    ) -> ScanParameters:
        sources = abilities.sources if abilities.choice_of_source else None
        source = _chosen(info, sources, choice.source, SOURCE) or abilities.sources[0]
        return ScanParameters(
            source=source,
            mode=_chosen(info, abilities.modes, choice.mode, MODE),
            resolution=_chosen(info, abilities.resolutions, choice.resolution, RESOLUTION),
            area=_area(info, source, offer_of(abilities).papers, choice),
            limit_pixels=self._limit_pixels,
        )

    def _page_settings(self, client: Client, abilities: ScannerCapabilities, choice: ScanOptions) -> Settings:
        settings = self.settings(client)
        papers = offer_of(abilities).papers
        cut = papers is not None and choice.paper != UNSET and papers[choice.paper] == AUTO_SIZE
        return replace(settings, crop=Crop.SINGLE) if cut and settings.crop is Crop.NONE else settings


T = TypeVar("T")
SOURCE = LocalizedText("扫描类型", "source")
MODE = LocalizedText("扫描模式", "mode")
RESOLUTION = LocalizedText("分辨率", "resolution")
PAPER = LocalizedText("纸张", "paper")


def offer_of(abilities: ScannerCapabilities) -> ScannerOffer:
    """The lists that pages see."""
    beds = [source.bed for source in abilities.sources if source.bed is not None]
    sources = tuple(source.name for source in abilities.sources) if abilities.choice_of_source else None
    return ScannerOffer(sources, abilities.modes, abilities.resolutions, papers_on(beds) if beds else None)


def _chosen(info: ScannerInfo, offered: tuple[T, ...] | None, number: int, kind: LocalizedText) -> T | None:
    """What a number means; None for the driver's own setting, or where there is no such list."""
    if offered is None or number == UNSET:
        return None
    if number >= len(offered):
        raise ModeNotSupported(device=info.name, number=number, kind=kind)
    return offered[number]


def _area(
    info: ScannerInfo, source: ScanSource, papers: tuple[str, ...] | None, choice: ScanOptions
) -> Area | None:
    name = _chosen(info, papers, choice.paper, PAPER)
    if source.bed is None or name in (None, MAXIMUM, AUTO_SIZE):
        return None
    if name == USER_DEFINED:
        if choice.width is None or choice.height is None:
            raise MissingParameter(field="paperWidth/paperHeight")
        size = choice.width, choice.height
    else:
        size = SIZES[name]
    if not holds(source.bed, *size):
        asked = f"{size[0]:g} x {size[1]:g} mm"
        raise PaperTooLarge(device=info.name, paper=asked, available=str(source.bed))
    return area_of(source.bed, *size)
