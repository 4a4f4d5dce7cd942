"""The server that everybody writes first, kept as the yardstick.

One event loop does it all: decode, find and draw the outline at full size, encode, base64,
JSON, and send to one client after the other. Nothing here is slow on purpose.
``python -m benchmarks.streaming.naive SIZE CACHE SPEED``
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from aiohttp import web

from benchmarks.streaming import stamp
from benchmarks.streaming.camera import Replay
from benchmarks.streaming.serve import serve

Image = npt.NDArray[np.uint8]

TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class NaiveServer:
    """Speaks as much of the protocol as a preview needs."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._watching: dict[web.WebSocketResponse, Any] = {}
        self._outline = False
        self._rotate = 0

    def application(self) -> web.Application:
        # As gaopai does: OpenCV's own threads cost more processor time than they save.
        cv2.setNumThreads(1)
        app = web.Application()
        app.router.add_get("/", self._session)
        app.cleanup_ctx.append(self._running)
        return app

    async def _running(self, _: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._stream())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _session(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        async for message in ws:
            await self._answer(ws, json.loads(message.data))
        self._watching.pop(ws, None)
        return ws

    async def _answer(self, ws: web.WebSocketResponse, request: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"func": request["func"], "reqId": request["reqId"], "result": 0}
        if request["func"] == "GetCameraVideoBuff":
            self._watching[ws] = request["reqId"]
            return
        if request["func"] == "SetCameraImageInfo":
            self._outline = request["cropType"] != 0
            self._rotate = request["rotate"]
        await ws.send_str(json.dumps(answer))

    async def _stream(self) -> None:
        while True:
            await asyncio.sleep(self._replay.wait)
            if not self._watching:
                continue
            message = self._message(self._replay.take().data)
            for ws in list(self._watching):
                with contextlib.suppress(ConnectionError):
                    await ws.send_str(message)

    def _message(self, data: bytes) -> str:
        image = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)
        if self._rotate:
            image = np.asarray(cv2.rotate(image, TURNS[self._rotate]), np.uint8)
        if self._outline:
            draw_outline(image)
        jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
        picture = base64.b64encode(_same_time(jpeg, data)).decode()
        return json.dumps(
            {
                "func": "GetCameraVideoBuff",
                "reqId": "bench",
                "result": 0,
                "devNum": 0,
                "mime": "image/jpg",
                "width": image.shape[1],
                "height": image.shape[0],
                "imageBase64Str": picture,
            }
        )


def draw_outline(image: Image) -> None:
    """Find the largest four-cornered contour at full size and draw it in green."""
    edges = cv2.Canny(cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (5, 5), 0), 50, 150)
    contours, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:10]:
        corners = cv2.approxPolyDP(contour, 0.02 * cv2.arcLength(contour, True), True)
        if len(corners) == 4:
            cv2.polylines(image, [corners], True, (0, 255, 0), 4)
            return


def _same_time(jpeg: bytes, source: bytes) -> bytes:
    # Encoding loses the comment; putting it back (0.1 ms at 8 MP) is all the measuring costs this server.
    time = stamp.find(source[:256])
    return jpeg if time is None else stamp.Stampable(jpeg).stamped(time)


if __name__ == "__main__":
    replay = Replay(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
    asyncio.run(serve(NaiveServer(replay).application()))
