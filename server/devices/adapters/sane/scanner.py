"""One scanner of SANE."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from server.devices.adapters.sane import faults, wire
from server.devices.adapters.sane.driver import DriverFault, DriverPool, SaneProcess
from server.devices.adapters.sane.feed import SaneFeed
from server.devices.ports.scanner import (
    Area,
    Bed,
    ScannerCapabilities,
    ScannerInfo,
    ScanParameters,
    ScanSource,
)
from server.errors import DeviceGone, GaopaiError

OPEN_SECONDS = 30.0
"""A scanner in the network that sleeps takes ten to wake."""

IsThere = Callable[[str], Awaitable[bool]]
"""Tells whether a device of that name is listed now."""


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

    def __init__(
        self,
        device: wire.DeviceMessage,
        info: ScannerInfo,
        drivers: DriverPool,
        is_there: IsThere,
        options: Mapping[str, wire.OptionValue],
        silence: float,
    ) -> None:
        self.device = device
        self.info = info
        self._drivers = drivers
        self._is_there = is_there
        self._options = dict(options)
        self._silence = silence

    async def describe(self) -> ScannerCapabilities:
        async with self._drivers.borrowed(self.device.name) as driver:
            asked = wire.Describe(self.device.name, self._sheetfed)
            answer = await self._ask(driver, asked, min(OPEN_SECONDS, self._silence))
        assert isinstance(answer, wire.Described)
        return _abilities(answer)

    async def begin(self, order: ScanParameters) -> SaneFeed:
        driver = await self._drivers.acquire(self.device.name)
        try:
            await self._ask(driver, self._message(order), min(OPEN_SECONDS, self._silence))
        except GaopaiError:
            self._drivers.release(self.device.name, driver)
            raise
        except BaseException:
            await driver.finish()
            raise
        return SaneFeed(driver, self._silence, self.info.name, self._translate, self._release)

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

    def _message(self, order: ScanParameters) -> wire.ScanCommand:
        return wire.ScanCommand(
            device=self.device.name,
            sheetfed=self._sheetfed,
            source=order.source.name,
            mode=order.mode,
            resolution=order.resolution,
            area=_rectangle(order.area),
            limit_pixels=order.limit_pixels,
            options=self._options,
        )


def _rectangle(area: Area | None) -> wire.Rectangle | None:
    return None if area is None else wire.Rectangle(area.left, area.top, area.width, area.height)


def _abilities(described: wire.Described) -> ScannerCapabilities:
    sources = tuple(
        ScanSource(one.name, one.feeder, Bed(one.width, one.height) if one.width else None)
        for one in described.sources
    )
    return ScannerCapabilities(sources, described.choice_of_source, described.modes, described.resolutions)
