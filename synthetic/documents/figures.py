"""Figures that pages show besides text: plots, discs, clock faces, seals, portraits, landscapes."""

from __future__ import annotations

import cv2
import numpy as np
import PIL.Image as Pillow
import PIL.ImageDraw

from synthetic.arrays import Floats, Random
from synthetic.scene.hand import SKINS
from synthetic.stamps import star

Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels."""

BLACK = (20, 20, 20)


def any_ink(random: Random, low: int = 20, high: int = 220) -> tuple[int, int, int]:
    """Return any colour between two levels."""
    red, green, blue = (int(value) for value in random.integers(low, high, 3))
    return red, green, blue


def disc(x: float, y: float, radius: float) -> Box:
    """Return the left, top, right and bottom of a disc."""
    return x - radius, y - radius, x + radius, y + radius


def _plot(random: Random, draw: PIL.ImageDraw.ImageDraw, box: Box, unit: float) -> None:
    """Axes, a curve and round markers."""
    left, top, width, height = box
    rule = max(1, int(0.35 * unit))
    draw.line((left, top, left, top + height, left + width, top + height), BLACK, rule)
    heights = np.cumsum(random.normal(size=12))
    heights = (heights - heights.min()) / max(1e-6, np.ptp(heights))
    points = [(left + width * k / 11, top + height * (0.95 - 0.9 * h)) for k, h in enumerate(heights)]
    ink = any_ink(random, 0, 160)
    radius = random.uniform(0.8, 2.5) * unit
    draw.line(points, ink, rule)
    for point in points:
        draw.ellipse(disc(*point, radius), ink)


def _discs(random: Random, draw: PIL.ImageDraw.ImageDraw, box: Box, unit: float) -> None:
    """Filled and open circles, some as wide as a binder hole."""
    left, top, width, height = box
    for _ in range(int(random.integers(3, 12))):
        radius = random.uniform(1.0, 6.0) * unit
        x = left + random.random() * width
        y = top + random.random() * height
        fill = any_ink(random) if random.random() < 0.5 else None
        draw.ellipse(disc(x, y, radius), fill, BLACK, max(1, int(0.4 * unit)))


def _clock(random: Random, draw: PIL.ImageDraw.ImageDraw, box: Box, unit: float) -> None:
    left, top, width, height = box
    radius = min(width, height) / 2
    rule = max(1, int(0.6 * unit))
    x = left + width / 2
    y = top + height / 2
    draw.ellipse(disc(x, y, radius), None, BLACK, rule)
    for hour in np.arange(12) * np.pi / 6:
        dx = 0.85 * radius * np.cos(hour)
        dy = 0.85 * radius * np.sin(hour)
        draw.ellipse(disc(x + dx, y + dy, random.uniform(0.8, 1.2) * unit), BLACK)
    for length in (0.5 * radius, 0.75 * radius):
        angle = random.uniform(0, 2 * np.pi)
        draw.line((x, y, x + length * np.cos(angle), y + length * np.sin(angle)), BLACK, 2 * rule)


def _seal(random: Random, draw: PIL.ImageDraw.ImageDraw, box: Box, unit: float) -> None:
    """A round stamp, red or blue, 30 to 45 mm or smaller where there is no room."""
    left, top, width, height = box
    radius = min(width, height, random.uniform(30, 45) * unit) / 2
    x = left + width / 2
    y = top + height / 2
    ink = (215, 40, 50) if random.random() < 0.7 else (40, 60, 190)
    draw.ellipse(disc(x, y, radius), None, ink, max(1, int(1.1 * unit)))
    draw.polygon(star(x, y, 0.3 * radius), ink)


def _portrait(random: Random, draw: PIL.ImageDraw.ImageDraw, box: Box, unit: float) -> None:
    """A face with hair and shoulders: skin that is printed, no finger."""
    left, top, width, height = box
    base = np.array(SKINS[int(random.integers(len(SKINS)))], np.float64)
    rows = max(8, int(height))
    cols = max(8, int(width))
    y, x = np.mgrid[:rows, :cols].astype(np.float64)
    y = y / rows
    x = (x / cols - 0.5) * cols / rows
    picture = np.full((rows, cols, 3), any_ink(random, 80, 240), np.float64)
    head = (x / 0.2) ** 2 + ((y - 0.42) / 0.27) ** 2
    picture[(x / 0.26) ** 2 + ((y - 0.36) / 0.32) ** 2 < 1] = any_ink(random, 10, 90)
    picture[(x / 0.42) ** 2 + ((y - 1.05) / 0.35) ** 2 < 1] = any_ink(random)
    shade = np.sqrt(np.clip(1.15 - head, 0, 1))[:, :, None]
    picture[head < 1] = (base * (0.55 + 0.45 * shade))[head < 1]
    for side in (-0.08, 0.08):
        picture[((x - side) / 0.03) ** 2 + ((y - 0.4) / 0.02) ** 2 < 1] = (30, 25, 25)
    picture[(x / 0.07) ** 2 + ((y - 0.57) / 0.02) ** 2 < 1] = (150, 70, 70)
    _paste(draw, picture, left, top)


def _landscape(random: Random, draw: PIL.ImageDraw.ImageDraw, box: Box, unit: float) -> None:
    """A photograph of nothing: smooth colours and some grain."""
    left, top, width, height = box
    size = (max(8, int(width)), max(8, int(height)))
    smooth = cv2.resize(random.uniform(20, 235, (5, 7, 3)), size, interpolation=cv2.INTER_CUBIC)
    _paste(draw, smooth + random.normal(size=smooth.shape) * 6, left, top)


def _paste(draw: PIL.ImageDraw.ImageDraw, picture: Floats, left: float, top: float) -> None:
    tile = Pillow.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    draw._image.paste(tile, (int(left), int(top)))  # the page under the pen


FIGURES = (_plot, _discs, _clock, _seal, _portrait, _landscape)
