"""What a page of the faulty backend shows: the twin of `sample` in faulty/faulty.c."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the bed that was scanned, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def of(cls, area: tuple[float, float, float, float], dots: float) -> Window:
        """Of left, top, width and height in mm; every edge is rounded by itself."""
        left, top, width, height = area
        x0, y0, x1, y1 = (
            int(mm * dots / MM_PER_INCH + 0.5) for mm in (left, top, left + width, top + height)
        )
        return cls(x0, y0, x1 - x0, y1 - y0)


def samples(page: int, window: Window, channels: int = 3) -> NDArray[np.uint8]:
    """Eight-bit samples, ``(rows, cols, channels)``, red first.

    Parameters
    ----------
    page
        Counted from 1.
    """
    row = np.arange(window.top, window.top + window.height, dtype=np.uint32)[:, None, None]
    column = np.arange(window.left, window.left + window.width, dtype=np.uint32)[None, :, None]
    channel = np.arange(channels, dtype=np.uint32)
    return (31 * page + 7 * row + 3 * column + 85 * channel + (row >> 5) * (column >> 5)).astype(np.uint8)


def bgr(page: int, window: Window) -> NDArray[np.uint8]:
    """A colour page as the project has its pictures."""
    return samples(page, window)[..., ::-1]


def grey(page: int, window: Window) -> NDArray[np.uint8]:
    """A grey page, ``(rows, cols)``."""
    return samples(page, window, 1)[..., 0]


def lineart(page: int, window: Window) -> NDArray[np.uint8]:
    """A page of one bit, ``(rows, cols)``: 0 where the scanner saw black, else 255."""
    return np.where(grey(page, window) & 128, 0, 255).astype(np.uint8)


def wide(page: int, window: Window, channels: int = 3) -> NDArray[np.uint16]:
    """Sixteen-bit samples, red first."""
    high = samples(page, window, channels).astype(np.uint16)
    return high << 8 | (high ^ 255)
