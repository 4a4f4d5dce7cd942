"""Pictures without margins: screenshots, slides, dark pages, photographs."""

from __future__ import annotations

import cv2
import numpy as np
import PIL.Image as Pillow

from synthetic.arrays import Floats, Random
from synthetic.documents.born_digital import Sheet, random_between
from synthetic.documents.figures import FIGURES, any_ink
from synthetic.documents.pages import Room
from synthetic.noise import smooth_noise

Colour = tuple[int, int, int]
"""Red, green, blue."""


def screenshot(room: Room) -> None:
    """Draw a program's window: a title bar, a list at the left, cards or a table of records."""
    _window(room, dark=False)


def dark_window(room: Room) -> None:
    """Draw the same in light letters on dark."""
    _window(room, dark=True)


def terminal(room: Room) -> None:
    """Draw lines of light text on a dark page, some coloured."""
    random = room.pen.random
    unit = room.unit
    _fill(room, 0, 0, 1, 1, any_ink(random, 5, 50))
    high = random_between(room, 2.8, 4.5) * unit
    for y in np.arange(6 * unit, room.height - 6 * unit, 1.5 * high):
        if random.random() < 0.85:
            room.pen.ink = any_ink(random, 150, 250)
            indent = float(random.integers(0, 4)) * 6 * unit
            length = random.uniform(0.2, 0.9) * room.width
            room._replace(width=length).line(room.left + 6 * unit + indent, float(y), room.font(high))


def slide(room: Room) -> None:
    """Draw a slide: a coloured ground, a title bar, a few large lines, a picture."""
    random = room.pen.random
    unit = room.unit
    ground = any_ink(random, 10, 120) if random.random() < 0.5 else any_ink(random, 170, 255)
    _fill(room, 0, 0, 1, 1, ground)
    light = sum(ground) < 330
    if random.random() < 0.6:
        _fill(room, 0, 0, 1, 0.16, any_ink(random, 20, 240))
    room.pen.ink = (245, 245, 245) if light else (25, 25, 30)
    inner = room._replace(width=0.9 * room.width)
    inner.line(0.06 * room.width, 0.05 * room.height, room.font(10 * unit))
    half = room._replace(width=room.width * random.uniform(0.5, 0.9))
    for line in range(int(random.integers(2, 7))):
        half.line(0.08 * room.width, (0.25 + 0.1 * line) * room.height, room.font(6 * unit))
    if random.random() < 0.5:
        box = (0.6 * room.width, 0.3 * room.height, 0.33 * room.width, 0.5 * room.height)
        FIGURES[int(random.integers(len(FIGURES)))](random, room.pen.draw, box, unit)


def poster(room: Room) -> None:
    """Draw a coloured or shaded ground, large words, a few boxes with words on them."""
    random = room.pen.random
    unit = room.unit
    _gradient(room, any_ink(random, 20, 250), any_ink(random, 20, 250))
    room.pen.ink = any_ink(random, 0, 60) if random.random() < 0.5 else (250, 250, 250)
    room.line(0.07 * room.width, 0.06 * room.height, room.font(random_between(room, 12, 22) * unit))
    for number in range(int(random.integers(1, 5))):
        top = 0.2 + 0.19 * number
        if random.random() < 0.6:
            _fill(room, 0.08, top, random.uniform(0.4, 0.92), top + 0.16, any_ink(random, 10, 250))
        for line in range(int(random.integers(1, 4))):
            y = (top + 0.02 + 0.045 * line) * room.height
            room._replace(width=0.8 * room.width).line(0.11 * room.width, y, room.font(6 * unit))


def scenery(room: Room) -> None:
    """Draw a photograph out of doors: a sky, hills, houses with windows, trees, grain over all."""
    random = room.pen.random
    rows = round(room.height)
    cols = round(room.width)
    view = _sky(random, cols, rows)
    for depth in range(int(random.integers(1, 4))):
        line = rows * (0.4 + 0.15 * depth) + 0.1 * rows * smooth_noise(random, (cols, 2), (5, 2))[0]
        land = np.arange(rows)[:, None] > line[None]
        view[land] = random.uniform((20, 40, 10), (150, 170, 120))
    for _ in range(int(random.integers(0, 5))):
        _house(random, view)
    for _ in range(int(random.integers(0, 9))):
        _tree(random, view)
    view += 14 * smooth_noise(random, (cols, rows), (40, 40))[:, :, None]
    soft = cv2.GaussianBlur(view, (0, 0), random_between(room, 0.6, 2.0))
    _paste(room, soft + random.normal(size=(rows, cols, 1)) * random_between(room, 1, 7))


def _window(room: Room, dark: bool) -> None:
    random = room.pen.random
    unit = room.unit
    ground, ink = (
        (_shade(random, 18, 48), (225, 228, 230)) if dark else (_shade(random, 238, 255), (35, 38, 42))
    )
    bar = _shade(random, 30, 80) if dark else any_ink(random, 60, 235)
    _fill(room, 0, 0, 1, 1, ground)
    top = random.uniform(0.05, 0.1)
    left = float(random.choice([0.0, 0.18, 0.24]))
    _fill(room, 0, 0, 1, top, bar)
    _fill(room, 0, top, left, 1, _shade(random, 24, 70) if dark else _shade(random, 215, 250))
    room.pen.ink = ink
    room._replace(width=0.5 * room.width).line(
        2 * unit, 0.25 * top * room.height, room.font(0.4 * top * room.height)
    )
    for row in range(int(random.integers(5, 16)) if left else 0):
        entry = room._replace(width=0.85 * left * room.width)
        entry.line(2 * unit, (top + 0.03 + 0.05 * row) * room.height, room.font(3.4 * unit))
    area = (left + 0.02, top + 0.03, 0.98, 0.97)
    (_cards if random.random() < 0.5 else _records)(room, area, dark)


def _cards(room: Room, area: tuple[float, float, float, float], dark: bool) -> None:
    random = room.pen.random
    (left, top, right, bottom) = area
    across = int(random.integers(1, 4))
    down = int(random.integers(1, 4))
    fill = _shade(random, 50, 90) if dark else _shade(random, 225, 250)
    wide = (right - left) / across
    high = (bottom - top) / down
    ink = room.pen.ink
    for cell in range(across * down):
        x = left + cell % across * wide
        y = top + cell // across * high
        _fill(
            room, x, y, x + 0.94 * wide, y + 0.92 * high, any_ink(random) if random.random() < 0.2 else fill
        )
        room.pen.ink = ink
        words = room._replace(left=0.0, width=(x + 0.85 * wide) * room.width)
        for line in range(int(random.integers(1, 6))):
            at = (y + 0.02 + 0.05 * line) * room.height
            if at < (y + 0.85 * high) * room.height:
                words.line((x + 0.02) * room.width, at, room.font(3.4 * room.unit))


def _records(room: Room, area: tuple[float, float, float, float], dark: bool) -> None:
    random = room.pen.random
    (left, top, right, bottom) = area
    rows = int(random.integers(8, 24))
    across = int(random.integers(2, 7))
    pitch = (bottom - top) / rows
    faint = (70, 74, 80) if dark else (205, 208, 212)
    for row in range(rows):
        y = (top + row * pitch) * room.height
        room.pen.draw.line((left * room.width, y, right * room.width, y), faint, 1)
        for column in range(across):
            x = (left + (column + 0.03) * (right - left) / across) * room.width
            stop = (left + (column + 0.8) * (right - left) / across) * room.width
            room._replace(left=0.0, width=stop).line(
                x, y + 0.2 * pitch * room.height, room.font(min(3.4 * room.unit, 0.6 * pitch * room.height))
            )


def _shade(random: Random, low: int, high: int) -> Colour:
    level = int(random.integers(low, high))
    return level, level, min(255, level + int(random.integers(0, 8)))


def _fill(room: Room, left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
    """Fill a box, given in shares of the room."""
    if right > left and bottom > top:
        box = (left * room.width, top * room.height, right * room.width, bottom * room.height)
        room.pen.draw.rectangle(box, fill)


def _gradient(room: Room, one: Colour, other: Colour) -> None:
    share = np.linspace(0, 1, round(room.height))[:, None, None]
    level = (1 - share) * np.array(one) + share * np.array(other)
    _paste(room, np.broadcast_to(level, (round(room.height), round(room.width), 3)))


def _sky(random: Random, cols: int, rows: int) -> Floats:
    fade = np.linspace(0, 1, rows, dtype=np.float32)[:, None, None]
    high = random.uniform((40, 90, 150), (120, 160, 230))
    low = random.uniform((170, 170, 170), (240, 240, 250))
    sky = np.asarray((1 - fade) * high + fade * low + np.zeros((1, cols, 1)), np.float32)
    return np.asarray(sky + 12 * np.maximum(smooth_noise(random, (cols, rows), (7, 5)), 0)[:, :, None])


def _house(random: Random, view: Floats) -> None:
    rows, cols = view.shape[:2]
    width = random.uniform(0.08, 0.4) * cols
    height = random.uniform(0.1, 0.4) * rows
    left = random.uniform(0, cols - width)
    top = random.uniform(0.3, 0.6) * rows
    corner = (int(left + width), int(top + height))
    cv2.rectangle(view, (int(left), int(top)), corner, random.uniform(60, 235, 3).tolist(), -1)
    roof = np.array(
        [(left - 9, top), (left + width + 9, top), (left + width / 2, top - 0.4 * height)], np.int32
    )
    cv2.fillConvexPoly(view, roof, random.uniform(30, 170, 3).tolist(), cv2.LINE_AA)
    pane = random.uniform(20, 120, 3).tolist()
    across = int(random.integers(2, 5))
    for number in range(across * int(random.integers(1, 4))):
        x = left + (number % across + 0.25) * width / across
        y = top + (number // across + 0.25) * height / 3
        end = (int(x + 0.5 * width / across), int(y + 0.17 * height))
        cv2.rectangle(view, (int(x), int(y)), end, pane, -1)


def _tree(random: Random, view: Floats) -> None:
    rows, cols = view.shape[:2]
    x = random.uniform(0, cols)
    y = random.uniform(0.45, 0.9) * rows
    reach = random.uniform(0.03, 0.12) * rows
    trunk = random.uniform((50, 30, 20), (110, 80, 60)).tolist()
    cv2.line(view, (int(x), int(y)), (int(x), int(y + 2 * reach)), trunk, max(2, int(reach / 6)))
    for _ in range(14):
        at = np.array([x, y]) + random.normal(size=2) * reach / 2
        cv2.circle(
            view,
            at.astype(int).tolist(),
            int(reach * random.uniform(0.2, 0.6)),
            random.uniform((10, 40, 5), (90, 140, 80)).tolist(),
            -1,
        )


def _paste(room: Room, picture: Floats) -> None:
    tile = Pillow.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    room.pen.draw._image.paste(tile, (0, 0))  # the page under the pen


SCREENS: dict[str, Sheet] = {
    "screenshot": screenshot,
    "dark window": dark_window,
    "terminal": terminal,
    "slide": slide,
    "poster": poster,
    "scenery": scenery,
}
