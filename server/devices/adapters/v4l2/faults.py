"""Error numbers of the kernel, and the errors of the service that they become."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.errors import DeviceBusy, DeviceFailed, DeviceGone, DevicePermission, GaopaiError, LocalizedText

UNKNOWN = LocalizedText("另一个程序", "another program")

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


def holder(path: str, root: Path = Path("/")) -> LocalizedText:
    """Return the name of another program that has `path` open, or `UNKNOWN`.

    Other accounts' descriptors are visible to root only, so not to know is usual.
    """
    wanted = os.path.realpath(path)
    for process in (root / "proc").glob("[0-9]*"):
        if int(process.name) != os.getpid() and wanted in _open_files(process):
            return _name(process)
    return UNKNOWN


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
        return UNKNOWN
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
        return DeviceGone(device=name)
    if number == errno.EBUSY:
        return DeviceBusy(device=name, holder=holder(path))
    if number in (errno.EACCES, errno.EPERM):
        return DevicePermission(device=name)
    return DeviceFailed(device=name, reason=_REASONS.get(number or 0) or _unnamed(number))


def _unnamed(number: int | None) -> LocalizedText:
    code = errno.errorcode.get(number or 0, str(number))
    return LocalizedText(f"驱动程序返回 {code}", f"the driver answers {code}")
