"""Feeds over feeds of scanners: one whose paper is known of, and one of sheets with both sides."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

from imgcore.paper.show_through import remove_show_through
from imgcore.types import Image
from server.devices.ports.scanner import Feed, ScannedPage
from server.errors import DoubleFeed, GaopaiError, StapleFound
from server.runtime.background import supervise


class _LoadedFeed:
    """Feed whose first page was pulled to see that there is paper."""

    def __init__(self, feed: Feed, first: ScannedPage | None) -> None:
        self._feed = feed
        self._first = first
        self.stop = feed.stop

    async def next(self) -> ScannedPage | None:
        first = self._first
        self._first = None
        return await self._feed.next() if first is None else first

    async def close(self) -> None:
        if self._first is not None:
            self._first.discard()
        await self._feed.close()


async def loaded(feed: Feed) -> Feed:
    """Return a feed that has a page; close one that has none, or fails."""
    try:
        return _LoadedFeed(feed, await feed.next())
    except BaseException:
        await asyncio.shield(supervise("end of a scan", feed.close, restart=False))
        raise


class SheetFeed:
    """Feed of both sides of sheets, each of which comes once both of its sides have.

    A sheet that was drawn in with another one is not delivered, front or back: it is scanned again. Of one
    that failed otherwise the front comes before the error.

    Parameters
    ----------
    clean
        True to clean each side of what shows through from the other.
    """

    def __init__(self, feed: Feed, *, clean: bool = False) -> None:
        self._feed = feed
        self._clean = clean
        self._back: ScannedPage | None = None
        self._error: GaopaiError | None = None
        self.stop = feed.stop

    async def next(self) -> ScannedPage | None:
        if self._error is not None:
            raise self._error
        back = self._back
        self._back = None
        if back is not None or (front := await self._feed.next()) is None:
            return back
        try:
            behind = await self._feed.next()
        except (DoubleFeed, StapleFound):
            front.discard()
            raise
        except GaopaiError as error:
            self._error = error
            return front
        if behind is None:
            return front
        if not self._clean:
            self._back = behind
            return front
        sheet = _Sheet((front, behind))
        self._back = _Side(sheet, 1)
        return _Side(sheet, 0)

    async def close(self) -> None:
        if self._back is not None:
            self._back.discard()
        await self._feed.close()


class ResumedFeed:
    """Feed that goes on after a fault: the front of a sheet that was delivered before is not again."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._passed = False
        self.stop = feed.stop
        self.close = feed.close

    async def next(self) -> ScannedPage | None:
        if not self._passed:
            front = await self._feed.next()
            self._passed = True
            if front is not None:
                front.discard()
        return await self._feed.next()


class _Sheet:
    """Both sides of a sheet, as scanned."""

    def __init__(self, sides: tuple[ScannedPage, ScannedPage]) -> None:
        self.sides = sides
        self._left = 2
        self._lock = threading.Lock()
        self._pictures: tuple[Image, Image] | None = None

    def cleaned(self, side: int) -> Image:
        with self._lock:
            front, back = self._pictures = self._pictures or (self.sides[0].pixels(), self.sides[1].pixels())
        return remove_show_through(*((front, back) if side == 0 else (back, front))).image

    def discard(self) -> None:
        """Discard both sides after the second."""
        self._left -= 1
        if not self._left:
            self._pictures = None
            for side in self.sides:
                side.discard()


class _Side:
    """`ScannedPage` of a sheet whose other side is known."""

    def __init__(self, sheet: _Sheet, side: int) -> None:
        self.dots = sheet.sides[side].dots
        self.discard = sheet.discard
        self.pixels = partial(sheet.cleaned, side)
