"""WebSocket on the wire (RFC 6455, 5.2): frames of a client, and messages sent in pieces without a copy.

A preview picture is one object from the painter to the kernel, however many clients watch it, each with a
header of a few bytes.
"""

from __future__ import annotations

import asyncio
import codecs
import socket
import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from aiohttp import ClientConnectionResetError, WSCloseCode, WSMessage, WSMsgType, web
from aiohttp.http_websocket import WebSocketError

UNSENT_BYTES = 128 * 1024
"""Limit of unsent bytes in the kernel; with more, a slow client sees pictures seconds old."""
BUFFERED_BYTES = 16 * 1024
"""Limit of bytes in the transport's buffer, from which sending waits."""
_FINAL = 0x80
CONTROL = 0x8
"""Opcodes from here on are those of control frames."""
_CLOSE_CODES = frozenset(map(int, WSCloseCode))


class Header(NamedTuple):
    """Header of a frame; `end` is the place of its payload."""

    final: bool
    opcode: int
    length: int
    mask: bytes
    end: int


def read_header(data: bytes, at: int) -> Header | None:
    """Return the header at that place; None if it, or a frame of control, is not there as a whole."""
    if len(data) < at + 2:
        return None
    first, second = data[at], data[at + 1]
    opcode, length, end = first & 0xF, second & 0x7F, at + 2
    _check_frame(first, length)
    if length >= 126:
        size = 2 if length == 126 else 8
        length = int.from_bytes(data[end : end + size])
        end += size
    masked = 4 if second & 0x80 else 0
    if len(data) < end + masked + (length if opcode >= CONTROL else 0):
        return None
    return Header(bool(first & 0x80), opcode, length, data[end : end + masked], end + masked)


def _check_frame(first: int, length: int) -> None:
    opcode = first & 0xF
    if first & 0x70 or opcode not in (0x0, 0x1, 0x2, 0x8, 0x9, 0xA):
        raise WebSocketError(WSCloseCode.PROTOCOL_ERROR, "a frame has reserved bits or an unknown opcode")
    if opcode >= CONTROL and (length > 125 or not first & 0x80):
        raise WebSocketError(WSCloseCode.PROTOCOL_ERROR, "a frame of control is too long or in parts")


def unmasked(data: bytes, mask: bytes) -> bytes:
    if not mask or not data:
        return data
    padded = np.frombuffer(data + bytes(-len(data) % 4), np.uint32)
    return (padded ^ np.frombuffer(mask, np.uint32)).tobytes()[: len(data)]


class TextCheck:
    """Check of a text that comes in pieces: its bytes are UTF-8.

    Nothing is kept: as a string, which is not needed, one emoji would make it four times as large.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def add(self, data: bytes, final: bool = False) -> None:
        """Check a piece; raises WebSocketError if it is not UTF-8, or ends the text within a character."""
        if data.isascii() and not self._decoder.getstate()[0]:
            return
        try:
            self._decoder.decode(data, final)
        except UnicodeDecodeError as exc:
            raise WebSocketError(WSCloseCode.INVALID_TEXT, "the text is not valid UTF-8") from exc


def close_message(payload: bytes) -> WSMessage:
    if not payload:
        return WSMessage(WSMsgType.CLOSE, 0, "")
    code = struct.unpack(">H", payload[:2])[0] if len(payload) > 1 else 0
    if code < 3000 and code not in _CLOSE_CODES:
        raise WebSocketError(WSCloseCode.PROTOCOL_ERROR, "the close code is not valid")
    TextCheck().add(payload[2:], final=True)
    return WSMessage(WSMsgType.CLOSE, code, payload[2:].decode())


class WebSocketSender:
    """Sender of messages to one client, with its socket tuned for low latency.

    Parameters
    ----------
    request, response
        Request, and the prepared WebSocket that is the response to it.
    """

    def __init__(self, request: web.BaseRequest, response: web.WebSocketResponse) -> None:
        self._request = request
        self._response = response
        tune_transport(request.transport)

    async def send(self, message: Sequence[bytes], binary: bool) -> None:
        """Send one message and return when the kernel has nearly all of it.

        Parameters
        ----------
        message
            Message in pieces, none of which is copied.

        Raises
        ------
        ConnectionError
            The connection is closed or closing.
        """
        transport = self._request.transport
        if transport is None or transport.is_closing() or self._response.closed:
            raise ClientConnectionResetError("the connection is closing")
        opcode = WSMsgType.BINARY if binary else WSMsgType.TEXT
        transport.writelines([_header(sum(map(len, message)), opcode), *message])
        await self._request.writer.drain()


def _header(length: int, opcode: WSMsgType) -> bytes:
    """Return the header of an unfragmented, unmasked message of a server (RFC 6455, 5.2)."""
    first = _FINAL | opcode
    if length < 126:
        return bytes((first, length))
    if length < 1 << 16:
        return struct.pack(">BBH", first, 126, length)
    return struct.pack(">BBQ", first, 127, length)


def tune_transport(transport: asyncio.Transport | None) -> None:
    """Limit the unsent bytes, so that a slow client gets few new pictures, not many old ones."""
    # uvloop raises on a transport that the client has closed meanwhile.
    if transport is None or transport.is_closing():
        return
    transport.set_write_buffer_limits(BUFFERED_BYTES)
    line = transport.get_extra_info("socket")
    if line is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
