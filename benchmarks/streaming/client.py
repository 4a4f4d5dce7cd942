"""Viewers in a process of their own, as cheap as possible, so that the servers are measured and not they.

``python -m benchmarks.streaming.client PORT CASE WARM SECONDS SAMPLE`` prints ``served`` when all viewers
see pictures, ``start`` and ``end`` around the measured time, then one JSON line: for each viewer its frames'
latencies in milliseconds. One whole picture message is written to the file SAMPLE. All but the first bytes
of the others are discarded in the kernel.
"""

from __future__ import annotations

import base64
import contextlib
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
from benchmarks.streaming.case import Case
from benchmarks.streaming.measure import shows_outline

ANSWER_BYTES = 4096
"""Longer messages are pictures."""
START_BYTES = 1024
DEADLINE_SECONDS = 20.0
TICK_SECONDS = 0.01
"""Interval at which a viewer with a pace of its own reads its allowance."""
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
        True if the next picture message is to be read whole, into `sample`.
    allowance
        Bytes it may take now.
    """

    line: socket.socket
    frames: list[tuple[int, int | None]] = field(default_factory=list)
    keep: bool = False
    sample: bytes = b""
    allowance: float = float("inf")
    _start: bytearray = field(default_factory=bytearray)
    _left: int = 0

    @classmethod
    def connect(cls, port: int, binary: bool = False) -> Viewer:
        line = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_SECONDS)
        protocol = "Sec-WebSocket-Protocol: gaopai.v1.binary\r\n" if binary else ""
        key = base64.b64encode(os.urandom(16)).decode()
        line.sendall(
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{protocol}\r\n".encode()
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
        """Read the bytes that have arrived; to be called when the socket is readable."""
        if self._left:
            flags = socket.MSG_TRUNC  # Linux throws TCP data away unread.
            taken = self.line.recv_into(_SCRATCH, self._may_take(self._left), flags)
            self._left -= taken
            self.allowance -= taken
            if not taken:
                raise StreamFailed("the server hung up")
            if not self._left:
                self._complete()
            return
        data = self.line.recv(self._may_take(self._wanted() - len(self._start)))
        self.allowance -= len(data)
        if not data:
            raise StreamFailed("the server hung up")
        self._start += data
        if len(self._start) >= self._wanted():
            self._begin()

    def _may_take(self, wanted: int) -> int:
        return int(max(1, min(wanted, len(_SCRATCH), self.allowance)))

    def _wanted(self) -> int:
        """Return the bytes of the message, its head included, to be read rather than discarded."""
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
        payload = bytes(self._start[head:])
        opcode = self._start[0] & 0x0F
        self._start.clear()
        if opcode == 9:
            self.send(10, payload)
        elif opcode == 8:
            raise StreamFailed("the server closed the connection")
        elif size > ANSWER_BYTES:
            self.frames.append((now, _capture_time(payload)))
            if len(payload) == size:
                self.sample = payload
                self.keep = False
        elif json.loads(payload)["result"] != 0:
            raise StreamFailed(payload.decode())


def _capture_time(start: bytes) -> int | None:
    at = start.find(b'"/9j/')
    if at < 0:
        return stamp.find(start)
    return stamp.find(base64.b64decode(start[at + 1 : at + 257]))


class Audience:
    """All viewers, served by one loop."""

    def __init__(self, port: int, case: Case) -> None:
        self._port = port
        self._case = case
        self.viewers: list[Viewer] = []
        self._selector = selectors.DefaultSelector()
        self._paced: Viewer | None = None

    def join(self) -> None:
        """One viewer more; the first one opens the camera and is shown a picture before others come."""
        viewer = Viewer.connect(self._port, self._case.binary)
        self._selector.register(viewer.line, selectors.EVENT_READ, viewer)
        viewer.ask("GetCameraInfo")
        number = len(self.viewers) % self._case.cameras
        if len(self.viewers) < self._case.cameras:
            viewer.ask("OpenCamera", devNum=number, mediaNum=0, resolutionNum=0, fps=30)
        crop = int(self._case.outline)
        viewer.ask("SetCameraImageInfo", devNum=number, cropType=crop, rotate=self._case.rotate)
        viewer.ask("GetCameraVideoBuff", devNum=number, enable=True)
        self.viewers.append(viewer)
        if len(self.viewers) <= self._case.cameras:
            self.watch_until(self.all_served)

    def all_served(self) -> bool:
        """Return whether every viewer has received a picture."""
        return all(viewer.frames for viewer in self.viewers)

    def sample(self) -> bytes:
        """A whole picture message, as the first viewer gets it."""
        first = self.viewers[0]
        first.sample = b""
        first.keep = True
        self.watch_until(lambda: bool(first.sample))
        return first.sample

    def settled_sample(self) -> bytes:
        """A picture message as the case asks for: the first ones come before an outline is found."""
        end = time.monotonic() + DEADLINE_SECONDS
        while True:
            sample = self.sample()
            if shows_outline(sample, self._case.binary) == self._case.outline or time.monotonic() > end:
                return sample

    def slow_down(self) -> None:
        """Hold the last viewer to the pace of the case from now on."""
        self._paced = self.viewers[-1]
        self._paced.allowance = 0.0
        self._selector.unregister(self._paced.line)

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
        now = time.monotonic()
        end = now + seconds
        while (left := end - now) > 0:
            for key, _ in self._selector.select(left if self._paced is None else min(left, TICK_SECONDS)):
                key.data.readable()
            before = now
            now = time.monotonic()
            if self._paced is not None:
                grant(self._paced, (self._case.pace or 0.0) * (now - before))
            yield


def grant(viewer: Viewer, allowance: float) -> None:
    """Let a viewer read `allowance` more bytes; an allowance not used at once is lost."""
    viewer.allowance += allowance
    with contextlib.suppress(BlockingIOError):
        while viewer.allowance >= 1:
            viewer.readable()
    viewer.allowance = min(viewer.allowance, 1.0)


def main(arguments: list[str]) -> None:
    case = Case.from_json(arguments[1])
    (warm, seconds) = map(float, arguments[2:4])
    audience = Audience(int(arguments[0]), case)
    for _ in range(case.viewers):
        audience.join()
    if case.pace:
        # At once: in fast times the kernel would grow a buffer that holds seconds of pictures.
        audience.slow_down()
    audience.watch_until(audience.all_served)
    audience.watch(warm)
    Path(arguments[4]).write_bytes(audience.settled_sample())
    print("served", flush=True)
    if case.pace == 0:
        audience.slow_down()
        # Its line fills first.
        audience.watch(max(warm, 1.0))
    for viewer in audience.viewers:
        viewer.frames.clear()
    print("start", flush=True)
    audience.watch(seconds)
    print("end", flush=True)
    print(json.dumps([_latencies(viewer) for viewer in audience.viewers]), flush=True)


def _latencies(viewer: Viewer) -> list[float | None]:
    """Return the latency of each frame in milliseconds; None for a picture without its time of capture."""
    return [None if taken is None else (arrival - taken) / 1e6 for arrival, taken in viewer.frames]


if __name__ == "__main__":
    main(sys.argv[1:])
