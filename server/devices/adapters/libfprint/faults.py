"""Faults of fingerprint sensors: the worker's words, and the errors they become."""

from __future__ import annotations

from server.errors import (
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DevicePermission,
    FingerUnclear,
    GaopaiError,
    LocalizedText,
    NoFinger,
)

NO_FINGER, UNCLEAR, BUSY, GONE, DENIED, FAILED = "no finger", "unclear", "busy", "gone", "denied", "failed"

OTHER_PROGRAM = LocalizedText("另一个程序", "another program")
_UNCLEAR = {
    "1": LocalizedText("滑动太短", "the swipe was too short"),
    "2": LocalizedText("手指没有放在中间", "the finger was not in the middle"),
    "3": LocalizedText("手指需要先拿开再按", "the finger has to be lifted and placed again"),
    "4": LocalizedText("滑动太快", "the swipe was too fast"),
}
"""By libfprint's ``FpDeviceRetry``."""
_NO_RIDGES = LocalizedText("看不出纹线", "no ridges can be made out")
_FAILED = {
    "1": LocalizedText("驱动不支持采集图像", "its driver does not take pictures"),
    "5": LocalizedText("与设备通信出错", "communication with it broke down"),
    "257": LocalizedText("设备过热，请稍候", "it is too hot and needs a pause"),
}
"""By libfprint's ``FpDeviceError``."""
_UNKNOWN = LocalizedText("驱动报告了未知错误", "its driver reports an unknown error")


def error(fault: str, detail: str, device: str, seconds: float) -> GaopaiError:
    """Return the error that a fault becomes.

    Parameters
    ----------
    detail
        See `server.devices.adapters.libfprint.wire.Answer`.
    device
        The sensor's name, for people.
    seconds
        The time for which a finger was waited for.
    """
    if fault == NO_FINGER:
        return NoFinger(device=device, seconds=f"{seconds:g}")
    if fault == UNCLEAR:
        return FingerUnclear(reason=_UNCLEAR.get(detail, _NO_RIDGES))
    if fault == BUSY:
        return DeviceBusy(device=device, holder=OTHER_PROGRAM)
    if fault == GONE:
        return DeviceGone(device=device)
    if fault == DENIED:
        return DevicePermission(device=device)
    return DeviceFailed(device=device, reason=_FAILED.get(detail, _UNKNOWN))
