"""A scan from the first page to the last, as the service does it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from imgcore.types import Image
from server.devices.adapters.sane.finder import SaneScannerFinder
from server.devices.adapters.sane.scanner import SaneScanner
from server.devices.ports.scanner import Area, Feed, ScanParameters, ScanSource
from server.errors import GaopaiError
from tests.devices.sane.pattern import Window
from tests.patience import PATIENCE

DOTS = 50
AREA = (0.0, 0.0, 50.0, 60.0)
WINDOW = Window.of(AREA, DOTS)
"""What `order` scans."""
FLATBED = ScanSource("Flatbed", False, None)
FEEDER = ScanSource("ADF", True, None)


@dataclass
class Outcome:
    """The pages, and what ended them if it was an error."""

    pages: list[Image] = field(default_factory=list)
    error: GaopaiError | None = None


def order(
    source: ScanSource = FLATBED,
    mode: str | None = "Color",
    resolution: int | None = DOTS,
    area: Sequence[float] | None = AREA,
    limit_pixels: int = 100_000_000,
) -> ScanParameters:
    """An order for a small area, quickly scanned."""
    return ScanParameters(source, mode, resolution, None if area is None else Area(*area), limit_pixels)


async def only(finder: SaneScannerFinder) -> SaneScanner:
    """The one scanner that there is."""
    (scanner,) = await finder.find()
    return scanner


async def scan(scanner: SaneScanner, wanted: ScanParameters) -> Outcome:
    """All pages, until the end or an error; whatever happens, it happens soon."""
    outcome = Outcome()
    async with asyncio.timeout(PATIENCE):
        try:
            feed = await scanner.begin(wanted)
        except GaopaiError as exc:
            outcome.error = exc
            return outcome
        try:
            await take(feed, outcome)
        finally:
            await feed.close()
    return outcome


async def take(feed: Feed, outcome: Outcome) -> None:
    """The rest of a feed."""
    try:
        while (page := await feed.next()) is not None:
            outcome.pages.append(await asyncio.to_thread(page.pixels))
            page.discard()
    except GaopaiError as exc:
        outcome.error = exc
