"""The protocol over HTTP: calls, sessions, events, previews, and what is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from server.connection import http_session
from server.errors import (
    BadParameter,
    BodyNotJson,
    DeviceBusy,
    DeviceNotOpen,
    InvalidJson,
    MessageTooLarge,
    NoSuchDevice,
    NoSuchSession,
    PathOutside,
    UnknownFunction,
    WrongMethod,
)
from tests.fakes.camera import SIZES
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import begun, http_page, picture, posted
from tests.functional.test_fingers import press
from tests.patience import PATIENCE


async def until(wanted: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not wanted():
            await asyncio.sleep(0.01)


async def opened(http: aiohttp.ClientSession, service: Running, **headers: str) -> dict[str, str]:
    """The header of a session that has the camera open."""
    session = await begun(http, service, **headers)
    async with posted(http, service, "OpenCamera", {"devNum": 0}, **session) as response:
        assert response.status == 200, await response.text()
    return session


# Calls ---------------------------------------------------------------------------------


async def test_a_call_without_a_session_is_answered_and_leaves_nothing_open(
    service: Running, http: aiohttp.ClientSession
) -> None:
    async with http.post(f"{service.http}/api/v1/GetCameraInfo") as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        answer = await response.json()
    assert (answer["func"], answer["reqId"], answer["result"]) == ("GetCameraInfo", "", 0)
    assert answer["devInfo"][0]["devName"] == "Fake"
    async with posted(http, service, "OpenCamera", {"devNum": 0, "reqId": [1.0]}) as response:
        assert (await response.json())["reqId"] == [1.0]
    await until(lambda: service.camera.history[-1:] == ["close"])


async def test_a_session_owns_its_camera_until_it_ends(service: Running, http: aiohttp.ClientSession) -> None:
    session = await opened(http, service)
    async with posted(http, service, "CameraCaptureBase64", **session) as response:
        (answer,) = await response.json()
    assert picture(answer) in service.camera.jpegs[SIZES[0]]
    async with posted(http, service, "CameraCaptureBase64", {"devNum": 0}) as response:
        assert response.status == DeviceBusy.status
        assert (await response.json())[0]["result"] == DeviceBusy.code
    async with http.delete(f"{service.http}/api/v1/session", headers=session) as response:
        assert response.status == 204
    assert service.camera.history[-1] == "close"
    async with posted(http, service, "CameraCaptureBase64", **session) as response:
        assert (response.status, (await response.json())["result"]) == (410, NoSuchSession.code)


async def test_a_silent_session_ends(
    service: Running, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_session, "SILENCE_SECONDS", 0.3)
    await opened(http, service)
    await until(lambda: service.camera.history[-1:] == ["close"])


async def test_a_session_that_listens_is_not_silent(
    service: Running, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_session, "SILENCE_SECONDS", 0.2)
    session = await opened(http, service)
    async with http.get(f"{service.http}/api/v1/events", headers=session) as events:
        await events.content.readline()
        await asyncio.sleep(0.6)
        assert "close" not in service.camera.history
    await until(lambda: service.camera.history[-1:] == ["close"])


async def test_a_session_is_its_origins_alone(service: Running, http: aiohttp.ClientSession) -> None:
    session = await begun(http, service, Origin=ALLOWED)
    for origin in ({"Origin": OTHER}, {}):
        headers = {"Gaopai-Session": session["Gaopai-Session"], **origin}
        async with posted(http, service, "Heartbeat", **headers) as response:
            assert (response.status, (await response.json())["result"]) == (410, NoSuchSession.code)


async def test_several_answers_are_an_array_with_the_message_that_ends_them(
    service: Running, http: aiohttp.ClientSession
) -> None:
    async with posted(http, service, "Scan", {"scanSource": 1, "reqId": 7}) as response:
        assert response.status == 200
        answers = await response.json()
    assert [each["func"] for each in answers] == ["Scan"] * (len(answers) - 1) + ["GetScanEndStatue"]
    assert {each["reqId"] for each in answers} == {7} and len(answers) > 1


async def test_pictures_come_as_parts_where_they_are_asked_for(
    service: Running, http: aiohttp.ClientSession
) -> None:
    session = await opened(http, service)
    headers = {**session, "Accept": "multipart/related"}
    async with posted(http, service, "CameraCaptureBase64", **headers) as response:
        kind = response.headers["Content-Type"]
        body = await response.read()
    whole = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body, policy=policy.HTTP)
    told, shown = [part for part in whole.iter_parts() if isinstance(part, EmailMessage)]
    answer = json.loads(told.get_payload(decode=True))  # type: ignore[arg-type]
    assert answer["imageBase64Str"] == answer["imgBase64Str"] == "cid:picture"
    assert (shown["Content-ID"], shown.get_content_type()) == ("<picture>", "image/jpeg")
    assert shown.get_payload(decode=True) in service.camera.jpegs[SIZES[0]]


async def test_a_file_comes_as_a_part_too(service: Running, http: aiohttp.ClientSession) -> None:
    session = await opened(http, service)
    async with posted(http, service, "CameraCapture", {"imagePath": "a.jpg"}, **session) as response:
        assert response.status == 200
    headers = {**session, "Accept": "multipart/related"}
    async with posted(http, service, "GetFile", {"path": "a.jpg", "base64": True}, **headers) as response:
        body = await response.read()
    assert b'"fileBase64":"cid:picture"' in body
    assert any(jpeg in body for jpeg in service.camera.jpegs[SIZES[0]])


async def test_a_file_is_fetched_by_its_ticket(service: Running, http: aiohttp.ClientSession) -> None:
    session = await opened(http, service)
    async with posted(http, service, "CameraCapture", {"imagePath": "a.jpg"}, **session) as response:
        assert (await response.json())["imagePath"]
    async with posted(http, service, "GetFile", {"path": "a.jpg"}, **session) as response:
        address = (await response.json())["downloadUrl"]
    async with http.get(address) as response:
        assert await response.read() in service.camera.jpegs[SIZES[0]]


async def test_who_leaves_cancels_what_it_waits_for(service: Running, http: aiohttp.ClientSession) -> None:
    session = await opened(http, service)
    service.camera.frozen.set()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5), posted(http, service, "CameraCaptureBase64", **session):
            pass
    service.camera.frozen.clear()
    async with posted(http, service, "Heartbeat", **session) as response:
        assert response.status == 200


async def test_a_stop_overtakes_a_scan(service: Running, http: aiohttp.ClientSession) -> None:
    service.scanner.pulls = asyncio.Semaphore(1)
    session = await begun(http, service)
    scan = asyncio.create_task(_json(http, service, "Scan", session))
    await until(lambda: len(service.scanner.given) == 1)
    async with posted(http, service, "CancelScan", **session) as response:
        assert response.status == 200
    async with asyncio.timeout(PATIENCE):
        answers = await scan
    assert [each["result"] for each in answers] == [0, 1009, 0]
    assert [each["func"] for each in answers] == ["Scan", "Scan", "GetScanEndStatue"]


async def _json(http: aiohttp.ClientSession, service: Running, func: str, headers: dict[str, str]) -> Any:
    async with posted(http, service, func, {"scanSource": 1}, **headers) as response:
        return await response.json()


# Events and previews -------------------------------------------------------------------


async def test_notices_come_as_events(service: Running) -> None:
    async with http_page(service.http, ALLOWED) as page:
        await page.must("Heartbeat")
        service.finder.cameras.clear()
        service.finder.changed = True
        notice = await page.receive()
        assert (notice["func"], notice["event"], notice["kind"]) == ("Notify", "OnDeviceChanged", "camera")


async def test_a_notice_of_a_request_is_an_event_and_no_answer(service: Running) -> None:
    service.sensor.presses = [press(10), press(11)]
    async with http_page(service.http, ALLOWED) as page:
        number = await page.send("ReadFingerInfo", presses=2)
        told = [await page.answer(number) for _ in range(3)]
    answers = [one for one in told if one["func"] == "ReadFingerInfo"]
    assert [(one["result"], "fingerFeature" in one) for one in answers] == [(0, True)]
    assert sorted(one["pressed"] for one in told if one["func"] == "Notify") == [1, 2]


async def test_automatic_captures_come_as_events(service: Running) -> None:
    async with http_page(service.http, ALLOWED) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        await page.must("SetCameraAutoCapture", devNum=0, mode=2, seconds=1)
        while (message := await page.receive())["func"] != "OnAutoCapture":
            pass
        assert message["captureIndex"] == 1


async def _stream_url(
    http: aiohttp.ClientSession, service: Running, session: dict[str, str], **more: object
) -> str:
    body = {"devNum": 0, "enable": True, **more}
    async with posted(http, service, "GetCameraVideoBuff", body, **session) as response:
        assert response.status == 200, await response.text()
        return str((await response.json())["streamUrl"])


async def test_a_preview_is_watched_by_its_ticket_once(service: Running, http: aiohttp.ClientSession) -> None:
    session = await opened(http, service, Origin=ALLOWED)
    address = await _stream_url(http, service, session)
    for headers in ({"Origin": OTHER}, {}):
        async with http.get(address, headers=headers) as response:
            assert response.status == 404
    async with http.get(address, headers={"Origin": ALLOWED}) as response:
        assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
        part = await aiohttp.MultipartReader.from_response(response).next()
        assert isinstance(part, aiohttp.BodyPartReader)
        assert bytes(await part.read()) in service.camera.jpegs[SIZES[0]]
        async with http.get(address, headers={"Origin": ALLOWED}) as again:
            assert again.status == 404
    await until(lambda: service.camera.history[-1:] == ["stop"])


async def test_a_preview_that_nobody_watches_ends(
    service: Running, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_session, "TICKET_SECONDS", 0.3)
    session = await opened(http, service)
    address = await _stream_url(http, service, session)
    await until(lambda: service.camera.history[-1:] == ["stop"])
    async with http.get(address) as response:
        assert response.status == 404


@pytest.mark.parametrize("how", ["stop", "again", "close", "delete"])
async def test_a_watched_preview_ends_with_what_ends_it(
    service: Running, http: aiohttp.ClientSession, how: str
) -> None:
    session = await opened(http, service)
    async with http.get(await _stream_url(http, service, session)) as response:
        await response.content.readline()
        if how == "stop":
            await _json_of(posted(http, service, "GetCameraVideoBuff", {"enable": False}, **session))
        elif how == "again":
            await _stream_url(http, service, session)
        elif how == "close":
            await _json_of(posted(http, service, "CloseCamera", **session))
        else:
            async with http.delete(f"{service.http}/api/v1/session", headers=session):
                pass
        async with asyncio.timeout(PATIENCE):
            await response.content.read()


async def _json_of(call: Any) -> Any:
    async with call as response:
        return await response.json()


async def test_a_preview_of_a_closed_camera_is_an_error(
    service: Running, http: aiohttp.ClientSession
) -> None:
    session = await begun(http, service)
    async with posted(
        http, service, "GetCameraVideoBuff", {"devNum": 0, "enable": True}, **session
    ) as response:
        assert (response.status, (await response.json())["result"]) == (409, DeviceNotOpen.code)


# Refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("func", "body", "headers", "status", "code", "words"),
    [
        ("OpenCamara", b"{}", {}, 404, UnknownFunction.code, "Did you mean OpenCamera?"),
        ("OpenCamera", b"{", {}, 400, InvalidJson.code, "JSON"),
        ("OpenCamera", b'{"devNum":7}', {}, 404, NoSuchDevice.code, "7"),
        ("OpenCamera", b'{"func":"CloseCamera"}', {}, 400, BadParameter.code, "names another function"),
        (
            "CameraCapture",
            b'{"imagePath":"../a.jpg","devNum":0}',
            {},
            403,
            PathOutside.code,
            "storage folder",
        ),
        ("GetFile", b'{"path":"../../etc/passwd"}', {}, PathOutside.status, PathOutside.code, ""),
        ("Heartbeat", b"a=b", {"Content-Type": "text/plain"}, 415, BodyNotJson.code, "text/plain"),
        ("Heartbeat", b"{}", {"Content-Encoding": "gzip"}, 415, BodyNotJson.code, "gzip"),
        ("RecogBarCode", b'"%b"' % (b"A" * 2_000_000), {}, 413, MessageTooLarge.code, "1 MiB"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_each_mistake_has_its_error(
    service: Running,
    http: aiohttp.ClientSession,
    func: str,
    body: bytes,
    headers: dict[str, str],
    status: int,
    code: int,
    words: str,
) -> None:
    sent = {"Content-Type": "application/json", "Accept-Language": "en", **headers}
    address = f"{service.http}/api/v1/{func}"
    async with http.post(address, data=BytesIO(body), headers=sent) as response:
        assert response.status == status, await response.text()
        answer = await response.json()
    assert (answer["result"], answer["success"]) == (code, 0)
    assert answer["func"] == func or code == BadParameter.code
    assert words in answer["errorMsg"]


async def test_errors_are_in_the_language_that_is_asked_for(
    service: Running, http: aiohttp.ClientSession
) -> None:
    for language, words in (("zh-CN", "是否为 OpenCamera"), ("en", "Did you mean")):
        async with posted(http, service, "OpenCamara", **{"Accept-Language": language}) as response:
            assert words in (await response.json())["errorMsg"]


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/api/v1/Heartbeat", "GET", "POST, OPTIONS"),
        ("/api/v1/Heartbeat", "HEAD", "POST, OPTIONS"),
        ("/api/v1/Heartbeat", "PUT", "POST, OPTIONS"),
        ("/api/v1/session", "GET", "POST, DELETE, OPTIONS"),
        ("/api/v1/events", "POST", "GET, OPTIONS"),
        ("/api/openapi.json", "POST", "GET, HEAD, OPTIONS"),
    ],
)
async def test_another_method_is_refused_and_told_which(
    service: Running, http: aiohttp.ClientSession, path: str, method: str, allowed: str
) -> None:
    async with http.request(method, service.http + path) as response:
        assert (response.status, response.headers["Allow"]) == (405, allowed)
        if method != "HEAD":
            assert (await response.json())["result"] == WrongMethod.code
    async with http.options(service.http + path) as response:
        assert (response.status, response.headers["Allow"]) == (204, allowed)


# The description -----------------------------------------------------------------------


async def test_the_description_is_served(service: Running, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{service.http}/api/openapi.json") as response:
        document = await response.json()
        size = response.content_length
    assert document["openapi"] == "3.1.0"
    assert "/api/v1/CameraCapture" in document["paths"]
    async with http.head(f"{service.http}/api/openapi.json") as response:
        assert (response.status, response.content_length, await response.read()) == (200, size, b"")
