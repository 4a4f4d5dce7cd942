"""Cameras: lens blur, the sensor's noise, the JPEG."""

from __future__ import annotations

import itertools
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.arrays import Floats, Image, Random, Size

_Number = TypeVar("_Number", np.int8, np.float32)
Range = tuple[float, float]
Levels = tuple[int, int]

TILE = 512
"""Side of the noise that is repeated over a picture; nobody sees it repeat."""

NOISE = 1.9
"""Standard deviation of the sensor's noise in grey levels, as seen on real document cameras."""

GRAINS = 4
"""Different sensor noises and lamp flickers at rest; consecutive frames never repeat one."""


class Sensor:
    """Adds noise and the mains flicker of the lamp."""

    def __init__(self, random: Random) -> None:
        tile = random.normal(0.0, NOISE, (TILE, TILE, 1)) + random.normal(0.0, NOISE * 0.5, (TILE, TILE, 3))
        self._noise = tile.round().astype(np.int8)

    def expose(self, picture: Image, grain: int) -> Image:
        """Return a new picture with noise and flicker number `grain`."""
        shift = grain * TILE // GRAINS
        noise = np.roll(self._noise, (-shift, -shift), (0, 1))
        gain = 1.0 + 0.006 * np.sin(2 * np.pi * grain / GRAINS)
        seen = np.empty_like(picture)
        for y, x in itertools.product(*(range(0, side, TILE) for side in picture.shape[:2])):
            block = picture[y : y + TILE, x : x + TILE]
            part = noise[: block.shape[0], : block.shape[1]]
            seen[y : y + TILE, x : x + TILE] = cv2.addWeighted(block, gain, part, 1.0, 0.0, dtype=cv2.CV_8U)
        return seen


def tiled(tile: npt.NDArray[_Number], size: Size) -> npt.NDArray[_Number]:
    """Return `tile` repeated to at least `size`."""
    repeats = (-(-size[1] // len(tile)), -(-size[0] // tile.shape[1]), *[1] * (tile.ndim - 2))
    return np.tile(tile, repeats)


def photograph(
    random: Random, scene: Floats, sigma: float, noise: Range = (0.5, 3.0), quality: Levels = (75, 96)
) -> Image:
    """Return `scene` as a camera gives it, BGR: `shaken`, then a JPEG whose quality is from a range."""
    return compressed(random, shaken(random, scene, sigma, noise), quality)


def shaken(random: Random, scene: Floats, sigma: float, noise: Range) -> Floats:
    """Return `scene` blurred by `sigma` pixels, with noise whose deviation is from a range of levels."""
    grain = random.standard_normal(scene.shape, np.float32) * np.float32(random.uniform(*noise))
    return lens(scene, sigma) + grain


def lens(scene: Floats, sigma: float) -> Floats:
    """Return `scene` blurred by `sigma` pixels."""
    return np.asarray(cv2.GaussianBlur(scene, (0, 0), sigma) if sigma else scene, np.float32)


def compressed(random: Random, levels: Floats, quality: Levels) -> Image:
    """Return levels as a JPEG of random quality holds them, BGR."""
    picture = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(*quality))])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
