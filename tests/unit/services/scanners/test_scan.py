"""A scan whose feed, pages and processing fail at every call: it ends, is told, and frees the scanner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from imgcore.settings import Settings
from server.access.client import Client
from server.config import LimitsConfig, OutputConfig
from server.devices.ports.camera import Size
from server.devices.ports.scanner import ScannedPage, ScanParameters
from server.errors import DeviceFailed, GaopaiError, PaperJam
from server.runtime.background import failures
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.naming import CardNumbers, FileNamer
from server.services.pictures.order import PictureOrder, PictureOrders
from server.services.pictures.originals import Originals
from server.services.pictures.output import EncodedPicture
from server.services.pictures.resources import PictureResources
from server.services.pictures.settings import PictureSettings
from server.services.pools import ThreadPools
from server.services.scanners import scan as scans
from server.services.scanners.leases import ScannerLeases, ScanOptions
from server.services.scanners.scan import AT_WORK, ScanJob, ScannedPicture, ScanService
from server.storage.root import Storage
from tests.fakes.failing import RAISING, TEXT, Failing, Fault
from tests.fakes.listed import ListedFinder
from tests.fakes.scanner import FakePage, FakeScanner
from tests.patience import PATIENCE

T = TypeVar("T")

PAGES = 5
FEED = ScanOptions(source=1, mode=0, resolution=0, paper=0)
CLIENT = Client(1, None)


class FakeFeed:
    """Gives some pages and then ends as it is told.

    Attributes
    ----------
    end
        Raised after the last page.
    given
        The pages.
    most
        The most that were held at a time.
    """

    def __init__(self, pages: int = PAGES) -> None:
        self._left = pages
        self.end: BaseException | None = None
        self.given: list[FakePage] = []
        self.most = 0

    async def next(self) -> FakePage | None:
        if self._left == 0:
            if self.end is not None:
                raise self.end
            return None
        self._left -= 1
        self.given.append(FakePage(np.zeros((2, 2), np.uint8)))
        self.most = max(self.most, sum(not page.discarded for page in self.given))
        return self.given[-1]

    async def stop(self) -> None:
        self._left = 0
        self.end = None

    async def close(self) -> None:
        pass


async def processed(page: ScannedPage, number: int) -> list[ScannedPicture]:
    await asyncio.sleep(0)
    return [ScannedPicture(EncodedPicture(b"", Size(2, 2)), number, None, False)]


class Job:
    """A scan and what comes of it."""

    def __init__(self, feed: Any, process: Callable[..., Any] = processed) -> None:
        self.finished = 0
        self.pages: list[int] = []
        self.scan = ScanJob("Fake", feed, process, self._finish)

    def _finish(self) -> None:
        self.finished += 1

    async def run(self) -> GaopaiError | None:
        """Take all pages; the error that ended them."""
        try:
            while (one := await self.scan.next()) is not None:
                self.pages.append(one.page)
        except GaopaiError as error:
            return error
        return None


async def within(waited: Awaitable[T]) -> T:
    async with asyncio.timeout(PATIENCE):
        return await waited


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.002)


@pytest.fixture(autouse=True)
def short_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed that hangs at its end is not waited for."""
    monkeypatch.setattr(scans, "DRAIN_SECONDS", 0.05)
    monkeypatch.setattr(scans, "CLOSE_SECONDS", 0.05)


@pytest.mark.parametrize(
    "end", [None, PaperJam(device="Fake"), ValueError(TEXT), asyncio.CancelledError()], ids=repr
)
async def test_however_the_pages_end_it_is_told_after_the_last_one(
    end: BaseException | None, caplog: pytest.LogCaptureFixture
) -> None:
    feed = FakeFeed()
    feed.end = end
    job = Job(feed)
    error = await within(job.run())
    assert job.pages == list(range(1, PAGES + 1))
    if end is None or isinstance(end, GaopaiError):
        assert error is end
        assert failures() == ()
    else:
        assert isinstance(error, DeviceFailed)
        assert [worker.error for worker in failures()] == [type(end).__name__]
    # It is told once, and there is nothing more.
    assert await within(job.scan.next()) is None
    await within(job.scan.close())
    assert job.finished == 1
    assert all(page.discarded for page in feed.given)
    assert TEXT not in caplog.text


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("at", ["stop", "close"])
async def test_an_end_that_fails_costs_no_page_and_frees_the_scanner(at: str, fault: Fault) -> None:
    feed = Failing(FakeFeed(), at, fault)
    job = Job(feed)
    if at == "stop":
        await within(job.scan.stop())
        assert feed.met.is_set()
    assert await within(job.run()) is None
    assert job.pages == list(range(1, PAGES + 1))
    await within(job.scan.close())
    assert feed.met.is_set()
    assert job.finished == 1
    assert bool(failures()) == (fault is Fault.BREAKS)


async def test_a_page_that_never_comes_keeps_nobody_who_closes() -> None:
    job = Job(Failing(FakeFeed(), "next", Fault.HANGS))
    waiting = asyncio.create_task(job.run())
    await asyncio.sleep(0)
    await within(job.scan.close())
    assert job.finished == 1
    assert isinstance(await within(waiting), DeviceFailed)
    assert failures() == ()


async def test_a_feed_that_does_not_heed_being_cancelled_keeps_nobody_who_closes() -> None:
    going_on = asyncio.Event()

    class Deaf(FakeFeed):
        async def next(self) -> FakePage | None:
            while not going_on.is_set():
                try:
                    await going_on.wait()
                except asyncio.CancelledError:
                    continue
            return None

    job = Job(Deaf())
    await asyncio.sleep(0)
    try:
        await within(job.scan.close())
        assert job.finished == 1
    finally:
        going_on.set()


@pytest.mark.parametrize("broken", ["process", "discard"])
@pytest.mark.parametrize("fault", RAISING)
async def test_a_page_that_cannot_be_worked_on_ends_the_scan_after_those_before(
    broken: str, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    feed = FakeFeed()

    async def process(page: ScannedPage, number: int) -> list[ScannedPicture]:
        if number == 3:
            # Only what happens within the processing is under test here.
            failing = Failing(page, "discard", fault)
            if broken == "process":
                failing.go_wrong()
            page.discard = failing.discard  # type: ignore[method-assign]
        return await processed(page, number)

    job = Job(feed, process)
    assert isinstance(await within(job.run()), DeviceFailed)
    assert job.pages == [1, 2]
    await within(job.scan.close())
    assert job.finished == 1
    assert all(page.discarded for page in feed.given) == (broken == "process")
    assert bool(failures()) == (fault is Fault.BREAKS)
    assert TEXT not in caplog.text


async def test_two_pages_are_held_at_a_time_and_not_three() -> None:
    feed = FakeFeed()
    going_on = asyncio.Event()

    async def process(page: ScannedPage, number: int) -> list[ScannedPicture]:
        await going_on.wait()
        return await processed(page, number)

    job = Job(feed, process)
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(feed.given) == AT_WORK == 2
    going_on.set()
    assert await within(job.run()) is None
    assert (job.pages, feed.most) == (list(range(1, PAGES + 1)), AT_WORK)
    await within(job.scan.close())


async def test_a_page_that_is_not_taken_stops_the_feeder() -> None:
    feed = FakeFeed()
    job = Job(feed)
    assert await within(job.scan.next()) is not None
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(feed.given) == 1 + AT_WORK
    await within(job.scan.close())


# The service ------------------------------------------------------------------------------


class FailingScanner(FakeScanner):
    """A scanner one call of which, or of its feed, goes wrong."""

    def __init__(self, at: str, fault: Fault) -> None:
        super().__init__()
        self._at = at
        self._own = Failing(self, at, fault) if hasattr(self, at) else None
        self._fault: Fault | None = fault
        self._feeds: list[Failing] = []

    @property
    def met(self) -> bool:
        """True once a call has gone wrong."""
        return any(one.met.is_set() for one in (*self._feeds, self._own) if one is not None)

    @property
    def seen(self) -> Any:
        """What the service is given."""
        return self if self._own is None else self._own

    def release(self) -> None:
        """Let all later calls work."""
        self._fault = None
        for one in (*self._feeds, self._own):
            if one is not None:
                one.release()

    async def begin(self, order: ScanParameters) -> Any:
        feed = await super().begin(order)
        if self._own is not None:
            return feed
        self._feeds.append(Failing(feed, self._at, self._fault))
        return self._feeds[-1]


class Service:
    """A scan service with one scanner, and a page that takes pictures."""

    def __init__(self, scanner: FailingScanner, folder: Path) -> None:
        self.scanner = scanner
        self.taken: list[int] = []
        self.pools = ThreadPools()
        desk = ScannerLeases([ListedFinder(scanner.seen)], PATIENCE, 10**9)
        storage = Storage(folder)
        originals = Originals(LimitsConfig, self.pools, storage.own_folder)
        names = FileNamer(CardNumbers())
        orders = PictureOrders(OutputConfig(), PictureSettings(Settings()), self.pools)
        resources = PictureResources(storage, names, self.pools, ModelCache(), originals, orders)
        self._scans = ScanService(desk, resources)

    async def scan(self) -> None:
        self.taken = []
        await self._scans.scan(CLIENT, self.scanner.seen, FEED, PictureOrder(), self._take)

    async def _take(self, picture: ScannedPicture) -> None:
        self.taken.append(picture.page)


CALLS = ("describe", "begin", "next", "stop", "close")


@pytest.fixture
async def service_with(tmp_path: Path) -> AsyncIterator[Callable[[str, Fault], Service]]:
    made: list[Service] = []

    def make(at: str, fault: Fault) -> Service:
        made.append(Service(FailingScanner(at, fault), tmp_path))
        return made[-1]

    yield make
    for one in made:
        one.scanner.release()
        one.pools.close()


@pytest.mark.parametrize("fault", RAISING)
@pytest.mark.parametrize("at", CALLS)
async def test_after_a_scan_that_failed_the_next_one_works(
    service_with: Callable[[str, Fault], Service], at: str, fault: Fault
) -> None:
    service = service_with(at, fault)
    if at in ("stop", "close"):
        await within(service.scan())
        assert service.taken == [1, 2, 3]
    else:
        with pytest.raises((GaopaiError, ValueError)):
            await within(service.scan())
    assert service.scanner.met == (at != "stop")
    service.scanner.release()
    await within(service.scan())
    assert service.taken == [1, 2, 3]


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("at", CALLS)
async def test_a_scan_that_is_cancelled_ends_and_the_next_one_works(
    service_with: Callable[[str, Fault], Service], at: str, fault: Fault
) -> None:
    service = service_with(at, fault)
    # The first page comes, and the next one not yet.
    service.scanner.pulls = asyncio.Semaphore(1)
    scanning = asyncio.create_task(service.scan())
    if fault is Fault.HANGS and at in ("describe", "begin", "next"):
        await until(lambda: service.scanner.met)
    else:
        await until(lambda: bool(service.taken) or scanning.done())
    scanning.cancel()
    outcome = (await within(asyncio.gather(scanning, return_exceptions=True)))[0]
    assert service.scanner.met
    raised = fault in RAISING and at in ("describe", "begin", "next")
    assert isinstance(outcome, (GaopaiError, ValueError) if raised else asyncio.CancelledError)
    service.scanner.release()
    service.scanner.pulls = asyncio.Semaphore(1000)
    await within(service.scan())
    assert service.taken == [1, 2, 3]
