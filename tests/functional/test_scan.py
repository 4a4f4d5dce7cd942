"""Scans as a page sees them: pictures, errors and the end, in order."""

from __future__ import annotations

import asyncio
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.types import Image
from server import config as configuration
from server.devices.ports.scanner import Bed, Feed, ScannerCapabilities, ScanParameters, ScanSource
from server.errors import DeviceGone, DriverMissing, FeederEmpty, LocalizedText, PaperJam
from server.services import leases
from tests.fakes.scanner import FEEDER, FakeScanner, sheet
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import CLOSING, ORDER, Message, Page, about_sockets, connect, picture
from tests.patience import PATIENCE

FEED = {"scanSource": 1, "scanMode": 0, "scanResolution": 2, "scanPaperSize": 0}
END = "GetScanEndStatue"


async def until_end(page: Page, number: int) -> list[Message]:
    """All messages of a scan before its end notice."""
    seen = []
    while (message := await page.answer(number))["func"] != END:
        if message["func"] != "Notify":
            seen.append(message)
    assert (message["result"], message["scanEndStatue"]) == (0, 0)
    return seen


async def scan(page: Page, **parameters: object) -> list[Message]:
    """Scan, and check that nothing follows the end."""
    seen = await until_end(page, await page.send("Scan", **{**FEED, **parameters}))
    assert await page.silence(END) == []
    return seen


def bar(message: Message) -> int:
    """The number that `tests.fakes.scanner.sheet` drew."""
    image = cv2.imdecode(np.frombuffer(picture(message), np.uint8), cv2.IMREAD_GRAYSCALE)
    return round(float((image[30] < 128).sum()) / 10)


async def test_scanners_are_listed_and_described(service: Running) -> None:
    async with connect(service.url) as page:
        assert (await page.must("GetScannerName"))["scannerName"] == ["Fake"]
        offer = await page.must("GetScannerInfo", devIndex=0)
    assert offer["scanSources"] == ["Flatbed", "ADF"]
    assert offer["scanModes"] == ["Color", "Gray"]
    assert offer["scanResolutions"] == ["75", "100", "300"]
    assert offer["scanPapers"] == [
        *("A4", "A5", "A5R", "A6", "A6R", "B5(JIS)", "B6(JIS)", "B6R(JIS)", "Legal", "Letter"),
        *("User Defined", "Maximum", "Auto Size"),
    ]


async def test_what_a_driver_does_not_have_is_minus_one(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "FRESH_SECONDS", 0.0)
    bare = ScannerCapabilities((ScanSource("", True, None),), False, None, None)
    service.scanners.devices = [FakeScanner("Bare", bare)]
    async with connect(service.url) as page:
        await page.must("GetScannerName")
        offer = await page.must("GetScannerInfo")
        keys = ("scanSources", "scanModes", "scanResolutions", "scanPapers")
        assert [offer[key] for key in keys] == [-1] * 4
        assert len(await scan(page, scanSource=7, scanMode=-1, scanResolution=0, scanPaperSize=3)) == 3


async def test_pages_come_one_by_one_and_then_the_end(service: Running) -> None:
    async with connect(service.url) as page:
        pages = await scan(page)
    assert [bar(message) for message in pages] == [1, 2, 3]
    assert [message["imageIndex"] for message in pages] == [1, 2, 3]
    assert [message["page"] for message in pages] == [1, 2, 3]
    assert all("imageCount" not in message and message["blank"] is False for message in pages)
    assert service.scanner.history == ["describe", "begin", "close"]
    assert all(given.discarded for given in service.scanner.given)
    order = service.scanner.orders[0]
    assert (order.source, order.mode, order.resolution) == (FEEDER, "Color", 300)
    assert order.area is not None and (order.area.width, order.area.height) == (210, 297)


async def notice(page: Page, **parameters: object) -> Message:
    """The notice of a scan's end, which comes once and before the end itself."""
    number = await page.send("Scan", **{**FEED, **parameters})
    seen = []
    while (message := await page.answer(number))["func"] != END:
        seen.append(message)
    (found,) = [message for message in seen if message["func"] == "Notify"]
    assert found["event"] == "OnScanFinished"
    return found


@about_sockets(ORDER)
async def test_a_pile_that_is_done_says_so_with_counts(service: Running) -> None:
    service.scanner.pages[1] = np.full((200, 100, 3), 250, np.uint8)
    async with connect(service.url) as page:
        for extra in ({}, {"imagePath": "done.png"}):
            found = await notice(page, **extra)
            assert [found[key] for key in ("pages", "pictures", "blank", "code")] == [3, 3, 1, 0]
        service.scanner.fault = PaperJam(device="Fake")
        assert (await notice(page))["code"] == PaperJam.code


@pytest.mark.parametrize("holds_paper", [True, False])
async def test_an_automatic_source_is_the_feeder_if_it_holds_paper(
    service: Running, holds_paper: bool
) -> None:
    if not holds_paper:
        service.scanner.empty = FeederEmpty(device="Fake")
    async with connect(service.url) as page:
        pages = await scan(page, scanSource="auto")
    assert [bar(message) for message in pages] == ([1, 2, 3] if holds_paper else [1])
    assert [order.source.feeder for order in service.scanner.orders] == (
        [True] if holds_paper else [True, False]
    )
    assert service.scanner.history.count("close") == len(service.scanner.orders)


async def test_an_automatic_source_without_a_glass_is_an_empty_feeder(service: Running) -> None:
    service.scanner.abilities = ScannerCapabilities((FEEDER,), True, ("Color", "Gray"), (75, 100, 300))
    service.scanner.empty = FeederEmpty(device="Fake")
    async with connect(service.url) as page:
        (error,) = await scan(page, scanSource="auto")
        assert error["result"] == FeederEmpty.code
        service.scanner.empty = None
        assert len(await scan(page, scanSource="auto")) == 3


@about_sockets(CLOSING)
async def test_a_source_that_is_neither_a_number_nor_auto_is_told(service: Running) -> None:
    async with connect(service.url) as page:
        (error,) = await scan(page, scanSource="feeder")
    assert "scanSource" in error["errorMsg"] and '"auto"' in error["errorMsg"]


async def test_the_first_page_is_there_while_the_second_is_pulled(service: Running) -> None:
    service.scanner.pulls = asyncio.Semaphore(1)
    async with connect(service.url) as page:
        number = await page.send("Scan", **FEED)
        assert bar(await page.answer(number)) == 1
        service.scanner.pulls.release()
        assert bar(await page.answer(number)) == 2
        for _ in range(2):
            service.scanner.pulls.release()
        assert [bar(message) for message in await until_end(page, number)] == [3]


async def test_the_glass_gives_one_page_of_a_known_number(service: Running) -> None:
    async with connect(service.url) as page:
        (only,) = await scan(page, scanSource=0)
    assert (only["imageIndex"], only["imageCount"], bar(only)) == (1, 1, 1)


async def test_pages_are_worked_on_as_the_connection_says(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("SetScannerImageInfo", imageType=1, rotate=90)
        (only,) = await scan(page, scanSource=0)
        assert (only["width"], only["height"]) == (200, 100)
        await page.must("SetScannerImageInfo", cropType=4, cropRect=[0, 0, 50, 40])
        (only,) = await scan(page, scanSource=0)
        assert (only["width"], only["height"]) == (50, 40)
    async with connect(service.url) as other:
        (only,) = await scan(other, scanSource=0)
        assert (only["width"], only["height"]) == (100, 200)


async def test_blank_pages_are_flagged_and_kept(service: Running) -> None:
    service.scanner.pages = [sheet(1), np.full((200, 100, 3), 250, np.uint8), sheet(2)]
    async with connect(service.url) as page:
        assert [message["blank"] for message in await scan(page)] == [False, True, False]
        (files,) = await scan(page, imagePath="blank.png")
    assert files["blankPages"] == [2] and len(files["imagePath"]) == 3


async def test_files_are_written_in_order(service: Running) -> None:
    async with connect(service.url) as page:
        (files,) = await scan(page, imagePath="in/scan.png")
    assert files["imagePath"] == [
        str(service.root / "in" / name) for name in ("scan.png", "scan1.png", "scan2.png")
    ]
    for number, path in enumerate(files["imagePath"], 1):
        assert np.array_equal(cv2.imread(path), sheet(number))


async def test_an_old_file_of_a_later_number_costs_no_page(service: Running) -> None:
    (service.root / "scan1.png").write_bytes(b"old")
    async with connect(service.url) as page:
        (files,) = await scan(page, imagePath="scan.png")
    assert [path.rpartition("/")[2] for path in files["imagePath"]] == ["scan.png", "scan2.png", "scan3.png"]
    assert (service.root / "scan1.png").read_bytes() == b"old"


async def test_files_are_shown_too_when_asked_for(service: Running) -> None:
    service.scanner.pages = [sheet(1), np.full((200, 100, 3), 250, np.uint8), sheet(3)]
    async with connect(service.url) as page:
        *shown, files = await scan(page, imagePath="both.png", withImage=True)
        (only, _) = await scan(page, scanSource=0, imagePath="one.jpg", withImage=True)
    assert [message["imageIndex"] for message in shown] == [message["page"] for message in shown] == [1, 2, 3]
    assert [message["blank"] for message in shown] == [False, True, False]
    assert [message["imagePath"] for message in shown] == [[path] for path in files["imagePath"]]
    assert "imageIndex" not in files and files["blankPages"] == [2] and len(files["imagePath"]) == 3
    for message in shown:
        assert (message["mime"], message["width"], message["height"]) == ("image/png", 100, 200)
        assert picture(message) == Path(message["imagePath"][0]).read_bytes()
    assert (only["mime"], only["imageCount"]) == ("image/jpg", 1)


async def test_a_file_that_no_browser_shows_is_told_without_its_picture(service: Running) -> None:
    async with connect(service.url) as page:
        *shown, files = await scan(page, imagePath="both.tif", withImage=True)
    assert [message["imagePath"] for message in shown] == [[path] for path in files["imagePath"]]
    assert all("imageBase64Str" not in message and "mime" not in message for message in shown)
    assert [message["width"] for message in shown] == [100] * 3


async def test_shown_pages_come_before_the_error(service: Running) -> None:
    service.scanner.fault = PaperJam(device="Fake")
    async with connect(service.url) as page:
        *shown, jam = await scan(page, imagePath="jam.jpg", withImage=True)
    assert len(shown) == 3 and jam["result"] == 2009
    assert jam["imagePath"] == [message["imagePath"][0] for message in shown]


async def test_an_empty_path_gives_default_names(service: Running) -> None:
    async with connect(service.url) as page:
        (files,) = await scan(page, imagePath="")
    assert [path.rpartition("-")[2] for path in files["imagePath"]] == ["page.jpg", "page1.jpg", "page2.jpg"]


@pytest.mark.parametrize(("path", "code"), [("a.gif", 4001), ("../a.jpg", 4002), ("taken.jpg", 4003)])
async def test_a_bad_name_pulls_no_paper(service: Running, path: str, code: int) -> None:
    (service.root / "taken.jpg").write_bytes(b"")
    async with connect(service.url) as page:
        (refused,) = await scan(page, imagePath=path)
    assert refused["result"] == code and service.scanner.history == []


async def test_a_jam_keeps_the_pages_before(service: Running) -> None:
    service.scanner.fault = PaperJam(device="Fake")
    async with connect(service.url) as page:
        *pages, jam = await scan(page)
        assert [bar(message) for message in pages] == [1, 2, 3]
        assert jam["result"] == 2009
        (jam,) = await scan(page, imagePath="jam.png")
        assert (jam["result"], len(jam["imagePath"])) == (2009, 3)
        service.scanner.fault = None
        assert len(await scan(page)) == 3


@pytest.mark.parametrize("fault", [FeederEmpty(device="Fake"), DeviceGone(device="Fake")])
async def test_a_scan_that_cannot_begin_ends_too(service: Running, fault: Exception) -> None:
    service.scanner.refusal = fault  # type: ignore[assignment]
    async with connect(service.url) as page:
        (refused,) = await scan(page)
        assert refused["result"] == fault.code  # type: ignore[attr-defined]
        service.scanner.refusal = None
        assert len(await scan(page)) == 3


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"devIndex": 1}, 2001),
        ({"scanSource": 2}, 2008),
        ({"scanMode": 2}, 2008),
        ({"scanResolution": 3}, 2008),
        ({"scanPaperSize": 13}, 2008),
        ({"scanPaperSize": 10}, 1005),
        ({"scanPaperSize": 10, "paperWidth": 300, "paperHeight": 100}, 2015),
        ({"scanSource": 0, "scanPaperSize": 8}, 2015),
        ({"scanMode": "x"}, 1004),
        ({"paperWidth": 1}, 1004),
    ],
)
@about_sockets(CLOSING)
async def test_a_choice_that_is_not_there_is_refused(
    service: Running, parameters: dict[str, object], code: int
) -> None:
    async with connect(service.url) as page:
        (refused,) = await scan(page, **parameters)
        assert refused["result"] == code
    assert service.scanner.orders == []


async def test_papers_become_areas(service: Running) -> None:
    async with connect(service.url) as page:
        await scan(page, scanPaperSize=10, paperWidth="90.5", paperHeight=50)
        await scan(page, scanPaperSize=11)
        await scan(page, scanPaperSize=-1)
    areas = [order.area for order in service.scanner.orders]
    assert areas[0] is not None and (areas[0].width, areas[0].height) == (90.5, 50)
    assert areas[1:] == [None, None]


async def test_auto_size_cuts_the_sheet_out_of_the_bed(service: Running) -> None:
    desk = np.full((400, 300, 3), 40, np.uint8)
    desk[60:300, 50:220] = 245
    desk[100:110, 80:190] = 20
    service.scanner.pages = [desk]
    async with connect(service.url) as page:
        (only,) = await scan(page, scanSource=0, scanPaperSize=12)
    assert service.scanner.orders[0].area is None
    assert abs(only["width"] - 170) <= 4 and abs(only["height"] - 240) <= 4


async def test_a_cancelled_scan_delivers_what_is_complete(service: Running) -> None:
    service.scanner.pulls = asyncio.Semaphore(2)
    async with connect(service.url) as page:
        number = await page.send("Scan", **FEED)
        assert bar(await page.answer(number)) == 1
        cancel = await page.send("CancelScan")
        *rest, cancelled = await until_end(page, number)
        assert [bar(message) for message in rest] in ([], [2])
        assert cancelled["result"] == 1009
        assert (await page.answer(cancel))["result"] == 0
        assert "close" in service.scanner.history
        service.scanner.pulls = asyncio.Semaphore(1000)
        assert len(await scan(page)) == 3


async def test_a_cancelled_scan_to_files_tells_its_files(service: Running) -> None:
    service.scanner.pulls = asyncio.Semaphore(1)
    async with connect(service.url) as page:
        number = await page.send("Scan", **FEED, imagePath="part.png")
        async with asyncio.timeout(PATIENCE):
            while not (service.root / "part.png").exists():
                await asyncio.sleep(0.01)
        await page.send("CancelScan")
        await page.send("CancelScan")
        (cancelled,) = await until_end(page, number)
    assert (cancelled["result"], cancelled["imagePath"]) == (1009, [str(service.root / "part.png")])


async def test_a_scan_that_waits_and_is_cancelled_ends_too(service: Running) -> None:
    service.scanner.pulls = asyncio.Semaphore(0)
    async with connect(service.url) as page:
        first = await page.send("Scan", **FEED)
        second = await page.send("Scan", **FEED)
        await page.send("CancelScan")
        for number in (first, second):
            (cancelled,) = await until_end(page, number)
            assert cancelled["result"] == 1009


@pytest.mark.parametrize("stop", ["CloseCamera", "GetCameraVideoBuff", "CloseFaceCamera", "GetFaceCamraBuff"])
async def test_a_camera_that_is_stopped_during_a_scan_is_so_at_once_and_the_scan_goes_on(
    service: Running, stop: str
) -> None:
    service.scanner.pulls = asyncio.Semaphore(1)
    face = "Face" in stop
    number_of = {"faceCameraNum": 0} if face else {"devNum": 0}
    async with connect(service.url) as page:
        await page.must("GetFaceCameraInfo" if face else "GetCameraInfo")
        await page.must("OpenFaceCamera" if face else "OpenCamera", **number_of)
        scanning = await page.send("Scan", **FEED)
        assert bar(await page.answer(scanning)) == 1
        stopping = await page.send(stop, enable=False, **number_of)
        # The scan has not ended when this is answered: its next page is not pulled yet.
        assert (await page.receive())["reqId"] == stopping
        assert service.scanner.history == ["describe", "begin"]
        for _ in range(3):
            service.scanner.pulls.release()
        assert [bar(message) for message in await until_end(page, scanning)] == [2, 3]
    if stop.startswith("Close"):
        assert service.camera.history[-1] == "close"


async def test_a_camera_is_opened_again_beside_a_scan(service: Running) -> None:
    service.scanner.pulls = asyncio.Semaphore(1)
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        scanning = await page.send("Scan", **FEED)
        assert bar(await page.answer(scanning)) == 1
        sent = [await page.send(func, devNum=0) for func in ("CloseCamera", "OpenCamera", "CloseCamera")]
        assert [(await page.receive())["reqId"] for _ in sent] == sent
        for _ in range(3):
            service.scanner.pulls.release()
        assert [bar(message) for message in await until_end(page, scanning)] == [2, 3]
    assert service.camera.history == ["open 640x480", "close"] * 2


async def test_another_page_is_told_that_it_is_busy(service: Running) -> None:
    service.scanner.pulls = asyncio.Semaphore(1)
    async with connect(service.url, ALLOWED) as one, connect(service.url, OTHER) as two:
        number = await one.send("Scan", **FEED)
        await one.answer(number)
        (busy,) = await scan(two)
        assert busy["result"] == 2002
        assert (await two.must("GetScannerName"))["scannerName"] == ["Fake"]
        assert (await two.must("GetScannerInfo"))["scanModes"] == ["Color", "Gray"]
        await one.send("CancelScan")
        await until_end(one, number)
        service.scanner.pulls = asyncio.Semaphore(1000)
        assert len(await scan(two)) == 3


async def test_a_lost_connection_frees_the_scanner(service: Running) -> None:
    service.scanner.pulls = asyncio.Semaphore(1)
    async with connect(service.url) as one:
        await one.answer(await one.send("Scan", **FEED))
    async with asyncio.timeout(PATIENCE):
        while "close" not in service.scanner.history:
            await asyncio.sleep(0.01)
    service.scanner.pulls = asyncio.Semaphore(1000)
    async with connect(service.url) as two:
        assert len(await scan(two)) == 3


async def test_a_listed_scanner_keeps_its_number_while_others_come_and_go(service: Running) -> None:
    extra = FakeScanner("Extra")
    service.scanners.devices = [extra, service.scanner]
    service.scanners.changed = True
    async with connect(service.url) as page:
        notice = await page.answer("")
        assert (notice["event"], notice["kind"]) == ("OnDeviceChanged", "scanner")
        assert (await page.must("GetScannerName"))["scannerName"] == ["Fake", "Extra"]


async def test_a_scanner_that_scans_stays_listed_though_its_driver_does_not_find_it(service: Running) -> None:
    service.scanner.pulls = asyncio.Semaphore(1)
    async with connect(service.url) as one, connect(service.url) as two:
        number = await one.send("Scan", **FEED)
        await one.answer(number)
        service.scanners.devices = []
        before = service.scanners.found
        service.scanners.changed = True
        async with asyncio.timeout(PATIENCE):
            while service.scanners.found == before:
                await asyncio.sleep(0.02)
        assert (await two.must("GetScannerName"))["scannerName"] == ["Fake"]
        await one.send("CancelScan")
        await until_end(one, number)


async def test_a_page_that_was_told_of_a_change_is_answered_from_it(service: Running) -> None:
    service.scanners.devices.append(FakeScanner("Extra"))
    service.scanners.changed = True
    async with connect(service.url) as page:
        await page.answer("")
        found = service.scanners.found
        assert (await page.must("GetScannerName"))["scannerName"] == ["Fake", "Extra"]
        assert service.scanners.found == found


async def test_a_machine_without_drivers_says_so(service: Running) -> None:
    service.scanners.devices = []
    service.scanners.changed = True
    service.scanners.lacks = DriverMissing(kind=LocalizedText("扫描仪", "scanners"), reason="x")
    async with connect(service.url) as page:
        await page.answer("")
        assert (await page.ask("GetScannerName"))["result"] == 2014
        service.scanners.lacks = None
        assert (await page.must("GetScannerName"))["scannerName"] == []


class TestCompatibility:
    @pytest.fixture
    def config(self, config: configuration.Config) -> configuration.Config:
        return configuration.replace(config, compat=configuration.CompatConfig(scanner_settings_name=True))

    async def test_settings_are_answered_under_the_standards_own_slip(self, service: Running) -> None:
        async with connect(service.url) as page:
            answer = await page.must("SetScannerImageInfo", imageType=1)
        assert answer["func"] == answer["functionName"] == "SetCameraImageInfo"


async def test_the_end_may_be_asked_for(service: Running) -> None:
    async with connect(service.url) as page:
        assert (await page.must(END))["scanEndStatue"] == 0


@about_sockets(CLOSING)
async def test_too_many_requests_still_end_a_scan(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = service.scanner.begin
    all_came = asyncio.Event()

    async def begin_late(order: ScanParameters) -> Feed:
        await all_came.wait()
        return await begin(order)

    service.scanner.pulls = asyncio.Semaphore(0)
    monkeypatch.setattr(service.scanner, "begin", begin_late)
    async with connect(service.url) as page:
        numbers = [await page.send("Scan", **FEED) for _ in range(18)]
        (refused,) = await until_end(page, numbers[-1])
        assert refused["result"] == 1008
        all_came.set()
        await page.send("CancelScan")


def test_bed_is_shown_as_people_write_it() -> None:
    assert str(Bed(215.9, 297)) == "216 x 297 mm"


class _Rows:
    """Upper half of a page of 960 pixels."""

    top = 0
    rows = 600
    page_width = 960
    page_lines = 1200

    def pixels(self) -> Image:
        return np.full((600, 960), 77, np.uint8)

    def discard(self) -> None:
        pass


async def test_rows_of_a_coming_page_are_told_to_who_scans_and_asks_for_them(service: Running) -> None:
    scanner = service.scanners.devices[0]
    assert isinstance(scanner, FakeScanner)
    scanner.pulls = asyncio.Semaphore(0)
    async with connect(service.url) as page, connect(service.url) as other:
        number = await page.send("Scan", **FEED, withRows=True)
        async with asyncio.timeout(PATIENCE):
            while not scanner.orders:
                await asyncio.sleep(0.01)
        (order,) = scanner.orders
        assert order.shown is not None
        order.shown(_Rows())
        told = await page.answer(number)
        assert (told["func"], told["event"], told["reqId"]) == ("Notify", "OnScanRows", number)
        assert [told[key] for key in ("top", "width", "height", "pageHeight")] == [0, 480, 300, 600]
        seen = cv2.imdecode(np.frombuffer(picture(told), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert seen is not None and seen.shape == (300, 480) and abs(int(seen.mean()) - 77) < 3
        for _ in range(10):
            scanner.pulls.release()
        assert len(await until_end(page, number)) == 3
        order.shown(_Rows())
        assert await page.silence("Notify") == []
        assert await other.silence("Notify") == []
        await scan(page)
        assert scanner.orders[-1].shown is None, "unasked, nothing is made small"
