"""The preview for an ``<img>``."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from server.streaming import broadcast
from tests.fakes.camera import SIZES
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import Page, connect
from tests.patience import PATIENCE


async def _open(page: Page) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)


async def _parts(response: aiohttp.ClientResponse, count: int) -> list[bytes]:
    reader = aiohttp.MultipartReader.from_response(response)
    parts = []
    async with asyncio.timeout(PATIENCE):
        for _ in range(count):
            part = await reader.next()
            assert isinstance(part, aiohttp.BodyPartReader)
            assert part.headers["Content-Type"] == "image/jpeg"
            parts.append(bytes(await part.read()))
    return parts


async def test_frames_are_the_cameras_own_and_end_with_the_camera(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page, aiohttp.ClientSession() as http:
        await _open(page)
        headers = {"Origin": ALLOWED}
        async with http.get(f"{service.http}/stream/0.mjpg", headers=headers) as response:
            assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
            parts = await _parts(response, 4)
            assert set(parts) == set(service.camera.jpegs[SIZES[0]])
            await page.must("CloseCamera")
            async with asyncio.timeout(PATIENCE):
                await response.content.read()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": ALLOWED}, 200),
        ({"Origin": OTHER}, 409),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 409),
        ({}, 409),
    ],
)
async def test_only_the_origin_that_opened_the_camera_may_embed_it(
    service: Running, headers: dict[str, str], status: int
) -> None:
    async with connect(service.url, ALLOWED) as page, aiohttp.ClientSession() as http:
        await _open(page)
        async with http.get(f"{service.http}/stream/0.mjpg", headers=headers) as response:
            assert response.status == status


async def test_the_own_page_may_embed_its_own_camera(service: Running) -> None:
    async with connect(service.url, service.http) as page, aiohttp.ClientSession() as http:
        await _open(page)
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with http.get(f"{service.http}/stream/0.mjpg", headers=headers) as response:
            assert len(await _parts(response, 2)) == 2


async def test_a_camera_without_a_picture_is_an_error_for_the_image(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast, "FRAME_SECONDS", 0.3)
    async with connect(service.url, ALLOWED) as page, aiohttp.ClientSession() as http:
        await _open(page)
        service.camera.frozen.set()
        async with http.get(f"{service.http}/stream/0.mjpg", headers={"Origin": ALLOWED}) as response:
            assert response.status == 409
            assert "0.3 seconds" in await response.text()
        service.camera.frozen.clear()


async def test_a_viewer_that_leaves_before_the_first_picture_is_no_error(
    service: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async with connect(service.url, ALLOWED) as page:
        await _open(page)
        service.camera.frozen.set()
        host = "127.0.0.1"
        port = int(service.http.rpartition(":")[2])
        _, writer = await asyncio.open_connection(host, port)
        writer.write(
            f"GET /stream/0.mjpg HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {ALLOWED}\r\n\r\n".encode()
        )
        async with asyncio.timeout(PATIENCE):
            while "start" not in service.camera.history:
                await asyncio.sleep(0.01)
        writer.close()
        await writer.wait_closed()
        service.camera.frozen.clear()
        async with asyncio.timeout(PATIENCE):
            while "stop" not in service.camera.history:
                await asyncio.sleep(0.01)
    assert [each.message for each in caplog.records if each.levelname in ("WARNING", "ERROR")] == []


@pytest.mark.parametrize(
    ("path", "status"), [("7.mjpg", 409), ("x.mjpg", 404), ("0.jpg", 404), ("-1.mjpg", 404)]
)
async def test_what_is_not_there(service: Running, path: str, status: int) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{service.http}/stream/{path}") as response:
        assert response.status == status
