"""Protocols for a camera's own controls: focus, exposure, white balance and the like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable


class ControlName(StrEnum):
    """Controls that cameras may have; values are the protocol's names."""

    FOCUS = "focus"
    EXPOSURE = "exposure"
    GAIN = "gain"
    WHITE_BALANCE = "whiteBalance"
    BRIGHTNESS = "brightness"
    CONTRAST = "contrast"
    SATURATION = "saturation"
    SHARPNESS = "sharpness"
    ZOOM = "zoom"
    POWER_LINE = "powerLine"
    """Frequency of lamps whose flicker the camera avoids: 0 off, 1 for 50 Hz, 2 for 60 Hz, 3 automatic."""


@dataclass(frozen=True, slots=True)
class CameraControl:
    """A control and its present state. Units are the camera's own.

    Attributes
    ----------
    value
        None where the camera does not tell it.
    automatic
        True while the camera chooses the value itself; None if it cannot.
    once
        True if the camera can be asked to adjust it once, and keep it then.
    """

    name: ControlName
    minimum: int
    maximum: int
    step: int
    default: int
    value: int | None
    automatic: bool | None = None
    once: bool = False

    def takes(self, value: int) -> bool:
        """Return whether a value lies in the range and on a step."""
        return self.minimum <= value <= self.maximum and (value - self.minimum) % max(self.step, 1) == 0


@dataclass(frozen=True, slots=True)
class ControlSetting:
    """Value of a control, or its automatic; one of them is None."""

    name: ControlName
    value: int | None
    automatic: bool | None


@runtime_checkable
class AdjustableStream(Protocol):
    """Protocol for the stream of a camera that has controls; used by the thread of the stream."""

    def controls(self) -> Sequence[CameraControl]:
        """Return the controls that the camera has.

        Raises
        ------
        server.errors.DeviceGone, DeviceFailed
        """

    def set_control(self, setting: ControlSetting) -> None:
        """Set a value, which ends an automatic, or the automatic.

        Raises
        ------
        server.errors.DeviceGone, DeviceFailed
        """

    def adjust_once(self, name: ControlName) -> bool:
        """Start a single adjustment; return False if the camera has no command for it."""
