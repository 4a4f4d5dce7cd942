"""FaceMatch in its four forms, and liveness in answers and frames, over a real WebSocket."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace

import cv2
import numpy as np
import pytest

from imgcore.face import LivenessResult, LivenessVerdict
from imgcore.face.action import TURNS, Action
from imgcore.face.liveness import LivenessReason
from server.devices.ports.camera import Size
from server.errors import (
    BadParameter,
    Cancelled,
    DeviceGone,
    DeviceNotOpen,
    FaceModelMissing,
    FaceNotLive,
    FacesDiffer,
    FaceTooDark,
    FaceTooSmall,
    FileMissing,
    LivenessUnclear,
    LocalizedText,
    MissingParameter,
    NoFace,
    PathOutside,
    PictureUnreadable,
    SeveralPeople,
)
from server.protocol.frames import SUBPROTOCOL
from server.services.faces.engine import LivenessMethod
from server.services.texts import READING
from tests.fakes.camera import SIZES, FakeCamera
from tests.fakes.face_engine import ALIVE, PRINTED, UNSURE, coded, face, portrait
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import FRAMES, Page, about_sockets, connect
from tests.patience import PATIENCE, PATIENCE_MS

SOON = 400
"""Milliseconds a person is waited for where nobody comes."""


def store(service: Running, name: str, person: int, faces: int = 1, level: int = 120) -> None:
    cv2.imwrite(str(service.root / name), portrait(person, faces, level))


async def opened(page: Page, **living: object) -> None:
    await page.must("GetFaceCameraInfo")
    await page.must("OpenFaceCamera", faceCameraNum=0)
    if living:
        await page.must("SetFaceLivingBodyState", **living)


# Given pictures -------------------------------------------------------------------------


async def test_two_files_of_one_person_match_and_the_second_comes_back(service: Running) -> None:
    store(service, "a.png", 1)
    store(service, "b.png", 1)
    async with connect(service.url) as page:
        answer = await page.must("FaceMatch", faceImagePath="a.png;b.png", threshold=0.7)
    assert answer["similarity"] == 0.9
    shown = base64.b64decode(answer["faceImageBase64"], validate=True)
    assert shown.startswith(b"\xff\xd8") and cv2.imdecode(np.frombuffer(shown, np.uint8), 1).shape[0] == 200
    assert "notice" not in answer


async def test_a_file_and_a_picture_are_compared_and_a_jpeg_comes_back_as_it_was(service: Running) -> None:
    store(service, "a.png", 1)
    jpeg = np.full((200, 200, 3), 120, np.uint8)
    jpeg[:16, :16, 0] = 1
    sent = coded(jpeg, ".jpg")
    service.faces.alike = 0.75
    async with connect(service.url) as page:
        answer = await page.must("FaceMatch", faceFilePath="a.png", faceBase64=coded(portrait(1)))
        assert answer["similarity"] == 0.75
        found = await page.ask("FaceMatch", faceFilePath="a.png", faceBase64=sent, threshold=0)
    if found["result"] == 0:
        assert found["faceImageBase64"] == sent


async def test_another_person_is_refused_with_the_similarity_rounded_down(service: Running) -> None:
    store(service, "a.png", 1)
    async with connect(service.url, **{"Accept-Language": "en"}) as page:
        answer = await page.ask("FaceMatch", faceImagePath="a.png", faceImageBase64=coded(portrait(2)))
        assert answer["result"] == FacesDiffer.code and answer["similarity"] == 0.1234
        assert "faceImageBase64" not in answer and "0.1234" in answer["errorMsg"]
        service.faces.alike = 0.69999
        near = await page.ask("FaceMatch", faceImagePath="a.png", faceImageBase64=coded(portrait(1)))
        assert near["result"] == FacesDiffer.code and near["similarity"] == 0.6999


async def test_of_several_faces_the_largest_counts_and_it_is_said(service: Running) -> None:
    store(service, "a.png", 1)
    store(service, "two.png", 1, faces=2)
    async with connect(service.url) as page:
        answer = await page.must("FaceMatch", faceImagePath=["a.png", "two.png"])
        assert "two.png" in answer["notice"] and "最大" in answer["notice"]
        first = await page.must("FaceMatch", faceImagePath=["two.png", "a.png"])
        assert "two.png" in first["notice"]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({}, MissingParameter.code),
        ({"faceImagePath": "a.png;a.png;a.png"}, BadParameter.code),
        ({"faceImagePath": "a.png;none.png"}, FileMissing.code),
        ({"faceImagePath": "a.png;../../etc/passwd"}, PathOutside.code),
        ({"faceImagePath": "a.png", "faceImageBase64": "bm8gcGljdHVyZQ=="}, PictureUnreadable.code),
        ({"faceImagePath": "a.png", "faceImageBase64": "§"}, PictureUnreadable.code),
        ({"faceImagePath": "a.png;nobody.png"}, NoFace.code),
        ({"faceImagePath": "a.png;dark.png"}, FaceTooDark.code),
        ({"faceImagePath": "a.png;a.png", "threshold": 1.5}, BadParameter.code),
        ({"faceImagePath": "a.png"}, DeviceNotOpen.code),
        ({"faceImageBase64": coded(portrait(1))}, DeviceNotOpen.code),
    ],
)
async def test_what_cannot_be_compared_says_why(
    service: Running, request_: dict[str, object], code: int
) -> None:
    store(service, "a.png", 1)
    store(service, "nobody.png", 1, faces=0)
    store(service, "dark.png", 1, level=8)
    async with connect(service.url) as page:
        answer = await page.ask("FaceMatch", **request_)
        assert answer["result"] == code, answer
        assert "similarity" not in answer
        await page.must("Heartbeat")


async def test_without_its_model_each_function_says_what_to_type(service: Running) -> None:
    service.faces.missing = FaceModelMissing(
        role="face-detection", purpose=LocalizedText("查找人脸", "find faces")
    )
    store(service, "a.png", 1)
    async with connect(service.url) as page:
        await opened(page)
        for func, wants in (
            ("FaceMatch", {"faceImagePath": "a.png;a.png"}),
            ("FaceMatch", {"faceImagePath": "a.png"}),
            ("SetFaceLivingBodyState", {"faceLivingBody": 1}),
        ):
            answer = await page.ask(func, **wants)
            assert answer["result"] == FaceModelMissing.code and "gaopai models" in answer["errorMsg"]
        functions = (await page.must("GetServiceInfo"))["functions"]
        unready = {entry["name"]: entry["reason"] for entry in functions if not entry["available"]}
        # Those of text depend on other nets, which a machine may not have.
        assert unready.keys() - set(READING) == {"FaceMatch", "SetFaceLivingBodyState"}
        assert "gaopai models" in unready["FaceMatch"]
        service.faces.missing = None
        await page.must("FaceMatch", faceImagePath="a.png;a.png")


# Before the camera ----------------------------------------------------------------------


@pytest.mark.parametrize("form", ["file", "picture"])
async def test_the_person_before_the_camera_matches_and_is_shown(service: Running, form: str) -> None:
    store(service, "a.png", 1)
    given = {"faceImagePath": "a.png"} if form == "file" else {"faceImageBase64": coded(portrait(1))}
    async with connect(service.url) as page:
        await opened(page)
        answer = await page.must("FaceMatch", **given)
    assert answer["similarity"] == 0.9
    assert base64.b64decode(answer["faceImageBase64"]) in service.camera.jpegs[SIZES[0]]
    assert service.faces.examined == [], "liveness is off"


async def test_somebody_else_before_the_camera_is_refused(service: Running) -> None:
    async with connect(service.url) as page:
        await opened(page)
        answer = await page.ask("FaceMatch", faceImageBase64=coded(portrait(2)))
    assert (answer["result"], answer["similarity"]) == (FacesDiffer.code, 0.1234)


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ([], NoFace.code),
        ([face(1, width=20.0)], FaceTooSmall.code),
        ([face(1), face(2, width=78.0, left=200.0)], SeveralPeople.code),
    ],
)
async def test_nobody_to_compare_within_the_time_says_why(
    service: Running, before: list[object], code: int
) -> None:
    service.faces.before = before  # type: ignore[assignment]
    async with connect(service.url) as page:
        await opened(page)
        answer = await page.ask("FaceMatch", faceImageBase64=coded(portrait(1)), timeout=SOON)
        assert answer["result"] == code and "similarity" not in answer
        service.faces.before = [face(1), face(2, width=30.0, left=200.0)]
        late = await page.must("FaceMatch", faceImageBase64=coded(portrait(1)))
        assert late["notice"], "somebody far behind does not hinder, but it is said"


async def test_one_who_steps_aside_for_another_begins_anew(service: Running) -> None:
    """The one who was alive does not lend that to the one who is compared."""
    async with connect(service.url) as page:
        await opened(page, faceLivingBody=1)
        service.faces.before = [face(2)]
        service.faces.verdict = UNSURE
        number = await page.send("FaceMatch", faceImageBase64=coded(portrait(1)))
        async with asyncio.timeout(PATIENCE):
            while len(service.faces.looks) < 3:
                await asyncio.sleep(0.01)
        examinations = len(service.faces.examined)
        service.faces.before = [face(1)]
        service.faces.verdict = ALIVE
        assert (await page.answer(number))["result"] == 0
        assert len(service.faces.examined) == examinations + 1


async def test_a_print_is_refused_and_what_is_unclear_says_so(service: Running) -> None:
    async with connect(service.url, **{"Accept-Language": "en"}) as page:
        await opened(page, faceLivingBody=1)
        service.faces.verdict = PRINTED
        printed = await page.ask("FaceMatch", faceImageBase64=coded(portrait(1)))
        assert printed["result"] == FaceNotLive.code and printed["similarity"] == 0.9
        assert "print or a screen" in printed["errorMsg"]
        service.faces.verdict = UNSURE
        unsure = await page.ask("FaceMatch", faceImageBase64=coded(portrait(1)), timeout=SOON)
        assert unsure["result"] == LivenessUnclear.code and "more frames" in unsure["errorMsg"]
        service.faces.verdict = ALIVE
        await page.must("FaceMatch", faceImageBase64=coded(portrait(1)))
        await page.must("SetFaceLivingBodyState", faceLivingBody=0)
        service.faces.verdict = PRINTED
        await page.must("FaceMatch", faceImageBase64=coded(portrait(1)))


async def test_an_action_is_asked_for_when_the_comparison_begins(service: Running) -> None:
    async with connect(service.url) as page:
        await opened(page, faceLivingBody=1, faceAction="turnLeft")
        number = await page.send("FaceMatch", faceImageBase64=coded(portrait(1)))
        push = await page.receive()
        assert (push["func"], push["event"], push["action"]) == ("Notify", "OnFaceAction", "turnLeft")
        assert (push["reqId"], push["faceCameraNum"]) == (number, 0)
        assert (await page.answer(number))["result"] == 0
        assert service.faces.examined[-1] == (False, Action.TURN_LEFT)
        await page.must("SetFaceLivingBodyState", faceLivingBody=1, faceAction="random")
        await page.send("FaceMatch", faceImageBase64=coded(portrait(1)))
        assert (await page.receive())["action"] in ("blink", "turnLeft", "turnRight", "nearer")


async def test_without_a_model_of_liveness_an_action_is_always_asked_for(service: Running) -> None:
    service.faces.methods = (LivenessMethod.CUES, LivenessMethod.ACTION)
    async with connect(service.url) as page:
        await opened(page)
        answer = await page.must("SetFaceLivingBodyState", faceLivingBody=1)
        assert answer["livingBy"] == ["cues", "action"]
        number = await page.send("FaceMatch", faceImageBase64=coded(portrait(1)))
        assert (await page.receive())["action"] in ("turnLeft", "turnRight")
        assert (await page.answer(number))["result"] == 0
        assert service.faces.examined[-1][1] in TURNS
        assert "livingBy" not in await page.must("SetFaceLivingBodyState", faceLivingBody=0)


async def test_a_document_camera_that_is_closed_leaves_a_comparison_alone(service: Running) -> None:
    service.faces.before = []
    documents = FakeCamera("Documents", [Size(4000, 3000)])
    service.finder.cameras.append(documents)
    async with connect(service.url) as page:
        # The larger one is listed first, and is too large for faces.
        assert [one["devName"] for one in (await page.must("GetCameraInfo"))["devInfo"]] == [
            "Documents",
            "Fake",
        ]
        await page.must("OpenCamera", devNum=0)
        await opened(page)
        number = await page.send("FaceMatch", faceImageBase64=coded(portrait(1)), timeout=PATIENCE_MS)
        assert await asyncio.to_thread(service.camera.started.wait, 10)
        closing = await page.send("CloseCamera", devNum=0)
        assert (await page.receive())["reqId"] == closing
        assert documents.history[-1] == "close"
        service.faces.before = [face(1)]
        assert (await page.answer(number))["result"] == 0


async def test_a_comparison_ends_with_the_camera_with_a_stop_and_with_its_connection(
    service: Running,
) -> None:
    service.faces.before = []
    async with connect(service.url) as page:
        await opened(page)
        number = await page.send("FaceMatch", faceImageBase64=coded(portrait(1)), timeout=PATIENCE_MS)
        await asyncio.to_thread(service.camera.started.wait, 10)
        close = await page.send("CloseFaceCamera")
        ended = [await page.receive() for _ in range(2)]
        assert {one["reqId"]: one["result"] for one in ended} == {number: Cancelled.code, close: 0}
        await opened(page)
        number = await page.send("FaceMatch", faceImageBase64=coded(portrait(1)), timeout=PATIENCE_MS)
        await asyncio.to_thread(service.camera.started.wait, 10)
        service.camera.fault = DeviceGone(device="Fake")
        assert (await page.answer(number))["result"] == DeviceGone.code
    service.camera.fault = None
    async with connect(service.url) as page:
        await opened(page)
        await page.send("FaceMatch", faceImageBase64=coded(portrait(1)), timeout=PATIENCE_MS)
        await asyncio.to_thread(service.camera.started.wait, 10)
    async with asyncio.timeout(PATIENCE):
        while service.camera.history[-1] != "close":
            await asyncio.sleep(0.02)


# In frames ------------------------------------------------------------------------------


@about_sockets(FRAMES)
async def test_frames_tell_of_faces_while_liveness_is_on(service: Running) -> None:
    async with connect(service.url) as page:
        await opened(page)
        number = await page.send("GetFaceCamraBuff", enable=True)
        assert "faces" not in await page.answer(number)
        service.faces.before = [face(1), face(2, width=40.0)]
        await page.must("SetFaceLivingBodyState", faceLivingBody=1)
        frame = await page.answer(number)
        while "faces" not in frame:
            frame = await page.answer(number)
        largest, other = frame["faces"]
        assert largest == {
            "left": 20, "top": 20, "right": 100, "bottom": 100,
            "live": True, "score": 0.97, "verdict": "live", "reason": "达到阈值",
        }  # fmt: skip
        assert (other["live"], other["score"], other["verdict"]) == (False, 0.0, "cannot tell")
        await page.must("SetFaceLivingBodyState", faceLivingBody=0)
        assert "faces" not in await page.answer(number)


@about_sockets(FRAMES)
async def test_no_frame_waits_for_a_look(service: Running) -> None:
    async with connect(service.url) as page:
        await opened(page, faceLivingBody=1)
        service.faces.held.clear()
        number = await page.send("GetFaceCamraBuff", enable=True)
        try:
            for _ in range(10):
                assert "faces" not in await page.answer(number)
        finally:
            service.faces.held.set()


async def test_a_pair_is_looked_at_with_both_eyes(service: Running) -> None:
    colour = FakeCamera("Twin RGB", SIZES[1:])
    infrared = FakeCamera("Twin IR", SIZES[1:])
    for camera in (colour, infrared):
        camera.info = replace(camera.info, housing="usb-1")
    service.finder.cameras += [colour, infrared]
    gone = LivenessResult(LivenessVerdict.NOT_LIVE, 0.9, LivenessReason.INFRARED_NO_FACE)
    async with connect(service.url, protocols=(SUBPROTOCOL,)) as page:
        await page.must("GetFaceCameraInfo")
        await page.must("OpenFaceCamera", faceCameraNum=1)
        await page.must("SetFaceLivingBodyState", faceCameraNum=1, faceLivingBody=1)
        service.faces.verdict = gone
        await page.send("GetFaceCameraBuff")
        header, _ = await page.receive_frame()
        while "faces" not in header:
            header, _ = await page.receive_frame()
        assert header["faces"][0]["reason"] == "红外画面中没有人脸，像是屏幕"
        assert service.faces.examined == [(True, None)]
        async with asyncio.timeout(PATIENCE):
            while not any(look.infrared is not None for look in service.faces.looks):
                await page.receive_frame()
        look = next(look for look in service.faces.looks if look.infrared is not None)
        assert look.infrared_faces and look.image.shape == (240, 320, 3)
        await page.send("CloseFaceCamera")


@about_sockets(FRAMES)
async def test_liveness_is_a_wish_of_each_page_and_kept_before_opening(service: Running) -> None:
    async with connect(service.url, ALLOWED) as one, connect(service.url, ALLOWED) as other:
        assert (await one.ask("SetFaceLivingBodyState", faceLivingBody=1))["result"] == DeviceNotOpen.code
        await one.must("GetFaceCameraInfo")
        await one.must("SetFaceLivingBodyState", faceCameraNum=0, faceLivingBody=1)
        await one.must("OpenFaceCamera", faceCameraNum=0)
        first = await one.send("GetFaceCamraBuff")
        frame = await one.answer(first)
        while "faces" not in frame:
            frame = await one.answer(first)
        await other.must("GetFaceCameraInfo")
        second = await other.send("GetFaceCamraBuff", faceCameraNum=0)
        for _ in range(3):
            assert "faces" not in await other.answer(second)


async def test_the_people_before_two_cameras_are_compared(service: Running) -> None:
    service.finder.cameras.append(FakeCamera("Second"))
    async with connect(service.url) as page:
        listed = (await page.must("GetFaceCameraInfo"))["faceCameraInfo"]
        assert len(listed) == 2
        for number in range(2):
            await page.must("OpenFaceCamera", faceCameraNum=number)
        answer = await page.must("FaceMatch", faceCameraNum=0, otherCameraNum=1)
        assert answer["similarity"] == 0.9 and answer["faceImageBase64"]
        service.faces.before = [face(1)]
        both = await page.ask(
            "FaceMatch", faceCameraNum=0, otherCameraNum=1, faceImageBase64=coded(portrait(1))
        )
        assert both["result"] == BadParameter.code
        service.faces.before = []
        nobody = await page.ask("FaceMatch", faceCameraNum=0, otherCameraNum=1, timeout=SOON)
        assert nobody["result"] == NoFace.code
        await page.must("CloseFaceCamera", faceCameraNum=1)
        closed = await page.ask("FaceMatch", faceCameraNum=0, otherCameraNum=1, timeout=SOON)
        assert closed["result"] == DeviceNotOpen.code
