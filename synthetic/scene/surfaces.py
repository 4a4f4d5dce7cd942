"""Surfaces documents lie on, float32 BGR of any size.

Most lengths are shares of the picture, so that a small picture shows what a large one would.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from synthetic.arrays import Floats, Mask, Random, Size
from synthetic.noise import smooth_noise

Surface = Callable[[Random, Size], Floats]


def worktop(random: Random, size: Size) -> Floats:
    """Return one of some twenty kinds of surface."""
    kinds = (DESKS, _MORE, PATTERNED)[random.choice(3, p=[0.4, 0.35, 0.25])]
    return kinds[random.integers(len(kinds))](random, size)


def plain_desk(random: Random, size: Size) -> Floats:
    """Return wood, grey, dark or white, in reflectance."""
    kind = int(random.integers(4))
    base = ((60, 105, 160), (128, 128, 128), (38, 36, 36), (232, 232, 232))[kind]
    plane = full(size, np.array(base) * random.uniform(0.8, 1.15))
    if kind == 0:
        plane += 12 * smooth_noise(random, size, (6, max(8, size[1] // 12)))[:, :, None]
    return plane


def tint(random: Random, low: float, high: float) -> Floats:
    """Return a colour between two levels, mostly a pale one."""
    return np.asarray(random.uniform(low, high) + random.uniform(-1, 1, 3) * random.choice([4, 30]))


def any_colour(random: Random) -> Floats:
    """Return a colour of any brightness, mostly pale in tint."""
    return tint(random, 20, 250) if random.random() < 0.7 else random.uniform(10, 250, 3)


def full(size: Size, colour: Floats | float) -> Floats:
    """Return a plane of one colour."""
    return np.full((*size[::-1], 3), colour, np.float32)


def axes(size: Size, turn: float) -> tuple[Floats, Floats]:
    """Return how far each pixel is along and across a direction, in pixels."""
    y, x = np.mgrid[: size[1], : size[0]].astype(np.float32)
    cos = np.float32(np.cos(turn))
    sin = np.float32(np.sin(turn))
    return x * cos + y * sin, y * cos - x * sin


def _clouded(
    random: Random, size: Size, low: float, high: float, most: float, cells: tuple[int, ...] = (8,)
) -> Floats:
    """One colour between two levels, and clouds of each number of cells, of up to so many levels."""
    desk = full(size, tint(random, low, high))
    for count in cells:
        desk += random.uniform(most / 8, most) * smooth_noise(random, size, (count, count))[:, :, None]
    return desk


_plain = partial(_clouded, low=25, high=245, most=8)
_stone = partial(_clouded, low=50, high=200, most=16, cells=(10, 40, 160))


def _wood(random: Random, size: Size) -> Floats:
    rows = size[1]
    base = full(size, np.array([60, 110, 165]) * random.uniform(0.4, 1.4))
    grain = smooth_noise(random, size, (random.uniform(3, 12), rows / random.uniform(2, 10)))
    desk = base + np.float32(16 * random.uniform(0.3, 1.5)) * grain[:, :, None]
    width = int(random.integers(60, 400))
    for seam in range(int(random.integers(0, width)), rows, width):
        desk[seam : seam + int(random.integers(1, 5))] *= random.uniform(0.3, 0.9)
        desk[seam : seam + width] *= random.uniform(0.9, 1.1)
    return desk


def _turned_wood(random: Random, size: Size) -> Floats:
    return np.ascontiguousarray(_wood(random, (size[1], size[0])).transpose(1, 0, 2))


def _cloth(random: Random, size: Size) -> Floats:
    u, v = axes(size, random.uniform(0, np.pi))
    pitch = 2 * np.pi / random.uniform(6, 80)
    wave = np.sin(u * pitch) + np.sin(v * pitch) * random.choice([0, 1])
    return np.asarray(_stone(random, size) + random.uniform(3, 25) * wave[:, :, None], np.float32)


def _mat(random: Random, size: Size) -> Floats:
    desk = _plain(random, size)
    pitch = int(random.integers(30, 160))
    for at in range(int(random.integers(0, pitch)), max(size), pitch):
        desk[at : at + 2] += 40
        desk[:, at : at + 2] += 40
    return desk


def _crumpled(random: Random, size: Size) -> Floats:
    """White paper, creased: facets of slightly different shade."""
    y, x = np.mgrid[: size[1], : size[0]].astype(np.float32) / max(size)
    shade = np.zeros(size[::-1], np.float32)
    for _ in range(int(random.integers(15, 50))):
        turn = random.uniform(0, 2 * np.pi)
        off = random.uniform(-0.5, 1.2)
        away = np.abs(x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn)) - np.float32(off))
        window = smooth_noise(random, size, (4, 4)) > random.uniform(-0.2, 0.6)
        shade += window * np.exp(-away * np.float32(random.uniform(20, 120))) * random.choice([-1, 1])
    bumps = 4 * smooth_noise(random, size, (9, 9)) + smooth_noise(random, size, (50, 50))
    shaded = np.float32(random.uniform(3, 12)) * shade + bumps
    return full(size, tint(random, 180, 240)) + shaded[:, :, None]


def _grain(random: Random, size: Size) -> Floats:
    """Fine noise of one size: leather, carpet, sandpaper."""
    fine = max(size) / random.uniform(60, 400)
    noise = random.standard_normal((*size[::-1], 1 if random.random() < 0.7 else 3), np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), max(0.3, fine / 3)).reshape(*size[::-1], -1)
    return full(size, any_colour(random)) + random.uniform(3, 30) * soft / max(1e-6, float(soft.std()))


def _tiles(random: Random, size: Size) -> Floats:
    """Squares of two colours or with joints, at any angle."""
    u, v = (axis / (max(size) * random.uniform(0.03, 0.3)) for axis in _any_axes(random, size))
    if random.random() < 0.5:
        return _mixed(random, (np.floor(u) + np.floor(v)) % 2)
    joint = random.uniform(0.01, 0.08)
    return _mixed(random, (u % 1 < joint) | (v % 1 < joint))


def _paved(random: Random, size: Size) -> Floats:
    """Tiles, rhombs, bricks, parquet: cells of a few colours and shades, with joints or none."""
    turn = random.choice([0.0, np.pi / 4, random.uniform(0, np.pi)]) + random.normal() * 0.03
    corner = random.choice([np.pi / 2, np.pi / 3, random.uniform(0.7, np.pi / 2)], p=[0.5, 0.2, 0.3])
    wide = max(size) * random.uniform(0.04, 0.35)
    narrow = wide * random.choice([1.0, 0.5, random.uniform(0.15, 1.0)])
    across = axes(size, turn)[1] / narrow
    along = axes(size, turn + corner)[1] / wide
    across = across + random.uniform(0, 9)
    along = along + random.uniform(0, 9)
    row = np.floor(across)
    along = along + row * random.choice([0.0, 0.0, 0.5, 0.33])
    cell = np.mod(row * 7 + np.floor(along) * random.choice([1, 3]), 997).astype(int)
    colours = any_colour(random) + random.uniform(-1, 1, (int(random.integers(1, 4)), 3)) * random.uniform(
        5, 120
    )
    shades = 1 + random.normal(size=997) * random.choice([0.0, 0.03, 0.12])
    desk = (colours[np.arange(997) % len(colours)] * shades[:, None]).astype(np.float32)[cell]
    joint = random.choice([0.0, random.uniform(0.01, 0.06)])
    seam = (across % 1 < joint) | (along % 1 < joint * narrow / wide)
    desk[seam] = any_colour(random)
    return _spotted(random, desk)


def _rug(random: Random, size: Size) -> Floats:
    """A rug, a tablecloth with borders, a placemat: frames of other colours, one in the other."""
    u, v = axes(size, random.normal() * random.choice([0.03, 0.6]))
    middle = random.uniform(0.2, 0.8, 2) * size
    turned = [axis - axis[int(middle[1]), int(middle[0])] for axis in (u, v)]
    half = np.array(size) * random.uniform(0.25, 0.75, 2)
    depth = np.minimum(half[0] - np.abs(turned[0]), half[1] - np.abs(turned[1])) / max(size)
    desk = _PLAINER[random.integers(len(_PLAINER))](random, size)
    at = 0.0
    for _ in range(int(random.integers(2, 6))):
        desk[depth > at] += random.uniform(-1, 1, 3) * random.uniform(8, 110)
        at += random.uniform(0.004, 0.08)
    return _spotted(random, np.clip(desk, 5, 252))


def _stripes(random: Random, size: Size) -> Floats:
    """A striped or checked cloth."""
    pitch = max(size) * random.uniform(0.01, 0.15)
    part = random.uniform(0.2, 0.6)
    u, v = (np.asarray(axis / pitch % 1 < part, np.float32) for axis in _any_axes(random, size))
    return _mixed(random, u if random.random() < 0.5 else (u + v) / 2)


def _mixed(random: Random, pick: Floats | Mask) -> Floats:
    """Two colours, near to each other or not, and spots."""
    one = any_colour(random)
    other = (any_colour(random) - one) * random.uniform(0.1, 1)
    return _spotted(random, one + other * pick[:, :, None])


def _planks(random: Random, size: Size) -> Floats:
    """Boards at any angle, each of its own shade, with grain along them."""
    u, v = (axis / max(size) for axis in _any_axes(random, size))
    width = random.uniform(0.06, 0.4)
    board = np.floor(v / width).astype(int)
    shade = 1 + random.normal(size=999)[board % 999] * random.uniform(0, 0.08)
    base = random.uniform((20, 60, 90), (120, 160, 210))
    rings = np.sin(v * random.uniform(100, 600) + 3 * np.sin(u * random.uniform(2, 9)) + 7 * board)
    joint = 1 - (v / width % 1 < random.uniform(0.004, 0.03)) * random.uniform(0.1, 0.7)
    return _spotted(random, base * (shade * joint + random.uniform(0.0, 0.1) * rings)[:, :, None])


def _marble(random: Random, size: Size) -> Floats:
    field = smooth_noise(random, size, (4, 3)) + 0.5 * smooth_noise(random, size, (12, 9))
    veins = np.exp(-np.abs(field - random.uniform(-0.3, 0.3)) * np.float32(random.uniform(10, 60)))
    depth = np.float32(random.choice([-1, 1]) * random.uniform(10, 70))
    return np.asarray(full(size, any_colour(random)) + depth * veins[:, :, None])


def _print(random: Random, size: Size) -> Floats:
    """A patterned cloth: dots or rings everywhere."""
    desk = full(size, any_colour(random))
    radius = random.uniform(0.006, 0.05) * max(size)
    colours = [any_colour(random).tolist() for _ in range(3)]
    thick = -1 if random.random() < 0.6 else max(1, int(radius * 0.2))
    for _ in range(int(random.uniform(20, 200))):
        centre = random.uniform((0, 0), size)
        reach = radius * random.uniform(0.6, 1.4)
        cv2.circle(desk, centre.astype(int).tolist(), max(1, int(reach)), colours[random.integers(3)], thick)
    return desk


def _news(random: Random, size: Size) -> Floats:
    """Lines of print to all sides, as a newspaper or a covered notice board."""
    desk = full(size, tint(random, 120, 235))
    ink = random.uniform(20, 110)
    height = max(2, int(max(size) * random.uniform(0.004, 0.015)))
    for top in range(0, size[1], 2 * height):
        words = np.repeat(random.random(size[0] // (2 * height) + 1) < 0.8, 2 * height)[: size[0]]
        letters = np.repeat(random.random((height, size[0] // 2 + 1)) < 0.5, 2, axis=1)[:, : size[0]] & words
        part = desk[top : top + height]
        part[letters[: len(part)]] = ink
    return np.ascontiguousarray(desk if random.random() < 0.5 else desk[:, ::-1])


def _halves(random: Random, size: Size) -> Floats:
    """A table's edge: one surface here, another beyond."""
    u, _ = _any_axes(random, size)
    cut = np.quantile(u, random.uniform(0.08, 0.92))
    one, other = (_PLAINER[random.integers(len(_PLAINER))](random, size) for _ in range(2))
    return np.where((u < cut)[:, :, None], one, other)


def _any_axes(random: Random, size: Size) -> tuple[Floats, Floats]:
    turn = random.choice([0.0, np.pi / 2, random.uniform(0, np.pi)]) + random.normal() * 0.03
    (u, v) = axes(size, turn)
    shift = random.uniform(0, max(size), 2).astype(np.float32)
    return u + shift[0], v + shift[1]


def _spotted(random: Random, desk: Floats) -> Floats:
    spots = random.uniform(0, 7) * smooth_noise(random, (desk.shape[1], desk.shape[0]), (80, 60))
    return np.asarray(desk + spots[:, :, None], np.float32)


_white = partial(_clouded, low=195, high=252, most=12, cells=(4,))
_black = partial(_clouded, low=8, high=60, most=8, cells=(45,))
_CRUMPLED = (_crumpled,) * 3
DESKS: tuple[Surface, ...] = (_plain, _stone, _wood, _turned_wood, _cloth, _mat, *_CRUMPLED)
_PLAINER: tuple[Surface, ...] = (_grain, _white, _black, _planks, _marble)
PATTERNED: tuple[Surface, ...] = (_paved, _paved, _paved, _tiles, _stripes, _planks, _rug)
"""Surfaces whose own lines and cells look like documents."""
_MORE: tuple[Surface, ...] = (*_PLAINER, _white, _white, *PATTERNED, _print, _news, _halves)
