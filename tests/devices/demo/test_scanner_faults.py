"""The demo scanner fails as told, and the faulty one as its modes say."""

from __future__ import annotations

import asyncio

import pytest

from server.devices.adapters.demo import DemoScannerFinder, ScannerFaults
from server.devices.adapters.demo import scanner as scanner_finder
from server.devices.ports.scanner import Scanner, ScanSource
from server.errors import (
    CoverOpen,
    DeviceBusy,
    DeviceGone,
    DevicePermission,
    DeviceTimeout,
    DoubleFeed,
    DriverCrashed,
    FeederEmpty,
    GaopaiError,
    ModeNotSupported,
    PageCutShort,
    PaperJam,
    StapleFound,
)
from tests.devices.demo.scanning import DUPLEX, FEEDER, GLASS, order, rest, scan, scan_to_error
from tests.patience import PATIENCE


@pytest.mark.long
@pytest.mark.parametrize(
    ("faults", "source", "pages", "error"),
    [
        (ScannerFaults(jam_after=2), FEEDER, 2, PaperJam),
        (ScannerFaults(jam_after=0), FEEDER, 0, PaperJam),
        (ScannerFaults(jam_after=3), DUPLEX, 3, PaperJam),
        (ScannerFaults(cut_short_at=3), FEEDER, 2, PageCutShort),
        (ScannerFaults(crash_at=2), FEEDER, 1, DriverCrashed),
        (ScannerFaults(crash_at=1), GLASS, 0, DriverCrashed),
        (ScannerFaults(hang_at=4, silence=0.05), FEEDER, 3, DeviceTimeout),
        (ScannerFaults(disconnect_at=3), FEEDER, 2, DeviceGone),
        (ScannerFaults(cover_open=True), FEEDER, 0, CoverOpen),
        (ScannerFaults(empty=True), FEEDER, 0, FeederEmpty),
        (ScannerFaults(empty=True), DUPLEX, 0, FeederEmpty),
        (ScannerFaults(empty=True, cover_open=True, jam_after=0, cut_short_at=1), GLASS, 1, None),
    ],
)
async def test_pages_before_a_fault_are_delivered(
    device: Scanner,
    finder: DemoScannerFinder,
    faults: ScannerFaults,
    source: ScanSource,
    pages: int,
    error: type[GaopaiError] | None,
) -> None:
    finder.faults.copy_from(faults)
    assert await scan_to_error(device, order(source)) == (pages, error)
    finder.faults.copy_from(ScannerFaults())
    finder.faults.connect()
    assert len(await scan(device, order())) == 5


async def test_a_fault_ends_the_feed_for_good(device: Scanner, finder: DemoScannerFinder) -> None:
    finder.faults.crash_at = 1
    feed = await device.begin(order())
    for _ in range(2):
        with pytest.raises(DriverCrashed):
            await feed.next()
    await feed.stop()
    assert await feed.next() is None
    await feed.close()


async def test_jammed_sheets_stay_in_the_feeder(device: Scanner, finder: DemoScannerFinder) -> None:
    finder.faults.jam_after = 2
    await scan_to_error(device, order())
    assert finder.faults.sheets == 3


async def test_the_cover_is_opened_in_mid_scan(device: Scanner, finder: DemoScannerFinder) -> None:
    finder.faults.hang_at = 2
    finder.faults.silence = 3600
    feed = await device.begin(order())
    assert await feed.next() is not None
    finder.faults.cover_open = True
    with pytest.raises(CoverOpen):
        async with asyncio.timeout(PATIENCE):
            await feed.next()
    await feed.close()


async def test_the_plug_is_pulled_in_mid_scan(device: Scanner, finder: DemoScannerFinder) -> None:
    finder.faults.hang_at = 2
    finder.faults.silence = 3600
    feed = await device.begin(order())
    assert await feed.next() is not None
    await asyncio.to_thread(finder.faults.disconnect)
    for _ in range(2):
        with pytest.raises(DeviceGone):
            async with asyncio.timeout(PATIENCE):
                await feed.next()
        finder.faults.connect()  # a feed that lost its device stays dead
    await feed.close()


async def test_denied_busy_and_gone(device: Scanner, finder: DemoScannerFinder) -> None:
    for faults, error in (
        (ScannerFaults(denied=True), DevicePermission),
        (ScannerFaults(busy=True), DeviceBusy),
    ):
        finder.faults.copy_from(faults)
        with pytest.raises(error):
            await device.begin(order())
        with pytest.raises(error):
            await device.describe()
    finder.faults.copy_from(ScannerFaults())
    finder.faults.disconnect()
    with pytest.raises(DeviceGone):
        await device.describe()
    with pytest.raises(DeviceGone):
        await device.begin(order())


# the faulty scanner --------------------------------------------------------------------

SHOWN = {
    "Color": (5, None),
    "Jam at page 3": (2, PaperJam),
    "Cover open": (0, CoverOpen),
    "Feeder empty": (0, FeederEmpty),
    "Page cut short": (1, PageCutShort),
    "Double feed at page 3": (2, DoubleFeed),
    "Staple at page 3": (2, StapleFound),
    "Driver crash": (1, DriverCrashed),
    "Driver hang": (1, DeviceTimeout),
    "Unplugged in mid-scan": (1, DeviceGone),
}


@pytest.fixture
async def failing(finder: DemoScannerFinder, monkeypatch: pytest.MonkeyPatch) -> Scanner:
    monkeypatch.setattr(scanner_finder.FAULT_MODES["Driver hang"], "silence", 0.05)
    monkeypatch.setattr(scanner_finder.FAULT_MODES["Unplugged in mid-scan"], "reconnect_after", 0.3)
    return (await finder.find())[1]


@pytest.mark.long
async def test_each_mode_of_the_faulty_scanner_is_a_fault(
    failing: Scanner, finder: DemoScannerFinder
) -> None:
    abilities = await failing.describe()
    assert abilities.modes == (*SHOWN, "Busy", "No permission")
    for mode, shown in SHOWN.items():
        for _ in range(2):
            assert await scan_to_error(failing, order(abilities.sources[0], mode)) == shown
            await until_listed(finder, 2)
    assert finder.faults.sheets == 5  # the sound scanner knows nothing of it


async def until_listed(finder: DemoScannerFinder, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(await finder.find()) < count:
            await asyncio.sleep(0.02)


async def test_the_faulty_scanner_comes_back_after_it_was_unplugged(
    failing: Scanner, finder: DemoScannerFinder
) -> None:
    await scan_to_error(failing, order(mode="Unplugged in mid-scan"))
    assert [it.info.id for it in await finder.find()] == ["demo:scanner"] and finder.acknowledge_change()
    await until_listed(finder, 2)
    assert finder.acknowledge_change()


@pytest.mark.parametrize(("mode", "error"), [("Busy", DeviceBusy), ("No permission", DevicePermission)])
async def test_a_scan_that_may_not_start_leaves_the_faulty_scanner_usable(
    failing: Scanner, mode: str, error: type[GaopaiError]
) -> None:
    with pytest.raises(error):
        await failing.begin(order(mode=mode))
    assert (await failing.describe()).modes
    assert len(await scan(failing, order(mode=None))) == 5


async def test_asking_twice_does_not_change_the_fault_of_a_running_scan(failing: Scanner) -> None:
    feed = await failing.begin(order(mode="Jam at page 3"))
    with pytest.raises(DeviceBusy):
        await failing.begin(order(mode="Color"))
    with pytest.raises(PaperJam):
        await rest(feed)
    await feed.close()


async def test_the_faulty_scanner_refuses_a_mode_it_does_not_have(failing: Scanner) -> None:
    with pytest.raises(ModeNotSupported):
        await failing.begin(order(mode="Sepia"))
