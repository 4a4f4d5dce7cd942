"""Pens, cables, coins, cups, scraps: what lies on desks and is no document."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Corners, Floats, Random
from synthetic.geometry import moved_corners
from synthetic.scene.surfaces import any_colour, tint


def clutter(random: Random, desk: Floats) -> None:
    """Draw a pen or two and a cup, as large as a document camera sees them."""
    size = np.array(desk.shape[1::-1])
    for _ in range(int(random.choice([0, 0, 1, 2]))):
        start = random.uniform((0, 0), size)
        end = start + random.uniform(0.1, 0.5) * size[0] * _way(random)
        _line(desk, start, end, tint(random, 10, 240), int(random.integers(3, 25)))
    if random.random() < 0.15:
        _circle(desk, random.uniform((0, 0), size), float(random.integers(40, 160)), tint(random, 20, 240))


def litter(random: Random, desk: Floats) -> None:
    """Draw pens, cables, coins, cups, fingers and scraps, in shares of the picture."""
    for _ in range(int(random.choice([0, 0, 0, 1, 2, 4, 8]))):
        _LITTER[random.integers(len(_LITTER))](random, desk)


def finger(random: Random, desk: Floats) -> None:
    """Draw a finger from the border in, of some skin's colour."""
    size = np.array(desk.shape[1::-1], float)
    start = random.uniform(0, 1, 2)
    start[random.integers(2)] = random.integers(2)
    end = start * size + (random.uniform(0.2, 0.8, 2) - start) * size * random.uniform(0.2, 0.6)
    skin = random.uniform((80, 110, 150), (170, 190, 240))
    _line(desk, start * size, end, skin, max(3, int(max(size) * random.uniform(0.02, 0.05))))


def _pen(random: Random, desk: Floats) -> None:
    """A pen: straight, a few shades along it."""
    long = max(desk.shape[:2])
    start = random.uniform((0, 0), desk.shape[1::-1])
    way = _way(random) * random.uniform(0.08, 0.3) * long
    colour = any_colour(random)
    width = max(2, int(long * random.uniform(0.004, 0.014)))
    _line(desk, start, start + way, colour, width)
    _line(desk, start, start + 0.3 * way, 0.6 * colour, width)


def _cable(random: Random, desk: Floats) -> None:
    size = np.array(desk.shape[1::-1])
    a, b, c, d = random.uniform(-0.2, 1.2, (4, 2)) * size
    t = np.linspace(0, 1, 60)[:, None]
    curve = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
    width = max(1, int(max(size) * random.uniform(0.002, 0.008)))
    cv2.polylines(desk, [curve.astype(np.int32)], False, any_colour(random).tolist(), width, cv2.LINE_AA)


def _disc(random: Random, desk: Floats) -> None:
    """A coin, a cup, a lid."""
    centre = random.uniform((0, 0), desk.shape[1::-1])
    radius = max(desk.shape[:2]) * random.choice([0.012, 0.05, 0.1]) * random.uniform(0.7, 1.3)
    colour = any_colour(random)
    _circle(desk, centre, radius, colour)
    _circle(desk, centre, radius * random.uniform(0.5, 0.95), colour * random.uniform(0.5, 1.2))


def keys(random: Random, desk: Floats) -> Corners:
    """A keyboard, a calculator, a remote control: rows of keys on a dark or a pale body."""
    long = max(desk.shape[:2]) * random.uniform(0.08, 0.4)
    across = int(random.integers(3, 16))
    down = int(random.integers(3, 7))
    body = any_colour(random)
    key = any_colour(random)
    flat = np.full((40 * down + 20, 40 * across + 20, 3), body, np.float32)
    for row in range(down):
        for column in range(across):
            left = 14 + 40 * column
            top = 14 + 40 * row
            flat[top : top + 32, left : left + 32] = key * random.uniform(0.8, 1.1)
    return _put(random, desk, flat, long)


def device(random: Random, desk: Floats) -> Corners:
    """A telephone, a stapler, a ruler: long and narrow, rounded, with a screen or ticks."""
    long = max(desk.shape[:2]) * random.uniform(0.08, 0.35)
    narrow = random.uniform(0.08, 0.5)
    flat = np.full((max(12, int(400 * narrow)), 400, 3), any_colour(random), np.float32)
    if narrow > 0.35:
        flat[8:-8, 12:-12] = random.uniform(5, 60, 3)
    else:
        flat[: len(flat) // 3, :: int(random.integers(6, 30))] = any_colour(random)
    return _put(random, desk, flat, long)


def _put(random: Random, desk: Floats, flat: Floats, long: float) -> Corners:
    """Draw something flat anywhere, at any angle, with its shadow, and return its corners."""
    rows, cols = flat.shape[:2]
    turn = random.uniform(0, 360)
    scale = long / max(rows, cols)
    warp = cv2.getRotationMatrix2D((cols / 2, rows / 2), turn, scale)
    warp[:, 2] += random.uniform((0, 0), desk.shape[1::-1]) - (cols / 2, rows / 2)
    cover = np.zeros((rows, cols), np.float32)
    cv2.rectangle(cover, (6, 6), (cols - 7, rows - 7), 1.0, -1)
    whole = np.asarray(cv2.blur(cover, (13, 13)) > 0.4, np.float32)
    size = desk.shape[1::-1]
    seen = cv2.warpAffine(whole, warp, size)[:, :, None]
    away = max(1.0, max(size) * random.uniform(0.002, 0.01))
    dark = cv2.GaussianBlur(seen, (0, 0), away)[:, :, None]
    desk *= 1 - np.float32(random.uniform(0.1, 0.6)) * dark
    desk += seen * (cv2.warpAffine(flat, warp, size, flags=cv2.INTER_AREA) - desk)
    return moved_corners(np.asarray(warp), flat.shape)


def _scrap(random: Random, desk: Floats) -> None:
    """A shape that is no rectangle: a cloth, a peel, a key."""
    angles = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(3, 9))))
    radii = max(desk.shape[:2]) * random.uniform(0.01, 0.08) * random.uniform(0.4, 1, len(angles))
    around = np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None]
    points = random.uniform((0, 0), desk.shape[1::-1]) + around
    cv2.fillPoly(desk, [points.astype(np.int32)], any_colour(random).tolist(), cv2.LINE_AA)


def _way(random: Random) -> Floats:
    turn = random.uniform(0, 2 * np.pi)
    return np.array([np.cos(turn), np.sin(turn)])


def _line(desk: Floats, start: Floats, end: Floats, colour: Floats, width: int) -> None:
    cv2.line(desk, start.astype(int).tolist(), end.astype(int).tolist(), colour.tolist(), width, cv2.LINE_AA)


def _circle(desk: Floats, centre: Floats, radius: float, colour: Floats) -> None:
    cv2.circle(desk, centre.astype(int).tolist(), int(radius), colour.tolist(), -1, cv2.LINE_AA)


_LITTER = (_pen, _pen, _cable, _disc, _disc, _scrap, keys, device, finger)
