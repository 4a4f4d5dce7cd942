"""Scanners behind another machine's saned, and driverless ones that speak eSCL."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from imgcore.types import Image
from server.devices.adapters.sane.finder import SaneScannerFinder
from server.devices.adapters.sane.scanner import SaneScanner
from server.devices.ports.scanner import ScanSource
from server.errors import DeviceGone, GaopaiError, PaperJam
from tests.devices.sane.escl import BAR_ROWS, BLUE, RED, EsclScanner
from tests.devices.sane.saned import Saned
from tests.devices.sane.scanning import Outcome, only, order, scan, take
from tests.patience import PATIENCE

A5 = (0.0, 0.0, 148.0, 210.0)


async def sources(scanner: SaneScanner) -> tuple[ScanSource, ScanSource]:
    """The flatbed and the feeder."""
    found = (await scanner.describe()).sources
    return next(one for one in found if not one.feeder), next(one for one in found if one.feeder)


async def test_a_scanner_of_another_machine(saned: Saned, finder: SaneScannerFinder) -> None:
    scanner = (await finder.find())[0]
    assert scanner.info.id == f"sane:net:{saned.address}:test:0"
    flatbed, feeder = await sources(scanner)
    assert (await scan(scanner, order(flatbed, area=(0, 0, 80, 60)))).pages[0].shape == (118, 157, 3)
    outcome = await scan(scanner, order(feeder, mode="Gray", area=(0, 0, 80, 60)))
    assert outcome.error is None
    assert len(outcome.pages) == 10


async def test_the_other_machine_goes_away(saned: Saned, finder: SaneScannerFinder) -> None:
    scanner = (await finder.find())[0]
    await asyncio.to_thread(saned.close)
    assert isinstance((await scan(scanner, order(ScanSource("Flatbed", False, None)))).error, DeviceGone)
    assert await finder.find() == []


# eSCL ------------------------------------------------------------------------------------------------------


def bars(page: Image) -> int:
    """The number of a page: how many black bars it carries."""
    column = page[BAR_ROWS // 2 :: 2 * BAR_ROWS, 8].max(axis=1) < 60
    return int(np.argmin(column))


async def test_a_driverless_flatbed(escl: EsclScanner, finder: SaneScannerFinder) -> None:
    scanner = await only(finder)
    flatbed, _ = await sources(scanner)
    outcome = await scan(scanner, order(flatbed, resolution=100, area=A5))
    assert outcome.error is None
    (page,) = outcome.pages
    assert page.shape == pytest.approx((827, 583, 3), abs=2)
    assert np.abs(page[400, 100].astype(int) - RED).max() < 12
    assert np.abs(page[400, 500].astype(int) - BLUE).max() < 12


async def test_a_driverless_feeder(escl: EsclScanner, finder: SaneScannerFinder) -> None:
    scanner = await only(finder)
    _, feeder = await sources(scanner)
    for _ in range(2):
        outcome = await scan(scanner, order(feeder, resolution=100, area=A5))
        assert outcome.error is None, " ".join(escl.requests)
        assert [bars(page) for page in outcome.pages] == [1, 2, 3]


@pytest.mark.parametrize(
    ("failure", "state", "error"),
    [
        ("409", "ScannerAdfJam", PaperJam),
        ("drop", "", GaopaiError),
        ("503", "ScannerAdfJam", PaperJam),
    ],
)
async def test_a_driverless_scanner_fails_at_the_second_sheet(
    escl: EsclScanner, finder: SaneScannerFinder, failure: str, state: str, error: type[GaopaiError]
) -> None:
    scanner = await only(finder)
    _, feeder = await sources(scanner)
    escl.behaviour.fail_page = 2
    escl.behaviour.failure = failure
    escl.behaviour.fail_state = state
    outcome = await scan(scanner, order(feeder, resolution=100, area=A5))
    assert isinstance(outcome.error, error), (len(outcome.pages), " ".join(escl.requests))
    assert [bars(page) for page in outcome.pages] == [1]
    escl.behaviour.fail_page = 0
    again = await scan(scanner, order(feeder, resolution=100, area=A5))
    assert [bars(page) for page in again.pages] == [1, 2, 3]


async def test_a_truncated_picture_is_filled_up_by_the_driver(
    escl: EsclScanner, finder: SaneScannerFinder
) -> None:
    """A limit of sane-airscan: it makes grey what is missing, of the announced size, and nothing tells."""
    scanner = await only(finder)
    _, feeder = await sources(scanner)
    escl.behaviour.fail_page = 2
    escl.behaviour.failure = "truncate"
    outcome = await scan(scanner, order(feeder, resolution=100, area=A5))
    assert outcome.error is None
    assert outcome.pages[1].shape == outcome.pages[0].shape
    assert np.ptp(outcome.pages[1][700], axis=-1).max() == 0
    assert np.ptp(outcome.pages[0][700, :500], axis=-1).min() > 100


async def test_a_driverless_scanner_that_is_busy_for_a_moment(
    escl: EsclScanner, finder: SaneScannerFinder
) -> None:
    scanner = await only(finder)
    flatbed, _ = await sources(scanner)
    escl.behaviour.busy = 1
    outcome = await scan(scanner, order(flatbed, resolution=100, area=A5))
    assert outcome.error is None or isinstance(outcome.error, GaopaiError)
    assert len(outcome.pages) == (outcome.error is None)


async def test_stopping_a_driverless_scanner_that_stalls(
    escl: EsclScanner, finder: SaneScannerFinder
) -> None:
    scanner = await only(finder)
    _, feeder = await sources(scanner)
    escl.behaviour.fail_page = 2
    escl.behaviour.failure = "stall"
    feed = await scanner.begin(order(feeder, resolution=100, area=A5))
    first = await feed.next()
    assert first is not None
    first.discard()
    await feed.stop()
    outcome = Outcome()
    async with asyncio.timeout(PATIENCE):
        await take(feed, outcome)
        await feed.close()
    assert outcome.pages == []
