"""A camera's HTTP server, well-behaved or not, on the loopback."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event, Thread

import cv2
import numpy as np
import pytest

Handler = Callable[[socket.socket, str, Event], None]
"""Answers one connection: the socket, the request's text, and when to give up."""


class CameraServer:
    """Accepts connections and hands each to `handler` in a thread."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[str] = []
        self.ended = Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.port: int = self._listener.getsockname()[1]
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def url(self, path: str = "/video", user: str = "") -> str:
        return f"http://{user}127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self.ended.set()
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        while not self.ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the client hangs up when it has what it wants
            connection.settimeout(2)
            request = connection.recv(65536).decode()
            if request:
                self.requests.append(request)
                self.handler(connection, request, self.ended)


@pytest.fixture
def serve() -> Iterator[Callable[[Handler], CameraServer]]:
    servers: list[CameraServer] = []

    def start(handler: Handler) -> CameraServer:
        servers.append(CameraServer(handler))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def pictures() -> list[bytes]:
    """Three different JPEGs of 64x48."""
    grey = [np.full((48, 64, 3), value, np.uint8) for value in (40, 120, 200)]
    return [cv2.imencode(".jpg", each)[1].tobytes() for each in grey]
