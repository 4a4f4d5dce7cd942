"""Rights of libfprint's process: the sensors, and nobody's files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from server.children.confinement.profile import Profile

DEVICES = ("/dev/bus/usb", "/dev/spidev*", "/dev/hidraw*")
"""Sensors at USB, and those of notebooks, which are read by SPI."""
READ = ("/sys", "/run/udev")
VIRTUAL = "FP_VIRTUAL_"
"""Variables that name the sockets of libfprint's virtual sensors."""


def sensor_profile(environment: Mapping[str, str] = os.environ) -> Profile:
    """Return the rights of the process; without virtual sensors it needs no UNIX socket."""
    paths = (value for name, value in environment.items() if name.startswith(VIRTUAL))
    virtual = tuple(str(Path(path).parent) for path in paths)
    bindings = filter(None, environment.get("GI_TYPELIB_PATH", "").split(":"))
    return Profile(
        reads=(*READ, *bindings),
        writes=(*DEVICES, *virtual),
        families=("AF_NETLINK", *(("AF_UNIX",) if virtual else ())),
        sockets=virtual,
    )
