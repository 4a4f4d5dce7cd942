"""A running scan: pages come out of the driver's process as files in memory, mapped and not copied."""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import Awaitable, Callable

import cv2
import numpy as np

from imgcore.types import Image
from server.devices.adapters.sane import wire
from server.devices.adapters.sane.driver import DriverFault, SaneProcess
from server.devices.ports.scanner import STOP_SECONDS
from server.errors import GaopaiError


class SanePage:
    """A page in memory that the driver's process filled."""

    def __init__(self, page: wire.PageMessage, samples: mmap.mmap) -> None:
        self._page = page
        self._samples = samples
        self.dots, self.time = page.dots, page.time
        """Dots an inch, and seconds of ``CLOCK_MONOTONIC`` at which the driver had it."""

    def pixels(self) -> Image:
        page = self._page
        size = page.stride * page.height
        with self._samples:
            raw = np.frombuffer(self._samples, np.uint8, size).reshape(page.height, page.stride)
            image = _as_picture(raw[:, : page.width * page.samples * page.sample_bytes], page)
            del raw  # or the mapping could not be closed
        return image

    def discard(self) -> None:
        self._samples.close()


def _as_picture(rows: Image, page: wire.PageMessage) -> Image:
    """Copy the samples in the core's own order."""
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
    translate
        Makes the driver's fault into the error for pages: the device may have gone.
    release
        Called with the driver once, at the end.
    """

    def __init__(
        self,
        driver: SaneProcess,
        silence: float,
        device: str,
        translate: Callable[[DriverFault], Awaitable[GaopaiError]],
        release: Callable[[SaneProcess], None],
    ) -> None:
        self._driver = driver
        self._silence = silence
        self._device = device
        self._translate = translate
        self._release = release
        self._asked = False
        self._deadline: float | None = None
        self._over = False
        self._closed = False

    async def next(self) -> SanePage | None:
        if self._over:
            return None
        if not self._asked:
            self._asked = True
            self._driver.tell(wire.PageCredit())
        try:
            return await self._await_page()
        except (DriverFault, GaopaiError) as failure:
            self._over = True
            if self._deadline is not None:
                return None
            raise await self._error(failure) from failure

    async def _error(self, failure: DriverFault | GaopaiError) -> GaopaiError:
        return await self._translate(failure) if isinstance(failure, DriverFault) else failure

    async def _await_page(self) -> SanePage | None:
        while True:
            message, samples = await self._driver.hear(self._patience(), self._device)
            if isinstance(message, wire.PageMessage) and samples is not None:
                # The next one may be pulled while this one is worked on.
                self._driver.tell(wire.PageCredit())
                return SanePage(message, samples)
            if isinstance(message, wire.ScanFinished):
                self._over = True
                return None

    def _patience(self) -> float:
        if self._deadline is None:
            return self._silence
        return max(self._deadline - asyncio.get_running_loop().time(), 0.0)

    async def stop(self) -> None:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + STOP_SECONDS
            self._driver.tell(wire.Stop())
            self._driver.shorten_wait(STOP_SECONDS)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await asyncio.shield(self._end())

    async def _end(self) -> None:
        await self.stop()
        while (page := await self.next()) is not None:
            page.discard()
        self._release(self._driver)
