"""A scan from the first page to the last: each is worked on and handed out while the next is pulled."""

from __future__ import annotations

import asyncio
import datetime
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from imgcore.blank_page import is_blank
from imgcore.settings import Settings
from server.devices.ports.scanner import Feed, ScannedPage, Scanner
from server.errors import GaopaiError, LocalizedText
from server.services.client import Client
from server.services.image_processing import EncodedPicture, encode, process_image
from server.services.pools import ThreadPools
from server.services.scanners.desk import ScannerDesk, ScanOptions
from server.services.toolbox import Toolbox
from server.storage.paths import PictureFormat, format_of
from server.storage.root import Storage

AT_WORK = 2
"""Pages worked on at a time: more would only wait for the same cores, each with 26 MB at 300 dpi."""
SCANNED = LocalizedText("扫描页", "the scanned page")


@dataclass(frozen=True, slots=True)
class ScannedPicture:
    """One finished picture of a scan.

    Attributes
    ----------
    page
        The side it comes from, from 1; several documents may be cut out of one.
    count
        How many pictures the scan gives; None while nobody knows.
    """

    picture: EncodedPicture
    page: int
    count: int | None
    blank: bool


Shots = list[ScannedPicture]


class ScanService:
    """Starts scans."""

    def __init__(self, desk: ScannerDesk, storage: Storage, workers: ThreadPools, toolbox: Toolbox) -> None:
        self._desk = desk
        self._storage = storage
        self._workers = workers
        self._toolbox = toolbox

    async def begin(
        self, client: Client, scanner: Scanner, choice: ScanOptions, picture_format: PictureFormat
    ) -> ScanJob:
        """Start a scan; it has to be closed.

        Raises
        ------
        server.errors.GaopaiError
            As `ScannerDesk.begin`.
        """
        begun = await self._desk.begin(client, scanner, choice)

        async def work(page: ScannedPage, number: int) -> Shots:
            made = await self._workers.run(develop, page, begun.settings, picture_format, self._toolbox)
            count = None if begun.feeder else len(made)
            return [ScannedPicture(picture, number, count, blank) for picture, blank in made]

        return ScanJob(begun.feed, work, lambda: self._desk.finished(scanner))

    async def check_name(self, name: str) -> PictureFormat:
        """The format that a file name asks for; nobody pulls paper for a name that cannot be written.

        Raises
        ------
        BadSuffix, BadName, PathOutside, FileExists
        """
        picture_format = format_of(name)
        await self._workers.run(self._storage.check, name)
        return picture_format

    def default_name(self) -> str:
        """A name for a series of pages, made of the time."""
        stem = self._storage.default_name(".jpg", datetime.datetime.now()).removesuffix(".jpg")
        # Numbers follow: without a word between, they would read as part of the time.
        return f"{stem}-page.jpg"

    async def keep(self, name: str, number: int, shot: ScannedPicture) -> Path:
        """Write one picture of a series; a number that is taken is passed over.

        Parameters
        ----------
        name
            Of the series: ``scan.jpg`` gives ``scan.jpg``, ``scan1.jpg`` …
        number
            How many of the series there are already.

        Raises
        ------
        StorageFull, StorageFailed
        """
        return await self._workers.run(self._storage.save_next, name, number, shot.picture.data)


class ScanJob:
    """A scan that was started: its pictures in order.

    Parameters
    ----------
    develop
        Works on one page in a thread; told the page's number.
    finished
        Called once, when the scanner is free again.
    """

    def __init__(
        self,
        feed: Feed,
        develop: Callable[[ScannedPage, int], Awaitable[Shots]],
        finished: Callable[[], None],
    ) -> None:
        self._feed = feed
        self._develop = develop
        self._finished = finished
        self._work: asyncio.Queue[asyncio.Task[Shots] | GaopaiError | None] = asyncio.Queue(AT_WORK - 1)
        self._ready: deque[ScannedPicture] = deque()
        self._over = False
        self._reader = asyncio.create_task(self._read(), name="scan")

    async def next(self) -> ScannedPicture | None:
        """The next picture, or None after the last.

        Raises
        ------
        server.errors.GaopaiError
            The scan failed; all pictures of the pages before were given.
        """
        while not self._ready:
            if self._over:
                return None
            work = await self._work.get()
            self._over = not isinstance(work, asyncio.Task)
            if isinstance(work, GaopaiError):
                raise work
            if work is not None:
                self._ready.extend(await work)
        return self._ready.popleft()

    async def stop(self) -> None:
        """Pull no more paper; `next` still gives what is complete."""
        await self._feed.stop()

    async def close(self) -> None:
        """Give the scanner back. No error in any state."""
        self._over = True
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        try:
            await self._feed.close()
        finally:
            self._finished()
        await asyncio.gather(*self._left(), return_exceptions=True)

    async def _read(self) -> None:
        end: GaopaiError | None = None
        number = 0
        try:
            while (page := await self._feed.next()) is not None:
                number += 1
                # Waits while others are worked on, and with it the feeder.
                await self._work.put(asyncio.create_task(self._developed(page, number)))
        except GaopaiError as error:
            end = error
        await self._work.put(end)

    async def _developed(self, page: ScannedPage, number: int) -> Shots:
        try:
            return await self._develop(page, number)
        finally:
            page.discard()

    def _left(self) -> list[asyncio.Task[Shots]]:
        left = []
        while not self._work.empty():
            work = self._work.get_nowait()
            if isinstance(work, asyncio.Task):
                left.append(work)
        return left


def develop(
    page: ScannedPage, settings: Settings, picture_format: PictureFormat, toolbox: Toolbox
) -> list[tuple[EncodedPicture, bool]]:
    """The finished pictures of one page, and whether each is blank.

    Raises
    ------
    PictureUnreadable
        The settings do not fit the page, for instance a rectangle outside it.
    """
    dots = page.dots
    pictures = process_image(page.pixels(), settings, toolbox, SCANNED)
    return [(encode(one, picture_format, dots), is_blank(one)) for one in pictures]
