"""Pages turned by known angles.

A page is drawn at twice the size, turned there and reduced, so that its strokes lie where they
should to a fraction of a pixel. Hard ones are cropped, on a desk, shaded, blurred, noisy, small
and badly compressed; bilevel ones were black and white before they were turned.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Floats, Image, Random
from synthetic.documents.prose import KINDS, page
from synthetic.scene.camera import photograph

QUALITIES = ("clean", "hard", "bilevel")


class Skewed(NamedTuple):
    """A picture, BGR, and how far its text is turned counter-clockwise, degrees."""

    picture: Image
    degrees: float
    kind: str
    quality: str


def make_skewed(seed: int, degrees: float | None = None, quality: str | None = None) -> Skewed:
    """Return a turned page; the same for the same arguments.

    Parameters
    ----------
    degrees
        By default within 15, every third within half a degree.
    quality
        One of `QUALITIES`; by default one after the other.
    """
    random = np.random.default_rng([seed, 31])
    kind = tuple(KINDS)[seed % len(KINDS)]
    quality = quality or QUALITIES[seed // len(KINDS) % len(QUALITIES)]
    drawn_degrees = random.uniform(-0.5, 0.5) if random.random() < 0.33 else random.uniform(-14.5, 14.5)
    degrees = drawn_degrees if degrees is None else degrees
    size = (640, 1500) if kind == "slip" else (1240, 1754)
    scale = 1 if quality == "bilevel" else 2
    drawn = page(random, kind, (size[0] * scale, size[1] * scale))
    return Skewed(seen(random, drawn, degrees, quality), degrees, kind, quality)


def seen(random: Random, drawn: Image, degrees: float, quality: str) -> Image:
    """Return a picture, BGR, of a drawing, turned; it is twice as large, unless it is to be bilevel."""
    scale = 1 if quality == "bilevel" else 2
    size = (drawn.shape[1] // scale, drawn.shape[0] // scale)
    cover = _turned(drawn if scale > 1 else np.where(drawn > 127, 255, 0).astype(np.uint8), degrees)
    part = np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), np.float32) / 255
    light = np.asarray(245 - (215 - random.uniform(0, 60)) * part, np.float32)
    if quality == "hard":
        return _hard(random, light, degrees)
    noisy = light + random.standard_normal(light.shape) * random.uniform(0.5, 2.5)
    return np.asarray(cv2.cvtColor(np.clip(noisy, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR), np.uint8)


def _turned(drawn: Image, degrees: float) -> Image:
    rows, cols = drawn.shape[:2]
    turn = cv2.getRotationMatrix2D(((cols - 1) / 2, (rows - 1) / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(drawn, turn, (cols, rows), flags=cv2.INTER_LINEAR), np.uint8)


def _hard(random: Random, light: Floats, degrees: float) -> Image:
    rows, cols = light.shape
    y, x = np.mgrid[:rows, :cols].astype(np.float32) / max(rows, cols)
    turn = random.uniform(0, 2 * np.pi)
    shade = 1 - random.uniform(0, 0.5) * (0.5 + 0.5 * (x * np.cos(turn) + y * np.sin(turn)))
    shaded = np.asarray(light * shade, np.float32)
    if random.random() < 0.5:
        # The sheet ends inside of the picture, on a desk; its sides are turned with it.
        inset = int(random.uniform(0.01, 0.06) * cols)
        sheet = np.zeros((rows, cols), np.uint8)
        sheet[inset : rows - inset, inset : cols - inset] = 255
        shaded = np.where(_turned(sheet, degrees) > 127, shaded, np.float32(random.uniform(20, 200)))
    if random.random() < 0.5:
        top, left = (int(random.uniform(0, 0.35) * side) for side in (rows, cols))
        shaded = shaded[top : top + int(0.62 * rows), left : left + int(0.62 * cols)]
    factor = random.uniform(0.45, 1.0)
    blurred = cv2.GaussianBlur(shaded, (0, 0), random.uniform(0.4, 1.6))
    small = cv2.resize(blurred, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return photograph(random, np.asarray(small, np.float32), 0, (1, 9), (45, 90))
