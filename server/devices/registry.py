"""Registry of the devices of one kind, refreshed on hot-plug."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from server.devices.ports import ChangeSource, Finder, ListedDevice
from server.runtime.background import ended, report, supervise

log = logging.getLogger(__name__)

SETTLE_SECONDS = 0.3
"""Seconds to wait for the other events of one plug before a refresh: a camera has several nodes."""
POLL_SECONDS = 2.0
"""Seconds between two searches with a finder that has no descriptor to watch."""
FIND_SECONDS = 10.0
"""Seconds that the search of one finder may take."""

Listener = Callable[[], None]


D = TypeVar("D", bound=ListedDevice)
F = TypeVar("F", bound=ChangeSource)
Ask = Callable[[F], Awaitable[Sequence[D]]]
"""Function that asks one finder for its devices without blocking the loop."""
Arrange = Callable[[Sequence[D], Sequence[D]], Sequence[D]]
"""Function that orders found devices for the listing; its second argument is the listing before."""


@dataclass(eq=False, repr=False)
class Registry(Generic[F, D]):
    """Devices of all finders of one kind.

    Parameters
    ----------
    kind
        Kind of device, in the plural, for reports of failures.
    seconds
        Time limit of one finder.
    """

    _kind: str
    finders: Sequence[F]
    _ask_finder: Ask[F, D]
    _arrange: Arrange[D]
    _seconds: float = FIND_SECONDS
    devices: tuple[D, ...] = field(default=(), init=False)
    """Devices of the last refresh, in listing order."""
    _listeners: list[Listener] = field(default_factory=list, init=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _task: asyncio.Task[None] | None = field(default=None, init=False)
    _descriptors: dict[F, int] = field(default_factory=dict, init=False)
    _failing: set[F] = field(default_factory=set, init=False)

    def listen(self, listener: Listener) -> None:
        """Call `listener` in the loop after each change of the devices."""
        self._listeners.append(listener)

    async def refresh(self) -> tuple[D, ...]:
        """Search with all finders and return the devices."""
        async with self._lock:
            found: list[D] = []
            for finder in self.finders:
                found.extend(await self._ask(finder))
            before = [device.info.id for device in self.devices]
            self.devices = tuple(self._arrange(found, self.devices))
        if [device.info.id for device in self.devices] != before:
            for listener in self._listeners:
                listener()
        return self.devices

    def watch(self) -> None:
        """Begin to refresh on hot-plug; present devices are found by `refresh`."""
        for finder in self.finders:
            try:
                self._follow(finder)
            except Exception as error:  # noqa: BLE001 - it is polled instead
                report(f"hot-plug of {self._kind}", error)
        self._task = supervise(f"hot-plug of {self._kind}", self._watch)

    async def stop(self) -> None:
        """End the hot-plug detection; the finders may then be closed."""
        for finder in list(self._descriptors):
            self._unwatch(finder)
        await ended(self._task)

    async def _ask(self, finder: F) -> Collection[D]:
        try:
            async with asyncio.timeout(self._seconds):
                found = await self._ask_finder(finder)
            return {device.info.id: device for device in found}.values()
        except TimeoutError:
            log.warning("%s did not list its devices in %g s", type(finder).__name__, self._seconds)
        except Exception as error:  # noqa: BLE001 - one driver's fault costs its own devices only
            report(f"search for {self._kind}", error)
        return ()

    def _follow(self, finder: F) -> None:
        descriptor = finder.change_fd()
        if descriptor is not None:
            asyncio.get_running_loop().add_reader(descriptor, self._acknowledge, finder)
            self._descriptors[finder] = descriptor

    def _acknowledge(self, finder: F) -> None:
        if self._has_changed(finder):
            self._changed.set()

    def _has_changed(self, finder: F) -> bool:
        try:
            changed = finder.acknowledge_change()
        except Exception as error:  # noqa: BLE001 - likewise
            # Its descriptor stays readable, as nobody can take what it has to tell.
            self._unwatch(finder)
            if finder not in self._failing:
                report(f"hot-plug of {self._kind}", error)
            self._failing.add(finder)
            return False
        self._failing.discard(finder)
        return changed

    def _unwatch(self, finder: F) -> None:
        descriptor = self._descriptors.pop(finder, None)
        if descriptor is not None:
            asyncio.get_running_loop().remove_reader(descriptor)

    async def _watch(self) -> None:
        while True:
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._changed.wait()
            except TimeoutError:
                polled = [finder for finder in self.finders if finder not in self._descriptors]
                changed = [self._has_changed(finder) for finder in polled]
                if not any(changed):
                    continue
            await asyncio.sleep(SETTLE_SECONDS)
            self._changed.clear()
            await self.refresh()


async def list_devices(finders: Sequence[Finder[D]], seconds: float) -> Sequence[D]:
    """Return all devices of `finders`, other than cameras, as the service would list them."""
    registry: Registry[Finder[D], D] = Registry(
        "devices", finders, lambda finder: finder.find(), lambda found, _: found, seconds
    )
    try:
        return await registry.refresh()
    finally:
        for finder in finders:
            await finder.close()
