"""What the finders of demo devices with a plug each have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from server.devices.adapters.demo.plug import Bell, Plug
from server.errors import GaopaiError


class Pluggable(Protocol):
    """A demo device."""

    plug: Plug


D = TypeVar("D", bound=Pluggable)


class PluggedFinder(Generic[D]):
    """Lists the devices that are plugged in."""

    def __init__(self, devices: Sequence[D]) -> None:
        self._devices = tuple(devices)
        self._bell = Bell()
        for device in self._devices:
            device.plug.watch(self._bell.ring)

    def missing(self) -> GaopaiError | None:
        """Nothing is ever missing."""
        return None

    async def find(self) -> Sequence[D]:
        """Those that are plugged in."""
        return tuple(device for device in self._devices if device.plug.plugged)

    def change_fd(self) -> int | None:
        """Readable after one was plugged in or out."""
        return self._bell.fd

    def acknowledge_change(self) -> bool:
        """Whether one was, since the last call."""
        return self._bell.heard()

    async def close(self) -> None:
        """Give the descriptor back."""
        self._bell.close()
