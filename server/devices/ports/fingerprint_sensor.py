"""What the service asks of a fingerprint sensor, whatever drives it.

Every call is a coroutine that returns within a bounded time and may be cancelled. Prints stay in
memory: none reaches a log, an error or a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from imgcore.types import Image
from server.errors import GaopaiError


@dataclass(frozen=True, slots=True)
class FingerprintSensorInfo:
    """A sensor as listed.

    Attributes
    ----------
    id
        Stable while the device stays plugged in; starts with the adapter's name. Never shown to pages.
    name
        What a person reads.
    presses
        How many presses its maker recommends for an enrolment; at least 1.
    """

    id: str
    name: str
    presses: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class FingerprintScan:
    """One press of a finger.

    Attributes
    ----------
    image
        Grey, uint8 ``(h, w)``, ridges dark on light.
    dots
        Dots an inch.
    """

    image: Image = field(repr=False)
    dots: float


class FingerprintSensor(Protocol):
    """One sensor. One caller at a time."""

    @property
    def info(self) -> FingerprintSensorInfo:
        """Name and identity."""

    async def press(self, seconds: float) -> FingerprintScan:
        """Wait for a finger and take its print.

        Raises
        ------
        server.errors.NoFinger
            None was placed in time.
        server.errors.FingerUnclear
            The sensor itself rejected the press: too short, off centre, wet.
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout, DriverCrashed
        """

    async def lifted(self, seconds: float) -> None:
        """Return once no finger is on it, or after `seconds`; no error either way."""


class FingerprintSensorFinder(Protocol):
    """One adapter's way to list its sensors."""

    def missing(self) -> GaopaiError | None:
        """What this machine lacks, if there can be no sensor for that reason."""

    async def find(self) -> Sequence[FingerprintSensor]:
        """All sensors present now, in a stable order.

        A device that cannot be asked is left out and logged, never an exception.
        """

    def change_fd(self) -> int | None:
        """A descriptor that becomes readable when sensors come or go, if there is one."""

    def acknowledge_change(self) -> bool:
        """Drain the descriptor without blocking; whether sensors may have changed."""

    async def close(self) -> None:
        """Release what `change_fd` watches, and end helper processes."""
