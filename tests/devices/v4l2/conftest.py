"""A small UVC camera that lives behind the `Kernel` protocol and can be told to misbehave."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import select
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from server.devices.adapters.v4l2 import V4l2Finder
from server.devices.adapters.v4l2 import videodev2 as v4l2
from server.devices.adapters.v4l2.finder import V4l2Camera
from tests.fakes.jpeg import without_tables

CAPTURE = v4l2.CAP_VIDEO_CAPTURE | v4l2.CAP_STREAMING
PAGE = 4096


class FakeNode:
    """One video node.

    `fail` maps a request to the error number it answers; `gone` is the pulled plug.
    """

    def __init__(self, card: str = "Desk Cam", bus: str = "usb-0000:00:14.0-2") -> None:
        self.card = card
        self.bus = bus
        self.caps = CAPTURE
        self.formats: dict[str, list[tuple[int, int]] | v4l2.Stepwise] = {
            "YUYV": [(640, 480), (320, 240)],
            "MJPG": [(640, 480), (2592, 1944), (1600, 1200)],
        }
        self.rates: list[tuple[int, int]] | tuple[tuple[int, int], tuple[int, int]] = [
            (1, 30),
            (1, 15),
            (1, 5),
        ]
        self.controls: list[dict[str, int | bytes]] = []
        self.fail: dict[int, int] = {}
        self.gone = False
        self.accepts: Callable[[v4l2.PixFormat], None] = lambda pix: None
        self.grants = 4
        self.events = 0
        self.sequence = 0
        self.streaming = False
        self.interval = (1, 30)
        self.values: dict[int, int] = {}
        self.buffers: list[mmap.mmap] = []
        self.queued: deque[int] = deque()
        self.filled: deque[v4l2.Buffer] = deque()

    def push(
        self, data: bytes, flags: int = v4l2.BUF_FLAG_TIMESTAMP_MONOTONIC, lost: int = 0, at: float = 12.5
    ) -> None:
        """The device fills its next buffer; `lost` pictures before it found none free."""
        self.sequence += lost
        index = self.queued.popleft()
        self.buffers[index][: len(data)] = data
        buffer = v4l2.Buffer(index=index, bytesused=len(data), flags=flags, sequence=self.sequence)
        buffer.timestamp.tv_sec, buffer.timestamp.tv_usec = int(at), round(at % 1 * 1e6)
        self.filled.append(buffer)
        self.sequence += 1

    # Requests, named as in the header

    def answer(self, request: int, argument: ctypes.Structure) -> None:
        if self.gone:
            raise OSError(errno.ENODEV, "No such device")
        if request in self.fail:
            raise OSError(self.fail[request], os.strerror(self.fail[request]))
        handlers = {
            v4l2.QUERYCAP: self._querycap, v4l2.ENUM_FMT: self._enum_fmt, v4l2.S_FMT: self._s_fmt,
            v4l2.ENUM_FRAMESIZES: self._enum_sizes, v4l2.ENUM_FRAMEINTERVALS: self._enum_intervals,
            v4l2.G_PARM: self._g_parm, v4l2.S_PARM: self._s_parm, v4l2.REQBUFS: self._reqbufs,
            v4l2.QUERYBUF: self._querybuf, v4l2.QBUF: self._qbuf, v4l2.DQBUF: self._dqbuf,
            v4l2.STREAMON: self._streamon, v4l2.STREAMOFF: self._streamoff,
            v4l2.QUERYCTRL: self._queryctrl, v4l2.G_CTRL: self._g_ctrl, v4l2.S_CTRL: self._s_ctrl,
        }  # fmt: skip
        handlers[request](argument)

    def _querycap(self, answer: v4l2.Capability) -> None:
        answer.card, answer.bus_info = self.card.encode()[:31], self.bus.encode()
        # The first is what the whole device can do, as uvcvideo reports for both its nodes.
        answer.capabilities = CAPTURE | v4l2.CAP_DEVICE_CAPS | 0x00800000
        answer.device_caps = self.caps

    def _enum_fmt(self, answer: v4l2.FmtDesc) -> None:
        answer.pixelformat = v4l2.fourcc(_at(list(self.formats), answer.index))

    def _enum_sizes(self, answer: v4l2.FrmSizeEnum) -> None:
        sizes = self.formats[_text(answer.pixel_format)]
        if isinstance(sizes, v4l2.Stepwise):
            _at([sizes], answer.index)
            answer.type = 3
            answer.stepwise = sizes
            return
        answer.type = v4l2.FRAME_DISCRETE
        answer.discrete = v4l2.Discrete(*_at(sizes, answer.index))

    def _enum_intervals(self, answer: v4l2.FrmIvalEnum) -> None:
        if isinstance(self.rates, tuple):
            _at([self.rates], answer.index)
            answer.type = 2
            answer.stepwise.min, answer.stepwise.max = (v4l2.Fract(*edge) for edge in self.rates)
            return
        answer.type = v4l2.FRAME_DISCRETE
        answer.discrete = v4l2.Fract(*_at(self.rates, answer.index))

    def _s_fmt(self, wanted: v4l2.Format) -> None:
        if self.buffers:
            raise OSError(errno.EBUSY, "Device or resource busy")
        self.accepts(wanted.pix)
        wanted.pix.sizeimage = wanted.pix.width * wanted.pix.height * 3 + PAGE
        self.layout = wanted.pix

    def _g_parm(self, answer: v4l2.StreamParm) -> None:
        answer.capture.capability = v4l2.CAP_TIMEPERFRAME
        answer.capture.timeperframe = v4l2.Fract(*self.interval)

    def _s_parm(self, wanted: v4l2.StreamParm) -> None:
        asked = wanted.capture.timeperframe
        self.interval = (asked.numerator, asked.denominator)

    def _reqbufs(self, wanted: v4l2.RequestBuffers) -> None:
        wanted.count = min(wanted.count, self.grants)
        self.queued.clear()
        self.filled.clear()
        self.buffers = [mmap.mmap(-1, self.layout.sizeimage) for _ in range(wanted.count)]

    def _querybuf(self, buffer: v4l2.Buffer) -> None:
        buffer.length = self.layout.sizeimage
        buffer.offset = buffer.index * PAGE

    def _qbuf(self, buffer: v4l2.Buffer) -> None:
        assert buffer.index not in self.queued
        self.queued.append(buffer.index)

    def _dqbuf(self, buffer: v4l2.Buffer) -> None:
        if not self.filled:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        ctypes.pointer(buffer)[0] = self.filled.popleft()

    def _streamon(self, _kind: v4l2.BufType) -> None:
        self.streaming = True
        self.sequence = 0

    def _streamoff(self, _kind: v4l2.BufType) -> None:
        self.streaming = False
        self.queued.clear()
        self.filled.clear()

    def _queryctrl(self, answer: v4l2.QueryCtrl) -> None:
        after = answer.id & ~v4l2.CTRL_FLAG_NEXT_CTRL
        found = next((entry for entry in self.controls if entry["id"] > after), None)
        if found is None:
            raise OSError(errno.EINVAL, "Invalid argument")
        for name, value in found.items():
            setattr(answer, name, value)

    def _g_ctrl(self, answer: v4l2.ControlValue) -> None:
        answer.value = self.values[answer.id]

    def _s_ctrl(self, wanted: v4l2.ControlValue) -> None:
        described = next((one for one in self.controls if one["id"] == wanted.id), {})
        if described.get("type") == 3 and wanted.value > described.get("maximum", 0):
            raise OSError(errno.ERANGE, "no such entry of the menu")
        self.values[wanted.id] = wanted.value


class FakeKernel:
    """Nodes by name; `denied` maps a node to the error that opening it gives."""

    def __init__(self) -> None:
        self.nodes: dict[str, FakeNode] = {}
        self.denied: dict[str, int] = {}
        self.opened: dict[int, str] = {}

    def open(self, path: str) -> int:
        name = Path(path).resolve().name
        number = self.denied.get(name, 0 if name in self.nodes else errno.ENOENT)
        if number:
            raise OSError(number, os.strerror(number))
        fd = max(self.opened, default=100) + 1
        self.opened[fd] = name
        return fd

    def close(self, fd: int) -> None:
        del self.opened[fd]

    def ioctl(self, fd: int, request: int, argument: ctypes.Structure) -> None:
        self._node(fd).answer(request, argument)

    def map(self, fd: int, length: int, offset: int) -> mmap.mmap:
        buffer = self._node(fd).buffers[offset // PAGE]
        assert length == len(buffer)
        return buffer

    def poll(self, fd: int, seconds: float) -> int:
        node = self._node(fd)
        if node.gone:
            return select.POLLERR | select.POLLHUP
        if node.filled:
            return select.POLLIN
        time.sleep(0 if node.events else min(seconds, 0.001))
        return node.events

    def _node(self, fd: int) -> FakeNode:
        return self.nodes[self.opened[fd]]


def _at(entries, index):
    if index >= len(entries):
        raise OSError(errno.EINVAL, "Invalid argument")
    return entries[index]


def _text(number: int) -> str:
    return number.to_bytes(4, "little").decode()


@pytest.fixture
def kernel() -> FakeKernel:
    return FakeKernel()


@pytest.fixture
def machine(tmp_path: Path, kernel: FakeKernel):
    """Plugs cameras into a fake ``/dev`` and ``/sys``: ``machine("video0", FakeNode())``."""
    (tmp_path / "dev").mkdir()

    def plug(name: str, node: FakeNode | None = None, interface: str = "00", index: int = 0) -> FakeNode:
        kernel.nodes[name] = node or FakeNode()
        (tmp_path / "dev" / name).touch()
        described = tmp_path / "sys/class/video4linux" / name
        (described / "device").mkdir(parents=True)
        (described / "device/bInterfaceNumber").write_text(f"{interface}\n")
        (described / "index").write_text(f"{index}\n")
        return kernel.nodes[name]

    plug.root = tmp_path
    plug.node = FakeNode
    return plug


@pytest.fixture
def finder(machine, kernel: FakeKernel) -> V4l2Finder:
    return V4l2Finder(root=machine.root, kernel=kernel)


@pytest.fixture
def node(machine) -> FakeNode:
    return machine("video0")


@pytest.fixture
def camera(node: FakeNode, finder: V4l2Finder) -> V4l2Camera:
    (found,) = finder.find()
    return found


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """A JPEG with the standard Huffman tables, as libjpeg writes them by default."""
    picture = np.random.default_rng(7).integers(0, 255, (48, 64, 3), np.uint8)
    return cv2.imencode(".jpg", picture)[1].tobytes()


@pytest.fixture(scope="session")
def bare_jpeg(jpeg: bytes) -> bytes:
    """The same without its tables."""
    return without_tables(jpeg)
