"""A scan can be ended at any time, and gives the scanner back."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import numpy as np
import pytest

from server.children.channel import Channel
from server.devices.adapters.sane import wire
from server.devices.adapters.sane.finder import SaneScannerFinder
from server.devices.ports.scanner import ScannedPage
from server.errors import DeviceBusy
from tests.devices.sane import pattern
from tests.devices.sane.backend import Faulty
from tests.devices.sane.conftest import Configure
from tests.devices.sane.scanning import FEEDER, WINDOW, Outcome, only, order, scan, take
from tests.patience import PATIENCE

MINUTES = 1_000_000
"""Microseconds a line with which a page takes two minutes."""


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what a driver does in its process."""
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.02)


def reading(faulty: Faulty, page: int) -> Callable[[], bool]:
    """Whether the page's first line was read."""
    return lambda: any(call.detail == f"{page}:1" for call in faulty.calls("read"))


def gone(process: int) -> bool:
    """Whether the process has ended and was waited for."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("announce", ["", "none"])
@pytest.mark.parametrize("cancel", ["cancelled", "eof", "ignore"])
async def test_stopping_in_the_middle_of_a_page(
    faulty: Faulty, finder: SaneScannerFinder, cancel: str, announce: str
) -> None:
    """The sheet before was delivered; of this one nothing is, though drivers may send what they have."""
    known = {"announce": announce} if announce else {}
    scanner = await only(finder)
    faulty.behave("fault=read:2:20 spin", cancel=cancel, **known)
    feed = await scanner.begin(order(FEEDER))
    outcome = Outcome()
    first = await feed.next()
    assert first is not None
    first.discard()
    await until(reading(faulty, 2))
    await feed.stop()
    async with asyncio.timeout(PATIENCE):
        await take(feed, outcome)
        await feed.close()
    assert (outcome.pages, outcome.error) == ([], None)
    assert faulty.count("cancel") >= 1
    faulty.behave()
    assert len((await scan(scanner, order(FEEDER))).pages) == 3


async def test_a_stop_reaches_a_driver_that_reads(faulty: Faulty, finder: SaneScannerFinder) -> None:
    """A driver that listens is cancelled and closes the device by itself; its process lives on."""
    faulty.behave(slow=20_000)
    scanner = await only(finder)
    feed = await scanner.begin(order(FEEDER))
    pending = asyncio.ensure_future(feed.next())
    await until(reading(faulty, 1))
    await feed.stop()
    async with asyncio.timeout(PATIENCE):
        assert await pending is None
        await feed.close()
    (process,) = {call.process for call in faulty.calls("start")}
    await until(lambda: faulty.count("close", where=lambda call: call.process == process) == 1)
    assert not gone(process)


@pytest.mark.parametrize(("place", "last"), [("cancel", "1:1"), ("read:1:20", "hang")])
async def test_stopping_a_driver_that_hangs(
    faulty: Faulty, finder: SaneScannerFinder, place: str, last: str
) -> None:
    """It does not even take a cancel, or does nothing about it: its process is ended."""
    faulty.behave(f"fault={place} hang", slow=10_000)
    scanner = await only(finder)
    feed = await scanner.begin(order(FEEDER))
    pending = asyncio.ensure_future(feed.next())
    await until(lambda: faulty.calls("read")[-1:] and faulty.calls("read")[-1].detail == last)
    await feed.stop()
    async with asyncio.timeout(PATIENCE):
        assert await pending is None
        await feed.close()
    (process,) = {call.process for call in faulty.calls("start")}
    assert gone(process)
    faulty.behave()
    assert len((await scan(scanner, order(FEEDER))).pages) == 3


async def test_stopping_before_the_first_page(faulty: Faulty, finder: SaneScannerFinder) -> None:
    feed = await (await only(finder)).begin(order(FEEDER))
    await feed.stop()
    async with asyncio.timeout(PATIENCE):
        assert await feed.next() is None
        await feed.close()
        await feed.close()
    await until(lambda: faulty.count("close") >= 1)


async def test_closing_without_reading(faulty: Faulty, finder: SaneScannerFinder) -> None:
    scanner = await only(finder)
    feed = await scanner.begin(order(FEEDER))
    async with asyncio.timeout(PATIENCE):
        await feed.close()
        assert await feed.next() is None
    assert len((await scan(scanner, order(FEEDER))).pages) == 3


async def test_a_cancelled_task_gives_the_scanner_back(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(slow=MINUTES)
    scanner = await only(finder)
    task = asyncio.ensure_future(scan(scanner, order(FEEDER)))
    await until(reading(faulty, 1))
    task.cancel()
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(asyncio.CancelledError):
            await task
    faulty.behave()
    assert len((await scan(scanner, order(FEEDER))).pages) == 3


async def test_a_cancelled_start_gives_the_scanner_back(faulty: Faulty, finder: SaneScannerFinder) -> None:
    scanner = await only(finder)
    faulty.behave("fault=open hang")
    task = asyncio.ensure_future(scanner.begin(order(FEEDER)))
    await until(lambda: faulty.count("open") > 0)
    task.cancel()
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(asyncio.CancelledError):
            await task
    (process,) = {call.process for call in faulty.calls("open")}
    await until(lambda: gone(process))
    faulty.behave()
    assert len((await scan(scanner, order(FEEDER))).pages) == 3


async def test_a_slow_reader_halts_the_feeder(faulty: Faulty, finder: SaneScannerFinder) -> None:
    """Sheets are not pulled for a reader that does not take them."""
    faulty.behave(pages=50)
    feed = await (await only(finder)).begin(order(FEEDER))
    pages: list[ScannedPage] = []
    for _ in range(3):
        page = await feed.next()
        assert page is not None
        pages.append(page)
    before = faulty.count("start")
    await settled(lambda: asyncio.to_thread(faulty.count, "start"))
    assert before <= await asyncio.to_thread(faulty.count, "start") <= 6
    for page in pages:
        page.discard()
    await feed.close()


def test_a_stop_just_before_a_sheet_is_started_ends_the_scan(configure: Configure) -> None:
    """The driver is cancelled while it does nothing, and starts the sheet that it is told to start then."""
    worker = pytest.importorskip("server.devices.adapters.sane.worker")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        scanning = worker.ScanWorker(Channel(theirs))
        device = SimpleNamespace(start=scanning._stop)
        scanning._take(wire.PageCredit())
        page = wire.PageMessage(1, 1, 1, 8, 1, dots=100.0, time=0.0), bytearray(1)
        reader = SimpleNamespace(read=lambda _: page, length_known=True)
        scanning._feed(device, reader, 100.0, True, SimpleNamespace(tell_double=False))
        ours.setblocking(False)
        with pytest.raises(BlockingIOError):
            ours.recv(1)


def test_beats_that_nobody_hears_do_not_hold_the_page(configure: Configure) -> None:
    worker = pytest.importorskip("server.devices.adapters.sane.worker")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        for _ in range(10_000):
            worker.ScanWorker(Channel(theirs))._beat()


async def settled(value: Callable[[], Awaitable[int]]) -> None:
    """Wait until a number stays the same for half a second."""
    last = -1
    while (now := await value()) != last:
        last = now
        await asyncio.sleep(0.5)


async def test_a_scanner_in_use_is_busy_for_others(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(slow=MINUTES)
    scanner = await only(finder)
    feed = await scanner.begin(order())
    second = await scan(scanner, order())
    assert isinstance(second.error, DeviceBusy)
    await feed.close()


async def test_two_scanners_scan_at_the_same_time(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(devices=2, slow=2000)
    first, second = await finder.find()
    outcomes = await asyncio.gather(scan(first, order(FEEDER)), scan(second, order(FEEDER)))
    for outcome in outcomes:
        assert outcome.error is None
        assert np.array_equal(outcome.pages, [pattern.bgr(page, WINDOW) for page in (1, 2, 3)])
    assert len({call.process for call in faulty.calls("start")}) == 2


async def test_listing_does_not_disturb_a_scan(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(slow=2000)
    scanner = await only(finder)
    task = asyncio.ensure_future(scan(scanner, order(FEEDER)))
    await until(reading(faulty, 1))
    assert [found.info.id for found in await finder.find()] == ["sane:faulty:dev0"]
    assert len((await task).pages) == 3


async def test_closing_the_adapter_ends_every_process(faulty: Faulty, finder: SaneScannerFinder) -> None:
    scanner = await only(finder)
    await scan(scanner, order(FEEDER))
    await finder.close()
    processes = {call.process for call in faulty.calls()}
    assert len(processes) >= 2
    assert all(gone(process) for process in processes)
