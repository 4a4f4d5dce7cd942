"""Whole sheets of the kinds that offices print: text, columns, tables, forms, newspapers, certificates.

Each fills the sheet that a `Room` spans, whose paper is painted already.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from synthetic.documents.figures import BLACK, FIGURES, any_ink, disc
from synthetic.documents.pages import Room, bullets, figure, paragraph, table
from synthetic.text.words import sentence

Sheet = Callable[[Room], None]
"""Prints one sheet."""


def prose(room: Room) -> None:
    """Print text in one column, a heading over it or none, a page number or none."""
    body = _margins(room)
    _flow(_below_heading(body) if room.pen.random.random() < 0.7 else body, (paragraph, paragraph, bullets))
    _page_number(room)


def columns(room: Room) -> None:
    """Print an article in two or three columns, with figures and tables in them."""
    body = _below_heading(_margins(room))
    _set_columns(body, int(room.pen.random.integers(2, 4)), (paragraph, paragraph, paragraph, figure, table))
    _page_number(room)


def tables(room: Room) -> None:
    """Print one or two tables as wide as the text, a title and a line or two about them."""
    body = _below_heading(_margins(room))
    for _ in range(int(room.pen.random.integers(1, 3))):
        body = _after(body, _grid(body, 0.5 * body.height))
        if room.pen.random.random() < 0.6 and body.height > 30 * body.unit:
            body = _after(body, paragraph(body))
    _page_number(room)


def form(room: Room) -> None:
    """Print a frame of labelled boxes, a title over it, small print below it."""
    random = room.pen.random
    body = _below_heading(_margins(room))
    foot = body.height * random.uniform(0.08, 0.2)
    _boxes(body._replace(height=body.height - foot))
    font = body.font(2.6 * body.unit)
    for line in range(int(random.integers(1, 4))):
        room.line(body.left, body.top + body.height - foot + (3 + 4 * line) * body.unit, font)


def newspaper(room: Room) -> None:
    """Print narrow columns under a masthead, pictures across some of them, rules between them."""
    random = room.pen.random
    body = _margins(room, (6, 12))
    body = _below_heading(body, (12, 20))
    if random.random() < 0.7:
        height = body.height * random.uniform(0.2, 0.4)
        width = body.width * random.uniform(0.4, 1.0)
        body = _after(body, _captioned(body._replace(width=width, height=height)))
    _set_columns(body, int(random.integers(3, 6)), (paragraph, paragraph, paragraph, paragraph, figure))


def certificate(room: Room) -> None:
    """Print a frame near the sheet's edge, a title, a few lines in the middle, a seal."""
    random = room.pen.random
    unit = room.unit
    inner = _frame(room, random.uniform(6, 16) * unit)
    middle = inner.left + inner.width / 2
    height = random.uniform(9, 15) * unit
    y = inner.top + 0.12 * inner.height
    _centred(inner, (middle, y), height, 14)
    for _ in range(int(random.integers(3, 8))):
        y += random.uniform(1.5, 2.2) * height
        _centred(inner, (middle, y), random.uniform(4, 6) * unit, int(random.integers(20, 48)))
    radius = random.uniform(12, 18) * unit
    seal = disc(middle + inner.width / 4, inner.top + 0.84 * inner.height, radius)
    room.pen.draw.ellipse(seal, None, (200, 40, 45), max(1, int(unit)))


def slip(room: Room) -> None:
    """Print a till receipt: names at the left, prices at the right, dashes between."""
    random = room.pen.random
    high = room.width / random_between(room, 26, 36)
    font = room.font(high)
    y = 0.03 * room.height
    while y < 0.95 * room.height:
        name = sentence(random, int(random.integers(4, 16)), room.chinese)
        room.pen.draw.text((0.06 * room.width, y), name, BLACK, font)
        price = f"{random.uniform(1, 900):.2f}"
        room.pen.draw.text((0.94 * room.width, y), price, BLACK, font, "ra")
        if random.random() < 0.1:
            y += 2 * high
            room.pen.rule((0.06 * room.width, y, 0.94 * room.width, y), 0.06 * high)
        y += high * random.uniform(1.5, 2.0)


def cheque(room: Room) -> None:
    """Print a cheque: waves in the ground, a frame, lines to write on, a box for the sum."""
    random = room.pen.random
    draw = room.pen.draw
    unit = room.unit
    tone = tuple(int(value) for value in random.integers(190, 235, 3))
    x = np.arange(0, room.width, 2.0)
    for base in np.arange(0, room.height, random.uniform(4, 8) * unit):
        wave = base + 2.5 * unit * np.sin(x * random.uniform(0.01, 0.04) / unit * 4)
        draw.line(list(zip(x.tolist(), wave.tolist(), strict=True)), tone, 1)
    inner = _frame(room, random.uniform(3, 9) * unit)
    _centred(inner, (inner.left + inner.width / 2, inner.top + 3 * unit), 7 * unit, 16)
    for row in range(int(random.integers(3, 5))):
        y = inner.top + inner.height * (0.35 + 0.16 * row)
        inner.line(inner.left + 4 * unit, y - 5 * unit, inner.font(4 * unit))
        room.pen.rule((inner.left + 30 * unit, y, inner.left + 0.65 * inner.width, y), 0.3 * unit)
    right = inner.left + inner.width
    top = inner.top + 0.3 * inner.height
    draw.rectangle(
        (right - 55 * unit, top, right - 5 * unit, top + 11 * unit), None, BLACK, max(1, int(0.4 * unit))
    )
    room.pen.draw.text(
        (right - 52 * unit, top + 2 * unit), f"{random.uniform(10, 99999):,.2f}", BLACK, inner.font(6 * unit)
    )


def invoice(room: Room) -> None:
    """Print letterhead, two addresses, a table of goods, totals at the right, terms at the foot."""
    random = room.pen.random
    unit = room.unit
    body = _below_heading(_margins(room))
    font = body.font(3.4 * unit)
    for line in range(4):
        for side in (0.0, 0.6):
            left = body.left + side * body.width
            narrow = body._replace(left=left, width=0.38 * body.width)
            narrow.line(left, body.top + 5 * line * unit, font)
    body = _after(body, 24 * unit)
    body = _after(body, _grid(body, body.height * random.uniform(0.3, 0.6)))
    for line in range(int(random.integers(2, 5))):
        y = body.top + 6 * line * unit
        room.pen.draw.text((body.left + body.width, y), f"{random.uniform(5, 9999):,.2f}", BLACK, font, "ra")
    body.line(body.left, room.height - 18 * unit, body.font(2.8 * unit))


def album(room: Room) -> None:
    """Print one to four large pictures with a line or two under each."""
    body = _margins(room)
    if room.pen.random.random() < 0.6:
        body = _below_heading(body)
    across, down = ((1, 1), (1, 2), (2, 1), (2, 2))[int(room.pen.random.integers(4))]
    for cell in range(across * down):
        width = body.width / across
        height = body.height / down
        left = body.left + (cell % across) * width
        top = body.top + (cell // across) * height
        _captioned(body._replace(left=left, top=top, width=0.94 * width, height=0.92 * height))


def panels(room: Room) -> None:
    """Print text with one to three coloured boxes, words on them."""
    random = room.pen.random
    body = _below_heading(_margins(room))
    for _ in range(int(random.integers(1, 4))):
        body = _after(body, paragraph(body))
        height = min(body.height * random.uniform(0.15, 0.45), body.height - 12 * body.unit)
        if height < 12 * body.unit:
            return
        body = _after(body, _panel(body._replace(height=height)))
    if body.height > 20 * body.unit:
        paragraph(body)


def solitary(room: Room) -> None:
    """Print one table or picture or panel, and hardly anything beside it."""
    random = room.pen.random
    body = _margins(room, (18, 40))
    share = random.uniform(0.25, 0.7)
    if random.random() < 0.7:
        room.line(body.left, body.top, body.font(random.uniform(3.5, 7) * room.unit))
    inner = body._replace(top=body.top + 16 * room.unit, height=share * body.height)
    (_panel, _captioned, lambda it: _grid(it, it.height))[int(random.integers(3))](inner)
    _page_number(room)


def drawing(room: Room) -> None:
    """Print a technical drawing: a frame, a title block at its corner, lines, arcs and measures."""
    random = room.pen.random
    unit = room.unit
    inner = _frame(room, random.uniform(5, 12) * unit, thick=(0.3, 0.8), doubled=0.2)
    right = inner.left + inner.width
    bottom = inner.top + inner.height
    block = inner._replace(left=right - 70 * unit, top=bottom - 32 * unit, width=70 * unit, height=32 * unit)
    _boxes(block)
    for _ in range(int(random.integers(6, 26))):
        x = inner.left + random.uniform(0.08, 0.85) * inner.width
        y = inner.top + random.uniform(0.08, 0.7) * inner.height
        long, high = random.uniform(5, 60, 2) * unit
        x2 = min(x + long, right - 6 * unit)
        y2 = min(y + high, bottom - 36 * unit)
        if x2 - x < unit or y2 - y < unit:
            continue
        shape = (room.pen.draw.rectangle, room.pen.draw.ellipse)[int(random.integers(2))]
        shape((x, y, x2, y2), None, BLACK, max(1, int(0.35 * unit)))
        room.pen.rule((x, y - 2 * unit, x2, y - 2 * unit), 0.15 * unit)
        room.pen.draw.text((x, y - 6 * unit), f"{random.uniform(2, 900):.1f}", BLACK, inner.font(3 * unit))


def random_between(room: Room, low: float, high: float) -> float:
    """Draw a number between two."""
    return float(room.pen.random.uniform(low, high))


def _margins(room: Room, millimetres: tuple[float, float] = (10, 26)) -> Room:
    margin = random_between(room, *millimetres) * room.unit
    return room._replace(
        left=room.left + margin,
        top=room.top + margin,
        width=room.width - 2 * margin,
        height=room.height - 2.2 * margin,
    )


def _after(room: Room, taken: float) -> Room:
    gap = taken + random_between(room, 3, 8) * room.unit
    return room._replace(top=room.top + gap, height=room.height - gap)


def _below_heading(room: Room, millimetres: tuple[float, float] = (5, 11)) -> Room:
    height = random_between(room, *millimetres) * room.unit
    room.dip()
    room.line(room.left, room.top, room.font(height))
    if room.pen.random.random() < 0.3:
        y = room.top + 1.4 * height
        room.pen.rule((room.left, y, room.left + room.width, y), 0.4 * room.unit)
    return _after(room, 1.5 * height)


def _page_number(room: Room) -> None:
    if room.pen.random.random() < 0.7:
        at = (room.width * float(room.pen.random.choice([0.1, 0.5, 0.9])), room.height - 10 * room.unit)
        room.pen.draw.text(at, str(room.pen.random.integers(1, 400)), BLACK, room.font(3.2 * room.unit))


def _flow(room: Room, blocks: tuple[Callable[[Room], float], ...]) -> None:
    """Fill a room with blocks, one under the other, to its end or not quite."""
    end = room.height * random_between(room, 0.0, 0.4) ** 2
    while room.height - end > 18 * room.unit:
        room = _after(room, blocks[int(room.pen.random.integers(len(blocks)))](room))


def _set_columns(room: Room, count: int, blocks: tuple[Callable[[Room], float], ...]) -> None:
    gap = random_between(room, 4, 8) * room.unit
    width = (room.width - (count - 1) * gap) / count
    ruled = room.pen.random.random() < 0.3
    for number in range(count):
        left = room.left + number * (width + gap)
        if ruled and number:
            room.pen.rule((left - gap / 2, room.top, left - gap / 2, room.top + room.height), 0.2 * room.unit)
        _flow(room._replace(left=left, width=width), blocks)


def _grid(room: Room, height: float) -> float:
    """Draw a ruled table with words in its cells; zebra, shaded head, heavy frame or none of them."""
    random = room.pen.random
    draw = room.pen.draw
    unit = room.unit
    cell = random_between(room, 5.5, 12) * unit
    down = max(2, int(height / cell))
    across = int(random.integers(2, 9))
    right = room.left + room.width
    font = room.font(min(0.5 * cell, 5 * unit))
    zebra = random.random() < 0.3
    head = random.random() < 0.5
    for row in range(down):
        if (head and row == 0) or (zebra and row % 2):
            shade = any_ink(random, 40, 200) if row == 0 else (228, 230, 236)
            draw.rectangle((room.left, room.top + row * cell, right, room.top + (row + 1) * cell), shade)
    lines = random.choice(["all", "rows", "frame"], p=[0.6, 0.25, 0.15])
    width = random_between(room, 0.15, 0.6) * unit
    for y in room.top + cell * np.arange(down + 1) if lines != "frame" else ():
        room.pen.rule((room.left, y, right, y), width)
    for x in room.left + room.width / across * np.arange(across + 1) if lines == "all" else ():
        room.pen.rule((x, room.top, x, room.top + down * cell), width)
    if lines == "frame":
        draw.rectangle(
            (room.left, room.top, right, room.top + down * cell), None, BLACK, max(1, int(width * 2))
        )
    for number in range(down * across):
        x = room.left + (number % across + 0.08) * room.width / across
        y = room.top + (number // across + 0.22) * cell
        fits = max(2, int(0.8 * room.width / across / max(1.0, 0.3 * cell)))
        draw.text((x, y), sentence(random, min(fits, 12), room.chinese), BLACK, font)
    return down * cell


def _boxes(room: Room) -> None:
    """Draw a frame divided into rows of boxes with a small label in each."""
    random = room.pen.random
    y = room.top
    end = room.top + room.height
    width = max(1, int(random_between(room, 0.15, 0.5) * room.unit))
    shade = tuple(int(value) for value in random.integers(215, 256, 3))
    while y < end - 1:
        height = min(random_between(room, 7, 22) * room.unit, end - y)
        cuts = np.sort(random.uniform(0.15, 0.85, int(random.integers(0, 3))))
        edges = room.left + room.width * np.array([0.0, *cuts, 1.0])
        for left, right in pairwise(edges):
            fill = shade if random.random() < 0.3 else None
            room.pen.draw.rectangle((left, y, right, y + height), fill, BLACK, width)
            cell = room._replace(left=left, width=0.9 * (right - left))
            cell.line(left + room.unit, y + room.unit, room.font(min(3.2 * room.unit, 0.5 * height)))
        y += height


def _frame(room: Room, away: float, thick: tuple[float, float] = (0.4, 4.0), doubled: float = 0.6) -> Room:
    """Draw a frame around a sheet, of one line or two; returns the room in it."""
    random = room.pen.random
    unit = room.unit
    ink = any_ink(random, 20, 170)
    wide = max(1, int(random_between(room, *thick) * unit))
    inner = away
    for _ in range(1 + int(random.random() < doubled)):
        box = (
            room.left + inner,
            room.top + inner,
            room.left + room.width - inner,
            room.top + room.height - inner,
        )
        room.pen.draw.rectangle(box, None, ink, wide)
        inner += 2 * wide + unit
        wide = max(1, wide // 3)
    inner += 2 * unit
    return room._replace(
        left=room.left + inner,
        top=room.top + inner,
        width=room.width - 2 * inner,
        height=room.height - 2 * inner,
    )


def _centred(room: Room, at: tuple[float, float], height: float, length: int) -> None:
    room.dip()
    text = sentence(room.pen.random, length, room.chinese)
    room.pen.draw.text(at, text, room.pen.ink, room.font(height), "ma")


def _captioned(room: Room) -> float:
    """Draw a picture that fills a room, and a line or two below it."""
    random = room.pen.random
    unit = room.unit
    lines = int(random.integers(1, 3))
    height = room.height - 5.5 * lines * unit
    box = (room.left, room.top, room.width, height)
    drawn = FIGURES[-1] if random.random() < 0.6 else FIGURES[int(random.integers(len(FIGURES)))]
    drawn(random, room.pen.draw, box, unit)
    for line in range(lines):
        room.line(room.left, room.top + height + (1 + 5 * line) * unit, room.font(3.3 * unit))
    return room.height


def _panel(room: Room) -> float:
    """Draw a coloured box with words on it."""
    random = room.pen.random
    unit = room.unit
    dark = random.random() < 0.4
    fill = any_ink(random, 10, 130) if dark else any_ink(random, 170, 250)
    rim = any_ink(random) if random.random() < 0.5 else None
    right = room.left + room.width
    bottom = room.top + room.height
    room.pen.draw.rectangle((room.left, room.top, right, bottom), fill, rim, max(1, int(0.5 * unit)))
    inner = room._replace(left=room.left + 5 * unit, top=room.top + 4 * unit, width=room.width - 10 * unit)
    room.pen.ink = (245, 245, 245) if dark else BLACK
    pitch = random_between(room, 5, 9) * unit
    for y in np.arange(inner.top, bottom - pitch, pitch):
        inner.line(inner.left, float(y), inner.font(0.6 * pitch))
    return room.height


PRINTED: dict[str, Sheet] = {
    "prose": prose,
    "columns": columns,
    "tables": tables,
    "form": form,
    "newspaper": newspaper,
    "certificate": certificate,
    "slip": slip,
    "cheque": cheque,
    "invoice": invoice,
    "album": album,
    "panels": panels,
    "solitary": solitary,
    "drawing": drawing,
}
