"""Connection state of demo devices, and the finder that lists the connected ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, Protocol, TypeVar

from server.devices import hotplug


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


class ChangeNotifier(hotplug.ChangeMonitor):
    """A descriptor that becomes readable when any thread notifies it."""

    def __init__(self) -> None:
        self._fd: int | None = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._lock = Lock()

    def fileno(self) -> int | None:
        """Return the descriptor; None after `close`."""
        return self._fd

    def notify(self) -> None:
        """Make the descriptor readable."""
        with self._lock:
            if self._fd is not None:
                os.eventfd_write(self._fd, 1)

    def changed(self) -> bool:
        """Return whether there was a notification since the last call."""
        if self._fd is None:
            return False
        try:
            return os.eventfd_read(self._fd) > 0
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Close the descriptor."""
        with self._lock:
            if self._fd is not None:
                os.close(self._fd)
                self._fd = None


class HotplugDevice(Protocol):
    """A demo device with a connection state."""

    connection: ConnectionState


D = TypeVar("D", bound=HotplugDevice)


class HotplugFinder(hotplug.HotplugWatched, Generic[D]):
    """Lists the devices that are connected."""

    def __init__(self, devices: Sequence[D]) -> None:
        self._devices = tuple(devices)
        self._watch = ChangeNotifier()
        for device in self._devices:
            device.connection.watch(self._watch.notify)

    async def find(self) -> Sequence[D]:
        """Return the connected devices."""
        return tuple(device for device in self._devices if device.connection.connected)

    async def close(self) -> None:
        """Close the descriptor."""
        self._watch.close()
