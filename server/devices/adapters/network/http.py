"""As much of HTTP as a camera needs, every wait and every length bounded.

The standard library's client cannot go on with a response after a read timed out, which
a stream that is polled must; hence this small one. (RFC 9112)
"""

from __future__ import annotations

import io
import re
import socket
import ssl
import time
from base64 import b64encode
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException, parse_headers

from server.devices.adapters.network.entry import Address
from server.devices.adapters.network.link import LinkError, LinkTimeout

HEAD_LIMIT = 32 << 10
CHUNK_LINE_LIMIT = 1 << 10
REDIRECTS = 3
RECEIVE = 256 << 10

_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: [^\r\n]*)?\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


class Body:
    """What follows a response's header."""

    def __init__(self, sock: socket.socket, begun: bytes, headers: Message) -> None:
        self._sock = sock
        self._begun: bytes | None = begun or None
        chunked = headers.get("Transfer-Encoding", "").strip().lower() == "chunked"
        self._chunks = Chunks() if chunked else None

    def read(self, timeout: float) -> bytes | None:
        """Some bytes; none at the end; None when nothing came for `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                data, self._begun = self._begun or receive(self._sock, deadline), None
            except LinkTimeout:
                return None
            if self._chunks is None or not data:
                return data
            content = self._chunks.feed(data)
            if content or self._chunks.ended:
                return content

    def close(self) -> None:
        """Hang up."""
        self._sock.close()


class Chunks:
    """``Transfer-Encoding: chunked`` undone."""

    def __init__(self) -> None:
        self.ended = False
        self._buffer = bytearray()
        self._left = 0

    def feed(self, data: bytes) -> bytes:
        """The content among `data`.

        Raises
        ------
        LinkError
            It is not chunked after all.
        """
        self._buffer += data
        content = bytearray()
        while not self.ended and (self._left or self._next()):
            taken = self._buffer[: self._left]
            content += taken
            del self._buffer[: len(taken)]
            self._left -= len(taken)
            if not taken:
                break
        return bytes(content)

    def _next(self) -> bool:
        """Pass the line before a chunk; whether it is there and begins one."""
        line = re.match(rb"(?:\r\n)?([0-9A-Fa-f]{1,8})(?:;[^\r\n]*)?\r\n", self._buffer)
        if line is None:
            if len(self._buffer) > CHUNK_LINE_LIMIT:
                raise LinkError("its chunked answer is malformed")
            return False
        self._left = int(line[1], 16)
        self.ended = self._left == 0
        del self._buffer[: line.end()]
        return not self.ended


@dataclass(frozen=True, slots=True)
class Response:
    """An answer with status 200."""

    headers: Message
    body: Body


def get(address: Address, timeout: float) -> Response:
    """Ask for the address, following redirects on the same host.

    Raises
    ------
    LinkError, LinkTimeout
        Unreachable, or any other answer than 200.
    """
    deadline = time.monotonic() + timeout
    for _ in range(REDIRECTS + 1):
        status, response = _exchange(address, deadline)
        if status == 200:
            return response
        response.body.close()
        if status not in (301, 302, 303, 307, 308):
            raise LinkError(_REASONS.get(status, f"it answers with status {status}"))
        address = address.redirected(response.headers.get("Location", ""))
    raise LinkError("it redirects too often")


def receive(sock: socket.socket, deadline: float) -> bytes:
    """Bytes that have come, none if the other side closed.

    Raises
    ------
    LinkTimeout
        Nothing came until `deadline`.
    """
    sock.settimeout(max(0.001, deadline - time.monotonic()))
    try:
        return sock.recv(RECEIVE)
    except (TimeoutError, ssl.SSLWantReadError) as exc:
        raise LinkTimeout("it does not answer") from exc
    except OSError as exc:
        raise LinkError("the connection broke") from exc


_REASONS = {
    401: "it wants a user name and password (Basic); put them into its url in [[cameras]]",
    403: "it does not allow this user to look; check the user in its url in [[cameras]]",
    404: "it has no such stream; check the path in its url in [[cameras]]",
}


def _exchange(address: Address, deadline: float) -> tuple[int, Response]:
    sock = _connected(address, deadline)
    try:
        sock.sendall(_request(address))
        return _answer(sock, deadline)
    except OSError as exc:
        sock.close()
        raise LinkError("the connection broke") from exc
    except LinkError:
        sock.close()
        raise


def _connected(address: Address, deadline: float) -> socket.socket:
    left = max(0.001, deadline - time.monotonic())
    try:
        sock = socket.create_connection((address.host, address.port), left)
    except TimeoutError as exc:
        raise LinkTimeout("it does not answer") from exc
    except OSError as exc:
        raise LinkError("it cannot be reached; check its address and that it is switched on") from exc
    return _secured(sock, address) if address.scheme == "https" else sock


def _secured(sock: socket.socket, address: Address) -> socket.socket:
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=address.host)
    except TimeoutError as exc:
        sock.close()
        raise LinkTimeout("it does not answer") from exc
    except OSError as exc:
        sock.close()
        raise LinkError("no trusted encrypted connection is possible; check its certificate") from exc


def _request(address: Address) -> bytes:
    lines = [f"GET {address.target} HTTP/1.1", f"Host: {address.authority}"]
    lines += ["Accept: multipart/x-mixed-replace, image/jpeg", "Connection: close"]
    if address.user is not None:
        pair = f"{address.user}:{address.password or ''}".encode()
        lines.append(f"Authorization: Basic {b64encode(pair).decode()}")
    return "\r\n".join([*lines, "", ""]).encode()


def _answer(sock: socket.socket, deadline: float) -> tuple[int, Response]:
    data = bytearray()
    while (end := _HEAD_END.search(data)) is None:
        more = receive(sock, deadline)
        data += more
        if not more or len(data) > HEAD_LIMIT + RECEIVE:
            raise LinkError("it does not speak HTTP")
    status = _STATUS.match(data)
    if status is None or end.end() > HEAD_LIMIT:
        raise LinkError("it does not speak HTTP")
    try:
        headers = parse_headers(io.BytesIO(data[status.end() : end.end()]))
    except HTTPException as exc:
        raise LinkError("it does not speak HTTP") from exc
    return int(status[1]), Response(headers, Body(sock, bytes(data[end.end() :]), headers))
