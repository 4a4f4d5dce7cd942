"""Hostile clients: half handshakes, malformed frames, far too much of everything."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from random import Random

from benchmarks.reliability.day import Day, Visit
from benchmarks.reliability.page import reset
from benchmarks.reliability.service import MIB, ORIGINS, ServiceProcess


async def embed(day: Day, chance: Random) -> None:
    """Stream MJPEG as an img element does, and drop the connection."""
    async with _connection(day.service) as (reader, writer):
        writer.write(_http(day.service, f"GET /stream/{chance.randint(0, 1)}.mjpg HTTP/1.1"))
        await _listen(reader, chance.uniform(0, 3))
        _hang_up(writer, chance)


async def break_protocol(day: Day, chance: Random) -> None:
    """Complete the handshake, then violate the protocol."""
    async with _connection(day.service) as (reader, writer):
        writer.write(_handshake(day.service, chance))
        for piece in chance.choice(VIOLATIONS)(chance):
            if writer.transport.is_closing():
                break
            writer.write(piece)
            # A service that takes no more of it has hung up, or has its reasons.
            with contextlib.suppress(TimeoutError, ConnectionError):
                await asyncio.wait_for(writer.drain(), 2)
        await _listen(reader, chance.uniform(0, 2))
        _hang_up(writer, chance)


async def handshake_slowly(day: Day, chance: Random) -> None:
    """Send the handshake a byte at a time, and perhaps never finish."""
    async with _connection(day.service) as (reader, writer):
        handshake = _handshake(day.service, chance)
        for byte in handshake[: chance.randint(1, len(handshake))]:
            writer.write(bytes([byte]))
            await asyncio.sleep(chance.uniform(0, 0.02))
        await _listen(reader, chance.uniform(0, 1))
        _hang_up(writer, chance)


async def send_garbage(day: Day, chance: Random) -> None:
    """Send bytes that are not HTTP, or far too much of it."""
    async with _connection(day.service) as (reader, writer):
        speech = (
            chance.randbytes(4096),
            b"",
            b"\x16\x03\x01\x02\x00\x01" + chance.randbytes(500),
            _http(day.service, "GET / HTTP/1.1", "X: " + "x" * 100_000),
            _http(day.service, "POST / HTTP/1.1", "Content-Length: 20000000") + b"x" * 100_000,
            _http(day.service, "POST / HTTP/1.1", "Transfer-Encoding: chunked") + b"ffffffffff\r\n",
            _http(day.service, "GET /gaopai.js HTTP/1.1") * 300,
        )
        writer.write(chance.choice(speech))
        await _listen(reader, chance.uniform(0, 1))
        _hang_up(writer, chance)


def _frame(opcode: int, payload: bytes, *, declared: int | None = None, mask: bool = True) -> bytes:
    """A WebSocket frame, its first byte as given; a mask of zeros leaves the payload as it is."""
    size = len(payload) if declared is None else declared
    return struct.pack(">BBQ", opcode, 0xFF if mask else 0x7F, size) + bytes(4 if mask else 0) + payload


def _part(first: bytes, size: int) -> Iterator[bytes]:
    yield first
    for _ in range(size // MIB):
        yield b" " * MIB


VIOLATIONS: tuple[Callable[[Random], Iterator[bytes]], ...] = (
    lambda chance: iter([chance.randbytes(chance.randint(1, 5000))]),
    lambda chance: iter([_frame(0x81, b'{"func":"Heartbeat"}', mask=False)]),
    lambda chance: iter([_frame(0x81, b'{"func":"Heart', declared=chance.randint(15, 1000))]),
    lambda chance: iter([_frame(0x81, b'{"func":"Heartbeat","reqId":1}')[: chance.randint(1, 30)]]),
    lambda chance: _part(_frame(0x81, b"", declared=20 * MIB), chance.choice((0, 5, 20))),
    lambda chance: _part(_frame(0x82, b"", declared=40 * MIB), 1),
    lambda chance: iter([_frame(0x81, b"x", declared=(1 << 63) + 1)]),
    lambda chance: iter([_frame(0x01, b"") + _frame(0x00, b" " * MIB)] * 2),
    lambda chance: iter([_frame(0x01, b" ")] + [_frame(0x00, b" " * MIB)] * 35),
    lambda chance: iter([_frame(0x01, b" ")] + [_frame(0x00, b" ") * 1000] * 20),
    lambda chance: iter([_frame(0x89, b"x" * 200)]),
    lambda chance: iter([_frame(0x89, b"ping") * 1000] * 5),
    lambda chance: iter([_frame(0x88, b"\x00\x01")]),
    lambda chance: iter([_frame(0x88, b"\x03\xe8") + _frame(0x81, b'{"func":"GetCameraInfo"}')]),
    lambda chance: iter([_frame(0xF1, b"{}")]),
    lambda chance: iter([_frame(0x8B, b"{}")]),
    lambda chance: iter([_frame(0x81, b"\xff\xfe")]),
    lambda chance: iter([_frame(0x81, b"[" * 100_000)]),
    lambda chance: iter([_frame(0x81, b'{"func":"OpenCamera","reqId":1}') * 500]),
)


@contextlib.asynccontextmanager
async def _connection(
    service: ServiceProcess,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def _http(service: ServiceProcess, *lines: str) -> bytes:
    return "\r\n".join((*lines, f"Host: 127.0.0.1:{service.port}", "", "")).encode()


def _handshake(service: ServiceProcess, chance: Random) -> bytes:
    return _http(
        service,
        "GET / HTTP/1.1",
        f"Origin: {chance.choice(ORIGINS)}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(chance.randbytes(16)).decode()}",
        "Sec-WebSocket-Version: 13",
    )


async def _listen(reader: asyncio.StreamReader, seconds: float) -> None:
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(seconds):
            while await reader.read(MIB):
                pass


def _hang_up(writer: asyncio.StreamWriter, chance: Random) -> None:
    if chance.random() < 0.5:
        reset(writer.transport)


VISITS: tuple[Visit, ...] = (embed, break_protocol, handshake_slowly, send_garbage)
