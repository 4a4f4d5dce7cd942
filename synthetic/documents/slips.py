"""Receipts, cards, sheets, photographs and envelopes with what looks like print, drawn flat and fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Floats, Random, Size
from synthetic.noise import smooth_noise
from synthetic.scene.surfaces import any_colour, full, tint

DETAIL = 5.0
COARSE = 3.0
"""Pixels a millimetre that print is drawn at, and a slip without; a camera sees about four."""
CARD_CORNER = 3.18
"""Millimetres, ISO/IEC 7810."""


class Slip(NamedTuple):
    """A document, flat: float32 BGR, and float32 ``(rows, cols)``, 0 beyond torn ends and rounded corners.

    Its true corners are those of the whole picture.
    """

    colour: Floats
    cover: Floats


Maker = Callable[[Random, float, float], Slip]
"""Draws a slip of a width and a height in millimetres."""


def receipt(random: Random, width: float, height: float) -> Slip:
    """Return thermal paper: one column of print, torn or cut with teeth, never quite flat."""
    cols, rows = size = pixels(width, height)
    colour = full(size, random.uniform(195, 248) + random.uniform(-1, 1, 3) * 5)
    ink = random.choice([20, 60, 110]) + random.uniform(0, 40, 3)
    if random.random() < 0.5:
        mark = random.uniform(0, 200, 3) if random.random() < 0.3 else ink
        thick = -1 if random.random() < 0.4 else 6
        cv2.circle(colour, (cols // 2, min(rows // 8, cols // 3)), cols // 6, mark.tolist(), thick)
    print_lines(random, colour, int(random.uniform(0.03, 0.1) * cols), ink)
    if random.random() < 0.25:
        # Advertising along a long side, as on the back of a roll.
        mark = random.uniform(20, 200, 3)
        pitch = int(0.3 * rows)
        for top in range(int(random.uniform(0, pitch)), rows, pitch):
            colour[top : top + int(0.14 * rows), cols - max(3, cols // 14) :] = mark
    bend = 1 + random.uniform(0, 0.07) * smooth_noise(random, size, (2, 5))
    cover = np.ones((rows, cols), np.float32)
    for end in (cover, cover[::-1]):
        _tear(random, end)
    return Slip(colour * bend[:, :, None], cover)


def card(random: Random, width: float, height: float) -> Slip:
    """Return plastic: one colour or a picture, a portrait or a stripe, corners rounded."""
    cols, rows = size = pixels(width, height)
    colour = full(size, tint(random, 200, 245) if random.random() < 0.4 else random.uniform(20, 240, 3))
    if random.random() < 0.5:
        for channel in range(3):
            colour[:, :, channel] += random.uniform(5, 50) * smooth_noise(random, size, (4, 3))
    left = int(random.uniform(0.05, 0.6) * cols)
    top = int(random.uniform(0.1, 0.4) * rows)
    colour[top : top + rows // 2, left : left + cols // 3] = random.uniform(30, 220, 3)
    if random.random() < 0.3:
        colour[rows // 10 : rows // 3] = random.uniform(10, 70)
    print_lines(random, colour[:, : cols // 2], cols // 12, random.uniform(0, 120, 3))
    return Slip(colour, rounded(size, CARD_CORNER * DETAIL))


def paper(random: Random, width: float, height: float) -> Slip:
    """Return a printed page."""
    size = pixels(width, height)
    colour = cv2.resize(make_sheet(random, width / height), size, interpolation=cv2.INTER_AREA)
    return Slip(np.asarray(colour, np.float32), np.ones(size[::-1], np.float32))


def photograph(random: Random, width: float, height: float) -> Slip:
    """Return a print with or without a white rim, a postcard, a cover: any colours."""
    size = pixels(width, height, COARSE)
    colour = full(size, random.uniform(20, 230, 3))
    for cells in (2, 5, 20):
        for channel in range(3):
            colour[:, :, channel] += random.uniform(0, 60) * smooth_noise(random, size, (cells, cells))
    for _ in range(int(random.integers(0, 6))):
        low = random.uniform(0, 0.8, 2) * size
        extent = random.uniform(0.05, 0.5, 2) * size
        corner = low.astype(int).tolist()
        mark = random.uniform(0, 255, 3).tolist()
        if random.random() < 0.5:
            cv2.rectangle(colour, corner, (low + extent).astype(int).tolist(), mark, -1)
        else:
            cv2.circle(colour, corner, int(extent.min()), mark, -1)
    if random.random() < 0.4:
        rim = int(random.uniform(0.02, 0.1) * min(size))
        inner = colour[rim : size[1] - rim, rim : size[0] - rim].copy()
        colour[:] = tint(random, 200, 250)
        colour[rim : size[1] - rim, rim : size[0] - rim] = inner
    return Slip(np.clip(colour, 0, 255), _worn_edges(random, size))


def blank(random: Random, width: float, height: float) -> Slip:
    """Return an envelope, a note, a folder, the back of a page."""
    cols, rows = size = pixels(width, height, COARSE)
    colour = full(size, tint(random, 190, 252) if random.random() < 0.5 else any_colour(random))
    if random.random() < 0.3:
        flap = np.array([(0, 0), (cols // 2, int(rows * random.uniform(0.3, 0.7))), (cols, 0)], np.int32)
        cv2.polylines(colour, [flap], False, (colour[0, 0] * random.uniform(0.8, 0.97)).tolist(), 2)
    if random.random() < 0.4:
        left = int(random.uniform(0.1, 0.5) * cols)
        top = int(random.uniform(0.1, 0.7) * rows)
        for at in range(top, top + int(random.integers(1, 6)) * (rows // 14), max(1, rows // 14)):
            colour[at : at + rows // 40 + 1, left : left + int(random.uniform(0.1, 0.5) * cols)] *= 0.4
    return Slip(colour, _worn_edges(random, size))


def make_sheet(random: Random, aspect: float) -> Floats:
    """Return a page with print on it, float32 BGR, some 1400 px long."""
    cols, rows = size = (int(1400 * aspect), 1400) if aspect < 1 else (1400, int(1400 / aspect))
    sheet = full(size, tint(random, 205, 250) if random.random() < 0.85 else random.uniform(60, 230, 3))
    if random.random() < 0.15:
        _bleed(random, sheet)
    margin = int(random.uniform(0.03, 0.12) * cols)
    ink = random.uniform(0, 90, 3)
    right = cols - margin
    for _ in range(int(random.choice([0, 0, 0, 1, 2, 3]))):
        top, high = (random.uniform((0.03, 0.02), (0.8, 0.12)) * rows).astype(int)
        sheet[top : top + high, margin:right] = random.uniform(20, 230, 3)
    if random.random() < 0.85:
        _text(random, sheet, margin, ink)
    if random.random() < 0.4:
        top, bottom = sorted((random.uniform(0.1, 0.95, 2) * rows).astype(int))
        for y in np.linspace(top, bottom, int(random.integers(2, 12))).astype(int):
            sheet[y : y + 2, margin:right] = ink
        for x in np.linspace(margin, right, int(random.integers(2, 7))).astype(int):
            sheet[top:bottom, x : x + 2] = ink
    if random.random() < 0.15:
        _frame(random, sheet)
    return sheet


def _bleed(random: Random, sheet: Floats) -> None:
    """Print a bar of one colour along an edge, to the edge, as a letterhead or a title page has it."""
    turned = np.rot90(sheet, int(random.choice([0, 0, 1, 2, 3])))
    turned[: int(random.uniform(0.02, 0.3) * len(turned))] = random.uniform(10, 220, 3)


def _frame(random: Random, sheet: Floats) -> None:
    """Print a frame near the edge, of one line or two: a form's, a certificate's, a cheque's."""
    rows, cols = sheet.shape[:2]
    short = min(rows, cols)
    colour = random.uniform(0, 150, 3).tolist()
    away = int(random.uniform(0.012, 0.1) * short)
    thick = int(random.choice([2, 3, 5, random.uniform(6, 24)]))
    for inset in (away, away + 2 * thick + 3)[: int(random.integers(1, 3))]:
        cv2.rectangle(sheet, (inset, inset), (cols - 1 - inset, rows - 1 - inset), colour, thick)


def pixels(width: float, height: float, detail: float = DETAIL) -> Size:
    """Return the columns and rows of a slip of so many millimetres."""
    return round(width * detail), round(height * detail)


def _text(random: Random, sheet: Floats, margin: int, ink: Floats) -> None:
    """Draw words with spaces, in lines some of which end early."""
    rows, cols = sheet.shape[:2]
    height = int(random.integers(8, 26))
    for top in range(margin, rows - margin - height, int(height * random.uniform(1.5, 2.6))):
        at = margin
        stop = margin + int((cols - 2 * margin) * random.choice([1.0, 1.0, random.random()]))
        while at < stop and random.random() > 0.01:
            word = min(int(random.integers(2, 10)) * height // 2, stop - at)
            block = np.repeat(random.random((height, max(1, word // 3))) < 0.45, 3, axis=1)[:, :word]
            sheet[top : top + height, at : at + block.shape[1]][block] = ink
            at += word + height // 2


def print_lines(random: Random, colour: Floats, margin: int, ink: Floats) -> None:
    """Draw lines of letters in one column, some short."""
    rows, cols = colour.shape[:2]
    height = max(4, int(random.uniform(1.8, 3.0) * DETAIL))
    first = int(random.uniform(0.08, 0.3) * rows)
    pitch = int(height * random.uniform(1.4, 2.4))
    for top in range(first, rows - margin - height, pitch):
        letters = np.repeat(random.random((height, max(1, (cols - 2 * margin) // 3))) < 0.42, 3, axis=1)
        spaces = np.repeat(random.random(letters.shape[1] // height + 1) < 0.2, height)[: letters.shape[1]]
        letters[:, spaces] = False
        stop = int(random.choice([1.0, 0.8, 0.5]) * letters.shape[1])
        colour[top : top + height, margin : margin + stop][letters[:, :stop]] = ink


def _tear(random: Random, cover: Floats) -> None:
    """Cut the first rows: straight, with teeth, or torn by hand."""
    rows, cols = cover.shape
    style = random.random()
    if style < 0.4:
        return
    if style < 0.8:
        pitch = random.uniform(1.2, 2.5) * DETAIL
        depth = np.abs((np.arange(cols) / pitch) % 1 - 0.5) * pitch * random.uniform(0.5, 1.2)
    else:
        noise = smooth_noise(random, (cols, 2), (random.uniform(8, 25), 2))[0]
        depth = (noise + 1) * 0.5 * random.uniform(0.5, 2.5) * DETAIL
    cover[np.arange(rows)[:, None] < depth[None, :]] = 0


def _worn_edges(random: Random, size: Size) -> Floats:
    """Return sharp, rounded or dog-eared corners, and edges that are not quite straight."""
    style = random.random()
    cover = np.ones(size[::-1], np.float32)
    if style < 0.25:
        return rounded(size, random.uniform(0.02, 0.1) * min(size))
    if style < 0.35:
        y, x = np.ogrid[: size[1], : size[0]]
        cover[x + y < random.uniform(0.05, 0.2) * min(size)] = 0
    elif style < 0.55:
        for edges in (cover, cover.T):
            # Two opposite edges run in and out by up to a hundredth of the width.
            rows, cols = edges.shape
            noise = smooth_noise(random, (cols, 2), (random.uniform(3, 14), 2))
            depth = (noise + 1) * random.uniform(0.2, 0.8) * 0.012 * rows
            y = np.arange(rows)[:, None]
            edges[(y < depth[:1]) | (y > rows - 1 - depth[1:])] = 0
    return cover


def rounded(size: Size, radius: float) -> Floats:
    """Return the cover of a slip with round corners, their radius in pixels."""
    y, x = np.ogrid[: size[1], : size[0]]
    beyond_x = np.maximum(np.maximum(radius - x, x - (size[0] - 1 - radius)), 0)
    beyond_y = np.maximum(np.maximum(radius - y, y - (size[1] - 1 - radius)), 0)
    return np.asarray(np.clip(radius + 0.5 - np.hypot(beyond_x, beyond_y), 0, 1), np.float32)
