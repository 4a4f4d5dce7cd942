"""A web page as the service sees one: a WebSocket that sends JSON and waits for answers."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol

import aiohttp
import pytest

from tests.patience import PATIENCE

Message = dict[str, Any]
OVER_HTTP = os.environ.get("GAOPAI_ROAD") == "http"
"""Pages of these tests speak HTTP, which is for a look at what of them is not about sockets."""


FRAMES = "frames are messages there, and MJPEG over HTTP"
CLOSING = "over HTTP the end of the response tells that a refused scan has ended"
ORDER = "answers and notices come in one order there, and by two connections over HTTP"
CONNECTION = "the connection itself is what is tested"


def about_sockets(reason: str) -> pytest.MarkDecorator:
    """Leave a test out of a look at the functions over HTTP."""
    return pytest.mark.skipif(OVER_HTTP, reason=f"about sockets: {reason}")


class Page:
    """One connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._ids = iter(range(1, 1_000_000))

    async def send(self, func: str, **parameters: object) -> int:
        """Send a request; its reqId."""
        number = next(self._ids)
        await self.socket.send_str(json.dumps({"func": func, "reqId": number, **parameters}))
        return number

    async def receive(self) -> Message:
        """The next message, binary frames passed over."""
        async with asyncio.timeout(PATIENCE):
            received = await self.socket.receive()
            while received.type is aiohttp.WSMsgType.BINARY:
                received = await self.socket.receive()
        assert received.type is aiohttp.WSMsgType.TEXT, received
        return json.loads(received.data)

    async def receive_frame(self) -> tuple[Message, bytes]:
        """The next binary frame: its header and its JPEG."""
        async with asyncio.timeout(PATIENCE):
            data = await self.socket.receive_bytes()
        end = 4 + int.from_bytes(data[:4])
        return json.loads(data[4:end]), data[end:]

    async def answer(self, number: object) -> Message:
        """The next message with that reqId; others are passed over."""
        while True:
            message = await self.receive()
            if message["reqId"] == number:
                return message

    async def ask(self, func: str, **parameters: object) -> Message:
        """Send a request and wait for its first answer."""
        return await self.answer(await self.send(func, **parameters))

    async def must(self, func: str, **parameters: object) -> Message:
        """Like `ask`, for a request that has to succeed."""
        message = await self.ask(func, **parameters)
        assert message["result"] == 0, message
        return message

    async def silence(self, func: str) -> list[Message]:
        """Messages of `func` that still come before the answer to a later request."""
        number = await self.send("Heartbeat")
        seen: list[Message] = []
        while True:
            message = await self.receive()
            if message["reqId"] == number:
                return [one for one in seen if one["func"] == func]
            seen.append(message)


class Address(Protocol):
    """Protocol for a service that runs."""

    http: str


@asynccontextmanager
async def posted(
    http: aiohttp.ClientSession, service: Address, func: str, body: object = None, **headers: str
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The response to a call."""
    address = f"{service.http}/api/v1/{func}"
    async with http.post(address, json=body if body is not None else {}, headers=headers) as response:
        yield response


async def begun(http: aiohttp.ClientSession, service: Address, **headers: str) -> dict[str, str]:
    """The header of a new session."""
    async with http.post(f"{service.http}/api/v1/session", headers=headers) as response:
        assert response.status == 201
        return {"Gaopai-Session": (await response.json())["session"], **headers}


def picture(message: Message) -> bytes:
    """The bytes of a message's picture."""
    return base64.b64decode(message["imageBase64Str"], validate=True)


class HttpPage(Page):
    """One session over HTTP: the messages of its answers and of its events, as they come.

    A preview is watched as a page does, by its address, so that all that hangs on a watcher happens.
    """

    def __init__(self, http: aiohttp.ClientSession, address: str, session: str) -> None:
        self._http = http
        self._address = address
        self._session = {"Gaopai-Session": session}
        self._ids = iter(range(1, 1_000_000))
        self._received: asyncio.Queue[Message] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._last = asyncio.Event()
        self._last.set()

    @property
    def socket(self) -> Any:  # type: ignore[override]
        pytest.skip("about sockets")

    async def listen(self) -> None:
        """Begin to hear events."""
        events = f"{self._address}/api/v1/events"
        response = await self._http.get(events, headers=self._session)
        self._begin(self._hear(response))

    async def send(self, func: str, **parameters: object) -> int:
        number = next(self._ids)
        # In a socket one request arrives after the other; here each has a connection of its own.
        before = self._last
        self._last = asyncio.Event()
        self._begin(self._post(func, {"reqId": number, **parameters}, before, self._last))
        return number

    async def receive(self) -> Message:
        async with asyncio.timeout(PATIENCE):
            return await self._received.get()

    async def receive_frame(self) -> tuple[Message, bytes]:
        pytest.skip("about frames in sockets")

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # The service may be gone, as a test wished.
        with contextlib.suppress(aiohttp.ClientError):
            async with self._http.delete(f"{self._address}/api/v1/session", headers=self._session):
                pass

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.add(asyncio.create_task(work))

    async def _post(self, func: str, message: Message, before: asyncio.Event, sent: asyncio.Event) -> None:
        await before.wait()
        asyncio.get_running_loop().call_later(APART, sent.set)
        address = f"{self._address}/api/v1/{func}"
        async with self._http.post(address, json=message, headers=self._session) as response:
            async for answer in _answers(response):
                if "streamUrl" in answer:
                    self._begin(self._watch(answer["streamUrl"]))
                self._received.put_nowait(answer)

    async def _watch(self, address: str) -> None:
        async with self._http.get(address, timeout=aiohttp.ClientTimeout(total=None)) as response:
            async for _ in response.content.iter_any():
                pass

    async def _hear(self, response: aiohttp.ClientResponse) -> None:
        async with response:
            async for line in response.content:
                if line.startswith(b"data: "):
                    self._received.put_nowait(json.loads(line[6:]))


APART = 0.02
"""Seconds between two requests of a page over HTTP, whose order the service is to see."""


async def _answers(response: aiohttp.ClientResponse) -> AsyncIterator[Message]:
    """The answers of a response, each as soon as it is there."""
    decoder = json.JSONDecoder()
    text = ""
    async for data in response.content.iter_any():
        # A letter may be cut in two, but no answer ends with half of one.
        text += data.decode("latin-1")
        while body := text.lstrip("[,] \n"):
            try:
                _, end = decoder.raw_decode(body)
            except json.JSONDecodeError:
                break
            yield json.loads(body[:end].encode("latin-1"))
            text = body[end:]


@asynccontextmanager
async def http_page(address: str, origin: str | None = None, **headers: str) -> AsyncIterator[HttpPage]:
    """A page over HTTP at `origin`, or a native client without one."""
    if origin is not None:
        headers["Origin"] = origin
    timeout = aiohttp.ClientTimeout(PATIENCE)
    async with aiohttp.ClientSession(
        headers=headers, timeout=timeout, read_bufsize=1 << 26, connector=aiohttp.TCPConnector(limit=0)
    ) as http:
        async with http.post(f"{address}/api/v1/session") as begun:
            assert begun.status == 201, await begun.text()
            page = HttpPage(http, address, (await begun.json())["session"])
        await page.listen()
        try:
            yield page
        finally:
            await page.close()


@asynccontextmanager
async def connect(
    url: str, origin: str | None = None, protocols: tuple[str, ...] = (), **headers: str
) -> AsyncIterator[Page]:
    """A page at `origin`, or a native client without one."""
    if OVER_HTTP:
        if protocols:
            pytest.skip("about sockets")
        async with http_page(url.replace("ws", "http", 1).rstrip("/"), origin, **headers) as page:
            yield page
        return
    if origin is not None:
        headers["Origin"] = origin
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url, headers=headers, protocols=protocols, max_msg_size=0) as socket,
    ):
        yield Page(socket)
