"""Game cards and answer sheets, drawn flat: what is printed on them looks like documents of their own."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Floats, Random
from synthetic.documents.slips import DETAIL, Slip, photograph, pixels, print_lines, rounded
from synthetic.scene.surfaces import any_colour, full, tint


def game_card(random: Random, width: float, height: float) -> Slip:
    """Return a card with a border of one colour, a title, a picture and a box of text."""
    cols, rows = size = pixels(width, height)
    border = random.choice([tint(random, 5, 40), tint(random, 225, 252), any_colour(random)])
    colour = full(size, border)
    rim = int(random.uniform(0.02, 0.07) * cols)
    inner = colour[rim : rows - rim, rim : cols - rim]
    inner[:] = any_colour(random)
    high, wide = inner.shape[:2]
    head = int(random.uniform(0.06, 0.12) * high)
    middle = int(random.uniform(0.45, 0.7) * high)
    inset = int(random.uniform(0, 0.06) * wide)
    art = inner[head:middle, inset : wide - inset]
    picture = photograph(random, art.shape[1] / DETAIL, art.shape[0] / DETAIL).colour
    art[:] = cv2.resize(picture, (art.shape[1], art.shape[0]))
    text = inner[middle + head // 2 : high - head // 2, inset : wide - inset]
    text[:] = tint(random, 170, 250)
    print_lines(random, text, max(2, wide // 20), random.uniform(0, 90, 3))
    return Slip(np.clip(colour, 0, 255), rounded(size, random.uniform(1, 1.2) * 3 * DETAIL))


def answer_sheet(random: Random, width: float, height: float) -> Slip:
    """Return a sheet of columns of bubbles or squares in frames, as tests and polls are answered on."""
    cols, rows = size = pixels(width, height, 4)
    colour = full(size, tint(random, 215, 252))
    ink = random.uniform(0, 140, 3).tolist()
    top = int(random.uniform(0.03, 0.2) * rows)
    print_lines(random, colour[:top], cols // 12, np.array(ink))
    marks = [(0.06, random.uniform(0.06, 0.12)), (0.94, 0.94)][: int(random.integers(0, 3))]
    for x, y in marks:
        cv2.rectangle(colour, _point(size, x - 0.02, y - 0.01), _point(size, x + 0.02, y + 0.02), ink, -1)
    columns = int(random.integers(1, 5))
    first = top / rows + 0.03
    edges = np.linspace(0.06, 0.94, columns + 1)
    thick = int(random.integers(1, 8))
    for left, right in zip(edges[:-1], edges[1:] - 0.02, strict=True):
        if random.random() < 0.75:
            cv2.rectangle(colour, _point(size, left, first), _point(size, right, 0.95), ink, thick)
        _bubbles(random, colour, (left + 0.02, first + 0.02, right - 0.02, 0.93), ink)
    return Slip(colour, np.ones((rows, cols), np.float32))


def _bubbles(
    random: Random, colour: Floats, box: tuple[float, float, float, float], ink: list[float]
) -> None:
    size = (colour.shape[1], colour.shape[0])
    across = int(random.integers(3, 7))
    down = int(random.integers(8, 28))
    radius = int(0.35 * min((box[2] - box[0]) * size[0] / across, (box[3] - box[1]) * size[1] / down))
    is_round = random.random() < 0.6
    for x in np.linspace(box[0], box[2], across + 1)[1:]:
        for y in np.linspace(box[1], box[3], down):
            middle = _point(size, x - 0.01, y)
            fill = -1 if random.random() < 0.2 else 1
            if is_round:
                cv2.circle(colour, middle, max(2, radius), ink, fill)
            else:
                low = (np.array(middle) - radius).tolist()
                high = (np.array(middle) + radius).tolist()
                cv2.rectangle(colour, low, high, ink, fill)


def _point(size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    return int(x * size[0]), int(y * size[1])
