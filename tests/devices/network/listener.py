"""The common part of the camera servers here: accepting connections on the loopback."""

from __future__ import annotations

import socket
from threading import Event, Thread

from tests.patience import PATIENCE


class Listener:
    """Hands each connection to `answer` in a thread, until it is closed."""

    def __init__(self) -> None:
        self.ended = Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.port: int = self._listener.getsockname()[1]
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def answer(self, connection: socket.socket) -> None:
        """Talk until the end; the caller closes the connection."""
        raise NotImplementedError

    def close(self) -> None:
        self.ended.set()
        self._thread.join(PATIENCE)
        self._listener.close()

    def _serve(self) -> None:
        while not self.ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(PATIENCE)
            self.answer(connection)
