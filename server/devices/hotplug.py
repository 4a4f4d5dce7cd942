"""Hot-plug detection, by events of udev or by the nodes in ``/dev``."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from threading import Lock

import pyudev

from server.errors import GaopaiError

log = logging.getLogger(__name__)


class ChangeMonitor:
    """Hot-plug detection of one kind of device; this one is for what nothing tells of."""

    def fileno(self) -> int | None:
        """Return a descriptor that becomes readable on a change, if there is one."""
        return None

    def changed(self) -> bool:
        """Return whether there was a change since the last call; never blocks."""
        return False

    def close(self) -> None:
        """End the detection."""


class ChangeNotifier(ChangeMonitor):
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


class HotplugWatched:
    """Base of finders whose devices come and go; see `server.devices.ports`."""

    _watch: ChangeMonitor = ChangeMonitor()

    def change_fd(self) -> int | None:
        """Return the monitor's descriptor."""
        return self._watch.fileno()

    def acknowledge_change(self) -> bool:
        """Return whether devices may have changed since the last call."""
        return self._watch.changed()

    def missing(self) -> GaopaiError | None:
        """Return what the finder lacks on this computer; None if nothing."""
        return None


class WatchedCameras(HotplugWatched):
    """Base of finders of cameras."""

    def close(self) -> None:
        """End the detection."""
        self._watch.close()


def watch(root: Path, subsystem: str, nodes: str) -> ChangeMonitor:
    """Return a monitor of udev's events, or of nodes where its daemon does not run.

    udev is preferred because its events come after it has set a new node's permissions.

    Parameters
    ----------
    subsystem
        Subsystem of the kernel, such as ``video4linux``.
    nodes
        Pattern of the device nodes below ``dev``, for machines without udev.
    """
    if (root / "run/udev/control").exists():
        try:
            return UdevMonitor(subsystem)
        except (ImportError, OSError) as exc:
            log.warning("udev cannot be used, /dev is polled instead: %s", exc)
    return NodeMonitor(root / "dev", nodes)


class UdevMonitor(ChangeMonitor):
    """Monitor of the events of the udev daemon.

    Raises
    ------
    ImportError
        libudev is not installed.
    OSError
        The socket cannot be opened.
    """

    def __init__(self, subsystem: str) -> None:
        monitor = pyudev.Monitor.from_netlink(pyudev.Context())
        monitor.filter_by(subsystem)
        monitor.start()
        self._monitor: pyudev.Monitor | None = monitor

    def fileno(self) -> int | None:
        return None if self._monitor is None else int(self._monitor.fileno())

    def changed(self) -> bool:
        changed = False
        while self._monitor is not None and (device := self._monitor.poll(timeout=0)) is not None:
            # A driver that binds to a present device is no change.
            changed = changed or device.action not in ("bind", "unbind")
        return changed

    def close(self) -> None:
        self._monitor = None  # the last reference closes its socket


class NodeMonitor(ChangeMonitor):
    """Monitor that compares the device nodes in a folder with those of the last call."""

    def __init__(self, folder: Path, nodes: str) -> None:
        self._folder = folder
        self._nodes = nodes
        self._found = self._list()

    def changed(self) -> bool:
        before = self._found
        self._found = self._list()
        return before != self._found

    def _list(self) -> frozenset[tuple[str, int, int]]:
        """Return paths with inode and time of creation, as a quick replug gets the same name again."""
        found = set()
        for node in self._folder.glob(self._nodes):
            try:
                status = node.stat()
            except FileNotFoundError:
                continue
            found.add((str(node), status.st_ino, status.st_ctime_ns))
        return frozenset(found)
