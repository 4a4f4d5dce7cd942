"""The devices that the drivers list, whatever they are called."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import sane

from server.devices.adapters.sane import wire


class _Device(ctypes.Structure):
    """``SANE_Device`` of the standard."""

    _fields_ = tuple((name, ctypes.c_char_p) for name in ("name", "vendor", "model", "kind"))


def list_devices() -> tuple[wire.DeviceMessage, ...]:
    """All devices; asks the buses and the network, which takes seconds.

    Raises
    ------
    _sane.error
    """
    try:
        return tuple(wire.DeviceMessage(*device) for device in sane.get_devices())
    except SystemError:
        # python-sane gives up all devices where one is not called in UTF-8.
        return tuple(_in_any_encoding())


def _in_any_encoding() -> Iterator[wire.DeviceMessage]:
    library = ctypes.CDLL("libsane.so.1")
    devices = ctypes.POINTER(ctypes.POINTER(_Device))()
    if library.sane_get_devices(ctypes.byref(devices), 0) != 0:
        return
    at = 0
    while devices[at]:
        told = devices[at].contents
        at += 1
        try:
            name = told.name.decode()
        except UnicodeDecodeError:
            continue  # nobody could open it
        yield wire.DeviceMessage(name, *map(_readable, (told.vendor, told.model, told.kind)))


def _readable(text: bytes | None) -> str:
    """Decode as drivers write today, or else as drivers for Chinese systems used to."""
    try:
        return (text or b"").decode()
    except UnicodeDecodeError:
        return (text or b"").decode("gb18030", "replace")
