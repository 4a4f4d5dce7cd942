"""Surfaces documents lie on, and what else lies there: SYNTHETIC, seeded, of any size.

All lengths are shares of the picture, so that a small picture shows what a large one would.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.datasets.scenes import DESKS, smooth_noise, tint

Floats = npt.NDArray[np.float64]
Random = np.random.Generator


def worktop(random: Random, rows: int, cols: int) -> Floats:
    """Float64 ``(rows, cols, 3)``, 0..255: one of some twenty kinds."""
    if random.random() < 0.5:
        return DESKS[random.integers(len(DESKS))](random, rows, cols)
    return _MORE[random.integers(len(_MORE))](random, rows, cols)


def litter(random: Random, desk: Floats) -> None:
    """Pens, cables, coins, cups, fingers and scraps, drawn into `desk`."""
    for _ in range(int(random.choice([0, 0, 0, 1, 2, 4]))):
        _LITTER[random.integers(len(_LITTER))](random, desk)


def any_colour(random: Random) -> Floats:
    """Of any brightness, mostly pale in tint."""
    if random.random() < 0.7:
        return tint(random, 20, 250)
    return random.uniform(10, 250, 3)


# Surfaces ------------------------------------------------------------------------------


def _grain(random: Random, rows: int, cols: int) -> Floats:
    """Fine noise of one size: leather, carpet, sandpaper."""
    size = max(rows, cols) / random.uniform(60, 400)
    noise = random.normal(size=(rows, cols, 1 if random.random() < 0.7 else 3))
    soft = cv2.GaussianBlur(noise, (0, 0), max(0.3, size / 3)).reshape(rows, cols, -1)
    return any_colour(random) + random.uniform(3, 30) * soft / max(1e-6, float(soft.std()))


def _white(random: Random, rows: int, cols: int) -> Floats:
    """A white table: nearly the colour of paper."""
    desk = np.full((rows, cols, 3), tint(random, 195, 252))
    return desk + random.uniform(0, 12) * smooth_noise(random, rows, cols, (3, 4))[:, :, None]


def _black(random: Random, rows: int, cols: int) -> Floats:
    desk = np.full((rows, cols, 3), tint(random, 8, 60))
    return desk + random.uniform(0, 8) * smooth_noise(random, rows, cols, (40, 50))[:, :, None]


def _tiles(random: Random, rows: int, cols: int) -> Floats:
    """Squares of two colours or with joints, at any angle."""
    u, v = _turned_axes(random, rows, cols)
    pitch = max(rows, cols) * random.uniform(0.03, 0.3)
    one, other = any_colour(random), any_colour(random)
    if random.random() < 0.5:
        pick = ((np.floor(u / pitch) + np.floor(v / pitch)) % 2)[:, :, None]
        other = one + (other - one) * random.uniform(0.1, 1)
    else:
        joint = random.uniform(0.01, 0.08)
        pick = ((u / pitch % 1 < joint) | (v / pitch % 1 < joint))[:, :, None]
    return np.asarray(one * (1 - pick) + other * pick, np.float64) + _spots(random, rows, cols)


def _stripes(random: Random, rows: int, cols: int) -> Floats:
    """A striped or checked cloth."""
    u, v = _turned_axes(random, rows, cols)
    pitch = max(rows, cols) * random.uniform(0.01, 0.15)
    part = random.uniform(0.2, 0.6)
    pick = (u / pitch % 1 < part).astype(float)
    if random.random() < 0.5:
        pick = (pick + (v / pitch % 1 < part)) / 2
    one = any_colour(random)
    other = one + (any_colour(random) - one) * random.uniform(0.1, 1)
    return np.asarray(one + (other - one) * pick[:, :, None] + _spots(random, rows, cols))


def _planks(random: Random, rows: int, cols: int) -> Floats:
    """Boards at any angle, each of its own shade, with grain along them."""
    u, v = _turned_axes(random, rows, cols)
    long = max(rows, cols)
    width = long * random.uniform(0.06, 0.4)
    board = np.floor(v / width).astype(int)
    shade = 1 + random.normal(size=999)[board % 999] * random.uniform(0, 0.08)
    base = np.array([random.uniform(20, 120), random.uniform(60, 160), random.uniform(90, 210)])
    rings = np.sin(
        v / long * random.uniform(100, 600) + 3 * np.sin(u / long * random.uniform(2, 9)) + 7 * board
    )
    joint = 1 - (v / width % 1 < random.uniform(0.004, 0.03)) * random.uniform(0.1, 0.7)
    desk = base * (shade * joint + random.uniform(0.0, 0.1) * rings)[:, :, None]
    return np.asarray(desk + _spots(random, rows, cols))


def _marble(random: Random, rows: int, cols: int) -> Floats:
    field = smooth_noise(random, rows, cols, (3, 4)) + 0.5 * smooth_noise(random, rows, cols, (9, 12))
    veins = np.exp(-np.abs(field - random.uniform(-0.3, 0.3)) * random.uniform(10, 60))
    depth = random.choice([-1, 1]) * random.uniform(10, 70)
    return np.asarray(any_colour(random) + depth * veins[:, :, None])


def _print(random: Random, rows: int, cols: int) -> Floats:
    """A patterned cloth: dots or rings everywhere."""
    desk = np.full((rows, cols, 3), any_colour(random))
    colours = [any_colour(random).tolist() for _ in range(3)]
    long = max(rows, cols)
    size = random.uniform(0.006, 0.05) * long
    thick = -1 if random.random() < 0.6 else max(1, int(size * 0.2))
    for _ in range(int(random.uniform(20, 200))):
        centre = random.uniform((0, 0), (cols, rows)).astype(int).tolist()
        cv2.circle(
            desk, centre, max(1, int(size * random.uniform(0.6, 1.4))), colours[random.integers(3)], thick
        )
    return desk


def _news(random: Random, rows: int, cols: int) -> Floats:
    """Lines of print to all sides, as a newspaper or a covered notice board."""
    desk = np.full((rows, cols, 3), tint(random, 120, 235))
    ink = random.uniform(20, 110)
    height = max(2, int(max(rows, cols) * random.uniform(0.004, 0.015)))
    for top in range(0, rows, 2 * height):
        words = np.repeat(random.random(cols // (2 * height) + 1) < 0.8, 2 * height)[:cols]
        letters = np.repeat(random.random((height, cols // 2 + 1)) < 0.5, 2, axis=1)[:, :cols] & words
        part = desk[top : top + height]
        part[letters[: len(part)]] = ink
    return np.ascontiguousarray(desk if random.random() < 0.5 else desk[:, ::-1])


def _halves(random: Random, rows: int, cols: int) -> Floats:
    """A table's edge: one surface here, another beyond."""
    u, _ = _turned_axes(random, rows, cols)
    cut = np.quantile(u, random.uniform(0.08, 0.92))
    one, other = (_PLAINER[random.integers(len(_PLAINER))](random, rows, cols) for _ in range(2))
    return np.where((u < cut)[:, :, None], one, other)


def _turned_axes(random: Random, rows: int, cols: int) -> tuple[Floats, Floats]:
    y, x = np.mgrid[:rows, :cols].astype(np.float64)
    turn = random.choice([0.0, np.pi / 2, random.uniform(0, np.pi)]) + random.normal() * 0.03
    c, s = np.cos(turn), np.sin(turn)
    shift = random.uniform(0, max(rows, cols), 2)
    return x * c + y * s + shift[0], y * c - x * s + shift[1]


def _spots(random: Random, rows: int, cols: int) -> Floats:
    return np.asarray(random.uniform(0, 7) * smooth_noise(random, rows, cols, (60, 80))[:, :, None])


_Surface = Callable[[Random, int, int], Floats]
_PLAINER: tuple[_Surface, ...] = (_grain, _white, _black, _planks, _marble)
_MORE: tuple[_Surface, ...] = (*_PLAINER, _white, _white, _tiles, _stripes, _planks, _print, _news, _halves)


# What is no document ---------------------------------------------------------------------


def _stick(random: Random, desk: Floats) -> None:
    """A pen: straight, a few shades along it."""
    long = max(desk.shape[:2])
    start = random.uniform((0, 0), desk.shape[1::-1])
    turn, length = random.uniform(0, 2 * np.pi), random.uniform(0.08, 0.3) * long
    end = start + length * np.array([np.cos(turn), np.sin(turn)])
    colour, width = any_colour(random), max(2, int(long * random.uniform(0.004, 0.014)))
    for part, shade in ((1.0, 1.0), (0.3, 0.6)):
        stop = start + part * (end - start)
        cv2.line(
            desk, start.astype(int).tolist(), stop.astype(int).tolist(), (colour * shade).tolist(), width
        )


def _cable(random: Random, desk: Floats) -> None:
    size = np.array(desk.shape[1::-1])
    knots = random.uniform(-0.2, 1.2, (4, 2)) * size
    t = np.linspace(0, 1, 60)[:, None]
    curve = (
        (1 - t) ** 3 * knots[0]
        + 3 * (1 - t) ** 2 * t * knots[1]
        + 3 * (1 - t) * t**2 * knots[2]
        + t**3 * knots[3]
    )
    width = max(1, int(max(size) * random.uniform(0.002, 0.008)))
    cv2.polylines(desk, [curve.astype(np.int32)], False, any_colour(random).tolist(), width, cv2.LINE_AA)


def _disc(random: Random, desk: Floats) -> None:
    """A coin, a cup, a lid."""
    long = max(desk.shape[:2])
    centre = random.uniform((0, 0), desk.shape[1::-1]).astype(int).tolist()
    radius = int(long * random.choice([0.012, 0.05, 0.1]) * random.uniform(0.7, 1.3))
    colour = any_colour(random)
    cv2.circle(desk, centre, radius, colour.tolist(), -1, cv2.LINE_AA)
    inner = (colour * random.uniform(0.5, 1.2)).tolist()
    cv2.circle(desk, centre, int(radius * random.uniform(0.5, 0.95)), inner, -1, cv2.LINE_AA)


def _scrap(random: Random, desk: Floats) -> None:
    """A shape that is no rectangle: a cloth, a peel, a key."""
    angles = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(3, 9))))
    radii = max(desk.shape[:2]) * random.uniform(0.01, 0.08) * random.uniform(0.4, 1, len(angles))
    centre = random.uniform((0, 0), desk.shape[1::-1])
    points = centre + np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None]
    cv2.fillPoly(desk, [points.astype(np.int32)], any_colour(random).tolist(), cv2.LINE_AA)


def finger(random: Random, desk: Floats) -> None:
    """From the border in, of some skin's colour."""
    size = np.array(desk.shape[1::-1], float)
    start = random.uniform(0, 1, 2)
    start[random.integers(2)] = random.integers(2)
    end = start * size + (random.uniform(0.2, 0.8, 2) - start) * size * random.uniform(0.2, 0.6)
    skin = np.array([random.uniform(80, 170), random.uniform(110, 190), random.uniform(150, 240)])
    width = max(3, int(max(size) * random.uniform(0.02, 0.05)))
    cv2.line(
        desk, (start * size).astype(int).tolist(), end.astype(int).tolist(), skin.tolist(), width, cv2.LINE_AA
    )


_LITTER = (_stick, _stick, _cable, _disc, _disc, _scrap, finger)
