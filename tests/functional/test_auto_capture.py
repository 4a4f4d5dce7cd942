"""Captures that make themselves, over a real WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from server.devices.adapters.demo import DemoCameraFinder
from server.devices.adapters.demo.camera import PAGES_INFO
from server.errors import (
    BadParameter,
    BadSuffix,
    DeviceBusy,
    DeviceGone,
    DeviceNotOpen,
    MissingParameter,
    NoSuchDevice,
    PathOutside,
)
from synthetic.scene.desk import Scene
from tests.fakes.camera import SIZES
from tests.functional.conftest import OTHER, Running
from tests.functional.page import Message, Page, connect, picture
from tests.patience import PATIENCE

SIZE = SIZES[0]
PUSH = "OnAutoCapture"


def desk(words: Sequence[str] = ()) -> list[bytes]:
    """Frames of a dark desk, with a sheet of words if there are any."""
    image = np.full((SIZE.height, SIZE.width, 3), 60, np.uint8)
    if words:
        cv2.rectangle(image, (170, 30), (470, 450), (240, 240, 240), -1)
    for number, word in enumerate(words):
        for column in range(2):
            at = (185 + 145 * column, 80 + 40 * number)
            cv2.putText(image, word[column:], at, cv2.FONT_HERSHEY_SIMPLEX, 0.7, (30, 30, 30), 2)
    return [cv2.imencode(".jpg", image)[1].tobytes()]


FIRST = desk(["receipt", "of three", "hundred", "for wood", "and nails", "1 May", "paid", "Smith"])
SECOND = desk(["contract", "between", "a tenant", "and owner", "4 rooms", "garden", "2 keys", "signed"])


@pytest.fixture
def camera(service: Running) -> Running:
    service.camera.jpegs[SIZE] = desk()
    return service


async def opened(page: Page) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)


async def pushed(page: Page, member: str, value: object = None) -> Message:
    """The next push that has a member, of a value if one is given."""
    async with asyncio.timeout(PATIENCE):
        while True:
            message = await page.receive()
            if message["func"] == PUSH and member in message and value in (None, message[member]):
                return message


async def test_each_page_is_taken_once(camera: Running) -> None:
    async with connect(camera.url) as page:
        await opened(page)
        answer = await page.must("SetCameraAutoCapture", devNum=0, mode=1)
        await pushed(page, "reason", "no page")
        for number, frames in enumerate((FIRST, SECOND), 1):
            camera.camera.jpegs[SIZE] = frames
            taken = await pushed(page, "captureIndex")
            assert (taken["captureIndex"], taken["reqId"], taken["result"]) == (number, answer["reqId"], 0)
            assert (taken["imageIndex"], taken["imageCount"], taken["devNum"]) == (1, 1, 0)
            assert picture(taken) == frames[0], "the very frame that was judged, as the camera made it"
            assert taken["verdict"]
            await pushed(page, "reason", "same page")
        camera.camera.jpegs[SIZE] = FIRST
        await pushed(page, "reason", "moving")
        await pushed(page, "reason", "same page")
        await page.must("SetCameraAutoCapture", devNum=0, mode=0)
        camera.camera.jpegs[SIZE] = SECOND
        assert await page.silence(PUSH) == []


async def test_files_are_numbered_and_pictures_have_the_settings_of_a_capture(camera: Running) -> None:
    async with connect(camera.url) as page:
        await opened(page)
        await page.must("SetCameraImageInfo", devNum=0, imageType=1, rotate=90)
        await page.must("SetCameraAutoCapture", devNum=0, mode=1, imagePath="case/page.jpg", quality=60)
        paths = []
        for frames in (FIRST, SECOND):
            camera.camera.jpegs[SIZE] = frames
            taken = await pushed(page, "imagePath")
            assert "imageBase64Str" not in taken
            paths += map(Path, taken["imagePath"])
    assert [path.name for path in paths] == ["page.jpg", "page1.jpg"]
    seen = cv2.imdecode(np.frombuffer(await asyncio.to_thread(paths[1].read_bytes), np.uint8), -1)
    assert seen.shape[:2] == (SIZE.width, SIZE.height)


async def test_the_time_takes_pictures_too(camera: Running) -> None:
    async with connect(camera.url) as page:
        await opened(page)
        await page.must("SetCameraAutoCapture", devNum=0, mode=2, seconds=0.5, base64=True)
        for number in (1, 2, 3):
            assert (await pushed(page, "captureIndex"))["captureIndex"] == number


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"mode": 7}, BadParameter),
        ({}, MissingParameter),
        ({"mode": 2, "seconds": 0}, BadParameter),
        ({"mode": 2, "seconds": 1e9}, BadParameter),
        ({"mode": 1, "imagePath": "../a.jpg"}, PathOutside),
        ({"mode": 1, "imagePath": "a.exe"}, BadSuffix),
        ({"mode": 1, "imagePath": "a.jpg", "base64": True}, BadParameter),
        ({"mode": 1, "devNum": 9}, NoSuchDevice),
    ],
)
async def test_bad_requests_start_nothing(camera: Running, request_: dict[str, object], error: type) -> None:
    async with connect(camera.url) as page:
        await opened(page)
        assert (await page.ask("SetCameraAutoCapture", **request_))["result"] == error.code
        camera.camera.jpegs[SIZE] = FIRST
        assert await page.silence(PUSH) == []


async def test_a_camera_that_is_not_open_or_anothers(camera: Running) -> None:
    async with connect(camera.url) as owner, connect(camera.url, origin=OTHER) as other:
        await owner.must("GetCameraInfo")
        refused = await owner.ask("SetCameraAutoCapture", devNum=0, mode=1)
        assert refused["result"] == DeviceNotOpen.code
        await owner.must("OpenCamera", devNum=0)
        await other.must("GetCameraInfo")
        assert (await other.ask("SetCameraAutoCapture", devNum=0, mode=1))["result"] == DeviceBusy.code


async def test_who_loses_the_camera_is_told(camera: Running) -> None:
    async with connect(camera.url) as owner, connect(camera.url) as other:
        await opened(owner)
        await owner.must("SetCameraAutoCapture", devNum=0, mode=2, seconds=1)
        await opened(other)
        assert (await pushed(owner, "errorMsg"))["result"] == DeviceBusy.code


async def test_a_camera_that_is_unplugged_ends_them(camera: Running) -> None:
    async with connect(camera.url) as page:
        await opened(page)
        await page.must("SetCameraAutoCapture", devNum=0, mode=1)
        camera.camera.fault = DeviceGone(device="Fake")
        assert (await pushed(page, "errorMsg"))["result"] == DeviceGone.code


@pytest.mark.parametrize("end", ["CloseCamera", "GetCameraVideoBuff"])
async def test_they_end_with_the_camera_and_with_its_preview(camera: Running, end: str) -> None:
    async with connect(camera.url) as page:
        await opened(page)
        await page.must("SetCameraAutoCapture", devNum=0, mode=2, seconds=0.5)
        await pushed(page, "captureIndex")
        await page.must(end, devNum=0, **({"enable": False} if end == "GetCameraVideoBuff" else {}))
        await page.silence(PUSH)
        await asyncio.sleep(0.7)
        assert await page.silence(PUSH) == []


async def test_a_second_request_takes_the_place_of_the_first(camera: Running) -> None:
    async with connect(camera.url) as page:
        await opened(page)
        await page.must("SetCameraAutoCapture", devNum=0, mode=2, seconds=0.5)
        second = await page.must("SetCameraAutoCapture", devNum=0, mode=2, seconds=0.6)
        assert (await pushed(page, "captureIndex"))["reqId"] == second["reqId"]


@pytest.mark.long
async def test_the_demo_cameras_page_is_taken_once_though_it_is_moved(service: Running) -> None:
    service.finder.cameras = list(DemoCameraFinder().find())
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0, resolutionNum=4)
        await page.must("SetCameraImageInfo", devNum=0, cropType=1)
        await page.must("SetCameraAutoCapture", devNum=0, mode=1)
        assert (await pushed(page, "captureIndex"))["captureIndex"] == 1
        for _ in range(2):
            await pushed(page, "reason", "moving")
            settled = await pushed(page, "reason", "same page")
            assert settled["devNum"] == 0


@pytest.mark.long
async def test_pages_that_the_demo_camera_turns_are_taken(service: Running) -> None:
    service.finder.cameras = list(DemoCameraFinder(info=PAGES_INFO, scene=Scene.PAGES).find())
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0, resolutionNum=3)
        await page.must("SetCameraImageInfo", devNum=0, cropType=1)
        await page.must("SetCameraAutoCapture", devNum=0, mode=1)
        taken = [await pushed(page, "captureIndex") for _ in range(2)]
        assert [one["captureIndex"] for one in taken] == [1, 2]
        assert picture(taken[0]) != picture(taken[1])
