"""The controls of a camera under the protocol's names, whatever V4L2 splits them into."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from server.devices.adapters.v4l2 import videodev2 as v4l2
from server.devices.adapters.v4l2.video_node import MAX_ENTRIES, VideoNode
from server.devices.ports.camera import CameraControl, ControlName, ControlSetting


class ControlKind(IntEnum):
    """Kinds of controls whose value is one 32-bit number. A button has none; it is pressed."""

    INTEGER = 1
    BOOLEAN = 2
    MENU = 3
    BUTTON = 4
    BITMASK = 8
    INTEGER_MENU = 9


_KINDS = frozenset(ControlKind)
"""Numbers of the kinds of controls that are offered."""


@dataclass(frozen=True, slots=True)
class Control:
    """One setting and its present value.

    Attributes
    ----------
    value
        None for a button, and where the device does not tell.
    writable
        False also while another setting rules this one (manual focus under autofocus).
    """

    id: int
    name: str
    kind: ControlKind
    minimum: int
    maximum: int
    step: int
    default: int
    value: int | None
    writable: bool


def controls(device: VideoNode) -> tuple[Control, ...]:
    """Return all settings of the device, in its own order."""
    return tuple(_describe(device, found) for found in _enumerate(device) if _is_offered(found))


def set_control(device: VideoNode, identifier: int, value: int) -> int:
    """Change one setting, or press a button; return the value that the device then has."""
    return device.request(v4l2.S_CTRL, v4l2.ControlValue(identifier, value)).value


def _enumerate(device: VideoNode) -> Iterator[v4l2.QueryCtrl]:
    last = 0
    for _ in range(MAX_ENTRIES):
        try:
            found = device.request(v4l2.QUERYCTRL, v4l2.QueryCtrl(id=last | v4l2.CTRL_FLAG_NEXT_CTRL))
        except OSError as exc:
            if exc.errno in (errno.EINVAL, errno.ENOTTY):
                return
            raise
        yield found
        last = found.id


def _is_offered(found: v4l2.QueryCtrl) -> bool:
    return found.type in _KINDS and not found.flags & v4l2.CTRL_FLAG_DISABLED


def _describe(device: VideoNode, found: v4l2.QueryCtrl) -> Control:
    return Control(
        found.id,
        found.name.decode("utf-8", "ignore"),
        ControlKind(found.type),
        found.minimum,
        found.maximum,
        found.step,
        found.default_value,
        _current_value(device, found),
        not found.flags & (v4l2.CTRL_FLAG_READ_ONLY | v4l2.CTRL_FLAG_INACTIVE),
    )


def _current_value(device: VideoNode, found: v4l2.QueryCtrl) -> int | None:
    if found.type == ControlKind.BUTTON or found.flags & v4l2.CTRL_FLAG_WRITE_ONLY:
        return None
    try:
        return device.request(v4l2.G_CTRL, v4l2.ControlValue(found.id)).value
    except OSError as exc:
        # Firmware that lists a setting and then stalls on it: the others still count.
        if exc.errno in (errno.EIO, errno.EACCES):
            return None
        raise


_USER = 0x00980900
"""First identifier of the class "user" of ``linux/v4l2-controls.h``."""
_CAMERA = 0x009A0900
"""First identifier of the class "camera" of ``linux/v4l2-controls.h``."""

_MANUAL_EXPOSURE = 1
"""Entry of the menu of exposure with which the time is set by hand."""
_AUTOMATIC_EXPOSURES = (3, 0, 2)
"""Entries of the menu of exposure with which the camera rules the time, aperture priority first, as USB
cameras have it."""


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
"""Identifiers in V4L2 of the protocol's controls, in the protocol's order."""
_VALUES = (ControlKind.INTEGER, ControlKind.MENU, ControlKind.BOOLEAN)
"""Kinds of controls that have a value."""


def camera_controls(device: VideoNode) -> Sequence[CameraControl]:
    """Return the controls that the device has, in the protocol's order."""
    known = {control.id: control for control in controls(device)}
    return tuple(_described(known))


def set_camera_control(device: VideoNode, setting: ControlSetting) -> None:
    """Set a value, and its automatic off before; or the automatic alone."""
    identifiers = CONTROLS[setting.name]
    known = {control.id: control for control in controls(device)}
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
            value = found[0]
            automatic = None
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
