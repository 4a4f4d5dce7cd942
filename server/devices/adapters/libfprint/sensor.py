"""One fingerprint sensor of libfprint."""

from __future__ import annotations

import numpy as np

from server import errors
from server.devices.adapters.libfprint import wire
from server.devices.adapters.libfprint.driver import Fault, Reply
from server.devices.adapters.libfprint.host import Host
from server.devices.ports.fingerprint_sensor import FingerprintScan, FingerprintSensorInfo
from server.errors import GaopaiError, LocalizedText

BUSY_SECONDS = 30.0
"""Needed by a driver beside waiting for a finger: to open its sensor, and for the finger to be lifted."""
MM_PER_INCH = 25.4
USUAL_DOTS = 500.0
"""Taken for granted by libfprint's own matcher where a driver does not say."""
KNOWN_DOTS = {"uru4000": 512.0}
"""By driver, from the makers' data sheets."""
_NO_START = LocalizedText("驱动进程无法启动", "the driver's process cannot be started")


class LibfprintSensor:
    """See `server.devices.ports.fingerprint_sensor.FingerSensor`."""

    def __init__(self, sensor: wire.SensorMessage, info: FingerprintSensorInfo, host: Host) -> None:
        self._sensor = sensor
        self.info = info
        self._host = host

    async def press(self, seconds: float) -> FingerprintScan:
        try:
            answer, pixels = await self._wait(seconds)
        except Fault as fault:
            raise error(fault.fault, fault.detail, self.info.name, seconds) from fault
        # libfprint has turned the picture the right way up, ridges dark, to look for minutiae.
        image = np.frombuffer(pixels or b"", np.uint8).reshape(answer.height, answer.width)
        return FingerprintScan(image, self._dots(answer))

    async def lifted(self, seconds: float) -> None:
        """At once: libfprint ends a capture when the finger is lifted."""

    async def _wait(self, seconds: float) -> Reply:
        name = self.info.name
        try:
            driver = await self._host.driver()
        except OSError as exc:
            raise errors.DeviceFailed(device=name, reason=_NO_START) from exc
        return await driver.press(self._sensor.id, seconds, seconds + BUSY_SECONDS, name)

    def _dots(self, answer: wire.WorkerAnswer) -> float:
        if answer.per_mm > 0:
            return answer.per_mm * MM_PER_INCH
        return KNOWN_DOTS.get(self._sensor.driver, USUAL_DOTS)


NO_FINGER, UNCLEAR, BUSY, GONE, DENIED, FAILED = "no finger", "unclear", "busy", "gone", "denied", "failed"

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
        return errors.NoFinger(device=device, seconds=f"{seconds:g}")
    if fault == UNCLEAR:
        return errors.FingerUnclear(reason=_UNCLEAR.get(detail, _NO_RIDGES))
    if fault == BUSY:
        return errors.DeviceBusy(device=device, holder=errors.OTHER_PROGRAM)
    if fault == GONE:
        return errors.DeviceGone(device=device)
    if fault == DENIED:
        return errors.DevicePermission(device=device)
    return errors.DeviceFailed(device=device, reason=_FAILED.get(detail, _UNKNOWN))
