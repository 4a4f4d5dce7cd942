"""Born-digital pages: text in Latin and Chinese, tables, figures, letterheads. SYNTHETIC, seeded.

A page is what a printer would get: reflectance between ink and paper, no light, no camera.
`imaging` makes a photograph of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageDraw

from synthetic.documents.figures import FIGURES
from synthetic.text.typefaces import choose_font, sentence

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Random = np.random.Generator

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

    picture: Picture
    ink: Mask
    paper: str
    unit: float


@dataclass(frozen=True, slots=True)
class Room:
    """Where a block goes: left, top, width and height in pixels; pixels a millimetre; language."""

    left: float
    top: float
    width: float
    height: float
    unit: float
    chinese: bool


def make_page(
    seed: int, size: tuple[int, int] = (1240, 1754), paper: str | None = None, width: float = 210.0
) -> Page:
    """A page; the same for the same arguments, on one machine's fonts.

    Parameters
    ----------
    size
        Columns and rows.
    paper
        One of `PAPERS`; by default white, mostly.
    width
        Millimetres across.
    """
    random = np.random.default_rng([seed, 11])
    names = tuple(PAPERS)
    chosen = paper or str(random.choice(names, p=[0.6, 0.12, 0.05, 0.05, 0.05, 0.06, 0.07]))
    sheet = Pillow.new("RGB", size, (255, 255, 255))
    unit = size[0] / width
    _print(random, sheet, unit)
    drawn = np.ascontiguousarray(np.asarray(sheet)[:, :, ::-1])
    colour = np.array(PAPERS[chosen], np.float32) / 255
    fibres = _fibres(random, size, 2.5 if chosen in ("brown", "recycled") else 0.6)
    picture = np.clip(drawn * colour + fibres[:, :, None], 0, 255).astype(np.uint8)
    return Page(picture, np.asarray(drawn.min(axis=2) < 200), chosen, unit)


def _fibres(random: Random, size: tuple[int, int], strength: float) -> Floats:
    noise = random.standard_normal((size[1], size[0]), np.float32)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.0) * (3.5 * strength), np.float32)


def _print(random: Random, sheet: Pillow.Image, unit: float) -> None:
    draw = ImageDraw.Draw(sheet)
    cols, rows = sheet.size
    margin = random.uniform(14, 26) * unit
    chinese = bool(random.random() < 0.5)
    top = _letterhead(random, draw, Room(margin, 0, cols - 2 * margin, rows, unit, chinese))
    columns = int(random.choice([1, 1, 1, 2]))
    gap = 8 * unit if columns == 2 else 0.0
    width = (cols - 2 * margin - gap) / columns
    bottom = rows - margin * random.uniform(1.0, 1.3)
    for column in range(columns):
        left = margin + column * (width + gap)
        _column(random, draw, Room(left, top, width, bottom - top, unit, chinese))
    number = choose_font(random, 3.2 * unit, False)
    draw.text((cols / 2, rows - margin * 0.6), str(random.integers(1, 999)), (60, 60, 60), number)


def _letterhead(random: Random, draw: ImageDraw.ImageDraw, room: Room) -> float:
    """A heading, sometimes with a bar that runs off the page; gives where the text begins."""
    unit, top = room.unit, random.uniform(12, 22) * room.unit
    if random.random() < 0.12:
        height = random.uniform(6, 14) * unit
        draw.rectangle(
            (0, 0, room.width + 2 * room.left, height), tuple(random.integers(20, 160, 3).tolist())
        )
        top += height
    if random.random() < 0.25:
        radius = random.uniform(5, 9) * unit
        x = room.left + room.width - 2 * radius
        draw.ellipse((x, top, x + 2 * radius, top + 2 * radius), tuple(random.integers(20, 180, 3).tolist()))
    height = random.uniform(5, 10) * unit
    text = sentence(random, int(1.2 * room.width / height), room.chinese)
    draw.text((room.left, top), text, _ink(random), choose_font(random, height, room.chinese))
    top += 1.6 * height
    if random.random() < 0.4:
        draw.line((room.left, top, room.left + room.width, top), (40, 40, 40), max(1, int(0.4 * unit)))
    return top + 5 * unit


def _column(random: Random, draw: ImageDraw.ImageDraw, room: Room) -> None:
    names = tuple(BLOCKS)
    y, end = room.top, room.top + room.height
    while end - y > 14 * room.unit:
        name = str(random.choice(names, p=[0.5, 0.16, 0.16, 0.18]))
        left = Room(room.left, y, room.width, end - y, room.unit, room.chinese)
        y += BLOCKS[name](random, draw, left) + random.uniform(3, 8) * room.unit


def _ink(random: Random) -> tuple[int, int, int]:
    dark = [(20, 20, 20), (20, 20, 20), (50, 50, 50), (20, 30, 110), (120, 20, 20)]
    return dark[int(random.integers(len(dark)))]


def _paragraph(random: Random, draw: ImageDraw.ImageDraw, room: Room) -> float:
    height = random.uniform(2.8, 4.6) * room.unit
    font, ink = choose_font(random, height, room.chinese), _ink(random)
    pitch = float(height * random.uniform(1.35, 1.8))
    lines = min(int(random.integers(2, 11)), max(1, int(room.height // pitch)))
    for line in range(lines):
        _line(random, draw, (room.left, room.top + line * pitch), (font, ink), room)
    return lines * pitch


def _line(
    random: Random,
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    style: tuple[object, tuple[int, int, int]],
    room: Room,
) -> None:
    """One line of words, cut where the room ends."""
    font, ink = style
    text = sentence(random, 110, room.chinese)
    width = draw.textlength(text, font=font)  # type: ignore[arg-type]
    room_left = room.left + room.width - place[0]
    draw.text(place, text[: int(len(text) * min(1.0, room_left / max(width, 1)))], ink, font)  # type: ignore[arg-type]


def _bullets(random: Random, draw: ImageDraw.ImageDraw, room: Room) -> float:
    height = random.uniform(3.2, 5.0) * room.unit
    font, ink = choose_font(random, height, room.chinese), _ink(random)
    pitch, shape = float(height * random.uniform(1.5, 2.2)), int(random.integers(4))
    size = random.uniform(0.25, 0.75) * height
    lines = min(int(random.integers(2, 8)), max(1, int(room.height // pitch)))
    for line in range(lines):
        y = room.top + line * pitch
        box = (room.left, y + 0.3 * height, room.left + size, y + 0.3 * height + size)
        if shape < 2:
            draw.ellipse(box, ink if shape else None, ink, max(1, int(0.3 * room.unit)))
        else:
            draw.rectangle(box, ink if shape == 2 else None, ink, max(1, int(0.3 * room.unit)))
        _line(random, draw, (room.left + 1.6 * height, y), (font, ink), room)
    return lines * pitch


def _table(random: Random, draw: ImageDraw.ImageDraw, room: Room) -> float:
    down, across = int(random.integers(3, 9)), int(random.integers(2, 6))
    cell = random.uniform(6, 9) * room.unit
    down = int(min(down, max(1, room.height // cell)))
    rule, font = max(1, int(0.3 * room.unit)), choose_font(random, 0.45 * cell, room.chinese)
    if random.random() < 0.5:
        shade = tuple(random.integers(150, 235, 3).tolist())
        draw.rectangle((room.left, room.top, room.left + room.width, room.top + cell), shade)
    for row in range(down + 1):
        y = room.top + row * cell
        draw.line((room.left, y, room.left + room.width, y), (30, 30, 30), rule)
    for column in range(across + 1):
        x = room.left + column * room.width / across
        draw.line((x, room.top, x, room.top + down * cell), (30, 30, 30), rule)
    for number in range(down * across):
        x = room.left + (number % across + 0.08) * room.width / across
        y = room.top + (number // across + 0.2) * cell
        draw.text((x, y), sentence(random, int(random.integers(3, 10)), room.chinese), (20, 20, 20), font)
    return down * cell


def _figure(random: Random, draw: ImageDraw.ImageDraw, room: Room) -> float:
    height = float(min(random.uniform(25, 60) * room.unit, room.height))
    width = float(min(room.width, height * random.uniform(0.8, 1.8)))
    left = room.left + random.random() * (room.width - width)
    figure = FIGURES[int(random.integers(len(FIGURES)))]
    figure(random, draw, (left, room.top, width, height), room.unit)
    return height


BLOCKS: dict[str, Callable[[Random, ImageDraw.ImageDraw, Room], float]] = {
    "paragraph": _paragraph,
    "bullets": _bullets,
    "table": _table,
    "figure": _figure,
}
