"""Faults of scanners: the library's words, ours, and the errors they become."""

from __future__ import annotations

from collections.abc import Callable

from server import errors
from server.errors import GaopaiError, LocalizedText

JAM = "jam"
"""Word on the wire where SANE says that paper is jammed."""
COVER = "cover"
"""Word on the wire where SANE says that the cover is open."""
EMPTY = "empty"
"""Word on the wire where SANE says that the feeder is empty."""
BUSY = "busy"
"""Word on the wire where SANE says that the scanner is busy."""
DENIED = "denied"
"""Word on the wire where SANE says that access to the scanner is denied."""
IO = "io"
"""Word on the wire where SANE says that communication with the scanner broke down."""
INVALID = "invalid"
"""Word on the wire where SANE says that the driver does not accept the settings."""
CANCELLED = "cancelled"
"""Word on the wire where SANE says that the scan was cancelled at the device."""
MEMORY = "memory"
"""Word on the wire where SANE says that the driver is out of memory."""
UNSUPPORTED = "unsupported"
"""Word on the wire where SANE says that something is not supported, or our own process finds that pages come
in single colours."""
END = "end"
"""Word on the wire where SANE says that there is no more data, which means no picture."""
CUT_SHORT = "cut short"
"""Word on the wire where our own process received only a part of a page."""
TOO_LARGE = "too large"
"""Word on the wire where our own process finds that a page has too many pixels."""
PAPER = "paper"
"""Word on the wire where our own process finds that the paper is larger than the bed."""
NO_OPTION = "no option"
"""Word on the wire where our own process finds that the driver lacks an option, or a value of it."""
NOT_TAKEN = "not taken"
"""Word on the wire where our own process finds that the driver did not take a setting."""
DOUBLE = "double"
"""Word on the wire where a sensor of the driver says that several sheets came at once."""
STAPLE = "staple"
"""Word on the wire where a sensor of the driver says that a staple holds sheets together."""
ASLEEP = "asleep"
"""Word on the wire where a sensor of the driver says that the scanner sleeps, and it did not wake."""
WARMING = "warming"
"""Word on the wire where SANE says that the lamp is not ready, and it did not become so."""
LOCKED = "locked"
"""Word on the wire where SANE says that the mechanism is locked for transport."""
OTHER = "other"
"""Word on the wire where SANE says anything that has no word of its own."""

_SAID = {
    "Document feeder jammed": JAM,
    "Scanner cover is open": COVER,
    "Document feeder out of documents": EMPTY,
    "Device busy": BUSY,
    "Access to resource has been denied": DENIED,
    "Error during device I/O": IO,
    "Invalid argument": INVALID,
    "Operation was canceled": CANCELLED,
    "Operation was cancelled": CANCELLED,
    "Out of memory": MEMORY,
    "Operation not supported": UNSUPPORTED,
    "End of file reached": END,
    "Lamp not ready, please retry": WARMING,
    "Scanner mechanism locked for transport": LOCKED,
    # The same two where libsane was built without their names, as it mostly is: drivers give the numbers.
    "Unknown SANE status code 12": WARMING,
    "Unknown SANE status code 13": LOCKED,
}
"""Words by the texts of `sane_strstatus`, which python-sane hands on as text and nothing else."""


def word(exc: Exception) -> str:
    """Return the word for an error of python-sane."""
    return _SAID.get(str(exc), OTHER)


_REASONS = {
    IO: LocalizedText("通信出错", "communication with it broke down"),
    INVALID: LocalizedText("驱动不接受设置", "its driver does not accept the settings"),
    MEMORY: LocalizedText("驱动内存不足", "its driver is out of memory"),
    UNSUPPORTED: LocalizedText("驱动不支持此操作", "its driver does not support this"),
    END: LocalizedText("驱动没有送来图像", "its driver delivered no picture"),
    WARMING: LocalizedText(
        "一分钟后仍在预热，请稍后再扫描", "it is still warming up after a minute; wait and scan again"
    ),
    LOCKED: LocalizedText(
        "运输锁未打开；请打开扫描仪底部或侧面的锁，关机后重新开机",
        "it is locked for transport; release the lock below it or at its side, and switch it off and on",
    ),
    CANCELLED: LocalizedText("扫描在设备上被取消", "the scan was cancelled at the device"),
}
"""Reasons why a scanner fails, by the word."""
_UNKNOWN = LocalizedText("驱动报告了未知错误", "its driver reports an unknown error")


def error(fault: str, detail: str, device: str) -> GaopaiError:
    """Return the error that a fault becomes.

    Parameters
    ----------
    detail
        See `server.devices.adapters.sane.wire.FailedMessage`.
    device
        The scanner's name, for people.
    """
    make = _ERRORS.get(fault)
    if make is not None:
        return make(device, detail)
    return errors.DeviceFailed(device=device, reason=_REASONS.get(fault, _UNKNOWN))


def _not_taken(device: str, detail: str) -> GaopaiError:
    reason = LocalizedText(f"驱动没有采用设置 {detail}", f"its driver did not take the setting {detail}")
    return errors.DeviceFailed(device=device, reason=reason)


def _no_option(device: str, detail: str) -> GaopaiError:
    reason = LocalizedText(
        f"驱动没有配置中的选项 {detail}", f"its driver has no option {detail}, or not that value"
    )
    return errors.DeviceFailed(device=device, reason=reason)


def _paper(device: str, detail: str) -> GaopaiError:
    asked, available = detail.split(";")
    return errors.PaperTooLarge(device=device, paper=asked, available=available)


def _too_large(device: str, detail: str) -> GaopaiError:
    size, limit = detail.split(";")
    return errors.PictureTooLarge(picture=LocalizedText("扫描页", "the page"), size=size, limit=limit)


_ERRORS: dict[str, Callable[[str, str], GaopaiError]] = {
    JAM: lambda device, _: errors.PaperJam(device=device),
    COVER: lambda device, _: errors.CoverOpen(device=device),
    EMPTY: lambda device, _: errors.FeederEmpty(device=device),
    DOUBLE: lambda device, _: errors.DoubleFeed(device=device),
    STAPLE: lambda device, _: errors.StapleFound(device=device),
    ASLEEP: lambda device, _: errors.ScannerAsleep(device=device),
    BUSY: lambda device, _: errors.DeviceBusy(device=device, holder=errors.OTHER_PROGRAM),
    DENIED: lambda device, _: errors.DevicePermission(device=device),
    CUT_SHORT: lambda device, _: errors.PageCutShort(device=device),
    TOO_LARGE: _too_large,
    PAPER: _paper,
    NO_OPTION: _no_option,
    NOT_TAKEN: _not_taken,
}
"""Functions that make the error of a word, where that is more than a failed device."""
