"""Who may connect, who owns a camera, and what a connection survives."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from server.documents import tesseract, text_reader
from server.errors import BadParameter, DeviceBusy, DeviceNotOpen, InvalidJson, UnknownFunction
from server.services.texts import READING
from tests.fakes.camera import FakeCamera
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import FRAMES, Page, about_sockets, connect
from tests.patience import PATIENCE


async def _open(page: Page) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)


async def _status(url: str, **headers: str) -> int:
    async with aiohttp.ClientSession() as http:
        try:
            async with http.ws_connect(url, headers=headers):
                return 101
        except aiohttp.WSServerHandshakeError as refused:
            return refused.status


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://oa.example.cn.evil.example",
        "https://user@oa.example.cn",
        "https://oa.example.cn:444",
        "http://oa.example.cn",
        "HTTPS://OA.EXAMPLE.CN",
        "https://oa.example.cn.",
        "https://oa.example.cn/",
        "https://xn--oa-example-cn.example",
        "null",
        "",
        "file://",
    ],
)
async def test_other_origins_are_refused_before_the_upgrade(service: Running, origin: str) -> None:
    assert await _status(service.url, Origin=origin) == 403


async def test_the_refusal_says_how_to_allow_it(service: Running) -> None:
    async with aiohttp.ClientSession() as http:
        headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": "https://evil.example"}
        async with http.get(service.http, headers=headers) as response:
            assert "--allow-origin https://evil.example" in await response.text()


@pytest.mark.parametrize("origin", [ALLOWED, None])
async def test_listed_origins_and_native_clients_may_connect(service: Running, origin: str | None) -> None:
    assert await _status(service.url, **({"Origin": origin} if origin else {})) == 101


@pytest.mark.parametrize(
    ("offered", "confirmed"),
    [
        (("gaopai.v1.binary", "gaopai.v1"), "gaopai.v1.binary"),
        (("gaopai.v1",), "gaopai.v1"),
        (("gaopai.v9", "gaopai.v1"), "gaopai.v1"),
        (("gaopai.token.abc",), "gaopai.token.abc"),
        # A browser closes such a connection, whose page would understand nothing.
        (("gaopai.v9", "gaopai.token.abc"), None),
        (("graphql-ws",), None),
    ],
)
async def test_the_version_that_both_speak_is_confirmed(
    service: Running, offered: tuple[str, ...], confirmed: str | None
) -> None:
    async with connect(service.url, protocols=offered) as page:
        assert page.socket.protocol == confirmed


async def test_the_own_page_may_connect_from_its_own_port_only(service: Running) -> None:
    port = service.http.rpartition(":")[2]
    assert await _status(service.url, Origin=f"http://localhost:{port}") == 101
    assert await _status(service.url, Origin=f"http://127.0.0.1:{int(port) + 1}") == 403


@pytest.mark.parametrize(
    "host", ["attacker.test", "0.0.0.0", "localhost.attacker.test", "127.0.0.1.nip.io", ""]
)
@pytest.mark.parametrize("path", ["/", "/health", "/gaopai.js"])
async def test_rebound_names_are_refused_everywhere(service: Running, host: str, path: str) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.get(service.http + path, headers={"Host": host}) as response,
    ):
        assert response.status == 421


async def test_health_speaks_to_allowed_origins_only(service: Running) -> None:
    async with aiohttp.ClientSession() as http:
        for origin, shared in ((ALLOWED, ALLOWED), ("https://evil.example", None)):
            async with http.get(f"{service.http}/health", headers={"Origin": origin}) as response:
                assert response.headers.get("Access-Control-Allow-Origin") == shared
                assert set(await response.json()) == {"service", "protocols", "status"}


async def test_a_camera_belongs_to_its_opener(service: Running) -> None:
    async with connect(service.url, ALLOWED) as owner, connect(service.url, OTHER) as other:
        await _open(owner)
        await other.must("GetCameraInfo")
        for func in (
            "OpenCamera",
            "GetCameraVideoBuff",
            "CameraCapture",
            "CameraCaptureBase64",
            "CloseCamera",
        ):
            answer = await other.ask(func, devNum=0, enable=True)
            assert answer["result"] == DeviceBusy.code, func
        await owner.must("CameraCaptureBase64")


async def test_the_same_origin_may_watch_and_take_over(service: Running) -> None:
    async with connect(service.url, ALLOWED) as first, connect(service.url, ALLOWED) as second:
        await _open(first)
        await second.must("GetCameraInfo")
        number = await second.send("GetCameraVideoBuff", devNum=0, enable=True)
        assert (await second.answer(number))["result"] == 0
        assert (await second.ask("CameraCaptureBase64", devNum=0))["result"] == DeviceBusy.code
        await second.must("GetCameraVideoBuff", devNum=0, enable=False)
        await second.must("OpenCamera", devNum=0)
        await second.must("CameraCaptureBase64")
        assert (await first.ask("CameraCaptureBase64"))["result"] == DeviceBusy.code


@about_sockets(FRAMES)
async def test_a_watcher_is_told_when_the_owner_closes(service: Running) -> None:
    async with connect(service.url, ALLOWED) as owner, connect(service.url, ALLOWED) as watcher:
        await _open(owner)
        await watcher.must("GetCameraInfo")
        number = await watcher.send("GetCameraVideoBuff", devNum=0, enable=True)
        await watcher.answer(number)
        await owner.must("CloseCamera")
        while (message := await watcher.answer(number))["result"] == 0:
            pass
        assert message["result"] == DeviceNotOpen.code


async def test_a_dead_connection_gives_its_camera_back(service: Running) -> None:
    async with connect(service.url, OTHER) as page:
        await _open(page)
        await page.must("GetCameraVideoBuff", enable=True)
        page.socket._response.connection.transport.abort()
    async with connect(service.url, ALLOWED) as page, asyncio.timeout(PATIENCE):
        await page.must("GetCameraInfo")
        while (await page.ask("OpenCamera", devNum=0))["result"] != 0:
            await asyncio.sleep(0.02)
    assert service.camera.history[:4] == ["open 640x480", "start", "stop", "close"]


async def test_requests_of_one_tick_run_in_order(service: Running) -> None:
    async with connect(service.url) as page:
        sent = [
            await page.send("CloseCamera", devNum=0),
            await page.send("OpenCamera", devNum=0),
            await page.send("GetCameraVideoBuff", devNum=0, enable=True),
        ]
        assert [(await page.receive())["reqId"] for _ in sent] == sent


async def test_bad_messages_are_answered_and_the_connection_lives(service: Running) -> None:
    async with connect(service.url) as page:
        for text, code in [
            ("{", InvalidJson.code),
            ("[]", InvalidJson.code),
            ('{"func":"X"}', UnknownFunction.code),
        ]:
            await page.socket.send_str(text)
            assert (await page.receive())["result"] == code
        await page.socket.send_bytes(b"\xff\xfe")
        assert (await page.receive())["result"] == InvalidJson.code
        await page.socket.send_bytes('\ufeff{"func":"Heartbeat","reqId":[1.0]}'.encode())
        assert (await page.receive())["reqId"] == [1.0]


@pytest.mark.parametrize("binary", [False, True])
async def test_half_of_a_surrogate_pair_is_a_bad_parameter_and_the_connection_lives(
    service: Running, binary: bool
) -> None:
    """As JavaScript's JSON.stringify writes a string that was cut in the middle of a character."""
    async with connect(service.url, **{"Accept-Language": "en"}) as page:

        async def ask(text: str) -> dict[str, object]:
            await (page.socket.send_bytes(text.encode()) if binary else page.socket.send_str(text))
            return await page.receive()

        for half in (r"\ud83d", r"\ude00", r"\ude00\ud83d", r"\\\uD83D", r"\uDBFF\u0041"):
            answer = await ask(rf'{{"func":"CameraCapture","reqId":"7","imagePath":"a{half}.jpg"}}')
            assert (answer["func"], answer["reqId"]) == ("CameraCapture", "7")
            assert answer["result"] == BadParameter.code
            assert "imagePath" in str(answer["errorMsg"])
        for whole in (r"\ud83d\ude00", r"\\ud83d", "\U0001f600"):
            answer = await ask(rf'{{"func":"Heartbeat","reqId":"{whole}"}}')
            assert answer["result"] == 0
            assert answer["reqId"] == json.loads(f'"{whole}"')
        answer = await ask(r'{"func":"Heartbeat","reqId":9,"other":"\ud83d"}')
        assert (answer["result"], answer["reqId"]) == (0, 9)


async def test_a_message_over_the_limit_ends_the_connection_and_nothing_else(service: Running) -> None:
    async with connect(service.url) as big, connect(service.url) as small:
        await big.socket.send_str(json.dumps({"func": "RecogBarCode", "imageBase64": "A" * 2_000_000}))
        async with asyncio.timeout(PATIENCE):
            ended = await big.socket.receive()
        assert ended.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
        assert big.socket.close_code == 1009
        await small.must("Heartbeat")


async def test_errors_follow_the_browsers_language(service: Running) -> None:
    expected = {"en-GB,en;q=0.9": "There is no function", "zh-CN,zh;q=0.9": "没有名为", None: "没有名为"}
    for accept, words in expected.items():
        headers = {"Accept-Language": accept} if accept else {}
        async with connect(service.url, **headers) as page:
            assert words in (await page.ask("Nonsense"))["errorMsg"]


async def test_plugging_is_told_to_every_page_and_numbers_stay(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        large = FakeCamera("Larger", [type(next(iter(service.camera.jpegs)))(800, 600)])
        service.finder.cameras.insert(0, large)
        service.finder.changed = True
        notice = await page.receive()
        assert (notice["func"], notice["event"], notice["reqId"]) == ("Notify", "OnDeviceChanged", "")
        await page.must("CameraCaptureBase64", devNum=0)
        names = [entry["devName"] for entry in (await page.must("GetCameraInfo"))["devInfo"]]
        assert names == ["Larger", "Fake"]


async def test_service_info_tells_what_is_there(service: Running) -> None:
    async with connect(service.url) as page:
        info = await page.must("GetServiceInfo")
        available = {entry["name"]: entry["available"] for entry in info["functions"]}
        assert available["CameraCapture"]
        missing = {name for name, there in available.items() if not there}
        # Nets that are not part of the project, which a machine may not have.
        there = await asyncio.to_thread(text_reader.is_there)
        assert missing == (set() if there else set(READING))
        for func in ("ExternalButton", "Heartbeat"):
            await page.must(func)


async def test_languages_are_those_of_the_engine_and_none_without_it(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connect(service.url) as page:
        monkeypatch.setattr(text_reader, "is_there", lambda: False)
        known = tesseract.languages
        monkeypatch.setattr(tesseract, "languages", lambda: ["chi_sim", "eng"])
        answer = await page.must("GetOcrSupportInfo")
        assert (answer["languages"], answer["engine"]) == (["chi_sim", "eng"], "Tesseract")
        monkeypatch.setattr(tesseract, "PROGRAM", "no-such-program")
        monkeypatch.setattr(tesseract, "languages", known)
        answer = await page.must("GetOcrSupportInfo")
        assert answer["languages"] == [] and "engine" not in answer


async def test_the_page_has_a_strict_policy(service: Running) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(service.http) as response:
            assert response.status == 200
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        for name in ("nothing.js", "__init__.py", "..%2Fapp.py", "%2e%2e/app.py"):
            async with http.get(f"{service.http}/{name}") as response:
                assert response.status == 404


@pytest.mark.parametrize(("typed", "meant"), [("OpenCamara", "OpenCamera"), ("opencamera", "OpenCamera")])
async def test_a_function_that_was_probably_meant_is_named(service: Running, typed: str, meant: str) -> None:
    async with connect(service.url) as page:
        answer = await page.ask(typed)
        assert answer["result"] == UnknownFunction.code
        assert meant in answer["errorMsg"]
        assert "meant" not in (await page.ask("Nonsense"))["errorMsg"]


async def test_a_camera_that_is_not_open_is_told_with_those_that_are(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("SetPageInfo", language="en")
        await page.must("GetCameraInfo")
        told = (await page.ask("CameraCaptureBase64", devNum=0))["errorMsg"]
        assert told.endswith("Call OpenCamera first. Number 0 was asked for; open: none.")
