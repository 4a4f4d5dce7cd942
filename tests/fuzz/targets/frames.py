"""Frames of a WebSocket, in pieces: no more is held than has arrived, and nothing in the end."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence

from aiohttp import EofStream
from aiohttp.http_websocket import WebSocketError

from benchmarks.reliability.raw_client import frame
from server.access.limits import ByteBudgets, MessageLimits
from server.config import LimitsConfig
from server.connection.message_reader import IncomingMessage, MessageReader
from tests.fuzz.target import Target

LIMIT = 1000


class Line:
    """A connection whose reading is paused or not, to no effect."""

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


def attack(data: bytes) -> None:
    """Feed it in pieces, and take what comes out of it."""
    asyncio.run(_feed(data, 1 + zlib.crc32(data) % 200))


async def _feed(data: bytes, piece: int) -> None:
    budgets = ByteBudgets(LimitsConfig)
    connection = budgets.connection(None)
    reader = MessageReader(Line(), connection, MessageLimits(LIMIT, 60))
    messages: list[IncomingMessage] = []
    for at in range(0, len(data), piece):
        reader.feed_data(data[at : at + piece])
        assert 0 <= budgets.held <= at + piece
        await _take(reader, messages)
    # What was set aside has its turn.
    reader._proceed()
    await _take(reader, messages)
    reader.feed_eof()
    for message in messages:
        assert message.refused == (message.size > LIMIT)
        assert message.refused or len(message.data) == message.size
        message.charge.release()
    assert budgets.held == 0


async def _take(reader: MessageReader, messages: list[IncomingMessage]) -> None:
    while len(reader.queue):
        try:
            taken = (await reader.queue.read()).data
        except (WebSocketError, EofStream):
            return
        if isinstance(taken, IncomingMessage):
            messages.append(taken)


def seeds() -> Sequence[bytes]:
    """Messages whole and in parts, with frames of control between them."""
    whole = [frame(b"{}"), frame("高拍".encode()), frame(b"x" * 126), frame(b"y" * LIMIT, 2)]
    parts = frame(b"a", final=False) + frame(b"", 9) + frame(b"b" * 300, 0, final=False) + frame(b"", 0)
    return [*whole, b"".join(whole), parts, frame(b"z" * (LIMIT + 1)), frame(b"\x03\xe8bye", 8)]


TARGET = Target(
    attack, seeds, words=[b"\x81\x80", b"\x01\x80", b"\x80\x80", b"\x00\x80", b"\x81\xfe", b"\x82\xff"]
)
