"""A client that can be gone at any byte: a WebSocket by hand, which reads no more than it is told to."""

from __future__ import annotations

import asyncio
import enum
import json
import socket
import struct
from typing import Any
from urllib.parse import urlsplit

from tests.patience import PATIENCE


class Way(enum.Enum):
    """How a connection ends: politely, or as with a killed browser or a pulled cable."""

    FIN = "fin"
    RST = "rst"


class Vanishing:
    """One connection of a program that is no browser."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def open(cls, url: str) -> Vanishing:
        """Shake hands."""
        where = urlsplit(url)
        line = socket.socket()
        line.setblocking(False)
        # Little is on its way when it goes: the rest of an answer is then still in the service.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client = cls(line)
        await client._loop.sock_connect(line, (where.hostname, where.port))
        line.sendall(
            f"GET / HTTP/1.1\r\nHost: {where.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += await client._read(1)
        assert b" 101 " in head, head
        return client

    def send(self, func: str, **parameters: object) -> None:
        """Send a request, one that a socket takes at once."""
        text = json.dumps({"func": func, "reqId": func, **parameters}).encode()
        # A mask of zeros leaves the text as it is.
        self._line.sendall(struct.pack(">BBQ", 0x81, 0xFF, len(text)) + bytes(4) + text)

    async def ask(self, func: str, **parameters: object) -> dict[str, Any]:
        """Send a request and wait for its first answer."""
        self.send(func, **parameters)
        while True:
            message = json.loads(await self._message())
            if message.get("reqId") == func:
                return message

    async def first_byte(self) -> None:
        """Take one byte of what comes next."""
        await self._read(1)

    def vanish(self, way: Way) -> None:
        """Be gone."""
        if way is Way.RST:
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()

    async def _message(self) -> bytes:
        size = (await self._read(2))[1]
        if size == 126:
            (size,) = struct.unpack(">H", await self._read(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", await self._read(8))
        return await self._read(size)

    async def _read(self, size: int) -> bytes:
        data = bytearray()
        async with asyncio.timeout(PATIENCE):
            while len(data) < size:
                piece = await self._loop.sock_recv(self._line, size - len(data))
                assert piece, "the service hung up"
                data += piece
        return bytes(data)
