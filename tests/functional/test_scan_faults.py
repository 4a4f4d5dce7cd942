"""Scans that a fault ends and that go on: each side comes once and in order, whatever stopped the feeder."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.types import Image
from server.devices.adapters.demo.faults import ScannerFaults
from server.devices.ports.scanner import Bed, ScannerCapabilities, ScanParameters, ScanSource
from server.errors import (
    BadParameter,
    Cancelled,
    CoverOpen,
    DeviceGone,
    DoubleFeed,
    GaopaiError,
    PageCutShort,
    PaperJam,
    StapleFound,
)
from server.services import leases
from tests.extent import extent
from tests.fakes.scanner import FakePage, FakeScanner
from tests.functional.conftest import Running
from tests.functional.page import Message, Page, connect, picture
from tests.functional.test_scan import END, scan, until_end
from tests.functional.test_scan_piles import PAPER, decoded, feeder

__all__ = ["feeder"]

SHEETS = 5
DUPLEX = {**PAPER, "scanSource": 2}
FAULTS: dict[str, tuple[dict[str, int], type[GaopaiError]]] = {
    "jam": ({"jam_after": 2}, PaperJam),
    "jam of a back": ({"jam_after": 3}, PaperJam),
    "double feed": ({"double_at": 3}, DoubleFeed),
    "double feed told at the back": ({"double_at": 4}, DoubleFeed),
    "staple": ({"staple_at": 2}, StapleFound),
    "cut short": ({"cut_short_at": 1}, PageCutShort),
    "cut short at a back": ({"cut_short_at": 2}, PageCutShort),
}


def mend(faults: ScannerFaults) -> None:
    """Take away what stopped the feeder."""
    faults.jam_after = faults.double_at = faults.staple_at = faults.cut_short_at = None
    faults.cover_open = False


async def with_notices(page: Page, **parameters: object) -> list[Message]:
    """All messages of a scan before its end, notices too."""
    number = await page.send("Scan", **parameters)
    seen = []
    while (message := await page.answer(number))["func"] != END:
        seen.append(message)
    return seen


@pytest.mark.sampled(3)
@pytest.mark.parametrize("files", [False, True])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_scan_goes_on_after_a_fault(
    service: Running, feeder: ScannerFaults, fault: str, both: bool, files: bool
) -> None:
    change, error = FAULTS[fault]
    right = list(itertools.product(range(SHEETS), (False, True) if both else (False,)))
    extra = {"imagePath": "faults.jpg"} if files else {}
    async with connect(service.url) as page:
        feeder.load(SHEETS)
        for name, value in change.items():
            setattr(feeder, name, value)
        *sides, told = await scan(page, **(DUPLEX if both else PAPER), **extra)
        assert told["result"] == error.code
        done = len(told["imagePath"]) if files else len(sides)
        assert told["resumePage"] == done + 1
        mend(feeder)
        again = await scan(page, resume=True)
        if files:
            (answer,) = again
            assert [decoded(Path(path).read_bytes()) for path in answer["imagePath"]] == right
            return
        sides += again
        assert [decoded(picture(side)) for side in sides] == right
        assert [side["page"] for side in sides] == list(range(1, len(right) + 1))
        assert [side["imageIndex"] for side in sides] == list(range(1, len(right) + 1))


async def test_one_fault_after_the_other(service: Running, feeder: ScannerFaults) -> None:
    async with connect(service.url) as page:
        feeder.load(SHEETS)
        feeder.jam_after = 1
        *sides, _ = await scan(page, **DUPLEX)
        for _ in range(3):
            *more, error = await scan(page, resume=True)
            sides += more
            assert error["resumePage"] == len(sides) + 1
        mend(feeder)
        sides += await scan(page, resume=True)
        assert [decoded(picture(side)) for side in sides] == list(
            itertools.product(range(SHEETS), (False, True))
        )


async def test_what_looks_double_is_fed_where_that_is_wanted(service: Running, feeder: ScannerFaults) -> None:
    async with connect(service.url) as page:
        feeder.load(3)
        feeder.double_at = 2
        *sides, error = await scan(page, **PAPER)
        assert (error["result"], error["resumePage"], feeder.sheets) == (DoubleFeed.code, 2, 2)
        feeder.double_at = 1
        sides += await scan(page, resume=True, doubleFeed="ignore")
        assert [decoded(picture(side))[0] for side in sides] == [0, 1, 2]


async def test_faults_among_fronts_and_backs_of_a_pile(service: Running, feeder: ScannerFaults) -> None:
    async with connect(service.url) as page:
        for side in ("front", "back"):
            feeder.load(SHEETS, turned="whole" if side == "back" else "")
            feeder.jam_after = 2
            await scan(page, **PAPER, side=side, imagePath="pile.jpg")
            mend(feeder)
            (answer,) = await scan(page, resume=True)
        seen = [decoded(Path(path).read_bytes()) for path in answer["imagePath"]]
        assert seen == list(itertools.product(range(SHEETS), (False, True)))


@pytest.mark.parametrize(
    ("change", "notice", "language", "word"),
    [
        ({"double_at": 2}, "doubleFeed", "en", "back on top"),
        ({"staple_at": 2}, "staple", "zh", "订书钉"),
        ({"cover_open": True}, "coverOpen", "en", "Close it"),
    ],
)
async def test_people_are_told_what_to_do(
    service: Running, feeder: ScannerFaults, change: dict[str, int], notice: str, language: str, word: str
) -> None:
    async with connect(service.url) as page:
        await page.must("SetPageInfo", language=language)
        feeder.load(3)
        for name, value in change.items():
            setattr(feeder, name, value)
        seen = await with_notices(page, **PAPER)
        events = [message["event"] for message in seen if message["func"] == "Notify"]
        assert events == ["OnScannerNotice", "OnScanFinished"]
        (told,) = [message for message in seen if message.get("event") == "OnScannerNotice"]
        assert (told["kind"], told["notice"], told["page"]) == ("scanner", notice, int(notice != "coverOpen"))
        assert word in told["message"]


async def test_nothing_goes_on_that_was_not_stopped(service: Running, feeder: ScannerFaults) -> None:
    async with connect(service.url) as page:
        (error,) = await scan(page, resume=True)
        assert (error["result"], feeder.sheets) == (BadParameter.code, SHEETS)
        feeder.jam_after = 1
        await scan(page, **PAPER)
        mend(feeder)
        feeder.load(2)
        assert len(await scan(page, **PAPER)) == 2, "a new scan is a new scan"
        (error,) = await scan(page, resume=True)
        assert error["result"] == BadParameter.code
        feeder.jam_after = 1
        feeder.load(2)
        await scan(page, **PAPER)
        mend(feeder)
    async with connect(service.url) as other:
        (error,) = await scan(other, resume=True)
        assert error["result"] == BadParameter.code, "what another connection scanned is not ours"


async def test_a_cancelled_scan_is_over(service: Running, feeder: ScannerFaults) -> None:
    async with connect(service.url) as page:
        feeder.load(SHEETS)
        feeder.slow = 0.2
        number = await page.send("Scan", **PAPER)
        await page.answer(number)
        await page.send("CancelScan")
        assert (await until_end(page, number))[-1]["result"] == Cancelled.code
        feeder.slow = 0.0
        (error,) = await scan(page, resume=True)
        assert error["result"] == BadParameter.code


class PileScanner(FakeScanner):
    """A scanner that keeps its pile over scans, and stops at every twentieth page of it, once each.

    A sheet that did not go through whole is put back; of both sides, both come again.
    """

    def __init__(self, sides: int, both: bool) -> None:
        source = ScanSource("Duplex" if both else "ADF", True, Bed(216, 356))
        super().__init__("Pile", ScannerCapabilities((source,), True, ("Color",), (100,)))
        self.sides = sides
        self.sheet = 2 if both else 1
        self.out = 0
        self.kinds = itertools.cycle((PaperJam, DoubleFeed, StapleFound, PageCutShort, CoverOpen, DeviceGone))
        self.stops = {side: next(self.kinds) for side in range(20, sides + 1, 20)}
        self.faults = len(self.stops)

    async def begin(self, order: ScanParameters) -> PileFeed:
        return PileFeed(self)


class PileFeed:
    """A scan of the pile."""

    def __init__(self, scanner: PileScanner) -> None:
        self._scanner = scanner
        self._at = scanner.out

    async def next(self) -> FakePage | None:
        await asyncio.sleep(0)
        scanner = self._scanner
        if self._at == scanner.sides:
            return None
        self._at += 1
        error = scanner.stops.pop(self._at, None)
        if error is not None:
            raise error(device="Pile")
        if self._at % scanner.sheet == 0:
            scanner.out = self._at
        return FakePage(numbered(self._at))

    async def stop(self) -> None:
        pass

    async def close(self) -> None:
        pass


def numbered(side: int) -> Image:
    """A small page that shows its number by bars."""
    image = np.full((110, 60), 250, np.uint8)
    for bit in range(10):
        image[5 + 10 * bit : 12 + 10 * bit, 10:50] = 0 if side >> bit & 1 else 250
    return image


def number_of(message: Message) -> int:
    image = cv2.imdecode(np.frombuffer(picture(message), np.uint8), cv2.IMREAD_GRAYSCALE)
    return sum(int(image[8 + 10 * bit, 30] < 128) << bit for bit in range(10))


@pytest.mark.long
@pytest.mark.parametrize("both", [False, True])
async def test_of_a_thousand_pages_with_a_fault_at_every_twentieth_each_comes_once(
    service: Running, monkeypatch: pytest.MonkeyPatch, both: bool
) -> None:
    scanner = PileScanner(extent(200, 1000), both)
    monkeypatch.setattr(leases, "FRESH_SECONDS", 0.0)
    service.scanners.devices = [scanner]
    faults = 0
    sides: list[Message] = []
    request: dict[str, object] = {"scanSource": 0, "scanMode": 0, "scanResolution": 0, "scanPaperSize": -1}
    async with connect(service.url) as page:
        await page.must("GetScannerName")
        while True:
            seen = await scan(page, **request)
            if not seen[-1]["result"]:
                sides += seen
                break
            faults += 1
            sides += seen[:-1]
            assert seen[-1]["resumePage"] == len(sides) + 1
            request = {"resume": True}
    assert faults == scanner.faults
    assert [number_of(side) for side in sides] == list(range(1, scanner.sides + 1))
    assert [side["page"] for side in sides] == list(range(1, scanner.sides + 1))
