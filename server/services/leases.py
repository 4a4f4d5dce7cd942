"""Leases of one kind of device, which is listed, found by a page's numbers, and lent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Generic, TypeVar

from server.access.client import Client
from server.devices.ports import Finder, ListedDevice
from server.devices.registry import Registry
from server.errors import DeviceBusy, LocalizedText, NoSuchDevice
from server.runtime.background import ended, supervise
from server.telemetry import using

FRESH_SECONDS = 2.0
"""Age in seconds below which a list is not asked for again: pages ask in bursts."""


ANOTHER_REQUEST = LocalizedText("另一个请求", "another request")

D = TypeVar("D", bound=ListedDevice)


class DeviceLeases(Generic[D]):
    """Lists devices of one kind and lends them, each to one request at a time.

    Parameters
    ----------
    kind
        Kind of device, in the plural; see `Registry`.
    seconds
        Time limit of one finder to list its devices.
    use
        Name of the use that a lent device is in, for `DeviceBusy`.
    """

    def __init__(
        self, kind: str, finders: Sequence[Finder[D]], seconds: float, use: LocalizedText = ANOTHER_REQUEST
    ) -> None:
        self.registry: Registry[Finder[D], D] = Registry(
            kind, finders, lambda finder: finder.find(), self._arrange, seconds
        )
        self._kind = kind
        self._use = use
        self._numbers: dict[Client, tuple[D, ...]] = {}
        self._lent: set[str] = set()
        self._listing = asyncio.Lock()
        self._searched_at = float("-inf")
        self._search: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin the first search for devices, and watch for hot-plug from now on."""
        self.registry.watch()
        self._search = supervise(f"first search for {self._kind}", self._refreshed)

    async def close(self) -> None:
        """Stop the search and close the finders."""
        await ended(self._search)
        await self.registry.stop()
        # Beside each other: none waits for one that hangs, or goes without because one fails.
        name = f"closing of {self._kind}"
        finders = self.registry.finders
        await asyncio.gather(*(supervise(name, finder.close, restart=False) for finder in finders))

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone; its leases end with its request."""
        self._numbers.pop(client, None)

    async def list(self, client: Client) -> tuple[D, ...]:
        """Return the devices present now; their positions are this client's numbers until it lists again.

        Raises
        ------
        server.errors.DriverMissing
            There are none because this machine lacks the driver.
        """
        devices = await self._refreshed()
        if not devices:
            self.refuse_without_driver()
        self._numbers[client] = devices
        return devices

    async def present(self) -> tuple[D, ...]:
        """Return the known devices; search for them first if there are none."""
        return self.registry.devices or await self._refreshed()

    async def search_again(self) -> tuple[D, ...]:
        """Search, however young the list is: before a page is told that there is no device."""
        if not self._lent:
            async with self._listing:
                await self.registry.refresh()
        return self.registry.devices

    async def numbered(self, client: Client, number: int) -> D:
        """Return the device at a position in the client's list.

        Raises
        ------
        server.errors.NoSuchDevice
        """
        if client not in self._numbers:
            self._numbers[client] = await self.present()
        devices = self._numbers[client]
        if not 0 <= number < len(devices):
            raise NoSuchDevice(device=number)
        using(devices[number].info.name)
        return devices[number]

    def refuse_without_driver(self) -> None:
        """Raise the error of a finder that misses its driver, if all of them do.

        Raises
        ------
        server.errors.DriverMissing
        """
        finders = self.registry.finders
        errors = [error for finder in finders if (error := finder.missing()) is not None]
        if errors and len(errors) == len(finders):
            raise errors[0]

    def is_lent(self, device: D) -> bool:
        """Return whether a request uses a device now."""
        return device.info.id in self._lent

    @contextmanager
    def lend(self, devices: Sequence[D]) -> Iterator[Sequence[D]]:
        """Lend the free ones of `devices` until the end of the ``with`` block.

        Raises
        ------
        server.errors.DeviceBusy
            All of them are in use.
        """
        free = [device for device in devices if device.info.id not in self._lent]
        if not free:
            raise DeviceBusy(device=devices[0].info.name, holder=self._use)
        with ExitStack() as leases:
            for device in free:
                using(device.info.name)
                self._lent.add(device.info.id)
                leases.callback(self._lent.discard, device.info.id)
            yield free

    async def _refreshed(self) -> tuple[D, ...]:
        # Listing may open devices, which would disturb one that is read.
        if self._lent:
            return self.registry.devices
        async with self._listing:
            # A caller that waited here gets what was found meanwhile.
            if asyncio.get_running_loop().time() - self._searched_at >= FRESH_SECONDS:
                await self.registry.refresh()
        return self.registry.devices

    def _arrange(self, found: Sequence[D], before: Sequence[D]) -> Sequence[D]:
        """Order found devices: known ones first, as before; a lent one stays even if it was not found."""
        # However the search came about: a page that was told of a change asks at once.
        self._searched_at = asyncio.get_running_loop().time()
        present = {device.info.id: device for device in found}
        for device in before:
            if device.info.id in self._lent:
                present[device.info.id] = device
        order = [device.info.id for device in before if device.info.id in present]
        return [present[key] for key in dict.fromkeys((*order, *present))]
