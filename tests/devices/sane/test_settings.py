"""Orders become driver options: within their constraints, in the driver's units, and read back."""

from __future__ import annotations

from typing import Any

import pytest

from server.devices.adapters.sane import faults, wire
from server.devices.adapters.sane.area import UNIT_MM, UNIT_PIXEL, Options, Range, Refused
from server.devices.adapters.sane.settings import apply, describe


class FakeOption:
    """One option, as python-sane shows it."""

    def __init__(self, constraint: Any, value: Any, unit: int = 0, settable: bool = True) -> None:
        self.constraint = constraint
        self.value = value
        self.unit = unit
        self.type = 0 if isinstance(value, bool) else 3
        self.active = True
        self.settable = settable
        self.takes = lambda asked: asked

    def is_active(self) -> bool:
        return self.active

    def is_settable(self) -> bool:
        return self.settable


class FakeDevice:
    """What looks like a ``sane.SaneDev``; `calls` is what was set, in order."""

    def __init__(self, **options: FakeOption) -> None:
        self.__dict__["opt"] = options
        self.__dict__["calls"] = []

    def __getattr__(self, name: str) -> Any:
        return self.opt[name].value

    def __setattr__(self, name: str, value: Any) -> None:
        option = self.opt[name]
        self.calls.append((name, value))
        option.value = option.takes(value)


def corners(
    width: float = 215.9, height: float = 297.0, unit: int = UNIT_MM, step: float = 0.0
) -> dict[str, FakeOption]:
    """Geometry options."""
    return {
        "tl_x": FakeOption((0.0, width, step), 0.0, unit),
        "tl_y": FakeOption((0.0, height, step), 0.0, unit),
        "br_x": FakeOption((0.0, width, step), width, unit),
        "br_y": FakeOption((0.0, height, step), height, unit),
    }


def scanner(**more: FakeOption) -> FakeDevice:
    """A flatbed with a feeder."""
    options = {
        "source": FakeOption(["Flatbed", "ADF"], "Flatbed"),
        "mode": FakeOption(["Lineart", "Gray", "Color"], "Lineart"),
        "depth": FakeOption([1, 8, 16], 8),
        "resolution": FakeOption((50.0, 600.0, 50.0), 50.0),
        **corners(),
    }
    return FakeDevice(**{**options, **more})


def order(**changes: Any) -> wire.ScanCommand:
    values: dict[str, Any] = {
        "device": "x",
        "sheetfed": False,
        "source": "Flatbed",
        "mode": "Color",
        "resolution": 300,
        "area": wire.Rectangle(0, 0, 210, 297),
        "limit_pixels": 10**8,
        "options": {},
    }
    return wire.ScanCommand(**{**values, **changes})


def refusal(device: FakeDevice, **changes: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        apply(Options(device), order(**changes))
    return caught.value.fault, caught.value.detail


def test_an_order_is_set_source_first_and_area_last() -> None:
    device = scanner()
    apply(Options(device), order())
    names = [name for name, _ in device.calls]
    assert names.index("source") < names.index("mode") < names.index("resolution") < names.index("br_x")
    assert (device.mode, device.resolution, device.br_x, device.br_y) == ("Color", 300, 210, 297)


def test_no_area_is_all_of_the_bed() -> None:
    device = scanner()
    device.opt["br_x"].value = 10.0
    apply(Options(device), order(area=None))
    assert (device.tl_x, device.br_x, device.br_y) == (0, 215.9, 297)


def test_what_is_left_to_the_driver_is_not_set() -> None:
    device = scanner()
    apply(Options(device), order(mode=None, resolution=None))
    assert {"mode", "resolution"}.isdisjoint(name for name, _ in device.calls)


@pytest.mark.parametrize(("name", "value"), [("mode", "Sepia"), ("source", "Tray"), ("resolution", 325)])
def test_a_value_outside_its_constraint_never_reaches_the_driver(name: str, value: object) -> None:
    device = scanner()
    fault, _ = refusal(device, **{name: value})
    assert fault == faults.NO_OPTION
    assert (name, value) not in device.calls


def test_a_value_the_driver_changed_is_noticed() -> None:
    device = scanner()
    device.opt["resolution"].takes = lambda _: 150.0
    assert refusal(device) == (faults.NOT_TAKEN, "resolution")
    device = scanner()
    device.opt["br_x"].takes = lambda asked: min(asked, 100.0)
    assert refusal(device) == (faults.NOT_TAKEN, "br_x")


def test_motor_steps_are_no_change() -> None:
    device = scanner(**corners(step=0.5))
    device.opt["br_y"].takes = lambda asked: asked - 0.4
    apply(Options(device), order(area=wire.Rectangle(0, 0, 105.2, 148.3)))
    assert device.br_x in (105.0, 105.5)


def test_a_paper_beyond_the_bed_is_refused_with_both_sizes() -> None:
    assert refusal(scanner(), area=wire.Rectangle(0, 0, 297, 420)) == (
        faults.PAPER,
        "297 x 420 mm;216 x 297 mm",
    )
    apply(Options(scanner(**corners(height=295.5))), order())


def test_geometry_in_pixels_follows_the_resolution() -> None:
    device = scanner(**corners(2550, 3510, UNIT_PIXEL, 1))
    apply(Options(device), order(area=wire.Rectangle(0, 0, 105, 148)))
    assert (device.br_x, device.br_y) == (1240, 1748)


def test_word_lists_take_the_nearest_corner() -> None:
    area = corners()
    area["br_x"] = FakeOption([100.0, 150.0, 215.0], 215.0, UNIT_MM)
    device = scanner(**area)
    apply(Options(device), order(area=wire.Rectangle(0, 0, 150.4, 200)))
    assert device.br_x == 150.0


def test_sheetfed_drivers_are_told_the_paper() -> None:
    pages = {
        "page_width": FakeOption((0.0, 221.0, 0.0), 215.9, UNIT_MM),
        "page_height": FakeOption((0.0, 876.0, 0.0), 279.4, UNIT_MM),
    }
    device = scanner(**pages)
    apply(Options(device), order(area=wire.Rectangle(0, 0, 148, 210)))
    assert (device.page_width, device.page_height) == (148, 210)


@pytest.mark.parametrize(("where", "left"), [("left", 0.0), ("center", 33.95), ("right", 67.9)])
def test_a_feeder_that_centres_paper_is_followed(where: str, left: float) -> None:
    device = scanner(adf_justification_x=FakeOption(None, where, settable=False))
    apply(Options(device), order(area=wire.Rectangle(0, 0, 148, 210)))
    assert device.tl_x == pytest.approx(left) and device.br_x == pytest.approx(left + 148)


def test_eight_bits_are_chosen_where_there_would_be_more() -> None:
    device = scanner()
    device.opt["depth"].value = 16
    apply(Options(device), order())
    assert device.depth == 8


def test_options_of_the_configuration_are_set_and_judged() -> None:
    device = scanner(**{"page_auto_rotate": FakeOption(None, False)})
    apply(Options(device), order(options={"page-auto-rotate": True}))
    assert device.page_auto_rotate is True
    assert refusal(scanner(), options={"no-such": 1}) == (faults.NO_OPTION, "no_such")


def test_everything_offered_is_described() -> None:
    described = describe(Options(scanner()), sheetfed=False)
    assert described.sources == (
        wire.SourceMessage("Flatbed", False, 215.9, 297.0),
        wire.SourceMessage("Simplex", True, 215.9, 297.0),
    )
    assert described.modes == ("Black & White", "Gray", "Color")
    assert described.resolutions == (100, 150, 200, 300, 400, 600)
    assert described.choice_of_source


def test_a_driver_without_options_is_described_as_such() -> None:
    described = describe(Options(FakeDevice()), sheetfed=True)
    assert described == wire.Described((wire.SourceMessage("", True, 0, 0),), False, None, None)
    inactive = scanner()
    for option in inactive.opt.values():
        option.active = False
    assert describe(Options(inactive), sheetfed=False).modes is None


@pytest.mark.parametrize(
    ("constraint", "offered"),
    [
        ([100, 300.0, 200], (100, 200, 300)),
        ((1.0, 1200.0, 1.0), (75, 100, 150, 200, 240, 300, 400, 600, 1200)),
        ((90.0, 95.0, 5.0), (90, 95)),
        (None, (75, 100, 150, 200, 240, 300, 400, 600, 1200)),
    ],
)
def test_resolutions_are_the_usual_steps(constraint: Any, offered: tuple[int, ...]) -> None:
    device = scanner(resolution=FakeOption(constraint, 100))
    assert describe(Options(device), sheetfed=False).resolutions == offered


def test_separate_directions_are_set_alike() -> None:
    device = FakeDevice(
        x_resolution=FakeOption([100, 300], 100), y_resolution=FakeOption([100, 300], 100), **corners()
    )
    apply(Options(device), order(source="", mode=None))
    assert (device.x_resolution, device.y_resolution) == (300, 300)


@pytest.mark.parametrize("name", ["adf_mode", "duplex"])
def test_both_sides_by_an_option_of_their_own_are_a_source(name: str) -> None:
    words = ["Simplex", "Duplex"] if name == "adf_mode" else None
    device = scanner(**{name: FakeOption(words, "Simplex" if words else False)})
    described = describe(Options(device), sheetfed=False)
    assert [source.name for source in described.sources] == ["Flatbed", "Simplex", "Duplex"]
    apply(Options(device), order(source="Duplex"))
    assert (device.source, getattr(device, name)) == ("ADF", "Duplex" if words else True)
    apply(Options(device), order(source="ADF"))
    assert getattr(device, name) == ("Simplex" if words else False)


def test_a_range_with_steps_holds_only_these() -> None:
    steps = Range(1.0, 10.0, 2.0)
    assert [value for value in range(12) if steps.holds(value)] == [1, 3, 5, 7, 9]
    assert steps.nearest(9.9) == 9.0 and steps.nearest(10.5) == 9.0 and steps.nearest(-3) == 1.0
