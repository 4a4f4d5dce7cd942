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
L = TypeVar("L")


class DeviceNumbers(Generic[L]):
    """Numbers by which clients name devices: positions in the list that each was shown last.

    Devices may come or go after that: the numbers stay valid until the client lists again.
    """

    def __init__(self) -> None:
        self._shown: dict[Client, tuple[L, ...]] = {}

    def knows(self, client: Client) -> bool:
        """Return whether a client was shown a list."""
        return client in self._shown

    def show(self, client: Client, devices: tuple[L, ...]) -> tuple[L, ...]:
        """Remember the list that a client is shown, and return it."""
        self._shown[client] = devices
        return devices

    def shown(self, client: Client, otherwise: tuple[L, ...] = ()) -> tuple[L, ...]:
        """Return the list that a client was shown, or another one if it was shown none."""
        return self._shown.get(client, otherwise)

    def device(self, client: Client, number: int, otherwise: tuple[L, ...] = ()) -> L:
        """Return the device at a position, of another list from now on if the client was shown none.

        Raises
        ------
        server.errors.NoSuchDevice
            The list is shorter.
        """
        devices = self._shown.setdefault(client, otherwise)
        if not 0 <= number < len(devices):
            raise NoSuchDevice(device=number)
        return devices[number]

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone."""
        self._shown.pop(client, None)


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
        self._numbers = DeviceNumbers[D]()
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
        self._numbers.release(client)

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
        return self._numbers.show(client, devices)

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
        """Return the device at a position in the client's list."""
        if not self._numbers.knows(client):
            self._numbers.show(client, await self.present())
        device = self._numbers.device(client, number)
        using(device.info.name)
        return device

    def refuse_without_driver(self) -> None:
        """Raise the error of a finder that misses its driver, if all of them do."""
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
