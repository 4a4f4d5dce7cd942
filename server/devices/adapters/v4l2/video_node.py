"""One opened video node: the V4L2 requests as methods, errors still plain `OSError`."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import select
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from server.devices.adapters.v4l2 import videodev2 as v4l2
from server.devices.ports.camera import Size

MAX_ENTRIES = 256
"""Longest list that is read; a driver that never ends its list must not hold a thread."""

USUAL_SIZES = tuple(
    Size(width, height)
    for width, height in (
        (320, 240), (640, 360), (640, 480), (800, 600), (1024, 768), (1280, 720), (1280, 960), (1280, 1024),
        (1600, 1200), (1920, 1080), (2048, 1536), (2592, 1944), (3264, 2448), (3840, 2160),
        (4160, 3120), (4608, 3456),
    )
)  # fmt: skip
"""Sizes in pixels that are offered for a continuous range, beside its largest size."""

USUAL_RATES = tuple(Fraction(rate) for rate in (5, 10, 15, 20, 24, 25, 30, 50, 60))
"""Frames a second that are offered for a continuous range, beside its fastest rate."""

Structure = TypeVar("Structure", bound=ctypes.Structure)
Enumerated = TypeVar("Enumerated", v4l2.FmtDesc, v4l2.FrmSizeEnum, v4l2.FrmIvalEnum)


@dataclass(frozen=True, slots=True)
class NodeIdentity:
    """Identity of a node, as its driver states it.

    Attributes
    ----------
    card
        The device's name as a person knows it.
    bus
        Bus address (``usb-0000:00:14.0-2``).
    captures
        True if the node delivers pictures through streaming buffers. A camera's metadata
        node, an encoder or an output does not.
    """

    card: str
    bus: str
    captures: bool


@dataclass(frozen=True, slots=True)
class BufferLayout:
    """Format of the picture in a buffer, as the driver chose it; rows are `stride` bytes apart."""

    fourcc: int
    size: Size
    stride: int


class VideoNode:
    """An open node. Closing twice is harmless."""

    def __init__(self, kernel: Kernel, path: str) -> None:
        self._kernel = kernel
        self._fd = kernel.open(path)
        try:
            self.identity = self._identify()
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        fd = self._fd
        self._fd = -1
        if fd >= 0:
            self._kernel.close(fd)

    def request(self, number: int, argument: Structure) -> Structure:
        """Make one request and return its structure as the driver filled it."""
        self._kernel.ioctl(self._fd, number, argument)
        return argument

    # Questions

    def _identify(self) -> NodeIdentity:
        answer = self.request(v4l2.QUERYCAP, v4l2.Capability())
        # `capabilities` speaks for all nodes of the device, `device_caps` for this one.
        own = answer.capabilities
        if own & v4l2.CAP_DEVICE_CAPS:
            own = answer.device_caps
        needed = v4l2.CAP_VIDEO_CAPTURE | v4l2.CAP_STREAMING
        # The kernel cuts names at 31 bytes, perhaps in the middle of a character.
        card, bus = (text.decode("utf-8", "ignore").strip() for text in (answer.card, answer.bus_info))
        return NodeIdentity(card or "Camera", bus, own & needed == needed)

    def formats(self) -> tuple[int, ...]:
        """Return the four-letter formats the node can deliver, in its own order."""
        entries = self._enumerate(
            v4l2.ENUM_FMT, lambda index: v4l2.FmtDesc(index=index, type=v4l2.BUF_TYPE_VIDEO_CAPTURE)
        )
        return tuple(entry.pixelformat for entry in entries)

    def sizes(self, fourcc: int) -> tuple[Size, ...]:
        """Return the sizes offered in that format, largest first."""
        entries = self._enumerate(
            v4l2.ENUM_FRAMESIZES, lambda index: v4l2.FrmSizeEnum(index=index, pixel_format=fourcc)
        )
        return _sizes(entries)

    def rates(self, fourcc: int, size: Size) -> tuple[Fraction, ...]:
        """Return the frame rates offered in that format and size, fastest first."""
        entries = self._enumerate(
            v4l2.ENUM_FRAMEINTERVALS,
            lambda index: v4l2.FrmIvalEnum(
                index=index, pixel_format=fourcc, width=size.width, height=size.height
            ),
        )
        return _rates(entries)

    def _enumerate(self, number: int, ask: Callable[[int], Enumerated]) -> Iterator[Enumerated]:
        for index in range(MAX_ENTRIES):
            try:
                yield self.request(number, ask(index))
            except OSError as exc:
                # EINVAL ends the list; ENOTTY means that the driver keeps none.
                if exc.errno in (errno.EINVAL, errno.ENOTTY):
                    return
                raise

    # Settings

    def set_format(self, fourcc: int, size: Size) -> BufferLayout:
        """Ask for a format and return the one that the driver chose."""
        wanted = v4l2.Format(type=v4l2.BUF_TYPE_VIDEO_CAPTURE)
        wanted.pix.width, wanted.pix.height = size
        wanted.pix.pixelformat = fourcc
        pix = self.request(v4l2.S_FMT, wanted).pix
        return BufferLayout(pix.pixelformat, Size(pix.width, pix.height), pix.bytesperline)

    def set_rate(self, rate: Fraction | None) -> float:
        """Ask for a frame rate and return the one in force, 0 where it cannot be told."""
        parameters = v4l2.StreamParm(type=v4l2.BUF_TYPE_VIDEO_CAPTURE)
        try:
            self.request(v4l2.G_PARM, parameters)
            if rate is not None and parameters.capture.capability & v4l2.CAP_TIMEPERFRAME:
                interval = v4l2.Fract(rate.denominator, rate.numerator)
                parameters.capture.timeperframe = interval
                self.request(v4l2.S_PARM, parameters)
        except OSError as exc:
            if exc.errno in (errno.EINVAL, errno.ENOTTY):
                return 0.0
            raise
        actual = parameters.capture.timeperframe
        return actual.denominator / actual.numerator if actual.numerator else 0.0

    # Buffers

    def request_buffers(self, count: int) -> int:
        """Have the driver make `count` buffers, or free them all for 0; return their number."""
        wanted = v4l2.RequestBuffers(count=count, type=v4l2.BUF_TYPE_VIDEO_CAPTURE, memory=v4l2.MEMORY_MMAP)
        return self.request(v4l2.REQBUFS, wanted).count

    def map_buffer(self, index: int) -> mmap.mmap:
        """Return the memory of one buffer."""
        buffer = self.request(v4l2.QUERYBUF, new_buffer(index))
        return self._kernel.map(self._fd, buffer.length, buffer.offset)

    def queue(self, buffer: v4l2.Buffer) -> None:
        """Hand a buffer to the driver to be filled."""
        self.request(v4l2.QBUF, buffer)

    def dequeue(self, buffer: v4l2.Buffer) -> None:
        """Take the next filled buffer; `buffer` then describes it."""
        self.request(v4l2.DQBUF, buffer)

    def poll(self, seconds: float) -> int:
        """Wait for a filled buffer or an error; return the ``POLL*`` events, 0 for neither."""
        return self._kernel.poll(self._fd, seconds)

    def stream(self, on: bool) -> None:
        """Begin or end to fill buffers; ending takes all of them from the driver."""
        number = v4l2.STREAMON if on else v4l2.STREAMOFF
        self.request(number, v4l2.BufType(v4l2.BUF_TYPE_VIDEO_CAPTURE))


def new_buffer(index: int = 0) -> v4l2.Buffer:
    """Return the structure that names one of the node's buffers."""
    return v4l2.Buffer(index=index, type=v4l2.BUF_TYPE_VIDEO_CAPTURE, memory=v4l2.MEMORY_MMAP)


def choose_rate(offered: Collection[Fraction], wanted: float) -> Fraction | None:
    """Return the offered rate nearest to `wanted`; the fastest for 0; None if there is no choice.

    Drivers round as they like when asked for a rate they do not have, so they never are.
    """
    if wanted <= 0:
        return max(offered, default=None)
    if not offered:
        return Fraction(wanted).limit_denominator(1001)
    return min(offered, key=lambda rate: (abs(float(rate) - wanted), -rate))


def _sizes(entries: Iterable[v4l2.FrmSizeEnum]) -> tuple[Size, ...]:
    """Return the enumerated sizes, largest area first, each once."""
    found: set[Size] = set()
    for entry in entries:
        if entry.type == v4l2.FRAME_DISCRETE:
            found.add(Size(entry.discrete.width, entry.discrete.height))
        else:
            found.update(_sizes_within(entry.stepwise))
    return tuple(sorted(found, key=lambda size: (-size.width * size.height, -size.width)))


def _sizes_within(limits: v4l2.Stepwise) -> Iterable[Size]:
    yield Size(limits.max_width, limits.max_height)
    for size in USUAL_SIZES:
        if _on_step(size.width, limits.min_width, limits.max_width, limits.step_width) and _on_step(
            size.height, limits.min_height, limits.max_height, limits.step_height
        ):
            yield size


def _on_step(value: int, low: int, high: int, step: int) -> bool:
    return low <= value <= high and (value - low) % max(1, step) == 0


def _rates(entries: Iterable[v4l2.FrmIvalEnum]) -> tuple[Fraction, ...]:
    """Return the enumerated frame rates in frames per second, fastest first, each once."""
    found: set[Fraction] = set()
    for entry in entries:
        if entry.type == v4l2.FRAME_DISCRETE:
            found.add(Fraction(entry.discrete.denominator, max(1, entry.discrete.numerator)))
        else:
            # The shortest interval is the fastest rate.
            fastest = Fraction(entry.stepwise.min.denominator, max(1, entry.stepwise.min.numerator))
            slowest = Fraction(entry.stepwise.max.denominator, max(1, entry.stepwise.max.numerator))
            found.update(rate for rate in USUAL_RATES if slowest <= rate <= fastest)
            found.add(fastest)
    return tuple(sorted(found - {Fraction(0)}, reverse=True))


MAX_INTERRUPTIONS = 100
"""Most calls in a row that EINTR may interrupt: enough for any signal storm, and still an end."""


def uninterrupted(call: Callable[[], object]) -> None:
    """Repeat `call` while signals interrupt it (Python retries most calls, not ioctl)."""
    for _ in range(MAX_INTERRUPTIONS):
        try:
            call()
        except InterruptedError:
            continue
        return
    raise InterruptedError


class Kernel:
    """The running kernel."""

    def open(self, path: str) -> int:
        """Return a non-blocking descriptor for reading and writing."""
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def close(self, fd: int) -> None:
        """Close the descriptor."""
        os.close(fd)

    def ioctl(self, fd: int, request: int, argument: ctypes.Structure) -> None:
        """Make the request; the kernel's answer replaces the content of `argument`."""
        uninterrupted(lambda: fcntl.ioctl(fd, request, argument))

    def map(self, fd: int, length: int, offset: int) -> mmap.mmap:
        """Return a device buffer as shared memory of `length` bytes."""
        return mmap.mmap(fd, length, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=offset)

    def poll(self, fd: int, seconds: float) -> int:
        """Return the ``POLL*`` events on `fd`, or 0 after `seconds` without one."""
        waiter = select.poll()
        waiter.register(fd, select.POLLIN)
        events = waiter.poll(max(0.0, seconds) * 1000)
        return events[0][1] if events else 0
