"""Pictures without text: noise, clouds, gratings, strokes, plots, portraits."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from synthetic.arrays import Floats, Image, Random
from synthetic.documents.figures import FIGURES
from synthetic.noise import blurred_noise
from synthetic.scene.surfaces import axes

_SIZE = (700, 900)


def make_texture(seed: int) -> Image:
    """Return a grey picture; the same for the same seed."""
    random = np.random.default_rng([seed, 43])
    drawn = KINDS[int(random.integers(len(KINDS)))](random)
    shaken = drawn + random.standard_normal(drawn.shape) * random.uniform(0.5, 8)
    blurred = cv2.GaussianBlur(shaken, (0, 0), random.uniform(0.4, 1.6))
    return np.clip(blurred, 0, 255).astype(np.uint8)


def _clouds(random: Random) -> Floats:
    """Noise of one or several sizes, soft or in two levels."""
    count = int(random.integers(1, 4))
    total = np.sum([blurred_noise(random, _SIZE, random.uniform(1.0, 9.0)) for _ in range(count)], axis=0)
    if random.random() < 0.5:
        return np.where(total > random.uniform(0.3, 1.5), 40.0, 230.0)
    return np.asarray(128 + 45 * total)


def _gratings(random: Random) -> Floats:
    """Ridges that bend, as those of fingers and of woven cloth."""
    bend = random.uniform(2, 14) * blurred_noise(random, _SIZE, random.uniform(20, 70))
    u, v = axes(_SIZE, random.uniform(0, np.pi))
    pitch = 2 * np.pi / random.uniform(6, 22)
    broken = random.uniform(0, 1.2) * blurred_noise(random, _SIZE, random.uniform(2, 6))
    wave = np.sin(u * pitch + bend) + broken
    if random.random() < 0.4:
        wave = wave + np.sin(v * pitch)
    return np.asarray(140 + 70 * np.tanh(2 * wave))


def _strokes(random: Random) -> Floats:
    """Short lines, arcs, dots and boxes in any direction."""
    picture = np.full(_SIZE[::-1], 235.0)
    for _ in range(int(random.integers(150, 900))):
        centre = random.uniform((0, 0), _SIZE).astype(int)
        axes = random.uniform(2, 16, 2).astype(int)
        stop = random.uniform(40, 360)
        wide = int(random.integers(1, 4))
        turn = random.uniform(0, 360)
        grey = random.uniform(20, 120)
        cv2.ellipse(picture, centre.tolist(), axes.tolist(), turn, 0, stop, grey, wide)
    return picture


def _figures(random: Random) -> Floats:
    """Plots, discs, clock faces, portraits and landscapes."""
    sheet = Pillow.new("RGB", _SIZE, (255, 255, 255))
    for number in range(6):
        box = (40 + 330 * (number % 2), 30 + 290 * (number // 2), 280.0, 250.0)
        FIGURES[int(random.integers(len(FIGURES)))](random, ImageDraw.Draw(sheet), box, random.uniform(3, 8))
    return np.asarray(sheet.convert("L"), np.float64)


KINDS = (_clouds, _gratings, _strokes, _figures)
