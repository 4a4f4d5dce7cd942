"""Captures over a real WebSocket: pictures as base64 and as files."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import PIL.Image
import pytest

from imgcore.desk_scale import DeskScale
from server.access.client import Client
from server.config import Config
from server.devices.ports.camera import Frame
from server.errors import (
    BadParameter,
    BadSuffix,
    DeviceGone,
    FileExists,
    PathOutside,
    PictureUnreadable,
)
from server.protocol.messages.base import Request
from server.services.cameras import capture
from server.services.cameras.kept import DeskScales
from server.services.cameras.presses import HeldFrames, Presses
from server.services.pictures.output import EncodedPicture, PictureWork
from tests.fakes.camera import SIZES, page_jpeg
from tests.functional.conftest import Running
from tests.functional.page import Page, connect, picture


async def _open(page: Page) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)


def _size(data: bytes) -> tuple[int, int]:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return image.shape[1], image.shape[0]


async def test_nothing_to_do_keeps_the_cameras_bytes(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        answer = await page.must("CameraCaptureBase64")
        assert picture(answer) in service.camera.jpegs[SIZES[0]]
        assert (answer["imageCount"], answer["imageIndex"]) == (1, 1)
        assert (answer["width"], answer["height"]) == SIZES[0]
        assert (answer["functionName"], answer["success"]) == ("CameraCaptureBase64", 1)


async def test_a_page_comes_out_cropped(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        await page.must("SetCameraImageInfo", cropType=1)
        width, height = _size(picture(await page.must("CameraCapture", mode="base64")))
        assert abs(width - 321) <= 6
        assert abs(height - 289) <= 6


async def test_settings_hold_before_opening_and_add_up(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("SetCameraImageInfo", devNum=0, imageType=2)
        await page.must("SetCameraImageInfo", devNum=0, rotate=90)
        await page.must("OpenCamera", devNum=0)
        taken = (await page.must("CameraCapture", imagePath="page.png"))["imagePath"]
        image = cv2.imread(taken[0], cv2.IMREAD_UNCHANGED)
        assert image.shape == (640, 480)
        assert set(np.unique(image)) == {0, 255}


async def test_a_manual_crop_is_exact(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        await page.must("SetCameraImageInfo", cropType=4, cropRect=[100, 50, 300, 250])
        assert _size(picture(await page.must("CameraCaptureBase64"))) == (200, 200)
        await page.must("SetCameraImageInfo", cropType=4, cropRect=[600, 400, 9000, 9000])
        assert _size(picture(await page.must("CameraCaptureBase64"))) == (40, 80)
        await page.must("SetCameraImageInfo", cropType=4, cropRect=[5000, 400, 9000, 9000])
        assert (await page.ask("CameraCaptureBase64"))["result"] == PictureUnreadable.code


async def test_several_documents_give_several_numbered_files(service: Running) -> None:
    two = np.full((480, 640, 3), 40, np.uint8)
    for left in (40, 360):
        cv2.rectangle(two, (left, 60), (left + 240, 420), (240, 240, 240), -1)
        for row in range(90, 400, 14):
            cv2.line(two, (left + 20, row), (left + 210, row), (60, 60, 60), 2)
    service.camera.jpegs[SIZES[0]] = [cv2.imencode(".jpg", two)[1].tobytes()]
    async with connect(service.url) as page:
        await _open(page)
        await page.must("SetCameraImageInfo", cropType=2)
        paths = (await page.must("CameraCapture", imagePath="pair.jpg"))["imagePath"]
        assert [Path(path).name for path in paths] == ["pair.jpg", "pair1.jpg"]
        number = await page.send("CameraCaptureBase64")
        places = [((m := await page.answer(number))["imageIndex"], m["imageCount"]) for _ in range(2)]
        assert places == [(1, 2), (2, 2)]


@pytest.mark.parametrize("suffix", ["jpg", "jpeg", "png", "bmp", "tif", "tiff", "webp", "JPG"])
async def test_the_suffix_decides_the_format(service: Running, suffix: str) -> None:
    async with connect(service.url) as page:
        await _open(page)
        (path,) = (await page.must("CameraCapture", imagePath=f"deep/er/a.{suffix}"))["imagePath"]
        assert Path(path).parent == service.root / "deep" / "er"
        assert _size(Path(path).read_bytes()) == SIZES[0]
        assert Path(path).stat().st_mode & 0o777 == 0o600


async def test_a_pdf_holds_the_cameras_own_jpeg(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        (path,) = (await page.must("CameraCapture", imagePath="a.pdf"))["imagePath"]
        with pikepdf.open(path) as document:
            (image,) = document.pages[0].Resources.XObject.values()
            assert image.read_raw_bytes() in service.camera.jpegs[SIZES[0]]


async def test_files_of_a_calibrated_camera_state_their_resolution(service: Running, config: Config) -> None:
    scale = DeskScale((160.0, 0.0, 0.0, 0.0, 120.0, 0.0, 0.0, 0.0, 1.0), 4 / 3)
    scales = DeskScales(Path(config.access.folder))
    await asyncio.to_thread(scales.keep, service.camera.info.id, scale)
    dots = 640 / 160 * 25.4
    async with connect(service.url) as page:
        await _open(page)
        await page.must("SetCameraImageInfo", cropType=1)
        (path,) = (await page.must("CameraCapture", imagePath="a.png"))["imagePath"]
        with PIL.Image.open(path) as written:
            assert written.info["dpi"] == pytest.approx((dots, dots), rel=0.02)
        await asyncio.to_thread(scales.keep, service.camera.info.id, None)
        (path,) = (await page.must("CameraCapture", imagePath="b.png"))["imagePath"]
        with PIL.Image.open(path) as written:
            assert "dpi" not in written.info


async def test_an_empty_path_gives_a_name(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        first = (await page.must("CameraCapture"))["imagePath"]
        second = (await page.must("CameraCapture", imagePath=""))["imagePath"]
        assert first != second
        assert all(Path(path).suffix == ".jpg" for path in [*first, *second])


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("a.gif", BadSuffix.code),
        ("a", BadSuffix.code),
        ("/dev/a.jpg", PathOutside.code),
        ("../a.jpg", PathOutside.code),
        ("C:\\..\\a.jpg", PathOutside.code),
        ("taken.jpg", FileExists.code),
    ],
)
async def test_a_bad_path_is_a_clear_error_and_leaves_nothing(service: Running, path: str, code: int) -> None:
    (service.root / "taken.jpg").write_bytes(b"before")
    async with connect(service.url) as page:
        await _open(page)
        answer = await page.ask("CameraCapture", imagePath=path)
        assert (answer["result"], answer["success"]) == (code, 0)
        assert answer["errorMsg"]
    assert [path.name for path in service.root.iterdir()] == ["taken.jpg"]
    assert (service.root / "taken.jpg").read_bytes() == b"before"
    assert "start" not in service.camera.history


async def test_what_is_refused_changes_nothing(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        await page.must("SetCameraImageInfo", rotate=90)
        answer = await page.ask("SetCameraImageInfo", cropType=3, rotate=181)
        assert answer["result"] == BadParameter.code
        assert _size(picture(await page.must("CameraCaptureBase64"))) == (480, 640)
        answer = await page.ask("SetCameraImageInfo", cropType=4)
        assert (answer["result"], "cropRect" in answer["errorMsg"]) == (BadParameter.code, True)


@pytest.mark.parametrize(
    ("func", "rect"), [("SetCameraImageInfo", None), ("CameraCaptureBase64", [5000, 0, 9000, 9])]
)
async def test_a_rectangle_that_does_not_do_is_said_in_chinese(
    service: Running, func: str, rect: list[int] | None
) -> None:
    async with connect(service.url, **{"Accept-Language": "zh-CN"}) as page:
        await _open(page)
        if rect:
            await page.must("SetCameraImageInfo", cropType=4, cropRect=rect)
        said = (await page.ask(func, cropType=4))["errorMsg"]
    assert "矩形" in said
    assert set(re.findall("[A-Za-z]+", said)) <= {
        "cropRect",
        "cropType",
        "JPEG",
        "PNG",
        "BMP",
        "TIFF",
        "WebP",
    }


async def test_unplugging_in_mid_capture_is_an_error(service: Running) -> None:
    service.camera.frozen.set()
    async with connect(service.url) as page:
        await _open(page)
        number = await page.send("CameraCapture", imagePath="a.jpg")
        service.camera.fault = DeviceGone(device="Fake")
        assert (await page.answer(number))["result"] == DeviceGone.code
    assert list(service.root.iterdir()) == []


async def test_a_truncated_frame_is_never_a_capture(service: Running) -> None:
    whole = page_jpeg(SIZES[0], 90)
    service.camera.jpegs[SIZES[0]] = [whole[: len(whole) // 2], whole]
    async with connect(service.url) as page:
        await _open(page)
        for _ in range(4):
            assert picture(await page.must("CameraCaptureBase64")) == whole


async def test_a_capture_that_waits_is_of_the_frame_of_when_it_was_asked_for(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[Sequence[Frame]] = []
    taken = Presses.taken
    process = capture.process_burst

    def seen(presses: Presses, client: Client, request: Request) -> HeldFrames | None:
        found = taken(presses, client, request)
        held.append(() if found is None else found.frames)
        return found

    def slow(
        frames: Sequence[Frame], work: PictureWork, most: int | None
    ) -> tuple[Frame, list[EncodedPicture]]:
        time.sleep(0.4)
        return process(frames, work, most)

    monkeypatch.setattr(Presses, "taken", seen)
    monkeypatch.setattr(capture, "process_burst", slow)
    async with connect(service.url) as page:
        await _open(page)
        await page.must("CameraCaptureBase64")
        numbers = []
        for _ in range(3):
            numbers.append(await page.send("CameraCaptureBase64"))
            await asyncio.sleep(0.1)
        answers = [await page.answer(numbers[0])]
        answered = time.monotonic()
        answers += [await page.answer(number) for number in numbers[1:]]
    assert [answer["result"] for answer in answers] == [0, 0, 0]
    first, *later = held[1:]
    assert first == (), "it waited for nobody"
    # Their turns came after that.
    moments = [frames[0].time for frames in later]
    assert moments == sorted(moments)
    assert moments[-1] < answered
