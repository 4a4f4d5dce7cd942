"""Frames from one opened device, by buffers shared with the driver."""

from __future__ import annotations

import contextlib
import errno
import logging
import mmap
import os
import select
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from server import errors
from server.devices.adapters.v4l2 import camera_controls, pixels
from server.devices.adapters.v4l2 import videodev2 as v4l2
from server.devices.adapters.v4l2.video_node import BufferLayout, VideoNode, new_buffer
from server.devices.ports.camera import CameraControl, CameraMode, ControlName, ControlSetting, Frame
from server.errors import OTHER_PROGRAM, GaopaiError, LocalizedText

log = logging.getLogger(__name__)

BUFFERS = 4
"""Buffers of a stream: one being filled, one being copied out, two for a thread that is late by two
frames."""

_ENDED = LocalizedText("驱动程序停止了图像传输", "the driver ended the stream")
_DEAD = select.POLLHUP | select.POLLNVAL
"""Events of poll(2) by which a descriptor is of no more use."""


class V4l2Stream:
    """Stream of a device in the accepted mode. See `server.devices.ports.camera.CameraStream`."""

    def __init__(self, device: VideoNode, path: str, layout: BufferLayout, fps: float) -> None:
        self._device = device
        self._path = path
        self._name = device.identity.card
        self.mode = CameraMode(pixels.SOURCES[layout.fourcc], layout.size, fps)
        """The mode that the device accepted."""
        self._copy = pixels.copier(layout)
        self._started = False
        self._maps: tuple[mmap.mmap, ...] = ()
        self._buffer = new_buffer()
        self._seq = -1
        self._sequence: int | None = None

    def start(self) -> None:
        """Make, share and queue the buffers, then let the device fill them."""
        if self._started:
            return
        self._started = True
        try:
            with translated(self._name, self._path):
                self._share_buffers()
                self._device.stream(on=True)
        except Exception:
            self.stop()
            raise

    def read(self, timeout: float) -> Frame | None:
        """Return the next whole frame, or None after `timeout` seconds."""
        if not self._started:
            raise errors.DeviceFailed(device=self._name, reason=errors.NOT_STARTED)
        left = timeout
        deadline = time.monotonic() + timeout
        with translated(self._name, self._path, streaming=True):
            while not (frame := self._await_one(left)) and left > 0:
                left = max(0.0, deadline - time.monotonic())
        return frame

    def stop(self) -> None:
        """Take all buffers back and release their memory."""
        if not self._started:
            return
        self._started = False
        self._attempt(lambda: self._device.stream(on=False))
        self._maps = ()  # the last reference unmaps; the driver frees only what is unmapped
        self._attempt(lambda: self._device.request_buffers(0))
        self._sequence = None

    def close(self) -> None:
        """Stop, then close the node."""
        self.stop()
        self._attempt(self._device.close)

    def controls(self) -> Sequence[CameraControl]:
        """Return the controls of the device."""
        with translated(self._name, self._path):
            return camera_controls.camera_controls(self._device)

    def set_control(self, setting: ControlSetting) -> None:
        """Set a control of the device."""
        with translated(self._name, self._path):
            camera_controls.set_camera_control(self._device, setting)

    def adjust_once(self, name: ControlName) -> bool:
        """Press the button of a control, if the device has one."""
        with translated(self._name, self._path):
            return camera_controls.adjust_once(self._device, name)

    # Inside

    def _share_buffers(self) -> None:
        count = self._device.request_buffers(BUFFERS)
        if count == 0:
            raise errors.DeviceFailed(
                device=self._name, reason=LocalizedText("没有图像缓冲区", "it has no picture buffers")
            )
        for index in range(count):
            self._maps += (self._device.map_buffer(index),)
            self._device.queue(new_buffer(index))

    def _await_one(self, seconds: float) -> Frame | None:
        """Return the next buffer as a frame, None where none comes or it is broken."""
        events = self._device.poll(seconds)
        if not events:
            return None
        if events & _DEAD:
            raise errors.DeviceGone(device=self._name)
        return self._take(self._buffer, ready=bool(events & select.POLLIN))

    def _take(self, buffer: v4l2.Buffer, ready: bool) -> Frame | None:
        """Copy the frame out of the next buffer and give it back to the driver.

        A driver that only reports an error says which when it is asked for a buffer.
        """
        try:
            self._device.dequeue(buffer)
        except BlockingIOError:
            if ready:
                return None
            raise errors.DeviceFailed(device=self._name, reason=_ENDED) from None
        try:
            return self._frame(buffer)
        finally:
            self._device.queue(buffer)

    def _frame(self, buffer: v4l2.Buffer) -> Frame | None:
        self._count(buffer.sequence)
        if buffer.flags & v4l2.BUF_FLAG_ERROR or buffer.index >= len(self._maps):
            return None
        shared = self._maps[buffer.index]
        data = self._copy(shared, min(buffer.bytesused, len(shared)))
        if data is None:
            return None
        return Frame(self._seq, _taken(buffer), self.mode.format, self.mode.size, data)

    def _count(self, sequence: int) -> None:
        """Follow the driver's frame counter; one that stands still or restarts counts as one."""
        step = 1 if self._sequence is None else (sequence - self._sequence) & 0xFFFFFFFF
        self._seq += step if 0 < step < 1 << 31 else 1
        self._sequence = sequence

    def _attempt(self, call: Callable[[], object]) -> None:
        """Release something that the device may have taken with it."""
        try:
            call()
        except OSError as exc:
            log.debug("%s: %s while stopping", self._name, exc)


def _taken(buffer: v4l2.Buffer) -> float:
    if buffer.flags & v4l2.BUF_FLAG_TIMESTAMP_MASK != v4l2.BUF_FLAG_TIMESTAMP_MONOTONIC:
        return time.monotonic()
    return buffer.timestamp.tv_sec + buffer.timestamp.tv_usec / 1_000_000


_GONE = frozenset({errno.ENODEV, errno.ENOENT, errno.ENXIO, errno.ESHUTDOWN})
"""Values of ``errno`` by which a device that was unplugged is known."""

_NO_ANSWER = LocalizedText("设备没有正常应答", "it does not answer properly")

_REASONS = {
    errno.ENOSPC: LocalizedText(
        "USB 带宽不足，请选择较小的分辨率或换一个接口",
        "the USB bus has no bandwidth left for this mode; choose a smaller one or another port",
    ),
    errno.ENOMEM: LocalizedText("内存不足，无法分配图像缓冲区", "there is no memory for its picture buffers"),
    errno.EINVAL: LocalizedText("设备不接受此设置", "it refuses this setting"),
    errno.EIO: _NO_ANSWER,
    errno.EPROTO: _NO_ANSWER,
    errno.EPIPE: _NO_ANSWER,
    errno.ETIMEDOUT: _NO_ANSWER,
}


def holder(path: str, root: Path = Path("/")) -> LocalizedText:
    """Return the name of another program that has `path` open, or `OTHER_PROGRAM`.

    Other accounts' descriptors are visible to root only, so not to know is usual.
    """
    wanted = os.path.realpath(path)
    for process in (root / "proc").glob("[0-9]*"):
        if int(process.name) != os.getpid() and wanted in _open_files(process):
            return _name(process)
    return OTHER_PROGRAM


def _open_files(process: Path) -> Iterator[str]:
    try:
        entries = list((process / "fd").iterdir())
    except OSError:
        return  # ended meanwhile, or not ours to look into
    for entry in entries:
        with contextlib.suppress(OSError):  # closed meanwhile, as a program's that is just starting
            yield str(entry.readlink())


def _name(process: Path) -> LocalizedText:
    try:
        name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return OTHER_PROGRAM
    name = name.replace("{", "{{").replace("}", "}}")  # a Text is a template
    return LocalizedText(f"程序 {name} ", name)


@contextmanager
def translated(name: str, path: str, *, streaming: bool = False) -> Iterator[None]:
    """Turn `OSError` into the port's errors.

    Parameters
    ----------
    name
        Name of the device in error texts.
    path
        Its node, for finding the program that holds it; never part of a text.
    streaming
        True while pictures are streamed: most drivers report an unplugged device by an I/O
        error then, before the node itself goes away.
    """
    try:
        yield
    except OSError as exc:
        raise _fault(exc.errno, name, path, streaming) from exc


def _fault(number: int | None, name: str, path: str, streaming: bool) -> GaopaiError:
    if number in _GONE or (streaming and number == errno.EIO):
        return errors.DeviceGone(device=name)
    if number == errno.EBUSY:
        return errors.DeviceBusy(device=name, holder=holder(path))
    if number in (errno.EACCES, errno.EPERM):
        return errors.DevicePermission(device=name)
    return errors.DeviceFailed(device=name, reason=_REASONS.get(number or 0) or _unnamed(number))


def _unnamed(number: int | None) -> LocalizedText:
    code = errno.errorcode.get(number or 0, str(number))
    return errors.DRIVER_ANSWER.filled(code=code)
