"""Sensors and detectors of scanners: options that tell of paper, and options that switch detection on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from server.devices.adapters.sane import faults
from server.devices.adapters.sane.area import Options
from server.devices.ports.scan_notice import ScanNotice

DETECTORS: tuple[tuple[str, object], ...] = (
    # Others are there only once this one is set.
    ("df_action", "Stop"),
    ("df_thickness", True),
    ("stapledetect", True),
    ("staple_detection", True),
    ("staple_detect", True),
)
"""Options that let a scanner stop at double feeds and staples, in the order they are set.

That by length is left out, as it stops at each sheet that is shorter than the paper, and so is that by skew.
"""
DETECTOR_LISTS = ("double_feed_detection", "multi_feed_detection", "doublefeed", "multifeed")
"""Options whose values are ways, or strengths, to detect double feeds; one of them stands for none."""
_NONE = re.compile(r"off|none|no|disabled?|default|continue|关", re.IGNORECASE)
"""Pattern of the value that detects nothing, or as the scanner is set."""

_FAULTS = {
    faults.DOUBLE: re.compile(r"(double|multi)_?feed(ed|_detected)?$|omr_df$"),
    faults.STAPLE: re.compile(r"stapled?(_detected|_found)?$"),
    faults.COVER: re.compile(r"(cover|adf|lid)_open$"),
    faults.ASLEEP: re.compile(r"power_save$|sleep(ing)?$|asleep$"),
}
"""Sensors that explain why a scan stopped, the most particular first."""
_NOTICES = {
    ScanNotice.LENS_DIRTY: re.compile(r"(lens|glass|sensor|window)_(dirty|dirt)$|dirt(_detected)?$"),
    ScanNotice.CARD_SLOT: re.compile(r"card_(loaded|inserted|in)$"),
    ScanNotice.CARRIER_SHEET: re.compile(r"carrier(_sheet)?(_loaded|_detected)?$"),
}
"""Sensors of what people have to know while a scan goes on."""


class Sensors:
    """Options of an opened device that can be read and not set: on or off.

    Attributes
    ----------
    tell_double
        True if double feeds are to be told, and one of them does.
    """

    def __init__(self, options: Options, *, told_of_double: bool = True) -> None:
        self._options = options
        self._names = tuple(name for name in options.names() if _is_sensor(options, name))
        double = _FAULTS[faults.DOUBLE]
        self.tell_double = told_of_double and any(double.search(name) for name in self._names)

    def fault(self) -> str | None:
        """Return the word of the fault that a sensor tells of now, None if none does."""
        words = (word for word, pattern in _FAULTS.items() if self._is_on(pattern))
        return next((word for word in words if word != faults.DOUBLE or self.tell_double), None)

    def is_on(self, fault: str) -> bool:
        """Return whether a sensor tells of that fault now."""
        return self._is_on(_FAULTS[fault])

    def notices(self) -> Iterator[ScanNotice]:
        """Yield what sensors tell of now that does not stop a scan."""
        return (notice for notice, pattern in _NOTICES.items() if self._is_on(pattern))

    def _is_on(self, pattern: re.Pattern[str]) -> bool:
        found = (name for name in self._names if pattern.search(name.casefold()))
        return any(self._options.readable(name) and self._options.get(name) == 1 for name in found)


def _is_sensor(options: Options, name: str) -> bool:
    return options.is_switch(name) and not options.is_settable(name)


def can_detect(options: Options) -> bool:
    """Return whether the scanner can tell of double feeds or staples, by a detector or a sensor."""
    detectors = (*(name for name, _ in DETECTORS), *DETECTOR_LISTS)
    return any(options.has(name) for name in detectors) or Sensors(options).tell_double


def detect(options: Options, wanted: bool) -> None:
    """Let the scanner stop at double feeds and staples, or at neither; whatever it cannot is left alone."""
    for name, value in DETECTORS:
        if options.has(name):
            if isinstance(value, bool):
                options.set(name, value and wanted)
            elif value in (options.words(name) or ()):
                options.set(name, value if wanted else "Continue")
    for name in DETECTOR_LISTS:
        words = options.words(name) if options.has(name) else None
        if words:
            found = (word for word in words if bool(_NONE.match(str(word))) is not wanted)
            options.set(name, next(found, options.get(name)))
        elif options.has(name) and options.is_switch(name):
            options.set(name, wanted)
