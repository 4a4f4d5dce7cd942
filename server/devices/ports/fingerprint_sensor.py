"""Protocols for fingerprint sensors.

Every call is a coroutine that returns within a bounded time and may be cancelled. Fingerprints stay in
memory: none reaches a log, an error or a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from imgcore.types import Image
from server.devices.ports import Finder


@dataclass(frozen=True, slots=True)
class FingerprintSensorInfo:
    """Description of a fingerprint sensor.

    Attributes
    ----------
    id
        Identifier, stable while the device stays plugged in; starts with the adapter's name. Never shown
        to pages.
    name
        Name for people.
    presses
        Number of presses that the manufacturer recommends for an enrolment; at least 1.
    """

    id: str
    name: str
    presses: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class FingerprintScan:
    """Image of one press of a finger.

    Attributes
    ----------
    image
        Grey, uint8 ``(h, w)``, ridges dark on light.
    dots
        Resolution in dots per inch.
    """

    image: Image = field(repr=False)
    dots: float


class FingerprintSensor(Protocol):
    """Protocol for a fingerprint sensor, used by one caller at a time."""

    @property
    def info(self) -> FingerprintSensorInfo:
        """Description of the sensor."""

    async def press(self, seconds: float) -> FingerprintScan:
        """Wait for a finger and scan it.

        Raises
        ------
        server.errors.NoFinger
            No finger was placed in time.
        server.errors.FingerUnclear
            The sensor rejected the press: too short, off centre, wet.
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout, DriverCrashed
        """

    async def lifted(self, seconds: float) -> None:
        """Wait until no finger is on the sensor, or for `seconds`; no error either way."""


FingerprintSensorFinder = Finder[FingerprintSensor]
