"""Published option lists of scanners: each offers the standard's words, and both sides where it can."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.devices.adapters.sane.area import Options
from server.devices.adapters.sane.finder import SaneScannerFinder
from server.devices.adapters.sane.sensors import DETECTOR_LISTS, DETECTORS
from server.devices.adapters.sane.settings import apply, describe
from tests.devices.sane.backend import Faulty
from tests.devices.sane.scanning import only, scan
from tests.devices.sane.scanning import order as scan_order
from tests.devices.sane.test_settings import FakeDevice, FakeOption, corners, order

LISTS = tomllib.loads((Path(__file__).parent / "option_lists.toml").read_text())["scanner"]
WITH_SOURCES = [one for one in LISTS if "source" in one and "feeder" not in one]
by_model = pytest.mark.parametrize("listed", LISTS, ids=lambda one: one["model"])


class Scanner(FakeDevice):
    """A driver that offers what a list says; options of the feeder are there while it is chosen."""

    def __init__(self, listed: dict[str, Any]) -> None:
        kept = {name: listed[name] for name in ("source", "mode") if name in listed}
        options = {**kept, **listed.get("always", {}), **listed.get("feeder", {})}
        super().__init__(**{name: _option(values) for name, values in options.items()}, **corners())
        self.__dict__["listed"] = listed
        self._follow()

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        self._follow()

    def _follow(self) -> None:
        for name in self.listed.get("feeder", {}):
            self.opt[name].active = self.opt["source"].value != self.listed["glass"]


def _option(values: Any) -> FakeOption:
    return FakeOption(None, False) if values is True else FakeOption(list(values), values[0])


def described(listed: dict[str, Any]) -> Any:
    return describe(Options(Scanner(listed)), bool(listed.get("sheetfed")))


def chosen(listed: dict[str, Any], **changes: Any) -> Scanner:
    """The driver after an order."""
    device = Scanner(listed)
    changes = {"mode": None, "resolution": None, "sheetfed": bool(listed.get("sheetfed")), **changes}
    apply(Options(device), order(**changes))
    return device


def test_thirty_models_of_many_drivers_are_listed() -> None:
    assert len({one["model"] for one in LISTS}) == len(LISTS) >= 30
    assert len(Counter(one["driver"] for one in LISTS)) >= 15


@by_model
def test_the_words_of_the_standard_are_offered(listed: dict[str, Any]) -> None:
    offered = described(listed)
    names = [source.name for source in offered.sources]
    assert names == listed.get("sources", [""])
    assert offered.modes == (tuple(listed["modes"]) if "modes" in listed else None)
    assert len(set(names)) == len(names)


@by_model
def test_both_sides_are_scanned_where_the_scanner_can(listed: dict[str, Any]) -> None:
    names = [source.name for source in described(listed).sources]
    assert ("Duplex" in names) is ("both" in listed)
    if "both" not in listed:
        return
    device = chosen(listed, source="Duplex")
    assert {name: getattr(device, name) for name in listed["both"]} == listed["both"]
    # One side after both: what the last scan left is not kept.
    sides = {name for name in listed["both"] if name != "source"}
    if "Simplex" in names:
        device = chosen(listed, source="Simplex")
        assert all(getattr(device, name) in ("Simplex", False) for name in sides)


@by_model
def test_a_scanner_that_can_tell_double_feeds_says_so(listed: dict[str, Any]) -> None:
    options = {**listed.get("always", {}), **listed.get("feeder", {})}
    detectors = {*DETECTOR_LISTS, *(name for name, _ in DETECTORS)}
    assert described(listed).detects is not detectors.isdisjoint(options)


@by_model
def test_each_mode_sets_the_drivers_own_word(listed: dict[str, Any]) -> None:
    first = listed.get("sources", [""])[0]
    for name, own in zip(listed.get("modes", ()), listed.get("mode", ()), strict=True):
        assert chosen(listed, source=first, mode=name).mode == own
        assert chosen(listed, source=first, mode=own).mode == own, "the driver's own word is taken, too"


def test_a_halftone_that_has_kinds_is_diffused() -> None:
    fujitsu = next(one for one in LISTS if one["model"] == "Fujitsu fi-7260")
    device = chosen(fujitsu, source="Simplex", mode="Error Diffusion")
    assert (device.mode, device.ht_type) == ("Halftone", "Diffusion")


def test_a_source_that_lies_about_its_sides_is_corrected_by_the_option() -> None:
    listed = {
        "source": ["ADF Front", "ADF Back", "ADF Both"], "always": {"ScanMode": ["Simplex", "Duplex"]},
        "mode": ["Color"],
    }  # fmt: skip
    assert [source.name for source in described(listed).sources] == ["Simplex", "ADF Back", "Duplex"]
    device = chosen(listed, source="Duplex")
    assert (device.source, device.ScanMode) == ("ADF Both", "Duplex")
    device = chosen(listed, source="Simplex")
    assert (device.source, device.ScanMode) == ("ADF Front", "Simplex")


@pytest.mark.parametrize(
    ("source", "sources", "mode", "modes"),
    [
        (["Vorlage", "Einzug", "Einzug beidseitig"], ["Flatbed", "Simplex", "Duplex"], "Farbbild", "Color"),
        (["平板", "自动进纸", "自动进纸双面"], ["Flatbed", "Simplex", "Duplex"], "灰度模式", "Gray"),
        (["Tray", "Feeder 2-sided"], ["Tray", "Duplex"], "Bitonal", "Black & White"),
        (["Sheet feeder", "Rear feeder"], ["Simplex", "Rear feeder"], "Colour 48 bit", "Colour 48 bit"),
    ],
)  # fmt: skip
def test_a_driver_that_nobody_has_listed_is_understood_by_its_words(
    source: list[str], sources: list[str], mode: str, modes: str
) -> None:
    offered = described({"source": source, "mode": [mode]})
    assert [one.name for one in offered.sources] == sources
    assert offered.modes == (modes,)


@pytest.mark.parametrize(
    "option",
    [
        {"adf_duplex_direction_matches": True},
        {"double_feed_detection": ["None", "Low", "High"]},
        {"page": ["Front", "Back"]},
        {"eject": ["Off", "On"]},
    ],
)
def test_an_option_that_is_not_about_sides_is_left_alone(option: dict[str, Any]) -> None:
    listed = {"source": ["Flatbed", "ADF"], "mode": ["Color"], "always": option}
    assert [one.name for one in described(listed).sources] == ["Flatbed", "Simplex"]
    device = chosen(listed, source="Simplex")
    # What detects double feeds is set as such.
    assert not {name for name, _ in device.calls} & (set(option) - set(DETECTOR_LISTS))


async def test_the_drivers_words_are_told_beside_the_standards(
    faulty: Faulty, finder: SaneScannerFinder
) -> None:
    faulty.behave(source="Flatbed|ADF", mode="Lineart|Gray|Color", adf_mode="Simplex|Duplex")
    offered = await (await only(finder)).describe()
    assert [source.name for source in offered.sources] == ["Flatbed", "Simplex", "Duplex"]
    assert offered.own == {"Simplex": "ADF", "Duplex": "ADF adf_mode=Duplex", "Black & White": "Lineart"}


@pytest.mark.parametrize("listed", WITH_SOURCES, ids=lambda one: one["model"])
async def test_a_list_is_played_by_a_driver_behind_the_library(
    listed: dict[str, Any], faulty: Faulty, finder: SaneScannerFinder
) -> None:
    mode = {"mode": "|".join(listed["mode"])} if "mode" in listed else {}
    given = [line for key in ("option", "feeder-option") for line in _given(listed, key)]
    faulty.behave(*given, source="|".join(listed["source"]), **mode)
    scanner = await only(finder)
    offered = await scanner.describe()
    assert [source.name for source in offered.sources] == listed["sources"]
    assert "modes" not in listed or offered.modes == tuple(listed["modes"])
    if "both" in listed:
        faulty.forget()
        duplex = next(source for source in offered.sources if source.name == "Duplex")
        assert duplex.duplex
        assert (await scan(scanner, scan_order(duplex, mode=None))).error is None
        wanted = {f"{name.replace('_', '-')}={_told(value)}" for name, value in listed["both"].items()}
        assert wanted <= set(faulty.settings())


def _given(listed: dict[str, Any], key: str) -> Iterator[str]:
    """Yield the lines that give the faulty backend the further options of a list."""
    for name, values in listed.get("always" if key == "option" else "feeder", {}).items():
        choices = "" if values is True else f" {'|'.join(values)}"
        yield f"{key}={name.replace('_', '-')}{choices}"


def _told(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
