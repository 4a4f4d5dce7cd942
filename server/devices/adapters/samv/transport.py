"""The transport of frames to a module and back, and its errors.

Everything here and below blocks, for a bounded time: it runs in a thread of the reader's own.
"""

from __future__ import annotations

import errno
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from server import errors
from server.errors import OTHER_PROGRAM, GaopaiError, LocalizedText

_GONE = frozenset({errno.ENODEV, errno.ENOENT, errno.ENXIO, errno.ESHUTDOWN, errno.EIO})
"""Values of ``errno`` by which a device that was unplugged is known."""
_BUSY = frozenset({errno.EBUSY, errno.EAGAIN})
"""Values of ``errno`` by which a device that another program uses is known."""
_DENIED = frozenset({errno.EACCES, errno.EPERM})
"""Values of ``errno`` by which a device that this account may not use is known."""


class Transport(Protocol):
    """An open port. Its calls raise errors of `server.errors` when the device is lost."""

    def write(self, frame: bytes) -> None:
        """Send a frame."""

    def read(self, seconds: float) -> bytes:
        """Return the bytes that have come, or come within so long; empty if none."""

    def clear(self) -> None:
        """Forget what has come and nobody read."""

    def close(self) -> None:
        """Give the port back; no error in any state."""


OpenTransport = Callable[[], Transport]
"""Raises DeviceBusy, DeviceGone, DevicePermission, DeviceFailed or DeviceTimeout of `server.errors`."""


@contextmanager
def opening(name: str) -> Iterator[None]:
    """Turn the `OSError` that opening a port raises into the port's errors.

    The errors of pyserial and pyusb are such errors, those of pyserial often without a number.

    Parameters
    ----------
    name
        The device's name in error texts.
    """
    try:
        yield
    except OSError as exc:
        raise _fault(exc.errno, name) from exc


@contextmanager
def lost(name: str) -> Iterator[None]:
    """Turn what an open port raises into the port's errors; see `opening`."""
    try:
        yield
    except termios.error as exc:
        raise errors.DeviceGone(device=name) from exc
    except OSError as exc:
        # A port that was readable and gives nothing, which is how a pulled plug looks, has no number.
        raise _fault(errno.ENODEV if exc.errno is None else exc.errno, name) from exc


def _fault(number: int | None, name: str) -> GaopaiError:
    if number in _GONE:
        return errors.DeviceGone(device=name)
    if number in _BUSY:
        return errors.DeviceBusy(device=name, holder=OTHER_PROGRAM)
    if number in _DENIED:
        return errors.DevicePermission(device=name)
    code = "?" if number is None else errno.errorcode.get(number, str(number))
    reason = LocalizedText(f"通信出错（{code}）", f"communication with it broke down ({code})")
    return errors.DeviceFailed(device=name, reason=reason)
