"""Receipts, cards and sheets, drawn flat: SYNTHETIC, seeded.

Each is float32 colour ``(rows, cols, 3)`` with a cover ``(rows, cols)``, 0 where its ends are torn or
its corners rounded away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.datasets.scenes import make_sheet, smooth_noise, tint

Floats = npt.NDArray[np.float32]
Random = np.random.Generator

DETAIL = 5.0
"""Pixels a millimetre in which they are drawn; a camera sees about four."""
_CARD_CORNER = 3.18
"""Millimetres, ISO/IEC 7810."""


@dataclass(frozen=True, eq=False)
class Slip:
    """A document, flat; its true corners are those of the whole picture."""

    colour: Floats
    cover: Floats


def receipt(random: Random, width: float, height: float) -> Slip:
    """Thermal paper: one column of print, torn or cut with teeth, never quite flat."""
    rows, cols = round(height * DETAIL), round(width * DETAIL)
    colour = np.full((rows, cols, 3), random.uniform(195, 248) + random.uniform(-1, 1, 3) * 5)
    ink = random.choice([20, 60, 110]) + random.uniform(0, 40, 3)
    margin = int(random.uniform(0.03, 0.1) * cols)
    _logo(random, colour, ink)
    _column(random, colour, margin, ink)
    if random.random() < 0.25:
        _edge_print(random, colour)
    bend = 1 + random.uniform(0, 0.07) * smooth_noise(random, rows, cols, (5, 2))
    cover = np.ones((rows, cols), np.float32)
    for end in (cover, cover[::-1]):
        _tear(random, end)
    return Slip((colour * bend[:, :, None]).astype(np.float32), cover)


def card(random: Random, width: float, height: float) -> Slip:
    """Plastic: one colour or a picture, a portrait or a stripe, corners rounded."""
    rows, cols = round(height * DETAIL), round(width * DETAIL)
    colour = np.full(
        (rows, cols, 3), tint(random, 200, 245) if random.random() < 0.4 else random.uniform(20, 240, 3)
    )
    if random.random() < 0.5:
        for channel in range(3):
            colour[:, :, channel] += random.uniform(5, 50) * smooth_noise(random, rows, cols, (3, 4))
    left, top = int(random.uniform(0.05, 0.6) * cols), int(random.uniform(0.1, 0.4) * rows)
    colour[top : top + rows // 2, left : left + cols // 3] = random.uniform(30, 220, 3)
    if random.random() < 0.3:
        colour[rows // 10 : rows // 3] = random.uniform(10, 70)
    _column(random, colour[:, : cols // 2], cols // 12, random.uniform(0, 120, 3))
    return Slip(colour.astype(np.float32), _rounded(rows, cols, _CARD_CORNER * DETAIL))


def paper(random: Random, width: float, height: float) -> Slip:
    """A printed page, an invoice, a photograph."""
    rows, cols = round(height * DETAIL), round(width * DETAIL)
    drawn = make_sheet(random, width / height)
    colour = cv2.resize(drawn.astype(np.float32), (cols, rows), interpolation=cv2.INTER_AREA)
    return Slip(np.asarray(colour, np.float32), np.ones((rows, cols), np.float32))


def _column(
    random: Random, colour: npt.NDArray[np.float64], margin: int, ink: npt.NDArray[np.float64]
) -> None:
    """Lines of letters, some short, some in two parts as prices are."""
    rows, cols = colour.shape[:2]
    height = max(4, int(random.uniform(1.8, 3.0) * DETAIL))
    for top in range(
        int(random.uniform(0.08, 0.3) * rows), rows - margin - height, int(height * random.uniform(1.4, 2.4))
    ):
        letters = np.repeat(random.random((height, max(1, (cols - 2 * margin) // 3))) < 0.42, 3, axis=1)
        spaces = np.repeat(random.random(letters.shape[1] // height + 1) < 0.2, height)[: letters.shape[1]]
        letters[:, spaces] = False
        stop = int(random.choice([1.0, 0.8, 0.5]) * letters.shape[1])
        colour[top : top + height, margin : margin + stop][letters[:, :stop]] = ink


def _logo(random: Random, colour: npt.NDArray[np.float64], ink: npt.NDArray[np.float64]) -> None:
    rows, cols = colour.shape[:2]
    if random.random() < 0.5:
        size = cols // 6
        centre = (cols // 2, min(rows // 8, size * 2))
        mark = random.uniform(0, 200, 3) if random.random() < 0.3 else ink
        cv2.circle(colour, centre, size, mark.tolist(), -1 if random.random() < 0.4 else 6)


def _edge_print(random: Random, colour: npt.NDArray[np.float64]) -> None:
    """Advertising along a long side, as on the back of a roll."""
    rows, cols = colour.shape[:2]
    mark = random.uniform(20, 200, 3)
    pitch, length, width = int(0.3 * rows), int(0.14 * rows), max(3, cols // 14)
    for top in range(int(random.uniform(0, pitch)), rows, pitch):
        colour[top : top + length, cols - width :] = mark


def _tear(random: Random, cover: Floats) -> None:
    """Cut the first rows: straight, with teeth, or torn by hand."""
    rows, cols = cover.shape
    x = np.arange(cols)
    style = random.random()
    if style < 0.4:
        return
    if style < 0.8:
        pitch = random.uniform(1.2, 2.5) * DETAIL
        depth = np.abs((x / pitch) % 1 - 0.5) * pitch * random.uniform(0.5, 1.2)
    else:
        noise = smooth_noise(random, 2, cols, (2, random.uniform(8, 25)))[0]
        depth = (noise + 1) * 0.5 * random.uniform(0.5, 2.5) * DETAIL
    cover[np.arange(rows)[:, None] < depth[None, :]] = 0


def _rounded(rows: int, cols: int, radius: float) -> Floats:
    y, x = np.mgrid[:rows, :cols]
    beyond_x = np.maximum(np.maximum(radius - x, x - (cols - 1 - radius)), 0)
    beyond_y = np.maximum(np.maximum(radius - y, y - (rows - 1 - radius)), 0)
    return np.asarray(np.clip(radius + 0.5 - np.hypot(beyond_x, beyond_y), 0, 1), np.float32)


Maker = Callable[[Random, float, float], Slip]
