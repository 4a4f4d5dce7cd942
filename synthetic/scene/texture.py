"""Materials as photographs show them: wood, leatherette, laminate, paper."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Floats, Image, Random, Size
from synthetic.noise import clouds

Colour = tuple[int, int, int]
"""Blue, green, red."""


def wood(random: Random, size: Size) -> Image:
    """Return a warm desk top, grain along the picture's width."""
    small = _half(size)
    rows = small[1]
    y = np.linspace(0.0, 1.0, rows, dtype=np.float32)[:, None]
    wave = 0.060 * clouds(random, small, (4, 3)) + 0.010 * clouds(random, small, (9, 14))
    rings = np.abs(np.sin(np.pi * 15.0 * (y + wave))) ** 3
    streaks = 0.7 * clouds(random, small, (5, 170)) + 0.6 * clouds(random, small, (14, 420))
    pores = np.minimum(clouds(random, small, (90, rows)) + 1.7, 0.0)
    tone = 0.62 * streaks - 0.85 * rings + 1.1 * pores + 0.6 * clouds(random, small, (3, 4))
    return _tinted(tone, size, (108, 148, 186), (11, 12, 12))


def mat(random: Random, size: Size) -> Image:
    """Return a grey-green leatherette desk mat."""
    cols, rows = small = _half(size)
    tone = 0.5 * clouds(random, small, (cols // 3, rows // 3)) + 0.6 * clouds(random, small, (5, 4))
    return _tinted(tone, size, (122, 124, 114), (4, 4, 4))


def white(random: Random, size: Size) -> Image:
    """Return a white laminate desk, hardly darker than paper."""
    cols, rows = small = _half(size)
    tone = 0.6 * clouds(random, small, (5, 4)) + 0.5 * clouds(random, small, (cols // 5, rows // 5))
    return _tinted(tone, size, (222, 226, 228), (2, 2, 2))


def paper(random: Random, size: Size, base: Colour) -> Image:
    """Return a sheet of `base` colour with fibres and a faint unevenness."""
    tone = 0.7 * clouds(random, size, (size[0] // 4, size[1] // 3)) + 0.9 * clouds(random, size, (6, 8))
    return _tinted(tone, size, base, (2, 2, 2))


def _half(size: Size) -> Size:
    return size[0] // 2, size[1] // 2


def _tinted(tone: Floats, size: Size, base: Colour, span: Colour) -> Image:
    """Return `tone` around a colour, enlarged to `size`."""
    planes = [
        cv2.add(tone * float(reach), float(middle), dtype=cv2.CV_8U)
        for middle, reach in zip(base, span, strict=True)
    ]
    picture = cv2.merge(planes)
    if picture.shape[:2] != size[::-1]:
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(picture, np.uint8)
