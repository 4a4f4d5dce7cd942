"""Pages in bad light, seen from straight above.

The page is known pixel by pixel, so what an enhancement does to paper, ink and pictures can be
told apart. Light multiplies reflectance in linear light; the camera adds blur, stray light and noise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Floats, Image, Random, Size
from synthetic.documents.pages import make_page
from synthetic.noise import smooth_noise
from synthetic.scene.camera import photograph
from synthetic.scene.light import LIGHTS, shadow

GAMMA = 2.2


class Shaded(NamedTuple):
    """A page in bad light: as photographed and as printed, both uint8 BGR of one shape."""

    picture: Image
    page: Image


def make_shaded(seed: int, size: Size = (1240, 1754)) -> Shaded:
    """Return a page on white paper in one of `SHADES`; the same for the same seed on one machine's fonts."""
    random = np.random.default_rng([seed, 23])
    page = make_page(seed, size, "white").picture
    return Shaded(in_bad_light(random, page, seed), page)


def in_bad_light(random: Random, page: Image, number: int) -> Image:
    """Return a page as photographed in one of `SHADES`, by its number."""
    size = (page.shape[1], page.shape[0])
    light = tuple(SHADES.values())[number % len(SHADES)](random, size)[:, :, None]
    tint = np.array(LIGHTS[str(random.choice(tuple(LIGHTS)))], np.float32)
    light = light * tint ** np.float32(random.uniform(0.5, 1.0))
    linear = (page / np.float32(255)) ** np.float32(GAMMA) * light
    stray = np.float32(random.uniform(0, 0.02))
    scene = 255 * np.clip(linear * (1 - stray) + stray, 0, 1) ** np.float32(1 / GAMMA)
    return photograph(random, scene, random.uniform(0.5, 1.1), (1.0, 3.0), (80, 96))


def _fall(random: Random, size: Size) -> Floats:
    """A lamp at one side: a third of the light at the far corner."""
    y, x = np.mgrid[: size[1], : size[0]].astype(np.float32)
    at = random.uniform(-0.3, 1.3, 2) * size
    height = random.uniform(0.6, 1.2) * max(size)
    light = (height**2 / ((x - at[0]) ** 2 + (y - at[1]) ** 2 + height**2)) ** 1.5
    return np.asarray(light / light.max() * random.uniform(0.7, 1.0), np.float32)


def _cast(random: Random, size: Size) -> Floats:
    """An arm or a head between lamp and page: in from the border, a rim soft by a few millimetres."""
    soft = shadow(random, size, random.uniform((0.2, -0.4), (1.4, 0.9), (5, 2)) * size, (4, 40))
    return np.asarray(_fall(random, size) * (1 - random.uniform(0.3, 0.7) * soft), np.float32)


def _curl(random: Random, size: Size) -> Floats:
    """The slope of a page that does not lie flat, towards the gutter of a book for instance."""
    x = np.linspace(0, 1, size[0], dtype=np.float32)[None, :]
    gutter = np.exp(-x / np.float32(random.uniform(0.03, 0.12))) * np.float32(random.uniform(0.3, 0.75))
    wave = np.float32(random.uniform(0, 0.08)) * np.sin(2 * np.pi * x * np.float32(random.uniform(1, 3)))
    return np.asarray((1 - gutter + wave) * np.ones((size[1], 1), np.float32) * 0.85, np.float32)


def _dim(random: Random, size: Size) -> Floats:
    """Too little light, uneven."""
    return np.asarray(random.uniform(0.08, 0.25) * (1 + 0.3 * smooth_noise(random, size, (2, 2))), np.float32)


def _folded(random: Random, size: Size) -> Floats:
    """Folded in three: each part leans its own way."""
    cols, rows = size
    light = np.ones((rows, cols), np.float32)
    for part in range(3):
        top = part * rows // 3
        bottom = (part + 1) * rows // 3
        first, last = random.uniform(0.7, 1.0, 2)
        light[top:bottom] *= np.linspace(first, last, bottom - top, dtype=np.float32)[:, None]
    return np.asarray(_fall(random, size) * cv2.GaussianBlur(light, (0, 0), 3), np.float32)


SHADES: dict[str, Callable[[Random, Size], Floats]] = {
    "lamp": _fall,
    "shadow": _cast,
    "book": _curl,
    "dim": _dim,
    "folded": _folded,
}
