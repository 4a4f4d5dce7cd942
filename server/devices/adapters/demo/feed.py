"""A running scan of the demo scanner: its paper path, and the pages at a scanner's pace."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from imgcore.types import Image
from server import errors
from server.devices.adapters.demo.faults import ScannerFaults
from server.devices.ports.scanner import ScannedRows
from server.errors import GaopaiError
from server.runtime.background import supervise

WAITING = 2
"""Pages that may wait to be taken; then no further sheet is drawn in."""

POLL_INTERVAL = 0.04
"""Seconds between two checks for faults while a page is scanned."""

ROWS_SECONDS = 0.2
"""Seconds between two looks at a page that is scanned."""
ROWS_PIXELS = 800
"""Pixels of a row, about, of such a look."""

Draw = Callable[[], Image]
"""Function that draws a picture in 0.1 to 1 s; for a worker thread."""


class PaperPath(ABC):
    """Path of the sides of one scan past the sensor, and the faults on it.

    Attributes
    ----------
    device
        The scanner's name, for errors.
    faults
        Faults that are set.
    """

    def __init__(self, device: str, faults: ScannerFaults) -> None:
        self.device = device
        self.faults = faults

    @abstractmethod
    def next_side(self) -> Draw | None:
        """Return the function that draws the next side, or None when there is no more."""

    @abstractmethod
    def finish_side(self) -> None:
        """Note that a side has passed."""

    async def raise_fault(self, number: int, half: float) -> None:
        """Raise the fault of page `number`, if any, `half` of its time after now."""
        now = asyncio.get_running_loop().time()
        if number == self.faults.hang_at:
            await self.wait_until(now + self.faults.silence)
            raise errors.DeviceTimeout(device=self.device, seconds=f"{self.faults.silence:g}")
        error = self.fault_at(number)
        await self.wait_until(now + half if error else now)
        if isinstance(error, errors.DeviceGone):
            self._disconnect()
        if error:
            raise error

    async def wait_until(self, until: float) -> None:
        """Wait until then, and check for faults before, meanwhile and after."""
        loop = asyncio.get_running_loop()
        self.check()
        while (left := until - loop.time()) > 0:
            await asyncio.sleep(min(POLL_INTERVAL, left))
            self.check()

    def check(self) -> None:
        """Raise a fault that stops a page at once."""
        if not self.faults.connected:
            raise errors.DeviceGone(device=self.device)

    def fault_at(self, number: int) -> GaopaiError | None:
        """Return the error of page `number`, or None."""
        if number == self.faults.disconnect_at:
            return errors.DeviceGone(device=self.device)
        return errors.DriverCrashed(device=self.device) if number == self.faults.crash_at else None

    def _disconnect(self) -> None:
        self.faults.disconnect()
        if self.faults.reconnect_after > 0:
            asyncio.get_running_loop().call_later(self.faults.reconnect_after, self.faults.connect)


class FlatbedPath(PaperPath):
    """The one side on the glass."""

    def __init__(self, device: str, faults: ScannerFaults, draw: Draw) -> None:
        super().__init__(device, faults)
        self._draw: Draw | None = draw

    def next_side(self) -> Draw | None:
        """Return the function that draws the side, once."""
        return self._draw

    def finish_side(self) -> None:
        """Note that there is no more."""
        self._draw = None


class FeederPath(PaperPath):
    """Sheets of the feeder, one after the other; one that did not go through whole stays in the stack."""

    def __init__(
        self,
        device: str,
        faults: ScannerFaults,
        draw: Callable[[int, bool], Image],
        duplex: bool,
        detect: bool = True,
    ) -> None:
        super().__init__(device, faults)
        self._draw = draw
        self._duplex = duplex
        self._detect = detect
        self._back = False

    def next_side(self) -> Draw | None:
        """Return the drawing of the back of a sheet whose front has passed, else of the next front."""
        faults = self.faults
        if not self._back and (faults.empty or faults.sheets <= 0):
            return None
        sheet = faults.sheets - 1 if faults.turned == "whole" else max(0, faults.stack - faults.sheets)
        return partial(self._draw, sheet, self._back != bool(faults.turned))

    def finish_side(self) -> None:
        """Count a sheet down after its last side."""
        self._back = self._duplex and not self._back
        if not self._back:
            self.faults.sheets -= 1

    def check(self) -> None:
        """Raise also for an open cover."""
        super().check()
        if self.faults.cover_open:
            raise errors.CoverOpen(device=self.device)

    def fault_at(self, number: int) -> GaopaiError | None:
        """Return also the faults of paper."""
        faults = self.faults
        if faults.jam_after is not None and number > faults.jam_after:
            return errors.PaperJam(device=self.device)
        if self._detect and number == faults.double_at:
            return errors.DoubleFeed(device=self.device)
        if self._detect and number == faults.staple_at:
            return errors.StapleFound(device=self.device)
        return (
            errors.PageCutShort(device=self.device)
            if number == faults.cut_short_at
            else super().fault_at(number)
        )


class DemoPage:
    """One side, completely scanned."""

    def __init__(self, picture: Image, dots: float) -> None:
        self._picture: Image | None = picture
        self.dots = dots
        """Dots an inch, as ordered."""

    def pixels(self) -> Image:
        """Return the page, BGR or grey; line art is grey of 0 and 255."""
        assert self._picture is not None, "a discarded page"
        return self._picture

    def discard(self) -> None:
        """Forget the picture."""
        self._picture = None


@dataclass(eq=False, slots=True)
class DemoRows:
    """See `server.devices.ports.scanner.ScannedRows`."""

    picture: Image
    top: int
    rows: int

    @property
    def page_width(self) -> int:
        """Pixels of a row of the page."""
        return int(self.picture.shape[1])

    @property
    def page_lines(self) -> int:
        """Rows of the page."""
        return len(self.picture)

    def pixels(self) -> Image:
        """Return them, thinned."""
        step = max(1, self.page_width // ROWS_PIXELS)
        return np.ascontiguousarray(self.picture[self.top : self.top + self.rows : step, ::step])

    def discard(self) -> None:
        """Keep all: the page has the picture, too."""


class DemoFeed:
    """See `server.devices.ports.scanner.Feed`. Created in the event loop, it starts at once.

    Parameters
    ----------
    pace
        Seconds a page takes.
    release
        Called once, when the scanner is given back.
    shown
        Called with rows of a page as it passes; None where nobody looks.
    """

    def __init__(
        self,
        path: PaperPath,
        dots: float,
        pace: float,
        release: Callable[[], None],
        shown: Callable[[ScannedRows], None] | None = None,
    ) -> None:
        self._shown = shown
        self._path = path
        self._dots = dots
        self._pace = pace
        self._release: Callable[[], None] | None = release
        self._pages: deque[DemoPage] = deque()
        self._taken = asyncio.Event()
        self._changed = asyncio.Event()
        self._stopped = False
        self._error: GaopaiError | None = None
        self._scan = supervise("demo scan", self._run, restart=False)
        self._scan.add_done_callback(lambda _: self._changed.set())

    async def next(self) -> DemoPage | None:
        """Return the next page, or None after the last; raise the error that ended the scan, each time."""
        while not self._pages:
            if self._scan.done():
                if self._error is not None and not self._stopped:
                    raise self._error
                return None
            self._changed.clear()
            await self._changed.wait()
        self._taken.set()
        return self._pages.popleft()

    async def stop(self) -> None:
        """Stop at once."""
        self._stopped = True
        self._scan.cancel()
        await asyncio.wait({self._scan})

    async def close(self) -> None:
        """Stop at once, drop the pages that wait, and give the scanner back."""
        await self.stop()
        self._pages.clear()
        if self._release is not None:
            self._release()
            self._release = None

    async def _run(self) -> None:
        try:
            await self._scan_all()
        except GaopaiError as error:
            self._error = error
        except Exception as error:
            self._error = errors.DeviceFailed.by_defect(self._path.device, error)
            raise

    async def _scan_all(self) -> None:
        number = 0
        while (draw := self._path.next_side()) is not None:
            number += 1
            await self._scan_side(number, draw)
            await self._wait_for_room()
        if number == 0:
            raise errors.FeederEmpty(device=self._path.device)

    async def _scan_side(self, number: int, draw: Draw) -> None:
        """Scan a side in its time; the picture is made while it moves."""
        started = asyncio.get_running_loop().time()
        pace = self._pace + self._path.faults.slow
        await self._path.raise_fault(number, pace / 2)
        picture = await asyncio.to_thread(draw)
        await self._pass(picture, started, pace)
        self._path.finish_side()
        self._pages.append(DemoPage(picture, self._dots))
        self._changed.set()

    async def _pass(self, picture: Image, started: float, pace: float) -> None:
        """Let a sheet pass the sensor, and show what has passed meanwhile."""
        loop = asyncio.get_running_loop()
        top = 0
        while self._shown is not None and (left := started + pace - loop.time()) > 0:
            await self._path.wait_until(loop.time() + min(ROWS_SECONDS, left))
            rows = min(len(picture), int(len(picture) * (loop.time() - started) / pace)) - top
            if rows > 0:
                self._shown(DemoRows(picture, top, rows))
                top += rows
        await self._path.wait_until(started + pace)

    async def _wait_for_room(self) -> None:
        while len(self._pages) >= WAITING:
            self._taken.clear()
            await self._taken.wait()
