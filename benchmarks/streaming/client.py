"""Viewers in a process of their own, as cheap as possible, so that the servers are measured and not they.

``python -m benchmarks.streaming.client PORT VIEWERS CROP_TYPE WARM SECONDS SAMPLE`` prints ``start`` and
``end`` around the measured time, then one JSON line with a frame's latencies in milliseconds. One whole
picture message is written to the file SAMPLE. All but the first bytes of the others are discarded in the
kernel.
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.streaming import stamp

ANSWER_BYTES = 4096
"""Longer messages are pictures."""
START_BYTES = 1024
DEADLINE_SECONDS = 20.0
_SCRATCH = bytearray(1 << 20)


class StreamFailed(Exception):
    """The server refused or went silent; the text says what it sent."""


@dataclass
class Viewer:
    """One connection.

    Attributes
    ----------
    frames
        (arrival, capture or None) of each picture, nanoseconds of ``CLOCK_MONOTONIC``.
    keep
        Whether the next picture message is read whole, into `sample`.
    """

    line: socket.socket
    frames: list[tuple[int, int | None]] = field(default_factory=list)
    keep: bool = False
    sample: bytes = b""
    _start: bytearray = field(default_factory=bytearray)
    _left: int = 0

    @classmethod
    def connect(cls, port: int) -> Viewer:
        line = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_SECONDS)
        key = base64.b64encode(os.urandom(16)).decode()
        line.sendall(
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = bytearray()
        while not head.endswith(b"\r\n\r\n"):
            head += line.recv(1) or b"\r\n\r\n"
        if b" 101 " not in head:
            raise StreamFailed(head.decode(errors="replace"))
        line.setblocking(False)
        return cls(line)

    def send(self, opcode: int, payload: bytes) -> None:
        """One masked frame; a mask of zeros leaves the payload as it is."""
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else struct.pack(">BH", 0xFE, size)
        self.line.sendall(bytes([0x80 | opcode]) + length + bytes(4) + payload)

    def ask(self, func: str, **parameters: Any) -> None:
        self.send(1, json.dumps({"func": func, "reqId": "bench", **parameters}).encode())

    def readable(self) -> None:
        """Take what is there; to be called when the socket is readable."""
        if self._left:
            flags = socket.MSG_TRUNC  # Linux throws TCP data away unread.
            self._left -= self.line.recv_into(_SCRATCH, min(self._left, len(_SCRATCH)), flags)
            if not self._left:
                self._complete()
            return
        wanted = self._wanted() - len(self._start)
        data = self.line.recv(wanted)
        if not data:
            raise StreamFailed("the server hung up")
        self._start += data
        if len(self._start) >= self._wanted():
            self._begin()

    def _wanted(self) -> int:
        """How many bytes of the message, its head included, have to be read rather than discarded."""
        head, size = self._head()
        picture = size > ANSWER_BYTES and not self.keep
        return head + (START_BYTES if picture else size)

    def _head(self) -> tuple[int, int]:
        """Bytes of the frame's head and of its payload, as far as they are known."""
        if len(self._start) < 2:
            return 2, 0
        short = self._start[1] & 0x7F
        head = {126: 4, 127: 10}.get(short, 2)
        if len(self._start) < head:
            return head, 0
        return head, short if head == 2 else int.from_bytes(self._start[2:head], "big")

    def _begin(self) -> None:
        head, size = self._head()
        self._left = head + size - len(self._start)
        if not self._left:
            self._complete()

    def _complete(self) -> None:
        now = time.monotonic_ns()
        head, size = self._head()
        payload, opcode = bytes(self._start[head:]), self._start[0] & 0x0F
        self._start.clear()
        if opcode == 9:
            self.send(10, payload)
        elif opcode == 8:
            raise StreamFailed("the server closed the connection")
        elif size > ANSWER_BYTES:
            self.frames.append((now, _capture_time(payload)))
            if len(payload) == size:
                self.sample, self.keep = payload, False
        elif json.loads(payload)["result"] != 0:
            raise StreamFailed(payload.decode())


def _capture_time(start: bytes) -> int | None:
    at = start.find(b'"/9j/')
    if at < 0:
        return None
    return stamp.find(base64.b64decode(start[at + 1 : at + 257]))


class Audience:
    """All viewers, served by one loop."""

    def __init__(self) -> None:
        self.viewers: list[Viewer] = []
        self._selector = selectors.DefaultSelector()

    def join(self, port: int, crop: int) -> None:
        """One viewer more; the first one opens the camera and is shown a picture before others come."""
        viewer = Viewer.connect(port)
        self._selector.register(viewer.line, selectors.EVENT_READ, viewer)
        viewer.ask("GetCameraInfo")
        if not self.viewers:
            viewer.ask("OpenCamera", devNum=0, mediaNum=0, resolutionNum=0, fps=30)
        viewer.ask("SetCameraImageInfo", devNum=0, cropType=crop)
        viewer.ask("GetCameraVideoBuff", devNum=0, enable=True)
        self.viewers.append(viewer)
        if len(self.viewers) == 1:
            self.watch_until(self.all_served)

    def all_served(self) -> bool:
        """Whether every viewer has seen a picture."""
        return all(viewer.frames for viewer in self.viewers)

    def watch(self, seconds: float) -> None:
        """Read for a time."""
        for _ in self._rounds(seconds):
            pass

    def watch_until(self, done: Callable[[], bool]) -> None:
        """Read until `done()`, within a bounded time."""
        for _ in self._rounds(DEADLINE_SECONDS):
            if done():
                return
        raise StreamFailed("no picture came in time")

    def _rounds(self, seconds: float) -> Iterator[None]:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                key.data.readable()
            yield


def main(arguments: list[str]) -> None:
    port, viewers, crop = map(int, arguments[:3])
    warm, seconds = map(float, arguments[3:5])
    audience = Audience()
    for _ in range(viewers):
        audience.join(port, crop)
    audience.watch_until(audience.all_served)
    audience.watch(warm)
    for viewer in audience.viewers:
        viewer.frames.clear()
    print("start", flush=True)
    audience.watch(seconds)
    print("end", flush=True)
    frames = [frame for viewer in audience.viewers for frame in viewer.frames]
    first = audience.viewers[0]
    first.keep = True
    audience.watch_until(lambda: bool(first.sample))
    Path(arguments[5]).write_bytes(first.sample)
    latencies = [(arrival - taken) / 1e6 for arrival, taken in frames if taken is not None]
    print(json.dumps({"frames": len(frames) / viewers, "latencies": latencies}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
