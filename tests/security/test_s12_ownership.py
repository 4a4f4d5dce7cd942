"""S12: a device is its opener's; what others may do with it, and what is left of it when its owner dies."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from server.errors import DeviceBusy
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import Page, connect
from tests.patience import PATIENCE, PATIENCE_MS

BUSY = DeviceBusy.code
CALLS: dict[str, dict[str, object]] = {
    "GetCameraInfo": {},
    "SetCameraImageInfo": {"devNum": 0, "rotate": 90},
    "SetCameraInfo": {"devNum": 0, "mediaNum": 0, "resolutionNum": 1},
    "GetCameraVideoBuff": {"devNum": 0, "enable": True},
    "CameraCapture": {"devNum": 0, "imagePath": "page.jpg"},
    "CameraCaptureBase64": {"devNum": 0},
    "CloseCamera": {"devNum": 0},
    "OpenCamera": {"devNum": 0, "mediaNum": 0, "resolutionNum": 0},
}
MATRIX: dict[str, tuple[int, int]] = {
    # What a page of another origin is told, and one of the owner's own.
    "GetCameraInfo": (0, 0),
    "SetCameraImageInfo": (0, 0),
    "SetCameraInfo": (BUSY, BUSY),
    "GetCameraVideoBuff": (BUSY, 0),
    "CameraCapture": (BUSY, BUSY),
    "CameraCaptureBase64": (BUSY, BUSY),
    "CloseCamera": (BUSY, BUSY),
    "OpenCamera": (BUSY, 0),
}
ORIGINS: dict[str, str | None] = {"another": OTHER, "a program": None, "the same": ALLOWED}
CLIENT = Path(__file__).with_name("dying_client.py")


@asynccontextmanager
async def opened(service: Running, origin: str | None = ALLOWED) -> AsyncIterator[Page]:
    """A page that has the camera open."""
    async with connect(service.url, origin) as owner:
        await owner.must("GetCameraInfo")
        await owner.must("OpenCamera", devNum=0)
        yield owner


@pytest.mark.parametrize("who", ORIGINS)
@pytest.mark.parametrize("func", MATRIX)
async def test_what_others_may_do_with_an_open_camera(service: Running, func: str, who: str) -> None:
    stranger, sibling = MATRIX[func]
    async with opened(service) as owner, connect(service.url, ORIGINS[who]) as other:
        await other.must("GetCameraInfo")
        before = list(service.camera.history)
        answer = await other.ask(func, **CALLS[func])
        assert answer["result"] == (sibling if who == "the same" else stranger), answer
        if answer["result"] == BUSY:
            assert service.camera.history == before, "the device was left alone"
            assert ALLOWED in answer["errorMsg"], "where it is to be closed"
            await owner.must("CameraCaptureBase64")


async def test_the_settings_of_one_page_do_not_turn_the_pictures_of_another(service: Running) -> None:
    async with opened(service) as owner, connect(service.url, OTHER) as other:
        upright = await owner.must("CameraCaptureBase64")
        await other.must("GetCameraInfo")
        await other.must("SetCameraImageInfo", devNum=0, rotate=90)
        again = await owner.must("CameraCaptureBase64")
        assert (again["width"], again["height"]) == (upright["width"], upright["height"])


async def test_who_took_over_owns_and_who_owned_watches(service: Running) -> None:
    async with opened(service) as first, connect(service.url, ALLOWED) as second:
        await second.must("GetCameraInfo")
        await second.must("OpenCamera", devNum=0)
        for func in ("SetCameraInfo", "CameraCaptureBase64", "CloseCamera"):
            assert (await first.ask(func, **CALLS[func]))["result"] == BUSY
        await first.must("GetCameraVideoBuff", devNum=0, enable=True)
        await second.must("CameraCaptureBase64")


async def test_a_multipart_stream_is_for_the_owners_origin(service: Running) -> None:
    async with opened(service), aiohttp.ClientSession() as http:
        for origin, status in ((OTHER, 409), ("https://evil.example", 403), (ALLOWED, 200)):
            async with http.get(f"{service.http}/stream/0.mjpg", headers={"Origin": origin}) as answer:
                assert answer.status == status


@pytest.mark.parametrize("origin", [ALLOWED, OTHER])
async def test_a_scanner_a_reader_and_a_sensor_serve_one_request_at_a_time(
    service: Running, origin: str
) -> None:
    """Of whichever origin: they are lent for a request, and no other connection can end it."""
    service.reader.going_on.clear()
    service.scanner.pulls = asyncio.Semaphore(0)
    for func, begun, history in (
        ("Scan", "begin", service.scanner.history),
        ("ReadIDCardInfo", "wait", service.reader.history),
        ("ReadFingerInfo", "press", service.sensor.history),
    ):
        async with connect(service.url, ALLOWED) as user, connect(service.url, origin) as other:
            number = await user.send(func, timeout=PATIENCE_MS)
            async with asyncio.timeout(PATIENCE):
                while begun not in history:
                    await asyncio.sleep(0.01)
            assert (await other.ask(func))["result"] == BUSY
            await other.must("CancelScan")
            assert (await other.ask(func))["result"] == BUSY
            await user.must("CancelScan")
            async with asyncio.timeout(PATIENCE):
                while not {"stop", "given up"} & set(history):
                    await asyncio.sleep(0.01)
            assert number


async def test_a_killed_client_gives_the_camera_back(service: Running) -> None:
    """kill -9 in the middle of a preview: the device is stopped and closed, and another page has it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(CLIENT), service.url, OTHER, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        assert await process.stdout.readline() == b"watching\n"
        assert service.camera.started.is_set()
        process.send_signal(signal.SIGKILL)
        while "close" not in service.camera.history:
            await asyncio.sleep(0.01)
        await process.wait()
    assert service.camera.history[-2:] == ["stop", "close"]
    async with opened(service) as page:
        await page.must("CameraCaptureBase64")
