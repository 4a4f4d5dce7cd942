"""Lens and sensor of the demo camera: their controls, and what these do to pictures of its desk."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from imgcore.types import Image
from server.devices.ports.camera import CameraControl, ControlName, ControlSetting
from synthetic.scene.desk import Desk

_SHARP = 90
"""Position of the lens, in its steps, at which the desk is sharp."""
_BLUR = 40.0
"""Steps off the sharp position that blur a picture of 2500 pixels across by one pixel."""

CONTROLS = (
    CameraControl(ControlName.FOCUS, 0, 255, 5, _SHARP, _SHARP, automatic=True, once=True),
    CameraControl(ControlName.BRIGHTNESS, -64, 64, 1, 0, 0),
    CameraControl(ControlName.CONTRAST, 0, 64, 1, 32, 32),
)
"""Controls of the demo camera and the values that they have at first: focus, brightness and contrast."""


@dataclass(frozen=True, slots=True)
class DemoOptics:
    """State of the controls, and its effect on pictures."""

    controls: tuple[CameraControl, ...] = CONTROLS

    def with_setting(self, setting: ControlSetting) -> DemoOptics:
        """Return the state after a setting; an automatic focus finds the desk at once."""
        return DemoOptics(tuple(_set(one, setting) for one in self.controls))

    def seen(self, picture: Image) -> Image:
        """Return a BGR picture as focus, brightness and contrast make it."""
        focus, brightness, contrast = (control.value or 0 for control in self.controls)
        blur = abs(focus - _SHARP) / _BLUR * picture.shape[1] / 2500
        if blur > 0.1:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.uint8)
        if (brightness, contrast) != (0, 32):
            gain = contrast / 32
            picture = np.asarray(
                cv2.convertScaleAbs(picture, alpha=gain, beta=128 * (1 - gain) + brightness), np.uint8
            )
        return picture


def _set(control: CameraControl, setting: ControlSetting) -> CameraControl:
    if control.name is not setting.name:
        return control
    automatic = None if control.automatic is None else bool(setting.automatic)
    value = _SHARP if automatic else control.value if setting.value is None else setting.value
    return replace(control, value=value, automatic=automatic)


class DemoDesk(Desk):
    """Desk under the demo camera, and the camera's `optics`, which may be set as its `scene`."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.optics = DemoOptics()
