"""A long feed through SANE itself that stops at every twentieth page, for another reason each time."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import numpy as np
import pytest

from server.devices.adapters.sane.finder import SaneScannerFinder
from server.devices.ports.scanner import ScanSource
from server.errors import (
    CoverOpen,
    DoubleFeed,
    DriverCrashed,
    GaopaiError,
    PageCutShort,
    PaperJam,
    ScannerAsleep,
    StapleFound,
)
from server.services.scanners.feeds import ResumedFeed, SheetFeed
from tests.devices.sane import pattern
from tests.devices.sane.backend import Faulty
from tests.devices.sane.scanning import FEEDER, WINDOW, only, order
from tests.extent import extent
from tests.patience import PATIENCE

SIDES = extent(120, 1000)
EVERY = 20
FAULTS: tuple[tuple[str, str, type[GaopaiError]], ...] = (
    ("fault=start:{page} jammed", "", PaperJam),
    ("fault=read:{page}:60 jammed", "double-feed", DoubleFeed),
    ("fault=read:{page}:30 eof", "", PageCutShort),
    ("fault=start:{page} cover_open", "", CoverOpen),
    ("fault=start:{page} jammed", "staple-detected", StapleFound),
    ("fault=read:{page}:90 crash", "", DriverCrashed),
    ("fault=read:{page}:10 io_error", "power-save", ScannerAsleep),
)
"""Ways to stop at a page: a line for the backend, a sensor that is on then, and the error."""
DUPLEX = ScanSource("Duplex", True, None)


@pytest.mark.long
@pytest.mark.parametrize("source", [FEEDER, DUPLEX], ids=["one side", "both sides"])
async def test_each_page_of_a_long_feed_comes_once_and_in_order(
    faulty: Faulty, finder: SaneScannerFinder, source: ScanSource
) -> None:
    both = source is DUPLEX
    given = {"keep": 1, "sides": 2 if both else 1, "pages": SIDES, "source": "ADF|Duplex"}
    sensors = [f"sensor={sensor} {{on}}" for _, sensor, _ in FAULTS if sensor]
    kinds = itertools.cycle(FAULTS)
    faulty.behave(*(line.format(on=0) for line in sensors), **given)
    scanner = await only(finder)
    pages = 0
    for at in (*range(EVERY, SIDES + 1, EVERY), 0):
        line, sensor, expected = next(kinds)
        # On only once the fault has come: a sensor of double feeds is asked after each page.
        on = [one.format(on="fault" if at and f"={sensor} " in one else 0) for one in sensors]
        faulty.behave(*([line.format(page=at)] if at else []), *on, **given)
        error: GaopaiError | None = None
        feed = await scanner.begin(replace(order(source), limit_pixels=10**8))
        whole = SheetFeed(feed) if both else feed
        taken = ResumedFeed(whole) if both and pages % 2 else whole
        try:
            async with asyncio.timeout(PATIENCE * 2):
                while (page := await taken.next()) is not None:
                    pages += 1
                    seen = await asyncio.to_thread(page.pixels)
                    assert np.array_equal(seen, pattern.bgr(pages, WINDOW)), pages
                    page.discard()
        except GaopaiError as failed:
            error = failed
        finally:
            await taken.close()
        assert type(error) is (expected if at else type(None)), at
    assert pages == SIDES
