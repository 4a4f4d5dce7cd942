"""Order, cancelling and errors of one connection, with handlers the test writes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from server.config import Limits
from server.errors import Cancelled, InternalError, NotAvailableYet, TooManyRequests
from server.handlers.exchange import Exchange, Handler
from server.protocol.messages.base import Answer
from server.protocol.messages.camera import CloseCameraAnswer, GetCameraVideoBuffAnswer
from server.protocol.messages.service import CancelScanAnswer, HeartbeatAnswer
from server.services.client import Client
from server.session.dispatcher import Dispatcher
from server.session.house import House
from server.session.outbox import Outbox
from server.session.session import Session, Terms
from tests.patience import PATIENCE

Answers = list[dict[str, Any]]


class Line:
    """Both ends of a connection: what the page sends, and what it receives."""

    def __init__(self, handlers: dict[str, Handler], limits: Limits | None = None) -> None:
        self.sent: asyncio.Queue[str | None] = asyncio.Queue()
        self.received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outbox = Outbox(self._deliver, PATIENCE)
        self._session = Session(
            Client(1, None), Terms("en"), House(Dispatcher(handlers), limits or Limits()), self._outbox
        )

    async def __aenter__(self) -> Line:
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

    async def _deliver(self, message: Sequence[bytes], binary: bool) -> None:
        self.received.put_nowait(json.loads(b"".join(message)))

    async def _messages(self) -> AsyncIterator[str | bytes]:
        while (message := await self.sent.get()) is not None:
            yield message


def answering(answer: Answer) -> Handler:
    async def handler(exchange: Exchange, request: object) -> Answer:
        return answer

    return handler


class Lasting:
    """A handler that runs until it is told to end, or cancelled."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.end = asyncio.Event()

    async def __call__(self, exchange: Exchange, request: object) -> Answer:
        self.begun.set()
        await self.end.wait()
        return HeartbeatAnswer()


STOPS: list[tuple[str, dict[str, object], Answer]] = [
    ("CloseCamera", {}, CloseCameraAnswer()),
    ("CancelScan", {}, CancelScanAnswer()),
    ("GetCameraVideoBuff", {"enable": False}, GetCameraVideoBuffAnswer()),
]


@pytest.mark.parametrize(("func", "parameters", "answer"), STOPS, ids=[stop[0] for stop in STOPS])
async def test_a_stop_cancels_a_long_request_and_is_answered_after_it(
    func: str, parameters: dict[str, object], answer: Answer
) -> None:
    scan = Lasting()
    async with Line({"FingerMatch": scan, func: answering(answer)}) as line:
        line.send("FingerMatch", 1, fingerFeature="AA==")
        await scan.begun.wait()
        line.send(func, 2, **parameters)
        assert await line.receive(2) == [(1, Cancelled.code), (2, 0)]


async def test_a_stop_cancels_long_requests_that_wait_and_keeps_the_order_of_short_ones() -> None:
    scan = Lasting()
    handlers = {
        "FingerMatch": scan,
        "Heartbeat": answering(HeartbeatAnswer()),
        "CloseCamera": answering(CloseCameraAnswer()),
    }
    async with Line(handlers) as line:
        line.send("FingerMatch", 1, fingerFeature="AA==")
        line.send("FingerMatch", 2, fingerFeature="AA==")
        line.send("Heartbeat", 3)
        line.send("CloseCamera", 4)
        cancelled = Cancelled.code
        assert await line.receive(4) == [(1, cancelled), (2, cancelled), (3, 0), (4, 0)]


async def test_starting_a_preview_stops_nothing() -> None:
    scan = Lasting()
    async with Line(
        {"FingerMatch": scan, "GetCameraVideoBuff": answering(GetCameraVideoBuffAnswer())}
    ) as line:
        line.send("FingerMatch", 1, fingerFeature="AA==")
        line.send("GetCameraVideoBuff", 2, enable=True)
        await scan.begun.wait()
        scan.end.set()
        assert await line.receive(2) == [(1, 0), (2, 0)]


async def test_a_bad_message_keeps_its_turn() -> None:
    scan = Lasting()
    async with Line({"FingerMatch": scan}) as line:
        line.send("FingerMatch", 1, fingerFeature="AA==")
        line.send("Nonsense", 2)
        await scan.begun.wait()
        assert line.received.empty()
        scan.end.set()
        assert [number for number, _ in await line.receive(2)] == [1, 2]


async def test_too_many_waiting_requests_are_refused_at_once() -> None:
    scan = Lasting()
    async with Line({"FingerMatch": scan}, Limits(waiting_requests=2)) as line:
        line.send("FingerMatch", 0, fingerFeature="AA==")
        await scan.begun.wait()
        for number in (1, 2, 3):
            line.send("Heartbeat", number)
        assert await line.receive() == [(3, TooManyRequests.code)]
        scan.end.set()
        assert [number for number, _ in await line.receive(3)] == [0, 1, 2]


async def test_a_function_without_a_handler_is_not_available_yet() -> None:
    async with Line({}) as line:
        line.send("OpenCamera", 1)
        assert await line.receive() == [(1, NotAvailableYet.code)]


async def test_an_unexpected_exception_is_an_incident_and_its_text_stays_here(
    caplog: pytest.LogCaptureFixture,
) -> None:
    personal = "".join(("some", "body"))

    async def broken(exchange: Exchange, request: object) -> Answer:
        raise ValueError(personal)

    async with Line({"Heartbeat": broken}) as line:
        line.send("Heartbeat", 1)
        async with asyncio.timeout(PATIENCE):
            message = await line.received.get()
    assert message["result"] == InternalError.code
    assert personal not in message["errorMsg"] + caplog.text
    assert "ValueError" in caplog.text


async def test_a_client_that_leaves_ends_what_runs_for_it() -> None:
    ended = asyncio.Event()

    async def waits(exchange: Exchange, request: object) -> Answer:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return HeartbeatAnswer()

    async with Line({"Heartbeat": waits}) as line:
        line.send("Heartbeat", 1)
        await asyncio.sleep(0)
        await asyncio.sleep(0.01)
    async with asyncio.timeout(PATIENCE):
        await ended.wait()
