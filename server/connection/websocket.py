"""WebSockets of clients: messages read within a budget, and sent in pieces without a copy (RFC 6455).

A preview picture is one object from the painter to the kernel, however many clients watch it, each with a
header of a few bytes.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, cast

from aiohttp import ClientConnectionResetError, WSCloseCode, WSMsgType, web
from aiohttp.http_websocket import WebSocketError, WebSocketWriter

from server.access.limits import ByteBudget, MessageLimits
from server.connection.message_reader import IncomingMessage, MessageReader

log = logging.getLogger(__name__)

UNSENT_BYTES = 128 * 1024
"""Limit of unsent bytes in the kernel; with more, a slow client sees pictures seconds old."""
BUFFERED_BYTES = 16 * 1024
"""Limit of bytes in the transport's buffer, from which sending waits."""
_FINAL = 0x80
"""Bit in the first byte of a frame that marks the last one of a message (RFC 6455, 5.2)."""
PING_SECONDS = 30.0
"""Interval at which a silent client is pinged, in seconds."""
CLOSE_SECONDS = 3.0
"""Time limit for a client to answer a close frame, in seconds."""


class WebSocket(web.WebSocketResponse):
    """WebSocket of a client, whose messages are of the type `IncomingMessage`.

    Parameters
    ----------
    budget
        Budget of the connection.
    protocols
        Subprotocols that the service may agree on.
    """

    def __init__(self, budget: ByteBudget, limits: MessageLimits, protocols: Iterable[str]) -> None:
        super().__init__(compress=False, heartbeat=PING_SECONDS, timeout=CLOSE_SECONDS, protocols=protocols)
        self._budget = budget
        self._limits = limits

    def _post_start(self, request: web.BaseRequest, protocol: str | None, writer: WebSocketWriter) -> None:
        # The original, but for the reader, which aiohttp lets nobody choose.
        self._ws_protocol = protocol
        self._writer = writer
        self._reset_heartbeat()
        reader = MessageReader(request.protocol, self._budget, self._limits)
        self._parser = cast(Any, reader)
        self._reader = cast(Any, reader.queue)
        request.protocol.set_parser(cast(Any, reader), self._on_data_received)
        request.protocol.keep_alive(False)


async def messages(response: WebSocket, limit: int) -> AsyncIterator[IncomingMessage]:
    """Yield a client's messages; one over `limit` bytes closes the connection."""
    async for message in response:
        if isinstance(message.data, WebSocketError):
            log.warning("closed: %s", message.data)
        if not isinstance(message.data, IncomingMessage):
            continue
        if message.data.size > limit:
            log.warning("closed: the message is over %d MiB", limit >> 20)
            await response.close(code=WSCloseCode.MESSAGE_TOO_BIG, message=b"the message is too large")
            return
        yield message.data


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
