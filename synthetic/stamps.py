"""Seals, rubber stamps and signatures, as ink masks (255 = ink)."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import PIL.Image as Pillow
import PIL.ImageDraw

from synthetic.arrays import Floats, Image, Random, Size
from synthetic.noise import clouds
from synthetic.text.typeface import Face, Typefaces

SEAL_RED = (206, 38, 42)
PEN_BLUE = (30, 44, 120)

_FINE = 4
Pair = tuple[float, float]


class Die:
    """The face of a stamp of `size`, drawn four times as large, so that its edges are smooth.

    Lengths are pixels of the stamp, from its middle.
    """

    def __init__(self, size: Size) -> None:
        self.image = Pillow.new("L", (_FINE * size[0], _FINE * size[1]), 0)
        self._draw = PIL.ImageDraw.Draw(self.image)
        self._middle = np.array(size) / 2

    def ring(self, radii: tuple[float, float], width: float) -> None:
        """An ellipse, `width` thick inwards."""
        self._draw.ellipse(self._box(radii), outline=255, width=self._thick(width))

    def frame(self, half: Pair, width: float, rounded: float = 0.0, filled: bool = False) -> None:
        """A rectangle with rounded corners."""
        fill = 255 if filled else 0
        thick = self._thick(width)
        self._draw.rounded_rectangle(self._box(half), _FINE * rounded, fill, 255, thick)

    def star(self, y: float, radius: float) -> None:
        """Five points, upright."""
        x = self._middle[0] * _FINE
        y = (self._middle[1] + y) * _FINE
        self._draw.polygon(star(x, y, _FINE * radius), fill=255)

    def text(self, at: tuple[float, float], words: str, face: Face, em: float, fill: int = 255) -> None:
        """A line about a point."""
        x, y = _FINE * (self._middle + at)
        self._draw.text((x, y), words, fill, face.at(_FINE * em), anchor="mm")

    def letters(self, words: str, face: Face, em: float, radii: tuple[float, float], span: float) -> None:
        """Letters along the upper arc, feet towards the middle, over `span` degrees."""
        font = face.at(_FINE * em)
        side = round(_FINE * em)
        for place, letter in enumerate(words):
            degrees = span * ((place + 0.5) / len(words) - 0.5)
            tile = Pillow.new("L", (2 * side, 2 * side), 0)
            PIL.ImageDraw.Draw(tile).text((side, side), letter, 255, font, anchor="mm")
            way = np.array([np.sin(np.radians(degrees)), -np.cos(np.radians(degrees))])
            x, y = (_FINE * (self._middle + way * radii)).round().astype(int)
            turned = tile.rotate(-degrees, Pillow.Resampling.BICUBIC)
            self.image.paste(255, (int(x) - side, int(y) - side), turned)

    def cut(self) -> Floats:
        """Return the finished stamp, float32 0..1."""
        drawn = np.asarray(self.image, np.float32) / 255
        fine = 1 / _FINE
        return np.asarray(cv2.resize(drawn, None, fx=fine, fy=fine, interpolation=cv2.INTER_AREA), np.float32)

    def _box(self, half: tuple[float, float]) -> tuple[float, float, float, float]:
        low = _FINE * (self._middle - half)
        high = _FINE * (self._middle + half) - 1
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def _thick(self, width: float) -> int:
        return max(1, round(_FINE * width))


def star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    """Return the corners of a star with five points."""
    angles = -np.pi / 2 + np.arange(10) * np.pi / 5
    reach = np.where(np.arange(10) % 2 == 0, radius, 0.382 * radius)
    return [(x + r * np.cos(a), y + r * np.sin(a)) for a, r in zip(angles, reach, strict=True)]


def round_seal(faces: Typefaces, words: tuple[str, str], pixels: int, random: Random) -> Image:
    """Return a seal with a star, the first words along its upper rim and the second below the star."""
    ring, foot = words
    die = Die((pixels, pixels))
    outer = 0.472 * pixels
    wide = any(ord(letter) > 0x2E80 for letter in ring)
    em, step = (0.125, 26.0) if wide else (0.085, 11.5)
    die.ring((outer, outer), 0.028 * pixels)
    die.star(-0.03 * pixels, 0.15 * pixels)
    die.letters(ring, faces.bold, em * pixels, (0.355 * pixels,) * 2, min(250.0, step * len(ring)))
    die.text((0, 0.275 * pixels), foot, faces.sans, 0.075 * pixels)
    return _worn(die.cut(), random)


def box_seal(faces: Typefaces, words: tuple[str, str, str], size: Size, random: Random) -> Image:
    """Return three lines in a rounded frame of `size`, set on a little askew."""
    width, height = size
    die = Die((width, round(height * 1.25)))
    rim = 0.045 * height
    die.frame((width / 2 - 2 * rim, height / 2 - rim), rim, 0.1 * height)
    lines = ((faces.bold, 0.26, -0.26), (faces.mono, 0.24, 0.04), (faces.sans, 0.16, 0.31))
    for line, (face, em, y) in zip(words, lines, strict=True):
        die.text((0, y * height), line, face, em * height)
    die.image = die.image.rotate(float(random.uniform(2.0, 5.0)), Pillow.Resampling.BICUBIC)
    return _worn(die.cut(), random)


def signature(size: Size, random: Random) -> Image:
    """Return a scribbled name in a box of `size`; no real name."""
    width, height = size
    t = np.linspace(0.0, 1.0, 260)
    loops = np.sin(2 * np.pi * (4.6 * t + 0.25 * np.sin(5.0 * t))) * (0.34 - 0.20 * t)
    x = (0.06 + 0.86 * t + 0.045 * np.cos(2 * np.pi * 9.1 * t)) * width
    y = (0.52 - 0.12 * t + loops + 0.03 * random.standard_normal(4)[0]) * height
    mask = np.zeros((height, width), np.uint8)
    _stroke(mask, np.stack([x, y], axis=1))
    _stroke(mask, np.array([[0.10, 0.86], [0.5, 0.80], [0.97, 0.70]]) * (width, height))
    return mask


def _stroke(mask: Image, points: Floats) -> None:
    height = len(mask)
    for start, end in pairwise(points):
        slow = 1.0 - min(1.0, float(np.hypot(*(end - start))) / height * 4)
        width = max(2, round(height * (0.022 + 0.030 * slow)))
        ends = np.rint([start, end]).astype(int).tolist()
        cv2.line(mask, ends[0], ends[1], 255, width, cv2.LINE_AA)


def _worn(stamp: Floats, random: Random) -> Image:
    """Ink as uneven as that of a rubber stamp."""
    size = (stamp.shape[1], stamp.shape[0])
    wear = 0.86 + 0.07 * clouds(random, size, (7, 7)) + 0.10 * clouds(random, size, (90, 90))
    return np.asarray(255 * stamp * np.clip(wear, 0.25, 1.0), np.uint8)
