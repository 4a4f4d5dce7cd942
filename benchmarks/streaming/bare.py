"""The least that any server of this protocol does, kept as the other yardstick.

It waits for the camera, turns its bytes into base64 and sends them: no picture is looked at,
no request understood beyond the first. ``python -m benchmarks.streaming.bare SIZE CACHE SPEED``
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

import pybase64
import uvloop
from aiohttp import WSMsgType, web

from benchmarks.streaming.camera import Replay
from benchmarks.streaming.naive import NaiveServer
from benchmarks.streaming.serve import serve

HEAD = b'{"func":"GetCameraVideoBuff","reqId":"bench","result":0,"devNum":0,"imageBase64Str":"'


class BareServer(NaiveServer):
    """Sends each frame as it comes."""

    async def _stream(self) -> None:
        while True:
            await asyncio.sleep(self._replay.wait)
            if self._watching:
                message = HEAD + pybase64.b64encode(self._replay.take().data) + b'"}'
                for ws in list(self._watching):
                    await self._send(ws, message)

    async def _send(self, ws: web.WebSocketResponse, message: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            await ws.send_frame(message, WSMsgType.TEXT)


if __name__ == "__main__":
    replay = Replay(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
    uvloop.run(serve(BareServer(replay).application()))
