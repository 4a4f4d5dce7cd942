"""A page that captures and scans, in as few words as it takes."""

from __future__ import annotations

import asyncio
import base64
import json
from functools import partial
from typing import Any

from aiohttp import ClientConnectionError, ClientSession, ClientWebSocketResponse

from server.errors import DeviceTimeout
from tests.patience import PATIENCE


async def ask(
    port: int, *calls: dict[str, Any], until: str = "", patience: float = PATIENCE
) -> list[dict[str, Any]]:
    """Send `calls` one after the other and give the answer to each, retrying while nobody listens yet.

    Parameters
    ----------
    until
        The function whose message ends the last call, where that is another.
    patience
        Seconds for all of it.
    """
    async with asyncio.timeout(patience), ClientSession() as session:
        while True:
            try:
                socket = await session.ws_connect(f"http://127.0.0.1:{port}", max_msg_size=0)
                break
            except ClientConnectionError:
                await asyncio.sleep(0.1)
        answers = [await _patiently(socket, call) for call in calls]
        if until:
            await _answer(socket, until)
        await socket.close()
        return answers


async def _patiently(socket: ClientWebSocketResponse, call: dict[str, Any]) -> dict[str, Any]:
    """Ask again while the answer is that a device was too slow: other tests may keep the processors busy."""
    while (answer := await _answer(socket, call["func"], call))["result"] == DeviceTimeout.code:
        pass
    return answer


async def _answer(
    socket: ClientWebSocketResponse, func: str, call: dict[str, Any] | None = None
) -> dict[str, Any]:
    if call:
        await socket.send_str(json.dumps({"reqId": "1", **call}))
    while True:
        message: dict[str, Any] = json.loads((await socket.receive()).data)
        if message["func"] == func:
            return message


CAPTURE = (
    {"func": "OpenCamera", "devNum": 0, "mediaNum": 0, "resolutionNum": 0, "fps": 5},
    {"func": "CameraCaptureBase64", "devNum": 0},
)
SCAN = (
    {"func": "GetScannerName"},
    {
        "func": "Scan",
        "devIndex": 0,
        "scanSource": 0,
        "scanMode": 0,
        "scanResolution": 0,
        "scanPaperSize": 0,
    },
)
SCAN_ENDS = "GetScanEndStatue"


async def use(port: int, patience: float = PATIENCE, resolution: int = 0) -> None:
    """Capture a page, cut out and its colours made a document's; read its barcode; make a PDF of it."""
    calmly = partial(ask, port, patience=patience)
    settings = {"func": "SetCameraImageInfo", "devNum": 0, "cropType": 1, "imageType": 3}
    opened = {"func": "OpenCamera", "devNum": 0, "mediaNum": 0, "resolutionNum": resolution, "fps": 5}
    *_, picture = await calmly(opened, settings, {"func": "CameraCaptureBase64", "devNum": 0})
    assert picture["result"] == 0
    image = picture["imgBase64Str"]
    (codes,) = await calmly({"func": "RecogBarCode", "imageBase64": image})
    assert codes["result"] == 0
    assert codes["codeInfos"]
    (merged,) = await calmly({"func": "MergeFile", "imageBase64": [image], "base64": True, "fileType": 0})
    assert merged["result"] == 0
    assert base64.b64decode(merged["fileBase64"]).startswith(b"%PDF")
