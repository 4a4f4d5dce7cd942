"""Each sample of a page is where it belongs, whatever the driver's way to send it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from server.devices.adapters.sane.finder import SaneScannerFinder
from server.errors import DeviceFailed, GaopaiError
from tests.devices.sane import pattern
from tests.devices.sane.backend import Faulty
from tests.devices.sane.scanning import AREA, DOTS, FEEDER, WINDOW, only, order, scan


async def test_colour_is_bgr(faulty: Faulty, finder: SaneScannerFinder) -> None:
    outcome = await scan(await only(finder), order())
    assert outcome.error is None
    assert np.array_equal(outcome.pages, [pattern.bgr(1, WINDOW)])


async def test_grey_has_one_channel(faulty: Faulty, finder: SaneScannerFinder) -> None:
    outcome = await scan(await only(finder), order(mode="Gray"))
    assert np.array_equal(outcome.pages, [pattern.grey(1, WINDOW)])


@pytest.mark.parametrize("width", [50.0, 50.9, 48.8, 47.1])
async def test_line_art_is_black_and_white(faulty: Faulty, finder: SaneScannerFinder, width: float) -> None:
    area = (0.0, 0.0, width, 30.0)
    outcome = await scan(await only(finder), order(mode="Lineart", area=area))
    assert np.array_equal(outcome.pages, [pattern.lineart(1, pattern.Window.of(area, DOTS))])


@pytest.mark.parametrize("mode", ["Color", "Gray"])
async def test_sixteen_bits_become_their_upper_eight(
    faulty: Faulty, finder: SaneScannerFinder, mode: str
) -> None:
    faulty.behave(depth=16)
    outcome = await scan(await only(finder), order(mode=mode))
    right = pattern.bgr(1, WINDOW) if mode == "Color" else pattern.grey(1, WINDOW)
    assert np.array_equal(outcome.pages, [right])


async def test_eight_bits_are_chosen_where_there_is_a_choice(
    faulty: Faulty, finder: SaneScannerFinder
) -> None:
    faulty.behave(depth="16|8|1")
    outcome = await scan(await only(finder), order())
    assert np.array_equal(outcome.pages, [pattern.bgr(1, WINDOW)])
    assert "depth=8" in faulty.settings()


async def test_an_area_inside_the_bed(faulty: Faulty, finder: SaneScannerFinder) -> None:
    area = (12.7, 25.4, 76.2, 50.8)
    outcome = await scan(await only(finder), order(area=area, resolution=100))
    assert np.array_equal(outcome.pages, [pattern.bgr(1, pattern.Window.of(area, 100))])


async def test_without_an_area_all_of_the_bed(faulty: Faulty, finder: SaneScannerFinder) -> None:
    outcome = await scan(await only(finder), order(area=None))
    assert np.array_equal(outcome.pages, [pattern.bgr(1, pattern.Window.of((0, 0, 215.9, 297), DOTS))])


async def test_sheets_come_in_their_order(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(pages=5)
    outcome = await scan(await only(finder), order(FEEDER))
    assert outcome.error is None
    assert np.array_equal(outcome.pages, [pattern.bgr(page, WINDOW) for page in range(1, 6)])


async def test_a_second_scan_begins_anew(faulty: Faulty, finder: SaneScannerFinder) -> None:
    scanner = await only(finder)
    first, second = [await scan(scanner, order(FEEDER)) for _ in range(2)]
    assert len(first.pages) == 3
    assert np.array_equal(first.pages, second.pages)


async def test_a_hand_scanner_does_not_announce_its_length(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(announce="none")
    outcome = await scan(await only(finder), order())
    assert np.array_equal(outcome.pages, [pattern.bgr(1, WINDOW)])


async def test_lines_beyond_the_announced_are_kept(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(more=9)
    outcome = await scan(await only(finder), order())
    taller = replace(WINDOW, height=WINDOW.height + 9)
    assert np.array_equal(outcome.pages, [pattern.bgr(1, taller)])


async def test_reads_of_a_few_bytes(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(chunk=7)
    outcome = await scan(await only(finder), order())
    assert np.array_equal(outcome.pages, [pattern.bgr(1, WINDOW)])


async def test_padded_lines_do_not_shear_the_page(faulty: Faulty, finder: SaneScannerFinder) -> None:
    """python-sane drops what does not fill its last line; the rows that are whole are right."""
    faulty.behave(pad=5)
    outcome = await scan(await only(finder), order())
    if outcome.error is None:
        (page,) = outcome.pages
        assert len(page) >= WINDOW.height - 1
        assert np.array_equal(page, pattern.bgr(1, WINDOW)[: len(page)])
    else:
        assert isinstance(outcome.error, DeviceFailed)


@pytest.mark.parametrize("mode", ["Color", "Gray"])
async def test_three_passes_are_right_or_refused(
    faulty: Faulty, finder: SaneScannerFinder, mode: str
) -> None:
    """python-sane destroys such a page, so a garbled one must not get through."""
    faulty.behave(three_pass=1)
    outcome = await scan(await only(finder), order(mode=mode))
    if mode == "Gray":
        assert np.array_equal(outcome.pages, [pattern.grey(1, WINDOW)])
    elif outcome.pages:
        assert np.array_equal(outcome.pages, [pattern.bgr(1, WINDOW)])
    else:
        assert isinstance(outcome.error, GaopaiError)


async def test_sane_own_virtual_scanner(virtual: Path, finder: SaneScannerFinder) -> None:
    scanners = await finder.find()
    assert [scanner.info.id for scanner in scanners] == ["sane:test:0", "sane:test:1"]
    feeder = next(source for source in (await scanners[0].describe()).sources if source.feeder)
    outcome = await scan(scanners[0], order(feeder, mode="Gray", area=(0, 0, 80, 60)))
    assert outcome.error is None
    assert [page.shape for page in outcome.pages] == [(118, 157)] * 10
    assert AREA  # the area above is another one: this driver counts whole millimetres
