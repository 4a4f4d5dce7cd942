"""The fingerprint sensors that libfprint drives and gets pictures from: found and read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from server import errors
from server.devices import hotplug
from server.devices.adapters.libfprint import wire
from server.devices.adapters.libfprint.driver import Fault, Reply
from server.devices.adapters.libfprint.host import Host, candidates
from server.devices.ports.fingerprint_sensor import FingerprintScan, FingerprintSensorInfo
from server.errors import DriverMissing, GaopaiError, LocalizedText

BUSY_SECONDS = 30.0
"""Seconds that a driver needs beside waiting for a finger: to open its sensor, and for the finger to be
lifted."""
MM_PER_INCH = 25.4
"""Millimetres of an inch."""
USUAL_DOTS = 500.0
"""Dots an inch where a driver does not say: libfprint's own matcher takes them for granted."""
KNOWN_DOTS = {"uru4000": 512.0}
"""Dots an inch by the name of a driver, from the makers' data sheets."""
_NO_START = LocalizedText("驱动进程无法启动", "the driver's process cannot be started")


class LibfprintSensor:
    """See `server.devices.ports.fingerprint_sensor.FingerprintSensor`."""

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
        """Return at once: libfprint ends a capture when the finger is lifted."""

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


NO_FINGER = "no finger"
"""Fault of a press for which no finger came."""
UNCLEAR = "unclear"
"""Fault of a press whose picture cannot be used; another may be better."""
BUSY = "busy"
"""Fault of a sensor that another program uses."""
GONE = "gone"
"""Fault of a sensor that was unplugged."""
DENIED = "denied"
"""Fault of a sensor that this account may not use."""
FAILED = "failed"
"""Fault of a sensor that fails in any other way."""

_UNCLEAR = {
    "1": LocalizedText("滑动太短", "the swipe was too short"),
    "2": LocalizedText("手指没有放在中间", "the finger was not in the middle"),
    "3": LocalizedText("手指需要先拿开再按", "the finger has to be lifted and placed again"),
    "4": LocalizedText("滑动太快", "the swipe was too fast"),
}
"""Reasons why a press is of no use, by the number of libfprint's ``FpDeviceRetry``."""
_NO_RIDGES = LocalizedText("看不出纹线", "no ridges can be made out")
_FAILED = {
    "1": LocalizedText("驱动不支持采集图像", "its driver does not take pictures"),
    "5": LocalizedText("与设备通信出错", "communication with it broke down"),
    "257": LocalizedText("设备过热，请稍候", "it is too hot and needs a pause"),
}
"""Reasons why a sensor fails, by the number of libfprint's ``FpDeviceError``."""
_UNKNOWN = LocalizedText("驱动报告了未知错误", "its driver reports an unknown error")


def error(fault: str, detail: str, device: str, seconds: float) -> GaopaiError:
    """Return the error that a fault becomes.

    Parameters
    ----------
    detail
        See `server.devices.adapters.libfprint.wire.WorkerAnswer`.
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


log = logging.getLogger(__name__)

FIND_SECONDS = 10.0
"""Seconds that libfprint has to list its devices."""


class LibfprintFinder(hotplug.HotplugWatched):
    """See `server.devices.ports.fingerprint_sensor.FingerprintSensorFinder`.

    Parameters
    ----------
    python
        An interpreter that has libfprint's bindings; empty to look for one.
    patience
        Seconds for libfprint to list its devices.
    """

    def __init__(self, python: str = "", patience: float = FIND_SECONDS, root: Path = Path("/")) -> None:
        self._host = Host(candidates(python))
        self._patience = patience
        self._lock = asyncio.Lock()
        self._without_pictures: frozenset[str] = frozenset()
        self._watch = hotplug.watch(root, "usb", "bus/usb/*/*")

    def missing(self) -> GaopaiError | None:
        """See the port; known from the first `find` on."""
        if not self._host.lacking:
            return None
        reason = LocalizedText(
            "缺少 libfprint 或它的 Python 绑定", "libfprint or its bindings for Python are not installed"
        )
        return DriverMissing(kind=LocalizedText("指纹仪", "fingerprint sensors"), reason=reason)

    async def find(self) -> Sequence[LibfprintSensor]:
        if not await self._host.ready():
            return ()
        async with self._lock:
            sensors = self._with_pictures(await self._list())
            if not sensors:
                await self._host.renew()  # a process that nobody needs
        return [LibfprintSensor(sensor, info, self._host) for sensor, info in _named(sensors)]

    async def close(self) -> None:
        self._watch.close()
        await self._host.close()

    async def _list(self) -> Sequence[wire.SensorMessage]:
        """Ask a new process: libfprint notices new devices only where udev runs."""
        await self._host.renew()
        try:
            return await (await self._host.driver()).list(self._patience)
        except (Fault, GaopaiError, OSError) as exc:
            log.warning("libfprint does not list its sensors: %s", type(exc).__name__)
            return ()

    def _with_pictures(self, sensors: Sequence[wire.SensorMessage]) -> list[wire.SensorMessage]:
        """Return the sensors that give pictures; each that compares fingers by itself is logged once."""
        without = {sensor.id: sensor.name for sensor in sensors if not sensor.captures}
        for key in without.keys() - self._without_pictures:
            log.info("%s is left out: it gives no pictures of fingers", without[key])
        self._without_pictures = frozenset(without)
        return [sensor for sensor in sensors if sensor.captures]


def _named(sensors: Sequence[wire.SensorMessage]) -> list[tuple[wire.SensorMessage, FingerprintSensorInfo]]:
    """Return the sensors with descriptions whose names tell them apart."""
    seen: dict[str, int] = {}
    found = []
    for sensor in sensors:
        count = seen[sensor.name] = seen.get(sensor.name, 0) + 1
        name = sensor.name if count == 1 else f"{sensor.name} ({count})"
        found.append((sensor, FingerprintSensorInfo(f"libfprint:{sensor.id}", name, max(1, sensor.presses))))
    return found
