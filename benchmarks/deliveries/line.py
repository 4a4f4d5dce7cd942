"""A line to a server that a test cuts, holds or slows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field


@dataclass
class Line:
    """Forwards connections to a port.

    Attributes
    ----------
    cut_after
        Bytes that are let through to the server, of all connections together; None for any number.
    refuse
        Connections end at once.
    """

    to_port: int
    port: int = 0
    cut_after: int | None = None
    refuse: bool = False
    passed: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    _free: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuse:
            writer.transport.abort()
            return
        self.begun.set()
        there = await asyncio.open_connection("127.0.0.1", self.to_port)
        self._writers |= {writer, there[1]}
        try:
            await asyncio.gather(self._pass(reader, there[1], True), self._pass(there[0], writer, False))
        finally:
            for one in (writer, there[1]):
                one.transport.abort()
                self._writers.discard(one)

    def __post_init__(self) -> None:
        self._free.set()

    def hold(self) -> None:
        """Let nothing through."""
        self._free.clear()

    def free(self) -> None:
        """Let everything through."""
        self._free.set()

    def cut(self) -> None:
        """Cut all connections."""
        for one in list(self._writers):
            one.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, up: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(16_384):
                await self._free.wait()
                if up and self.cut_after is not None and self.passed + len(data) > self.cut_after:
                    writer.write(data[: self.cut_after - self.passed])
                    await writer.drain()
                    self.passed = self.cut_after
                    self.cut()
                    return
                self.passed += len(data) if up else 0
                writer.write(data)
                await writer.drain()
            with contextlib.suppress(OSError, RuntimeError):
                writer.write_eof()


@contextlib.asynccontextmanager
async def line(to_port: int) -> AsyncIterator[Line]:
    """Open a line."""
    made = Line(to_port)
    serving: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.ensure_future(made.serve(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
