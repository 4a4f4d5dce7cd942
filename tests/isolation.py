"""A machine of the tests' own: no device, desktop or bus, a new home, one language and one time zone.

`enter` changes the environment of this process, which every process that it starts inherits. The tests of
``tests/devices`` put virtual devices in their places.
"""

from __future__ import annotations

import ipaddress
import locale
import os
import re
import socket
import time
from pathlib import Path
from typing import Any

OF_THE_MACHINE = re.compile(
    r"(XDG|LC|DBUS|SANE|PCSCLITE|FP|WATCHDOG|SUDO)_\w+|\w+_DIRECTORY|NOTIFY_SOCKET|INVOCATION_ID|JOURNAL_STREAM"
    r"|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DESKTOP_SESSION|LANG|LANGUAGE|TZ|TZDIR"
)
"""Variables by which programs find a desktop, a bus, devices, the systemd unit they belong to, or a taste."""


def enter(folder: Path) -> None:
    """Let this process, and all that it starts from now on, live in `folder`."""
    for name in filter(OF_THE_MACHINE.fullmatch, list(os.environ)):
        del os.environ[name]
    os.environ.update(_environment(folder))
    for name in ("HOME", "TMPDIR", "SANE_CONFIG_DIR"):
        Path(os.environ[name]).mkdir()
    (folder / "sane/dll.conf").touch()
    for path in (folder, folder / "tmp"):
        path.chmod(0o755)  # tests that run programs as other users make open folders there
    time.tzset()
    locale.setlocale(locale.LC_ALL, "")


def _environment(folder: Path) -> dict[str, str]:
    return {
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "SANE_CONFIG_DIR": str(folder / "sane"),
        # Nobody answers there until a test puts a link to its own pcscd. libpcsclite asks once in a process.
        "PCSCLITE_CSOCK_NAME": str(folder / "pcscd.comm"),
        "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder}/bus",
        # By default it logs to the standard error stream of the test that imports it, which is closed soon.
        "DASK_LOGGING": "{'version': 1, 'incremental': True}",
        # Its threads wait for each other by turning round and round, which takes others' time.
        "OPENBLAS_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "NO_PROXY": "localhost,127.0.0.1,::1",
        "no_proxy": "localhost,127.0.0.1,::1",
    }


OUTSIDE = re.compile(
    r"/dev(?:/?$|/(?:video|media|v4l|bus/usb|hidraw|tty(?:USB|ACM)))|/sys/(?:bus/usb|class/(?:video4linux|tty))"
    r"|/etc/sane\.d|(?:/var)?/run/(?:pcscd|udev|user|dbus|cups)|@?/tmp/\.X11-unix"
)
"""How paths begin that lead to devices, to their daemons, or to somebody's desktop."""


def is_outside(path: str) -> bool:
    """Return whether a file or socket is of the machine that the tests run on."""
    return OUTSIDE.match(path) is not None


def is_remote(host: str) -> bool:
    """Return whether an address is not this computer's own."""
    address = ipaddress.ip_address(host.partition("%")[0])
    return not (getattr(address, "ipv4_mapped", None) or address).is_loopback


class Sentry:
    """An audit hook that remembers what this process meets outside.

    Attributes
    ----------
    met
        Events with what they were about.
    """

    def __init__(self) -> None:
        self.met: list[str] = []

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if event in ("open", "os.listdir", "os.scandir"):
            self._path(event, args[0])
        elif event == "socket.connect":
            self._address(event, args[0].family, args[1])
        elif event == "socket.getaddrinfo":
            self._name(event, args[0])

    def _path(self, event: str, path: object) -> None:
        if isinstance(path, str | bytes) and is_outside(os.fsdecode(path)):
            self.met.append(f"{event} {path!r}")

    def _address(self, event: str, family: int, address: Any) -> None:
        if family == socket.AF_UNIX:
            self._path(event, address)
        elif family in (socket.AF_INET, socket.AF_INET6) and is_remote(address[0]):
            self.met.append(f"{event} {address}")

    def _name(self, event: str, host: object) -> None:
        # Addresses in digits are looked up nowhere.
        if isinstance(host, str) and host != "localhost" and re.search("[g-z]", host):
            self.met.append(f"{event} {host}")
