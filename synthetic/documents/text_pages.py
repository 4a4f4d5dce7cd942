"""Pages whose text is known line by line: prose, columns, tables, forms and vertical text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import PIL.Image as Pillow
import PIL.ImageDraw

from synthetic.arrays import Image, Random, Size
from synthetic.text.passages import LABELS, Language, passage
from synthetic.text.typeface import Face, find
from synthetic.text.words import digits

A4 = (1240, 1754)
"""Columns and rows at 150 dpi."""
_FILES: dict[bool, tuple[tuple[str, ...], ...]] = {
    True: (
        ("NotoSerifCJK-Regular*",), ("NotoSansCJK-Regular*",), ("NotoSerifCJK-Bold*",), ("NotoSansCJK-Bold*",)
    ),
    False: (
        ("DejaVuSerif.ttf",), ("DejaVuSans.ttf",), ("DejaVuSansCondensed.ttf",), ("NotoSerifCJK-Regular*",),
        ("NotoSansCJK-Regular*",), ("DejaVuSerifCondensed.ttf",),
    ),
}  # fmt: skip
_CLOSING = "，。、；：！？）」』》”％％・ー々っゃゅょッャュョ～—"
_OPENING = "（「『《“"


class PrintedLine(NamedTuple):
    """A line of a page: its text, and left, top, right and bottom in pixels."""

    text: str
    box: tuple[float, float, float, float]


class TextPage(NamedTuple):
    """A page and its lines in reading order."""

    picture: Image
    lines: tuple[PrintedLine, ...]


class Sheet:
    """A sheet to set known text on.

    Attributes
    ----------
    em
        Pixels.
    lines
        The lines that were set, in their order.
    """

    def __init__(self, random: Random, language: Language, size: Size, em: float) -> None:
        self.random = random
        self.language = language
        self.em = em
        self.sheet = Pillow.new("RGB", size, (255, 255, 255))
        self.cols, self.rows = size
        self.draw = PIL.ImageDraw.Draw(self.sheet)
        self.margin = random.uniform(0.08, 0.12) * size[0]
        self.lines: list[PrintedLine] = []
        files = _FILES[language != "en"]
        self.face = _member(find(files[int(random.integers(len(files)))]) or Face(), language)

    def text(self, at: tuple[float, float], text: str, grown: float = 1.0, anchor: str = "la") -> None:
        """Set a line."""
        font = self.face.at(self.em * grown)
        self.draw.text(at, text, (20, 20, 20), font, anchor)
        left, top, right, bottom = self.draw.textbbox(at, text, font, anchor)
        self.lines.append(PrintedLine(text, (left, top, right, bottom)))

    def width(self, text: str, grown: float = 1.0) -> float:
        """Return the width of a line in pixels."""
        return self.draw.textlength(text, self.face.at(self.em * grown))

    def wrapped(self, text: str, width: float) -> Iterator[str]:
        """Break text into lines that are not wider."""
        pieces = text.split(" ") if self.language == "en" else list(text)
        gap = " " if self.language == "en" else ""
        line = ""
        for at, piece in enumerate(pieces):
            longer = line + (gap if line else "") + piece
            following = pieces[at + 1] if at + 1 < len(pieces) else ""
            wide = self.width(longer + (following if following in tuple(_CLOSING) else "")) > width
            if line and wide and piece not in tuple(_CLOSING):
                yield line
                line = piece
            else:
                line = longer
        yield line

    def paragraph(self, left: float, top: float, width: float, bottom: float, letters: int) -> float:
        """Set a paragraph until `bottom`; returns where it ends."""
        pitch = self.em * float(self.random.uniform(1.4, 1.8))
        for line in self.wrapped(passage(self.random, self.language, letters), width):
            if top + self.em > bottom:
                break
            self.text((left, top), line)
            top += pitch
        return top + 0.6 * pitch

    def page(self) -> TextPage:
        """Return the page."""
        return TextPage(np.ascontiguousarray(np.asarray(self.sheet)[:, :, ::-1]), tuple(self.lines))


def prose(sheet: Sheet) -> None:
    """Set paragraphs under a heading."""
    top = _heading(sheet)
    while top < sheet.rows - sheet.margin - sheet.em:
        top = sheet.paragraph(
            sheet.margin,
            top,
            sheet.cols - 2 * sheet.margin,
            sheet.rows - sheet.margin,
            int(sheet.random.integers(60, 400)),
        )


def columns(sheet: Sheet) -> None:
    """Set two or three columns under a heading."""
    first = _heading(sheet)
    count = int(sheet.random.integers(2, 4))
    gap = 1.8 * sheet.em
    width = (sheet.cols - 2 * sheet.margin - (count - 1) * gap) / count
    for column in range(count):
        top = first
        left = sheet.margin + column * (width + gap)
        while top < sheet.rows - sheet.margin - sheet.em:
            top = sheet.paragraph(
                left, top, width, sheet.rows - sheet.margin, int(sheet.random.integers(60, 300))
            )


def table(sheet: Sheet) -> None:
    """Set a paragraph, and a ruled table of words and figures."""
    top = sheet.paragraph(sheet.margin, _heading(sheet), sheet.cols - 2 * sheet.margin, sheet.rows / 3, 200)
    count = int(sheet.random.integers(3, 6))
    width = (sheet.cols - 2 * sheet.margin) / count
    pitch = 2.0 * sheet.em
    rows = int((sheet.rows - sheet.margin - top) // pitch)
    for row in range(rows + 1):
        y = top + row * pitch
        sheet.draw.line((sheet.margin, y, sheet.cols - sheet.margin, y), (60, 60, 60), 2)
    for column in range(count + 1):
        x = sheet.margin + column * width
        sheet.draw.line((x, top, x, top + rows * pitch), (60, 60, 60), 2)
    for row in range(rows):
        for column in range(count):
            text = _cell(sheet, row, column)
            if sheet.width(text) < width - sheet.em:
                sheet.text(
                    (sheet.margin + column * width + 0.4 * sheet.em, top + row * pitch + 0.5 * pitch),
                    text,
                    1,
                    "lm",
                )


def form(sheet: Sheet) -> None:
    """Set labels and what was filled in, in two columns."""
    top = _heading(sheet)
    pitch = 2.4 * sheet.em
    half = (sheet.cols - 2 * sheet.margin) / 2
    while top < sheet.rows * 0.75:
        for left in (sheet.margin, sheet.margin + half):
            label = str(sheet.random.choice(LABELS[sheet.language])) + (
                ":" if sheet.language == "en" else "："
            )
            sheet.text((left, top), label)
            sheet.text(
                (left + max(sheet.width(label), 6 * sheet.em) + sheet.em, top), digits(sheet.random, 12)
            )
        top += pitch
    sheet.paragraph(sheet.margin, top, sheet.cols - 2 * sheet.margin, sheet.rows - sheet.margin, 200)


def vertical(sheet: Sheet) -> None:
    """Set text downwards in columns from the right."""
    pitch = sheet.em * 1.7
    step = sheet.em * 1.06
    count = int((sheet.rows - 2 * sheet.margin) // step)
    letters = "".join(
        c for c in passage(sheet.random, sheet.language, 4000) if c not in "0123456789-.,:%$@＠～—（）()ー"
    )
    x = sheet.cols - sheet.margin - sheet.em
    while x > sheet.margin and letters:
        column = letters[:count]
        letters = letters[count:]
        for at, letter in enumerate(column):
            # Marks stand in the upper right of their place.
            away = (0.55, -0.55) if letter in "，。、" else (0.0, 0.0)
            where = (x + away[0] * sheet.em, sheet.margin + at * step + away[1] * sheet.em)
            sheet.draw.text(where, letter, (20, 20, 20), sheet.face.at(sheet.em))
        box = (x, sheet.margin, x + sheet.em, sheet.margin + len(column) * step)
        sheet.lines.append(PrintedLine(column, box))
        x -= pitch


LAYOUTS: dict[str, Callable[[Sheet], None]] = {
    "prose": prose, "columns": columns, "table": table, "form": form, "vertical": vertical,
}  # fmt: skip


def make_text_page(seed: int, language: Language, layout: str, size: Size = A4) -> TextPage:
    """Return a page of text; the same for the same arguments, on one machine's fonts."""
    random = np.random.default_rng([seed, 31])
    points = random.uniform(9.5, 13.5)
    sheet = Sheet(random, language, size, points / 72 * 25.4 / 210 * size[0])
    LAYOUTS[layout](sheet)
    return sheet.page()


def _heading(sheet: Sheet) -> float:
    text = next(
        sheet.wrapped(passage(sheet.random, sheet.language, 10), 0.5 * (sheet.cols - 2 * sheet.margin))
    )
    sheet.text((sheet.cols / 2, sheet.margin), text.rstrip("，。、,.;"), 1.5, "ma")
    return sheet.margin + 3.2 * sheet.em


def _cell(sheet: Sheet, row: int, column: int) -> str:
    if row == 0 or column == 0:
        return str(sheet.random.choice(LABELS[sheet.language]))
    return digits(sheet.random, 8)


def _member(face: Face, language: Language) -> Face:
    """Return the member of a collection that has the language's glyphs."""
    # Noto's collections begin with the Japanese one.
    return face._replace(member=0) if language == "ja" else face
