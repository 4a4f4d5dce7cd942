"""One scanner of SANE, and its running scan, whose pages come as files in memory, mapped and not copied."""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np

from imgcore.types import Image
from server.devices.adapters.sane import faults, wire
from server.devices.adapters.sane.driver import DriverFault, DriverPool, SaneProcess
from server.devices.ports import scanner as port
from server.devices.ports.scan_notice import ScanNotice
from server.errors import DeviceGone, DriverCrashed, GaopaiError


class _Pixels:
    """Pixels in memory that the driver's process filled."""

    def __init__(self, form: wire.SamplesMessage, samples: mmap.mmap) -> None:
        self._form = form
        self._samples = samples

    def pixels(self) -> Image:
        form = self._form
        size = form.stride * form.height
        with self._samples:
            raw = np.frombuffer(self._samples, np.uint8, size).reshape(form.height, form.stride)
            image = _as_picture(raw[:, : wire.row_bytes(form.width, form.samples, form.depth)], form)
            del raw  # or the mapping could not be closed
        return image

    def discard(self) -> None:
        self._samples.close()


class SanePage(_Pixels):
    """See `server.devices.ports.scanner.ScannedPage`.

    Attributes
    ----------
    time
        Seconds of ``CLOCK_MONOTONIC`` at which the driver had it.
    """

    def __init__(self, page: wire.PageMessage, samples: mmap.mmap) -> None:
        super().__init__(page, samples)
        self.dots = page.dots
        self.time = page.time


class SaneRows(_Pixels):
    """See `server.devices.ports.scanner.ScannedRows`."""

    def __init__(self, rows: wire.RowsMessage, samples: mmap.mmap) -> None:
        super().__init__(rows, samples)
        self.top = rows.top
        self.rows = rows.rows
        self.page_width = rows.page_width
        self.page_lines = rows.page_lines


def _as_picture(rows: Image, form: wire.SamplesMessage) -> Image:
    """Copy the samples in the core's own order."""
    if form.depth == 1:
        rows = _of_bits(rows, form)
    elif form.depth == 16:
        rows = (np.ascontiguousarray(rows).view(np.uint16) >> 8).astype(np.uint8)
    if form.samples == 1:
        return np.array(rows)
    return np.asarray(cv2.cvtColor(rows.reshape(form.height, form.width, 3), cv2.COLOR_RGB2BGR), np.uint8)


def _of_bits(rows: Image, form: wire.SamplesMessage) -> Image:
    """Return bytes of bits, a set one for black; of colours, a byte of each comes in turn."""
    if form.samples == 1:
        return np.asarray(~np.unpackbits(rows, 1, form.width) & 1, np.uint8) * np.uint8(255)
    planes = rows.reshape(form.height, -1, form.samples)
    bits = np.unpackbits(planes, 1, None)[:, : form.width]
    return np.ascontiguousarray((~bits & 1) * np.uint8(255)).reshape(form.height, -1)


@dataclass(eq=False, repr=False)
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
    limit_pixels
        Of a page.
    noticed
        Called with what people have to know.
    shown
        Called with rows of a page while it comes, or None.
    """

    _driver: SaneProcess
    _silence: float
    _device: str
    _translate: Callable[[DriverFault], Awaitable[GaopaiError]]
    _release: Callable[[SaneProcess], None]
    _limit_pixels: int
    _noticed: Callable[[ScanNotice], None]
    _shown: Callable[[port.ScannedRows], None] | None = None
    _asked: bool = field(default=False, init=False)
    _deadline: float | None = field(default=None, init=False)
    _over: bool = field(default=False, init=False)
    _closed: bool = field(default=False, init=False)
    _told: set[str] = field(default_factory=set, init=False)

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
                await self._refuse_unfit(message, samples)
                # The next one may be pulled while this one is worked on.
                self._driver.tell(wire.PageCredit())
                return SanePage(message, samples)
            if isinstance(message, wire.RowsMessage) and samples is not None:
                await self._show(message, samples)
            if isinstance(message, wire.Noticed):
                self._tell(message.notice)
            if isinstance(message, wire.ScanFinished):
                self._over = True
                return None

    async def _refuse_unfit(self, message: wire.SamplesMessage, samples: mmap.mmap) -> None:
        if not message.fits(len(samples), self._limit_pixels):
            samples.close()
            await self._driver.finish()
            raise DriverCrashed(device=self._device)

    async def _show(self, message: wire.RowsMessage, samples: mmap.mmap) -> None:
        await self._refuse_unfit(message, samples)
        rows = SaneRows(message, samples)
        if self._shown is None or self._deadline is not None:
            rows.discard()
        else:
            self._shown(rows)

    def _tell(self, word: str) -> None:
        """Hand a notice on, each once a scan: a driver could send them without end."""
        if word in tuple(ScanNotice) and word not in self._told:
            self._told.add(word)
            self._noticed(ScanNotice(word))

    def _patience(self) -> float:
        if self._deadline is None:
            return self._silence
        return max(self._deadline - asyncio.get_running_loop().time(), 0.0)

    async def stop(self) -> None:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + port.STOP_SECONDS
            self._driver.tell(wire.Stop())
            self._driver.shorten_wait(port.STOP_SECONDS)

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


OPEN_SECONDS = 30.0
"""Seconds that opening a scanner may take: one in the network that sleeps takes ten to wake."""

IsThere = Callable[[str], Awaitable[bool]]
"""Function that tells whether a device of that name is listed now."""


@dataclass(eq=False, repr=False)
class SaneScanner:
    """See `server.devices.ports.scanner.Scanner`.

    Parameters
    ----------
    device
        As SANE names and describes it.
    options
        Set before each scan, beside what is ordered.
    silence
        Seconds after which a driver that says nothing is taken to hang.
    """

    device: wire.DeviceMessage
    info: port.ScannerInfo
    _drivers: DriverPool
    _is_there: IsThere
    _options: Mapping[str, wire.OptionValue]
    _silence: float

    async def describe(self) -> port.ScannerCapabilities:
        async with self._drivers.lent(self.device.name) as driver:
            asked = wire.Describe(self.device.name, self._sheetfed)
            answer = await self._ask(driver, asked, min(OPEN_SECONDS, self._silence))
        self._release(driver)
        assert isinstance(answer, wire.Described)
        return _abilities(answer)

    async def begin(self, order: port.ScanParameters) -> SaneFeed:
        async with self._drivers.lent(self.device.name) as driver:
            await self._ask(driver, self._message(order), min(OPEN_SECONDS, self._silence))
        return SaneFeed(
            driver,
            self._silence,
            self.info.name,
            self._translate,
            self._release,
            order.limit_pixels,
            order.noticed,
            order.shown,
        )

    async def _ask(self, driver: SaneProcess, message: wire.ToDriver, seconds: float) -> wire.FromDriver:
        try:
            return await driver.ask(message, seconds, self.info.name)
        except DriverFault as fault:
            raise await self._translate(fault) from fault

    def _release(self, driver: SaneProcess) -> None:
        self._drivers.release(self.device.name, driver)

    async def _translate(self, fault: DriverFault) -> GaopaiError:
        """Return the error for pages; drivers have one word for a device that fails and one that has gone."""
        if fault.fault in (faults.IO, faults.INVALID) and not await self._is_there(self.device.name):
            return DeviceGone(device=self.info.name)
        return faults.error(fault.fault, fault.detail, self.info.name)

    @property
    def _sheetfed(self) -> bool:
        return "sheetfed" in self.device.kind.lower()

    def _message(self, order: port.ScanParameters) -> wire.ScanCommand:
        return wire.ScanCommand(
            device=self.device.name,
            sheetfed=self._sheetfed,
            source=order.source.name,
            mode=order.mode,
            resolution=order.resolution,
            area=_rectangle(order.area),
            limit_pixels=order.limit_pixels,
            options=dict(self._options),
            detect=order.detect,
            sheet_size=order.sheet_size,
            dropout=order.dropout,
            rows=order.shown is not None,
        )


def _rectangle(area: port.Area | None) -> wire.Rectangle | None:
    return None if area is None else wire.Rectangle(area.left, area.top, area.width, area.height)


def _abilities(described: wire.Described) -> port.ScannerCapabilities:
    sources = tuple(
        port.ScanSource(one.name, one.feeder, port.Bed(one.width, one.height) if one.width else None)
        for one in described.sources
    )
    return port.ScannerCapabilities(
        sources,
        described.choice_of_source,
        described.modes,
        described.resolutions,
        described.own,
        described.dropout,
        described.detects,
    )
