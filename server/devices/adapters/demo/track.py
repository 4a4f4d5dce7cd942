"""The way of paper past the sensor of the demo scanner, and what happens on it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial

from imgcore.types import Image
from server.devices.adapters.demo.papers import Papers
from server.devices.adapters.demo.platen import Laid
from server.devices.adapters.demo.scanner_faults import ScannerFaults
from server.errors import (
    CoverOpen,
    DeviceGone,
    DeviceTimeout,
    DriverCrashed,
    GaopaiError,
    PageCutShort,
    PaperJam,
)

NAP = 0.04
"""Seconds that paper moves on before it looks for faults again."""

Draw = Callable[[], Image]
"""Makes a picture, some 0.1 to 1 s; for a worker thread."""

Sense = Callable[[Laid], Image]
"""Pictures what lies before the sensor, as ordered."""


class Track(ABC):
    """What all ways have in common.

    Attributes
    ----------
    device
        The scanner's name, for errors.
    faults
        What is to happen.
    """

    def __init__(self, device: str, faults: ScannerFaults) -> None:
        self.device = device
        self.faults = faults

    @abstractmethod
    def ahead(self) -> Draw | None:
        """How the next side is pictured, or None when there is no more."""

    @abstractmethod
    def passed(self) -> None:
        """Note that this side is done."""

    async def suffer(self, number: int, half: float) -> None:
        """Raise what is to happen at page `number`, `half` of its time after now."""
        now = asyncio.get_running_loop().time()
        if number == self.faults.hang_at:
            await self.roll(now + self.faults.silence)
            raise DeviceTimeout(device=self.device, seconds=f"{self.faults.silence:g}")
        error = self.due(number)
        await self.roll(now + half if error else now)
        if isinstance(error, DeviceGone):
            self._pull_plug()
        if error:
            raise error

    async def roll(self, until: float) -> None:
        """Wait until then, and look for faults before, meanwhile and after."""
        loop = asyncio.get_running_loop()
        self.look()
        while (left := until - loop.time()) > 0:
            await asyncio.sleep(min(NAP, left))
            self.look()

    def look(self) -> None:
        """Raise what cannot wait for the page's end."""
        if not self.faults.plugged:
            raise DeviceGone(device=self.device)

    def due(self, number: int) -> GaopaiError | None:
        """What is to happen at page `number`."""
        if number == self.faults.unplug_at:
            return DeviceGone(device=self.device)
        return DriverCrashed(device=self.device) if number == self.faults.crash_at else None

    def _pull_plug(self) -> None:
        self.faults.unplug()
        if self.faults.absent > 0:
            asyncio.get_running_loop().call_later(self.faults.absent, self.faults.plug)


class Glass(Track):
    """One side, at rest."""

    def __init__(self, device: str, faults: ScannerFaults, draw: Draw) -> None:
        super().__init__(device, faults)
        self._draw: Draw | None = draw

    def ahead(self) -> Draw | None:
        """What lies there, once."""
        return self._draw

    def passed(self) -> None:
        """There is no more."""
        self._draw = None


class Feeder(Track):
    """Sheet after sheet. A sheet that did not go through whole is put back by whoever takes it out."""

    def __init__(
        self, device: str, faults: ScannerFaults, draw: Callable[[int, bool], Image], duplex: bool
    ) -> None:
        super().__init__(device, faults)
        self._draw = draw
        self._duplex = duplex
        self._back = False

    def ahead(self) -> Draw | None:
        """The other side of a sheet that is half through, else the front of the next."""
        faults = self.faults
        if not self._back and (faults.empty or faults.sheets <= 0):
            return None
        return partial(self._draw, max(0, faults.stack - faults.sheets), self._back)

    def passed(self) -> None:
        """Count a sheet whose last side it was."""
        self._back = self._duplex and not self._back
        if not self._back:
            self.faults.sheets -= 1

    def look(self) -> None:
        """Also at the cover."""
        super().look()
        if self.faults.cover_open:
            raise CoverOpen(device=self.device)

    def due(self, number: int) -> GaopaiError | None:
        """Also what happens to paper."""
        faults = self.faults
        if faults.jam_after is not None and number > faults.jam_after:
            return PaperJam(device=self.device)
        return PageCutShort(device=self.device) if number == faults.cut_short_at else super().due(number)


def side(papers: Papers, sense: Sense, sheet: int, back: bool) -> Image:
    """Picture one side of a sheet of the stack."""
    return sense(papers.side(sheet, back))


def glass(papers: Papers, sense: Sense, scan: int) -> Image:
    """Picture what lies on the glass at the n-th scan."""
    return sense(papers.glass(scan))
