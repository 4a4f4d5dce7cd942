"""Order, cancelling and errors of one connection, with handlers the test writes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from server.access.client import Client
from server.access.limits import Charge
from server.config import LimitsConfig
from server.connection.message_reader import IncomingMessage
from server.connection.outbox import Outbox
from server.connection.session import ServerContext, Session, SessionOptions
from server.errors import Cancelled, InternalError, NotAvailableYet, TooManyRequests
from server.protocol.messages.base import Answer
from server.protocol.messages.cameras import CloseCameraAnswer, GetCameraVideoBuffAnswer, OpenCameraAnswer
from server.protocol.messages.faces import CloseFaceCameraAnswer, GetFaceCamraBuffAnswer
from server.protocol.messages.service import CancelScanAnswer, HeartbeatAnswer
from server.services.context import Dispatcher, Handler, RequestContext
from tests.patience import PATIENCE

Answers = list[dict[str, Any]]


class Connection:
    """Both ends of a connection: what the page sends, and what it receives."""

    def __init__(self, handlers: dict[str, Handler], limits: LimitsConfig | None = None) -> None:
        self.sent: asyncio.Queue[str | None] = asyncio.Queue()
        self.received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        context = ServerContext(Dispatcher(handlers), limits or LimitsConfig())
        self._budget = context.bytes_in_work.connection(None)
        self._outbox = Outbox(self._deliver, PATIENCE, None, self._budget)
        self._session = Session(Client(1, None), SessionOptions("en"), context, self._outbox)

    async def __aenter__(self) -> Connection:
        self._tasks = [
            asyncio.create_task(self._outbox.run()),
            asyncio.create_task(self._session.run(self._messages())),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.sent.put(None)
        async with asyncio.timeout(PATIENCE):
            await self._tasks[1]
        self._tasks[0].cancel()

    def send(self, func: str, number: int, **parameters: object) -> None:
        self.sent.put_nowait(json.dumps({"func": func, "reqId": number, **parameters}))

    async def receive(self, count: int = 1) -> list[tuple[int, int]]:
        """(reqId, result) of the next messages."""
        async with asyncio.timeout(PATIENCE):
            messages = [await self.received.get() for _ in range(count)]
        return [(message["reqId"], message["result"]) for message in messages]

    async def receive_first(self, count: int) -> list[tuple[int, int]]:
        """Like `receive`, without the notices that end a scan."""
        found: list[tuple[int, int]] = []
        while len(found) < count:
            async with asyncio.timeout(PATIENCE):
                message = await self.received.get()
            if message["func"] != "GetScanEndStatue":
                found.append((message["reqId"], message["result"]))
        return found

    async def _deliver(self, message: Sequence[bytes], binary: bool) -> None:
        self.received.put_nowait(json.loads(b"".join(message)))

    async def _messages(self) -> AsyncIterator[IncomingMessage]:
        while (message := await self.sent.get()) is not None:
            charge = Charge(self._budget)
            yield IncomingMessage(message.encode(), len(message), charge, not charge.grow(len(message)))


def answering(answer: Answer) -> Handler:
    async def handler(exchange: RequestContext, request: object) -> Answer:
        return answer

    return handler


class Lasting:
    """A handler that runs until it is told to end, or cancelled."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.end = asyncio.Event()

    async def __call__(self, exchange: RequestContext, request: object) -> Answer:
        self.begun.set()
        await self.end.wait()
        return HeartbeatAnswer()


LONG: dict[str, dict[str, object]] = {
    "Scan": {"devIndex": 0},
    "ReadIDCardInfo": {},
    "ReadFingerInfo": {},
    "FingerMatch": {"fingerFeature": "AA=="},
    "FaceMatch": {"faceImagePath": "a.jpg", "faceCameraNum": 0},
    "RecogBarCode": {"imagePath": "a.jpg"},
    "MergeFile": {"imagePath": ["a.jpg"], "filePath": "a.pdf"},
    "UploadHttpFile": {"url": "https://a", "imagePath": "a.jpg"},
}
CLOSING: dict[str, tuple[dict[str, object], Answer]] = {
    "CloseCamera": ({"devNum": 0}, CloseCameraAnswer()),
    "GetCameraVideoBuff": ({"devNum": 0, "enable": False}, GetCameraVideoBuffAnswer()),
    "CloseFaceCamera": ({"faceCameraNum": 0}, CloseFaceCameraAnswer()),
    "GetFaceCamraBuff": ({"faceCameraNum": 0, "enable": False}, GetFaceCamraBuffAnswer()),
}


@pytest.mark.parametrize("func", LONG)
async def test_a_cancel_ends_whatever_is_long_and_is_answered_after_it(func: str) -> None:
    lasting = Lasting()
    async with Connection({func: lasting, "CancelScan": answering(CancelScanAnswer())}) as connection:
        connection.send(func, 1, **LONG[func])
        await lasting.begun.wait()
        connection.send("CancelScan", 2)
        assert (await connection.receive_first(2)) == [(1, Cancelled.code), (2, 0)]


@pytest.mark.parametrize("stop", CLOSING)
@pytest.mark.parametrize("func", LONG)
async def test_closing_a_camera_ends_what_belongs_to_it_and_waits_for_nothing_else(
    func: str, stop: str
) -> None:
    lasting = Lasting()
    parameters, answer = CLOSING[stop]
    async with Connection({func: lasting, stop: answering(answer)}) as connection:
        connection.send(func, 1, **LONG[func])
        await lasting.begun.wait()
        connection.send(stop, 2, **parameters)
        if func == "FaceMatch" and "Face" in stop:
            assert await connection.receive(2) == [(1, Cancelled.code), (2, 0)]
        else:
            assert await connection.receive() == [(2, 0)]
            lasting.end.set()
            assert (await connection.receive_first(1)) == [(1, 0)]


async def test_closing_another_face_camera_leaves_a_match_alone() -> None:
    match = Lasting()
    async with Connection(
        {"FaceMatch": match, "CloseFaceCamera": answering(CloseFaceCameraAnswer())}
    ) as connection:
        connection.send("FaceMatch", 1, faceImagePath="a.jpg", faceCameraNum=0)
        await match.begun.wait()
        connection.send("CloseFaceCamera", 2, faceCameraNum=1)
        assert await connection.receive() == [(2, 0)]
        match.end.set()
        assert await connection.receive() == [(1, 0)]


async def test_a_stop_beside_a_scan_keeps_its_place_among_camera_requests() -> None:
    """Open, close and open again, sent during a scan, leave the camera open."""
    scan = Lasting()
    order = list[str]()

    def noting(name: str, answer: Answer) -> Handler:
        async def handler(exchange: RequestContext, request: object) -> Answer:
            order.append(name)
            await asyncio.sleep(0.001)
            return answer

        return handler

    handlers = {
        "Scan": scan,
        "OpenCamera": noting("open", OpenCameraAnswer()),
        "CloseCamera": noting("close", CloseCameraAnswer()),
        "Heartbeat": noting("heartbeat", HeartbeatAnswer()),
    }
    async with Connection(handlers) as connection:
        connection.send("Scan", 1, devIndex=0)
        await scan.begun.wait()
        connection.send("Heartbeat", 2)
        connection.send("OpenCamera", 3, devNum=0)
        connection.send("CloseCamera", 4, devNum=0)
        connection.send("OpenCamera", 5, devNum=0)
        assert await connection.receive(2) == [(3, 0), (4, 0)]
        scan.end.set()
        assert [number for number, _ in await connection.receive_first(3)] == [1, 2, 5]
    assert order == ["open", "close", "heartbeat", "open"]


async def test_a_stop_cancels_long_requests_that_wait_and_keeps_the_order_of_short_ones() -> None:
    scan = Lasting()
    handlers = {
        "FingerMatch": scan,
        "Heartbeat": answering(HeartbeatAnswer()),
        "CancelScan": answering(CancelScanAnswer()),
    }
    async with Connection(handlers) as connection:
        connection.send("FingerMatch", 1, fingerFeature="AA==")
        connection.send("FingerMatch", 2, fingerFeature="AA==")
        connection.send("Heartbeat", 3)
        connection.send("CancelScan", 4)
        cancelled = Cancelled.code
        assert await connection.receive(4) == [(1, cancelled), (2, cancelled), (3, 0), (4, 0)]


async def test_starting_a_preview_stops_nothing() -> None:
    scan = Lasting()
    async with Connection(
        {"FingerMatch": scan, "GetCameraVideoBuff": answering(GetCameraVideoBuffAnswer())}
    ) as connection:
        connection.send("FingerMatch", 1, fingerFeature="AA==")
        connection.send("GetCameraVideoBuff", 2, enable=True)
        await scan.begun.wait()
        scan.end.set()
        assert await connection.receive(2) == [(1, 0), (2, 0)]


async def test_a_bad_message_keeps_its_turn() -> None:
    scan = Lasting()
    async with Connection({"FingerMatch": scan}) as connection:
        connection.send("FingerMatch", 1, fingerFeature="AA==")
        connection.send("Nonsense", 2)
        await scan.begun.wait()
        assert connection.received.empty()
        scan.end.set()
        assert [number for number, _ in await connection.receive(2)] == [1, 2]


async def test_too_many_waiting_requests_are_refused_at_once() -> None:
    scan = Lasting()
    async with Connection({"FingerMatch": scan}, LimitsConfig(waiting_requests=2)) as connection:
        connection.send("FingerMatch", 0, fingerFeature="AA==")
        await scan.begun.wait()
        for number in (1, 2, 3):
            connection.send("Heartbeat", number)
        assert await connection.receive() == [(3, TooManyRequests.code)]
        scan.end.set()
        assert [number for number, _ in await connection.receive(3)] == [0, 1, 2]


async def test_a_function_without_a_handler_is_not_available_yet() -> None:
    async with Connection({}) as connection:
        connection.send("OpenCamera", 1)
        assert await connection.receive() == [(1, NotAvailableYet.code)]


async def test_an_unexpected_exception_is_an_incident_and_its_text_stays_here(
    caplog: pytest.LogCaptureFixture,
) -> None:
    personal = "".join(("some", "body"))

    async def broken(exchange: RequestContext, request: object) -> Answer:
        raise ValueError(personal)

    async with Connection({"Heartbeat": broken}) as connection:
        connection.send("Heartbeat", 1)
        async with asyncio.timeout(PATIENCE):
            message = await connection.received.get()
    assert message["result"] == InternalError.code
    assert personal not in message["errorMsg"] + caplog.text
    assert "ValueError" in caplog.text


async def test_a_client_that_leaves_ends_what_runs_for_it() -> None:
    ended = asyncio.Event()

    async def waits(exchange: RequestContext, request: object) -> Answer:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return HeartbeatAnswer()

    async with Connection({"Heartbeat": waits}) as connection:
        connection.send("Heartbeat", 1)
        await asyncio.sleep(0)
        await asyncio.sleep(0.01)
    async with asyncio.timeout(PATIENCE):
        await ended.wait()
