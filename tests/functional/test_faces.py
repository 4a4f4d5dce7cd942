"""Face cameras over a real WebSocket."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace

import pytest

from server.devices.adapters.demo import DemoFaceCameraFinder
from server.errors import (
    BadParameter,
    Cancelled,
    DeviceBusy,
    DeviceGone,
    DeviceNotOpen,
    MissingParameter,
    ModeNotSupported,
    NoSuchDevice,
)
from server.protocol.frames import SUBPROTOCOL
from tests.fakes.camera import SIZES, FakeCamera
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import FRAMES, Message, Page, about_sockets, connect
from tests.patience import PATIENCE

SPELLINGS = ("GetFaceCamraBuff", "GetFaceCameraBuff")


def plug(service: Running) -> tuple[FakeCamera, FakeCamera]:
    """Beside the document camera, which is small enough to show faces too: a pair."""
    colour = FakeCamera("Twin RGB", SIZES[1:])
    infrared = FakeCamera("Twin IR", SIZES[1:])
    for camera in (colour, infrared):
        camera.info = replace(camera.info, housing="usb-1")
    service.finder.cameras += [colour, infrared]
    return colour, infrared


def picture(frame: Message) -> bytes:
    return base64.b64decode(frame["imgBase64Str"], validate=True)


async def open_pair(page: Page) -> None:
    await page.must("GetFaceCameraInfo")
    await page.must("OpenFaceCamera", faceCameraNum=1)


async def test_a_pair_is_listed_once(service: Running) -> None:
    plug(service)
    async with connect(service.url) as page:
        listed = (await page.must("GetFaceCameraInfo"))["faceCameraInfo"]
        assert [(entry["faceCameraName"], entry["faceCameraType"]) for entry in listed] == [
            ("Fake", 1),
            ("Twin RGB", 2),
        ]
        assert listed[0]["faceCameraMedias"] == ["MJPEG"]
        assert listed[0]["faceCameraResolutions"] == ["640x480", "320x240"]
        assert len((await page.must("GetCameraInfo"))["devInfo"]) == 3


@pytest.mark.parametrize("func", SPELLINGS)
@about_sockets(FRAMES)
async def test_frames_carry_the_spelling_received(service: Running, func: str) -> None:
    colour, _ = plug(service)
    async with connect(service.url) as page:
        await open_pair(page)
        number = await page.send(func, faceCameraNum=1, enable="true")
        frame = await page.receive()
        assert list(frame) == [
            "func", "reqId", "faceCameraNum", "result", "imgBase64Str", "mime", "width", "height",
        ]  # fmt: skip
        assert (frame["func"], frame["reqId"], frame["faceCameraNum"]) == (func, number, 1)
        assert picture(frame) in colour.jpegs[SIZES[1]], "untouched, like a document camera's"
        last = await page.must(func, faceNum=1, faceEnable="false")
        assert (last["func"], last["faceCameraNum"]) == (func, 1)
        assert await page.silence(func) == []


@about_sockets(FRAMES)
async def test_both_streams_of_a_pair_come_at_once_and_end_alone(service: Running) -> None:
    _, infrared = plug(service)
    async with connect(service.url) as page:
        await open_pair(page)
        seen = await page.send("GetFaceCamraBuff", enable=True)
        unseen = await page.send("GetFaceCamraBuff", enable=True, stream=1)
        frame = await page.answer(unseen)
        assert (frame["stream"], frame["faceCameraNum"]) == (1, 1)
        assert picture(frame) in infrared.jpegs[SIZES[1]]
        assert "stream" not in await page.answer(seen)
        last = await page.must("GetFaceCamraBuff", enable=False, stream=1)
        assert last["stream"] == 1
        rest = {(await page.answer(seen))["reqId"] for _ in range(5)}
        assert rest == {seen}
        await page.must("CloseFaceCamera")
        assert await page.silence("GetFaceCamraBuff") == []
        assert infrared.history[-1] == "close"


async def test_closing_ends_both_streams_without_a_word(service: Running) -> None:
    plug(service)
    async with connect(service.url) as page:
        await open_pair(page)
        for stream in (0, 1):
            await page.answer(await page.send("GetFaceCamraBuff", stream=stream))
        close = await page.send("CloseFaceCamera")
        message = await page.receive()
        while message["reqId"] != close:
            assert message["result"] == 0, message
            message = await page.receive()
        assert await page.silence("GetFaceCamraBuff") == []


async def test_a_binary_client_is_told_which_face_camera(service: Running) -> None:
    plug(service)
    async with connect(service.url, protocols=(SUBPROTOCOL,)) as page:
        await open_pair(page)
        await page.send("GetFaceCameraBuff", stream=1)
        header, jpeg = await page.receive_frame()
        assert (header["func"], header["faceCameraNum"], header["stream"]) == ("GetFaceCameraBuff", 1, 1)
        assert jpeg.startswith(b"\xff\xd8")
        assert "outlines" not in header


@about_sockets(FRAMES)
async def test_a_document_and_a_face_camera_run_at_once_and_each_is_opened_last(service: Running) -> None:
    colour, _ = plug(service)
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        await open_pair(page)
        papers = await page.send("GetCameraVideoBuff", enable=True)
        faces = await page.send("GetFaceCamraBuff", enable=True)
        assert (await page.answer(papers))["devNum"] == 0
        assert picture(await page.answer(faces)) in colour.jpegs[SIZES[1]]
        assert (await page.must("CameraCaptureBase64"))["width"] == SIZES[0].width
        await page.must("CloseFaceCamera")
        assert (await page.answer(papers))["devNum"] == 0, "the document camera goes on"


async def test_a_face_camera_is_not_the_document_camera_opened_last(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetFaceCameraInfo")
        await page.must("OpenFaceCamera", faceCameraNum=0)
        assert (await page.ask("CameraCaptureBase64"))["result"] == DeviceNotOpen.code


@about_sockets(FRAMES)
async def test_one_camera_in_both_roles_is_shown_in_both(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetFaceCameraInfo")
        await page.must("OpenCamera", devNum=0)
        await page.must("SetCameraImageInfo", devNum=0, rotate=90)
        await page.must("OpenFaceCamera", faceCameraNum=0)
        papers = await page.send("GetCameraVideoBuff", enable=True)
        faces = await page.send("GetFaceCamraBuff", enable=True)
        assert (await page.answer(faces))["width"] == SIZES[0].width, "settings are the document camera's"
        assert (await page.answer(papers))["width"] == SIZES[0].height
        await page.must("GetFaceCamraBuff", enable=False)
        await page.answer(papers)


async def test_what_cannot_be_opened_is_refused_by_name(service: Running) -> None:
    _, infrared = plug(service)
    async with connect(service.url) as page:
        assert (await page.ask("OpenFaceCamera"))["result"] == MissingParameter.code
        assert (await page.ask("GetFaceCamraBuff", faceCameraNum=0))["result"] == DeviceNotOpen.code
        assert "OpenFaceCamera" in (await page.ask("GetFaceCamraBuff"))["errorMsg"]
        await page.must("CloseFaceCamera")
        await page.must("CloseFaceCamera", faceCameraNum=9)
        await page.must("GetFaceCameraInfo")
        assert (await page.ask("OpenFaceCamera", faceCameraNum=2))["result"] == NoSuchDevice.code
        for wrong in ({"faceMediaNum": 1}, {"faceResolutionNum": 2}):
            answer = await page.ask("OpenFaceCamera", faceCameraNum=0, **wrong)
            assert answer["result"] == ModeNotSupported.code
        await page.must("OpenFaceCamera", faceCameraNum=0)
        assert (await page.ask("GetFaceCamraBuff", stream=1))["result"] == ModeNotSupported.code
        assert (await page.ask("GetFaceCamraBuff", stream=2))["result"] == BadParameter.code
        assert (await page.ask("CloseFaceCamera", faceCameraNum=2))["result"] == NoSuchDevice.code
        assert infrared.history == []


async def test_half_a_pair_is_not_kept(service: Running) -> None:
    colour, infrared = plug(service)
    infrared.fault = DeviceGone(device="Twin IR")
    async with connect(service.url) as page:
        await page.must("GetFaceCameraInfo")
        assert (await page.ask("OpenFaceCamera", faceCameraNum=1))["result"] == DeviceGone.code
        assert colour.history == ["open 320x240", "close"]
        infrared.fault = None
        await page.must("OpenFaceCamera", faceCameraNum=1)


async def test_what_a_page_had_open_stays_open_when_the_other_half_fails(service: Running) -> None:
    colour, infrared = plug(service)
    infrared.fault = DeviceGone(device="Twin IR")
    async with connect(service.url) as page:
        names = [entry["devName"] for entry in (await page.must("GetCameraInfo"))["devInfo"]]
        await page.must("OpenCamera", devNum=names.index("Twin RGB"))
        await page.must("GetFaceCameraInfo")
        assert (await page.ask("OpenFaceCamera", faceCameraNum=1))["result"] == DeviceGone.code
        assert (await page.must("CameraCaptureBase64"))["width"] == SIZES[1].width
        assert "close" not in colour.history


@about_sockets(FRAMES)
async def test_another_origin_finds_it_busy_and_the_same_may_watch(service: Running) -> None:
    plug(service)
    async with connect(service.url, ALLOWED) as owner, connect(service.url, OTHER) as other:
        await open_pair(owner)
        await other.must("GetFaceCameraInfo")
        for func in ("OpenFaceCamera", *SPELLINGS, "CloseFaceCamera"):
            assert (await other.ask(func, faceCameraNum=1))["result"] == DeviceBusy.code
        async with connect(service.url, ALLOWED) as watcher:
            await watcher.must("GetFaceCameraInfo")
            number = await watcher.send("GetFaceCamraBuff", faceCameraNum=1)
            assert (await watcher.answer(number))["result"] == 0
            await owner.must("CloseFaceCamera")
            last = await watcher.answer(number)
            while last["result"] == 0:
                last = await watcher.answer(number)
            assert last["result"] == DeviceNotOpen.code
            assert "OpenFaceCamera" in last["errorMsg"]


async def test_a_lost_connection_gives_both_halves_back(service: Running) -> None:
    colour, infrared = plug(service)
    async with connect(service.url) as page:
        await open_pair(page)
        await page.must("GetFaceCamraBuff", stream=1)
    async with connect(service.url, ALLOWED) as next_page:
        await next_page.must("GetFaceCameraInfo")
        async with asyncio.timeout(PATIENCE):
            while (await next_page.ask("OpenFaceCamera", faceCameraNum=1))["result"] == DeviceBusy.code:
                await asyncio.sleep(0.02)
    assert "close" in colour.history and "close" in infrared.history


@about_sockets(FRAMES)
async def test_a_request_stopped_before_its_first_frame_is_answered(service: Running) -> None:
    colour, _ = plug(service)
    colour.frozen.set()
    async with connect(service.url) as page:
        await open_pair(page)
        await page.send("GetFaceCameraBuff", enable=True)
        off = await page.send("GetFaceCameraBuff", enable=False)
        assert (await page.receive())["result"] == Cancelled.code
        assert (await page.receive())["reqId"] == off


@about_sockets(FRAMES)
async def test_a_camera_pulled_out_ends_the_preview_once(service: Running) -> None:
    colour, _ = plug(service)
    async with connect(service.url) as page:
        await open_pair(page)
        number = await page.must("GetFaceCamraBuff")
        colour.fault = DeviceGone(device="Twin RGB")
        last = await page.answer(number["reqId"])
        while last["result"] == 0:
            last = await page.answer(number["reqId"])
        assert (last["result"], last["faceCameraNum"]) == (DeviceGone.code, 1)
        assert await page.silence("GetFaceCamraBuff") == []


async def test_numbers_outlive_a_new_list_where_the_camera_is_gone(service: Running) -> None:
    plug(service)
    async with connect(service.url) as page:
        await open_pair(page)
        del service.finder.cameras[1:]
        await page.must("GetFaceCameraInfo")
        assert (await page.ask("GetFaceCamraBuff"))["result"] == DeviceNotOpen.code
        await page.must("CloseFaceCamera")


@about_sockets(FRAMES)
async def test_the_demo_cameras_show_a_person_in_colour_and_infrared(service: Running) -> None:
    demo = DemoFaceCameraFinder(attacks=True)
    service.finder.cameras = list(demo.find())
    async with connect(service.url) as page:
        listed = (await page.must("GetFaceCameraInfo"))["faceCameraInfo"]
        assert [entry["faceCameraType"] for entry in listed] == [2, 2, 2]
        await page.must("OpenFaceCamera", faceCameraNum=0, faceFps=15)
        numbers = [await page.send("GetFaceCamraBuff", stream=stream) for stream in (0, 1)]
        sizes = [((frame := await page.answer(number))["width"], frame["height"]) for number in numbers]
        assert sizes == [(1280, 720), (640, 480)]
        demo.faults.disconnect()
        ended: dict[object, int] = {}
        while len(ended) < len(numbers):
            message = await page.receive()
            if message["result"] != 0:
                ended[message["reqId"]] = message["result"]
        assert ended == dict.fromkeys(numbers, DeviceGone.code)
    demo.close()
