"""Captures that are merged from several frames, over a real WebSocket."""

from __future__ import annotations

import cv2
import numpy as np

from server.errors import BadParameter
from tests.fakes.camera import SIZES
from tests.functional.conftest import Running
from tests.functional.page import Page, connect, picture

QUALITY = 85


def noisy_frames(service: Running, noise: float = 12.0) -> np.ndarray:
    """Let the camera send its page through a poor sensor; return what it would see without noise."""
    page = cv2.imdecode(np.frombuffer(service.camera.jpegs[SIZES[0]][0], np.uint8), cv2.IMREAD_COLOR)
    scene = cv2.GaussianBlur(page, (0, 0), 0.8)
    jpegs = []
    for number in range(12):
        seen = scene * 0.9 + 8 + np.random.default_rng(number).normal(0, noise, scene.shape)
        how = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
        jpegs.append(cv2.imencode(".jpg", np.clip(seen, 0, 255).astype(np.uint8), how)[1].tobytes())
    service.camera.jpegs[SIZES[0]] = jpegs
    return scene * 0.9 + 8


async def opened(page: Page) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)


def error(data: bytes, scene: np.ndarray) -> float:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return float(np.sqrt(np.mean((image - scene) ** 2)))


async def test_as_many_as_are_asked_for_are_merged(service: Running) -> None:
    scene = noisy_frames(service)
    async with connect(service.url) as page:
        await opened(page)
        one = await page.must("CameraCaptureBase64", frames=1)
        four = await page.must("CameraCaptureBase64", frames=4)
        assert "frames" not in one
        assert picture(one) in service.camera.jpegs[SIZES[0]]
        assert four["frames"] == 4
        assert error(picture(four), scene) < 0.6 * error(picture(one), scene)


async def test_files_are_merged_too(service: Running) -> None:
    noisy_frames(service)
    async with connect(service.url) as page:
        await opened(page)
        assert (await page.must("CameraCapture", imagePath="a.png", frames=3))["frames"] == 3


async def test_a_noisy_sensor_is_merged_unasked_from_what_is_there(service: Running) -> None:
    noisy_frames(service)
    async with connect(service.url) as page:
        await opened(page)
        await page.must("SetCameraImageInfo", imageType=1)
        await page.must("GetCameraVideoBuff", enable=True)
        for _ in range(12):
            await page.must("CameraCaptureBase64", frames=1)
        assert (await page.must("CameraCaptureBase64"))["frames"] > 1


async def test_a_clean_one_is_not(service: Running) -> None:
    async with connect(service.url) as page:
        await opened(page)
        await page.must("SetCameraImageInfo", imageType=1)
        await page.must("GetCameraVideoBuff", enable=True)
        await page.must("CameraCaptureBase64")
        assert "frames" not in await page.must("CameraCaptureBase64")


async def test_the_bytes_of_the_camera_stay_unless_asked(service: Running) -> None:
    noisy_frames(service)
    async with connect(service.url) as page:
        await opened(page)
        await page.must("CameraCaptureBase64")
        assert picture(await page.must("CameraCaptureBase64")) in service.camera.jpegs[SIZES[0]]


async def test_the_original_is_the_frame_whose_geometry_it_has(service: Running) -> None:
    noisy_frames(service)
    async with connect(service.url) as page:
        await opened(page)
        merged = await page.must("CameraCaptureBase64", frames=3)
        again = await page.must("ProcessImage", handle=merged["handle"], imageType=0)
        assert (again["width"], again["height"]) == (merged["width"], merged["height"])


async def test_no_other_number_of_frames(service: Running) -> None:
    async with connect(service.url) as page:
        await opened(page)
        for frames in (0, 9):
            assert (await page.ask("CameraCaptureBase64", frames=frames))["result"] == BadParameter.code
