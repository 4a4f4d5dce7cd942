"""One fingerprint sensor of libfprint."""

from __future__ import annotations

import numpy as np

from server.devices.adapters.libfprint import faults, wire
from server.devices.adapters.libfprint.driver import Fault, Reply
from server.devices.adapters.libfprint.host import Host
from server.devices.ports.fingerprint_sensor import FingerprintScan, FingerprintSensorInfo
from server.errors import DeviceFailed, LocalizedText

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
        self._info = info
        self._host = host

    @property
    def info(self) -> FingerprintSensorInfo:
        return self._info

    async def press(self, seconds: float) -> FingerprintScan:
        try:
            answer, pixels = await self._wait(seconds)
        except Fault as fault:
            raise faults.error(fault.fault, fault.detail, self._info.name, seconds) from fault
        # libfprint has turned the picture the right way up, ridges dark, to look for minutiae.
        image = np.frombuffer(pixels or b"", np.uint8).reshape(answer.height, answer.width)
        return FingerprintScan(image, self._dots(answer))

    async def lifted(self, seconds: float) -> None:
        """At once: libfprint ends a capture when the finger is lifted."""

    async def _wait(self, seconds: float) -> Reply:
        name = self._info.name
        try:
            driver = await self._host.driver()
        except OSError as exc:
            raise DeviceFailed(device=name, reason=_NO_START) from exc
        return await driver.press(self._sensor.id, seconds, seconds + BUSY_SECONDS, name)

    def _dots(self, answer: wire.WorkerAnswer) -> float:
        if answer.per_mm > 0:
            return answer.per_mm * MM_PER_INCH
        return KNOWN_DOTS.get(self._sensor.driver, USUAL_DOTS)
