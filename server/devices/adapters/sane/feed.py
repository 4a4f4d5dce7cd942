"""A running scan: pages come out of the driver's process as memory that is mapped, not copied."""

from __future__ import annotations

import asyncio
import mmap
import os
from collections.abc import Awaitable, Callable

import cv2
import numpy as np

from imgcore.types import Image
from server.devices.adapters.sane import wire
from server.devices.adapters.sane.driver import Driver, DriverFault
from server.devices.ports.scanner import STOP_SECONDS
from server.errors import GaopaiError


class SanePage:
    """A page in memory that the driver's process filled.

    Parameters
    ----------
    memory
        The descriptor, which now belongs to the page.
    """

    def __init__(self, page: wire.Page, memory: int) -> None:
        self._page = page
        self._memory: int | None = memory

    @property
    def dots(self) -> float:
        return self._page.dots

    @property
    def time(self) -> float:
        """When the driver had it, seconds of ``CLOCK_MONOTONIC``."""
        return self._page.time

    def pixels(self) -> Image:
        assert self._memory is not None
        page = self._page
        size = page.stride * page.height
        with mmap.mmap(self._memory, size, mmap.MAP_SHARED, mmap.PROT_READ) as mapped:
            raw = np.frombuffer(mapped, np.uint8, size).reshape(page.height, page.stride)
            image = _as_picture(raw[:, : page.width * page.samples * page.sample_bytes], page)
            del raw  # or the mapping could not be closed
        self.discard()
        return image

    def discard(self) -> None:
        if self._memory is not None:
            os.close(self._memory)
            self._memory = None


def _as_picture(rows: Image, page: wire.Page) -> Image:
    """A copy of the samples in the core's own order."""
    if page.sample_bytes == 2:
        rows = (np.ascontiguousarray(rows).view(np.uint16) >> 8).astype(np.uint8)
    if page.samples == 1:
        return np.array(rows)
    return np.asarray(cv2.cvtColor(rows.reshape(page.height, page.width, 3), cv2.COLOR_RGB2BGR), np.uint8)


class SaneFeed:
    """See `server.devices.ports.scanner.Feed`.

    Parameters
    ----------
    silence
        Seconds after which a driver that says nothing is taken to hang.
    device
        The scanner's name in errors.
    judge
        Makes what the driver says into the error for pages: the device may have gone.
    give_back
        Called with the driver once, at the end.
    """

    def __init__(
        self,
        driver: Driver,
        silence: float,
        device: str,
        judge: Callable[[DriverFault], Awaitable[GaopaiError]],
        give_back: Callable[[Driver], None],
    ) -> None:
        self._driver = driver
        self._silence = silence
        self._device = device
        self._judge = judge
        self._give_back = give_back
        self._asked = False
        self._deadline: float | None = None
        self._over = False
        self._closed = False

    async def next(self) -> SanePage | None:
        if self._over:
            return None
        if not self._asked:
            self._asked = True
            self._driver.send(wire.More())
        try:
            return await self._await_page()
        except (DriverFault, GaopaiError) as failure:
            self._over = True
            if self._deadline is not None:
                return None
            raise await self._error(failure) from failure

    async def _error(self, failure: DriverFault | GaopaiError) -> GaopaiError:
        return await self._judge(failure) if isinstance(failure, DriverFault) else failure

    async def _await_page(self) -> SanePage | None:
        while True:
            message, memory = await self._driver.hear(self._patience(), self._device)
            if isinstance(message, wire.Page) and memory is not None:
                # The next one may be pulled while this one is worked on.
                self._driver.send(wire.More())
                return SanePage(message, memory)
            if isinstance(message, wire.Done):
                self._over = True
                return None

    def _patience(self) -> float:
        if self._deadline is None:
            return self._silence
        return max(self._deadline - asyncio.get_running_loop().time(), 0.0)

    async def stop(self) -> None:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + STOP_SECONDS
            self._driver.send(wire.Stop())
            self._driver.hurry(STOP_SECONDS)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await asyncio.shield(self._end())

    async def _end(self) -> None:
        await self.stop()
        while (page := await self.next()) is not None:
            page.discard()
        self._driver.drop_packets()
        self._give_back(self._driver)
