"""Scanning: each page is processed and delivered while the next is pulled."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from imgcore.output.finish import ColourMode
from imgcore.paper.blank_page import is_blank
from imgcore.paper.colour_presence import is_coloured
from imgcore.paper.dropout import DropoutColour, drop_out
from imgcore.paper.streaks import find_streaks
from imgcore.settings import Crop, ImageType, Removal, Settings, WhenUnsure
from imgcore.types import Image, Prior
from server.access.client import Client
from server.archive.record import taken_with
from server.devices.ports.scanner import Feed, ScannedPage, Scanner
from server.errors import DeviceFailed, GaopaiError, LocalizedText
from server.runtime.background import ended, report, supervise
from server.services.pictures.naming import NamePlan
from server.services.pictures.order import PictureOrder
from server.services.pictures.originals import Original, original_page
from server.services.pictures.output import EncodedPicture, FinishedPicture, PictureWork
from server.services.pictures.resources import PictureResources
from server.services.scanners.feeds import ResumedFeed, SheetFeed
from server.services.scanners.leases import MadeColours, ScannerLeases, ScanOptions
from server.services.scanners.notices import DustWatch
from server.services.scanners.progress import PageRules, Stream
from server.storage.paths import PictureFormat

log = logging.getLogger(__name__)

AT_WORK = 2
"""Limit of pages in memory, being scanned, processed or delivered: each has 26 MB at 300 dpi."""
DRAIN_SECONDS = 10.0
"""Time limit of a cancelled scan to deliver its last pages to a client that may take none."""
CLOSE_SECONDS = 20.0
"""Time limit to give a scanner back; adapters have shorter ones of their own."""
SCANNED = LocalizedText("扫描页", "the scanned page")
AS_SCANNED = PageRules()
"""Rules that change nothing."""


@dataclass(frozen=True, slots=True)
class ScannedPicture:
    """One finished picture of a scan.

    Attributes
    ----------
    page
        The scanned side it comes from, from 1; several documents may be cut out of one.
    count
        Number of pictures of the scan; None while it is not known.
    stream
        Kind of picture, where several of each page were asked for.
    dropped
        True for a blank page that is left out: it is counted and not delivered.
    """

    picture: EncodedPicture
    page: int
    count: int | None
    blank: bool
    stream: Stream | None = None
    dropped: bool = False


Deliver = Callable[[ScannedPicture], Awaitable[None]]
"""Delivers a finished picture; the scanner waits for a slow one."""


class ScanService:
    """Scans to a client or to files."""

    def __init__(self, leases: ScannerLeases, resources: PictureResources) -> None:
        self._leases = leases
        self._resources = resources
        self._pools = resources.pools
        self._cache = resources.cache
        self._originals = resources.originals

    async def plan(self, client: Client, order: PictureOrder) -> NamePlan:
        """Plan the names of a scan's files; refuse one that cannot be written, before any paper is pulled.

        The suffix of the order's name decides the format: ``scan.jpg`` gives ``scan.jpg``, ``scan1.jpg`` and
        so on, a number whose file cannot be replaced is skipped. A template gives names that no file has.
        """
        # Numbers follow, which without a word between would read as part of the time.
        return await self._resources.plan(client, order, "-page")

    async def scan(
        self,
        client: Client,
        scanner: Scanner,
        options: ScanOptions,
        order: PictureOrder,
        deliver: Deliver,
        rules: PageRules = AS_SCANNED,
    ) -> None:
        """Scan all pages and deliver their pictures.

        When cancelled, the scanner stops, and the pages that are complete are delivered first.

        Raises
        ------
        server.errors.GaopaiError
            As `ScannerLeases.begin`, or the scan failed; the pictures of all earlier pages were delivered.
        """
        job = await self._begin(client, scanner, options, order, rules)
        try:
            await _drain_if_cancelled(job, _deliver_all(job, deliver))
        finally:
            await asyncio.shield(supervise("end of a scan", job.close, restart=False))

    async def save(self, plan: NamePlan, picture: ScannedPicture) -> Path:
        """Write a picture below the storage root; return its file."""
        return await self._pools.run(plan.save_next, picture.picture)

    async def _begin(
        self,
        client: Client,
        scanner: Scanner,
        options: ScanOptions,
        order: PictureOrder,
        rules: PageRules,
    ) -> ScanJob:
        started = await self._leases.begin(scanner, options)
        source = started.source
        settings = order.settings
        if started.sheet_size and settings.crop is Crop.NONE:
            settings = replace(settings, crop=Crop.SINGLE)
        if started.made.black_white and settings.image_type is ImageType.ORIGINAL:
            settings = replace(settings, image_type=ImageType.BLACK_WHITE)
        clean = source.duplex and settings.removal is Removal.SHOW_THROUGH
        if clean:
            settings = replace(settings, removal=Removal.NONE)
        work = PictureWork(
            replace(order, settings=settings),
            self._cache,
            rules.with_barcode,
            helpers=self._pools.helpers,
            prior=Prior.FEEDER if source.feeder else Prior.GLASS,
        )
        works = _works(work, rules.streams)
        side = PageWork(works, started.made, order.judged and self._originals.enabled)
        backs = replace(side, works=tuple((stream, _turned(one)) for stream, one in works))
        taken = taken_with(scanner.info.name, "scanner")
        dust = DustWatch(options.noticed)

        async def process(page: ScannedPage, number: int) -> list[ScannedPicture]:
            back = rules.is_back(number, source.duplex)
            watched = source.feeder and dust.watches(number)
            job = replace(backs if back and rules.turn_backs else side, watched=watched)
            made = await self._pools.run(process_page, page, job)
            dust.see(back, made.streaks)
            keep = self._resources.provenance.keep
            encoded = [one.picture for one in made.pictures]
            await self._pools.run(keep, client.origin, encoded, taken, settings)
            original = made.original
            if original is not None:
                original = replace(original, taken=taken)
            handle = None if original is None else self._originals.keep(client.origin, original)
            count = None if source.feeder else len(made.pictures)
            dropped = rules.drops(back=back, feeder=source.feeder) and all(one.blank for one in made.pictures)
            return [
                ScannedPicture(
                    replace(one.picture, handle=handle), number, count, one.blank, one.stream, dropped
                )
                for one in made.pictures
            ]

        feed: Feed = SheetFeed(started.feed, clean=clean) if source.duplex else started.feed
        if source.duplex and rules.done % 2:
            feed = ResumedFeed(feed)
        return ScanJob(scanner.info.name, feed, process, lambda: self._leases.finished(scanner), rules.done)


def _works(work: PictureWork, streams: Sequence[Stream]) -> tuple[tuple[Stream | None, PictureWork], ...]:
    """Return the work for each kind of picture that a page gives."""
    return tuple((stream, _as_stream(work, stream)) for stream in streams) or ((None, work),)


def _as_stream(work: PictureWork, stream: Stream) -> PictureWork:
    order = work.order
    if stream == "gray":
        order = _in_grey(order)
    elif stream == "bw":
        order = replace(order, settings=replace(order.settings, image_type=ImageType.BLACK_WHITE))
    return replace(work, order=order)


def _in_grey(order: PictureOrder) -> PictureOrder:
    return replace(order, output=replace(order.output, colour_mode=ColourMode.GREY))


def _turned(work: PictureWork) -> PictureWork:
    settings = work.order.settings
    turned = replace(settings, rotate=(settings.rotate + 180) % 360)
    return replace(work, order=replace(work.order, settings=turned))


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
        await ended(delivering)


@dataclass(eq=False, repr=False)
class ScanJob:
    """Running scan that yields its pictures in order.

    Parameters
    ----------
    device
        Name of the scanner, for errors.
    process
        Processes one page, which has the given number, in a thread.
    finished
        Called once, when the scanner is free again.
    done
        Number of the last page before these: this scan goes on after a fault.
    """

    _device: str
    _feed: Feed
    _process: Callable[[ScannedPage, int], Awaitable[list[ScannedPicture]]]
    _finished: Callable[[], None]
    _done: int = 0
    _pages: asyncio.Queue[asyncio.Task[list[ScannedPicture]] | GaopaiError | None] = field(
        default_factory=asyncio.Queue, init=False
    )
    _slots: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, AT_WORK), init=False)
    _ready: deque[ScannedPicture] = field(default_factory=deque, init=False)
    _ended: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._reader = supervise("scan", self._read, restart=False)

    async def next(self) -> ScannedPicture | None:
        """Return the next picture, None after the last.

        Raises
        ------
        server.errors.GaopaiError
            The scan failed; the pictures of all earlier pages were returned.
        """
        while not self._ready:
            if self._ended:
                return None
            page = await self._pages.get()
            self._ended = not isinstance(page, asyncio.Task)
            if isinstance(page, GaopaiError):
                raise page
            if page is not None:
                try:
                    self._ready.extend(await page)
                finally:
                    self._slots.release()
        return self._ready.popleft()

    async def stop(self) -> None:
        """Pull no more paper; `next` still returns the complete pictures. No error in any state."""
        await self._bounded(self._feed.stop, DRAIN_SECONDS)

    async def close(self) -> None:
        """End the scan in any state, and its lease of the scanner, within a bounded time."""
        self._ended = True
        self._reader.cancel()
        await asyncio.wait([self._reader], timeout=CLOSE_SECONDS)
        await self._bounded(self._feed.close, CLOSE_SECONDS)
        self._finished()
        await asyncio.gather(*self._unread(), return_exceptions=True)

    async def _bounded(self, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        """Call a method of the feed that no page depends on; a failure is logged or reported."""
        try:
            async with asyncio.timeout(seconds):
                await work()
        except (GaopaiError, TimeoutError) as error:
            log.warning("%s did not end its scan: %s", self._device, type(error).__name__)
        except Exception as error:  # noqa: BLE001 - the scan ends all the same
            report("end of a scan", error)

    async def _read(self) -> None:
        """Queue all pages, and after them the error that ended the scan, or None."""
        end: GaopaiError | None = None
        try:
            await self._pull()
        except GaopaiError as error:
            end = error
        except BaseException as error:
            end = DeviceFailed.by_defect(self._device, error)
            raise
        finally:
            self._pages.put_nowait(end)

    async def _pull(self) -> None:
        number = self._done
        while True:
            # Backpressure: while earlier pages are processed, the feeder waits.
            await self._slots.acquire()
            page = await self._feed.next()
            if page is None:
                return
            number += 1
            self._pages.put_nowait(asyncio.create_task(self._processed(page, number)))

    async def _processed(self, page: ScannedPage, number: int) -> list[ScannedPicture]:
        try:
            try:
                return await self._process(page, number)
            finally:
                page.discard()
        except GaopaiError:
            raise
        except Exception as error:
            report("scan", error)
            raise DeviceFailed.by_defect(self._device, error) from error

    def _unread(self) -> list[asyncio.Task[list[ScannedPicture]]]:
        unread = []
        while not self._pages.empty():
            page = self._pages.get_nowait()
            if isinstance(page, asyncio.Task):
                unread.append(page)
        return unread


@dataclass(frozen=True, slots=True)
class PageWork:
    """Work on one page of a scan.

    Attributes
    ----------
    works
        Work on each picture that the page gives, and its kind.
    made
        Colours that its scanner does not make.
    kept
        True to keep the page as it came.
    watched
        True to look for streaks of dust.
    """

    works: tuple[tuple[Stream | None, PictureWork], ...]
    made: MadeColours
    kept: bool
    watched: bool = False


class MadePicture(NamedTuple):
    """Picture of a page."""

    picture: EncodedPicture
    blank: bool
    stream: Stream | None


class MadePage(NamedTuple):
    """Pictures of a page, the page as it came, and the streaks on it."""

    pictures: list[MadePicture]
    original: Original | None
    streaks: tuple[float, ...]


def process_page(page: ScannedPage, job: PageWork) -> MadePage:
    """Process one page and encode its pictures.

    Raises
    ------
    PictureUnreadable
        The settings do not fit the page, for instance a rectangle outside it.
    PictureTooLarge
    """
    image = page.pixels()
    dropout = job.made.dropout
    seen = drop_out(image, DropoutColour[dropout.upper()]) if dropout else image
    greyed = job.made.found and not is_coloured(image)
    made: list[MadePicture] = []
    original = None
    for number, (stream, work) in enumerate(job.works):
        used = replace(work, order=_in_grey(work.order)) if greyed and stream != "bw" else work
        finished = used.run(seen, SCANNED, page.dots)
        made += (MadePicture(one.encoded, is_blank(one.image), stream) for one in finished)
        if job.kept and number == 0:
            original = _original(image, finished, used, page.dots, same=seen is image)
    return MadePage(made, original, find_streaks(image) if job.watched else ())


def _original(
    image: Image, finished: Sequence[FinishedPicture], work: PictureWork, dots: float, *, same: bool
) -> Original | None:
    """Return a page as an original: the picture that is delivered, where that is the `same` as it came."""
    output = work.order.output
    untouched = replace(work.order.settings, when_unsure=WhenUnsure.WHOLE) == Settings()
    plain = same and untouched and work.order.picture_format is PictureFormat.JPEG
    if plain and output.quality is None and not output.max_bytes and not output.changes_pixels:
        return Original(finished[0].encoded.data, dots=dots)
    return original_page(image, dots)
