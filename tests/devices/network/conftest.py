"""A camera's HTTP server, well-behaved or not, on the loopback."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event

import cv2
import numpy as np
import pytest

from tests.devices.network.listener import Listener

Handler = Callable[[socket.socket, str, Event], None]
"""Answers one connection: the socket, the request's text, and when to give up."""


class CameraServer(Listener):
    """Reads a request from each connection and hands it to `handler`."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[str] = []
        super().__init__()

    def url(self, path: str = "/video", user: str = "") -> str:
        return f"http://{user}127.0.0.1:{self.port}{path}"

    def answer(self, connection: socket.socket) -> None:
        with suppress(OSError):  # the client hangs up when it has what it wants
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
