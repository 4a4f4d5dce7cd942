"""A fingerprint sensor, and a matcher that tells fingers apart by one pixel."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np

from imgcore.types import Image
from server.devices.ports.fingerprint_sensor import FingerprintScan, FingerprintSensorInfo
from server.errors import FeatureNotComparable, FeatureUnreadable, GaopaiError, LocalizedText, NoFinger
from server.services.fingerprints.matcher import FingerprintView

DOTS = 500.0
FAINT = LocalizedText("太淡", "it is faint")


def press(finger: int, quality: float = 0.8) -> FingerprintScan:
    """A press of the finger with that number, of 1 to 250; unclear where `quality` is under 0.3."""
    return FingerprintScan(print_of(finger, quality), DOTS)


def print_of(finger: int, quality: float = 0.8) -> Image:
    """The picture of such a press."""
    image = np.full((8, 6), 255, np.uint8)
    image[0, :2] = finger, round(quality * 100)
    return image


class FakeFingerSensor:
    """One sensor.

    Attributes
    ----------
    presses
        What comes of each press in turn; when it is empty no finger comes any more.
    history
        What was done to the device.
    """

    def __init__(self, name: str = "Sensor") -> None:
        self.info = FingerprintSensorInfo(f"fake:{name}", name, 4)
        self.presses: list[FingerprintScan | GaopaiError] = []
        self.history: list[str] = []

    async def press(self, seconds: float) -> FingerprintScan:
        self.history.append("press")
        if not self.presses:
            await self._nobody(seconds)
        outcome = self.presses.pop(0)
        if isinstance(outcome, GaopaiError):
            raise outcome
        return outcome

    async def lifted(self, seconds: float) -> None:
        self.history.append("lifted")

    async def _nobody(self, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.history.append("given up")
            raise
        raise NoFinger(device=self.info.name, seconds=seconds)


class FakeMatcher:
    """Fingers are as alike as their numbers are near: 1 apart 0.9, 2 apart 0.8, and so on.

    A feature is ``FMR`` and the finger's number; ``GA`` begins one that is not comparable.
    """

    def extract(self, image: Image, dots: float) -> FingerprintView:
        quality = int(image[0, 1]) / 100
        return FingerprintView(int(image[0, 0]), quality, FAINT if quality < 0.3 else None)

    def compare(self, probe: FingerprintView, enrolled: Sequence[FingerprintView]) -> float:
        apart = min(abs(_number(probe) - _number(view)) for view in enrolled)
        return max(0.0, 1.0 - apart / 10)

    def write(self, view: FingerprintView) -> bytes:
        return b"FMR" + bytes([_number(view)])

    def read(self, record: bytes) -> Sequence[FingerprintView]:
        if record.startswith(b"GA"):
            raise FeatureNotComparable(format="GA 1012")
        if not record.startswith(b"FMR"):
            raise FeatureUnreadable(reason=LocalizedText("不是 ISO 19794-2", "it is no ISO 19794-2"))
        return [FingerprintView(number) for number in record[3:]]


def _number(view: FingerprintView) -> int:
    assert isinstance(view.template, int)
    return view.template
