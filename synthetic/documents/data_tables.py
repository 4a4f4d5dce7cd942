"""Pages with a table whose cells are known: ruled or not, of words and figures, with cells that span."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from synthetic.arrays import Image, Random
from synthetic.documents.text_pages import A4, Sheet
from synthetic.text.passages import LABELS, Language


class DataCell(NamedTuple):
    """Cell of a table: its place, the rows and columns that it takes, and its text."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str


class TablePage(NamedTuple):
    """A page and the cells of its table that have a text."""

    picture: Image
    cells: tuple[DataCell, ...]


def make_table_page(seed: int, language: Language, ruled: bool) -> TablePage:
    """Return a page with one table; the same for the same arguments, on one machine's fonts."""
    random = np.random.default_rng([seed, 43])
    points = random.uniform(9.0, 12.0)
    sheet = Sheet(random, language, (A4[0], A4[1] * 2 // 3), points / 72 * 25.4 / 210 * A4[0])
    cells = _cells(random, language)
    widths = [
        1.6 * sheet.em + max(sheet.width(cell.text) for cell in cells if cell.column == column)
        for column in range(max(cell.column for cell in cells) + 1)
    ]
    scale = min(1.0, (sheet.cols - 2 * sheet.margin) / sum(widths))
    xs = sheet.margin + np.cumsum([0.0, *widths]) * scale
    pitch = (2.0 if ruled else 1.7) * sheet.em
    for cell in cells:
        box = (
            float(xs[cell.column]), sheet.margin + pitch * cell.row,
            float(xs[cell.column + cell.column_span]), sheet.margin + pitch * (cell.row + cell.row_span),
        )  # fmt: skip
        if ruled:
            sheet.draw.rectangle(box, outline=(40, 40, 40), width=2)
        number = cell.text[:1].isdigit()
        x = box[2] - 0.6 * sheet.em if number else box[0] + 0.6 * sheet.em
        sheet.text((x, (box[1] + box[3]) / 2), cell.text, scale, "rm" if number else "lm")
    return TablePage(sheet.page().picture, tuple(cells))


def _cells(random: Random, language: Language) -> list[DataCell]:
    rows = int(random.integers(6, 16))
    columns = int(random.integers(3, 6))
    wide = columns > 3 and random.random() < 0.5
    cells = []
    for row in range(rows):
        for column in range(columns):
            if row == 0 and wide and column == columns - 1:
                continue
            text = _word(random, language) if row == 0 or column == 0 else _figure(random)
            span = 2 if row == 0 and wide and column == columns - 2 else 1
            cells.append(DataCell(row, column, 1, span, text))
    return cells


def _word(random: Random, language: Language) -> str:
    return str(random.choice(LABELS[language]))


def _figure(random: Random) -> str:
    whole = int(random.integers(10, 10 ** int(random.integers(2, 7))))
    return f"{whole:,}.{int(random.integers(0, 100)):02}" if random.random() < 0.6 else f"{whole}"
