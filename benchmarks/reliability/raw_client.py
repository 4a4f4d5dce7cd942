"""A client that writes handshakes and frames byte by byte, in whatever pieces."""

from __future__ import annotations

import base64
import os
import socket

CONNECT_SECONDS = 60.0
"""A bound on waiting, far above what anything takes."""


def frame(payload: bytes, opcode: int = 1, *, final: bool = True, mask: bytes = b"\1\2\3\4") -> bytes:
    """Return one frame of a client, masked."""
    return head(len(payload), opcode, final=final, mask=mask) + masked(payload, mask)


def head(length: int, opcode: int = 1, *, final: bool = True, mask: bytes = b"\1\2\3\4") -> bytes:
    """Return the header of a frame of that length."""
    first = bytes([opcode | (0x80 if final else 0)])
    if length < 126:
        return first + bytes([0x80 | length]) + mask
    if length < 1 << 16:
        return first + b"\xfe" + length.to_bytes(2) + mask
    return first + b"\xff" + length.to_bytes(8) + mask


def masked(payload: bytes, mask: bytes) -> bytes:
    """Return a payload as it goes over the line."""
    repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload) ^ int.from_bytes(repeated)).to_bytes(len(payload))


def handshake(port: int, origin: str | None = None) -> bytes:
    """Return the request that opens a WebSocket."""
    words = [
        "GET / HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", "Sec-WebSocket-Version: 13",
        *([] if origin is None else [f"Origin: {origin}"]),
    ]  # fmt: skip
    return "\r\n".join((*words, "", "")).encode()


def shake_hands(port: int, origin: str | None = None) -> socket.socket:
    """Return a connection whose handshake is done.

    Raises
    ------
    ConnectionError
        The service refused it.
    """
    line = socket.create_connection(("127.0.0.1", port), CONNECT_SECONDS)
    line.sendall(handshake(port, origin))
    answer = b""
    while b"\r\n\r\n" not in answer:
        received = line.recv(1)
        if not received:
            break
        answer += received
    if b" 101 " not in answer:
        line.close()
        raise ConnectionError(answer.partition(b"\r\n")[0].decode("ascii", "replace"))
    return line
