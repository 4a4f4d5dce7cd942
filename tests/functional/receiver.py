"""Servers that take uploads: a good one, and ones that do as a test says."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from aiohttp import web

from tests.patience import PATIENCE

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What a hostile server does with a connection."""


class Field(NamedTuple):
    """One part of a form as it arrived."""

    name: str | None
    filename: str | None
    type: str | None
    data: bytes


@dataclass
class Arrived:
    """One upload as it arrived."""

    headers: dict[str, str]
    query: str
    fields: list[Field]

    @property
    def id(self) -> str:
        return self.headers["Idempotency-Key"]


@dataclass
class Receiver:
    """A server that keeps what it is sent; `answers` are used up first, then it says 200."""

    origin: str = ""
    arrived: list[Arrived] = field(default_factory=list)
    answers: deque[tuple[int, str]] = field(default_factory=deque)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        fields = []
        async for part in await request.multipart():
            kind = part.headers.get("Content-Type")
            fields.append(Field(part.name, part.filename, kind, bytes(await part.read())))
        self.arrived.append(Arrived(dict(request.headers), request.query_string, fields))
        self.news.set()
        status, text = self.answers.popleft() if self.answers else (200, "ok")
        return web.Response(
            status=status, text=text, headers={"Location": text} if 300 <= status < 400 else {}
        )

    async def wait_for(self, count: int) -> None:
        """Until so many uploads have come."""
        async with asyncio.timeout(PATIENCE):
            while len(self.arrived) < count:
                self.news.clear()
                await self.news.wait()


@contextlib.asynccontextmanager
async def receiving(port: int = 0, **tls: object) -> AsyncIterator[Receiver]:
    """A good server on loopback."""
    receiver = Receiver()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/{tail:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True, **tls).start()
    scheme = "https" if tls else "http"
    receiver.origin = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield receiver
    finally:
        await runner.cleanup()


@dataclass
class Hostile:
    """A server that follows a script."""

    origin: str = ""
    script: Script | None = None
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Follow the script until it ends or the other side hangs up."""
        self.connections += 1
        self.begun.set()
        assert self.script is not None
        following = asyncio.ensure_future(self.script(reader, writer))
        try:
            while not (following.done() or reader.at_eof()):
                await asyncio.sleep(0.02)
            writer.close()
            with contextlib.suppress(ConnectionError):
                while await reader.read(65536):
                    pass
            self.gone.set()
        finally:
            following.cancel()
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await following
            writer.transport.abort()


@contextlib.asynccontextmanager
async def misbehaving() -> AsyncIterator[Hostile]:
    """A server whose script the test sets."""
    hostile = Hostile()
    serving: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.ensure_future(hostile.serve(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    hostile.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield hostile
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """The whole of a request with a known length."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return head + await reader.readexactly(int(length.partition(b":")[2]))


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
