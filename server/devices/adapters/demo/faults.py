"""Faults of the demo cameras and of the demo scanner, switched on and off while they run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Generic, Literal, Protocol, TypeVar

from server.devices import hotplug
from server.errors import OTHER_PROGRAM, DeviceBusy, DeviceGone, DevicePermission


@dataclass(slots=True, eq=False)
class ConnectionState:
    """Connection of a demo device, changed from any thread."""

    connected: bool = field(default=True, init=False)
    _watchers: list[Callable[[], None]] = field(default_factory=list, init=False)

    def disconnect(self) -> None:
        """Disconnect the device: it vanishes from the list, and what it was doing ends."""
        self._set(False)

    def connect(self) -> None:
        """Connect the device again; what was opened before stays dead."""
        self._set(True)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` at each change, in the thread that makes it."""
        self._watchers.append(changed)

    def _set(self, connected: bool) -> None:
        if connected is self.connected:
            return
        self.connected = connected
        for changed in self._watchers:
            changed()


class HotplugDevice(Protocol):
    """A demo device with a connection state."""

    connection: ConnectionState


D = TypeVar("D", bound=HotplugDevice)


class HotplugFinder(hotplug.HotplugWatched, Generic[D]):
    """Lists the devices that are connected."""

    def __init__(self, devices: Sequence[D]) -> None:
        self._devices = tuple(devices)
        self._watch = hotplug.ChangeNotifier()
        for device in self._devices:
            device.connection.watch(self._watch.notify)

    async def find(self) -> Sequence[D]:
        """Return the connected devices."""
        return tuple(device for device in self._devices if device.connection.connected)

    async def close(self) -> None:
        """Close the descriptor."""
        self._watch.close()


STACK = 5
"""Sheets that are put into an empty feeder."""


@dataclass(slots=True, eq=False)
class AccessFaults(ConnectionState):
    """Faults that keep the service from a device.

    Attributes
    ----------
    busy
        Asking or opening answers that another program has the device.
    denied
        Asking or opening answers that the service may not use it.
    """

    busy: bool = False
    denied: bool = False

    def refuse(self, device: str) -> None:
        """Raise the error of the fault that keeps the service from the device, if there is one."""
        if not self.connected:
            raise DeviceGone(device=device)
        if self.denied:
            raise DevicePermission(device=device)
        if self.busy:
            raise DeviceBusy(device=device, holder=OTHER_PROGRAM)


@dataclass(slots=True, eq=False)
class CameraFaults(AccessFaults):
    """Set any attribute at any time from any thread; the next call on the camera shows it.

    Attributes
    ----------
    frozen
        The open camera stays silent: no frame arrives.
    slow_start
        Seconds between `start` and the first frame.
    torn_every
        Each n-th frame arrives without its end, is noticed and skipped; 0 = never.
    damaged_every
        Each n-th frame is a JPEG from SOI to EOI whose middle is zeros, which no driver
        notices; 0 = never.
    """

    frozen: bool = False
    slow_start: float = 0.0
    torn_every: int = 0
    damaged_every: int = 0

    def apply(self, seq: int, data: bytes) -> bytes:
        """Return frame number `seq` as it leaves the faulty camera."""
        if _is_due(self.torn_every, seq):
            return data[: len(data) * 2 // 3]
        if _is_due(self.damaged_every, seq):
            third = len(data) // 3
            return data[:third] + bytes(third) + data[2 * third :]
        return data


@dataclass(slots=True, eq=False)
class ScannerFaults(AccessFaults):
    """Set any attribute at any time from any thread; the running scan shows it.

    Pages are counted from 1 in each scan, the two sides of a sheet apart. Faults of the
    paper path, from `empty` to `staple_at`, do not concern the glass.

    Attributes
    ----------
    empty
        No sheet is noticed, whatever is in the feeder.
    cover_open
        The feeder's cover is open: no sheet moves, and a moving one stops.
    jam_after
        Pages that go through before one is jammed.
    cut_short_at
        The page of which only a part arrives.
    double_at
        The page that is drawn in with the next one, where the order asks to detect it.
    staple_at
        The page that a staple holds to the next one, as above.
    crash_at
        The page at which the driver crashes.
    hang_at
        The page at which the driver falls silent.
    disconnect_at
        The page at which the scanner is disconnected.
    silence
        Seconds until a silent driver is given up.
    reconnect_after
        Seconds until a scanner that `disconnect_at` disconnected is connected again; 0 = never.
    slow
        Seconds that each page takes longer.
    stack
        Number of sheets that were put into the feeder last.
    sheets
        Number of sheets in it now. It counts down; a scan that finds none is given a new stack.
    turned
        The stack was turned over: whole, so that the back of its last sheet comes first, or each sheet.
    """

    empty: bool = False
    cover_open: bool = False
    jam_after: int | None = None
    cut_short_at: int | None = None
    double_at: int | None = None
    staple_at: int | None = None
    crash_at: int | None = None
    hang_at: int | None = None
    disconnect_at: int | None = None
    silence: float = 10.0
    reconnect_after: float = 0.0
    slow: float = 0.0
    stack: int = STACK
    sheets: int = STACK
    turned: Literal["", "whole", "each"] = ""

    def load(self, sheets: int = STACK, turned: Literal["", "whole", "each"] = "") -> None:
        """Put a stack into the feeder in place of the sheets in it."""
        self.stack = self.sheets = sheets
        self.turned = turned
        self.empty = False

    def copy_from(self, other: ScannerFaults) -> None:
        """Copy all faults of `other`, but not its connection state."""
        for each in fields(other):
            if each.init:
                setattr(self, each.name, getattr(other, each.name))


def _is_due(every: int, seq: int) -> bool:
    return every > 0 and seq % every == every - 1
