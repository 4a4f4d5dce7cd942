"""Noise at the dialects over WebSocket: nothing outside their grammars leaves, and they live."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import re

import aiohttp
import pytest

from tests.dialects.conftest import Ports
from tests.dialects.pages import JPEG, socket_page
from tests.functional.conftest import Running
from tests.patience import PATIENCE

MESSAGES = 150
ARGUMENTS = [
    "",
    "0",
    "1",
    "-1",
    "999999999999",
    "D:\\a",
    '"D:\\a b"',
    "../x",
    "/etc/passwd",
    "\0",
    "高拍",
    "$*$",
]
VALUES = [
    0,
    1,
    -1,
    10**20,
    1.5,
    None,
    True,
    "",
    "0",
    "x",
    "D:\\a.jpg",
    "../x.jpg",
    "$*$",
    [],
    {},
    ["a"],
    "\ud800",
]
CALLS = [
    *("bStartPlay", "bStartPlay2", "bStartPlayRotate", "bStopPlay", "vSetResolution", "vSetResolutionEx"),
    *("bSetMode", "vSetRotate", "bSaveJPG", "bSaveJPGEx", "sGetBase64", "Base64Encode", "bFileExist"),
    *("bDirIsExist", "bDeleteFile", "sGetBarCodeEx", "sGetBarCodeOnline", "lImageMatch", "bUpLoadImage"),
]
FUNCTIONS = [
    *(
        "camInitCameraLib",
        "camOpenDev",
        "camCloseDev",
        "camSetResolution",
        "camSetMediaType",
        "camSetImageAutoCrop",
    ),
    *("camSetImageCusCropRect", "camSetImageRotateMode", "camSetImageAdjust", "CaptureEncodeBase64"),
    *("camCaptureImageFile", "FileEncodeBase64", "camCombinePDF", "camUpdataFileHttp", "ocrGetBarcodeText"),
]
NAMES = ["OpenCamera", "CloseCamera", "GetResolution", "ScanImage", "SetDeskew", "GetDeviceName", "Nothing"]
MEMBERS = [
    *(
        "devIndex",
        "width",
        "height",
        "index",
        "CropType",
        "left",
        "right",
        "top",
        "bottom",
        "rotateMode",
        "Type",
    ),
    *("filePath", "url", "param", "nIndex", "device", "resolution", "imagepath", "colorize", "isdeskew"),
]
MARKED = re.compile(r"Begin([A-Za-z0-9]+).*End\1|BarCodeTransferBegin.*BarCodeTransferEnd", re.DOTALL)


def is_picture(text: str) -> bool:
    return base64.b64decode(text, validate=True).startswith(JPEG)


def text_call(dice: random.Random) -> str:
    arguments = ",".join(dice.choices(ARGUMENTS, k=dice.randrange(4)))
    return dice.choice([f"{dice.choice(CALLS)}({arguments})", dice.choice(CALLS), arguments, "(" * 50])


def fields(dice: random.Random) -> dict[str, object]:
    return {name: dice.choice(VALUES) for name in dice.choices(MEMBERS, k=dice.randrange(5))}


def camsdk_request(dice: random.Random) -> str:
    argument = dice.choice([fields(dice), [], None, "x", 7])
    request = json.dumps({"FuncName": dice.choice([*FUNCTIONS, "x", 7, None]), "argument": argument})
    return dice.choice([request, request, request, request[: dice.randrange(len(request))], request + "}:"])


def function_request(dice: random.Random) -> str:
    request = json.dumps({"function": dice.choice([*NAMES, 7]), **fields(dice)})
    return dice.choice([request, request, request[: dice.randrange(len(request))]])


def check_text(text: str) -> None:
    assert MARKED.fullmatch(text) or is_picture(text), text[:200]


def check_camsdk(text: str) -> None:
    if "$*$" in text:
        assert text.startswith(("ImageData$*$", "FileEncodeBase64$*$")), text[:200]
        assert is_picture(text.split("$*$")[1 if text.startswith("ImageData") else 2])
    else:
        assert list(json.loads(text)) == ["FuncName", "result"]


def check_function(text: str) -> None:
    answer = json.loads(text)
    assert list(answer) == ["function", "ret", "value"]
    assert isinstance(answer["ret"], int)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("name", "first", "make", "check", "last"),
    [
        ("doccamera", "bStartPlay", text_call, check_text, ("sGetTempPath", "BeginsGetTempPath")),
        ("camsdk", '{"FuncName":"camInitCameraLib"}', camsdk_request, check_camsdk,
         ('{"FuncName":"camGetDevCount"}', '{"FuncName":"camGetDevCount"')),
        ("camsdk", '{"function":"InitDevs"}', function_request, check_function,
         ('{"function":"GetDeviceCount"}', '{"function":"GetDeviceCount"')),
    ],
    ids=["doccamera", "camsdk", "functions"],
)  # fmt: skip
async def test_noise(service: Running, ports: Ports, seed, name, first, make, check, last) -> None:  # type: ignore[no-untyped-def]
    dice = random.Random(seed)
    async with socket_page(ports.ws(name)) as socket:

        async def send() -> None:
            await socket.send_str(first)
            for _ in range(MESSAGES):
                await socket.send_str(make(dice).encode("utf-8", "replace").decode())
                await asyncio.sleep(0.006)
            # Beyond what may wait, requests are dropped.
            while True:
                await socket.send_str(last[0])
                await asyncio.sleep(0.2)

        sending = asyncio.create_task(send())
        try:
            async with asyncio.timeout(PATIENCE):
                while not (text := (await receive(socket))).startswith(last[1]):
                    check(text)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def receive(socket: aiohttp.ClientWebSocketResponse) -> str:
    message = await socket.receive()
    assert message.type is aiohttp.WSMsgType.TEXT, message
    return str(message.data)
