"""Pictures without text: noise, clouds, gratings, strokes, plots, screens. SYNTHETIC, seeded."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageDraw

from synthetic.documents.figures import FIGURES

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Random = np.random.Generator

_ROWS, _COLS = 900, 700


def make_texture(seed: int) -> Picture:
    """A grey picture; the same for the same seed."""
    random = np.random.default_rng([seed, 43])
    drawn = KINDS[int(random.integers(len(KINDS)))](random)
    shaken = drawn + random.standard_normal(drawn.shape) * random.uniform(0.5, 8)
    blurred = cv2.GaussianBlur(shaken, (0, 0), random.uniform(0.4, 1.6))
    return np.clip(blurred, 0, 255).astype(np.uint8)


def _clouds(random: Random) -> Floats:
    """Noise of one or several sizes, soft or in two levels."""
    total = np.zeros((_ROWS, _COLS))
    for _ in range(int(random.integers(1, 4))):
        sigma = random.uniform(1.0, 9.0)
        noise = cv2.GaussianBlur(random.standard_normal((_ROWS, _COLS)), (0, 0), sigma, sigmaY=sigma)
        total += noise / noise.std()
    if random.random() < 0.5:
        return np.where(total > random.uniform(0.3, 1.5), 40.0, 230.0)
    return np.asarray(128 + 45 * total, np.float64)


def _gratings(random: Random) -> Floats:
    """Ridges that bend, as those of fingers and of woven cloth."""
    y, x = np.mgrid[:_ROWS, :_COLS].astype(np.float64)
    bend = cv2.GaussianBlur(random.standard_normal((_ROWS, _COLS)), (0, 0), random.uniform(20, 70))
    way, length = random.uniform(0, np.pi), random.uniform(6, 22)
    phase = (x * np.cos(way) + y * np.sin(way)) * 2 * np.pi / length + random.uniform(
        2, 14
    ) * bend / bend.std()
    broken = cv2.GaussianBlur(random.standard_normal((_ROWS, _COLS)), (0, 0), random.uniform(2, 6))
    wave = np.sin(phase) + random.uniform(0, 1.2) * broken / broken.std()
    if random.random() < 0.4:
        wave = wave + np.sin((y * np.cos(way) - x * np.sin(way)) * 2 * np.pi / length)
    return np.asarray(140 + 70 * np.tanh(2 * wave), np.float64)


def _strokes(random: Random) -> Floats:
    """Short lines, arcs, dots and boxes in any direction."""
    picture = np.full((_ROWS, _COLS), 235.0)
    for _ in range(int(random.integers(150, 900))):
        x, y = int(random.uniform(0, _COLS)), int(random.uniform(0, _ROWS))
        axes = (int(random.uniform(2, 16)), int(random.uniform(2, 16)))
        stop, wide = random.uniform(40, 360), int(random.integers(1, 4))
        cv2.ellipse(picture, (x, y), axes, random.uniform(0, 360), 0, stop, random.uniform(20, 120), wide)
    return picture


def _figures(random: Random) -> Floats:
    """Plots, discs, clock faces, portraits and landscapes."""
    sheet = Pillow.new("RGB", (_COLS, _ROWS), (255, 255, 255))
    for number in range(6):
        box = (40 + 330 * (number % 2), 30 + 290 * (number // 2), 280.0, 250.0)
        FIGURES[int(random.integers(len(FIGURES)))](random, ImageDraw.Draw(sheet), box, random.uniform(3, 8))
    return np.asarray(np.asarray(sheet.convert("L")), np.float64)


KINDS = (_clouds, _gratings, _strokes, _figures)
