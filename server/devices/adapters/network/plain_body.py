"""Body of an endless answer over plain HTTP, read off the socket that aiohttp connected and logged in at.

Through the loop each piece of a picture starts it anew, parses it and copies it twice: four times the work of
reading. Encrypted, chunked and counted bodies are aiohttp's.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable
from typing import TypeAlias

import aiohttp

from server.devices.adapters.network.entry import BROKE, UNANSWERED, LinkError, LinkTimeout

Buffer: TypeAlias = bytes | memoryview

RECEIVE = 1 << 20
"""Bytes that are waited for and read at once, which are most pictures as a whole."""
_FRAMED = ("Content-Length", "Transfer-Encoding", "Content-Encoding")
"""Headers of an answer whose body does not simply go on until the connection ends."""


def plain_body(response: aiohttp.ClientResponse) -> PlainBody | None:
    """Return the rest of an answer as a plain stream of bytes; None where it is more than that."""
    connection = response.connection
    transport = connection.transport if connection is not None else None
    if transport is None or transport.is_closing() or any(name in response.headers for name in _FRAMED):
        return None
    raw = transport.get_extra_info("socket")
    if raw is None or transport.get_extra_info("ssl_object") is not None:
        return None
    assert isinstance(transport, asyncio.ReadTransport)
    transport.pause_reading()
    return PlainBody(socket.socket(fileno=os.dup(raw.fileno())), response.content.read_nowait(-1))


class PlainBody:
    """Bytes of one answer until its connection ends.

    Parameters
    ----------
    own
        Its socket; is closed with it.
    begun
        Bytes that were read already.
    """

    def __init__(self, own: socket.socket, begun: bytes) -> None:
        self._socket = own
        self._begun = begun
        self._buffer = memoryview(bytearray(RECEIVE))
        self._lowest = 1

    def read(self, timeout: float, take: Callable[[Buffer], int]) -> None:
        """Hand bytes on as `CameraHttpClient.read` does."""
        deadline = time.monotonic() + timeout
        wanted = 1
        while wanted:
            data = self._begun or self._received(deadline - time.monotonic(), wanted)
            self._begun = b""
            wanted = take(data)
            if not data:
                return

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _received(self, timeout: float, wanted: int) -> memoryview:
        """Wait until as many bytes are there as are wanted, or for some at the end of the time."""
        self._wait_for(wanted)
        try:
            self._socket.settimeout(max(timeout, 0.001))
            return self._buffer[: self._socket.recv_into(self._buffer)]
        except TimeoutError:
            return self._few()
        except OSError as exc:
            raise LinkError(BROKE) from exc

    def _few(self) -> memoryview:
        """Take what a slow camera has sent so far, so that it does not count as silent."""
        self._wait_for(1)
        try:
            return self._buffer[: self._socket.recv_into(self._buffer, 0, socket.MSG_DONTWAIT)]
        except (BlockingIOError, TimeoutError):
            raise LinkTimeout(UNANSWERED) from None
        except OSError as exc:
            raise LinkError(BROKE) from exc

    def _wait_for(self, wanted: int) -> None:
        # The kernel wakes this thread two or three times a picture, where every segment would.
        lowest = min(wanted, RECEIVE)
        if lowest != self._lowest:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, lowest)
            self._lowest = lowest
