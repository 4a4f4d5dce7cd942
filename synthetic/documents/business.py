"""Drawn papers of offices: invoices, statements, listings, notices, labels. SYNTHETIC, seeded.

What `prose` leaves out: letters of several sizes on a page, light ones on dark bars, capitals, columns
of digits, dashes, kana, little text on much paper.
"""

from __future__ import annotations

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from synthetic.documents.prose import (
    Coverage,
    Faces,
    Font,
    Kind,
    Random,
    Writer,
    characters,
    font_of,
    script,
    words,
)

_KANA = (
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをんがぎぐげござじずぜぞ"
    "だでどばびぶべぼぱぴぷっゃゅょアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンー"
)
_CODE = "{}[]()<>=+-*/&|!;:_.,'\"#%$@\\^~"


def business_page(random: Random, kind: str, size: tuple[int, int], faces: Faces) -> Coverage:
    """One page, level and upright, of one of `BUSINESS`."""
    sheet = Pillow.new("L", size, 0)
    BUSINESS[kind](random, ImageDraw.Draw(sheet), size, faces)
    return np.asarray(sheet, np.uint8)


def _digits(random: Random, length: int) -> str:
    """A number as statements have them: money, a date, a telephone number, a count."""
    return (
        f"{random.uniform(0, 10 ** random.integers(1, 6)):,.2f}",
        f"{random.integers(1990, 2030)}-{random.integers(1, 13):02}-{random.integers(1, 29):02}",
        f"({random.integers(100, 999)}) {random.integers(100, 999)}-{random.integers(1000, 9999)}",
        str(random.integers(0, 10 ** max(1, min(length, 12)))),
    )[int(random.integers(4))]


def _japanese(random: Random, length: int) -> str:
    kana = random.choice(list(_KANA), max(1, length))
    hanzi = characters(random, max(1, length))
    return "".join(k if random.random() < 0.6 else c for k, c in zip(kana, hanzi, strict=False))


def _capitals(random: Random, length: int) -> str:
    return words(random, length).upper()


def _code(random: Random, length: int) -> str:
    line = " " * int(random.integers(0, 9)) + words(random, length)
    return "".join(str(random.choice(list(_CODE))) if random.random() < 0.12 else letter for letter in line)


def _writing(random: Random, faces: Faces, points: int) -> tuple[Font, Writer, float]:
    face, write, wide = script(random, faces, bool(random.random() < 0.35), points)
    chance = random.random()
    if wide < 1:
        return face, _capitals if chance < 0.15 else _code if chance < 0.22 else write, wide
    return face, _japanese if chance < 0.3 else write, wide


def _invoice(random: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], faces: Faces) -> None:
    """Two blocks of address, a title, a table of few rows, totals; bars may be dark with light print."""
    cols, rows = size
    points = int(rows * random.uniform(0.0095, 0.015))
    face, write, _ = _writing(random, faces, points)
    title = font_of(face, int(points * random.uniform(1.5, 3.5)))
    draw.text((0.93 * cols, 0.05 * rows), write(random, int(random.integers(3, 9))), 255, title, anchor="ra")
    for left in (0.07, 0.6):
        y, pitch = random.uniform(0.1, 0.16) * rows, points * random.uniform(1.15, 1.5)
        for _ in range(int(random.integers(2, 6))):
            text = _digits(random, 9) if random.random() < 0.3 else write(random, int(random.integers(6, 20)))
            draw.text((left * cols, y), text, 255, face)
            y += pitch
    _items(random, draw, (0.07 * cols, 0.93 * cols, 0.3 * rows), (face, write))


def _items(
    random: Random,
    draw: ImageDraw.ImageDraw,
    room: tuple[float, float, float],
    style: tuple[Font, Writer],
) -> None:
    """A head, some rows, some totals; room: left, right and top."""
    (left, right, y), (face, write) = room, style
    points, dark = face.size, bool(random.random() < 0.5)
    pitch, bounds = points * random.uniform(1.6, 3), [left, *np.sort(random.uniform(0.4, 0.95, 3)) * right]
    _bar(draw, (left, y, right, y + 1.6 * points), dark)
    for x in bounds:
        draw.text((x + 0.3 * points, y + 0.2 * points), write(random, 6).upper(), 0 if dark else 255, face)
    for _ in range(int(random.integers(1, 14))):
        y += pitch
        draw.text((left, y), write(random, int(random.integers(5, 26))), 255, face)
        for x in bounds[1:]:
            dash = random.random() < 0.1
            draw.text((x, y), "-----" if dash else _digits(random, 4)[:7], 255, face)
        if random.random() < 0.4:
            draw.line([(left, y + pitch * 0.9), (right, y + pitch * 0.9)], 255, max(1, int(points) // 14))
    big = font_of(face, int(points * random.uniform(1.0, 2.0)))
    for number in range(int(random.integers(0, 4))):
        y += 1.7 * big.size
        _bar(draw, (0.6 * right, y, right, y + 1.5 * big.size), dark and number > 0)
        draw.text((0.62 * right, y), write(random, 7), 0 if dark and number > 0 else 255, big)


def _bar(draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], dark: bool) -> None:
    draw.rectangle(box, 255 if dark else None, 255, 2)


def _statement(random: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], faces: Faces) -> None:
    """Columns of digits, hardly a word."""
    cols, rows = size
    points = int(rows * random.uniform(0.0095, 0.015))
    face, write, _ = _writing(random, faces, points)
    draw.text((0.08 * cols, 0.06 * rows), write(random, 12), 255, font_of(face, 2 * points))
    y, columns = 0.12 * rows, int(random.integers(2, 6))
    while y < rows * random.uniform(0.5, 1.0):
        for column in range(columns):
            text = write(random, 5) if random.random() < 0.15 else _digits(random, 8)
            draw.text(((0.08 + 0.86 * column / columns) * cols, y), text, 255, face)
        y += points * random.uniform(1.3, 2.2)


def _listing(random: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], faces: Faces) -> None:
    """Lines of any writing, each block of another size and font, some light on dark."""
    cols, rows = size
    y = 0.05 * rows
    while y < 0.93 * rows:
        points = int(rows * random.uniform(0.009, 0.02))
        face, write, wide = _writing(random, faces, points)
        lines, dark = int(random.integers(1, 8)), bool(random.random() < 0.2)
        pitch, fit = points * random.uniform(1.2, 1.9), int(0.84 * cols / (points * wide))
        _bar(draw, (0.06 * cols, y - 4, 0.95 * cols, y + lines * pitch), True) if dark else None
        for _ in range(lines):
            length = max(2, int(fit * random.uniform(0.2, 1.0)))
            draw.text((0.08 * cols, y), write(random, length), 0 if dark else 255, face)
            y += pitch
        y += points * random.uniform(0.3, 2)


def _notice(random: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], faces: Faces) -> None:
    """A few lines of large letters, as on labels, cards and covers."""
    cols, rows = size
    y = random.uniform(0.05, 0.4) * rows
    for _ in range(int(random.integers(2, 7))):
        points = int(rows * random.uniform(0.012, 0.04))
        face, write, wide = _writing(random, faces, points)
        length = min(int(random.integers(4, 24)), int(0.85 * cols / (points * wide)))
        draw.text((random.uniform(0.05, 0.12) * cols, y), write(random, length), 255, face)
        y += points * random.uniform(1.3, 3)


BUSINESS: dict[str, Kind] = {
    "invoice": _invoice,
    "statement": _statement,
    "listing": _listing,
    "notice": _notice,
}
