"""The drivers' processes: one for each device in use, kept for a while, replaced after a fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

from server.devices.adapters.sane.driver import SaneProcess, start_driver
from server.errors import GaopaiError

IDLE_SECONDS = 60.0
"""A process that nobody used for so long is ended; a new one takes a fifth of a second."""
CLOSE_SECONDS = 15.0
"""A motor is parked by then; sane-airscan is known to wait for ever, now and then."""


class DriverPool:
    """Processes by device.

    Parameters
    ----------
    patience
        Seconds a driver may take to close its device.
    """

    def __init__(self, patience: float = CLOSE_SECONDS) -> None:
        self._patience = patience
        self._idle: dict[str, SaneProcess] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._closing: dict[asyncio.Task[object], tuple[str, SaneProcess]] = {}

    @asynccontextmanager
    async def borrowed(self, device: str) -> AsyncIterator[SaneProcess]:
        """Lend a driver to the block; after any exception but an error for pages it is ended."""
        driver = await self.acquire(device)
        try:
            yield driver
        except GaopaiError:
            self.release(device, driver)
            raise
        except BaseException:
            await driver.finish()
            raise
        self.release(device, driver)

    async def acquire(self, device: str) -> SaneProcess:
        """Return the process of a device, once it has closed it, or a new one."""
        closing = [task for task, (name, _) in self._closing.items() if name == device]
        if closing:
            await asyncio.wait(closing)
        driver = self._forget(device)
        if driver is not None and driver.alive:
            return driver
        if driver is not None:
            await driver.finish()
        return await start_driver()

    def release(self, device: str, driver: SaneProcess) -> None:
        """Keep a process when it is at rest; nobody has to wait for that."""
        self._begin(device, driver, self._settle(device, driver))

    async def renew(self) -> None:
        """End all that are idle: their lists of the buses are old."""
        idle = [self._forget(device) for device in list(self._idle)]
        await asyncio.gather(*(driver.finish() for driver in idle if driver is not None))

    async def close(self) -> None:
        """End all."""
        await asyncio.gather(*(driver.finish() for _, driver in self._closing.values()))
        await asyncio.gather(*self._closing)
        await self.renew()

    async def _settle(self, device: str, driver: SaneProcess) -> None:
        if not await driver.rest(self._patience) or device in self._idle:
            await driver.finish()
            return
        self._idle[device] = driver
        self._timers[device] = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._expire, device)

    def _expire(self, device: str) -> None:
        driver = self._forget(device)
        if driver is not None:
            self._begin(device, driver, driver.finish())

    def _forget(self, device: str) -> SaneProcess | None:
        timer = self._timers.pop(device, None)
        if timer is not None:
            timer.cancel()
        return self._idle.pop(device, None)

    def _begin(self, device: str, driver: SaneProcess, work: Coroutine[None, None, object]) -> None:
        task = asyncio.create_task(work)
        self._closing[task] = device, driver
        task.add_done_callback(self._closing.pop)
