"""A long feed takes no more memory than a short one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server.devices.adapters.sane.finder import SaneScannerFinder
from tests.devices.sane.backend import Faulty
from tests.devices.sane.scanning import FEEDER, only, order
from tests.extent import extent
from tests.patience import PATIENCE

PAGES = extent(70, 120)
SETTLED = extent(30, 50)
"""By then every buffer has been made once."""
PAGE_BYTES = 850 * 1169 * 3
MORE_MIB = 8
"""Of growth in 40 pages of 3 MB: a page kept now and then would be seen, the allocator's moods not."""


def resident_mib(process: int | str) -> float:
    """Memory of a process, shared pages among it."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


@pytest.mark.long
async def test_many_sheets(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(pages=PAGES)
    scanner = await only(finder)
    feed = await scanner.begin(order(FEEDER, resolution=100, area=(0, 0, 215.9, 297)))
    driver = (await asyncio.to_thread(faulty.calls, "set"))[-1].process
    used: dict[int, tuple[float, float]] = {}
    descriptors: dict[int, int] = {}
    for number in range(1, PAGES + 1):
        async with asyncio.timeout(PATIENCE):
            page = await feed.next()
        assert page is not None
        image = await asyncio.to_thread(page.pixels)
        assert image.nbytes == PAGE_BYTES
        del image
        page.discard()
        if number in (SETTLED, PAGES):
            used[number] = resident_mib("self"), resident_mib(driver)
            descriptors[number] = len(list(Path("/proc/self/fd").iterdir()))
    assert await feed.next() is None
    await feed.close()
    for before, after in zip(used[SETTLED], used[PAGES], strict=True):
        assert after - before < MORE_MIB, used
    assert descriptors[PAGES] <= descriptors[SETTLED] + 2
