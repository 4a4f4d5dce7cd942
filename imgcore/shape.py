"""Shapes of pictures that are worked on: what a picture may claim to be before a pixel of it is looked at.

The cost of every stage is bounded by the pixels of pictures of these shapes. Of others it is not: a side
without breadth is reduced to nothing, or not at all, and what is counted by its length grows with its square.
"""

from __future__ import annotations

from imgcore.types import ImageError, SideTooLong, TooManyPixels, TooNarrow

MOST_SIDE = 32_767
"""Pixels along a side: OpenCV's warps count in int16. At 300 dpi these are 2.7 m."""
MOST_GROWTH = 2.0
"""Times the pixels of a picture that a page cut out of it may have."""
MOST_ASPECT = 100
"""Times that a picture may be longer than it is broad; a till receipt of 2 m is 25 times."""


def check_shape(width: int, height: int, limit_pixels: int | None = None) -> None:
    """Refuse a picture by the size it claims, before any work.

    Parameters
    ----------
    limit_pixels
        The largest ``width * height`` accepted; None for any.

    Raises
    ------
    ImageError
        No pixels; `TooManyPixels`, `SideTooLong` or `TooNarrow` where there are, and the shape is none to
        work on.
    """
    if width < 1 or height < 1:
        raise ImageError("the picture is empty")
    if limit_pixels is not None and width * height > limit_pixels:
        raise TooManyPixels(width, height, limit_pixels)
    if max(width, height) > MOST_SIDE:
        raise SideTooLong(width, height, MOST_SIDE)
    if is_narrow(width, height):
        raise TooNarrow(width, height, MOST_ASPECT)


def is_narrow(width: float, height: float) -> bool:
    """Return whether a picture is too narrow to be worked on."""
    return max(width, height) > MOST_ASPECT * min(width, height)
