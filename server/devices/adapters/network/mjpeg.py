"""Pictures over HTTP: one endless answer of many parts, or one answer a picture."""

from __future__ import annotations

import time
from collections import deque

from server.devices.adapters.network import http, jpeg
from server.devices.adapters.network.entry import Address
from server.devices.adapters.network.link import CONNECT_TIMEOUT, STALL_TIMEOUT, Link, LinkError, Shot
from server.devices.adapters.network.multipart import PART_LIMIT, Parts
from server.devices.ports.camera import PixelFormat

SNAPSHOTS = 5.0
"""Pictures a second a snapshot address is asked for, unless fewer are wanted."""


def connect(address: Address, fps: float) -> Link:
    """Ask, and see by the answer which kind of camera it is.

    Raises
    ------
    LinkError, LinkTimeout
    """
    response = http.get(address, CONNECT_TIMEOUT)
    kind = response.headers.get_content_type()
    try:
        if kind.startswith("multipart/"):
            return PartLink(response.body, Parts(str(response.headers.get_param("boundary", ""))))
        if kind in ("image/jpeg", "image/jpg", "image/pjpeg"):
            return SnapshotLink(address, response, fps)
        raise LinkError(f"it answers with {_printable(kind)}, not with JPEG pictures")
    except LinkError:
        response.body.close()
        raise


class PartLink:
    """One answer of many parts."""

    def __init__(self, body: http.Body, parts: Parts) -> None:
        self._body = body
        self._parts = parts
        self._ready: deque[bytes] = deque()
        self._heard = time.monotonic()

    def picture(self, timeout: float) -> Shot | None:
        """The next part that is a JPEG with a size."""
        deadline = time.monotonic() + timeout
        while True:
            while self._ready:
                shot = _shot(self._ready.popleft())
                if shot is not None:
                    return shot
            left = deadline - time.monotonic()
            if left <= 0 or not self._listen(left):
                return None

    def close(self) -> None:
        """Hang up."""
        self._body.close()

    def _listen(self, timeout: float) -> bool:
        data = self._body.read(timeout)
        if data is None:
            _refuse_silence(self._heard)
            return False
        self._heard = time.monotonic()
        self._ready.extend(self._parts.feed(data))
        if not data:
            self._end()
        return True

    def _end(self) -> None:
        last = self._parts.finish()
        self._parts = Parts("end")
        if not last:
            raise LinkError("it closed the connection")
        self._ready.append(last)


class SnapshotLink:
    """One answer a picture, asked for again and again."""

    def __init__(self, address: Address, first: http.Response, fps: float) -> None:
        self._address = address
        self._body: http.Body | None = first.body
        self._left = _length(first)
        self._data = bytearray()
        self._pause = 1.0 / min(SNAPSHOTS, fps if fps > 0 else SNAPSHOTS)
        self._heard = self._asked = time.monotonic()

    def picture(self, timeout: float) -> Shot | None:
        """The next snapshot; asking for it may take `CONNECT_TIMEOUT` more."""
        deadline = time.monotonic() + timeout
        while (now := time.monotonic()) < deadline:
            if self._body is None and now < self._asked + self._pause:
                time.sleep(min(deadline, self._asked + self._pause) - now)
            elif self._listen(self._body or self._ask(), deadline - now):
                return self._finished()
        return None

    def close(self) -> None:
        """Hang up."""
        if self._body is not None:
            self._body.close()
            self._body = None

    def _ask(self) -> http.Body:
        self._asked = self._heard = time.monotonic()
        response = http.get(self._address, CONNECT_TIMEOUT)
        self._left = _length(response)
        self._data.clear()
        self._body = response.body
        return response.body

    def _listen(self, body: http.Body, timeout: float) -> bool:
        """Take in what comes; whether the answer is complete."""
        data = body.read(timeout)
        if data is None:
            _refuse_silence(self._heard)
            return False
        self._heard = time.monotonic()
        self._data += data
        if len(self._data) > PART_LIMIT:
            raise LinkError(f"a picture is larger than {PART_LIMIT >> 20} MB")
        return not data or (self._left is not None and len(self._data) >= self._left)

    def _finished(self) -> Shot | None:
        self.close()
        data = bytes(self._data if self._left is None else self._data[: self._left])
        return _shot(jpeg.trimmed(data)) if jpeg.whole(jpeg.trimmed(data)) else None


def _shot(data: bytes) -> Shot | None:
    size = jpeg.size(data)
    return None if size is None else Shot(PixelFormat.MJPG, size, data)


def _length(response: http.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() and len(text) <= 12 else None


def _refuse_silence(heard: float) -> None:
    if time.monotonic() - heard > STALL_TIMEOUT:
        raise LinkError("it has fallen silent")


def _printable(kind: str) -> str:
    return kind[:40] if kind.isascii() and kind.isprintable() else "something"
