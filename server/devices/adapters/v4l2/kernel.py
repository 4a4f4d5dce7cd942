"""System calls of the adapter, behind a protocol that tests can replace."""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import select
from collections.abc import Callable
from typing import Protocol

MAX_INTERRUPTIONS = 100
"""Retries after EINTR: enough for any signal storm, and still an end to the wait."""


class Kernel(Protocol):
    """Linux, as seen from a video node. Every call raises plain `OSError`."""

    def open(self, path: str) -> int:
        """Return a non-blocking descriptor for reading and writing."""

    def close(self, fd: int) -> None:
        """Close the descriptor."""

    def ioctl(self, fd: int, request: int, argument: ctypes.Structure) -> None:
        """Make the request; the kernel's answer replaces the content of `argument`."""

    def map(self, fd: int, length: int, offset: int) -> mmap.mmap:
        """Return a device buffer as shared memory of `length` bytes."""

    def poll(self, fd: int, seconds: float) -> int:
        """Return the ``POLL*`` events on `fd`, or 0 after `seconds` without one."""


def uninterrupted(call: Callable[[], object]) -> None:
    """Repeat `call` while signals interrupt it (Python retries most calls, not ioctl)."""
    for _ in range(MAX_INTERRUPTIONS):
        try:
            call()
        except InterruptedError:
            continue
        return
    raise InterruptedError


class LinuxKernel:
    """The running kernel."""

    def open(self, path: str) -> int:
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def close(self, fd: int) -> None:
        os.close(fd)

    def ioctl(self, fd: int, request: int, argument: ctypes.Structure) -> None:
        uninterrupted(lambda: fcntl.ioctl(fd, request, argument))

    def map(self, fd: int, length: int, offset: int) -> mmap.mmap:
        return mmap.mmap(fd, length, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=offset)

    def poll(self, fd: int, seconds: float) -> int:
        waiter = select.poll()
        waiter.register(fd, select.POLLIN)
        events = waiter.poll(max(0.0, seconds) * 1000)
        return events[0][1] if events else 0
