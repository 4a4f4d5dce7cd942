"""Plain text over WebSocket (1818), as its pages speak to it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator

import aiohttp
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import config as configuration
from server.config import Config
from server.dialects.doccamera.grammar import TextCall, call_of
from tests.dialects.conftest import Ports
from tests.dialects.pages import closed, is_open, jpeg, socket_page, until
from tests.fakes.camera import SIZES, FakeCamera
from tests.fakes.face_engine import ALIVE, face
from tests.functional.conftest import Running
from tests.patience import PATIENCE

BURST = ("vSetResolution(2)", "bStartPlay()", "bSetMode(3)")


class DocPage:
    """A page that takes every text that it does not know for a picture."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def say(self, *texts: str) -> None:
        for text in texts:
            await self.socket.send_str(text)

    async def next(self) -> str:
        async with asyncio.timeout(PATIENCE):
            message = await self.socket.receive()
        assert message.type is aiohttp.WSMsgType.TEXT, message
        assert message.data.startswith(("Begin", "BarCodeTransferBegin")) or jpeg(message.data)
        return str(message.data)

    async def frame(self) -> bytes:
        """The next picture."""
        while (text := await self.next()).startswith(("Begin", "BarCode")):
            pass
        return jpeg(text)

    async def marked(self, name: str) -> str:
        """The value of the next answer of that name; pictures and other answers are passed over."""
        begin = f"Begin{name}"
        end = f"End{name}"
        while not (text := await self.next()).startswith(begin) or not text.endswith(end):
            pass
        return text.removeprefix(begin).removesuffix(end)


@pytest.fixture
async def page(service: Running, ports: Ports) -> AsyncIterator[DocPage]:
    async with socket_page(ports.ws("doccamera")) as socket:
        yield DocPage(socket)


def size(data: bytes) -> tuple[int, int]:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return image.shape[1], image.shape[0]


@pytest.mark.parametrize("start", ["bStartPlay", "bStartPlay()", "bStartPlayRotate(0)", " bStartPlay() "])
async def test_after_a_start_nothing_but_pictures_comes(page: DocPage, start: str) -> None:
    await page.say(start)
    for _ in range(5):
        assert size(jpeg(await page.next())) == SIZES[0]


async def test_a_burst_is_carried_out_in_its_order(service: Running, page: DocPage) -> None:
    await page.say("vSetResolution(1)", "bStartPlay()", "bSetMode(3)", "bSaveJPGEx")
    assert size(jpeg(await page.next())) == (320, 240)
    assert size(jpeg(await page.marked("bSaveJPGEx")))[0] < 320
    await page.say("bSetMode(0)", "bSaveJPGEx()")
    assert size(jpeg(await page.marked("bSaveJPGEx"))) == (320, 240)
    assert service.camera.history[0] == "open 320x240"


async def test_no_camera_is_told_by_one_word(service: Running, page: DocPage) -> None:
    service.finder.cameras = []
    for name in ("bStartPlay", "bStartPlay2", "bStartPlayRotate"):
        await page.say(f"{name}(0)")
        assert await page.next() == f"Begin{name}falseEnd{name}"


async def test_a_stop_is_acknowledged_and_nothing_follows(service: Running, page: DocPage) -> None:
    await page.say("bStartPlay")
    await page.frame()
    await page.say("bStopPlay()")
    assert await page.marked("bStopPlay") == "true"
    assert not is_open(service)
    await page.say("bFileExist(x)")
    assert await page.next() == "BeginbFileExistFALSEEndbFileExist"


async def test_starting_again_without_a_stop_and_the_second_camera(service: Running, page: DocPage) -> None:
    second = FakeCamera("Second")
    service.finder.cameras.append(second)
    await page.say("bStartPlay", "bStartPlay")
    await page.frame()
    await page.say("bStartPlay2(90)")
    await until(lambda: "start" in second.history and not is_open(service))
    async with asyncio.timeout(PATIENCE):
        while size(await page.frame()) != SIZES[0][::-1]:
            pass


async def test_rotations_are_absolute(page: DocPage) -> None:
    await page.say("bStartPlayRotate(90)")
    assert size(await page.frame()) == SIZES[0][::-1]
    await page.say("vSetRotate(180)")
    async with asyncio.timeout(PATIENCE):
        while size(await page.frame()) != SIZES[0]:
            pass
    await page.say("bSaveJPGEx")
    assert size(jpeg(await page.marked("bSaveJPGEx"))) == SIZES[0]


async def test_pictures_go_on_during_and_after_a_capture(page: DocPage) -> None:
    await page.say("bStartPlay", "bSaveJPGEx")
    await page.marked("bSaveJPGEx")
    for _ in range(5):
        await page.frame()


@pytest.mark.parametrize(
    ("before", "name"),
    [((), "Base64"), (("bSetMode(0)",), "sGetBase64"), (("vSetResolution(2)",), "sGetBase64")],
)
async def test_the_spelling_follows_the_generation(page: DocPage, before: tuple[str, ...], name: str) -> None:
    await page.say(*before, "bStartPlay", "sGetBase64")
    assert jpeg(await page.marked(name))


async def test_files(service: Running, page: DocPage) -> None:
    await page.say("bStartPlay")
    for folder, name, path in (
        ("D:\\\\", "Photo", "D/Photo.jpg"),
        ("D:\\pictures", "身份证", "D/pictures/身份证.jpg"),
        ('"C:\\a b\\"', '"x, y"', "C/a b/x, y.jpg"),
    ):
        for _ in range(2):
            await page.say(f"bSaveJPG({folder},{name})")
            assert await page.marked("bSaveJPG") == "true"
        assert jpeg(base64.b64encode((service.root / path).read_bytes()).decode())
    await page.say("Base64Encode(D:\\Photo.jpg)")
    assert jpeg(await page.marked("Base64Encode")) == (service.root / "D/Photo.jpg").read_bytes()
    await page.say("bSaveTIFEx(D:\\,t,0)", "bFileExist(D:\\t.tif)")
    assert await page.marked("bFileExist") == "TRUE"
    await page.say("bSaveJPG(..\\..\\,x)")
    assert await page.marked("bSaveJPG") == "false"
    for request, value in {
        "bDirIsExist(D:\\tmp)": "TRUE",
        "bDirIsExist(\\\\host\\share)": "FALSE",
        "bCreateDir(D:\\tmp\\)": "TRUE",
        "bFileExist(D:\\Photo.jpg)": "TRUE",
        "bFileExist(/etc/passwd)": "FALSE",
        "bDeleteFile(D:\\Photo.jpg)": "FALSE",
        "sGetTempPath": "D:\\temp\\",
    }.items():
        await page.say(request)
        assert await page.marked(request.partition("(")[0]) == value
    assert (service.root / "D/Photo.jpg").exists()


async def test_a_card(service: Running, page: DocPage) -> None:
    await page.say('ReadCard(1001,"D:\\tmp")')
    card = json.loads(await page.marked("ReadCard"))
    assert card["result"] == 1
    assert (card["Name"], card["BirthDate"]) == ("王小明", "19880229")
    assert card["Valid"] == "2024.01.01-2034.01.01"
    service.reader.put.clear()
    await page.say("ReadCard(1001,D:\\tmp)")
    assert await page.marked("ReadCard") == '{"result":0}'


async def test_barcodes_of_a_file_and_in_sight(service: Running, page: DocPage) -> None:
    code = cv2.resize(cv2.QRCodeEncoder.create().encode("A-77"), (300, 300), interpolation=0)
    paper = np.full((480, 640), 255, np.uint8)
    paper[90:390, 170:470] = code
    service.camera.jpegs[SIZES[0]] = [cv2.imencode(".jpg", paper)[1].tobytes()]
    await page.say("bStartPlay", "bSaveJPG(D:\\,c)", "sGetBarCodeEx(113662,D:\\c.jpg)")
    assert await page.marked("sGetBarCodeEx") == "A-77"
    await page.say("sGetBarCodeOnline")
    while not (text := await page.next()).startswith("BarCodeTransferBegin"):
        pass
    assert text == "BarCodeTransferBeginA-77BarCodeTransferEnd"
    await page.say("bStopPlay")
    await page.marked("bStopPlay")


async def test_liveness(service: Running, page: DocPage) -> None:
    service.faces.verdict, service.faces.before = ALIVE, [face(1)]
    await page.say("bLivingBodyDetect(0.5,0.4)")
    assert await page.marked("bLivingBodyDetect") == "true"


QUIET = [
    *(f"a({mark}" + " " * 100_000 + "x)" for mark in ("", "x", '"', '"x"')),
    "AutoFocus", "displayVideoPara", "vSetExposure(50)", "iUploadFileToFtpEx(a,b)", "OpenFile(/etc/passwd)",
    "bStartRec(D:\\a.avi)", "sOCRImageToString(1)", "bSaveJPGEx", "sGetBase64", "Base64Encode(/etc/passwd)",
    "nothing", "{\"func\":\"OpenCamera\"}", "", "(", "bStartPlay(", "x" * 5000, "bSaveJPGEx(" + "a," * 5000,
    "sGetBarCodeEx(1,/etc/passwd)", "lImageMatch(a,b)", "bUpLoadImage(/etc/passwd,evil.example,80,/)",
]  # fmt: skip


async def test_what_is_not_served_is_passed_over_in_silence(service: Running, page: DocPage) -> None:
    for text in QUIET:
        await page.say(text)
        await asyncio.sleep(0.01)
    await page.socket.send_bytes(b"\xff\xfe\x00")
    await page.say("sGetTempPath")
    assert await page.next() == "BeginsGetTempPathD:\\temp\\EndsGetTempPath"
    assert service.camera.history == []


async def test_a_page_that_vanishes_loses_the_camera(service: Running, page: DocPage) -> None:
    await page.say(*BURST)
    await page.frame()
    assert page.socket._response.connection is not None
    transport = page.socket._response.connection.transport
    assert transport is not None
    transport.abort()
    await closed(service)


async def test_a_page_that_vanishes_while_a_card_is_waited_for(service: Running, ports: Ports) -> None:
    service.reader.put.clear()
    async with socket_page(ports.ws("doccamera")) as socket:
        await DocPage(socket).say("bStartPlay", "ReadCard(1001,D:)", "bStopPlay()")
        await until(lambda: "wait" in service.reader.history)
    await closed(service)


async def test_a_flood_is_dropped_without_a_word(page: DocPage) -> None:
    await page.say(*(["AutoFocus"] * 1000))
    await asyncio.sleep(1.1)
    await page.say("sGetTempPath")
    assert await page.next() == "BeginsGetTempPathD:\\temp\\EndsGetTempPath"


async def test_frames_and_cards_go_to_the_socket_that_asked(service: Running, ports: Ports) -> None:
    async with socket_page(ports.ws("doccamera")) as one, socket_page(ports.ws("doccamera")) as other:
        first = DocPage(one)
        second = DocPage(other)
        await first.say("bStartPlay")
        await first.frame()
        await first.say("ReadCard(1001,D:)")
        await first.marked("ReadCard")
        await second.say("sGetTempPath")
        assert await second.next() == "BeginsGetTempPathD:\\temp\\EndsGetTempPath"


class TestUploads:
    @pytest.fixture
    def config(self, config: Config, unused_tcp_port: int) -> Config:
        self.port = unused_tcp_port
        allowed = configuration.UploadConfig(allow=(f"http://127.0.0.1:{unused_tcp_port}",))
        return configuration.replace(config, upload=allowed)

    async def test_they_follow_the_allow_list(self, service: Running, page: DocPage) -> None:
        received: list[bytes] = []

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            received.append(await reader.readuntil(b"\r\n\r\n"))
            await reader.read(100)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nkept")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(take, "127.0.0.1", self.port)
        async with server:
            await page.say("bStartPlay", "bSaveJPG(D:\\,u)")
            await page.marked("bSaveJPG")
            await page.say(f"sUpLoadImageEx2(D:\\u.jpg,127.0.0.1,{self.port},/up?x=1,false,false)")
            assert await page.marked("sUpLoadImageEx2") == "kept"
            assert received[0].startswith(b"POST /up?x=1 ")
            await page.say(f"sUpLoadImageEx2(/etc/passwd,127.0.0.1,{self.port},/up,false,false)")
            await page.say(f"bUpLoadImage(D:\\u.jpg,evil.example,{self.port},/up)", "sGetTempPath")
            await page.marked("sGetTempPath")
            assert len(received) == 1


class TestSpelling:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        section = configuration.replace(config.dialects.doccamera, base64_answer="new")
        return configuration.replace(
            config, dialects=configuration.replace(config.dialects, doccamera=section)
        )

    async def test_the_configuration_decides(self, page: DocPage) -> None:
        await page.say("bStartPlay", "sGetBase64")
        assert jpeg(await page.marked("sGetBase64"))


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("a", TextCall("a")),
        ("a()", TextCall("a")),
        ("a(1)", TextCall("a", ("1",))),
        ("a( 1 , x y )", TextCall("a", ("1", "x y"))),
        ('a("x,y",z)', TextCall("a", ("x,y", "z"))),
        ("a(1,,2)", TextCall("a", ("1", "", "2"))),
        ("a(1,)", TextCall("a", ("1", ""))),
        ("a(D:\\x(1)\\,b)", TextCall("a", ("D:\\x(1)\\", "b"))),
        ("a(1);", TextCall("a", ("1",))),
        (" a ( 1 ) ; ; ", TextCall("a", ("1",))),
        ('a( "x" , y)', TextCall("a", ("x", "y"))),
        ('a("x"y,"z)', TextCall("a", ('"x"y', '"z'))),
        ("a" + 16_000 * " " + ";x", None),
        ("1a", None),
        ("a(", None),
        ("a)(", None),
        ("", None),
    ],
)
def test_calls(text: str, call: TextCall | None) -> None:
    assert call_of(text) == call


@given(st.text(max_size=60) | st.text('ab(),"\\ 1', max_size=40))
def test_any_text_is_a_call_or_none(text: str) -> None:
    call = call_of(text)
    assert call is None or (call.name.isalnum() and len(call.arguments) <= 32)
    if call is not None:
        assert isinstance(call.number(0), int)
