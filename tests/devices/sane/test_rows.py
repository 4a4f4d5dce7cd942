"""Rows of a page are shown while the driver still delivers it."""

from __future__ import annotations

import asyncio
import ctypes
from dataclasses import replace

import numpy as np
import pytest

from imgcore.types import Image
from server.devices.adapters.sane.finder import SaneScannerFinder
from server.devices.ports.scanner import ScannedRows
from tests.devices.sane import pattern
from tests.devices.sane.backend import Faulty
from tests.devices.sane.scanning import only, order
from tests.patience import PATIENCE

AREA = (0.0, 0.0, 200.0, 280.0)
DOTS = 100
WINDOW = pattern.Window.of(AREA, DOTS)


@pytest.mark.parametrize("mode", ["Color", "Gray", "Lineart"])
@pytest.mark.parametrize("depth", [8, 16])
async def test_rows_come_before_the_page_and_are_its_own(
    faulty: Faulty, finder: SaneScannerFinder, mode: str, depth: int
) -> None:
    faulty.behave(slow=1000, depth=depth)
    seen: list[tuple[int, int, Image]] = []

    def show(rows: ScannedRows) -> None:
        assert (rows.page_width, rows.page_lines) == (WINDOW.width, WINDOW.height)
        seen.append((rows.top, rows.rows, rows.pixels()))

    wanted = replace(order(mode=mode, area=AREA, resolution=DOTS), shown=show)
    feed = await (await only(finder)).begin(wanted)
    async with asyncio.timeout(PATIENCE):
        page = await feed.next()
    assert page is not None
    whole = await asyncio.to_thread(page.pixels)
    page.discard()
    await feed.close()
    assert len(seen) > 1
    assert [top for top, _, _ in seen] == [0, *(top + rows for top, rows, _ in seen[:-1])]
    for top, rows, image in seen:
        assert np.array_equal(image, whole[top : top + rows])


async def test_nothing_is_shown_that_nobody_asked_for(faulty: Faulty, finder: SaneScannerFinder) -> None:
    """A piece of a page would be a message that this feed has nobody for."""
    faulty.behave(slow=1000)
    feed = await (await only(finder)).begin(order(area=AREA, resolution=DOTS))
    driver = feed._driver
    heard = []
    listen = driver.hear

    async def hear(*args: object) -> object:
        message = await listen(*args)
        heard.append(type(message[0]).__name__)
        return message

    driver.hear = hear  # type: ignore[method-assign, assignment]
    async with asyncio.timeout(PATIENCE):
        page = await feed.next()
    assert page is not None
    page.discard()
    await feed.close()
    assert "PageMessage" in heard and "RowsMessage" not in heard


def test_the_handle_is_where_it_is_looked_for(faulty: Faulty) -> None:
    """python-sane offers no way to read a page piece by piece, so libsane is asked by the handle it keeps."""
    import sane

    from server.devices.adapters.sane.reader import handle_of, libsane

    sane.init()
    device = sane.open("faulty:dev0")
    parameters = (ctypes.c_int * 6)()
    ask = libsane().sane_get_parameters
    ask.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    assert ask(handle_of(device), parameters) == 0
    # format, last_frame, bytes_per_line, pixels_per_line, lines, depth
    _, _, (width, lines), depth, stride = device.get_parameters()
    assert tuple(parameters[2:]) == (stride, width, lines, depth)
    device.close()
    assert not handle_of(device), "a closed one has none"
    sane.exit()
