"""Previews over a real WebSocket."""

from __future__ import annotations

import asyncio

import cv2
import numpy as np
import pytest

from server.errors import Cancelled, DeviceGone, DeviceNotOpen
from server.protocol.frames import SUBPROTOCOL
from tests.fakes.camera import SIZES, page_jpeg
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import FRAMES, Page, about_sockets, connect, picture
from tests.patience import PATIENCE


async def _open(page: Page, **parameters: object) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0, **parameters)


def _green(jpeg: bytes) -> float:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).astype(int)
    blue = image[..., 0]
    green = image[..., 1]
    red = image[..., 2]
    return float(((green > 150) & (blue < 110) & (red < 110)).mean())


@about_sockets(FRAMES)
async def test_the_first_frame_is_the_answer_and_untouched(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        number = await page.send("GetCameraVideoBuff", devNum=0, enable="true")
        frame = await page.receive()
        assert list(frame) == [
            "func", "reqId", "devNum", "result", "imageBase64Str", "imgBase64Str", "mime", "width", "height",
        ]  # fmt: skip
        assert frame["reqId"] == number
        assert (frame["width"], frame["height"]) == SIZES[0]
        assert picture(frame) in service.camera.jpegs[SIZES[0]]
        assert frame["imgBase64Str"] == frame["imageBase64Str"]


@pytest.mark.parametrize(
    ("wanted", "factor"),
    [({"maxWidth": SIZES[0][0]}, 1), ({"maxWidth": SIZES[0][0] - 1}, 2), ({"maxHeight": 100}, 8)],
)
@pytest.mark.parametrize("protocols", [(), (SUBPROTOCOL,)])
@about_sockets(FRAMES)
async def test_frames_are_as_large_as_they_are_shown_and_captures_whole(
    service: Running, wanted: dict[str, int], factor: int, protocols: tuple[str, ...]
) -> None:
    width, height = SIZES[0]
    async with connect(service.url, protocols=protocols) as page:
        await _open(page)
        number = await page.send("GetCameraVideoBuff", devNum=0, enable=True, **wanted)
        frame = (await page.receive_frame())[0] if protocols else await page.receive()
        assert frame["reqId"] == number
        assert (frame["width"], frame["height"]) == (width // factor, height // factor)
        assert frame.get("reduction", 1) == factor
        captured = await page.must("CameraCaptureBase64", devNum=0)
        assert (captured["width"], captured["height"]) == SIZES[0]


@about_sockets(FRAMES)
async def test_frames_keep_coming_until_switched_off_and_none_after(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        number = await page.send("GetCameraVideoBuff", enable=1)
        pictures = {picture(await page.answer(number)) for _ in range(6)}
        assert len(pictures) == 2
        await page.must("GetCameraVideoBuff", enable="false")
        assert await page.silence("GetCameraVideoBuff") == []


async def test_no_frame_after_close(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        await page.must("GetCameraVideoBuff")
        await page.must("CloseCamera")
        assert await page.silence("GetCameraVideoBuff") == []


@about_sockets(FRAMES)
async def test_a_request_stopped_before_its_first_frame_is_answered(service: Running) -> None:
    service.camera.frozen.set()
    async with connect(service.url) as page:
        await _open(page)
        number = await page.send("GetCameraVideoBuff", enable=True)
        off = await page.send("GetCameraVideoBuff", enable=False)
        assert (await page.receive())["result"] == Cancelled.code
        last = await page.receive()
        assert (last["reqId"], last["result"]) == (off, 0)
        assert number != off


@pytest.mark.parametrize(("crop", "share"), [(0, 0.0), (1, 0.005), (2, 0.005)])
@about_sockets(FRAMES)
async def test_the_outline_is_green(service: Running, crop: int, share: float) -> None:
    async with connect(service.url) as page:
        await _open(page)
        await page.must("SetCameraImageInfo", cropType=crop)
        number = await page.send("GetCameraVideoBuff", enable=True)
        greenest = 0.0
        for _ in range(40):
            greenest = max(greenest, _green(picture(await page.answer(number))))
            if greenest > share > 0:
                break
        assert greenest >= share
        if share == 0:
            assert greenest == 0


@about_sockets(FRAMES)
async def test_the_preview_turns_and_shows_the_rectangle(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        rect = {"left": 10, "top": 20, "right": 200, "bottom": 300}
        await page.must("SetCameraImageInfo", rotate=90, cropType=4, cropRect=rect)
        number = await page.send("GetCameraVideoBuff", enable=True)
        frame = await page.answer(number)
        assert (frame["width"], frame["height"]) == (480, 640)
        assert _green(picture(frame)) > 0.005


@about_sockets(FRAMES)
async def test_settings_change_a_running_preview(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        number = await page.send("GetCameraVideoBuff", enable=True)
        await page.answer(number)
        await page.must("SetCameraImageInfo", rotate=270)
        for _ in range(40):
            if (await page.answer(number))["width"] == 480:
                return
    pytest.fail("the running preview did not turn")


@about_sockets(FRAMES)
async def test_an_unplugged_camera_is_one_error_then_silence(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        number = await page.send("GetCameraVideoBuff", enable=True)
        await page.answer(number)
        service.camera.fault = DeviceGone(device="Fake")
        while (message := await page.answer(number))["result"] == 0:
            pass
        assert message["result"] == DeviceGone.code
        assert "imageBase64Str" not in message
        assert message["devNum"] == 0
        assert await page.silence("GetCameraVideoBuff") == []
        service.camera.fault = None
        await page.must("OpenCamera", devNum=0)
        await page.must("GetCameraVideoBuff", enable=True)


@about_sockets(FRAMES)
async def test_the_camera_runs_only_while_somebody_watches(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        assert not service.camera.started.is_set()
        await page.must("GetCameraVideoBuff", enable=True)
        assert service.camera.started.is_set()
        await page.must("GetCameraVideoBuff", enable=False)
        async with asyncio.timeout(PATIENCE):
            while service.camera.started.is_set():
                await asyncio.sleep(0.05)
    assert service.camera.history[:3] == ["open 640x480", "start", "stop"]


@about_sockets(FRAMES)
async def test_reopening_with_another_size_goes_on(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        number = await page.send("GetCameraVideoBuff", enable=True)
        await page.answer(number)
        await page.must("OpenCamera", devNum=0, resolutionNum=1)
        for _ in range(40):
            if (await page.answer(number))["width"] == SIZES[1].width:
                break
        else:
            pytest.fail("the size did not change")
        await page.must("SetCameraInfo", devNum=0, mediaNum=0, resolutionNum=0)


@about_sockets(FRAMES)
async def test_a_client_that_does_not_read_slows_nobody(service: Running) -> None:
    async with connect(service.url, ALLOWED) as keen, connect(service.url, ALLOWED) as lazy:
        await _open(keen)  # the owner: a lazy one may be dropped, and its camera with it
        await lazy.must("GetCameraInfo")
        await lazy.send("GetCameraVideoBuff", devNum=0, enable=True)
        number = await keen.send("GetCameraVideoBuff", devNum=0, enable=True)
        for _ in range(100):
            assert (await keen.answer(number))["result"] == 0


async def test_a_preview_needs_an_open_camera(service: Running) -> None:
    async with connect(service.url) as page:
        assert (await page.ask("GetCameraVideoBuff", enable=True))["result"] == DeviceNotOpen.code
        assert (await page.ask("GetCameraVideoBuff", devNum=0, enable=True))["result"] == DeviceNotOpen.code


async def test_a_binary_client_gets_the_cameras_bytes_and_coordinates(service: Running) -> None:
    async with connect(service.url, protocols=(SUBPROTOCOL,)) as page:
        assert page.socket.protocol == SUBPROTOCOL
        await _open(page)
        await page.must("SetCameraImageInfo", cropType=1)
        number = await page.send("GetCameraVideoBuff", enable=True)
        for _ in range(60):
            header, jpeg = await page.receive_frame()
            assert jpeg in service.camera.jpegs[SIZES[0]]
            assert (header["reqId"], header["result"], header["devNum"]) == (number, 0, 0)
            assert (header["width"], header["height"]) == SIZES[0]
            if header["outlines"]:
                break
        (outline,) = header["outlines"]
        assert np.abs(np.array(outline) - [[160, 96], [480, 96], [480, 384], [160, 384]]).max() < 6
        await page.must("SetCameraImageInfo", cropType=4, cropRect=[10, 20, 110, 220])
        for _ in range(60):
            header, _ = await page.receive_frame()
            if header["outlines"] == [[[10, 20], [109, 20], [109, 219], [10, 219]]]:
                break
        else:
            pytest.fail("the rectangle did not come")
        await page.must("GetCameraVideoBuff", enable=False)


async def test_nobody_gets_the_binary_protocol_unasked(service: Running) -> None:
    async with connect(service.url, protocols=("something.else",)) as page:
        assert page.socket.protocol is None
        await _open(page)
        assert "imageBase64Str" in await page.must("GetCameraVideoBuff", enable=True)


async def test_opening_again_with_the_same_wishes_disturbs_nothing(service: Running) -> None:
    async with connect(service.url) as page:
        for _ in range(3):
            await _open(page, fps=15)
        assert service.camera.history == ["open 640x480"]


@pytest.mark.long
async def test_a_client_that_takes_nothing_is_dropped_and_its_camera_given_back(service: Running) -> None:
    host, port = service.http.removeprefix("http://").split(":")
    service.camera.jpegs[SIZES[0]] = [page_jpeg(SIZES[0]) + bytes(4_000_000)]
    reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
    request = (
        f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    writer.write(request.encode())
    for message in (b'{"func":"OpenCamera","devNum":0}', b'{"func":"GetCameraVideoBuff","enable":1}'):
        writer.write(bytes([0x81, 0x80 | len(message)]) + bytes(4) + message)
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.pause_reading()
    async with asyncio.timeout(PATIENCE):
        while "close" not in service.camera.history:
            await asyncio.sleep(0.05)
    writer.close()


@about_sockets(FRAMES)
async def test_the_service_ends_while_it_streams(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        await page.must("GetCameraVideoBuff", enable=True)
        stopping = asyncio.create_task(service.stop())
        async with asyncio.timeout(PATIENCE):
            while not page.socket.closed:
                await page.socket.receive()
            await stopping
        assert page.socket.close_code == 1001
        assert service.camera.history[-1] == "close"
