"""An answer that is read off its socket, as much at once as a picture needs."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from server.devices.adapters.network.entry import LinkTimeout
from server.devices.adapters.network.plain_body import RECEIVE, Buffer, PlainBody
from tests.patience import PATIENCE


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname(), PATIENCE)
        theirs, _ = listener.accept()
    with ours, theirs:
        yield ours, theirs


class Eater:
    """Wants `total` bytes and remembers the pieces they came in."""

    def __init__(self, total: int) -> None:
        self.pieces: list[bytes] = []
        self._missing = total

    def __call__(self, data: Buffer) -> int:
        self.pieces.append(bytes(data))
        self._missing -= len(data)
        return max(0, self._missing)


def test_what_was_read_already_comes_first(pair: tuple[socket.socket, socket.socket]) -> None:
    body = PlainBody(pair[0], b"begun")
    eater = Eater(5)
    body.read(PATIENCE, eater)
    assert eater.pieces == [b"begun"]


def test_it_wakes_when_all_that_is_wanted_is_there(pair: tuple[socket.socket, socket.socket]) -> None:
    body = PlainBody(pair[0], b"first")
    eater = Eater(5 + 100_000)
    for _ in range(100):
        pair[1].sendall(bytes(1000))
    body.read(PATIENCE, eater)
    # The kernel may wake it earlier, where many small segments fill its memory.
    assert sum(map(len, eater.pieces)) == 100_005
    assert len(eater.pieces) < 10


def test_a_slow_camera_is_not_silent(pair: tuple[socket.socket, socket.socket]) -> None:
    body = PlainBody(pair[0], b"x")
    eater = Eater(RECEIVE)
    pair[1].sendall(b"a few bytes")
    with pytest.raises(LinkTimeout):
        body.read(0.05, eater)
    assert b"".join(eater.pieces) == b"xa few bytes"


def test_the_end_is_told_even_where_more_is_wanted(pair: tuple[socket.socket, socket.socket]) -> None:
    body = PlainBody(pair[0], b"x")
    eater = Eater(RECEIVE)
    pair[1].close()
    body.read(PATIENCE, eater)
    assert eater.pieces == [b"x", b""]
