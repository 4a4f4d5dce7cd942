"""WebSockets of dialects: access, limits, requests in their order, and silence where a word would do harm."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, Protocol, TypeVar

from aiohttp import web

from server import telemetry
from server.access.control import PEER
from server.access.limits import ByteBudget, Holder, MessageLimits, RateLimiter, held_bytes
from server.connection.message_reader import IncomingMessage
from server.connection.outbox import ClientStuck, FrameLane, Outbox
from server.connection.request_queue import QueuedRequest, RequestQueue
from server.connection.session import ServerContext
from server.connection.websocket import WebSocket, WebSocketSender, messages
from server.dialects.device_session import DeviceSession
from server.dialects.gate import Gate
from server.dialects.services import DialectServices
from server.errors import GaopaiError
from server.runtime.background import ended
from server.streaming.painter import PreviewPicture

log = logging.getLogger(__name__)

MIB = 1024 * 1024
"""Bytes in a mebibyte."""
REFUSAL_SECONDS = 1.5
"""Pause before a refusal, in seconds: some pages connect again at once, without end."""
WAITING_REFUSALS = 64
"""Limit of refusals that wait at a time; further ones are answered at once."""
LANE = "frames"


Encode = Callable[[PreviewPicture], Sequence[bytes]]


class QuietLane(FrameLane):
    """`FrameSink` whose end says nothing: any text would be shown as a picture."""

    def __init__(self, outbox: Outbox, encode: Encode) -> None:
        super().__init__(outbox, False, encode, lambda error: b"")

    def end(self, error: GaopaiError) -> None:
        self._waiting = None
        self._started = True
        log.info("a preview has ended: error %d", error.code)


def show(session: DeviceSession, outbox: Outbox, number: int, encode: Encode) -> None:
    """Preview an open camera in place of what the connection showed; raises errors as `preview`."""
    session.stop_preview(session.client)
    lane = QuietLane(outbox, encode)
    outbox.add_lane(LANE, lane)
    session.preview(session.client, number, lane, binary=False)


R = TypeVar("R")


class Conversation(Protocol[R]):
    """Protocol for the requests of one connection."""

    def parse(self, message: bytes) -> R | None:
        """Return the request that a message is, None if it is none; called in a thread for a large one."""

    async def receive(self, request: R) -> None:
        """Carry out a request and queue its answers; never raises `GaopaiError`."""

    def close(self) -> None:
        """Drop what the connection waits for; its devices are released by the caller."""


Converse = Callable[[DeviceSession, Outbox], Conversation[Any]]


class SocketListener:
    """Serves one dialect over WebSocket.

    Parameters
    ----------
    converse
        Makes the conversation of a connection.
    """

    def __init__(self, converse: Converse, gate: Gate, services: DialectServices) -> None:
        self._converse = converse
        self._gate = gate
        self._context = services.context
        self._services = services
        self._open: dict[WebSocket, str] = {}
        self._refusals = 0

    def application(self) -> web.Application:
        """Return the aiohttp application; the caller manages its lifetime."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        return app

    async def recheck(self) -> None:
        """Close the connections of pages that are no longer allowed."""
        await self._close(
            [response for response, origin in self._open.items() if not self._gate.admits(origin)]
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._close(list(self._open))

    async def _close(self, responses: Sequence[WebSocket]) -> None:
        closing = [response.close(code=1001) for response in responses]
        await asyncio.gather(*closing, return_exceptions=True)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        with self._gate.serving(request):
            return await self._judged(request)

    async def _judged(self, request: web.Request) -> web.StreamResponse:
        if not await self._gate.admits_connection(request):
            return await self._refused()
        # Browsers always send an Origin with a handshake.
        origin = self._gate.page(request, ()) if "Origin" in request.headers else None
        if origin is None or request.headers.get("Upgrade", "").lower() != "websocket":
            return await self._refused()
        holder = Holder(request[PEER], origin)
        full = self._context.connections.full(holder, self._context.limits)
        if full is not None:
            self._context.activity.refused(f"{full.name.lower()}_full", origin)
            return await self._refused()
        budget = self._context.bytes_in_work.connection(origin)
        with self._context.connections.hold(holder), closing(budget):
            return await self._connected(request, origin, budget)

    async def _refused(self) -> web.Response:
        if self._refusals < WAITING_REFUSALS:
            self._refusals += 1
            try:
                await asyncio.sleep(REFUSAL_SECONDS)
            finally:
                self._refusals -= 1
        return web.Response(status=403)

    async def _connected(self, request: web.Request, origin: str, budget: ByteBudget) -> WebSocket:
        limits = self._context.limits
        response = WebSocket(budget, MessageLimits(limits.message_mib * MIB, limits.message_seconds), ())
        await response.prepare(request)
        session = DeviceSession(self._services, origin, budget)
        telemetry.served.set(telemetry.Served(str(session.client.id)))
        counters = self._context.activity.counters
        outbox = Outbox(WebSocketSender(request, response).send, limits.send_seconds, counters, budget)
        self._context.bytes_in_work.work_for(origin)
        conversation = self._converse(session, outbox)
        self._open[response] = origin
        with self._context.activity.connection(session.client, "connect"):
            try:
                await self._run(response, outbox, conversation)
            finally:
                del self._open[response]
                conversation.close()
                await session.release()
        if not response.closed and request.transport is not None:
            request.transport.abort()
        return response

    async def _run(self, response: WebSocket, outbox: Outbox, conversation: Conversation[Any]) -> None:
        """Serve until the page or the sender of its outbox ends."""
        requests = RequestLane(self._context, conversation)
        tasks = [
            asyncio.create_task(outbox.run()),
            asyncio.create_task(requests.read(response)),
            asyncio.create_task(requests.run()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            outcomes = await ended(*tasks)
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, ConnectionError | ClientStuck):
                log.error("a connection ended with %s", type(outcome).__name__, exc_info=outcome)


class RequestLane:
    """Requests of one connection, carried out one after another; beyond the limits they are dropped."""

    def __init__(self, context: ServerContext, conversation: Conversation[Any]) -> None:
        self._context = context
        self._conversation = conversation
        self._rate = RateLimiter()
        self._received = 0
        self._queue = RequestQueue(self._serve)

    async def run(self) -> None:
        """Carry out requests until cancelled."""
        await self._queue.run()

    async def read(self, response: WebSocket) -> None:
        """Queue the messages of a client until it is gone."""
        async for message in messages(response, self._context.limits.message_mib * MIB):
            if not await self._queued(message):
                message.take()
                message.charge.release()

    async def _queued(self, message: IncomingMessage) -> bool:
        limits = self._context.limits
        if not self._rate.admits(limits.requests_per_second) or len(self._queue) >= limits.waiting_requests:
            return False
        if message.refused:
            return False
        request = await self._context.decoding.decode(self._conversation.parse, message.take())
        if request is None or not message.charge.resize(max(held_bytes(request), message.size)):
            return False
        self._received += 1
        await self._queue.add(QueuedRequest(request, message.charge, self._received))
        return True

    async def _serve(self, request: QueuedRequest[Any]) -> None:
        try:
            await self._conversation.receive(request.call)
        finally:
            request.charge.release()
