"""Resolution and the area to scan, in the driver's own units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.devices.adapters.sane import faults, wire


class Refused(Exception):
    """The order cannot be carried out; `fault` and `detail` as in `wire.Failed`."""

    def __init__(self, fault: str, detail: str = "") -> None:
        self.fault = fault
        self.detail = detail
        super().__init__(fault)


@dataclass(frozen=True, slots=True)
class Range:
    """The range of a number; step 0 for anything between."""

    least: float
    most: float
    step: float

    def nearest(self, value: float) -> float:
        """The permitted value next to one inside the range."""
        value = min(max(value, self.least), self.most)
        if self.step <= 0:
            return value
        stepped = self.least + round((value - self.least) / self.step) * self.step
        return stepped if stepped <= self.most + 1e-6 else stepped - self.step

    def holds(self, value: float) -> bool:
        """Return whether the value is permitted, to the precision of SANE's numbers."""
        return self.least - 1e-3 <= value <= self.most + 1e-3 and abs(self.nearest(value) - value) < 1e-3


class Options:
    """The options of one opened device.

    Parameters
    ----------
    device
        A ``sane.SaneDev``, or what looks like one.
    """

    def __init__(self, device: Any) -> None:
        self._device = device

    def names(self) -> tuple[str, ...]:
        """The names of all options, as the library spells them."""
        return tuple(self._device.opt)

    def has(self, name: str) -> bool:
        """Return whether the option is there now and can be set; setting one may bring or remove others."""
        option = self._device.opt.get(name)
        return option is not None and bool(option.is_active()) and bool(option.is_settable())

    def readable(self, name: str) -> bool:
        """Return whether the option is there now and has a value."""
        option = self._device.opt.get(name)
        return option is not None and bool(option.is_active())

    def is_settable(self, name: str) -> bool:
        """Return whether the option can ever be set."""
        return bool(self._device.opt[name].is_settable())

    def is_switch(self, name: str) -> bool:
        """Return whether the option is on or off."""
        return int(self._device.opt[name].type) == TYPE_BOOL

    def get(self, name: str) -> Any:
        """The value the driver has now."""
        return _read(getattr(self._device, name))

    def unit(self, name: str) -> int:
        return int(self._device.opt[name].unit)

    def words(self, name: str) -> tuple[Any, ...] | None:
        """The values that the option may have, where the driver lists them."""
        constraint = self._device.opt[name].constraint
        return tuple(map(_read, constraint)) if isinstance(constraint, list) else None

    def whole(self, name: str) -> bool:
        """Return whether the option takes whole numbers only; the library refuses others."""
        constraint = self._device.opt[name].constraint
        return isinstance(constraint, list | tuple) and all(isinstance(number, int) for number in constraint)

    def range(self, name: str) -> Range | None:
        """The range of the option, where the driver gives one."""
        constraint = self._device.opt[name].constraint
        return Range(*map(float, constraint)) if isinstance(constraint, tuple) else None

    def set(self, name: str, value: Any) -> None:
        """Set an option to a value its constraint holds, and see that it was taken."""
        if not self.has(name):
            raise Refused(faults.NO_OPTION, name)
        words = self.words(name)
        span = self.range(name)
        if (words is not None and value not in words) or (span is not None and not span.holds(float(value))):
            raise Refused(faults.NO_OPTION, name)
        setattr(self._device, name, self._written(name, value))

    def _written(self, name: str, value: Any) -> Any:
        """A value in the library's own spelling."""
        constraint = self._device.opt[name].constraint
        spelt = constraint if isinstance(constraint, list) else ()
        return next((word for word in spelt if _read(word) == value), value)

    def must_be(self, name: str, value: Any) -> None:
        """Refuse to go on where the driver changed what was set."""
        if self.get(name) != value:
            raise Refused(faults.NOT_TAKEN, name)


def _read(word: Any) -> Any:
    """A value as people read it: python-sane takes all text for Latin-1, and drivers write UTF-8."""
    if not isinstance(word, str):
        return word
    try:
        return word.encode("latin-1").decode()
    except UnicodeError:
        return word


TYPE_BOOL = 0
"""SANE's number of the type of an option that is on or off."""
UNIT_PIXEL = 1
"""SANE's number of the unit in which an option counts pixels."""
UNIT_MM = 3
"""SANE's number of the unit in which an option counts millimetres."""
USUAL_STEPS = (75, 100, 150, 200, 240, 300, 400, 600, 1200)
"""Dots an inch that are offered where a driver takes any in a range."""
MM_PER_INCH = 25.4
"""Millimetres of an inch."""
SLACK_MM = 2.5
"""Millimetres by which a paper may be larger than the bed: drivers round beds down, and A4 must fit one of
296.8 mm."""
COUNTS_AS_SET = 1.0
"""Millimetres by which a corner may be off beside a driver's step: motors have steps."""


def resolutions(options: Options) -> tuple[int, ...] | None:
    """Dots an inch to choose from, ascending; None where the driver has no such option."""
    name = _resolution_name(options)
    if name is None:
        return None
    words = options.words(name)
    span = options.range(name)
    if words is not None:
        return tuple(sorted({round(word) for word in words if word >= 1}))
    if span is None:
        return USUAL_STEPS
    usual = tuple(step for step in USUAL_STEPS if span.holds(step))
    return usual or tuple(sorted({round(span.least), round(span.most)}))


def set_resolution(options: Options, dots: int) -> None:
    """Set both directions to `dots`."""
    name = _resolution_name(options)
    if name is None:
        return
    for one in (name, "y_resolution") if name == "x_resolution" else (name,):
        if options.has(one):
            options.set(one, dots)
            if round(options.get(one)) != dots:
                raise Refused(faults.NOT_TAKEN, one)


def dots(options: Options) -> float:
    """Dots an inch as the driver has them now; 0 where it does not say."""
    for name in ("resolution", "x_resolution"):
        if options.readable(name):
            return float(options.get(name))
    return 0.0


def _resolution_name(options: Options) -> str | None:
    return next((name for name in ("resolution", "x_resolution") if options.has(name)), None)


def bed(options: Options) -> tuple[float, float]:
    """Width and height of the area that can be scanned, in mm; zeros where it cannot be chosen."""
    if not all(options.has(name) for name in ("tl_x", "tl_y", "br_x", "br_y")):
        return 0.0, 0.0
    _widen_paper(options)
    width, height = (_limit(options, f"br_{axis}") - _limit(options, f"tl_{axis}") for axis in "xy")
    return (width, height) if width > 0 and height > 0 else (0.0, 0.0)


def set_area(options: Options, area: wire.Rectangle | None) -> None:
    """Set the area, or all of the bed, and see that the driver took it.

    Raises
    ------
    Refused
        The bed is smaller.
    """
    width, height = bed(options)
    if not width:
        return
    asked = area or wire.Rectangle(0.0, 0.0, width, height)
    if asked.left + asked.width > width + SLACK_MM or asked.top + asked.height > height + SLACK_MM:
        sizes = f"{asked.left + asked.width:.0f} x {asked.top + asked.height:.0f} mm"
        raise Refused(faults.PAPER, f"{sizes};{width:.0f} x {height:.0f} mm")
    _tell_paper(options, asked)
    left = asked.left + _justified(options, width, asked.width)
    _set_side(options, "x", left, left + asked.width)
    _set_side(options, "y", asked.top, asked.top + asked.height)


def _set_side(options: Options, axis: str, near: float, far: float) -> None:
    start = _limit(options, f"tl_{axis}")
    reach = _limit(options, f"br_{axis}")
    # The far corner first: drivers that keep the two apart would refuse the near one.
    for name, wanted in ((f"br_{axis}", far), (f"tl_{axis}", near), (f"br_{axis}", far)):
        _set_mm(options, name, min(start + wanted, reach))
    for name, wanted in ((f"tl_{axis}", near), (f"br_{axis}", far)):
        if abs(_mm(options, name, options.get(name)) - min(start + wanted, reach)) > COUNTS_AS_SET + _step(
            options, name
        ):
            raise Refused(faults.NOT_TAKEN, name)


def _set_mm(options: Options, name: str, mm: float) -> None:
    value = mm / MM_PER_INCH * dots(options) if options.unit(name) == UNIT_PIXEL else mm
    span = options.range(name)
    words = options.words(name)
    if span is not None:
        value = span.nearest(value)
    elif words:
        value = min(words, key=lambda word: abs(word - value))
    if options.unit(name) == UNIT_PIXEL or options.whole(name):
        value = round(value)
    options.set(name, value)


def _mm(options: Options, name: str, value: float) -> float:
    if options.unit(name) == UNIT_PIXEL:
        return value / dots(options) * MM_PER_INCH if dots(options) else 0.0
    return float(value)


def _step(options: Options, name: str) -> float:
    span = options.range(name)
    return _mm(options, name, span.step) if span is not None else 0.0


def _limit(options: Options, name: str) -> float:
    """Return how far to the left or top the first corner may lie, or to the right or bottom the second."""
    span = options.range(name)
    words = options.words(name)
    far = name.startswith("br_")
    if span is not None:
        return _mm(options, name, span.most if far else span.least)
    return _mm(options, name, (max if far else min)(words)) if words else 0.0


def _widen_paper(options: Options) -> None:
    """Let a sheetfed driver's paper be as large as it can be: its bed follows the paper."""
    for name in ("page_width", "page_height"):
        span = options.range(name) if options.has(name) else None
        if span is not None and options.unit(name) == UNIT_MM:
            options.set(name, span.most)


def _tell_paper(options: Options, area: wire.Rectangle) -> None:
    """Sheetfed drivers centre the area by the paper's width."""
    for name, size in (("page_width", area.left + area.width), ("page_height", area.top + area.height)):
        span = options.range(name) if options.has(name) else None
        if span is not None and options.unit(name) == UNIT_MM:
            options.set(name, span.nearest(size))


def _justified(options: Options, bed_width: float, width: float) -> float:
    """mm from the bed's left edge to the paper's, for feeders that centre paper or lay it right."""
    name = "adf_justification_x"
    where = str(options.get(name)).lower() if options.readable(name) else ""
    spare = max(bed_width - width, 0.0)
    return {"center": spare / 2, "right": spare}.get(where, 0.0)
