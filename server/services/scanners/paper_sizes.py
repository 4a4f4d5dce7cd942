"""Paper sizes by the names the standard prints, and which of them a bed holds."""

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
"""Width and height in mm as the sheet lies; R is turned. The order of the list, A4 first: pages choose 0."""

USER_DEFINED = "User Defined"
MAXIMUM = "Maximum"
AUTO_SIZE = "Auto Size"
"""All of the bed, cut to the sheet that lies on it."""

TOLERANCE_MM = 2.5
"""Drivers round beds down: an A4 scanner may call its bed 296.8 mm long."""


def papers_on(beds: Iterable[Bed]) -> tuple[str, ...]:
    """The papers that at least one of the beds holds, in listing order."""
    present = tuple(beds)
    fitting = (name for name, size in SIZES.items() if any(holds(bed, *size) for bed in present))
    return (*fitting, USER_DEFINED, MAXIMUM, AUTO_SIZE)


def holds(bed: Bed, width: float, height: float) -> bool:
    """Whether a sheet of that size in mm lies on the bed."""
    return width <= bed.width + TOLERANCE_MM and height <= bed.height + TOLERANCE_MM


def area_of(bed: Bed, width: float, height: float) -> Area:
    """The area of a sheet that the bed holds, from its top left."""
    return Area(0.0, 0.0, min(width, bed.width), min(height, bed.height))
