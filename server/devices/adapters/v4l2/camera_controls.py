"""The controls of a camera under the protocol's names, whatever V4L2 splits them into."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from server.devices.adapters.v4l2.controls import Control, ControlKind, controls, set_control
from server.devices.adapters.v4l2.video_node import VideoNode
from server.devices.ports.camera_controls import CameraControl, ControlName, ControlSetting

_USER = 0x00980900
_CAMERA = 0x009A0900
"""First identifiers of the classes "user" and "camera" of ``linux/v4l2-controls.h``."""

_MANUAL_EXPOSURE = 1
_AUTOMATIC_EXPOSURES = (3, 0, 2)
"""Entries of the menu of exposure, aperture priority first, as USB cameras have it."""


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Identifiers of one control in V4L2.

    Attributes
    ----------
    values
        Of its value; the first that a camera has.
    automatic
        Of the switch, or menu, that hands it to the camera; 0 if none exists.
    once
        Of the button that adjusts it once.
    on, off
        Values of `automatic`.
    """

    values: tuple[int, ...]
    automatic: int = 0
    once: int = 0
    on: tuple[int, ...] = (1,)
    off: int = 0


CONTROLS: Mapping[ControlName, Identifiers] = {
    ControlName.FOCUS: Identifiers((_CAMERA + 10,), _CAMERA + 12, _CAMERA + 28),
    ControlName.EXPOSURE: Identifiers(
        (_CAMERA + 2, _USER + 17), _CAMERA + 1, on=_AUTOMATIC_EXPOSURES, off=_MANUAL_EXPOSURE
    ),
    ControlName.GAIN: Identifiers((_USER + 19,), _USER + 18),
    ControlName.WHITE_BALANCE: Identifiers((_USER + 26,), _USER + 12, _USER + 13),
    ControlName.BRIGHTNESS: Identifiers((_USER + 0,)),
    ControlName.CONTRAST: Identifiers((_USER + 1,)),
    ControlName.SATURATION: Identifiers((_USER + 2,)),
    ControlName.SHARPNESS: Identifiers((_USER + 27,)),
    ControlName.ZOOM: Identifiers((_CAMERA + 13,)),
    ControlName.POWER_LINE: Identifiers((_USER + 24,)),
}
_VALUES = (ControlKind.INTEGER, ControlKind.MENU, ControlKind.BOOLEAN)


def camera_controls(device: VideoNode) -> Sequence[CameraControl]:
    """Return the controls that the device has, in the protocol's order."""
    known = {control.id: control for control in controls(device)}
    return tuple(_described(known))


def set_camera_control(device: VideoNode, setting: ControlSetting) -> None:
    """Set a value, and its automatic off before; or the automatic alone."""
    identifiers, known = CONTROLS[setting.name], {control.id: control for control in controls(device)}
    if identifiers.automatic in known:
        if setting.automatic:
            _first_accepted(device, identifiers.automatic, identifiers.on)
        else:
            set_control(device, identifiers.automatic, identifiers.off)
    if setting.value is not None:
        set_control(device, _value(identifiers, known).id, setting.value)


def adjust_once(device: VideoNode, name: ControlName) -> bool:
    """Press the button that adjusts the control once; return False if there is none."""
    button = CONTROLS[name].once
    if not button or all(control.id != button for control in controls(device)):
        return False
    set_control(device, button, 1)
    return True


def _described(known: Mapping[int, Control]) -> Iterator[CameraControl]:
    for name, identifiers in CONTROLS.items():
        found = [known[each] for each in identifiers.values if each in known]
        switch = known.get(identifiers.automatic)
        if found and found[0].kind in _VALUES and (found[0].writable or switch is not None):
            value, automatic = found[0], None
            if switch is not None and switch.value is not None:
                automatic = switch.value != identifiers.off
            limits = (value.minimum, value.maximum, max(value.step, 1), value.default)
            once = identifiers.once in known or (name is ControlName.FOCUS and automatic is not None)
            yield CameraControl(name, *limits, value.value, automatic, once)


def _value(identifiers: Identifiers, known: Mapping[int, Control]) -> Control:
    return next(known[each] for each in identifiers.values if each in known)


def _first_accepted(device: VideoNode, identifier: int, values: Sequence[int]) -> None:
    """Set the first of some menu entries that the device has."""
    for value in values:
        try:
            set_control(device, identifier, value)
        except OSError as exc:
            if exc.errno not in (errno.EINVAL, errno.ERANGE) or value == values[-1]:
                raise
        else:
            return
