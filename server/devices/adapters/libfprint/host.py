"""Keeps the worker's process: started when it is needed, and again after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from server.devices.adapters.libfprint.driver import FprintProcess, start_driver
from server.devices.adapters.libfprint.permissions import find_interpreter

AGAIN_SECONDS = 60.0
"""After so long it is tried again whether the bindings have been installed."""


class Host:
    """One process for all sensors.

    Parameters
    ----------
    candidates
        See `server.devices.adapters.libfprint.permissions`.
    """

    def __init__(self, candidates: Sequence[Path]) -> None:
        self._candidates = candidates
        self._driver: FprintProcess | None = None
        self._lock = asyncio.Lock()
        self._python: Path | None = None
        self._try_at = 0.0

    @property
    def lacking(self) -> bool:
        """True if the bindings were looked for and not found."""
        return self._try_at > 0.0 and self._python is None

    async def ready(self) -> bool:
        """Return whether the bindings are there."""
        now = asyncio.get_running_loop().time()
        if self._python is None and now >= self._try_at:
            self._python = await asyncio.to_thread(find_interpreter, self._candidates)
            self._try_at = now + AGAIN_SECONDS
        return self._python is not None

    async def driver(self) -> FprintProcess:
        """Return the process; call only once it is `ready`.

        Raises
        ------
        OSError
            None can be started.
        """
        async with self._lock:
            if self._driver is None or not self._driver.alive:
                assert self._python is not None
                self._driver = await start_driver(self._python)
            return self._driver

    async def renew(self) -> None:
        """End the process if it has nothing to do: its list of the buses is old."""
        if self._driver is not None and self._driver.idle:
            await self.close()

    async def close(self) -> None:
        """End the process whatever it does."""
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.end()
