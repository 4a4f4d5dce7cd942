"""The connection of a web page: a WebSocket that sends JSON and waits for answers."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

Message = dict[str, Any]
PATIENCE = 180.0
"""A bound on waiting, far above what anything takes; never a measurement."""
INTERNAL = 1099
"""The result code of an unexpected error in the service."""


class ServiceError(Exception):
    """Raised for an answer with the code of an unexpected error."""


class PageConnection:
    """One connection to the service.

    Attributes
    ----------
    codes
        Number of answers with each result code.
    """

    def __init__(self, line: aiohttp.ClientWebSocketResponse, codes: Counter[int]) -> None:
        self.line = line
        self.codes = codes
        self._ids = iter(range(1, 1_000_000_000))

    async def send(self, func: str, **parameters: object) -> int:
        """Send a request; return its reqId."""
        number = next(self._ids)
        await self.line.send_str(json.dumps({"func": func, "reqId": number, **parameters}))
        return number

    async def receive(self) -> Message:
        """Return the next message; binary frames are skipped.

        Raises
        ------
        ServiceError
            The service reported an unexpected error.
        """
        async with asyncio.timeout(PATIENCE):
            received = await self.line.receive()
            while received.type is aiohttp.WSMsgType.BINARY:
                received = await self.line.receive()
        if received.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionError(f"{received.type.name} instead of a message")
        message: Message = json.loads(received.data)
        if message.get("result") == INTERNAL:
            raise ServiceError(f"{message.get('func')}: {message.get('errorMsg')}")
        return message

    async def answer(self, number: int, func: str = "") -> Message:
        """Return the next message with that reqId, and that name where one is given; others are skipped."""
        while True:
            message = await self.receive()
            if message.get("reqId") == number and func in ("", message["func"]):
                self.codes[message.get("result", 0)] += 1
                return message

    async def ask(self, func: str, **parameters: object) -> Message:
        """Send a request and wait for its first answer."""
        return await self.answer(await self.send(func, **parameters))

    def reset(self) -> None:
        """End with a RST, as a killed browser or a pulled plug does."""
        response = self.line._response
        if response.connection is not None and response.connection.transport is not None:
            reset(response.connection.transport)


@asynccontextmanager
async def connect(
    url: str, origin: str, codes: Counter[int], protocols: tuple[str, ...] = ()
) -> AsyncIterator[PageConnection]:
    """Connect from `origin`."""
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url, headers={"Origin": origin}, protocols=protocols, max_msg_size=0) as line,
    ):
        yield PageConnection(line, codes)


def camera_number(answer: Message, name: str) -> int:
    """Return the number of the camera of that name in an answer to GetCameraInfo."""
    number: int = next(entry["id"] for entry in answer["devInfo"] if entry["devName"] == name)
    return number


def reset(transport: asyncio.BaseTransport) -> None:
    """End a connection with a RST."""
    if transport.is_closing():
        return
    line = transport.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
