"""Scanners that tell more than an error: double feeds, staples, covers, sleep, dirt, cards, carriers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from server.config import SaneScannerConfig
from server.devices.adapters.sane.finder import SaneScannerFinder
from server.devices.ports.scan_notice import ScanNotice
from server.devices.ports.scanner import Feed, ScanParameters, ScanSource
from server.errors import (
    CoverOpen,
    DeviceFailed,
    DoubleFeed,
    FeederEmpty,
    GaopaiError,
    PageCutShort,
    PaperJam,
    ScannerAsleep,
    StapleFound,
)
from tests.devices.sane.backend import Faulty
from tests.devices.sane.scanning import FEEDER, Outcome, only, order, scan
from tests.patience import PATIENCE

FUJITSU = ("option=df-action Default|Continue|Stop", "option=df-thickness", "sensor=double-feed 0")


async def heard(
    finder: SaneScannerFinder, wanted: ScanParameters | None = None
) -> tuple[Outcome, list[ScanNotice]]:
    """What comes of a scan, and what people were told meanwhile."""
    said: list[ScanNotice] = []
    wanted = replace(wanted or order(FEEDER), noticed=said.append)
    return await scan(await only(finder), wanted), said


@pytest.mark.parametrize(
    ("sensor", "error"),
    [
        ("double-feed", DoubleFeed),
        ("omr-df", DoubleFeed),
        ("staple-detected", StapleFound),
        ("cover-open", CoverOpen),
    ],
)
@pytest.mark.parametrize("status", ["jammed", "io_error"])
async def test_a_sensor_says_why_a_scan_stopped(
    faulty: Faulty, finder: SaneScannerFinder, sensor: str, error: type[GaopaiError], status: str
) -> None:
    # A sensor that tells of double feeds is asked after each page, which is why that page is in the middle.
    faulty.behave(f"fault=read:2:60 {status}", f"sensor={sensor} 0")
    outcome, _ = await heard(finder)
    assert type(outcome.error) is (PaperJam if status == "jammed" else type(outcome.error))
    faulty.behave(f"fault=start:1 {status}", f"sensor={sensor} 1")
    outcome, _ = await heard(finder)
    assert type(outcome.error) is error and outcome.pages == []
    faulty.behave(f"sensor={sensor} 0")
    assert len((await heard(finder))[0].pages) == 3


async def test_a_page_whose_driver_tells_by_its_sensor_alone_is_not_kept(
    faulty: Faulty, finder: SaneScannerFinder
) -> None:
    faulty.behave("sensor=double-feed 1")
    outcome, _ = await heard(finder)
    assert isinstance(outcome.error, DoubleFeed) and outcome.pages == []
    outcome, _ = await heard(finder, replace(order(FEEDER), detect=False))
    assert outcome.error is None and len(outcome.pages) == 3
    # On the glass nothing is drawn in.
    assert (await heard(finder, order()))[0].error is None


@pytest.mark.parametrize(("wanted", "action", "thickness"), [(True, "Stop", 1), (False, "Continue", 0)])
async def test_detection_is_switched_on_where_the_driver_can(
    faulty: Faulty, finder: SaneScannerFinder, wanted: bool, action: str, thickness: int
) -> None:
    faulty.behave(*FUJITSU, "option=stapledetect", "option=double-feed-detection None|Low|High")
    assert (await heard(finder, replace(order(FEEDER), detect=wanted)))[0].error is None
    told = faulty.settings()
    assert f"df-action={action}" in told and f"df-thickness={thickness}" in told
    assert f"stapledetect={thickness}" in told
    assert f"double-feed-detection={'Low' if wanted else 'None'}" in told
    faulty.forget()
    assert (await heard(finder, order()))[0].error is None
    assert not any(one.startswith(("df-", "staple", "double")) for one in faulty.settings())


async def test_what_the_configuration_says_of_detection_comes_last(
    faulty: Faulty, never_blocks: object
) -> None:
    faulty.behave(*FUJITSU)
    own = await asyncio.to_thread(
        SaneScannerFinder,
        [SaneScannerConfig(device="faulty:dev0", options={"df-action": "Default", "df-thickness": False})],
    )
    try:
        assert (await heard(own))[0].error is None
    finally:
        await own.close()
    said = [one for one in faulty.settings() if one.startswith("df-")]
    assert said[-2:] == ["df-action=Default", "df-thickness=0"]


async def test_a_sleeping_scanner_is_woken_and_waited_for(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave("fault=start:1 io_error", "sensor=power-save 1")
    said: list[ScanNotice] = []

    def wake(notice: ScanNotice) -> None:
        said.append(notice)
        asyncio.get_running_loop().run_in_executor(None, faulty.behave, "sensor=power-save 0")

    outcome = await scan(await only(finder), replace(order(FEEDER), noticed=wake))
    assert (outcome.error, len(outcome.pages), said) == (None, 3, [ScanNotice.ASLEEP])


async def test_a_scanner_that_falls_asleep_between_sheets_says_so(
    faulty: Faulty, finder: SaneScannerFinder
) -> None:
    faulty.behave("fault=start:2 io_error", "sensor=power-save 1")
    outcome, said = await heard(finder)
    assert isinstance(outcome.error, ScannerAsleep) and len(outcome.pages) == 1 and said == []


@pytest.mark.parametrize("page", [1, 2])
async def test_a_scanner_that_warms_up_is_waited_for(
    faulty: Faulty, finder: SaneScannerFinder, page: int
) -> None:
    faulty.behave(f"fault=start:{page} 12")
    said: list[ScanNotice] = []

    def warm(notice: ScanNotice) -> None:
        said.append(notice)
        asyncio.get_running_loop().run_in_executor(None, faulty.behave)

    outcome = await scan(await only(finder), replace(order(FEEDER), noticed=warm))
    assert (outcome.error, len(outcome.pages), said) == (None, 3, [ScanNotice.WARMING_UP])


async def test_a_lock_for_transport_is_told_with_what_to_do(
    faulty: Faulty, finder: SaneScannerFinder
) -> None:
    faulty.behave("fault=start:1 13")
    outcome, said = await heard(finder)
    assert said == [ScanNotice.LOCKED]
    assert isinstance(outcome.error, DeviceFailed)
    assert "release the lock" in outcome.error.message("en")


async def test_a_scan_is_stopped_while_the_scanner_warms_up(
    faulty: Faulty, finder: SaneScannerFinder
) -> None:
    faulty.behave("fault=start:1 12")
    feeds: list[Feed] = []

    def stop(_: ScanNotice) -> None:
        stopping.append(asyncio.ensure_future(feeds[0].stop()))

    stopping: list[asyncio.Future[None]] = []
    feeds.append(await (await only(finder)).begin(replace(order(FEEDER), noticed=stop)))
    async with asyncio.timeout(PATIENCE):
        assert await feeds[0].next() is None
        await feeds[0].close()


@pytest.mark.parametrize(
    ("sensor", "notice"),
    [
        ("card-loaded", ScanNotice.CARD_SLOT),
        ("lens-dirty", ScanNotice.LENS_DIRTY),
        ("carrier-sheet", ScanNotice.CARRIER_SHEET),
    ],
)
async def test_what_people_have_to_know_is_told_and_the_scan_goes_on(
    faulty: Faulty, finder: SaneScannerFinder, sensor: str, notice: ScanNotice
) -> None:
    faulty.behave(f"sensor={sensor} 1")
    outcome, said = await heard(finder)
    assert (outcome.error, len(outcome.pages), said) == (None, 3, [notice])
    faulty.behave(f"sensor={sensor} 0")
    assert (await heard(finder))[1] == []


async def test_a_card_that_is_asked_for_is_no_news_and_a_carrier_is_told_of(
    faulty: Faulty, finder: SaneScannerFinder
) -> None:
    faulty.behave("sensor=card-loaded 1", source="ADF Front|ADF Card Front|ADF Carrier Sheet", pages=1)
    assert (await heard(finder, order(ScanSource("ADF Card Front", True, None))))[1] == []
    outcome, said = await heard(finder, order(ScanSource("ADF Carrier Sheet", True, None)))
    assert said == [ScanNotice.CARRIER_SHEET, ScanNotice.CARD_SLOT] and outcome.error is None


async def test_an_empty_feeder_says_that_a_card_is_in_the_slot(
    faulty: Faulty, finder: SaneScannerFinder
) -> None:
    faulty.behave("sensor=card-loaded 1", pages=0)
    outcome, said = await heard(finder)
    assert isinstance(outcome.error, FeederEmpty) and said == [ScanNotice.CARD_SLOT]


async def test_a_scanner_that_finds_the_ends_of_sheets_delivers_shorter_pages(
    faulty: Faulty, finder: SaneScannerFinder
) -> None:
    faulty.behave("option=ald", more=-40)
    outcome, _ = await heard(finder)
    assert isinstance(outcome.error, PageCutShort)
    outcome, _ = await heard(finder, replace(order(FEEDER), sheet_size=True))
    assert outcome.error is None and len(outcome.pages) == 3
    assert [one for one in faulty.settings() if one.startswith("ald")] == ["ald=0", "ald=1"]


async def test_colours_that_a_scanner_drops_out_are_told_and_set(
    faulty: Faulty, finder: SaneScannerFinder
) -> None:
    faulty.behave("option=dropoutcolor Default|Red|Green|Blue")
    scanner = await only(finder)
    assert (await scanner.describe()).dropout == ("red", "green", "blue")
    faulty.forget()
    await heard(finder, replace(order(FEEDER, mode="Gray"), dropout="green"))
    await heard(finder, order(FEEDER, mode="Gray"))
    assert [one for one in faulty.settings() if one.startswith("drop")] == [
        "dropoutcolor=Green",
        "dropoutcolor=Default",
    ]
    faulty.behave()
    assert (await scanner.describe()).dropout == ()
    async with asyncio.timeout(PATIENCE):
        assert (await heard(finder, replace(order(FEEDER), dropout="red")))[0].error is None
