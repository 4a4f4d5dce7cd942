"""Pictures over HTTP: one endless answer of many parts, or one answer a picture."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from email.message import Message

from server.devices.adapters.network import entry, multipart
from server.devices.adapters.network.http import CameraHttpClient
from server.devices.adapters.network.multipart import PART_LIMIT, Parts
from server.devices.adapters.network.plain_body import Buffer
from server.devices.ports.camera import PixelFormat
from server.devices.ports.frame_header import header_fault, read_jpeg_header
from server.errors import LocalizedText

_NO_PICTURES = LocalizedText(
    "应答是 {kind}，不是 JPEG 图片", "it answers with {kind}, not with JPEG pictures"
)
SNAPSHOTS = 5.0
"""Pictures a second for which a snapshot address is asked, unless fewer are wanted."""


def connect(address: entry.Address, fps: float) -> entry.Link:
    """Ask, and see by the answer which kind of camera it is."""
    client = CameraHttpClient(address)
    try:
        return _link(client, client.get(entry.CONNECT_TIMEOUT), fps)
    except entry.LinkError:
        client.close()
        raise


def _link(client: CameraHttpClient, headers: Mapping[str, str], fps: float) -> entry.Link:
    announced = Message()
    announced["Content-Type"] = headers.get("Content-Type", "")
    kind = announced.get_content_type()
    if kind.startswith("multipart/"):
        return PartLink(client, Parts(str(announced.get_param("boundary", ""))))
    if kind in ("image/jpeg", "image/jpg", "image/pjpeg"):
        return SnapshotLink(client, fps)
    raise entry.LinkError(_NO_PICTURES.filled(kind=_printable(kind)))


class PartLink:
    """One answer of many parts."""

    def __init__(self, client: CameraHttpClient, parts: Parts) -> None:
        self._client = client
        self._parts = parts
        self._ready: deque[bytes] = deque()
        self._heard = time.monotonic()

    def picture(self, timeout: float) -> entry.Shot | None:
        """The next part that is a JPEG with a size."""
        deadline = time.monotonic() + timeout
        while True:
            while self._ready:
                shot = shot_of(self._ready.popleft())
                if shot is not None:
                    return shot
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self._client.read(left, self._take)
            if not self._ready:
                _refuse_silence(self._heard)

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _take(self, data: Buffer) -> int:
        self._heard = time.monotonic()
        self._ready.extend(self._parts.feed(data))
        if not data:
            self._end()
        return 0 if self._ready else self._parts.wanted

    def _end(self) -> None:
        last = self._parts.finish()
        self._parts = Parts("end")
        if not last:
            raise entry.LinkError(LocalizedText("对方关闭了连接", "it closed the connection"))
        self._ready.append(last)


class SnapshotLink:
    """One answer a picture, asked for again and again."""

    def __init__(self, client: CameraHttpClient, fps: float) -> None:
        self._client = client
        self._answering = True
        self._complete = False
        self._data = bytearray()
        self._pause = 1.0 / min(SNAPSHOTS, fps if fps > 0 else SNAPSHOTS)
        self._heard = self._asked = time.monotonic()

    def picture(self, timeout: float) -> entry.Shot | None:
        """The next snapshot; asking for it may take `CONNECT_TIMEOUT` more."""
        deadline = time.monotonic() + timeout
        while (now := time.monotonic()) < deadline:
            if not self._answering and now < self._asked + self._pause:
                time.sleep(min(deadline, self._asked + self._pause) - now)
                continue
            if not self._answering:
                self._ask()
            self._client.read(deadline - now, self._take)
            if self._complete:
                return self._finished()
            _refuse_silence(self._heard)
        return None

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _ask(self) -> None:
        self._asked = self._heard = time.monotonic()
        self._data.clear()
        self._client.get(entry.CONNECT_TIMEOUT)
        self._answering = True

    def _take(self, data: Buffer) -> int:
        self._heard = time.monotonic()
        self._data += data
        if len(self._data) > PART_LIMIT:
            raise entry.LinkError(entry.TOO_LARGE.filled(limit=PART_LIMIT >> 20))
        self._complete = not data
        return 1

    def _finished(self) -> entry.Shot | None:
        self._answering = False
        self._complete = False
        data = multipart.trimmed(bytes(self._data))
        return shot_of(data) if multipart.whole(data) else None


def shot_of(data: bytes) -> entry.Shot | None:
    """Return a JPEG as a picture; None if its header cannot be believed."""
    header = read_jpeg_header(data)
    if header is None or header_fault(header, len(data)) is not None:
        return None
    return entry.Shot(PixelFormat.MJPG, header.size, data)


def _refuse_silence(heard: float) -> None:
    if time.monotonic() - heard > entry.STALL_TIMEOUT:
        raise entry.LinkError(entry.SILENT)


def _printable(kind: str) -> str:
    return kind[:40] if kind.isascii() and kind.isprintable() else "something"
