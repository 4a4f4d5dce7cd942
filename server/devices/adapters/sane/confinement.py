"""Rights of a scanner driver's process: its devices, its network, its settings, and nobody's files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from server.children.confinement.profile import Profile

DEVICES = (
    "bus/usb",
    "usb",
    "sg*",
    "scanner*",
    "usbscanner*",
    "lp*",
    "parport*",
    "ttyS*",
    "ttyUSB*",
    "ttyACM*",
)
"""Below ``/dev``."""
READ = (
    # All settings but ours, which may hold a token.
    *("/etc/[!g]*", "/etc/g[!a]*", "/etc/gai.conf", "/opt"),
    *("/sys", "/proc/bus", "/proc/scsi", "/proc/sys", "/proc/cpuinfo", "/proc/meminfo", "/run/udev"),
    *("/run/NetworkManager", "/run/resolvconf", "/run/systemd/resolve"),
    *("/var/lib/hp", "/var/lib/sane", "/var/lib/snmp", "/var/lib/dbus"),
)
"""Settings, makers' programs, devices and the network as the kernel describes them, names of hosts."""
SOCKETS = ("/run/dbus", "/run/avahi-daemon", "/run/nscd", "/run/systemd/resolve")
"""Scanners of the network are found through Avahi, on the bus of the system; not on that of the session,
which starts programs."""
USB = ":libusb:"
"""In the names of scanners that SANE itself reaches by USB."""
IN_HOME = (".sane", ".hplip")
"""Calibration that drivers keep, and HP's settings."""


def driver_profile(
    device: str = "", folders: Sequence[str] = (), environment: Mapping[str, str] = os.environ
) -> Profile:
    """Return the rights of a driver.

    Drivers start programs of their makers', open USB devices and search the network.

    Parameters
    ----------
    device
        SANE's name for the scanner that it is for; one at USB needs no network.
    folders
        Further ones that it may read and change.
    """
    network = () if USB in device else ("AF_UNIX", "AF_INET", "AF_INET6")
    devices = (f"/dev/{name}" for name in DEVICES)
    return Profile(
        reads=(*READ, *filter(None, environment.get("SANE_CONFIG_DIR", "").split(":"))),
        writes=(*devices, *_own(environment), *folders),
        families=(*network, "AF_NETLINK"),
        sockets=SOCKETS,
        programs=True,
    )


def _own(environment: Mapping[str, str]) -> Iterator[str]:
    yield environment.get("TMPDIR", "/tmp")  # noqa: S108 - makers' libraries write there without asking
    home = environment.get("HOME", "")
    if home:
        yield from (str(Path(home, name)) for name in IN_HOME)
