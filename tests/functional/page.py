"""A web page as the service sees one: a WebSocket that sends JSON and waits for answers."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.patience import PATIENCE

Message = dict[str, Any]


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


def picture(message: Message) -> bytes:
    """The bytes of a message's picture."""
    return base64.b64decode(message["imageBase64Str"], validate=True)


@asynccontextmanager
async def connect(
    url: str, origin: str | None = None, protocols: tuple[str, ...] = (), **headers: str
) -> AsyncIterator[Page]:
    """A page at `origin`, or a native client without one."""
    if origin is not None:
        headers["Origin"] = origin
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url, headers=headers, protocols=protocols, max_msg_size=0) as socket,
    ):
        yield Page(socket)
