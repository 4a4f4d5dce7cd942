"""One device's options: values are checked before they are set and read back after.

SANE clamps what it does not like and overflows its fixed-point numbers without a word, so no
value is handed over that its own constraint does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.devices.adapters.sane import faults


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

    def has(self, name: str) -> bool:
        """Return whether the option is there now and can be set; setting one may bring or remove others."""
        option = self._device.opt.get(name)
        return option is not None and bool(option.is_active()) and bool(option.is_settable())

    def readable(self, name: str) -> bool:
        """Return whether the option is there now and has a value."""
        option = self._device.opt.get(name)
        return option is not None and bool(option.is_active())

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
        """Set an option to a value its constraint holds, and see that it was taken.

        Raises
        ------
        Refused
        """
        if not self.has(name):
            raise Refused(faults.NO_OPTION, name)
        words, span = self.words(name), self.range(name)
        if (words is not None and value not in words) or (span is not None and not span.holds(float(value))):
            raise Refused(faults.NO_OPTION, name)
        setattr(self._device, name, self._written(name, value))

    def _written(self, name: str, value: Any) -> Any:
        """A value in the library's own spelling."""
        constraint = self._device.opt[name].constraint
        spelt = constraint if isinstance(constraint, list) else ()
        return next((word for word in spelt if _read(word) == value), value)

    def must_be(self, name: str, value: Any) -> None:
        """Refuse to go on where the driver changed what was set.

        Raises
        ------
        Refused
        """
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
