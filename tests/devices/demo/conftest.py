"""The demo scanner, without the waiting and drawn once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from blockbuster import BlockBuster, blockbuster_ctx

from server.devices.adapters.demo import DemoScannerFinder
from server.devices.adapters.demo import scanner as scanner_finder
from server.devices.ports.scanner import Scanner
from synthetic.scene.scanner import SampleSheets


@pytest.fixture(scope="session")
def sheets() -> SampleSheets:
    return SampleSheets(1)


@pytest.fixture
def never_blocks() -> Iterator[BlockBuster]:
    """Any blocking call in the event loop fails the test."""
    with blockbuster_ctx("server") as guard:
        yield guard


@pytest.fixture
async def finder(
    sheets: SampleSheets, never_blocks: BlockBuster, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[DemoScannerFinder]:
    # Papers are the same for each test: they need not be drawn again.
    monkeypatch.setattr(scanner_finder, "SampleSheets", lambda seed: sheets)
    finder = DemoScannerFinder(faulty=True)
    finder.seconds_per_page = 0.0
    yield finder
    await finder.close()


@pytest.fixture
async def device(finder: DemoScannerFinder) -> Scanner:
    return (await finder.find())[0]
