"""What a scan gives beyond its pages: blank sides left out, backs turned, colours, several streams."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.types import Image
from server.devices.ports.scanner import Bed, ScannerCapabilities, ScanSource
from server.services import leases
from tests.fakes.scanner import FEEDER, GLASS, FakeScanner, sheet
from tests.functional.conftest import Running
from tests.functional.page import Message, Page, connect, picture
from tests.functional.test_scan import END, scan

BOTH = ScanSource("Duplex", True, Bed(216, 356))
LONG = ScanSource("Simplex", True, Bed(216, 3048))
BLANK: Image = np.full((200, 100, 3), 250, np.uint8)
MODES = ("Color", "Gray", "Black & White")
RED = (60, 50, 215)


@pytest.fixture
async def scanner(service: Running, monkeypatch: pytest.MonkeyPatch) -> FakeScanner:
    """A scanner with glass, both sides and long paper."""
    monkeypatch.setattr(leases, "FRESH_SECONDS", 0.0)
    scanner = FakeScanner("Wide", ScannerCapabilities((GLASS, FEEDER, BOTH, LONG), True, MODES, (100, 200)))
    service.scanners.devices = [scanner]
    async with connect(service.url) as page:
        await page.must("GetScannerName")
    return scanner


def image_of(message: Message) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(picture(message), np.uint8), cv2.IMREAD_UNCHANGED), np.uint8)


async def scanned(page: Page, source: int = 1, mode: int = 0, **extra: object) -> list[Message]:
    return await scan(page, scanSource=source, scanMode=mode, scanResolution=0, scanPaperSize=0, **extra)


# blank sides and backs -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "kept"), [("none", [1, 2, 3, 4, 5, 6]), ("backs", [1, 3, 4, 5]), ("all", [1, 4, 5])]
)
async def test_blank_sides_are_left_out_where_that_is_asked_for(
    service: Running, scanner: FakeScanner, wish: str, kept: list[int]
) -> None:
    scanner.pages = [sheet(1), BLANK, BLANK, sheet(4), sheet(5), BLANK]
    async with connect(service.url) as page:
        number = await page.send(
            "Scan", scanSource=2, scanMode=0, scanResolution=0, scanPaperSize=0, dropBlank=wish
        )
        seen = []
        while (message := await page.answer(number))["func"] != END:
            seen.append(message)
        *sides, finished = seen
        assert [side["page"] for side in sides] == kept
        assert [side["imageIndex"] for side in sides] == list(range(1, len(kept) + 1))
        assert (finished["pages"], finished["pictures"]) == (6, len(kept))
        assert finished.get("dropped") == (6 - len(kept) or None)
        (answer,) = await scanned(page, 2, dropBlank=wish, imagePath=f"blank-{wish}.png")
        assert len(answer["imagePath"]) == len(kept)
        # On the glass and of one-sided sheets there is no back.
        scanner.pages = [BLANK, sheet(2)]
        assert len(await scanned(page, 0, dropBlank=wish)) == 1
        assert len(await scanned(page, 1, dropBlank=wish)) == (1 if wish == "all" else 2)


async def test_blank_backs_of_a_second_pass_are_left_out_and_counted(
    service: Running, scanner: FakeScanner
) -> None:
    async with connect(service.url) as page:
        await scanned(page, side="front", imagePath="two.png")
        scanner.pages = [sheet(4), BLANK, sheet(6)]
        (answer,) = await scanned(page, side="back", dropBlank="backs", imagePath="two.png")
    seen = [cv2.imread(path, cv2.IMREAD_GRAYSCALE) for path in answer["imagePath"]]
    assert [round(float((one[30] < 128).sum()) / 10) for one in seen if one is not None] == [1, 6, 2, 3, 4]


@pytest.mark.parametrize(
    ("source", "side", "turned"), [(2, None, {2, 4}), (1, None, set()), (1, "back", {1, 2, 3, 4})]
)
async def test_backs_that_come_upside_down_are_turned(
    service: Running, scanner: FakeScanner, source: int, side: str | None, turned: set[int]
) -> None:
    scanner.pages = [sheet(number) for number in range(1, 5)]
    extra = {} if side is None else {"side": side}
    async with connect(service.url) as page:
        if side == "back":
            await scanned(page, side="front")
        sides = await scanned(page, source, turnBacks=True, **extra)
    for message in sides:
        image = image_of(message)
        upside_down = np.rot90(image, 2)
        right = upside_down if message["page"] in turned else image
        assert round(float((right[30] < 128).any(axis=-1).sum()) / 10) == message["page"]


# colours -----------------------------------------------------------------------------------


def stamped() -> Image:
    """A larger page with black print and a red stamp."""
    page = np.full((800, 560, 3), 246, np.uint8)
    for row in range(100, 700, 40):
        cv2.putText(page, "black letters", (60, row), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (25, 25, 25), 2)
    cv2.circle(page, (380, 560), 90, RED, 8)
    return page


def has_red(image: Image) -> bool:
    return image.ndim == 3 and bool((image[..., 2].astype(int) - image[..., 1] > 60).any())


async def test_automatic_colour_gives_pages_without_colour_in_grey(
    service: Running, scanner: FakeScanner
) -> None:
    plain = stamped()
    plain[..., 1] = plain[..., 2] = plain[..., 0]
    scanner.pages = [stamped(), plain]
    async with connect(service.url) as page:
        coloured, grey = await scan(page, scanSource=1, scanMode="auto", scanResolution=0, scanPaperSize=0)
    assert has_red(image_of(coloured)) and image_of(grey).ndim == 2
    assert scanner.orders[0].mode == "Color"


@pytest.mark.parametrize("resolve", ["core", "scanner"])
async def test_a_colour_is_dropped_by_the_scanner_or_else_by_the_core(
    service: Running, scanner: FakeScanner, resolve: str
) -> None:
    if resolve == "scanner":
        scanner.abilities = ScannerCapabilities(
            scanner.abilities.sources, True, MODES, (100, 200), dropout=("red", "green")
        )
    scanner.pages = [stamped()]
    async with connect(service.url) as page:
        (grey,) = await scanned(page, mode=1, dropout="red")
        order = scanner.orders[-1]
        assert (order.mode, order.dropout) == (("Gray", "red") if resolve == "scanner" else ("Color", ""))
        (other,) = await scanned(page, mode=1, dropout="blue")
        assert (scanner.orders[-1].mode, scanner.orders[-1].dropout) == ("Color", "")
        (binary,) = await scanned(page, mode=2, dropout="red")
    if resolve == "scanner":
        return  # the fake one drops nothing
    stamp = slice(460, 660), slice(280, 480)
    assert image_of(grey).ndim == 2
    black = image_of(grey)
    assert black[90:110].min() < 90, "black stays"
    ring = black[560, 285:295]
    assert ring.min() > 225, "the stamp is paper"
    assert image_of(other)[560, 285:295].min() < 150, "a red stamp is not blue"
    assert set(np.unique(image_of(binary)[stamp] // 64)) <= {0, 3}
    assert image_of(binary)[560, 285:295].min() > 200


async def test_black_and_white_by_our_own_ink_is_scanned_in_grey(
    service: Running, scanner: FakeScanner
) -> None:
    scanner.pages = [stamped()]
    async with connect(service.url) as page:
        await scanned(page, mode=2)
        await scanned(page, mode=2, threshold="own", imagePath="ink.png")
        modes = [order.mode for order in scanner.orders]
        (answer,) = await scanned(page, mode=2, threshold="own", imagePath="ink.png")
    assert modes == ["Black & White", "Gray"]
    ink = cv2.imread(answer["imagePath"][0], cv2.IMREAD_UNCHANGED)
    assert ink is not None and set(np.unique(ink)) == {0, 255}


async def test_one_pass_gives_a_page_in_colour_grey_and_black_and_white(
    service: Running, scanner: FakeScanner
) -> None:
    scanner.pages = [stamped(), stamped()]
    async with connect(service.url) as page:
        seen = await scanned(page, streams=["asSet", "gray", "bw"])
        assert [(one["page"], one["stream"], one["imageIndex"]) for one in seen] == [
            (1, "asSet", 1), (1, "gray", 2), (1, "bw", 3), (2, "asSet", 4), (2, "gray", 5), (2, "bw", 6),
        ]  # fmt: skip
        colour, grey, black = map(image_of, seen[:3])
        assert has_red(colour) and grey.ndim == 2 and black.ndim == 2
        assert scanner.history.count("begin") == 1
        (answer,) = await scanned(page, streams=["asSet", "bw"], imagePath="streams.png")
        assert len(answer["imagePath"]) == 4
        binary = cv2.imread(answer["imagePath"][1], cv2.IMREAD_UNCHANGED)
        assert binary is not None and set(np.unique(binary)) == {0, 255}
        assert "stream" not in (await scanned(page))[0]


# paper -------------------------------------------------------------------------------------


async def test_a_page_of_three_metres_is_scanned_where_the_driver_allows(
    service: Running, scanner: FakeScanner
) -> None:
    long = np.full((11_811, 816, 3), 248, np.uint8)
    long[200:11_600:60, 100:700] = 30
    scanner.pages = [long]
    async with connect(service.url) as page:
        papers = (await page.must("GetScannerInfo"))["scanPapers"]
        custom = {"scanPaperSize": papers.index("User Defined"), "paperWidth": 210}
        wish = {"scanMode": 0, "scanResolution": 0, **custom}
        (message,) = await scan(page, scanSource=3, paperHeight=3000, **wish)
        assert (message["width"], message["height"]) == (816, 11_811)
        assert scanner.orders[-1].area is not None and scanner.orders[-1].area.height == 3000
        (error,) = await scan(page, scanSource=3, paperHeight=3080, **wish)
        assert error["result"] == 2015
        (error,) = await scan(page, scanSource=1, paperHeight=3000, **wish)
        assert error["result"] == 2015


async def test_automatic_paper_lets_the_scanner_find_the_ends_of_sheets(
    service: Running, scanner: FakeScanner
) -> None:
    async with connect(service.url) as page:
        papers = (await page.must("GetScannerInfo"))["scanPapers"]
        for name in ("A4", "Auto Size"):
            await scan(page, scanSource=3, scanMode=0, scanResolution=0, scanPaperSize=papers.index(name))
    assert [order.sheet_size for order in scanner.orders] == [False, True]


async def test_dust_on_the_glass_is_told_once(service: Running, scanner: FakeScanner) -> None:
    dusty = stamped()
    dusty[:, 300] = 90
    for pages, told in (([dusty] * 20, 1), ([stamped()] * 20, 0), ([dusty] * 8, 0)):
        scanner.pages = pages
        async with connect(service.url) as page:
            number = await page.send("Scan", scanSource=1, scanMode=0, scanResolution=0, scanPaperSize=0)
            notices = []
            while (message := await page.answer(number))["func"] != END:
                notices.append(message.get("notice"))
        assert notices.count("lensDirty") == told


async def test_a_profile_holds_these_wishes_too(service: Running, scanner: FakeScanner) -> None:
    scanner.pages = [sheet(1), BLANK, sheet(3), BLANK]
    async with connect(service.url) as page:
        seen = await scanned(page, 2, profile={"dropBlank": "backs", "streams": ["bw"]})
    assert [(one["page"], one["stream"]) for one in seen] == [(1, "bw"), (3, "bw")]


# what a scanner offers of it -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("abilities", "extras"),
    [
        (ScannerCapabilities((GLASS,), False, ("Gray",), None), ["streams"]),
        (ScannerCapabilities((GLASS,), False, ("Gray", "Lineart"), None), ["streams", "threshold"]),
        (ScannerCapabilities((GLASS,), False, ("Color",), None), ["scanMode", "streams", "dropout"]),
        (
            ScannerCapabilities((FEEDER,), False, None, None, dropout=("red",)),
            ["dropBlank", "turnBacks", "dropout"],
        ),
        (
            ScannerCapabilities((FEEDER,), False, None, None, detects=True),
            ["doubleFeed", "dropBlank", "turnBacks"],
        ),
    ],
)
async def test_a_page_is_told_what_makes_a_difference(
    service: Running, scanner: FakeScanner, abilities: ScannerCapabilities, extras: list[str]
) -> None:
    other = FakeScanner("Other", abilities)
    service.scanners.devices = [other]
    async with connect(service.url) as page:
        await page.must("GetScannerName")
        assert (await page.must("GetScannerInfo"))["scanExtras"] == extras
