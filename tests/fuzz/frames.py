"""WebSocket frames as no browser sends them: fragments, lengths and masks that contradict each other."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import struct
from random import Random

from tests.patience import PATIENCE

TEXTS = (b'{"func":"GetVersion","reqId":"1"}', b"{", b"", b"\xff\xfe", b'"' * 300, b"[" * 5000)
"""What is cut into fragments."""


def connected(port: int) -> socket.socket:
    """A connection that has shaken hands."""
    line = socket.create_connection(("127.0.0.1", port), PATIENCE)
    key = base64.b64encode(os.urandom(16)).decode()
    line.sendall(
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += line.recv(4096) or b"\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 101"), answer
    return line


def frame(
    opcode: int, data: bytes, final: bool = True, claimed: int | None = None, mask: bool = True
) -> bytes:
    """One frame; `claimed` is the length that its header gives, and `opcode` may have reserved bits."""
    length = len(data) if claimed is None else claimed
    head = bytes([opcode | (0x80 if final else 0)])
    masked = 0x80 if mask else 0
    if length < 126:
        head += bytes([masked | length])
    elif length < 1 << 16:
        head += struct.pack(">BH", masked | 126, length)
    else:
        head += struct.pack(">BQ", masked | 127, length & (1 << 64) - 1)
    return head + (bytes(4) if mask else b"") + data


def conversation(chance: Random) -> bytes:
    """Frames of one client: some whole, some in fragments, some of no kind."""
    return b"".join(_several(chance) for _ in range(chance.randint(1, 6)))


def _several(chance: Random) -> bytes:
    text = chance.choice(TEXTS)
    kind = chance.randrange(6)
    if kind == 0:
        return frame(chance.randrange(128), text, bool(chance.randrange(2)))
    if kind == 1:
        return frame(
            1, text, claimed=chance.choice([0, 1, 125, 126, 1 << 16, 1 << 31, 1 << 62, (1 << 64) - 1])
        )
    if kind == 2:
        return chance.randbytes(chance.randint(1, 40))
    if kind == 3:
        return frame(1, text, mask=False)
    return _fragments(text, chance)


def _fragments(text: bytes, chance: Random) -> bytes:
    """A message in pieces, with a control frame or another beginning in between."""
    size = chance.randint(1, 60)
    pieces = [text[at : at + size] for at in range(0, len(text), size)] or [b""]
    frames = [frame(1 if at == 0 else 0, piece, final=False) for at, piece in enumerate(pieces)]
    frames.insert(chance.randint(0, len(frames)), frame(chance.choice([0, 1, 2, 8, 9, 10]), b"ab"))
    return b"".join(frames) + (frame(0, b"") if chance.randrange(2) else b"")


def said(port: int, data: bytes) -> None:
    """Say this on a connection of its own, and hear what comes at once."""
    with connected(port) as line, contextlib.suppress(ConnectionError, TimeoutError):
        line.sendall(data)
        line.settimeout(0.05)
        while line.recv(1 << 16):
            pass
