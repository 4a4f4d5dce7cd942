"""Paper sizes by their names in the standard, and their fit on a scanner's bed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from server.devices.ports.scanner import Area, Bed

SIZES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "A4": (210, 297),
        "A5": (148, 210),
        "A5R": (210, 148),
        "A6": (105, 148),
        "A6R": (148, 105),
        "B5(JIS)": (182, 257),
        "B6(JIS)": (128, 182),
        "B6R(JIS)": (182, 128),
        "Legal": (215.9, 355.6),
        "Letter": (215.9, 279.4),
        "A3": (297, 420),
        "B4(JIS)": (257, 364),
        "A4R": (297, 210),
    }
)
"""Width and height in mm as the sheet lies; R is turned. In listing order: A4 first, as pages choose 0."""

USER_DEFINED = "User Defined"
MAXIMUM = "Maximum"
AUTO_SIZE = "Auto Size"
"""The whole bed, cropped to the sheet that lies on it."""

TOLERANCE_MM = 2.5
"""Drivers round beds down: an A4 scanner may call its bed 296.8 mm long."""


def papers_on(beds: Iterable[Bed]) -> tuple[str, ...]:
    """Return the papers that fit on at least one of the beds, in listing order."""
    present = tuple(beds)
    fitting = (name for name, size in SIZES.items() if any(holds(bed, *size) for bed in present))
    return (*fitting, USER_DEFINED, MAXIMUM, AUTO_SIZE)


def holds(bed: Bed, width: float, height: float) -> bool:
    """Return whether a sheet of that size in mm fits on the bed."""
    return width <= bed.width + TOLERANCE_MM and height <= bed.height + TOLERANCE_MM


def area_of(bed: Bed, width: float, height: float) -> Area:
    """Return the area of a sheet at the top left of the bed, limited to the bed."""
    return Area(0.0, 0.0, min(width, bed.width), min(height, bed.height))
