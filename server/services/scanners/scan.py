"""Scanning: each page is processed and delivered while the next is pulled."""

from __future__ import annotations

import asyncio
import datetime
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imgcore.blank_page import is_blank
from imgcore.settings import Settings
from server.background import report
from server.devices.ports.scanner import Feed, ScannedPage, Scanner
from server.errors import DeviceFailed, GaopaiError, LocalizedText
from server.services.client import Client
from server.services.image_processing import EncodedPicture, encode, process_image
from server.services.pools import ThreadPools
from server.services.scanners.desk import ScannerDesk, ScanOptions
from server.services.toolbox import Toolbox
from server.storage.paths import PictureFormat, format_of
from server.storage.root import Storage

AT_WORK = 2
"""Pages held at a time, being pulled, processed or delivered: each has 26 MB at 300 dpi."""
DRAIN_SECONDS = 10.0
"""A cancelled scan delivers its last pages within so long, or its client takes none."""
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


@dataclass(frozen=True, slots=True)
class SavedPicture:
    """One picture of a scan to files, where it was written."""

    path: Path
    picture: ScannedPicture


Deliver = Callable[[ScannedPicture], Awaitable[None]]
"""Hands a finished picture over; the scanner waits while it takes its time."""
Saved = Callable[[SavedPicture], Awaitable[None]]
"""Told of each picture that was written."""


class ScanService:
    """Scans to a page or to files."""

    def __init__(self, desk: ScannerDesk, storage: Storage, pools: ThreadPools, toolbox: Toolbox) -> None:
        self._desk = desk
        self._storage = storage
        self._pools = pools
        self._toolbox = toolbox

    async def check_name(self, name: str) -> None:
        """Refuse a file name that cannot be written: nobody pulls paper for it.

        Raises
        ------
        BadSuffix, BadName, PathOutside, FileExists
        """
        format_of(name)
        await self._pools.run(self._storage.check, name)

    async def scan(
        self,
        client: Client,
        scanner: Scanner,
        options: ScanOptions,
        deliver: Deliver,
        picture_format: PictureFormat = PictureFormat.JPEG,
    ) -> None:
        """Scan to the last page.

        When cancelled, the scanner stops, and the pages that are complete are delivered first.

        Raises
        ------
        server.errors.GaopaiError
            As `ScannerDesk.begin`, or the scan failed; all pictures of the pages before were delivered.
        """
        job = await self._begin(client, scanner, options, picture_format)
        try:
            await _drain_if_cancelled(job, _deliver_all(job, deliver))
        finally:
            await asyncio.shield(asyncio.create_task(job.close()))

    async def scan_to_files(
        self, client: Client, scanner: Scanner, options: ScanOptions, name: str, saved: Saved
    ) -> None:
        """Scan to the last page and write each picture below the storage root.

        Parameters
        ----------
        name
            Of the series: ``scan.jpg`` gives ``scan.jpg``, ``scan1.jpg`` and so on, a number that is taken is
            passed over; empty for a name by date and time. Its suffix decides the format.

        Raises
        ------
        server.errors.GaopaiError
            Beside those of `scan`: StorageFull, StorageFailed.
        """
        picture_format = format_of(name)
        series, count = name or self._default_name(), 0

        async def save(picture: ScannedPicture) -> None:
            nonlocal count
            data = picture.picture.data
            path = await self._pools.run(self._storage.save_next, series, count, data)
            count += 1
            await saved(SavedPicture(path, picture))

        await self.scan(client, scanner, options, save, picture_format)

    async def _begin(
        self, client: Client, scanner: Scanner, options: ScanOptions, picture_format: PictureFormat
    ) -> ScanJob:
        feed, settings, feeder = await self._desk.begin(client, scanner, options)

        async def process(page: ScannedPage, number: int) -> list[ScannedPicture]:
            made = await self._pools.run(develop, page, settings, picture_format, self._toolbox)
            count = None if feeder else len(made)
            return [ScannedPicture(picture, number, count, blank) for picture, blank in made]

        return ScanJob(scanner.info.name, feed, process, lambda: self._desk.finished(scanner))

    def _default_name(self) -> str:
        stem = self._storage.default_name(".jpg", datetime.datetime.now()).removesuffix(".jpg")
        # Numbers follow: without a word between, they would read as part of the time.
        return f"{stem}-page.jpg"


async def _deliver_all(job: ScanJob, deliver: Deliver) -> None:
    while (picture := await job.next()) is not None:
        await deliver(picture)


async def _drain_if_cancelled(job: ScanJob, delivery: Coroutine[Any, Any, None]) -> None:
    """Deliver; when cancelled, stop the scanner and deliver what is complete first."""
    delivering = asyncio.create_task(delivery)
    try:
        await asyncio.shield(delivering)
    except asyncio.CancelledError:
        await job.stop()
        await asyncio.wait([delivering], timeout=DRAIN_SECONDS)
        raise
    finally:
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)


class ScanJob:
    """A scan that was started: its pictures in order.

    Parameters
    ----------
    device
        Name of the scanner, for errors.
    process
        Works on one page in a thread; told the page's number.
    finished
        Called once, when the scanner is free again.
    """

    def __init__(
        self,
        device: str,
        feed: Feed,
        process: Callable[[ScannedPage, int], Awaitable[list[ScannedPicture]]],
        finished: Callable[[], None],
    ) -> None:
        self._device = device
        self._feed = feed
        self._process = process
        self._finished = finished
        self._pages: asyncio.Queue[asyncio.Task[list[ScannedPicture]] | GaopaiError | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(AT_WORK)
        self._ready: deque[ScannedPicture] = deque()
        self._over = False
        self._reader = asyncio.create_task(self._read(), name="scan")

    async def next(self) -> ScannedPicture | None:
        """Return the next picture, None after the last.

        Raises
        ------
        server.errors.GaopaiError
            The scan failed; all pictures of the pages before were given.
        """
        while not self._ready:
            if self._over:
                return None
            page = await self._pages.get()
            self._over = not isinstance(page, asyncio.Task)
            if isinstance(page, GaopaiError):
                raise page
            if page is not None:
                try:
                    self._ready.extend(await page)
                finally:
                    self._room.release()
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
        """Pull pages until the last, and put how that ended behind them, whatever it was."""
        end: GaopaiError | None = None
        try:
            await self._pull()
        except GaopaiError as error:
            end = error
        except Exception as error:  # noqa: BLE001 - whoever waits for the next page is told
            report("scan", error)
            end = DeviceFailed(device=self._device, reason=type(error).__name__)
        self._pages.put_nowait(end)

    async def _pull(self) -> None:
        number = 0
        while True:
            # Waits while others are worked on, and with it the feeder.
            await self._room.acquire()
            page = await self._feed.next()
            if page is None:
                return
            number += 1
            self._pages.put_nowait(asyncio.create_task(self._processed(page, number)))

    async def _processed(self, page: ScannedPage, number: int) -> list[ScannedPicture]:
        try:
            return await self._process(page, number)
        except GaopaiError:
            raise
        except Exception as error:
            report("scan", error)
            raise DeviceFailed(device=self._device, reason=type(error).__name__) from error
        finally:
            page.discard()

    def _left(self) -> list[asyncio.Task[list[ScannedPicture]]]:
        left = []
        while not self._pages.empty():
            page = self._pages.get_nowait()
            if isinstance(page, asyncio.Task):
                left.append(page)
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
