"""Everything that we can make go wrong, and that the next scan works."""

from __future__ import annotations

import asyncio
import os

import numpy as np
import pytest

from server.devices.adapters.sane.finder import SaneScannerFinder
from server.errors import (
    CoverOpen,
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DevicePermission,
    DeviceTimeout,
    DriverCrashed,
    FeederEmpty,
    GaopaiError,
    PageCutShort,
    PaperJam,
    PictureTooLarge,
)
from tests.devices.sane import pattern
from tests.devices.sane.backend import Faulty
from tests.devices.sane.scanning import FEEDER, WINDOW, Outcome, only, order, scan
from tests.patience import PATIENCE

PROMPT = {
    "jammed": PaperJam,
    "cover_open": CoverOpen,
    "busy": DeviceBusy,
    "denied": DevicePermission,
    "io_error": DeviceFailed,
    "inval": DeviceFailed,
    "no_mem": DeviceFailed,
    "unsupported": DeviceFailed,
    "cancelled": DeviceFailed,
    "13": DeviceFailed,
    "14": DeviceFailed,
}


def assert_pages(outcome: Outcome, count: int) -> None:
    """So many pages came, each complete and right."""
    assert len(outcome.pages) == count
    for number, page in enumerate(outcome.pages, 1):
        assert np.array_equal(page, pattern.bgr(number, WINDOW))


async def works_again(faulty: Faulty, finder: SaneScannerFinder, **settings: object) -> None:
    """The fault is over: a whole feed comes, without anything being started anew by hand."""
    faulty.behave(**settings)
    outcome = await scan(await only(finder), order(FEEDER))
    assert outcome.error is None
    assert_pages(outcome, 3)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("status", "error"), PROMPT.items())
async def test_statuses_of_the_second_sheet(
    faulty: Faulty, finder: SaneScannerFinder, status: str, error: type[GaopaiError]
) -> None:
    scanner = await only(finder)
    faulty.behave(f"fault=start:2 {status}")
    outcome = await scan(scanner, order(FEEDER))
    assert type(outcome.error) is error
    assert_pages(outcome, 1)
    faulty.behave()
    assert_pages(await scan(scanner, order(FEEDER)), 3)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("status", "error"), PROMPT.items())
async def test_statuses_in_the_middle_of_a_page(
    faulty: Faulty, finder: SaneScannerFinder, status: str, error: type[GaopaiError]
) -> None:
    faulty.behave(f"fault=read:2:60 {status}")
    outcome = await scan(await only(finder), order(FEEDER))
    assert type(outcome.error) is error
    assert_pages(outcome, 1)


@pytest.mark.parametrize(("status", "error"), [("busy", DeviceBusy), ("denied", DevicePermission)])
async def test_a_scanner_that_cannot_be_opened(
    faulty: Faulty, finder: SaneScannerFinder, status: str, error: type[GaopaiError]
) -> None:
    scanner = await only(finder)
    faulty.behave(f"fault=open {status}")
    with pytest.raises(error):
        await scanner.describe()
    assert type((await scan(scanner, order())).error) is error
    await works_again(faulty, finder)


async def test_an_empty_feeder(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(pages=0)
    outcome = await scan(await only(finder), order(FEEDER))
    assert isinstance(outcome.error, FeederEmpty)
    assert outcome.pages == []


@pytest.mark.parametrize("kind", ["eof", "half"])
@pytest.mark.parametrize("page", [1, 3])
async def test_a_page_cut_short_is_not_kept(
    faulty: Faulty, finder: SaneScannerFinder, page: int, kind: str
) -> None:
    faulty.behave(f"fault=read:{page}:{WINDOW.height - 1} {kind}")
    outcome = await scan(await only(finder), order(FEEDER))
    assert isinstance(outcome.error, PageCutShort)
    assert_pages(outcome, page - 1)
    await works_again(faulty, finder)


async def test_a_page_without_lines(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave("fault=read:1:0 eof", announce="none")
    assert isinstance((await scan(await only(finder), order())).error, PageCutShort)


@pytest.mark.parametrize("cancel", ["cancelled", "eof"])
async def test_a_page_that_does_not_end(faulty: Faulty, finder: SaneScannerFinder, cancel: str) -> None:
    faulty.behave(endless=1, announce="none", cancel=cancel)
    outcome = await scan(await only(finder), order(limit_pixels=500_000))
    assert isinstance(outcome.error, PictureTooLarge)
    await works_again(faulty, finder)


async def test_a_page_too_large_does_not_start_the_motor(faulty: Faulty, finder: SaneScannerFinder) -> None:
    outcome = await scan(await only(finder), order(limit_pixels=WINDOW.width * WINDOW.height - 1))
    assert isinstance(outcome.error, PictureTooLarge)
    assert faulty.count("read") == 0


async def test_the_plug_is_pulled_in_the_middle_of_a_page(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(slow=500)
    scanner = await only(finder)
    feed = await scanner.begin(order(FEEDER))
    assert await feed.next() is not None
    faulty.behave(unplug=1)
    with pytest.raises(DeviceGone):
        async with asyncio.timeout(PATIENCE):
            while await feed.next() is not None:
                pass
    await feed.close()
    assert await finder.find() == []
    assert isinstance((await scan(scanner, order())).error, DeviceGone)
    await works_again(faulty, finder)


# Drivers that crash and hang -------------------------------------------------------------------------

PLACES = {"open": 0, "set": 0, "start:1": 0, "start:3": 2, "read:2:60": 1}
"""Where it happens, and how many pages are complete by then."""


@pytest.mark.parametrize(("place", "pages"), PLACES.items())
async def test_a_driver_that_crashes(
    faulty: Faulty, finder: SaneScannerFinder, place: str, pages: int
) -> None:
    scanner = await only(finder)
    faulty.behave(f"fault={place} crash")
    outcome = await scan(scanner, order(FEEDER))
    assert isinstance(outcome.error, DriverCrashed)
    assert_pages(outcome, pages)
    faulty.behave()
    assert_pages(await scan(scanner, order(FEEDER)), 3)


@pytest.mark.parametrize(("place", "pages"), PLACES.items())
async def test_a_driver_that_hangs(faulty: Faulty, hasty: SaneScannerFinder, place: str, pages: int) -> None:
    scanner = await only(hasty)
    faulty.behave(f"fault={place} hang")
    outcome = await scan(scanner, order(FEEDER))
    assert isinstance(outcome.error, DeviceTimeout)
    assert_pages(outcome, pages)
    faulty.behave()
    assert_pages(await scan(scanner, order(FEEDER)), 3)


@pytest.mark.parametrize("kind", ["hang", "crash"])
async def test_a_driver_that_fails_when_all_is_done(
    faulty: Faulty, hasty: SaneScannerFinder, kind: str
) -> None:
    """Closing is its last work, and nobody's loss but its own."""
    scanner = await only(hasty)
    faulty.behave(f"fault=close {kind}")
    outcome = await scan(scanner, order(FEEDER))
    assert outcome.error is None
    assert_pages(outcome, 3)
    faulty.behave()
    assert_pages(await scan(scanner, order(FEEDER)), 3)


async def test_a_driver_that_reads_nothing_for_ever(faulty: Faulty, hasty: SaneScannerFinder) -> None:
    faulty.behave("fault=read:2:60 spin")
    outcome = await scan(await only(hasty), order(FEEDER))
    assert isinstance(outcome.error, DeviceTimeout)
    assert_pages(outcome, 1)
    await works_again(faulty, hasty)


@pytest.mark.parametrize("kind", ["hang", "crash", "io_error"])
async def test_a_driver_that_cannot_list(
    faulty: Faulty, hasty: SaneScannerFinder, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    faulty.behave(f"fault=list {kind}")
    with monkeypatch.context() as patch:
        patch.setattr(hasty, "_patience", 3.0)
        async with asyncio.timeout(PATIENCE):
            assert await hasty.find() == []
    await works_again(faulty, hasty)


async def test_a_name_that_is_not_utf8_hides_no_other_scanner(
    faulty: Faulty, finder: SaneScannerFinder
) -> None:
    faulty.write(b"devices=2\n1:vendor=\xd6\xd0\xb9\xfa\n")
    names = {scanner.info.id: scanner.info.name for scanner in await finder.find()}
    assert names == {"sane:faulty:dev0": "Gaopai Faulty", "sane:faulty:dev1": "中国 Faulty"}


async def test_a_slow_scanner_does_not_hang(faulty: Faulty, hasty: SaneScannerFinder) -> None:
    """The page takes longer than the silence after which a driver is given up."""
    faulty.behave(slow=4_000_000 // WINDOW.height, pages=1)
    outcome = await scan(await only(hasty), order(FEEDER))
    assert outcome.error is None
    assert_pages(outcome, 1)


async def test_a_process_that_crashed_leaves_no_zombie(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave("fault=start:1 crash")
    await scan(await only(finder), order(FEEDER))
    (crash,) = faulty.calls("start")
    with pytest.raises(ProcessLookupError):
        os.kill(crash.process, 0)


async def test_a_machine_without_libsane_is_told_and_starts_no_driver(
    finder: SaneScannerFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfound(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr("server.devices.adapters.sane.finder.find_spec", lambda name: name)
    monkeypatch.setattr("server.devices.adapters.sane.finder.ctypes.CDLL", unfound)
    lacking = finder.missing()
    assert lacking is not None and "libsane1 is not installed" in str(lacking)
    monkeypatch.setattr(finder, "_list", lambda: pytest.fail("a driver was started"))
    assert await finder.find() == ()
