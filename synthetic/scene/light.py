"""The lamp above the desk and the noise of the sensor."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.arrays import Image, Size

UNITY = 160
"""The value of a lamp map that leaves a picture as it is."""

TILE = 512
"""Side of the noise that is repeated over a picture; nobody sees it repeat."""

GRAINS = 4
"""Different sensor noises and lamp flickers at rest; consecutive frames never repeat one."""

NOISE = 1.9
"""Standard deviation of the sensor's noise in grey levels, as seen on real document cameras."""


def lamp(size: Size) -> Image:
    """Brightness over the picture, BGR, `UNITY` = 1: a warm lamp top left, darker corners."""
    y, x = np.mgrid[-1.0:1.0:64j, -1.0:1.0:64j].astype(np.float32)
    pool = 1.05 * np.exp(-(((x + 0.20) / 2.7) ** 2) - ((y + 0.30) / 2.6) ** 2)
    fall = 1.0 - 0.10 * (x * x + y * y) ** 2 / 4
    level = np.clip(pool * fall, 0.0, 255 / UNITY)
    warm = np.dstack([level * 0.975, level, level * 1.005]) * UNITY
    return np.asarray(cv2.resize(warm, size, interpolation=cv2.INTER_LINEAR).clip(0, 255).astype(np.uint8))


def lit(picture: Image, light: Image) -> Image:
    """`picture` under `light`, a part of a lamp map of the same shape."""
    return np.asarray(cv2.multiply(picture, light, scale=1 / UNITY), np.uint8)


class Sensor:
    """Adds noise and the mains flicker of the lamp."""

    def __init__(self, rng: np.random.Generator, size: Size) -> None:
        tile = rng.normal(0.0, NOISE, (TILE, TILE, 1)) + rng.normal(0.0, NOISE * 0.5, (TILE, TILE, 3))
        repeats = (-(-size[1] // TILE) + 1, -(-size[0] // TILE) + 1, 1)
        self._noise: npt.NDArray[np.int8] = np.tile(tile.round().astype(np.int8), repeats)
        self._size = size

    def expose(self, picture: Image, grain: int) -> Image:
        """A new picture with noise and flicker number `grain`."""
        shift = grain * TILE // GRAINS
        noise = self._noise[shift : shift + self._size[1], shift : shift + self._size[0]]
        gain = 1.0 + 0.006 * np.sin(2 * np.pi * grain / GRAINS)
        return np.asarray(cv2.addWeighted(picture, gain, noise, 1.0, 0.0, dtype=cv2.CV_8U), np.uint8)
