"""Born-digital pages: text in Latin and Chinese, tables, figures, letterheads.

A page is what a printer would get: reflectance between ink and paper, no light, no camera.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from synthetic.arrays import Floats, Image, Mask, Random, Size
from synthetic.documents.figures import FIGURES, around
from synthetic.text.typeface import Font, system_faces
from synthetic.text.words import sentence

PAPERS = {
    "white": (250, 250, 250),
    "cream": (222, 240, 248),
    "pink": (222, 214, 246),
    "green": (216, 240, 218),
    "blue": (244, 230, 212),
    "recycled": (196, 206, 212),
    "brown": (110, 152, 188),
}
"""BGR reflectance, 255 = all of the light."""

Style = tuple[Font, tuple[int, int, int]]
"""Font and colour of a line."""


@dataclass(frozen=True, eq=False)
class Page:
    """A printed page.

    Attributes
    ----------
    picture
        uint8 BGR, reflectance in display levels, fibres included.
    ink
        bool ``(rows, cols)``: where something is printed, figures included.
    paper
        Name in `PAPERS`.
    unit
        Pixels a millimetre.
    """

    picture: Image
    ink: Mask
    paper: str
    unit: float

    @property
    def blank(self) -> Floats:
        """float32 ``(3,)``: BGR of the paper without print."""
        return np.asarray(np.median(self.picture[~self.ink], axis=0), np.float32)


class Room(NamedTuple):
    """A place for a block of text or a figure: pixels, and pixels a millimetre."""

    random: Random
    draw: ImageDraw.ImageDraw
    left: float
    top: float
    width: float
    height: float
    unit: float
    chinese: bool

    @property
    def right(self) -> float:
        """The border that lines end at."""
        return self.left + self.width

    def thick(self, millimetres: float) -> int:
        """Return the width of a rule, at least a pixel."""
        return max(1, int(millimetres * self.unit))

    def font(self, size: float, chinese: bool | None = None) -> Font:
        """Return one of the system's faces for the page's script, `size` pixels high."""
        faces = system_faces()
        kind = faces.chinese if (self.chinese if chinese is None else chinese) else faces.latin
        return kind[int(self.random.integers(len(kind)))].at(max(4, size))

    def style(self, size: float) -> Style:
        """Return a font, and a dark colour."""
        dark = [(20, 20, 20), (20, 20, 20), (50, 50, 50), (20, 30, 110), (120, 20, 20)]
        return self.font(size), dark[int(self.random.integers(len(dark)))]

    def line(self, x: float, y: float, style: Style) -> None:
        """Set one line of words, cut where the room ends."""
        text = sentence(self.random, 110, self.chinese)
        share = min(1.0, (self.right - x) / max(self.draw.textlength(text, style[0]), 1))
        self.draw.text((x, y), text[: int(len(text) * share)], style[1], style[0])


def make_page(seed: int, size: Size = (1240, 1754), paper: str | None = None, width: float = 210.0) -> Page:
    """Return a page; the same for the same arguments, on one machine's fonts.

    Parameters
    ----------
    paper
        One of `PAPERS`; by default white, mostly.
    width
        Millimetres across.
    """
    random = np.random.default_rng([seed, 11])
    chosen = paper or str(random.choice(tuple(PAPERS), p=[0.6, 0.12, 0.05, 0.05, 0.05, 0.06, 0.07]))
    sheet = Pillow.new("RGB", size, (255, 255, 255))
    unit = size[0] / width
    _print(random, sheet, unit)
    drawn = np.ascontiguousarray(np.asarray(sheet)[:, :, ::-1])
    noise = cv2.GaussianBlur(random.standard_normal(size[::-1], np.float32), (0, 0), 1.0)
    fibres = noise * np.float32(3.5 * (2.5 if chosen in ("brown", "recycled") else 0.6))
    tinted = drawn * (np.array(PAPERS[chosen], np.float32) / 255) + fibres[:, :, None]
    return Page(np.clip(tinted, 0, 255).astype(np.uint8), np.asarray(drawn.min(axis=2) < 200), chosen, unit)


def _print(random: Random, sheet: Pillow.Image, unit: float) -> None:
    draw = ImageDraw.Draw(sheet)
    cols, rows = sheet.size
    margin = random.uniform(14, 26) * unit
    chinese = bool(random.random() < 0.5) and bool(system_faces().chinese)
    room = Room(random, draw, margin, 0, cols - 2 * margin, rows, unit, chinese)
    top = _letterhead(room)
    columns = int(random.choice([1, 1, 1, 2]))
    gap = 8 * unit if columns == 2 else 0.0
    width = (room.width - gap) / columns
    bottom = rows - margin * random.uniform(1.0, 1.3)
    for column in range(columns):
        _column(
            room._replace(left=margin + column * (width + gap), top=top, width=width, height=bottom - top)
        )
    number = room.font(3.2 * unit, chinese=False)
    draw.text((cols / 2, rows - margin * 0.6), str(random.integers(1, 999)), (60, 60, 60), number)


def _letterhead(room: Room) -> float:
    """A heading, sometimes with a bar that runs off the page; returns where the text begins."""
    random, draw, unit = room.random, room.draw, room.unit
    top = random.uniform(12, 22) * unit
    if random.random() < 0.12:
        height = random.uniform(6, 14) * unit
        bar = (0, 0, room.width + 2 * room.left, height)
        draw.rectangle(bar, tuple(random.integers(20, 160, 3).tolist()))
        top += height
    if random.random() < 0.25:
        radius = random.uniform(5, 9) * unit
        mark = around(room.right - radius, top + radius, radius)
        draw.ellipse(mark, tuple(random.integers(20, 180, 3).tolist()))
    height = random.uniform(5, 10) * unit
    text = sentence(random, int(1.2 * room.width / height), room.chinese)
    dark = room.style(height)
    draw.text((room.left, top), text, dark[1], dark[0])
    top += 1.6 * height
    if random.random() < 0.4:
        draw.line((room.left, top, room.right, top), (40, 40, 40), room.thick(0.4))
    return top + 5 * unit


def _column(room: Room) -> None:
    names, random = tuple(BLOCKS), room.random
    y, end = room.top, room.top + room.height
    while end - y > 14 * room.unit:
        name = str(random.choice(names, p=[0.5, 0.16, 0.16, 0.18]))
        y += BLOCKS[name](room._replace(top=y, height=end - y)) + random.uniform(3, 8) * room.unit


def _paragraph(room: Room) -> float:
    height = room.random.uniform(2.8, 4.6) * room.unit
    style = room.style(height)
    pitch = float(height * room.random.uniform(1.35, 1.8))
    lines = min(int(room.random.integers(2, 11)), max(1, int(room.height // pitch)))
    for line in range(lines):
        room.line(room.left, room.top + line * pitch, style)
    return lines * pitch


def _bullets(room: Room) -> float:
    random, height = room.random, room.random.uniform(3.2, 5.0) * room.unit
    style = room.style(height)
    pitch, shape = float(height * random.uniform(1.5, 2.2)), int(random.integers(4))
    size = random.uniform(0.25, 0.75) * height
    lines = min(int(random.integers(2, 8)), max(1, int(room.height // pitch)))
    mark = room.draw.ellipse if shape < 2 else room.draw.rectangle
    for line in range(lines):
        y = room.top + line * pitch
        box = (room.left, y + 0.3 * height, room.left + size, y + 0.3 * height + size)
        mark(box, style[1] if shape in (1, 2) else None, style[1], room.thick(0.3))
        room.line(room.left + 1.6 * height, y, style)
    return lines * pitch


def _table(room: Room) -> float:
    random, draw = room.random, room.draw
    down, across = int(random.integers(3, 9)), int(random.integers(2, 6))
    cell = random.uniform(6, 9) * room.unit
    down = int(min(down, max(1, room.height // cell)))
    rule, font = room.thick(0.3), room.font(0.45 * cell)
    if random.random() < 0.5:
        shade = tuple(random.integers(150, 235, 3).tolist())
        draw.rectangle((room.left, room.top, room.right, room.top + cell), shade)
    for row in range(down + 1):
        y = room.top + row * cell
        draw.line((room.left, y, room.right, y), (30, 30, 30), rule)
    for column in range(across + 1):
        x = room.left + column * room.width / across
        draw.line((x, room.top, x, room.top + down * cell), (30, 30, 30), rule)
    for number in range(down * across):
        x = room.left + (number % across + 0.08) * room.width / across
        y = room.top + (number // across + 0.2) * cell
        draw.text((x, y), sentence(random, int(random.integers(3, 10)), room.chinese), (20, 20, 20), font)
    return down * cell


def _figure(room: Room) -> float:
    random = room.random
    height = float(min(random.uniform(25, 60) * room.unit, room.height))
    width = float(min(room.width, height * random.uniform(0.8, 1.8)))
    left = room.left + random.random() * (room.width - width)
    figure = FIGURES[int(random.integers(len(FIGURES)))]
    figure(random, room.draw, (left, room.top, width, height), room.unit)
    return height


BLOCKS: dict[str, Callable[[Room], float]] = {
    "paragraph": _paragraph,
    "bullets": _bullets,
    "table": _table,
    "figure": _figure,
}
