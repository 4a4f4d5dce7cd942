"""What is ordered is set in an order that holds, and read back."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from server.config import SaneScannerConfig
from server.devices.adapters.sane.finder import SaneScannerFinder
from server.devices.ports.scanner import Bed, ScanParameters, ScanSource
from server.errors import DeviceFailed, GaopaiError, PaperTooLarge
from tests.devices.sane import pattern
from tests.devices.sane.backend import Faulty
from tests.devices.sane.scanning import AREA, DOTS, FEEDER, WINDOW, only, order, scan


async def test_the_area_is_set_after_what_resets_it(faulty: Faulty, finder: SaneScannerFinder) -> None:
    outcome = await scan(await only(finder), order(FEEDER, mode="Gray"))
    assert np.array_equal(outcome.pages[0], pattern.grey(1, WINDOW))
    names = [setting.partition("=")[0] for setting in faulty.settings()]
    last = {name: at for at, name in enumerate(names)}
    assert max(last["source"], last["mode"], last["resolution"]) < min(last["br-x"], last["br-y"])


async def test_everything_is_described(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(bed="210x300", feeder_bed="216x360", resolution="100|200|300")
    offered = await (await only(finder)).describe()
    assert [(source.name, source.feeder) for source in offered.sources] == [
        ("Flatbed", False),
        ("Simplex", True),
    ]
    assert [str(source.bed) for source in offered.sources] == ["210 x 300 mm", "216 x 360 mm"]
    assert offered.choice_of_source
    assert offered.modes == ("Black & White", "Gray", "Color")
    assert offered.resolutions == (100, 200, 300)


async def test_nothing_can_be_chosen(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(source="none", mode="none", resolution="none", geometry="none", dpi=50, bed="50x60")
    scanner = await only(finder)
    offered = await scanner.describe()
    assert (offered.choice_of_source, offered.modes, offered.resolutions) == (False, None, None)
    assert offered.sources[0].bed is None
    outcome = await scan(scanner, ScanParameters(offered.sources[0], None, None, None, 1_000_000))
    assert np.array_equal(outcome.pages, [pattern.bgr(1, WINDOW)])


async def test_a_scanner_that_has_a_feeder_only(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(source="none", feeder=1, type="sheetfed scanner", pages=2)
    scanner = await only(finder)
    (source,) = (await scanner.describe()).sources
    assert source.feeder
    assert len((await scan(scanner, order(source))).pages) == 2


@pytest.mark.parametrize("geometry", ["mm", "mm-int", "pixel"])
async def test_areas_in_the_units_of_the_driver(
    faulty: Faulty, finder: SaneScannerFinder, geometry: str
) -> None:
    faulty.behave(geometry=geometry)
    area = (10.0, 20.0, 50.0, 60.0)
    outcome = await scan(await only(finder), order(area=area, resolution=254))
    (page,) = outcome.pages
    assert np.array_equal(page, pattern.bgr(1, pattern.Window.of(area, 254)))


@pytest.mark.parametrize(
    "kind", [{"resolution_fixed": 1}, {"resolution_unit": "none"}, {"resolution": "100|50"}]
)
async def test_resolutions_as_drivers_declare_them(
    faulty: Faulty, finder: SaneScannerFinder, kind: dict[str, object]
) -> None:
    faulty.behave(**kind)
    outcome = await scan(await only(finder), order())
    assert np.array_equal(outcome.pages, [pattern.bgr(1, WINDOW)])


@pytest.mark.parametrize("clamp", ["resolution 40", "br-x 30", "br-y 30"])
async def test_a_driver_that_takes_less_and_says_nothing(
    faulty: Faulty, finder: SaneScannerFinder, clamp: str
) -> None:
    faulty.behave(f"clamp={clamp}", resolution="30..600")
    outcome = await scan(await only(finder), order())
    assert isinstance(outcome.error, DeviceFailed)
    assert faulty.count("start") == 0


async def test_a_paper_larger_than_the_bed(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(feeder_bed="148x210")
    scanner = await only(finder)
    outcome = await scan(scanner, order(FEEDER, area=(0, 0, 210, 297)))
    assert isinstance(outcome.error, PaperTooLarge)
    assert "148 x 210 mm" in str(outcome.error)
    assert faulty.count("start") == 0
    assert (await scan(scanner, order(FEEDER, area=(0, 0, 148, 210)))).error is None


async def test_the_bed_may_be_a_little_short(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(bed="209.5x296.8")
    outcome = await scan(await only(finder), order(area=(0, 0, 210, 297)))
    assert outcome.error is None
    assert outcome.pages[0].shape == (584, 412, 3)


async def test_paper_sizes_of_sheetfed_drivers_are_told(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(page_size=1)
    outcome = await scan(await only(finder), order(FEEDER))
    assert np.array_equal(outcome.pages[0], pattern.bgr(1, WINDOW))
    told = [setting for setting in faulty.settings() if setting.startswith("page-")]
    assert told[-2:] == ["page-width=50.000", "page-height=60.000"]


async def test_both_sides_by_an_option_of_their_own(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(adf_mode="Simplex|Duplex")
    scanner = await only(finder)
    duplex = next(source for source in (await scanner.describe()).sources if "uplex" in source.name)
    assert duplex.feeder
    faulty.forget()
    await scan(scanner, order(duplex))
    assert [setting for setting in faulty.settings() if "adf-mode" in setting][-1] == "adf-mode=Duplex"
    faulty.forget()
    await scan(scanner, order(FEEDER))
    assert [setting for setting in faulty.settings() if "adf-mode" in setting][-1] == "adf-mode=Simplex"


async def test_inactive_options_are_left_alone(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(inactive="tl-x|tl-y|br-x|br-y", bed="50x60")
    scanner = await only(finder)
    assert all(source.bed is None for source in (await scanner.describe()).sources)
    outcome = await scan(scanner, order(area=None))
    assert np.array_equal(outcome.pages, [pattern.bgr(1, WINDOW)])


@pytest.mark.parametrize(
    "wanted",
    [
        order(mode="Sepia"),
        order(resolution=9999),
        order(ScanSource("Nowhere", False, Bed(10, 10))),
    ],
)
async def test_what_the_driver_does_not_have_is_refused(
    faulty: Faulty, finder: SaneScannerFinder, wanted: ScanParameters
) -> None:
    scanner = await only(finder)
    outcome = await scan(scanner, wanted)
    assert isinstance(outcome.error, GaopaiError)
    assert faulty.count("start") == 0
    assert (await scan(scanner, order())).error is None


async def test_configured_options_are_set(faulty: Faulty) -> None:
    entry = SaneScannerConfig(
        device="faulty:dev0", name="Window 3", options={"brightness": 20, "preview": True}
    )
    finder = await asyncio.to_thread(SaneScannerFinder, (entry,))
    scanner = await only(finder)
    assert scanner.info.name == "Window 3"
    assert (await scan(scanner, order())).error is None
    assert {"brightness=20.000", "preview=1"} <= set(faulty.settings())
    await finder.close()


async def test_a_configured_option_that_is_not_there(faulty: Faulty) -> None:
    finder = await asyncio.to_thread(
        SaneScannerFinder, (SaneScannerConfig(device="faulty:dev0", options={"swing": 3}),)
    )
    outcome = await scan(await only(finder), order())
    assert isinstance(outcome.error, DeviceFailed)
    assert "swing" in str(outcome.error)
    await finder.close()


async def test_modes_in_chinese(faulty: Faulty, finder: SaneScannerFinder) -> None:
    faulty.behave(mode="黑白:lineart|灰度:gray|彩色:color")
    scanner = await only(finder)
    modes = (await scanner.describe()).modes
    assert modes == ("Black & White", "Gray", "Color")
    outcome = await scan(scanner, order(mode=modes[1]))
    assert np.array_equal(outcome.pages, [pattern.grey(1, WINDOW)])
    assert "mode=灰度" in faulty.settings()


def test_the_area_of_these_tests_is_in_whole_pixels() -> None:
    assert pattern.Window.of(AREA, DOTS) == pattern.Window(0, 0, 98, 118)
