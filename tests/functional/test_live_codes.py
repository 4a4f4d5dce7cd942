"""Barcodes while previewing, as a page hears of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import cv2
import numpy as np
import pytest
from aiohttp import web

from imgcore.types import Image
from server.app import create_app
from server.config import Config
from server.devices.adapters.demo import DemoCameraFinder
from server.equipment import Finders
from server.protocol.frames import SUBPROTOCOL
from server.streaming import barcodes as tracker
from synthetic.codes import EAN_DIGITS, QR_TEXT, check_digit, ean13, qr
from tests.fakes.camera import SIZES
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import FRAMES, Message, Page, about_sockets, connect
from tests.patience import PATIENCE

SIZE = SIZES[0]
EAN = EAN_DIGITS + check_digit(EAN_DIGITS)
LEFT = 60
TOP = 80
HIGH = 100


def desk(*, bars: bool = True, square: bool = False, level: int = 235) -> list[bytes]:
    """A sheet with an EAN-13, a QR code, both or none."""
    sheet: Image = np.full((SIZE.height, SIZE.width), level, np.uint8)
    if bars:
        mask = ean13(EAN_DIGITS, 3, HIGH)
        sheet[TOP : TOP + HIGH, LEFT : LEFT + mask.shape[1]][mask > 0] = 20
    if square:
        mask = qr("GAOPAI-42", 120)
        sheet[300 : 300 + mask.shape[0], 400 : 400 + mask.shape[1]][mask > 0] = 20
    return [cv2.imencode(".jpg", sheet)[1].tobytes()]


async def watch(page: Page, **parameters: object) -> int:
    """Open the camera and preview it; the reqId."""
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)
    return await page.send("GetCameraVideoBuff", devNum=0, enable=True, **parameters)


async def notice(page: Page) -> Message:
    """The next notice of codes."""
    async with asyncio.timeout(PATIENCE):
        while (message := await page.receive())["func"] != "Notify":
            pass
    assert message["event"] == "OnBarCode"
    return message


def told(message: Message) -> list[tuple[str, str]]:
    return [(code["codeType"], code["codeNum"]) for code in message["codeInfos"]]


@pytest.fixture
def camera_with_bars(service: Running) -> Running:
    service.camera.jpegs[SIZE] = desk()
    return service


async def test_a_page_that_asks_is_told_what_is_in_sight(camera_with_bars: Running) -> None:
    async with connect(camera_with_bars.url) as page:
        number = await watch(page, barcode=1)
        first = await page.receive()
        assert first["func"] == "GetCameraVideoBuff", "the first frame is the answer"
        message = await notice(page)
    assert (message["reqId"], message["result"], message["devNum"]) == (number, 0, 0)
    assert (message["width"], message["height"]) == SIZE
    (code,) = message["codeInfos"]
    assert set(code) == {"codeNum", "codeType", "left", "top", "right", "bottom", "corners"}
    assert (code["codeNum"], code["codeType"]) == (EAN, "EAN13")
    box = [int(code[side]) for side in ("left", "top", "right", "bottom")]
    assert np.abs(np.array(box) - (LEFT, TOP, LEFT + 285, TOP + HIGH)).max() < 12
    assert np.abs(np.min(code["corners"], axis=0) - box[:2]).max() <= 0.5


async def test_nobody_is_told_unasked(camera_with_bars: Running) -> None:
    async with (
        connect(camera_with_bars.url, ALLOWED) as asks,
        connect(camera_with_bars.url, ALLOWED) as does_not,
    ):
        await watch(asks, barcode="true")
        await does_not.must("GetCameraInfo")
        await does_not.must("GetCameraVideoBuff", devNum=0)
        await notice(asks)
        assert await does_not.silence("Notify") == []


@about_sockets(FRAMES)
async def test_changes_are_told_and_only_they(camera_with_bars: Running) -> None:
    async with connect(camera_with_bars.url) as page:
        number = await watch(page, barcode=True)
        assert told(await notice(page)) == [("EAN13", EAN)]
        for _ in range(25):
            assert (await page.receive())["reqId"] == number
        assert await page.silence("Notify") == []
        camera_with_bars.camera.jpegs[SIZE] = desk(square=True, level=225)
        assert sorted(told(await notice(page))) == [("EAN13", EAN), ("QR", "GAOPAI-42")]
        camera_with_bars.camera.jpegs[SIZE] = desk(bars=False, level=215)
        assert told(await notice(page)) == []


async def test_codes_turn_with_the_preview(camera_with_bars: Running) -> None:
    async with connect(camera_with_bars.url) as page:
        await watch(page, barcode=1)
        before = (await notice(page))["codeInfos"][0]["corners"]
        await page.send("SetCameraImageInfo", devNum=0, rotate=90)
        message = await notice(page)
    assert (message["width"], message["height"]) == (SIZE.height, SIZE.width)
    after = message["codeInfos"][0]["corners"]
    assert np.abs(np.array(after) - [(SIZE.height - 1 - y, x) for x, y in before]).max() < 3


async def test_pages_share_one_search(camera_with_bars: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    init = tracker.BarcodeTracker.__init__

    def counted(self: tracker.BarcodeTracker) -> None:
        made.append(self)
        init(self)

    monkeypatch.setattr(tracker.BarcodeTracker, "__init__", counted)
    async with (
        connect(camera_with_bars.url, ALLOWED) as one,
        connect(camera_with_bars.url, ALLOWED, (SUBPROTOCOL,)) as other,
    ):
        await watch(one, barcode=1)
        await other.must("GetCameraInfo")
        await other.send("SetCameraImageInfo", devNum=0, rotate=180)
        await other.send("GetCameraVideoBuff", devNum=0, barcode=1)
        upright = await notice(one)
        turned = await notice(other)
    assert told(upright) == told(turned) == [("EAN13", EAN)]
    assert int(turned["codeInfos"][0]["top"]) > SIZE.height // 2 > int(upright["codeInfos"][0]["bottom"])
    assert len(made) == 1


@about_sockets(FRAMES)
async def test_no_notice_after_the_preview(camera_with_bars: Running) -> None:
    async with connect(camera_with_bars.url) as page:
        await watch(page, barcode=1)
        await notice(page)
        await page.must("GetCameraVideoBuff", devNum=0, enable=False)
        camera_with_bars.camera.jpegs[SIZE] = desk(square=True)
        assert await page.silence("Notify") == []
        await page.must("GetCameraVideoBuff", devNum=0, enable=True)
        for _ in range(25):
            assert (await page.receive())["func"] == "GetCameraVideoBuff"


@about_sockets(FRAMES)
async def test_a_search_that_fails_hurts_no_preview(
    camera_with_bars: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(tracker, "read_codes", fail)
    async with connect(camera_with_bars.url) as page:
        number = await watch(page, barcode=1)
        for _ in range(25):
            message = await page.receive()
            assert (message["reqId"], message["result"]) == (number, 0)


async def test_what_codes_say_is_in_no_log(
    camera_with_bars: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with connect(camera_with_bars.url) as page:
        await watch(page, barcode=1)
        await notice(page)
        await page.must("CloseCamera")
    assert caplog.records
    assert EAN not in caplog.text


async def test_another_size_is_searched_too(camera_with_bars: Running) -> None:
    async with connect(camera_with_bars.url) as page:
        await watch(page, barcode=1)
        await notice(page)
        camera_with_bars.camera.jpegs[SIZES[1]] = [
            cv2.imencode(".jpg", np.full(SIZES[1][::-1], 235, np.uint8))[1].tobytes()
        ]
        await page.send("SetCameraInfo", devNum=0, mediaNum=0, resolutionNum=1)
        message = await notice(page)
    assert message["codeInfos"] == []
    assert (message["width"], message["height"]) == SIZES[1]


@pytest.fixture
async def demo(config: Config) -> AsyncIterator[str]:
    """The address of a service with the demo camera."""
    app = await asyncio.to_thread(create_app, config, Finders([DemoCameraFinder()]))
    runner = web.AppRunner(app, shutdown_timeout=5.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"ws://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_the_codes_of_the_demo_cameras_sheet_are_told(demo: str) -> None:
    async with connect(demo, protocols=(SUBPROTOCOL,)) as page:
        cameras = (await page.must("GetCameraInfo"))["devInfo"]
        size = cameras[0]["mediaTypes"][0]["resolutions"].index("1600x1200")
        await page.must("OpenCamera", devNum=0, resolutionNum=size, fps=30)
        await page.send("GetCameraVideoBuff", devNum=0, barcode=1)
        found: set[tuple[str, str]] = set()
        while found != {("EAN13", EAN), ("QR", QR_TEXT)}:
            found |= set(told(await notice(page)))
