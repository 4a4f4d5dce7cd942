"""Both halves of a WebSocket: messages received within a limit, and sent in pieces without a copy.

A preview picture is one object from the painter to the kernel, however many clients see it,
each behind a few bytes of its own. aiohttp keeps the framing of what is received, pings and the closing.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Sequence

from aiohttp import ClientConnectionResetError, WSCloseCode, WSMsgType, web

UNSENT_BYTES = 128 * 1024
"""What the kernel may hold unsent: with more, a slow client sees pictures seconds old."""
BUFFERED_BYTES = 16 * 1024
"""What the transport may hold when the next message is due."""
_FINAL = 0x80


class WebSocketSender:
    """The line to one client; its socket is settled for pictures that are worth nothing when late.

    Parameters
    ----------
    request, response
        Prepared: the response to the request is the WebSocket.
    """

    def __init__(self, request: web.BaseRequest, response: web.WebSocketResponse) -> None:
        self._request = request
        self._response = response
        tune_transport(request.transport)

    async def send(self, message: Sequence[bytes], binary: bool) -> None:
        """Send one message and return when nearly all of it has left for the kernel.

        Parameters
        ----------
        message
            In pieces, none of them copied.

        Raises
        ------
        ConnectionError
            The client is gone or going.
        """
        transport = self._request.transport
        if transport is None or transport.is_closing() or self._response.closed:
            raise ClientConnectionResetError("the connection is closing")
        opcode = WSMsgType.BINARY if binary else WSMsgType.TEXT
        transport.writelines([_header(sum(map(len, message)), opcode), *message])
        await self._request.writer.drain()


def _header(length: int, opcode: WSMsgType) -> bytes:
    """Of a whole message from a server, which is not masked (RFC 6455, 5.2)."""
    first = _FINAL | opcode
    if length < 126:
        return bytes((first, length))
    if length < 1 << 16:
        return struct.pack(">BBH", first, 126, length)
    return struct.pack(">BBQ", first, 127, length)


def tune_transport(transport: asyncio.Transport | None) -> None:
    """Keep little unsent, so that a slow client gets few fresh pictures, not many old ones."""
    # uvloop raises on a transport that the client has closed meanwhile.
    if transport is None or transport.is_closing():
        return
    transport.set_write_buffer_limits(BUFFERED_BYTES)
    line = transport.get_extra_info("socket")
    if line is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


async def messages(response: web.WebSocketResponse, most: int) -> AsyncIterator[str | bytes]:
    """Messages of a client until it is gone; one over `most` characters or bytes ends the connection."""
    async for message in response:
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            continue
        if len(message.data) > most:
            await response.close(code=WSCloseCode.MESSAGE_TOO_BIG, message=b"the message is too large")
            return
        yield message.data
