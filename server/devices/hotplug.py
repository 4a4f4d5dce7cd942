"""Whether devices came or went: told by udev, or seen as nodes in ``/dev``."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Protocol

import pyudev

log = logging.getLogger(__name__)


class ChangeMonitor(Protocol):
    """Something that notices new and lost devices of one kind."""

    def fileno(self) -> int | None:
        """A descriptor that becomes readable on a change, if there is one."""

    def changed(self) -> bool:
        """Whether there was a change since the last call; never blocks."""

    def close(self) -> None:
        """Watch no longer."""


def watch(root: Path, subsystem: str, nodes: str) -> ChangeMonitor:
    """udev's events where its daemon runs, because it also sets a new node's permissions.

    Parameters
    ----------
    subsystem
        Of the kernel, such as ``video4linux``.
    nodes
        A pattern of the device nodes below ``dev``, for machines without udev.
    """
    if (root / "run/udev/control").exists():
        try:
            return UdevMonitor(subsystem)
        except (ImportError, OSError) as exc:
            log.warning("udev cannot be used, /dev is looked at instead: %s", exc)
    return NodeMonitor(root / "dev", nodes)


class UdevMonitor:
    """Events of the udev daemon.

    Raises
    ------
    ImportError
        libudev is not installed.
    OSError
        Its socket is refused.
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
            # A driver that binds to a device already there tells nothing new.
            changed = changed or device.action not in ("bind", "unbind")
        return changed

    def close(self) -> None:
        self._monitor = None  # the last reference closes its socket


class NodeMonitor:
    """The device nodes in a folder, compared with those of the last look."""

    def __init__(self, folder: Path, nodes: str) -> None:
        self._folder = folder
        self._nodes = nodes
        self._seen = self._look()

    def fileno(self) -> int | None:
        return None

    def changed(self) -> bool:
        before, self._seen = self._seen, self._look()
        return before != self._seen

    def close(self) -> None:
        pass

    def _look(self) -> frozenset[tuple[str, int, int]]:
        """Paths with inode and time of creation: a quick replug gets the same name again."""
        found = set()
        for node in self._folder.glob(self._nodes):
            try:
                status = node.stat()
            except FileNotFoundError:
                continue
            found.add((str(node), status.st_ino, status.st_ctime_ns))
        return frozenset(found)
