"""Both sides of piles of sheets on a one-sided feeder, in two scans, by the demo scanner."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.types import Image
from server.devices.adapters.demo.faults import ScannerFaults
from server.devices.adapters.demo.scanner import DemoScanner
from server.devices.ports.scanner import ScannerInfo
from server.errors import BadParameter, PageCutShort, PaperJam, SidesUnequal
from server.services import leases
from synthetic.scene.glass import SCALE
from synthetic.scene.scanner import PlacedSheet, encode_sheet
from tests.functional.conftest import Running
from tests.functional.page import Message, Page, connect, picture
from tests.functional.test_scan import scan

SHEETS = 20
PAPER = {"scanSource": 1, "scanMode": 1, "scanResolution": 0, "scanPaperSize": 3}
"""The one-sided feeder, grey, 75 dots an inch, A6."""
BITS = 8


class NumberedSheets:
    """Sheets of A6 that carry their number and side in black and white fields."""

    @cache  # noqa: B019 - as long as the test
    def side(self, sheet: int, back: bool) -> PlacedSheet:
        fields = [255 * (1 - (2 * sheet + back >> bit & 1)) for bit in range(BITS)]
        page = np.full((round(148 * SCALE), round(105 * SCALE), 3), 250, np.uint8)
        for bit, level in enumerate(fields):
            top = round((10 + 15 * bit) * SCALE)
            page[top : top + round(12 * SCALE), round(20 * SCALE) : round(80 * SCALE)] = level
        return PlacedSheet(encode_sheet(page), (56, 56, 56), 0.0, 0.0, 0.0, (sheet, back))


def side_of(image: Image) -> tuple[int, bool]:
    """Sheet, from 0, and side that a scan shows."""
    dots = 75 / 25.4
    rows = [round((16 + 15 * bit) * dots) for bit in range(BITS)]
    number = sum(int(image[row, round(50 * dots)] < 128) << bit for bit, row in enumerate(rows))
    return number // 2, bool(number % 2)


def decoded(data: bytes) -> tuple[int, bool]:
    return side_of(np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8))


@pytest.fixture
async def feeder(service: Running, monkeypatch: pytest.MonkeyPatch) -> ScannerFaults:
    """The feeder of a demo scanner, the only one of the service."""
    faults = ScannerFaults()
    scanner = DemoScanner(ScannerInfo("demo:scanner", "Demo"), NumberedSheets(), faults)  # type: ignore[arg-type]
    scanner.seconds_per_page = 0.0
    monkeypatch.setattr(leases, "FRESH_SECONDS", 0.0)
    service.scanners.devices = [scanner]
    async with connect(service.url) as page:
        await page.must("GetScannerName")
    return faults


RIGHT = list(itertools.product(range(SHEETS), (False, True)))


async def both_passes(page: Page, feeder: ScannerFaults, order: str, **extra: object) -> list[list[Message]]:
    """Fronts and backs of a pile; of the same order where each sheet was turned by itself."""
    feeder.load(SHEETS)
    fronts = await scan(page, **PAPER, side="front", **extra)
    feeder.load(SHEETS, turned="whole" if order == "reversed" else "each")
    return [fronts, await scan(page, **PAPER, side="back", backOrder=order, **extra)]


@pytest.mark.parametrize("pile", [pytest.param(pile, marks=pytest.mark.sampled(10)) for pile in range(12)])
async def test_a_pile_comes_in_the_order_of_its_sheets(
    service: Running, feeder: ScannerFaults, pile: int
) -> None:
    order = ("reversed", "same")[pile % 2]
    async with connect(service.url) as page:
        if pile % 4 < 2:
            _, (answer,) = await both_passes(page, feeder, order, imagePath=f"pile{pile}.jpg")
            assert [decoded(Path(path).read_bytes()) for path in answer["imagePath"]] == RIGHT
            assert len(answer["cuts"]) == len(answer["verdicts"]) == 2 * SHEETS
            return
        sides = [message for messages in await both_passes(page, feeder, order) for message in messages]
        sides.sort(key=lambda message: (message["sheet"], message["side"] == "back"))
        assert [decoded(picture(message)) for message in sides] == RIGHT


@pytest.mark.parametrize("backs", [SHEETS - 1, SHEETS + 1, 1])
@pytest.mark.parametrize("files", [True, False])
async def test_a_miscount_is_told_and_the_backs_are_scanned_again(
    service: Running, feeder: ScannerFaults, backs: int, files: bool
) -> None:
    extra = {"imagePath": "miscount.jpg"} if files else {}
    async with connect(service.url) as page:
        feeder.load(SHEETS)
        await scan(page, **PAPER, side="front", **extra)
        feeder.load(backs, turned="whole")
        error = (await scan(page, **PAPER, side="back", **extra))[-1]
        assert error["result"] == SidesUnequal.code
        assert f"{SHEETS} " in error["errorMsg"] and f"{backs} " in error["errorMsg"]
        assert not files or len(error["imagePath"]) == backs
        feeder.load(SHEETS, turned="whole")
        again = await scan(page, **PAPER, side="back", **extra)
        assert all(message["result"] == 0 for message in again)
        if files:
            assert [decoded(Path(path).read_bytes()) for path in again[0]["imagePath"]] == RIGHT


async def test_backs_without_fronts_move_no_paper(service: Running, feeder: ScannerFaults) -> None:
    async with connect(service.url) as page:
        await scan(page, **PAPER)
        feeder.load(3)
        (error,) = await scan(page, **PAPER, side="back")
        assert (error["result"], feeder.sheets) == (BadParameter.code, 3)
        feeder.load(3)
        await scan(page, **PAPER, side="front")
        feeder.load(3, turned="whole")
        await scan(page, **PAPER, side="back")
        (again,) = await scan(page, **PAPER, side="back")
        assert again["result"] == BadParameter.code


async def test_a_jam_among_the_backs_keeps_the_fronts(service: Running, feeder: ScannerFaults) -> None:
    async with connect(service.url) as page:
        feeder.load(3)
        await scan(page, **PAPER, side="front", imagePath="jam.jpg")
        feeder.load(3, turned="whole")
        feeder.jam_after = 1
        (error,) = await scan(page, **PAPER, side="back", imagePath="jam.jpg")
        assert (error["result"], len(error["imagePath"])) == (PaperJam.code, 1)
        feeder.jam_after = None
        feeder.load(3, turned="whole")
        (answer,) = await scan(page, **PAPER, side="back", imagePath="jam.jpg")
        assert [decoded(Path(path).read_bytes()) for path in answer["imagePath"]] == RIGHT[:6]


async def test_a_duplex_source_cleans_each_side_by_the_other(service: Running, feeder: ScannerFaults) -> None:
    async with connect(service.url) as page:
        await page.must("SetScannerImageInfo", removalForeign=3)
        feeder.load(3)
        sides = await scan(page, **{**PAPER, "scanSource": 2})
        assert [decoded(picture(message)) for message in sides] == RIGHT[:6]
        feeder.load(3)
        feeder.cut_short_at = 4
        *sides, error = await scan(page, **{**PAPER, "scanSource": 2})
        assert len(sides) >= 2 and error["result"] == PageCutShort.code
