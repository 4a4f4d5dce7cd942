"""A virtual card in a slot of vpcd's reader: a TCP client that answers commands.

Each message is two bytes of length and so many of content. Those of one byte are orders: power off,
power on, reset, and the question for the ATR, which alone is answered.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable

from tests.fakes.smartcards.card import VirtualCard
from tests.patience import PATIENCE

ASK_ATR = 4


class Inserted:
    """A card in a slot, until it is taken out.

    Parameters
    ----------
    port
        The slot's.
    """

    def __init__(self, card: VirtualCard, port: int) -> None:
        self.card = card
        self.before_answer: Callable[[bytes], None] = lambda _: None
        """Called with each command, before it is answered."""
        self._socket = _connected(port)
        # vpcd writes length and content apart, and each would wait for the acknowledgement of the other.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._thread = threading.Thread(target=self._serve, name="virtual-card", daemon=True)
        self._thread.start()

    def take_out(self) -> None:
        """Now."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if threading.current_thread() is not self._thread:
            self._thread.join(PATIENCE)
        self._socket.close()

    def _serve(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                (length,) = struct.unpack(">H", self._receive(2))
                message = self._receive(length)
                reply = self._order(message[0]) if length == 1 else self._answer(message)
                if reply is not None:
                    self._socket.sendall(struct.pack(">H", len(reply)) + reply)

    def _order(self, order: int) -> bytes | None:
        if order == ASK_ATR:
            return self.card.atr
        self.card.reset()
        return None

    def _answer(self, command: bytes) -> bytes | None:
        self.before_answer(command)
        return self.card.answer(command)

    def _receive(self, count: int) -> bytes:
        received = b""
        while len(received) < count:
            piece = self._socket.recv(count - len(received))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            if not piece:
                raise EOFError
            received += piece
        return received


def _connected(port: int) -> socket.socket:
    """The reader takes one card at a time, and notices a little later that the last has gone."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
