"""What pages show besides text: plots, discs, clock faces, seals, portraits, landscapes."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

Random = np.random.Generator
Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels."""

SKINS = ((255, 224, 196), (238, 190, 155), (200, 145, 105), (150, 98, 68), (98, 62, 46), (62, 42, 34))
"""RGB reflectance of skin from very light to very dark, in display levels."""


def _colour(random: Random, low: int = 20, high: int = 220) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in random.integers(low, high, 3))
    return red, green, blue


def plot(random: Random, draw: ImageDraw.ImageDraw, box: Box, unit: float) -> None:
    """Axes, a curve and round markers."""
    left, top, width, height = box
    rule = max(1, int(0.35 * unit))
    draw.line((left, top, left, top + height, left + width, top + height), (20, 20, 20), rule)
    heights = np.cumsum(random.normal(size=12))
    heights = (heights - heights.min()) / max(1e-6, np.ptp(heights))
    points = [(left + width * k / 11, top + height * (0.95 - 0.9 * h)) for k, h in enumerate(heights)]
    ink, radius = _colour(random, 0, 160), random.uniform(0.8, 2.5) * unit
    draw.line(points, ink, rule)
    for x, y in points:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), ink)


def discs(random: Random, draw: ImageDraw.ImageDraw, box: Box, unit: float) -> None:
    """Filled and open circles, some as wide as a binder hole."""
    left, top, width, height = box
    for _ in range(int(random.integers(3, 12))):
        radius = random.uniform(1.0, 6.0) * unit
        x, y = left + random.random() * width, top + random.random() * height
        fill = _colour(random) if random.random() < 0.5 else None
        draw.ellipse(
            (x - radius, y - radius, x + radius, y + radius), fill, (20, 20, 20), max(1, int(0.4 * unit))
        )


def clock(random: Random, draw: ImageDraw.ImageDraw, box: Box, unit: float) -> None:
    """A clock face."""
    left, top, width, height = box
    radius = min(width, height) / 2
    x, y = left + width / 2, top + height / 2
    rule = max(1, int(0.6 * unit))
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), None, (20, 20, 20), rule)
    for hour in range(12):
        at = 0.85 * radius * np.array([np.cos(hour * np.pi / 6), np.sin(hour * np.pi / 6)])
        dot = random.uniform(0.8, 1.2) * unit
        draw.ellipse((x + at[0] - dot, y + at[1] - dot, x + at[0] + dot, y + at[1] + dot), (20, 20, 20))
    for length in (0.5, 0.75):
        angle = random.uniform(0, 2 * np.pi)
        tip = (x + length * radius * np.cos(angle), y + length * radius * np.sin(angle))
        draw.line((x, y, *tip), (20, 20, 20), 2 * rule)


def seal(random: Random, draw: ImageDraw.ImageDraw, box: Box, unit: float) -> None:
    """A round stamp, red or blue, 30 to 45 mm or smaller where there is no room."""
    left, top, width, height = box
    radius = min(width, height, random.uniform(30, 45) * unit) / 2
    x, y = left + width / 2, top + height / 2
    ink = (215, 40, 50) if random.random() < 0.7 else (40, 60, 190)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), None, ink, max(1, int(1.1 * unit)))
    spokes = [(0.3 if k % 2 else 0.12, k * np.pi / 5) for k in range(10)]
    star = [(x + r * radius * np.sin(a), y - r * radius * np.cos(a)) for r, a in spokes]
    draw.polygon(star, ink)


def portrait(random: Random, draw: ImageDraw.ImageDraw, box: Box, unit: float) -> None:
    """A face with hair and shoulders: skin that is printed, no finger."""
    left, top, width, height = box
    base = np.array(SKINS[int(random.integers(len(SKINS)))], np.float64)
    rows, cols = max(8, int(height)), max(8, int(width))
    y, x = np.mgrid[:rows, :cols].astype(np.float64)
    y, x = y / rows, (x / cols - 0.5) * cols / rows
    picture = np.full((rows, cols, 3), _colour(random, 80, 240), np.float64)
    head = (x / 0.2) ** 2 + ((y - 0.42) / 0.27) ** 2
    picture[(x / 0.26) ** 2 + ((y - 0.36) / 0.32) ** 2 < 1] = _colour(random, 10, 90)
    picture[(x / 0.42) ** 2 + ((y - 1.05) / 0.35) ** 2 < 1] = _colour(random)
    shade = np.sqrt(np.clip(1.15 - head, 0, 1))[:, :, None]
    face = head < 1
    picture[face] = (base * (0.55 + 0.45 * shade))[face]
    for side in (-0.08, 0.08):
        picture[((x - side) / 0.03) ** 2 + ((y - 0.4) / 0.02) ** 2 < 1] = (30, 25, 25)
    picture[(x / 0.07) ** 2 + ((y - 0.57) / 0.02) ** 2 < 1] = (150, 70, 70)
    _paste(draw, picture, left, top)


def landscape(random: Random, draw: ImageDraw.ImageDraw, box: Box, unit: float) -> None:
    """A photograph of nothing: smooth colours and some grain."""
    left, top, width, height = box
    small = random.uniform(20, 235, (5, 7, 3))
    size = (max(8, int(width)), max(8, int(height)))
    smooth = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
    _paste(draw, smooth + random.normal(size=smooth.shape) * 6, left, top)


def _paste(draw: ImageDraw.ImageDraw, picture: np.ndarray, left: float, top: float) -> None:
    tile = Pillow.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    draw._image.paste(tile, (int(left), int(top)))  # the page under the pen


FIGURES = (plot, discs, clock, seal, portrait, landscape)
