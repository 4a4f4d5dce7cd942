"""A running scan of the demo scanner: pages at a scanner's pace."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from imgcore.types import Image
from server.devices.adapters.demo.track import Draw, Track
from server.errors import FeederEmpty

WAITING = 2
"""Pages that may wait; then no further sheet is drawn in."""


class DemoPage:
    """One side, complete."""

    def __init__(self, picture: Image, dots: float) -> None:
        self._picture: Image | None = picture
        self._dots = dots

    @property
    def dots(self) -> float:
        """As ordered."""
        return self._dots

    def pixels(self) -> Image:
        """The page, BGR or grey; line art is grey of 0 and 255."""
        assert self._picture is not None, "a discarded page"
        return self._picture

    def discard(self) -> None:
        """Forget the picture."""
        self._picture = None


class DemoFeed:
    """See `server.devices.ports.scanner.Feed`. To be made in the loop, where it starts at once.

    Parameters
    ----------
    pace
        Seconds a page takes.
    release
        Called once, when the scanner is given back.
    """

    def __init__(self, track: Track, dots: float, pace: float, release: Callable[[], None]) -> None:
        self._track = track
        self._dots = dots
        self._pace = pace
        self._release: Callable[[], None] | None = release
        self._pages: deque[DemoPage] = deque()
        self._room = asyncio.Event()
        self._news = asyncio.Event()
        self._stopped = False
        self._scan = asyncio.create_task(self._run(), name="demo scan")
        self._scan.add_done_callback(self._ended)

    async def next(self) -> DemoPage | None:
        """The next page, or None after the last; an error that ended the scan is told each time."""
        while not self._pages:
            if self._scan.done():
                self._raise_what_ended_it()
                return None
            self._news.clear()
            await self._news.wait()
        self._room.set()
        return self._pages.popleft()

    async def stop(self) -> None:
        """At once, whatever goes on."""
        self._stopped = True
        self._scan.cancel()
        await asyncio.wait({self._scan})

    async def close(self) -> None:
        """Likewise, and drop the pages that wait."""
        await self.stop()
        self._pages.clear()
        if self._release is not None:
            self._release()
            self._release = None

    def _ended(self, scan: asyncio.Task[None]) -> None:
        if not scan.cancelled():
            scan.exception()  # a reader that has gone need not have heard of it
        self._news.set()

    def _raise_what_ended_it(self) -> None:
        if not self._stopped:
            self._scan.result()

    async def _run(self) -> None:
        number = 0
        while (draw := self._track.ahead()) is not None:
            number += 1
            await self._one(number, draw)
            await self._make_room()
        if number == 0:
            raise FeederEmpty(device=self._track.device)

    async def _one(self, number: int, draw: Draw) -> None:
        """Scan a side in its time; the picture is made while it moves."""
        started = asyncio.get_running_loop().time()
        pace = self._pace + self._track.faults.slow
        await self._track.suffer(number, pace / 2)
        picture = await asyncio.to_thread(draw)
        await self._track.roll(started + pace)
        self._track.passed()
        self._pages.append(DemoPage(picture, self._dots))
        self._news.set()

    async def _make_room(self) -> None:
        while len(self._pages) >= WAITING:
            self._room.clear()
            await self._room.wait()
