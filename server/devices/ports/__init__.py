"""Ports: the protocols that adapters implement, one module per kind of device; here those of every finder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from server.errors import GaopaiError


class DeviceIdentity(Protocol):
    """Protocol for the description of a device in a list."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


class ListedDevice(Protocol):
    """Protocol for a device that a finder lists."""

    @property
    def info(self) -> DeviceIdentity: ...


D_co = TypeVar("D_co", bound=ListedDevice, covariant=True)


class ChangeSource(Protocol):
    """Protocol for the hot-plug of a finder; see `server.devices.hotplug.HotplugWatched`."""

    def change_fd(self) -> int | None:
        """Return a descriptor that becomes readable when devices come or go, if there is one.

        The event loop watches it and calls `acknowledge_change` from the loop.
        """

    def acknowledge_change(self) -> bool:
        """Drain the descriptor without blocking; return whether devices may have changed."""


class Finder(ChangeSource, Protocol[D_co]):
    """Protocol for listing the devices of one adapter."""

    def missing(self) -> GaopaiError | None:
        """Return the error of a missing driver, None if there is a driver."""

    async def find(self) -> Sequence[D_co]:
        """Return all devices present now, in a stable order; called again after hot-plug.

        A device that cannot be queried is left out and logged, never an exception.
        """

    async def close(self) -> None:
        """End the hot-plug detection, and helper threads and processes."""
