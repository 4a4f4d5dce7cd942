"""Pages in bad light, seen from straight above: SYNTHETIC, seeded.

The page is known pixel by pixel, so what an enhancement does to paper, ink and pictures can be
told apart. Light multiplies reflectance in linear light; the camera adds blur, stray light and noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.documents.pages import make_page
from synthetic.scene.imaging import LIGHTS, smooth_noise

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
Random = np.random.Generator

GAMMA = 2.2
SIZE = (1240, 1754)


@dataclass(frozen=True, eq=False)
class Shaded:
    """A page in bad light: `picture` as photographed, `page` as printed, both uint8 BGR of one shape."""

    picture: Picture
    page: Picture
    light: str


def make_shaded(seed: int, size: tuple[int, int] = SIZE) -> Shaded:
    """A page on white paper in one of `SHADES`; the same for the same seed on one machine's fonts."""
    random = np.random.default_rng([seed, 23])
    page = make_page(seed, size, "white").picture
    names = tuple(SHADES)
    name = names[seed % len(names)]
    light = SHADES[name](random, size)[:, :, None] * _tint(random)
    linear = (page / np.float32(255)) ** np.float32(GAMMA) * light
    stray = np.float32(random.uniform(0, 0.02))
    scene = 255 * np.clip(linear * (1 - stray) + stray, 0, 1) ** np.float32(1 / GAMMA)
    return Shaded(photographed(random, np.asarray(scene, np.float32)), page, name)


def photographed(random: Random, scene: Floats) -> Picture:
    """Lens blur, the sensor's noise and a JPEG."""
    blurred = cv2.GaussianBlur(scene, (0, 0), random.uniform(0.5, 1.1))
    noise = random.standard_normal(scene.shape, np.float32) * np.float32(random.uniform(1.0, 3.0))
    picture = np.clip(np.rint(blurred + noise), 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(80, 96))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _tint(random: Random) -> Floats:
    name = str(random.choice(tuple(LIGHTS)))
    return np.array(LIGHTS[name], np.float32) ** np.float32(random.uniform(0.5, 1.0))


def _fall(random: Random, size: tuple[int, int]) -> Floats:
    """A lamp at one side: a third of the light at the far corner."""
    cols, rows = size
    y, x = np.mgrid[:rows, :cols].astype(np.float32)
    at = random.uniform(-0.3, 1.3, 2) * size
    height = random.uniform(0.6, 1.2) * max(size)
    distance = (x - at[0]) ** 2 + (y - at[1]) ** 2 + height**2
    light = (height**2 / distance) ** 1.5
    return np.asarray(light / light.max() * random.uniform(0.7, 1.0), np.float32)


def _cast(random: Random, size: tuple[int, int]) -> Floats:
    """An arm or a head between lamp and page: in from the border, a rim soft by a few millimetres."""
    cols, rows = size
    points = random.uniform((0.2, -0.4), (1.4, 0.9), (5, 2)) * size
    mask = np.zeros((rows, cols), np.float32)
    cv2.fillConvexPoly(mask, cv2.convexHull(points.astype(np.int32)), 1.0)
    soft = cv2.GaussianBlur(mask, (0, 0), random.uniform(4, 40))
    return np.asarray(_fall(random, size) * (1 - random.uniform(0.3, 0.7) * soft), np.float32)


def _curl(random: Random, size: tuple[int, int]) -> Floats:
    """The slope of a page that does not lie flat, towards the gutter of a book for instance."""
    x = np.linspace(0, 1, size[0], dtype=np.float32)[None, :]
    gutter = np.exp(-x / np.float32(random.uniform(0.03, 0.12))) * np.float32(random.uniform(0.3, 0.75))
    wave = np.float32(random.uniform(0, 0.08)) * np.sin(2 * np.pi * x * np.float32(random.uniform(1, 3)))
    return np.asarray((1 - gutter + wave) * np.ones((size[1], 1), np.float32) * 0.85, np.float32)


def _dim(random: Random, size: tuple[int, int]) -> Floats:
    """Too little light, uneven."""
    return np.asarray(random.uniform(0.08, 0.25) * (1 + 0.3 * smooth_noise(random, size, (2, 2))), np.float32)


def _folded(random: Random, size: tuple[int, int]) -> Floats:
    """Folded in three: each part leans its own way."""
    cols, rows = size
    light = np.ones((rows, cols), np.float32)
    for part in range(3):
        top, bottom = part * rows // 3, (part + 1) * rows // 3
        first, last = random.uniform(0.7, 1.0, 2)
        light[top:bottom] *= np.linspace(first, last, bottom - top, dtype=np.float32)[:, None]
    soft = cv2.GaussianBlur(light, (0, 0), 3)
    return np.asarray(_fall(random, size) * soft, np.float32)


SHADES: dict[str, Callable[[Random, tuple[int, int]], Floats]] = {
    "lamp": _fall,
    "shadow": _cast,
    "book": _curl,
    "dim": _dim,
    "folded": _folded,
}
