"""S9: how much a message may hold, and all that a connection has in work."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import aiohttp
import cv2
import msgspec
import numpy as np
import pytest

from server.config import Config, LimitsConfig
from server.errors import MessageTooLarge, TooMuchWaiting
from server.protocol.messages.service import HeartbeatAnswer
from server.services.fingerprints import matcher as uploaded_fingerprint
from server.services.pictures import uploaded_picture
from tests.functional.conftest import Running
from tests.functional.page import connect
from tests.patience import PATIENCE
from tests.service import MIB, Service
from tests.unit.connection.test_session import Connection, Lasting, answering

GROWTH_MIB = 360
"""What twelve times 30 MiB may cost where 64 wait; without a bound it is 480."""
PIXEL = base64.b64encode(cv2.imencode(".png", np.zeros((1, 1), np.uint8))[1]).decode()


def padded(func: str, size: int, **parameters: object) -> str:
    """A request of `size` bytes."""
    text = json.dumps({"func": func, **parameters, "x": ""})
    return text[:-2] + "A" * (size - len(text)) + text[-2:]


@pytest.fixture
def config(config: Config) -> Config:
    """The limits as they are without a configuration."""
    return msgspec.structs.replace(config, limits=LimitsConfig())


async def test_33_mib_end_the_connection_with_1009_and_32_do_not(service: Running) -> None:
    async with connect(service.url) as page:
        await page.socket.send_str(padded("Heartbeat", 32 * MIB - 1024))
        assert (await page.receive())["result"] == 0
        await page.socket.send_str(padded("Heartbeat", 33 * MIB))
        async with asyncio.timeout(PATIENCE):
            while not page.socket.closed:
                await page.socket.receive()
        assert page.socket.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
    async with connect(service.url) as page:
        await page.must("Heartbeat")


async def test_a_declared_length_is_refused_before_it_comes(service: Running) -> None:
    async with connect(service.url) as page:
        header = bytes([0x81, 0xFF]) + (64 * MIB).to_bytes(8) + bytes(4)
        page.socket._response.connection.transport.write(header)
        async with asyncio.timeout(PATIENCE):
            ended = await page.socket.receive()
        assert ended.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        assert page.socket.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_compression_is_not_agreed_on(service: Running) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(service.url, compress=15) as socket_:
        assert "Sec-WebSocket-Extensions" not in socket_._response.headers
        assert socket_.compress == 0


@pytest.mark.parametrize("decode", [uploaded_picture.decoded, uploaded_fingerprint._record])
def test_too_much_base64_is_refused_by_its_length(
    decode: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoding(*_: object, **__: object) -> bytes:
        raise AssertionError("it was decoded")

    monkeypatch.setattr("pybase64.b64decode", decoding)
    monkeypatch.setattr(uploaded_picture, "LONGEST", uploaded_fingerprint.LONGEST_RECORD)
    with pytest.raises(MessageTooLarge):
        decode("A" * (uploaded_fingerprint.LONGEST_RECORD + 1))
    with pytest.raises(AssertionError):
        decode("A" * uploaded_fingerprint.LONGEST_RECORD)


async def test_bytes_in_work_are_bounded_and_free_again_when_answered() -> None:
    lasting = Lasting()
    handlers = {"FingerMatch": lasting, "Heartbeat": answering(HeartbeatAnswer())}
    async with Connection(handlers, LimitsConfig(waiting_mib=1)) as line:
        line.sent.put_nowait(padded("FingerMatch", 3 * MIB, fingerFeature="AA==", reqId=1))
        await lasting.begun.wait()
        line.sent.put_nowait(padded("Heartbeat", MIB // 2, reqId=2))
        assert await line.receive() == [(2, TooMuchWaiting.code)]
        lasting.end.set()
        assert await line.receive() == [(1, 0)]
        line.sent.put_nowait(padded("Heartbeat", MIB // 2, reqId=3))
        assert await line.receive() == [(3, 0)]


@pytest.mark.long
async def test_memory_stays_bounded_while_much_is_sent(process: Service) -> None:
    """Twelve messages of 30 MiB behind a request that waits; all are refused and answered."""
    before = process.mib()
    async with connect(process.url) as page:
        await page.send("UploadHttpFile", url=process.silent, imageBase64=PIXEL)
        for _ in range(12):
            await page.send("RecogBarCode", imageBase64="A" * 30 * MIB)
        last = await page.send("CancelScan")
        codes: Counter[int] = Counter()
        while (answer := await page.receive())["reqId"] != last:
            codes[answer["result"]] += answer["func"] == "RecogBarCode"
    # Each is charged with the file that is made of it, so none of them waits beside another request.
    assert +codes == {TooMuchWaiting.code: 12}
    assert process.mib("VmHWM") - before < GROWTH_MIB
    async with connect(process.url) as page:
        await page.must("Heartbeat")


def test_the_peer_of_a_line_that_is_too_long_is_not_waited_for(process: Service) -> None:
    """A header without an end: HTTP's own bounds hold too."""
    with socket.create_connection(("127.0.0.1", process.port), PATIENCE) as line:
        line.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000)
        assert b" 400 " in line.recv(4096).splitlines()[0]
    assert Path(f"/proc/{process.process.pid}").exists()
