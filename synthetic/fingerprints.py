"""Fingers that nobody has: ridges grown out of noise along an orientation field, and presses of them.

The field is the zero-pole model of Sherlock and Monro (1993); the ridges grow by filtering again and
again along it, as Cappelli, Erol, Maio and Maltoni, "Synthetic fingerprint-image generation" (2000),
do. Two seeds give two fingers; a press shows another part of its finger, turned, stretched and dirty.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Floats, Image, Random
from synthetic.noise import blurred_noise

DOTS = 500.0
SIZE = WIDTH, HEIGHT = 300, 380
"""Pixels of a press: 15 x 19 mm."""
_MARGIN = 50
_PERIOD = 9.0
"""Pixels from ridge to ridge."""
_DIRECTIONS = 24
_ROUNDS = 14
_KERNEL = 21

_Point = tuple[float, float]


class Pattern(NamedTuple):
    """A finger's flow of ridges, told from others by its pole and zero points, as parts of its size."""

    cores: tuple[_Point, ...]
    deltas: tuple[_Point, ...]


LOOP = Pattern(cores=((0.5, 0.42),), deltas=((0.16, 0.82),))
WHORL = Pattern(cores=((0.48, 0.36), (0.53, 0.5)), deltas=((0.1, 0.8), (0.9, 0.84)))


class DemoFinger:
    """One finger; drawing it takes about a second.

    Parameters
    ----------
    seed
        Its minutiae are the same for the same seed.
    """

    def __init__(self, pattern: Pattern, seed: int) -> None:
        self._seed = seed
        self._ridges = _grown(_orientation(pattern), seed)

    def press(self, number: int) -> Image:
        """Return the finger on the glass for the `number`-th time: grey, ridges dark, `DOTS` an inch."""
        random = np.random.default_rng((self._seed, number))
        ridges = _moved(self._ridges, random)
        contact = _contact(random)
        pressure = 0.35 * blurred_noise(random, SIZE, 40) + random.uniform(-0.1, 0.1)
        dirt = 0.25 * random.standard_normal(ridges.shape, np.float32) + 0.3 * blurred_noise(random, SIZE, 6)
        dark = 1 / (1 + np.exp(-4 * (ridges + pressure + dirt)))
        return _grey(235 - 190 * dark * contact + 3 * random.standard_normal(ridges.shape))

    def smudge(self, number: int) -> Image:
        """Return a touch by the tip of a wet finger, of which nothing can be told."""
        random = np.random.default_rng((self._seed, number, 1))
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        blot = np.exp(-(((x - WIDTH / 2) / 45) ** 2 + ((y - HEIGHT / 3) / 35) ** 2))
        return _grey(235 - 120 * blot * (0.8 + 0.2 * blurred_noise(random, SIZE, 10)))


def _orientation(pattern: Pattern) -> Floats:
    """Return the directions of the ridges, radians, of the whole finger."""
    height = HEIGHT + 2 * _MARGIN
    width = WIDTH + 2 * _MARGIN
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    turns = [sum(np.arctan2(y - b * height, x - a * width) for a, b in points) for points in pattern]
    return np.asarray((turns[0] - turns[1]) / 2, np.float32)


def _grown(orientation: Floats, seed: int) -> Floats:
    """Return ridges along `orientation`, -1 valley to 1 ridge."""
    grown = np.random.default_rng(seed).standard_normal(orientation.shape, np.float32)
    nearest = np.round(orientation / np.pi * _DIRECTIONS).astype(np.int64) % _DIRECTIONS
    kernels = [_gabor(np.pi * at / _DIRECTIONS) for at in range(_DIRECTIONS)]
    for _ in range(_ROUNDS):
        along = np.zeros_like(grown)
        for at, kernel in enumerate(kernels):
            along = np.where(nearest == at, cv2.filter2D(grown, -1, kernel), along)
        grown = np.tanh(2 * along / (along.std() + 1e-6)).astype(np.float32)
    return grown


def _gabor(direction: float) -> Floats:
    """Return a filter for ridges that run in `direction`."""
    reach = _KERNEL // 2
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    across = y * np.cos(direction) - x * np.sin(direction)
    wave = np.cos(2 * np.pi * across / _PERIOD) * np.exp(-(x * x + y * y) / (2 * 4.2**2))
    return np.asarray(wave - wave.mean(), np.float32)


def _moved(ridges: Floats, random: Random) -> Floats:
    """Return the part of a finger that a press shows: turned up to 8 degrees, up to 2 mm off, stretched."""
    height, width = ridges.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(random.uniform(-8, 8)), 1.0)
    off = np.array([[0, 0, shift - _MARGIN] for shift in random.uniform(-18, 18, 2)])
    inverse = cv2.invertAffineTransform(np.asarray(turn) + off)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    x, y = (axis + 1.5 * blurred_noise(random, SIZE, 90) for axis in (x, y))
    from_x, from_y = (np.asarray(a * x + b * y + c, np.float32) for a, b, c in inverse)
    moved = cv2.remap(ridges, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.float32)


def _contact(random: Random) -> Floats:
    """Return the touch of the glass, 0 to 1."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    centre = WIDTH / 2 + random.uniform(-8, 8), HEIGHT / 2 + random.uniform(-8, 8)
    from_middle = ((x - centre[0]) / (WIDTH * 0.44)) ** 2 + ((y - centre[1]) / (HEIGHT * 0.46)) ** 2
    edge = 1 - from_middle + 0.05 * blurred_noise(random, SIZE, 25)
    return np.asarray(np.clip(edge * 8, 0, 1), np.float32)


def _grey(levels: Floats) -> Image:
    return np.asarray(np.clip(np.rint(levels), 0, 255), np.uint8)
