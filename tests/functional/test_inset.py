"""Picture in picture over a real WebSocket."""

from __future__ import annotations

import asyncio
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.types import Image
from server.devices.ports.camera import Size
from server.errors import (
    BadParameter,
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DeviceTimeout,
    MissingParameter,
    NoSuchDevice,
)
from server.services.cameras import capture
from tests.fakes.camera import SIZES, FakeCamera
from tests.functional.conftest import OTHER, Running
from tests.functional.page import Page, connect, picture

GREEN = (40, 200, 40)
SMALL = (Size(1920, 1080), Size(1280, 720), Size(320, 180))
WIDTH, HEIGHT = SIZES[0]


def green(size: Size) -> bytes:
    return cv2.imencode(".jpg", np.full((size.height, size.width, 3), GREEN, np.uint8))[1].tobytes()


@pytest.fixture
def second(service: Running) -> FakeCamera:
    """A second camera, which sees nothing but green, and comes second in the list."""
    second = FakeCamera("Second", SMALL[2:])
    second.jpegs = {size: [green(size)] for size in SMALL}
    service.finder.cameras.append(second)
    return second


async def opened(page: Page) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)


def decoded(data: bytes) -> Image:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.asarray(image, np.uint8)


def greens(image: Image) -> tuple[int, int]:
    """Column and row of the middle of what is green."""
    away = np.abs(image.astype(int) - GREEN).max(axis=2)
    rows, cols = np.nonzero(away < 30)
    return int(cols.mean()), int(rows.mean())


@pytest.mark.parametrize("corner", [None, 0, 1, 2, 3])
async def test_the_second_picture_lies_in_its_corner(
    service: Running, second: FakeCamera, corner: int | None
) -> None:
    async with connect(service.url) as page:
        await opened(page)
        where = {} if corner is None else {"overlayPosition": corner}
        image = decoded(picture(await page.must("CameraCaptureBase64", overlayDevNum=1, **where)))
    down, across = divmod(3 if corner is None else corner, 2)
    assert image.shape == (HEIGHT, WIDTH, 3)
    col, row = greens(image)
    assert (col > WIDTH / 2, row > HEIGHT / 2) == (bool(across), bool(down))


async def test_a_camera_that_nobody_has_open_is_opened_for_it_and_closed_again(
    service: Running, second: FakeCamera
) -> None:
    async with connect(service.url) as page:
        await opened(page)
        for _ in range(2):
            await page.must("CameraCaptureBase64", overlayDevNum=1)
            assert second.history == ["open 320x180", "start", "stop", "close"]
            second.history.clear()


async def test_an_open_one_stays_open_in_its_mode(service: Running, second: FakeCamera) -> None:
    async with connect(service.url) as page:
        await opened(page)
        await page.must("OpenCamera", devNum=1)
        await page.must("CameraCaptureBase64", devNum=0, overlayDevNum=1)
        assert "close" not in second.history
        await page.must("CameraCaptureBase64", devNum=1)


async def test_captures_of_two_pages_do_not_close_it_under_each_other(
    service: Running, second: FakeCamera
) -> None:
    slow = FakeCamera("Slow", SIZES[1:])
    slow.interval = 0.2
    service.finder.cameras.insert(0, slow)
    async with connect(service.url) as page, connect(service.url) as other:
        await opened(page)
        await other.must("GetCameraInfo")
        await other.must("OpenCamera", devNum=1)
        shots = (each.must("CameraCaptureBase64", overlayDevNum=2) for each in (other, page))
        await asyncio.gather(*shots)
        assert second.history[-1] == "close"


@pytest.mark.parametrize("suffix", ["jpg", "png", "bmp", "tif", "webp", "pdf"])
@pytest.mark.parametrize("crop", [0, 1, 2])
async def test_every_format_and_crop_takes_it(
    service: Running, second: FakeCamera, suffix: str, crop: int
) -> None:
    async with connect(service.url) as page:
        await opened(page)
        await page.must("SetCameraImageInfo", devNum=0, cropType=crop)
        (plain,) = (await page.must("CameraCapture", imagePath=f"plain.{suffix}"))["imagePath"]
        (made,) = (await page.must("CameraCapture", imagePath=f"made.{suffix}", overlayDevNum=1))["imagePath"]
        written = [await asyncio.to_thread(Path(path).read_bytes) for path in (plain, made)]
    assert written[0] != written[1]
    if suffix != "pdf":
        greens(decoded(written[1]))


@pytest.mark.parametrize("image_type", range(7))
async def test_every_image_type_takes_it(service: Running, second: FakeCamera, image_type: int) -> None:
    async with connect(service.url) as page:
        await opened(page)
        await page.must("SetCameraImageInfo", devNum=0, imageType=image_type)
        plain = decoded(picture(await page.must("CameraCaptureBase64", overlayDevNum=1)))
        assert plain.shape == (HEIGHT, WIDTH, 3)


async def test_it_is_turned_as_its_own_preview_is(service: Running, second: FakeCamera) -> None:
    size = SMALL[2]
    image = np.full((size.height, size.width, 3), GREEN, np.uint8)
    image[: size.height // 2] = (200, 40, 40)
    second.jpegs[size] = [cv2.imencode(".jpg", image)[1].tobytes()]
    async with connect(service.url) as page:
        await opened(page)
        await page.must("SetCameraImageInfo", devNum=1, rotate=180)
        turned = decoded(picture(await page.must("CameraCaptureBase64", overlayDevNum=1)))
    blue = np.nonzero(np.abs(turned.astype(int) - (200, 40, 40)).max(axis=2) < 30)[0].mean()
    assert greens(turned)[1] < blue


async def test_both_pictures_are_of_the_same_time(
    service: Running, second: FakeCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    together = capture._frames_together

    async def spy(*hubs):
        taken.append(await together(*hubs))
        return taken[-1]

    monkeypatch.setattr(capture, "_frames_together", spy)
    # It warms up for longer than the frames may be apart.
    second.interval = 0.2
    async with connect(service.url) as page:
        await opened(page)
        await page.must("CameraCaptureBase64", overlayDevNum=1)
    ((frame, beside),) = taken
    assert abs(frame.time - beside.time) <= capture.APART_SECONDS


@pytest.mark.parametrize(
    ("parameters", "code", "field"),
    [
        ({"overlayDevNum": 0}, BadParameter.code, "overlayDevNum"),
        ({"overlayDevNum": 7}, NoSuchDevice.code, "7"),
        ({"overlayDevNum": -1}, BadParameter.code, "overlayDevNum"),
        ({"overlayPosition": 1}, MissingParameter.code, "overlayDevNum"),
        ({"overlaySize": 30}, MissingParameter.code, "overlayDevNum"),
        ({"overlayDevNum": 1, "overlayPosition": 4}, BadParameter.code, "overlayPosition"),
        ({"overlayDevNum": 1, "overlaySize": 80}, BadParameter.code, "overlaySize"),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_is_taken(
    service: Running, second: FakeCamera, parameters: dict[str, int], code: int, field: str
) -> None:
    async with connect(service.url) as page:
        await opened(page)
        answer = await page.ask("CameraCapture", imagePath="a.jpg", **parameters)
    assert answer["result"] == code
    assert field in answer["errorMsg"]
    assert second.history == []
    assert not await asyncio.to_thread((service.root / "a.jpg").exists)


async def refused(service: Running, second: FakeCamera, code: int) -> None:
    """A capture with the second camera has this error and writes nothing; the next without it works."""
    async with connect(service.url) as page:
        await opened(page)
        answer = await page.ask("CameraCapture", imagePath="a.jpg", overlayDevNum=1)
        assert answer["result"] == code, answer
        assert "Second" in answer["errorMsg"]
        assert await asyncio.to_thread(lambda: list(service.root.rglob("*.jpg"))) == []
        await page.must("CameraCapture", imagePath="a.jpg")


async def test_a_second_camera_that_is_gone(service: Running, second: FakeCamera) -> None:
    second.fault = DeviceGone(device="Second")
    await refused(service, second, DeviceGone.code)


async def test_one_that_gives_no_frame(
    service: Running, second: FakeCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "FRAME_SECONDS", 0.5)
    second.frozen.set()
    await refused(service, second, DeviceTimeout.code)
    second.frozen.clear()


async def test_one_that_gives_broken_frames(service: Running, second: FakeCamera) -> None:
    for size, (jpeg,) in second.jpegs.items():
        second.jpegs[size] = [jpeg[: len(jpeg) // 2]]
    await refused(service, second, DeviceFailed.code)


async def test_one_that_another_origin_has_open(service: Running, second: FakeCamera) -> None:
    async with connect(service.url, OTHER) as stranger:
        await stranger.must("GetCameraInfo")
        await stranger.must("OpenCamera", devNum=1)
        await refused(service, second, DeviceBusy.code)


async def test_without_it_a_frame_is_still_passed_through(service: Running, second: FakeCamera) -> None:
    async with connect(service.url) as page:
        await opened(page)
        answer = await page.must("CameraCaptureBase64")
        assert picture(answer) in service.camera.jpegs[SIZES[0]]
