"""Cards of several colours, drawn flat and fast: bands to the edge, portraits, chips, waves, codes."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Floats, Random
from synthetic.documents.slips import CARD_CORNER, DETAIL, Slip, pixels, print_lines, rounded
from synthetic.noise import smooth_noise
from synthetic.scene.surfaces import any_colour, full, tint


def banded_card(random: Random, width: float, height: float) -> Slip:
    """Return a card whose ground is in parts: bands along its edges or a photograph over one end."""
    size = pixels(width, height)
    colour = full(size, tint(random, 170, 252) if random.random() < 0.7 else any_colour(random))
    if random.random() < 0.4:
        _wave(random, colour)
    _print(random, colour)
    for _ in range(int(random.choice([1, 1, 1, 2]))):
        _band(random, colour)
    corner = CARD_CORNER * DETAIL * float(random.choice([0.02, 1.0, 1.0, 1.3]))
    return Slip(np.clip(colour, 0, 255), rounded(size, corner))


def _band(random: Random, colour: Floats) -> None:
    """Fill one end of a card, or an edge along it, with another colour or a photograph."""
    # Views from any of the four sides.
    turned = np.rot90(colour, int(random.choice([0, 0, 0, 1, 2, 3])))
    rows, cols = turned.shape[:2]
    deep = int(rows * random.choice([random.uniform(0.1, 0.34), random.uniform(0.3, 0.6)], p=[0.75, 0.25]))
    part = turned[:deep]
    part[:] = any_colour(random) if random.random() < 0.35 else random.uniform(10, 200, 3)
    if random.random() < 0.25:
        for cells in (3, 9):
            part += random.uniform(5, 50) * smooth_noise(random, (cols, deep), (cells, 3))[:, :, None]
    if random.random() < 0.7 and deep > 14:
        line = part[deep // 5 : deep - deep // 5, cols // 12 : int(cols * random.uniform(0.4, 0.95))]
        letters = np.repeat(random.random((line.shape[0], line.shape[1] // 4 + 1)) < 0.45, 4, axis=1)
        line[letters[:, : line.shape[1]]] = 250 if part.mean() < 140 else 20


def _print(random: Random, colour: Floats) -> None:
    """Print a portrait, lines of letters, a chip or a code."""
    rows, cols = colour.shape[:2]
    left = int(random.choice([0.05, 0.6, 0.68]) * cols)
    top = int(random.uniform(0.25, 0.4) * rows)
    wide = int(random.uniform(0.2, 0.32) * cols)
    if random.random() < 0.75:
        face = colour[top : top + int(0.55 * rows), left : left + wide]
        face[:] = tint(random, 120, 240)
        middle = (left + wide // 2, top + face.shape[0] // 2)
        cv2.circle(
            colour, middle, max(2, wide // 4), random.uniform((60, 90, 120), (180, 200, 230)).tolist(), -1
        )
        face[int(0.75 * face.shape[0]) :] = random.uniform(10, 120, 3)
    column = colour[:, int(0.3 * cols) :] if left < 0.3 * cols else colour[:, : int(0.62 * cols)]
    print_lines(random, column, cols // 14, random.uniform(0, 110, 3))
    if random.random() < 0.3:
        corner = (int(0.1 * cols), int(0.38 * rows))
        end = (int(0.24 * cols), int(0.6 * rows))
        cv2.rectangle(colour, corner, end, random.uniform((60, 140, 170), (150, 210, 235)).tolist(), -1)
    if random.random() < 0.2:
        bars = np.repeat(random.random(cols // 3 + 1) < 0.5, 3)[:cols]
        colour[int(0.8 * rows) : int(0.94 * rows), bars] = 25


def _wave(random: Random, colour: Floats) -> None:
    """Tint the ground with clouds, or with fine waves as against forgery."""
    rows, cols = colour.shape[:2]
    if random.random() < 0.5:
        for channel in range(3):
            colour[:, :, channel] += random.uniform(3, 40) * smooth_noise(random, (cols, rows), (4, 3))
        return
    y, x = np.mgrid[:rows, :cols].astype(np.float32)
    phase = y / random.uniform(1.5, 6) + random.uniform(1, 8) * np.sin(x / random.uniform(15, 80))
    colour += (random.uniform(4, 25) * np.sin(phase))[:, :, None] * random.uniform(-1, 1, 3)
