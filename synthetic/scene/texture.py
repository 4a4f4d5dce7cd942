"""Random textures: clouds of several sizes, wood, paper fibre. All float32 around 0 or BGR."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.arrays import Image, Size

Field = npt.NDArray[np.float32]
"""float32 ``(rows, cols)``, mean about 0."""


def clouds(rng: np.random.Generator, size: Size, cells: tuple[int, int]) -> Field:
    """Smooth noise of unit deviation with about `cells` (across, down) blobs."""
    coarse = rng.standard_normal((max(2, cells[1]), max(2, cells[0]))).astype(np.float32)
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), np.float32)


def wood(rng: np.random.Generator, size: Size) -> Image:
    """A warm desk top, grain along the picture's width."""
    small = (size[0] // 2, size[1] // 2)
    y = np.linspace(0.0, 1.0, small[1], dtype=np.float32)[:, None]
    wave = 0.060 * clouds(rng, small, (4, 3)) + 0.010 * clouds(rng, small, (9, 14))
    rings = np.abs(np.sin(np.pi * 15.0 * (y + wave))) ** 3
    streaks = 0.7 * clouds(rng, small, (5, 170)) + 0.6 * clouds(rng, small, (14, 420))
    pores = np.minimum(clouds(rng, small, (90, small[1])) + 1.7, 0.0)
    tone = 0.62 * streaks - 0.85 * rings + 1.1 * pores + 0.6 * clouds(rng, small, (3, 4))
    return _tinted(tone, size, base=(108, 148, 186), span=(11, 12, 12))


def mat(rng: np.random.Generator, size: Size) -> Image:
    """A grey-green leatherette desk mat."""
    small = (size[0] // 2, size[1] // 2)
    pebbles = clouds(rng, small, (small[0] // 3, small[1] // 3))
    tone = 0.5 * pebbles + 0.6 * clouds(rng, small, (5, 4))
    return _tinted(tone, size, base=(122, 124, 114), span=(4, 4, 4))


def white(rng: np.random.Generator, size: Size) -> Image:
    """A white laminate desk, hardly darker than paper."""
    small = (size[0] // 2, size[1] // 2)
    tone = 0.6 * clouds(rng, small, (5, 4)) + 0.5 * clouds(rng, small, (small[0] // 5, small[1] // 5))
    return _tinted(tone, size, base=(222, 226, 228), span=(2, 2, 2))


def paper(rng: np.random.Generator, size: Size, base: tuple[int, int, int]) -> Image:
    """A sheet of `base` colour (BGR) with fibres and a faint unevenness."""
    fibre = clouds(rng, size, (size[0] // 4, size[1] // 3))
    tone = 0.7 * fibre + 0.9 * clouds(rng, size, (6, 8))
    return _tinted(tone, size, base=base, span=(2, 2, 2))


def _tinted(tone: Field, size: Size, base: tuple[int, int, int], span: tuple[int, int, int]) -> Image:
    """`tone` around a colour, enlarged to `size`."""
    planes = [
        cv2.add(tone * float(reach), float(middle), dtype=cv2.CV_8U)
        for middle, reach in zip(base, span, strict=True)
    ]
    picture = cv2.merge(planes)
    if tone.shape != (size[1], size[0]):
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(picture, np.uint8)
