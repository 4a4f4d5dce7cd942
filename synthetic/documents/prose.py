"""Printed pages of words, tables, forms and slips, as coverage: 255 for ink, 0 for paper."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import PIL.Image as Pillow

from synthetic.arrays import Image, Random, Size
from synthetic.documents.pen import Pen
from synthetic.text.typeface import Faces


def page(random: Random, kind: str, size: Size, faces: Faces | None = None) -> Image:
    """Return one page, level and upright, of one of `KINDS`; by default in the faces of the system."""
    return drawn(random, KINDS[kind], size, faces)


def drawn(random: Random, kind: Callable[[Pen], None], size: Size, faces: Faces | None) -> Image:
    """Return the coverage of the page that `kind` draws."""
    sheet = Pillow.new("L", size, 0)
    kind(Pen(random, sheet, 255, faces))
    return np.asarray(sheet, np.uint8)


def _prose(pen: Pen, chinese: bool) -> None:
    random = pen.random
    cols = pen.cols
    rows = pen.rows
    pen.choose(points := int(rows * random.uniform(0.0095, 0.018)), chinese)
    left, right = (int(random.uniform(0.06, 0.13) * cols) for _ in range(2))
    pitch = points * random.uniform(1.25, 2.0)
    y = random.uniform(0.05, 0.1) * rows
    fit = int((cols - left - right) / (points * pen.wide))
    last = rows * (1 - random.uniform(0.05, 0.35))
    if random.random() < 0.6:
        pen.title(y, fit // 4, random.uniform(1.4, 2.2))
        y += 2.4 * pitch
    while y < last:
        for line in range(lines := int(random.integers(1, 9))):
            if y < last:
                indent = 2 * points if line == 0 and random.random() < 0.7 else 0
                length = fit - 2 if line < lines - 1 else int(random.uniform(0.2, 0.9) * fit)
                pen.text((left + indent, y), pen.words(max(2, length)))
                y += pitch
        y += pitch * float(random.choice([0, 0, 0.5, 1.0]))


def _table(pen: Pen) -> None:
    random = pen.random
    cols = pen.cols
    rows = pen.rows
    pen.either(0.01, 0.015)
    points = pen.points
    left = 0.08 * cols
    right = 0.92 * cols
    top = random.uniform(0.1, 0.2) * rows
    pen.title(0.05 * rows, 12)
    pitch = points * random.uniform(1.7, 3)
    lines = int(random.integers(6, 24))
    bounds = np.sort(np.concatenate([[left, right], random.uniform(left, right, int(random.integers(2, 5)))]))
    for line in range(lines + 1):
        y = top + line * pitch
        pen.rule((left, y, right, y), points // 12)
        for start, stop in pairwise(bounds):
            fit = int((stop - start) / points) - 1
            if line < lines and fit > 1 and random.random() < 0.8:
                pen.text((start + points / 2, y + (pitch - points) / 2), pen.words(fit))
    for x in bounds if random.random() < 0.7 else ():
        pen.rule((x, top, x, top + lines * pitch), points // 12)


def _form(pen: Pen) -> None:
    """A few labels, each with a line to write on."""
    pen.either(0.013, 0.02)
    pen.title(0.06 * pen.rows, 8)
    for number in range(int(pen.random.integers(4, 9))):
        x = 0.1 * pen.cols
        y = (0.16 + 0.07 * number) * pen.rows
        length = int(pen.random.integers(3, 9))
        pen.text((x, y), pen.words(length) + (":" if pen.wide < 1 else "："))
        after = x + (length + 2) * pen.points * pen.wide
        pen.rule((after, y + pen.points, 0.7 * pen.cols, y + pen.points), pen.points // 16)


def _slip(pen: Pen) -> None:
    """A receipt: names at the left, prices at the right."""
    random = pen.random
    cols = pen.cols
    rows = pen.rows
    pen.choose(points := max(8, int(cols * random.uniform(0.035, 0.055))), bool(random.random() < 0.5))
    pen.title(0.03 * rows, 8, 1.6)
    y = 0.03 * rows + 3 * points
    pitch = points * random.uniform(1.25, 1.7)
    while y < 0.93 * rows:
        pen.text((0.06 * cols, y), pen.words(int(random.integers(3, int(0.55 * cols / points / pen.wide)))))
        pen.text((0.94 * cols, y), f"{random.uniform(0.5, 300):.2f}", anchor="ra")
        y += pitch * float(random.choice([1, 1, 1, 1, 2]))


KINDS: dict[str, Callable[[Pen], None]] = {
    "latin": lambda pen: _prose(pen, chinese=False),
    "chinese": lambda pen: _prose(pen, chinese=True),
    "table": _table,
    "form": _form,
    "slip": _slip,
}
