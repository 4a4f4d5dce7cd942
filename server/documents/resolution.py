"""How large a picture is on paper."""

from __future__ import annotations

Dots = tuple[float, float]
"""Dots an inch across and down."""

DOTS: Dots = (200.0, 200.0)
"""Where a file says nothing: at this, an A4 page of a 5-megapixel camera is about A4."""

_LEAST, _MOST = 29.9, 4801.0
"""Rounded to pixels a metre, 30 are a little less. Programs that know none write 1, 0 or 72000."""
_STRETCHED = 4.0
"""The most that a pixel is longer than it is wide; fax machines have 2."""
_LONGEST = 14_400.0
"""Points: the longest side of a page that every reader of PDFs shows."""


def believed(across: float, down: float) -> Dots | None:
    """A resolution that a file states, or None where it cannot be meant."""
    if not (_LEAST <= across <= _MOST and _LEAST <= down <= _MOST):
        return None
    return (across, down) if max(across / down, down / across) <= _STRETCHED else None


def page_points(width: int, height: int, dots: Dots | None) -> tuple[float, float]:
    """Width and height in points (1/72 inch) of the page that a picture fills."""
    across, down = dots or DOTS
    size = width * 72 / across, height * 72 / down
    shrunk = min(1.0, _LONGEST / max(size))
    return size[0] * shrunk, size[1] * shrunk
