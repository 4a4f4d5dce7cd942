"""Born-digital pages: text in Latin and Chinese, tables, figures, letterheads.

A page is what a printer would get: reflectance between ink and paper, no light, no camera.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import PIL.Image as Pillow

from synthetic.arrays import Floats, Image, Mask, Random, Size
from synthetic.documents.figures import BLACK, FIGURES, disc
from synthetic.documents.pen import Pen
from synthetic.scene.camera import lens
from synthetic.text.typeface import Font
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
INKS = (BLACK, BLACK, (50, 50, 50), (20, 30, 110), (120, 20, 20))


class Page(NamedTuple):
    """A printed page.

    Attributes
    ----------
    picture
        uint8 BGR, reflectance in display levels, fibres included.
    ink
        bool ``(rows, cols)``: where something is printed, figures included.
    unit
        Pixels a millimetre.
    """

    picture: Image
    ink: Mask
    unit: float

    @property
    def blank(self) -> Floats:
        """float32 ``(3,)``: BGR of the paper without print."""
        return np.asarray(np.median(self.picture[~self.ink], axis=0), np.float32)


class Room(NamedTuple):
    """A place for a block, in pixels, and who fills it in which script; `unit` is pixels a millimetre."""

    pen: Pen
    left: float
    top: float
    width: float
    height: float
    unit: float
    chinese: bool

    def font(self, size: float) -> Font:
        """Return a face for the page's script, `size` pixels high."""
        return self.pen.face(self.chinese).at(max(4, size))

    def dip(self) -> None:
        """Take a dark colour."""
        self.pen.ink = INKS[int(self.pen.random.integers(len(INKS)))]

    def line(self, x: float, y: float, font: Font) -> None:
        """Set one line of words, cut where the room ends."""
        text = sentence(self.pen.random, 110, self.chinese)
        share = (self.left + self.width - x) / max(self.pen.draw.textlength(text, font), 1)
        self.pen.draw.text((x, y), text[: int(len(text) * min(1.0, share))], self.pen.ink, font)


def make_page(seed: int, size: Size = (1240, 1754), paper: str | None = None) -> Page:
    """Return a page 210 mm wide on one of `PAPERS`, by default white, mostly.

    The same for the same arguments, on one machine's fonts.
    """
    random = np.random.default_rng([seed, 11])
    chosen = paper or str(random.choice(tuple(PAPERS), p=[0.6, 0.12, 0.05, 0.05, 0.05, 0.06, 0.07]))
    sheet = Pillow.new("RGB", size, (255, 255, 255))
    unit = size[0] / 210
    _print(random, sheet, unit)
    drawn = np.ascontiguousarray(np.asarray(sheet)[:, :, ::-1])
    rough = np.float32(3.5 * (2.5 if chosen in ("brown", "recycled") else 0.6))
    fibres = rough * lens(random.standard_normal(size[::-1], np.float32), 1.0)
    tinted = drawn * (np.array(PAPERS[chosen], np.float32) / 255) + fibres[:, :, None]
    return Page(np.clip(tinted, 0, 255).astype(np.uint8), np.asarray(drawn.min(axis=2) < 200), unit)


def _print(random: Random, sheet: Pillow.Image, unit: float) -> None:
    pen = Pen(random, sheet, BLACK)
    margin = random.uniform(14, 26) * unit
    chinese = bool(random.random() < 0.5) and bool(pen.faces.chinese)
    room = Room(pen, margin, 0, pen.cols - 2 * margin, pen.rows, unit, chinese)
    top = _letterhead(room)
    columns = int(random.choice([1, 1, 1, 2]))
    gap = 8 * unit if columns == 2 else 0.0
    width = (room.width - gap) / columns
    bottom = pen.rows - margin * random.uniform(1.0, 1.3)
    for column in range(columns):
        _column(room._replace(left=margin + column * (width + gap), top=top, width=width), bottom)
    number = pen.face(False).at(3.2 * unit)
    pen.draw.text((pen.cols / 2, pen.rows - margin * 0.6), str(random.integers(1, 999)), (60, 60, 60), number)


def _letterhead(room: Room) -> float:
    """A heading, sometimes with a bar that runs off the page; returns where the text begins."""
    random = room.pen.random
    draw = room.pen.draw
    unit = room.unit
    top = random.uniform(12, 22) * unit
    right = room.left + room.width
    if random.random() < 0.12:
        height = random.uniform(6, 14) * unit
        draw.rectangle((0, 0, room.pen.cols, height), tuple(random.integers(20, 160, 3).tolist()))
        top += height
    if random.random() < 0.25:
        radius = random.uniform(5, 9) * unit
        draw.ellipse(disc(right - radius, top + radius, radius), tuple(random.integers(20, 180, 3).tolist()))
    height = random.uniform(5, 10) * unit
    text = sentence(random, int(1.2 * room.width / height), room.chinese)
    room.dip()
    draw.text((room.left, top), text, room.pen.ink, room.font(height))
    top += 1.6 * height
    if random.random() < 0.4:
        draw.line((room.left, top, right, top), (40, 40, 40), max(1, int(0.4 * unit)))
    return top + 5 * unit


def _column(room: Room, end: float) -> None:
    random = room.pen.random
    y = room.top
    while end - y > 14 * room.unit:
        block = BLOCKS[int(random.choice(len(BLOCKS), p=[0.5, 0.16, 0.16, 0.18]))]
        y += block(room._replace(top=y, height=end - y)) + random.uniform(3, 8) * room.unit


def paragraph(room: Room) -> float:
    """Set a few lines; returns the height it takes."""
    random = room.pen.random
    height = room.pen.random.uniform(2.8, 4.6) * room.unit
    font = room.font(height)
    room.dip()
    pitch = float(height * random.uniform(1.35, 1.8))
    lines = min(int(random.integers(2, 11)), max(1, int(room.height // pitch)))
    for line in range(lines):
        room.line(room.left, room.top + line * pitch, font)
    return lines * pitch


def bullets(room: Room) -> float:
    """Set lines with a mark before each; returns the height it takes."""
    random = room.pen.random
    height = room.pen.random.uniform(3.2, 5.0) * room.unit
    font = room.font(height)
    room.dip()
    pitch = float(height * random.uniform(1.5, 2.2))
    shape = int(random.integers(4))
    size = random.uniform(0.25, 0.75) * height
    lines = min(int(random.integers(2, 8)), max(1, int(room.height // pitch)))
    mark = room.pen.draw.ellipse if shape < 2 else room.pen.draw.rectangle
    for y in room.top + pitch * np.arange(lines):
        box = (room.left, y + 0.3 * height, room.left + size, y + 0.3 * height + size)
        mark(box, room.pen.ink if shape in (1, 2) else None, room.pen.ink, max(1, int(0.3 * room.unit)))
        room.line(room.left + 1.6 * height, y, font)
    return lines * pitch


def table(room: Room) -> float:
    """Draw cells between rules, below a shaded head now and then; returns the height it takes."""
    random = room.pen.random
    draw = room.pen.draw
    down = int(random.integers(3, 9))
    across = int(random.integers(2, 6))
    cell = random.uniform(6, 9) * room.unit
    right = room.left + room.width
    down = int(min(down, max(1, room.height // cell)))
    rule = 0.3 * room.unit
    font = room.font(0.45 * cell)
    room.pen.ink = (30, 30, 30)
    if random.random() < 0.5:
        shade = tuple(random.integers(150, 235, 3).tolist())
        draw.rectangle((room.left, room.top, right, room.top + cell), shade)
    for y in room.top + cell * np.arange(down + 1):
        room.pen.rule((room.left, y, right, y), rule)
    for x in room.left + room.width / across * np.arange(across + 1):
        room.pen.rule((x, room.top, x, room.top + down * cell), rule)
    for number in range(down * across):
        x = room.left + (number % across + 0.08) * room.width / across
        y = room.top + (number // across + 0.2) * cell
        draw.text((x, y), sentence(random, int(random.integers(3, 10)), room.chinese), BLACK, font)
    return down * cell


def figure(room: Room) -> float:
    """Draw one of `FIGURES`; returns the height it takes."""
    random = room.pen.random
    height = float(min(random.uniform(25, 60) * room.unit, room.height))
    width = float(min(room.width, height * random.uniform(0.8, 1.8)))
    left = room.left + random.random() * (room.width - width)
    drawn = FIGURES[int(random.integers(len(FIGURES)))]
    drawn(random, room.pen.draw, (left, room.top, width, height), room.unit)
    return height


BLOCKS: tuple[Callable[[Room], float], ...] = (paragraph, bullets, table, figure)
