"""Till receipts as thermal printers leave them, faded and crumpled.

Physical as far as it matters to a reader: a head of eight dots a millimetre with dead dots, ink
whose density fades with light, warmth and rubbing, paper with creases, and a camera.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from synthetic.arrays import Floats, Image, Random, Size
from synthetic.noise import smooth_noise
from synthetic.scene.camera import photograph
from synthetic.text.typeface import Face, find

DOTS = 8
"""Of the printing head, a millimetre."""
FADED = (0.1, 0.45)
"""Density of faded print, 1 being black: the palest and the densest place of a slip lie within."""
LETTERS = 32
"""Of a line."""
_FONTS = ("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf", "FreeMono.ttf", "DejaVuSansMono-Bold.ttf")
INKS = ((0.88, 0.88, 0.88), (0.9, 0.85, 0.75), (0.7, 0.85, 0.8))
"""Blue, green and red that full density swallows: black, or brown and violet as old print is."""
GOODS = (
    *("Oolong tea", "Green tea", "Rice cake", "Mineral water", "Notebook", "Gel pen", "File folder"),
    *("Glue stick", "Stapler", "Copies", "Envelope", "Postage", "Umbrella", "Batteries", "Soap", "Towel"),
    *("Orange juice", "Noodles", "Dumplings", "Coffee", "Sandwich", "Apples"),
)
SHOPS = ("Clearspring Tea", "Yunchuan Stationery", "Bluebird Rides", "Harbour Grocery", "Maple Pharmacy")


class Receipt(NamedTuple):
    """A slip as photographed, uint8 BGR, and the words on it."""

    picture: Image
    words: Counter[str]


def make_receipt(seed: int, faded: bool = True) -> Receipt:
    """Return one slip, `DOTS` pixels a millimetre, its print as pale as `FADED` or fresh.

    The same for the same arguments on one machine's fonts.
    """
    random = np.random.default_rng([seed, 29])
    lines = _lines(random)
    density = _dotted(random, _printed(random, lines))
    size = (density.shape[1], density.shape[0])
    if faded:
        density = density * _fading(random, size)
    paper = _paper(random, size)
    ink = np.array(INKS[int(random.integers(3))], np.float32)
    scene = np.asarray(paper * (1 - density[:, :, None] * ink), np.float32)
    picture = photograph(random, scene, random.uniform(0.5, 1.1), (1.0, 3.0), (80, 96))
    return Receipt(picture, Counter(" ".join(lines).split()))


def _lines(random: Random) -> list[str]:
    count = int(random.integers(8, 22))
    goods = [(str(random.choice(GOODS)), float(random.integers(20, 9900)) / 100) for _ in range(count)]
    total = sum(price for _, price in goods)
    shop = str(random.choice(SHOPS))
    rule = "-" * LETTERS
    number, day, minute = (int(random.integers(*ends)) for ends in ((1000, 9999), (10, 29), (10, 59)))
    sums = (("Total", total), ("Cash", total + 5), ("Change", 5.0))
    body, foot = ([f"{name:<22}{price:>10.2f}" for name, price in part] for part in (goods, sums))
    head = [shop.center(LETTERS), f"No. {number}   2030-01-{day}  10:{minute}", rule]
    return [*head, *body, rule, *foot, "Thank you, please come again".center(LETTERS)]


def _printed(random: Random, lines: list[str]) -> Floats:
    """Return the dots that the head prints, one value each, on 58 or 80 mm paper."""
    width = int(random.choice([58, 80])) * DOTS
    font = (find((str(random.choice(_FONTS)), "*Mono*.ttf")) or Face()).at(width * 0.9 / LETTERS / 0.602)
    pitch = round(width * 0.9 / LETTERS * 2.1)
    sheet = Pillow.new("L", (width, pitch * (len(lines) + 3)), 0)
    draw = ImageDraw.Draw(sheet)
    for number, line in enumerate(lines):
        draw.text((width * 0.05, pitch * (number + 1)), line, 255, font)
    dots = (np.asarray(sheet) > 110).astype(np.float32)
    dots[:, random.integers(0, width, int(random.integers(0, 4)))] = 0
    return dots


def _dotted(random: Random, dots: Floats) -> Floats:
    """Return density in the picture: each dot round, and smaller than its place when the head is cold."""
    fine = 6
    y, x = np.mgrid[:fine, :fine]
    far = np.hypot(x - (fine - 1) / 2, y - (fine - 1) / 2) / fine
    dot = np.clip((random.uniform(0.42, 0.7) - far) * fine, 0, 1).astype(np.float32)
    small = cv2.resize(np.kron(dots, dot), dots.shape[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _fading(random: Random, size: Size) -> Floats:
    """Return the density left: pale in parts, rubbed off along folds."""
    low, high = sorted(random.uniform(*FADED, 2))
    field = low + (high - low) * (0.5 + 0.5 * smooth_noise(random, size, (2, 5)))
    for _ in range(int(random.integers(0, 4))):
        at = int(random.integers(size[1]))
        width = int(random.integers(3, 30))
        field[at : at + width] *= random.uniform(0.5, 0.9)
    return np.asarray(cv2.GaussianBlur(field, (0, 0), 2), np.float32)


def _paper(random: Random, size: Size) -> Floats:
    """Return the light of the blank slip, float32 BGR: creased, unevenly lit, a little yellow."""
    cols, rows = size
    y, x = np.mgrid[:rows, :cols].astype(np.float32) / cols
    shade = np.zeros((rows, cols), np.float32)
    for _ in range(int(random.integers(4, 16))):
        turn = random.uniform(0, np.pi)
        far = x * np.cos(turn) + y * np.sin(turn) - random.uniform(-0.2, rows / cols)
        window = smooth_noise(random, size, (3, 6)) > random.uniform(-0.3, 0.4)
        crease = np.exp(-np.abs(far) * random.uniform(15, 60)) * random.choice([-1.0, 1.0])
        shade += window * crease.astype(np.float32)
    relief = 1 + random.uniform(0.02, 0.1) * shade + 0.04 * smooth_noise(random, size, (4, 9))
    fall = 1 - random.uniform(0, 0.45) * (0.5 + 0.5 * smooth_noise(random, size, (2, 2)))
    tint = np.array((random.uniform(0.8, 1.0), random.uniform(0.93, 1.0), 1.0), np.float32)
    return np.asarray(235 * (relief * fall)[:, :, None] * tint, np.float32)
