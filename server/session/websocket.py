"""WebSocket transport: messages are received within a size limit, and sent in pieces without a copy.

A preview picture is one object from the painter to the kernel, however many clients watch it,
each with a header of a few bytes. aiohttp does the framing of received messages, pings and closing.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Sequence

from aiohttp import ClientConnectionResetError, WSCloseCode, WSMsgType, web

UNSENT_BYTES = 128 * 1024
"""Limit of unsent bytes in the kernel; with more, a slow client sees pictures seconds old."""
BUFFERED_BYTES = 16 * 1024
"""Limit of bytes in the transport's buffer, from which sending waits."""
_FINAL = 0x80


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


async def messages(response: web.WebSocketResponse, limit: int) -> AsyncIterator[str | bytes]:
    """Yield a client's messages; one over `limit` characters or bytes closes the connection."""
    async for message in response:
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            continue
        if len(message.data) > limit:
            await response.close(code=WSCloseCode.MESSAGE_TOO_BIG, message=b"the message is too large")
            return
        yield message.data
