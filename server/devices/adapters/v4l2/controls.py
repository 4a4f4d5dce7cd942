"""A device's own settings: exposure, focus, white balance, and the like."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from server.devices.adapters.v4l2 import videodev2 as v4l2
from server.devices.adapters.v4l2.video_node import MAX_ENTRIES, VideoNode


class ControlKind(IntEnum):
    """Kinds of controls whose value is one 32-bit number. A button has none; it is pressed."""

    INTEGER = 1
    BOOLEAN = 2
    MENU = 3
    BUTTON = 4
    BITMASK = 8
    INTEGER_MENU = 9


_KINDS = frozenset(ControlKind)


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
        _value(device, found),
        not found.flags & (v4l2.CTRL_FLAG_READ_ONLY | v4l2.CTRL_FLAG_INACTIVE),
    )


def _value(device: VideoNode, found: v4l2.QueryCtrl) -> int | None:
    if found.type == ControlKind.BUTTON or found.flags & v4l2.CTRL_FLAG_WRITE_ONLY:
        return None
    try:
        return device.request(v4l2.G_CTRL, v4l2.ControlValue(found.id)).value
    except OSError as exc:
        # Firmware that lists a setting and then stalls on it: the others still count.
        if exc.errno in (errno.EIO, errno.EACCES):
            return None
        raise
