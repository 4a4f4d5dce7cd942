"""The scanners of this machine and its network, as SANE's drivers list them."""

from __future__ import annotations

import asyncio
import ctypes
import grp
import logging
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pyudev

from server.config import SaneScannerConfig
from server.devices import hotplug
from server.devices.access import (
    Account,
    DeviceKind,
    Explanation,
    NodeAccess,
    explain_group,
    open_node,
    try_node,
)
from server.devices.adapters.sane import wire
from server.devices.adapters.sane.driver import CLOSE_SECONDS, DriverFault, DriverPool
from server.devices.adapters.sane.scanner import SaneScanner
from server.devices.ports.scanner import ScannerInfo
from server.errors import DriverMissing, GaopaiError, LocalizedText

log = logging.getLogger(__name__)

CAMERAS = ("v4l:",)
"""Beginnings of the names of cameras that drivers list as scanners; those are the camera adapters'."""
LISTER = ""
"""Name that the pool has for the process that lists devices."""
SILENCE_SECONDS = 90.0
"""Seconds of silence after which a driver is given up."""
FIND_SECONDS = 30.0
"""Seconds that all drivers together have to list their devices."""


class SaneScannerFinder(hotplug.HotplugWatched):
    """See `server.devices.ports.scanner.ScannerFinder`.

    Parameters
    ----------
    silence, patience
        Seconds: for a driver that says nothing, and for all drivers to list their devices.
    folders
        Further ones that drivers may read and change.
    """

    def __init__(
        self,
        entries: Sequence[SaneScannerConfig] = (),
        silence: float = SILENCE_SECONDS,
        patience: float = FIND_SECONDS,
        root: Path = Path("/"),
        folders: Sequence[str] = (),
    ) -> None:
        self._entries = {entry.device: entry for entry in entries}
        self._silence = silence
        self._patience = patience
        self._drivers = DriverPool(min(CLOSE_SECONDS, silence), folders)
        self._names: dict[str, str] = {}
        self._lock = asyncio.Lock()
        self._watch = hotplug.watch(root, "usb", "bus/usb/*/*")

    def missing(self) -> GaopaiError | None:
        reason = _missing_library()
        kind = LocalizedText("扫描仪", "scanners")
        return None if reason is None else DriverMissing(kind=kind, reason=reason)

    async def find(self) -> Sequence[SaneScanner]:
        if self.missing() is not None:
            return ()
        try:
            devices = await self._list()
        except (DriverFault, GaopaiError, OSError) as exc:
            log.warning("the drivers do not list their scanners: %s", type(exc).__name__)
            devices = ()
        present = self._with_configured(devices)
        listed = {device.name for device in present}
        self._names = {name: shown for name, shown in self._names.items() if name in listed}
        return [self._scanner(device) for device in present]

    async def close(self) -> None:
        self._watch.close()
        await self._drivers.close()

    async def _list(self) -> tuple[wire.DeviceMessage, ...]:
        """Ask a new process: one that has listed before repeats itself."""
        async with self._lock:
            await self._drivers.renew()
            driver = await self._drivers.acquire(LISTER)
            try:
                answer = await driver.ask(wire.List(), self._patience, "SANE")
            finally:
                await driver.finish()
        assert isinstance(answer, wire.Listed)
        return tuple(device for device in answer.devices if not device.name.startswith(CAMERAS))

    def _with_configured(self, devices: Sequence[wire.DeviceMessage]) -> list[wire.DeviceMessage]:
        found = {device.name for device in devices}
        added = (wire.DeviceMessage(name, "", "", "") for name in self._entries if name not in found)
        return [*devices, *added]

    def _scanner(self, device: wire.DeviceMessage) -> SaneScanner:
        entry = self._entries.get(device.name, SaneScannerConfig(device=device.name))
        info = ScannerInfo(f"sane:{device.name}", self._name(device, entry))
        return SaneScanner(device, info, self._drivers, self._is_there, entry.options, self._silence)

    def _name(self, device: wire.DeviceMessage, entry: SaneScannerConfig) -> str:
        """Return its name for people; the same as long as the device stays, and no other's."""
        if device.name not in self._names:
            wanted = entry.name or f"{device.vendor} {device.model}".strip() or device.name
            taken = set(self._names.values())
            numbered = (f"{wanted} ({number})" for number in range(2, len(taken) + 3))
            self._names[device.name] = next(name for name in (wanted, *numbered) if name not in taken)
        return self._names[device.name]

    async def _is_there(self, name: str) -> bool:
        try:
            return name in {device.name for device in await self._list()}
        except (DriverFault, GaopaiError, OSError):
            return False


def _missing_library() -> LocalizedText | None:
    if find_spec("sane") is None or find_spec("_sane") is None:
        return LocalizedText("缺少 python-sane", "python-sane is not installed")
    try:
        ctypes.CDLL("libsane.so.1")
    except OSError:
        return LocalizedText("缺少 libsane1", "libsane1 is not installed")
    return None


GROUP = "scanner"
"""Group that SANE's udev rules let in, by an access list beside the mode of the node."""
_NO_RULES = (
    LocalizedText("SANE 的 udev 规则没有放行该设备", "no udev rule of SANE lets anybody use it"),
    LocalizedText(
        "请执行 sudo apt install libsane1，然后重新插拔扫描仪",
        "run: sudo apt install libsane1, then unplug the scanner and plug it in again",
    ),
)


def node_access(nodes: Sequence[Path] | None = None, account: Account | None = None) -> Sequence[NodeAccess]:
    """Try to open the USB node of each scanner and say how it went.

    Parameters
    ----------
    nodes
        Left out: those which udev says a driver of SANE knows. Without udev there are none, and
        scanners in the network have none.
    """
    account = account or Account()
    return tuple(
        try_node(node, open_node, _SCANNER, account) for node in (usb_scanners() if nodes is None else nodes)
    )


def usb_scanners() -> Sequence[Path]:
    """The node of each USB device that SANE's list of devices has."""
    try:
        known = pyudev.Context().list_devices(subsystem="usb", libsane_matched="yes")
        return sorted({Path(device.device_node) for device in known if device.device_node})
    except (ImportError, OSError) as exc:
        log.warning("udev cannot be asked for scanners: %s", exc)
        return ()


def _no_group(_: Path, account: Account) -> Explanation:
    try:
        group = grp.getgrnam(GROUP).gr_gid
    except KeyError:
        return _NO_RULES
    return _NO_RULES if group in account.groups else explain_group(GROUP, account.name)


_SCANNER = DeviceKind(LocalizedText("扫描仪", "the scanner"), _no_group)
