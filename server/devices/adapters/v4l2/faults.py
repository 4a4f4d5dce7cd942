"""What the kernel's error numbers mean to the person at the counter."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from server.devices.adapters.v4l2.access import holder
from server.errors import DeviceBusy, DeviceFailed, DeviceGone, DevicePermission, GaopaiError, LocalizedText

_GONE = frozenset({errno.ENODEV, errno.ENOENT, errno.ENXIO, errno.ESHUTDOWN})

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


@contextmanager
def translated(name: str, path: str, *, streaming: bool = False) -> Iterator[None]:
    """Turn `OSError` into the port's errors.

    Parameters
    ----------
    name
        What the error texts call the device.
    path
        Its node, to look up who else holds it; never part of a text.
    streaming
        Whether pictures are flowing: an I/O error then is how most drivers report that
        the plug was pulled, before the node itself goes away.
    """
    try:
        yield
    except OSError as exc:
        raise _fault(exc.errno, name, path, streaming) from exc


def _fault(number: int | None, name: str, path: str, streaming: bool) -> GaopaiError:
    if number in _GONE or (streaming and number == errno.EIO):
        return DeviceGone(device=name)
    if number == errno.EBUSY:
        return DeviceBusy(device=name, holder=holder(path))
    if number in (errno.EACCES, errno.EPERM):
        return DevicePermission(device=name)
    return DeviceFailed(device=name, reason=_REASONS.get(number or 0) or _unnamed(number))


def _unnamed(number: int | None) -> LocalizedText:
    code = errno.errorcode.get(number or 0, str(number))
    return LocalizedText(f"驱动程序返回 {code}", f"the driver answers {code}")
