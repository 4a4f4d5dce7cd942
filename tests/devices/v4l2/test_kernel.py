"""The real system calls, on files and pipes."""

import errno
import fcntl
import os
import select

import pytest

from server.devices.adapters.v4l2 import videodev2 as v4l2
from server.devices.adapters.v4l2.video_node import Kernel, uninterrupted


def interrupted(times):
    """An ioctl that a signal interrupts so many times before it succeeds."""
    calls = []

    def ioctl(*_arguments):
        calls.append(1)
        if len(calls) <= times:
            raise InterruptedError(errno.EINTR, "Interrupted system call")

    return ioctl, calls


def test_a_request_survives_signals(monkeypatch):
    ioctl, calls = interrupted(3)
    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    Kernel().ioctl(0, v4l2.QUERYCAP, v4l2.Capability())
    assert len(calls) == 4


def test_endless_interruption_ends():
    ioctl, _calls = interrupted(10**9)
    with pytest.raises(InterruptedError):
        uninterrupted(ioctl)


def test_a_request_to_something_else_is_an_os_error():
    kernel = Kernel()
    fd = kernel.open("/dev/null")
    try:
        with pytest.raises(OSError) as caught:
            kernel.ioctl(fd, v4l2.QUERYCAP, v4l2.Capability())
    finally:
        kernel.close(fd)
    assert caught.value.errno == errno.ENOTTY


def test_poll_tells_ready_from_silent():
    reader, writer = os.pipe()
    try:
        assert Kernel().poll(reader, 0.01) == 0
        os.write(writer, b"x")
        assert Kernel().poll(reader, 0.01) & select.POLLIN
    finally:
        os.close(reader)
        os.close(writer)


def test_map_shares_memory(tmp_path):
    (tmp_path / "memory").write_bytes(bytes(8192))
    kernel = Kernel()
    fd = kernel.open(str(tmp_path / "memory"))
    with kernel.map(fd, 4096, 4096) as shared:
        shared[:2] = b"hi"
    kernel.close(fd)
    assert (tmp_path / "memory").read_bytes()[4096:4098] == b"hi"
