"""A scanner that does what the test says."""

from __future__ import annotations

import asyncio

import numpy as np

from imgcore.types import Image
from server.devices.ports.scanner import Bed, ScannerCapabilities, ScannerInfo, ScanParameters, ScanSource
from server.errors import GaopaiError

GLASS = ScanSource("Flatbed", False, Bed(216, 297))
FEEDER = ScanSource("ADF", True, Bed(216, 356))


def sheet(number: int) -> Image:
    """A page of 200 x 100 pixels at whose top a black bar is `number` x 10 pixels long."""
    image = np.full((200, 100, 3), 250, np.uint8)
    image[20:40, 5 : 5 + number * 10] = 0
    return image


class FakePage:
    """One page."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self.dots = 100.0
        self.discarded = False

    def pixels(self) -> Image:
        return self._image

    def discard(self) -> None:
        self.discarded = True


class FakeFeed:
    """Gives `scanner.pages` in turn, each when `scanner.pulls` lets it."""

    def __init__(self, scanner: FakeScanner, order: ScanParameters) -> None:
        self._scanner = scanner
        self._feeder = order.source.feeder
        self._left = list(scanner.pages if order.source.feeder else scanner.pages[:1])
        self._stopped = asyncio.Event()

    async def next(self) -> FakePage | None:
        pulled = asyncio.create_task(self._scanner.pulls.acquire())
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait([pulled, stopped], return_when=asyncio.FIRST_COMPLETED)
        finally:
            pulled.cancel()
            stopped.cancel()
        if self._stopped.is_set():
            return None
        if self._scanner.empty is not None and self._feeder:
            raise self._scanner.empty
        if not self._left:
            if self._scanner.fault is not None:
                raise self._scanner.fault
            return None
        page = FakePage(self._left.pop(0))
        self._scanner.given.append(page)
        return page

    async def stop(self) -> None:
        self._scanner.history.append("stop")
        self._stopped.set()

    async def close(self) -> None:
        self._scanner.history.append("close")


class FakeScanner:
    """One scanner.

    Attributes
    ----------
    pages
        What lies in the feeder; the first of it on the glass.
    pulls
        A page leaves for each release; many by default.
    fault
        Raised after the last page.
    empty
        Raised in place of the feeder's first page.
    refusal
        Raised when a scan is to begin.
    history
        What was done to the device.
    """

    def __init__(self, name: str = "Fake", abilities: ScannerCapabilities | None = None) -> None:
        self.info = ScannerInfo(f"fake:{name}", name)
        self.abilities = abilities or ScannerCapabilities(
            (GLASS, FEEDER), True, ("Color", "Gray"), (75, 100, 300)
        )
        self.pages: list[Image] = [sheet(number) for number in range(1, 4)]
        self.pulls = asyncio.Semaphore(1000)
        self.fault: GaopaiError | None = None
        self.refusal: GaopaiError | None = None
        self.empty: GaopaiError | None = None
        self.orders: list[ScanParameters] = []
        self.given: list[FakePage] = []
        self.history: list[str] = []

    async def describe(self) -> ScannerCapabilities:
        self.history.append("describe")
        return self.abilities

    async def begin(self, order: ScanParameters) -> FakeFeed:
        if self.refusal is not None:
            raise self.refusal
        self.orders.append(order)
        self.history.append("begin")
        return FakeFeed(self, order)
