"""Pages of offices that `prose` leaves out: invoices, statements, listings, notices.

They have letters of several sizes, light ones on dark bars, capitals, columns of digits, dashes, kana, and
little text on much paper.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synthetic.arrays import Image, Random, Size
from synthetic.documents.pen import Box, Pen
from synthetic.documents.prose import drawn
from synthetic.text.typeface import Faces
from synthetic.text.words import capitals, code, digits, japanese


def business_page(random: Random, kind: str, size: Size, faces: Faces | None = None) -> Image:
    """Return one page, level and upright, of one of `BUSINESS`; by default in the faces of the system."""
    return drawn(random, BUSINESS[kind], size, faces)


def _choose(pen: Pen, low: float, high: float) -> None:
    pen.either(low, high, chinese=0.35)
    chance = pen.random.random()
    if pen.wide < 1:
        pen.write = capitals if chance < 0.15 else code if chance < 0.22 else pen.write
    elif chance < 0.3:
        pen.write = japanese


def _bar(pen: Pen, box: Box, dark: bool) -> None:
    """A frame; words are light in it from now on if it is dark."""
    pen.draw.rectangle(box, 255 if dark else None, 255, 2)
    pen.ink = 0 if dark else 255


def _invoice(pen: Pen) -> None:
    """Two blocks of address, a title, a table of few rows, totals; bars may be dark with light print."""
    random = pen.random
    cols = pen.cols
    rows = pen.rows
    _choose(pen, 0.0095, 0.015)
    grown = random.uniform(1.5, 3.5)
    pen.text((0.93 * cols, 0.05 * rows), pen.words(int(random.integers(3, 9))), grown, "ra")
    for left in (0.07, 0.6):
        y = random.uniform(0.1, 0.16) * rows
        pitch = pen.points * random.uniform(1.15, 1.5)
        for _ in range(int(random.integers(2, 6))):
            line = digits(random, 9) if random.random() < 0.3 else pen.words(int(random.integers(6, 20)))
            pen.text((left * cols, y), line)
            y += pitch
    dark = bool(random.random() < 0.5)
    y = _items(pen, dark)
    right = 0.93 * cols
    grown = random.uniform(1.0, 2.0)
    high = int(pen.points * grown)
    for number in range(int(random.integers(0, 4))):
        y += 1.7 * high
        _bar(pen, (0.6 * right, y, right, y + 1.5 * high), dark and number > 0)
        pen.text((0.62 * right, y), pen.words(7), grown)


def _items(pen: Pen, dark: bool) -> float:
    """A head and some rows; returns the top of the last."""
    random = pen.random
    left = 0.07 * pen.cols
    right = 0.93 * pen.cols
    y = 0.3 * pen.rows
    points = pen.points
    pitch = points * random.uniform(1.6, 3)
    bounds = [left, *np.sort(random.uniform(0.4, 0.95, 3)) * right]
    _bar(pen, (left, y, right, y + 1.6 * points), dark)
    for x in bounds:
        pen.text((x + 0.3 * points, y + 0.2 * points), pen.words(6).upper())
    pen.ink = 255
    for _ in range(int(random.integers(1, 14))):
        y += pitch
        pen.text((left, y), pen.words(int(random.integers(5, 26))))
        for x in bounds[1:]:
            pen.text((x, y), "-----" if random.random() < 0.1 else digits(random, 4)[:7])
        if random.random() < 0.4:
            pen.rule((left, y + pitch * 0.9, right, y + pitch * 0.9), points // 14)
    return y


def _statement(pen: Pen) -> None:
    """Columns of digits, hardly a word."""
    random = pen.random
    cols = pen.cols
    rows = pen.rows
    _choose(pen, 0.0095, 0.015)
    pen.text((0.08 * cols, 0.06 * rows), pen.words(12), 2)
    y = 0.12 * rows
    columns = int(random.integers(2, 6))
    while y < rows * random.uniform(0.5, 1.0):
        for column in range(columns):
            line = pen.words(5) if random.random() < 0.15 else digits(random, 8)
            pen.text(((0.08 + 0.86 * column / columns) * cols, y), line)
        y += pen.points * random.uniform(1.3, 2.2)


def _listing(pen: Pen) -> None:
    """Lines of any writing, each block of another size and font, some light on dark."""
    random = pen.random
    cols = pen.cols
    y = 0.05 * pen.rows
    while y < 0.93 * pen.rows:
        _choose(pen, 0.009, 0.02)
        lines = int(random.integers(1, 8))
        dark = bool(random.random() < 0.2)
        pitch = pen.points * random.uniform(1.2, 1.9)
        fit = int(0.84 * cols / (pen.points * pen.wide))
        if dark:
            _bar(pen, (0.06 * cols, y - 4, 0.95 * cols, y + lines * pitch), dark)
        for _ in range(lines):
            pen.text((0.08 * cols, y), pen.words(max(2, int(fit * random.uniform(0.2, 1.0)))))
            y += pitch
        pen.ink, y = 255, y + pen.points * random.uniform(0.3, 2)


def _notice(pen: Pen) -> None:
    """A few lines of large letters, as on labels, cards and covers."""
    random = pen.random
    y = pen.random.uniform(0.05, 0.4) * pen.rows
    for _ in range(int(random.integers(2, 7))):
        _choose(pen, 0.012, 0.04)
        length = min(int(random.integers(4, 24)), int(0.85 * pen.cols / (pen.points * pen.wide)))
        pen.text((random.uniform(0.05, 0.12) * pen.cols, y), pen.words(length))
        y += pen.points * random.uniform(1.3, 3)


BUSINESS: dict[str, Callable[[Pen], None]] = {
    "invoice": _invoice,
    "statement": _statement,
    "listing": _listing,
    "notice": _notice,
}
