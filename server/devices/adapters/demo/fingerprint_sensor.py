"""Demo fingerprint sensors: one that a finger presses when asked to, and some where that goes wrong."""

from __future__ import annotations

import asyncio
import enum
from functools import cache

from server.devices.adapters.demo.faults import ConnectionState, HotplugFinder
from server.devices.ports.fingerprint_sensor import FingerprintScan, FingerprintSensorInfo
from server.errors import DeviceGone, NoFinger
from synthetic.fingerprints import DOTS, LOOP, WHORL, DemoFinger

NAME = "Demo Fingerprint Sensor"
"""Name of the working demo sensor; a faulty one adds its fault in brackets."""
PRESSES = 3
"""Presses that the sensor recommends for an enrolment."""
SECONDS_TO_PRESS = 0.8
"""Seconds until the simulated person presses a finger."""
SECONDS_TO_LIFT = 0.4
"""Seconds until the simulated person lifts the finger."""


class FingerFault(enum.Enum):
    """Fault of a demo sensor; the value is part of its name."""

    NO_FINGER = "no finger"
    UNCLEAR = "unclear finger"
    OTHER = "another finger"


@cache
def finger() -> DemoFinger:
    """Return the finger that presses the working sensor."""
    return DemoFinger(LOOP, 1)


@cache
def other_finger() -> DemoFinger:
    """Return a finger that does not match it."""
    return DemoFinger(WHORL, 2)


class DemoFingerSensor:
    """A fingerprint sensor, and a simulated person in front of it.

    Parameters
    ----------
    fault
        Fault that it always has.
    pace
        Factor of all durations.

    Attributes
    ----------
    connection
        Connection state of the device.
    """

    def __init__(
        self, info: FingerprintSensorInfo, fault: FingerFault | None = None, pace: float = 1.0
    ) -> None:
        self.connection = ConnectionState()
        self.info = info
        self._fault = fault
        self._pace = pace
        self._pressed = 0

    async def press(self, seconds: float) -> FingerprintScan:
        """Wait for the finger and return its print; drawing the first of all takes a second or two."""
        self._refuse()
        until = self._pace * SECONDS_TO_PRESS
        if self._fault is FingerFault.NO_FINGER or until > seconds:
            await asyncio.sleep(seconds)
            raise NoFinger(device=self.info.name, seconds=f"{seconds:g}")
        await asyncio.sleep(until)
        self._refuse()
        self._pressed += 1
        return await asyncio.to_thread(self._drawn, self._pressed)

    async def lifted(self, seconds: float) -> None:
        """Wait until the finger is lifted."""
        await asyncio.sleep(min(seconds, self._pace * SECONDS_TO_LIFT))

    def _drawn(self, number: int) -> FingerprintScan:
        if self._fault is FingerFault.UNCLEAR:
            return FingerprintScan(finger().smudge(number), DOTS)
        pressed = other_finger() if self._fault is FingerFault.OTHER else finger()
        return FingerprintScan(pressed.press(number), DOTS)

    def _refuse(self) -> None:
        if not self.connection.connected:
            raise DeviceGone(device=self.info.name)


class DemoFingerSensorFinder(HotplugFinder[DemoFingerSensor]):
    """Lists the demo sensors that are connected.

    Parameters
    ----------
    faulty
        List a sensor for each fault, too.
    pace
        Factor of all durations.

    Attributes
    ----------
    sensors
        All sensors, the working one first.
    """

    def __init__(self, *, faulty: bool = False, pace: float = 1.0) -> None:
        self.sensors = [
            DemoFingerSensor(FingerprintSensorInfo("demo:finger-sensor", NAME, PRESSES), None, pace)
        ]
        for fault in FingerFault if faulty else ():
            key = f"demo:finger-sensor:{fault.value}"
            name = f"{NAME} ({fault.value})"
            self.sensors.append(DemoFingerSensor(FingerprintSensorInfo(key, name, PRESSES), fault, pace))
        super().__init__(self.sensors)
