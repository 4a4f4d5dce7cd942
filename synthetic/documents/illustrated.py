"""A page with all that a colour document keeps: text, a photograph, a tinted box, white print on a bar.

Drawn without the fonts of the machine, so that it is the same everywhere.
"""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Floats, Image, Size

_PAPER = 244
"""Level of bare paper."""
_INK = (40, 36, 34)
"""Colour of the text, BGR."""
_TINT = (214, 236, 222)
"""Colour of the tinted box, BGR."""
_BAR = (120, 62, 24)
"""Colour of the bar under white print, BGR."""
_WORDS = "the quick brown fox jumps over a lazy dog while seven judges sign the form"
"""Text of the lines, again and again."""


def illustrated_page(size: Size = (620, 877)) -> Image:
    """Return the page as it was printed, uint8 BGR, in a size near that of A4."""
    cols, rows = size
    unit = cols / 620
    page = np.full((rows, cols, 3), _PAPER, np.uint8)
    margin = round(48 * unit)
    right = cols - margin
    _bar(page, (margin, round(40 * unit), right, round(88 * unit)), unit)
    below = _lines(page, (margin, right), round(118 * unit), 6, unit)
    _photograph(page, (margin, below, round(cols * 0.52), below + round(220 * unit)))
    box = (round(cols * 0.56), below, right, below + round(220 * unit))
    cv2.rectangle(page, box[:2], box[2:], _TINT, -1)
    _lines(page, (box[0] + round(12 * unit), box[2] - round(8 * unit)), box[1] + round(24 * unit), 9, unit)
    _lines(page, (margin, right), below + round(252 * unit), 14, unit)
    return page


def in_lamplight(page: Image) -> Image:
    """Return a page below a warm lamp at its upper left, with the shadow of an arm from the right."""
    rows, cols = page.shape[:2]
    y, x = np.mgrid[:rows, :cols].astype(np.float32)
    far = ((x / cols - 0.2) ** 2 + (y / rows - 0.1) ** 2) / 1.6
    light: Floats = (1 - 0.45 * np.minimum(far, 1))[:, :, None] * np.array((0.84, 0.95, 1.0), np.float32)
    arm = np.zeros((rows, cols), np.float32)
    cv2.fillPoly(
        arm, [np.array([(cols, rows * 0.72), (cols * 0.55, rows * 0.86), (cols, rows)], np.int32)], 1.0
    )
    soft = cv2.GaussianBlur(arm, (0, 0), cols / 60)
    return np.asarray(np.rint(page * light * (1 - 0.45 * soft)[:, :, None]), np.uint8)


def _bar(page: Image, box: tuple[int, int, int, int], unit: float) -> None:
    cv2.rectangle(page, box[:2], box[2:], _BAR, -1)
    place = (box[0] + round(14 * unit), box[3] - round(14 * unit))
    white = (255, 255, 255)
    cv2.putText(page, "SPECIMEN No 4711", place, cv2.FONT_HERSHEY_DUPLEX, 0.9 * unit, white, 2, cv2.LINE_AA)


def _lines(page: Image, sides: tuple[int, int], top: int, count: int, unit: float) -> int:
    """Write lines of text between two sides; returns where the next thing may begin."""
    left, right = sides
    step = round(22 * unit)
    for number in range(count):
        words = (_WORDS[7 * number % len(_WORDS) :] + " " + _WORDS) * 2
        fitting = words[: max(1, int((right - left) / (7.0 * unit)))]
        place = (left, top + number * step)
        cv2.putText(page, fitting, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45 * unit, _INK, 1, cv2.LINE_AA)
    return top + count * step


def _photograph(page: Image, box: tuple[int, int, int, int]) -> None:
    """Print a scene in continuous tone: a sky, hills, a ball in the light of a low sun."""
    left, top, right, bottom = box
    y, x = np.mgrid[: bottom - top, : right - left].astype(np.float32)
    y = y / (bottom - top)
    x = x / (right - left)
    sky = np.stack([190 - 60 * y, 150 - 20 * y + 20 * x, 110 + 90 * y], axis=2)
    hills = 0.55 + 0.1 * np.sin(7 * x) + 0.05 * np.sin(17 * x + 1)
    ground = np.stack([30 + 50 * y, 60 + 60 * y + 10 * np.sin(40 * x), 45 + 50 * y], axis=2)
    scene = np.where((y > hills)[:, :, None], ground, sky)
    away = np.hypot((x - 0.6) * (right - left), (y - 0.62) * (bottom - top)) / (0.2 * (bottom - top))
    lit = np.clip(1 - np.hypot(x - 0.57, y - 0.56) * 4.5, 0.05, 1)
    ball = np.stack([60 * lit, 70 + 60 * lit, 40 + 200 * lit], axis=2)
    page[top:bottom, left:right] = np.rint(np.where((away < 1)[:, :, None], ball, scene))
