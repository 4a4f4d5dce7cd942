"""Scans of the demo scanner, from the order to its end."""

from __future__ import annotations

import asyncio

from imgcore.types import Image
from server.devices.adapters.demo import DemoScannerFinder, scanner
from server.devices.ports.scanner import Area, Feed, Scanner, ScanParameters, ScanSource
from server.errors import GaopaiError
from tests.patience import PATIENCE

GLASS, FEEDER, DUPLEX = scanner.CAPABILITIES.sources
A4 = Area(0, 0, 210, 297)


def order(
    source: ScanSource = FEEDER,
    mode: str | None = "Gray",
    resolution: int | None = 75,
    area: Area | None = A4,
) -> ScanParameters:
    return ScanParameters(source, mode, resolution, area, 120_000_000)


async def rest(feed: Feed) -> list[Image]:
    """The pictures of all pages that come."""
    pictures = []
    async with asyncio.timeout(PATIENCE):
        while (page := await feed.next()) is not None:
            pictures.append(await asyncio.to_thread(page.pixels))
            page.discard()
    return pictures


async def scan(device: Scanner, what: ScanParameters) -> list[Image]:
    feed = await device.begin(what)
    try:
        return await rest(feed)
    finally:
        await feed.close()


async def scan_to_error(device: Scanner, what: ScanParameters) -> tuple[int, type[GaopaiError] | None]:
    """How many pages came, and what ended it."""
    feed = await device.begin(what)
    count = 0
    try:
        async with asyncio.timeout(PATIENCE):
            while await feed.next() is not None:
                count += 1
    except GaopaiError as error:
        return count, type(error)
    finally:
        await feed.close()
    return count, None


async def until_left(finder: DemoScannerFinder, sheets: int) -> None:
    """Wait until only so many are in the feeder."""
    async with asyncio.timeout(PATIENCE):
        while finder.faults.sheets > sheets:
            await asyncio.sleep(0.01)
