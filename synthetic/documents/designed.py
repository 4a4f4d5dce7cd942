"""Pages that are designed more than written: brochures, magazines, maps, comics, spreadsheets, web pages."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from synthetic.documents.born_digital import Sheet, random_between
from synthetic.documents.figures import BLACK, FIGURES, any_ink
from synthetic.documents.pages import Room

Area = tuple[float, float, float, float]
"""Left, top, right and bottom in shares of a room."""
_WHITE = (255, 255, 255)


def brochure(room: Room) -> None:
    """Print bands of colour and pictures that run off the sheet, words on them and beside them."""
    random = room.pen.random
    ground = any_ink(random, 200, 256) if random.random() < 0.5 else _WHITE
    _fill(room, (0, 0, 1, 1), ground)
    top = 0.0
    while top < 0.95:
        high = min(random.uniform(0.1, 0.35), 1 - top)
        left, right = ((0.0, 1.0), (0.0, 0.5), (0.4, 1.0))[int(random.integers(3))]
        band = (left, top, right, top + high)
        style = random.random()
        if style < 0.35:
            _picture(room, band)
        elif style < 0.65:
            fill = any_ink(random, 10, 250)
            _fill(room, band, fill)
            _words(room, _inset(band, 0.06), (250, 250, 250) if sum(fill) < 380 else BLACK)
        else:
            _words(room, _inset((0.0, top, 1.0, top + high), 0.06), BLACK)
        top += high + (0.0 if random.random() < 0.5 else random.uniform(0.01, 0.06))


def magazine(room: Room) -> None:
    """Print two or three columns around a picture, boxes with a ground of their own among them."""
    random = room.pen.random
    across = int(room.pen.random.integers(2, 4))
    if random.random() < 0.4:
        _fill(room, (0, 0, 1, 1), any_ink(random, 225, 256))
    head = random.uniform(0.15, 0.45)
    rim = float(random.choice([0.0, 0.05]))
    _picture(room, (rim, rim, 1 - rim, head))
    for column in range(across):
        left = 0.06 + 0.88 * column / across
        right = 0.04 + 0.88 * (column + 1) / across
        top = head + 0.03
        while top < 0.9:
            bottom = min(0.95, top + random.uniform(0.08, 0.4))
            if random.random() < 0.25:
                _fill(room, (left, top, right, bottom), any_ink(random, 150, 245))
            if random.random() < 0.15:
                _picture(room, (left, top, right, bottom))
            else:
                _words(room, _inset((left, top, right, bottom), 0.008), BLACK, 3.0)
            top = bottom + 0.02


def spreadsheet(room: Room) -> None:
    """Draw a grid of cells from border to border, numbers in it, some cells coloured, a grey head."""
    random = room.pen.random
    unit = room.unit
    pitch = random_between(room, 5, 9) * unit
    font = room.font(random_between(room, 2.6, 4) * unit)
    edges = np.cumsum([12 * unit, *(random.uniform(14, 40, 40) * unit)])
    faint = any_ink(random, 190, 225)
    _fill(room, (0, 0, 1, pitch / room.height), (232, 233, 236))
    _fill(room, (0, 0, 12 * unit / room.width, 1), (232, 233, 236))
    for row in range(int(room.height / pitch) + 1):
        y = row * pitch
        for left, right in pairwise(edges.tolist()):
            if left > room.width:
                break
            if random.random() < 0.05:
                room.pen.draw.rectangle((left, y, right, y + pitch), any_ink(random, 150, 250))
            if random.random() < 0.55:
                text = f"{random.uniform(0, 99999):,.2f}"
                room.pen.draw.text((right - unit, y + 0.2 * pitch), text, BLACK, font, "ra")
        room.pen.rule((0, y, room.width, y), 1)
    for x in edges[edges < room.width].tolist():
        room.pen.draw.line((x, 0, x, room.height), faint, 1)
    _plot_over(room)


def web_page(room: Room) -> None:
    """Draw a bar of links, a large picture under it, rows of cards with pictures, a dark foot."""
    random = room.pen.random
    dark = room.pen.random.random() < 0.3
    ground, ink = ((28, 30, 34), (224, 226, 230)) if dark else ((255, 255, 255), (36, 38, 44))
    _fill(room, (0, 0, 1, 1), ground)
    _fill(room, (0, 0, 1, 0.06), any_ink(random, 10, 250))
    _words(room, (0.04, 0.015, 0.6, 0.05), ink, 4.0)
    top = 0.06
    if random.random() < 0.7:
        _picture(room, (0.0, top, 1.0, top + 0.25))
        top += 0.25
    across = int(random.integers(2, 5))
    while top < 0.85:
        for cell in range(across):
            left = 0.04 + 0.92 * cell / across
            right = 0.02 + 0.92 * (cell + 1) / across
            if random.random() < 0.5:
                fill = any_ink(random, 30, 70) if dark else (244, 245, 247)
                _fill(room, (left, top + 0.02, right, top + 0.26), fill)
            _picture(room, (left, top + 0.02, right, top + 0.14))
            _words(room, _inset((left, top + 0.15, right, top + 0.25), 0.008), ink, 3.0)
        top += 0.27
    _fill(room, (0, 0.94, 1, 1), any_ink(random, 10, 90))


def editor(room: Room) -> None:
    """Draw an editor: numbered lines of code in colours, a list of files, tabs, a bar at the foot."""
    random = room.pen.random
    unit = room.unit
    dark = random.random() < 0.6
    ground, side = ((30, 31, 36), (38, 40, 46)) if dark else ((254, 254, 252), (240, 240, 243))
    _fill(room, (0, 0, 1, 1), ground)
    left = float(random.choice([0.0, 0.16, 0.22]))
    _fill(room, (0, 0, left, 1), side)
    _words(room, (0.01, 0.08, max(0.02, left - 0.01), 0.7), (170, 172, 180) if dark else (70, 72, 80), 3.0)
    _fill(room, (left, 0, 1, 0.05), side)
    _fill(room, (0, 0.965, 1, 1), any_ink(random, 20, 200))
    pitch = random_between(room, 4.5, 7) * unit
    font = room.font(0.65 * pitch)
    x0 = left * room.width + 3 * unit
    indent = 0
    for number, y in enumerate(np.arange(0.07 * room.height, 0.95 * room.height, pitch)):
        room.pen.draw.text((x0, y), str(number + 1), (120, 122, 128), font)
        indent = int(np.clip(indent + random.integers(-1, 2), 0, 4))
        room.pen.ink = any_ink(random, 130, 250) if dark else any_ink(random, 0, 130)
        stop = room.width * random.uniform(left + 0.2, 0.95)
        if random.random() < 0.85:
            room._replace(left=0, width=stop).line(x0 + (10 + 6 * indent) * unit, float(y), font)


def comic(room: Room) -> None:
    """Draw panels in rows, each with figures and balloons, white between them."""
    random = room.pen.random
    top = 0.03
    gap = random_between(room, 0.008, 0.02)
    while top < 0.9:
        high = min(random.uniform(0.16, 0.4), 0.97 - top)
        cuts = np.sort(random.uniform(0.25, 0.75, int(random.integers(0, 3))))
        edges = [0.04, *cuts.tolist(), 0.96]
        for left, right in pairwise(edges):
            if right - left < 0.08:
                continue
            panel = (left, top, right - gap, top + high)
            _fill(room, panel, any_ink(random, 60, 255), BLACK)
            for _ in range(int(random.integers(1, 4))):
                _blob(room, panel)
            balloon = _inset((left, top, right - gap, top + 0.3 * high), 0.02)
            room.pen.draw.ellipse(_pixels(room, balloon), _WHITE, BLACK)
            _words(room, _inset(balloon, 0.02), BLACK, 3.0)
        top += high + gap


def street_map(room: Room) -> None:
    """Draw streets, water and parks from border to border, names on them, a legend in a frame."""
    random = room.pen.random
    unit = room.unit
    _fill(room, (0, 0, 1, 1), any_ink(random, 225, 250))
    for _ in range(int(random.integers(3, 9))):
        middle = random.uniform((0, 0), (room.width, room.height))
        angles = np.sort(random.uniform(0, 2 * np.pi, 9))
        reach = random.uniform(10, 70, 9)[:, None] * unit
        ring = middle + reach * np.column_stack([np.cos(angles), np.sin(angles)])
        room.pen.draw.polygon([tuple(point) for point in ring.tolist()], any_ink(random, 150, 235))
    for _ in range(int(random.integers(8, 30))):
        one, other = random.uniform((-0.1, -0.1), (1.1, 1.1), (2, 2)) * (room.width, room.height)
        wide = max(1, int(random.uniform(0.5, 4) * unit))
        room.pen.draw.line((*one.tolist(), *other.tolist()), any_ink(random, 190, 256), wide)
    for _ in range(int(random.integers(5, 40))):
        at = random.uniform((0, 0), (room.width, room.height))
        room.pen.ink = any_ink(random, 20, 120)
        name = room._replace(left=0, width=float(at[0]) + 40 * unit)
        name.line(float(at[0]), float(at[1]), room.font(3 * unit))
    if random.random() < 0.7:
        left = random.uniform(0.02, 0.6)
        top = float(random.choice([0.03, 0.75]))
        legend = (left, top, left + random.uniform(0.2, 0.35), top + 0.2)
        _fill(room, legend, _WHITE, BLACK)
        _words(room, _inset(legend, 0.02), BLACK)


def calendar(room: Room) -> None:
    """Print a picture over a grid of days, the month above it."""
    random = room.pen.random
    split = random_between(room, 0.3, 0.6)
    rim = float(random.choice([0.0, 0.04]))
    _picture(room, (rim, rim, 1 - rim, split))
    _words(room, (0.08, split + 0.02, 0.5, split + 0.08), BLACK, 8.0)
    for row in range(5):
        for column in range(7):
            left = 0.05 + 0.9 * column / 7
            top = split + 0.1 + (0.87 - split) * row / 5
            cell = (left, top, left + 0.9 / 7, top + (0.87 - split) / 5)
            _fill(room, cell, any_ink(random, 225, 250) if column > 4 else None, (120, 120, 125))
            at = (_pixels(room, cell)[0] + room.unit, _pixels(room, cell)[1] + room.unit)
            room.pen.draw.text(at, str(7 * row + column + 1), BLACK, room.font(5 * room.unit))


def still_life(room: Room) -> None:
    """Draw a photograph of large shapes, near and far, that the picture's border cuts."""
    random = room.pen.random
    _picture(room, (0, 0, 1, 1), 1.0)
    for _ in range(int(random.integers(3, 14))):
        low = random.uniform(-0.2, 0.9, 2)
        extent = random.uniform(0.08, 0.7, 2)
        _blob(room, (float(low[0]), float(low[1]), float(low[0] + extent[0]), float(low[1] + extent[1])))


def _blob(room: Room, area: Area) -> None:
    """Draw a disc, a shape with corners or a patch of smooth colours in an area."""
    random = room.pen.random
    (left, top, right, bottom) = _pixels(room, area)
    style = random.random()
    if style < 0.35:
        room.pen.draw.ellipse((left, top, right, bottom), any_ink(random, 5, 250))
    elif style < 0.75:
        angles = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(3, 8))))
        ring = np.column_stack([np.cos(angles), np.sin(angles)]) * (right - left, bottom - top) / 2
        points = ring + np.array([left + right, top + bottom]) / 2
        room.pen.draw.polygon([tuple(point) for point in points.tolist()], any_ink(random, 5, 250))
    else:
        _picture(room, _inset(area, 0.05 * (area[2] - area[0])), 1.0)


def _plot_over(room: Room) -> None:
    random = room.pen.random
    if random.random() < 0.3:
        left = random.uniform(0.2, 0.5)
        top = random.uniform(0.2, 0.5)
        chart = (left, top, left + random.uniform(0.25, 0.45), top + random.uniform(0.25, 0.4))
        _fill(room, chart, _WHITE, (180, 180, 185))
        _picture(room, _inset(chart, 0.03), 0.0)


def _picture(room: Room, area: Area, photographs: float = 0.7) -> None:
    """Draw a figure that fills an area, so often a photograph."""
    random = room.pen.random
    (left, top, right, bottom) = _pixels(room, area)
    if right - left < 4 or bottom - top < 4:
        return
    kind = -1 if random.random() < photographs else int(random.integers(len(FIGURES)))
    FIGURES[kind](random, room.pen.draw, (left, top, right - left, bottom - top), room.unit)


def _words(room: Room, area: Area, ink: tuple[int, int, int], most: float = 6.0) -> None:
    """Set lines of words in an area, in letters of up to so many millimetres."""
    random = room.pen.random
    (left, top, right, bottom) = _pixels(room, area)
    high = random.uniform(0.6, 1.0) * most * room.unit
    room.pen.ink = ink
    font = room.font(high)
    for y in np.arange(top, bottom - high, high * random.uniform(1.3, 1.8)):
        if random.random() < 0.93:
            stop = random.uniform(0.5, 1.0) if random.random() < 0.2 else 1.0
            room._replace(left=left, width=stop * (right - left)).line(left, float(y), font)


def _fill(
    room: Room, area: Area, fill: tuple[int, int, int] | None, rim: tuple[int, int, int] | None = None
) -> None:
    left, top, right, bottom = _pixels(room, area)
    if right > left and bottom > top:
        room.pen.draw.rectangle((left, top, right, bottom), fill, rim, max(1, int(0.4 * room.unit)))


def _inset(area: Area, away: float) -> Area:
    left, top, right, bottom = area
    return left + away, top + away, max(left + away, right - away), max(top + away, bottom - away)


def _pixels(room: Room, area: Area) -> Area:
    return area[0] * room.width, area[1] * room.height, area[2] * room.width, area[3] * room.height


DESIGNED: dict[str, Sheet] = {
    "brochure": brochure,
    "magazine": magazine,
    "spreadsheet": spreadsheet,
    "web page": web_page,
    "editor": editor,
    "comic": comic,
    "map": street_map,
    "calendar": calendar,
    "still life": still_life,
}
