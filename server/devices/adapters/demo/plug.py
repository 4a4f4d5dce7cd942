"""The plug of a demo device, and the bell that rings when it is pulled or put back."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True, eq=False)
class Plug:
    """In or out, from any thread."""

    _plugged: bool = field(default=True, init=False)
    _watchers: list[Callable[[], None]] = field(default_factory=list, init=False)

    @property
    def plugged(self) -> bool:
        """Whether the device is there."""
        return self._plugged

    def unplug(self) -> None:
        """Pull the plug: the device vanishes from the list and what it was doing ends."""
        self._plug(False)

    def plug(self) -> None:
        """Put it back; what was opened before stays dead."""
        self._plug(True)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` from the thread that plugs or unplugs."""
        self._watchers.append(changed)

    def _plug(self, plugged: bool) -> None:
        if plugged is self._plugged:
            return
        self._plugged = plugged
        for changed in self._watchers:
            changed()


class Bell:
    """A descriptor that becomes readable when it is rung, from any thread."""

    def __init__(self) -> None:
        self._fd: int | None = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._lock = Lock()

    @property
    def fd(self) -> int | None:
        """None after `close`."""
        return self._fd

    def ring(self) -> None:
        """Make it readable."""
        with self._lock:
            if self._fd is not None:
                os.eventfd_write(self._fd, 1)

    def heard(self) -> bool:
        """Whether it was rung since the last call."""
        if self._fd is None:
            return False
        try:
            return os.eventfd_read(self._fd) > 0
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Give the descriptor back."""
        with self._lock:
            if self._fd is not None:
                os.close(self._fd)
                self._fd = None
