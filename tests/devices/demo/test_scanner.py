"""The demo scanner obeys the scanner port."""

from __future__ import annotations

import asyncio
import select
import threading

import numpy as np
import pytest

from imgcore.types import Image
from server.devices.adapters.demo import DemoScannerFinder, scanner
from server.devices.adapters.demo import scanner as scanner_finder
from server.devices.ports.scanner import (
    Area,
    Bed,
    ScannedRows,
    Scanner,
    ScannerFinder,
    ScanParameters,
    ScanSource,
)
from server.errors import (
    DeviceBusy,
    DeviceFailed,
    GaopaiError,
    ModeNotSupported,
    PaperTooLarge,
    PictureTooLarge,
)
from server.runtime.background import failures
from synthetic.scene.scanner import SampleSheets
from tests.devices.demo.scanning import A4, DUPLEX, FEEDER, GLASS, order, rest, scan, until_left
from tests.patience import PATIENCE

# listing and describing ----------------------------------------------------------------


async def test_is_a_scanner_finder(finder: DemoScannerFinder) -> None:
    port: ScannerFinder = finder
    working, failing = await port.find()
    assert (working.info.id, working.info.name) == ("demo:scanner", "Demo Scanner")
    assert failing.info.name == "Demo Scanner (faulty)"
    abilities = await working.describe()
    assert [(it.name, it.feeder) for it in abilities.sources] == [
        ("Flatbed", False),
        ("ADF", True),
        ("ADF Duplex", True),
    ]
    assert [it.bed for it in abilities.sources] == [Bed(216, 297), Bed(216, 356), Bed(216, 356)]
    assert abilities.modes == ("Color", "Gray", "Lineart")
    assert abilities.resolutions == (75, 100, 150, 200, 300, 600)


async def test_the_faulty_one_is_listed_only_when_asked_for() -> None:
    finder = DemoScannerFinder(name="Window 3")
    assert [it.info.name for it in await finder.find()] == ["Window 3"]
    await finder.close()


async def test_plugging_is_noticed(finder: DemoScannerFinder) -> None:
    fd = finder.change_fd()
    assert fd is not None and not finder.acknowledge_change()
    finder.faults.disconnect()
    assert select.select([fd], [], [], 0)[0] and finder.acknowledge_change()
    assert [it.info.id for it in await finder.find()] == ["demo:scanner-faulty"]
    finder.faults.connect()
    assert finder.acknowledge_change() and not finder.acknowledge_change()
    assert len(await finder.find()) == 2


# pages ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "shape"),
    [
        (order(FEEDER, "Color", 150), (1754, 1240, 3)),
        (order(FEEDER, "Gray", 100), (1169, 827)),
        (order(FEEDER, "Lineart", 200), (2339, 1654)),
        (order(FEEDER, "Gray", 75, None), (1051, 638)),
        (order(GLASS, "Color", 75, None), (877, 638, 3)),
        (order(GLASS, "Color", 600, Area(20, 30, 40, 25.4)), (600, 945, 3)),
    ],
)
async def test_pages_have_the_size_of_the_order(
    device: Scanner, what: ScanParameters, shape: tuple[int, ...]
) -> None:
    feed = await device.begin(what)
    page = await feed.next()
    assert page is not None and page.dots == what.resolution
    picture = await asyncio.to_thread(page.pixels)
    assert picture.shape == shape and picture.dtype == np.uint8 and picture.flags.c_contiguous
    await feed.close()


async def test_what_the_order_leaves_open_is_chosen(device: Scanner) -> None:
    feed = await device.begin(order(GLASS, None, None))
    page = await feed.next()
    assert page is not None and page.dots == 200
    assert (await asyncio.to_thread(page.pixels)).shape == (2339, 1654, 3)
    await feed.close()


async def test_line_art_is_black_and_white(device: Scanner) -> None:
    (picture,) = await scan(device, order(GLASS, "Lineart", 150))
    assert np.unique(picture).tolist() == [0, 255]


@pytest.mark.long
async def test_an_area_is_that_part_of_the_bed(device: Scanner, finder: DemoScannerFinder) -> None:
    whole = (await scan(device, order(FEEDER, "Gray", 100, None)))[0].astype(float)
    finder.faults.load()
    part = (await scan(device, order(FEEDER, "Gray", 100, Area(25.4, 50.8, 101.6, 76.2))))[0].astype(float)
    assert part.shape == (300, 400)
    assert np.abs(part - whole[200:500, 100:500]).mean() < 4  # noise
    assert np.abs(part - whole[203:503, 100:500]).mean() > 6


@pytest.mark.long
async def test_same_seed_same_pages() -> None:
    finders = [DemoScannerFinder(seed) for seed in (3, 3, 4)]
    first, second, other = [(await scan((await it.find())[0], order(GLASS)))[0] for it in finders]
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)
    for finder in finders:
        await finder.close()


async def test_the_glass_gives_one_page_and_another_the_next_time(device: Scanner) -> None:
    pages = [await scan(device, order(GLASS)) for _ in range(3)]
    assert [len(each) for each in pages] == [1, 1, 1]
    a, b, c = (each[0].astype(float) for each in pages)
    assert min(np.abs(x - y).mean() for x, y in ((a, b), (b, c), (a, c))) > 5


async def test_the_feeder_runs_empty_and_is_filled_again(device: Scanner, finder: DemoScannerFinder) -> None:
    assert len(await scan(device, order())) == 5
    assert finder.faults.sheets == 0
    assert len(await scan(device, order())) == 5
    finder.faults.load(2)
    assert len(await scan(device, order())) == 2


async def test_sheets_differ_and_a_new_stack_is_the_same(device: Scanner) -> None:
    first = await scan(device, order())
    second = await scan(device, order())
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert len({picture.tobytes() for picture in first}) == 5


@pytest.mark.long
async def test_duplex_gives_both_sides_of_a_sheet(device: Scanner, finder: DemoScannerFinder) -> None:
    finder.faults.load(2)
    sides = await scan(device, order(DUPLEX))
    finder.faults.load(2)
    fronts = await scan(device, order(FEEDER))
    assert len(sides) == 4
    assert np.array_equal(sides[0], fronts[0]) and np.array_equal(sides[2], fronts[1])
    assert not np.array_equal(sides[1], sides[0])


# orders --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "error"),
    [
        (order(GLASS, area=Area(0, 0, 216, 356)), PaperTooLarge),
        (order(FEEDER, area=Area(10, 0, 210, 297)), PaperTooLarge),
        (order(FEEDER, area=Area(-1, 0, 100, 100)), PaperTooLarge),
        (order(FEEDER, mode="Sepia"), ModeNotSupported),
        (order(FEEDER, resolution=1200), ModeNotSupported),
        (order(ScanSource("Tray 2", True, None)), ModeNotSupported),
        (ScanParameters(FEEDER, "Gray", 600, A4, 34_000_000), PictureTooLarge),
    ],
)
async def test_an_order_that_cannot_be_done_moves_nothing(
    device: Scanner, finder: DemoScannerFinder, what: ScanParameters, error: type[GaopaiError]
) -> None:
    with pytest.raises(error):
        await device.begin(what)
    assert finder.faults.sheets == 5
    assert len(await scan(device, order(GLASS))) == 1


async def test_a_paper_that_is_rounded_up_fits(device: Scanner) -> None:
    assert len(await scan(device, order(GLASS, area=Area(0, 0, 216.4, 297)))) == 1


# the running feed ----------------------------------------------------------------------


async def test_a_slow_reader_halts_the_feeder(device: Scanner, finder: DemoScannerFinder) -> None:
    await scan(device, order())  # all is drawn: without a halt, the sheets would go through at once
    feed = await device.begin(order())
    await until_left(finder, 3)
    await asyncio.sleep(0.5)
    assert finder.faults.sheets == 3
    await feed.next()
    await until_left(finder, 2)
    await asyncio.sleep(0.5)
    assert finder.faults.sheets == 2
    assert len(await rest(feed)) == 4
    await feed.close()


async def test_a_page_comes_when_it_is_complete(device: Scanner, finder: DemoScannerFinder) -> None:
    finder.faults.hang_at = 2
    finder.faults.silence = 3600
    feed = await device.begin(order())
    async with asyncio.timeout(PATIENCE):
        assert await feed.next() is not None
    await feed.close()


@pytest.mark.parametrize("attribute", ["slow", "pace"])
async def test_a_page_takes_its_time(device: Scanner, finder: DemoScannerFinder, attribute: str) -> None:
    if attribute == "slow":
        finder.faults.slow = 3600
    else:
        finder.seconds_per_page = 3600
    feed = await device.begin(order())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await feed.next()
    await feed.close()


async def test_stop_leaves_what_is_complete(device: Scanner, finder: DemoScannerFinder) -> None:
    finder.faults.hang_at = 3
    finder.faults.silence = 3600
    feed = await device.begin(order())
    await until_left(finder, 3)
    async with asyncio.timeout(PATIENCE):
        await feed.stop()
    await feed.stop()
    assert len(await rest(feed)) == 2
    assert await feed.next() is None
    await feed.close()
    finder.faults.hang_at = None
    assert len(await scan(device, order())) == 3  # the others are still in the feeder


@pytest.mark.parametrize("end", ["stop", "close"])
async def test_who_waits_for_a_page_is_told_of_the_end(
    device: Scanner, finder: DemoScannerFinder, end: str
) -> None:
    finder.seconds_per_page = 3600
    feed = await device.begin(order())
    waiting = asyncio.create_task(feed.next())
    await asyncio.sleep(0.05)
    async with asyncio.timeout(PATIENCE):
        await getattr(feed, end)()
        assert await waiting is None
    await feed.close()


async def test_stop_does_not_wait_for_the_drawing(device: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()
    go_on = threading.Event()

    def draws_for_ever(*_: object, **__: object) -> Image:
        begun.set()
        assert go_on.wait(PATIENCE)
        return np.zeros((4, 4), np.uint8)

    monkeypatch.setattr(scanner, "scan_area", draws_for_ever)
    feed = await device.begin(order())
    assert await asyncio.to_thread(begun.wait, PATIENCE)
    async with asyncio.timeout(PATIENCE):
        await feed.stop()
    go_on.set()
    assert await feed.next() is None
    await feed.close()


async def test_cancelling_the_reader_loses_no_page(device: Scanner) -> None:
    feed = await device.begin(order())
    for _ in range(3):
        reader = asyncio.create_task(feed.next())
        await asyncio.sleep(0)  # it waits now, for a page that takes longer
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
    assert len(await rest(feed)) == 5
    await feed.close()


async def test_a_scan_has_the_scanner_to_itself(device: Scanner, finder: DemoScannerFinder) -> None:
    feed = await device.begin(order())
    with pytest.raises(DeviceBusy):
        await device.begin(order(GLASS))
    assert (await device.describe()).modes
    await until_left(finder, 3)
    await feed.close()
    await feed.close()
    assert await feed.next() is None  # the pages that waited are gone
    second = await device.begin(order())
    await feed.close()  # closing the first again must not free the second
    with pytest.raises(DeviceBusy):
        await device.begin(order())
    await second.close()


async def test_nothing_is_left_behind(sheets: SampleSheets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner_finder, "SampleSheets", lambda seed: sheets)
    finder = DemoScannerFinder()
    (device,) = await finder.find()
    await device.begin(order())
    await finder.close()
    await finder.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert finder.change_fd() is None and not finder.acknowledge_change()
    finder.faults.disconnect()  # notifies nobody


async def test_a_discarded_page_holds_no_picture(device: Scanner) -> None:
    feed = await device.begin(order())
    page = await feed.next()
    assert page is not None
    page.discard()
    page.discard()
    with pytest.raises(AssertionError):
        page.pixels()
    await feed.close()


async def test_a_drawing_that_fails_is_the_scanner_s_fault_and_the_next_scan_works(
    device: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> Image:
        raise ValueError

    with monkeypatch.context() as patch:
        patch.setattr(scanner, "scan_area", broken)
        feed = await device.begin(order())
        for _ in range(2):
            with pytest.raises(DeviceFailed):
                await feed.next()
        await feed.close()
    assert [(worker.name, worker.error) for worker in failures()] == [("demo scan", "ValueError")]
    assert len(await scan(device, order())) > 0


async def test_rows_are_shown_while_a_sheet_passes() -> None:
    finder = DemoScannerFinder()
    # It is drawn while it passes, which takes a busy computer more than a second.
    finder.seconds_per_page = 4.0
    (scanner,) = await finder.find()
    seen: list[ScannedRows] = []
    source = (await scanner.describe()).sources[0]
    order = ScanParameters(source, "Gray", 75, None, 10**8, shown=seen.append)
    feed = await scanner.begin(order)
    page = await feed.next()
    assert page is not None
    shown = np.vstack([rows.pixels() for rows in seen])
    assert np.array_equal(shown, page.pixels()[: seen[-1].top + seen[-1].rows])
    assert seen[0].page_lines == len(page.pixels())
    await feed.close()
    await finder.close()
