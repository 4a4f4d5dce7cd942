"""Documents on desks with their corners, also where another hides them or a torn end lacks them.

`make_scene` fills what photographs with truth lack: small pages, cards, pages cut by the picture's border,
pages that fill the picture, empty desks. `make_desk` has two to twelve receipts, cards and sheets in true
proportion. `make_counter` is the widest, for training: white on white, photographs, coloured and crumpled
things, heavy piles, sheets the picture cuts off, worktops with litter alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from synthetic.arrays import Corners, Floats, Image, Random, Size
from synthetic.documents.slips import Slip, blank, card, make_sheet, paper, photograph, receipt
from synthetic.scene import camera, light
from synthetic.scene.laying import Shadow, lay
from synthetic.scene.layout import (
    Heap,
    Limits,
    Piece,
    Placed,
    Rows,
    common,
    grown,
    in_heap,
    in_rows,
    rectangle,
    seen,
)
from synthetic.scene.litter import clutter, finger, litter
from synthetic.scene.surfaces import DESKS, worktop

LAYOUTS = ("rows", "strewn", "touching", "overlapping")

_SHEET_SHADOW = Shadow(6, (1.5, 8), 0.35, (0, 0), (1.0, 0.04))
_DESK_SHADOW = Shadow(5, (1.5, 7), 0.3, (0.08, 0.35), (0.0, 0.0))
_COUNTER_SHADOW = Shadow(6, (1.5, 9), 0.35, (0, 0.35), (0.3, 0.08))

_DESK_ROWS = Rows(Limits(0.012, gap=0.02), (1.0, 1.0), (0.72, 0.9), (0.35,), (2.0,))
_DESK_HEAPS = {
    "strewn": Heap(Limits(0.012, gap=0.012), (0.2, 0.5), anyhow=0.7, sideways=0, level=0, tries=100),
    "touching": Heap(Limits(0.012, shared=0.004), (0.2, 0.5), (-0.0003, 0.0016), (0.4,), 0, 0.3, 0, 400),
    "overlapping": Heap(Limits(0.012, shared=0.12), (0.2, 0.5), (-0.025, -0.0025), (12.0,), 0, 0.3, 0, 400),
}
_COUNTER_ROWS = Rows(Limits(-1.0, shared=0.02), (0.85, 1.0), (0.7, 0.98), (0.0, 0.3, 0.5), (0.3, 2.0, 5.0))


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture and the corners ``(4, 2)`` of its documents, clockwise, the undermost first.

    Corners may lie outside of the picture. `layout` is one of `LAYOUTS` or empty.
    """

    picture: Image
    quads: tuple[Corners, ...]
    layout: str = ""


def make_scene(seed: int, documents: int = 1, size: Size | None = None) -> Scene:
    """Return a desk with so many documents on it; the same for the same seed.

    Parameters
    ----------
    size
        By default one of a few a camera has.
    """
    random = np.random.default_rng(seed)
    size = size or ((1600, 1200), (1280, 720), (1200, 1600))[random.integers(3)]
    desk = DESKS[random.integers(len(DESKS))](random, size)
    clutter(random, desk)
    quads: list[Corners] = []
    grid = _grid(random, size, documents) if documents > 3 and random.random() < 0.5 else []
    for attempt in range(documents * 12):
        quad = grid[attempt % len(grid)] if grid else _place(random, size, documents)
        if len(quads) < documents and not any(common(grown(quad, 5), it) > 0 for it in quads):
            sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
            sheet = make_sheet(random, float((sides[0] + sides[2]) / (sides[1] + sides[3])))
            lay(random, desk, Slip(sheet, np.ones(sheet.shape[:2], np.float32)), quad, _SHEET_SHADOW)
            quads.append(quad)
    return Scene(_photographed(random, desk), tuple(quads))


def make_full_page(seed: int, size: Size = (1200, 1600)) -> Scene:
    """Return nothing but page: a scan, or a page that leaves the picture on all sides."""
    random = np.random.default_rng(seed)
    sheet = make_sheet(random, size[0] / size[1])
    trim = int(random.integers(0, 60))
    sheet = sheet[trim : len(sheet) - trim, trim : sheet.shape[1] - trim]
    return Scene(_photographed(random, np.asarray(cv2.resize(sheet, size, interpolation=cv2.INTER_AREA))), ())


def make_desk(seed: int, layout: str, documents: int, size: Size = (1600, 1200)) -> Scene:
    """Return a desk with about so many documents on it; the same for the same seed.

    Parameters
    ----------
    layout
        One of `LAYOUTS`. Where the documents find no room there are fewer.
    """
    random = np.random.default_rng(seed)
    stock = str(random.choice(["receipts", "cards", "sheets", "mixed"], p=[0.4, 0.2, 0.15, 0.25]))
    pieces = [
        _STOCK[stock if stock != "mixed" else str(random.choice(tuple(_STOCK)))](random)
        for _ in range(documents)
    ]
    if layout == "rows":
        down = 1 if documents < 4 else int(random.integers(2, 4)) if documents > 7 else 2
        placed = in_rows(random, pieces, size, -(-documents // down), _DESK_ROWS)
    else:
        placed = in_heap(random, pieces, size, _DESK_HEAPS[layout])
    desk = DESKS[random.integers(len(DESKS))](random, size)
    clutter(random, desk)
    quads = _laid(random, desk, seen(random, placed, size, (0.0, 0.008, 0.02)), _DESK_SHADOW)
    return Scene(_photographed(random, desk), quads, layout)


def make_counter(seed: int, size: Size) -> Scene:
    """Return whatever may lie under a camera, in a tenth of a second; the same for the same seed and size."""
    random = np.random.default_rng(seed)
    arrangement = str(random.choice((*LAYOUTS, "single", "empty"), p=(0.13, 0.17, 0.24, 0.28, 0.13, 0.05)))
    desk = np.ascontiguousarray(worktop(random, size), np.float32)
    litter(random, desk)
    quads = _laid(random, desk, _arranged(random, arrangement, size), _COUNTER_SHADOW)
    if random.random() < 0.12:
        finger(random, desk)
    scene = light.uneven(random, desk)
    if random.random() < 0.15:
        scene = light.glare(random, scene)
    blur = max(0.3, random.uniform(0.5, 3.0) * max(size) / 1600)
    shaken = camera.lens(scene, blur)
    shaken = shaken + random.standard_normal(shaken.shape, np.float32) * np.float32(random.uniform(0.5, 6))
    levels = 255 * (np.clip(shaken, 0, 255) / 255) ** random.uniform(0.75, 1.3)
    return Scene(camera.compressed(random, levels, (45, 96)), quads)


def _photographed(random: Random, desk: Floats) -> Image:
    scene = light.uneven(random, desk)
    return camera.photograph(random, scene, random.uniform(0.5, 1.8), (0.5, 5), (55, 96))


def _laid(random: Random, desk: Floats, placed: Placed, shadow: Shadow) -> tuple[Corners, ...]:
    for piece, quad in placed:
        lay(random, desk, piece.draw(random, piece.width, piece.height), quad, shadow)
    return tuple(quad for _, quad in placed)


# Documents of a desk, mostly many of one kind, as at a counter ----------------------------


def _any_receipt(random: Random) -> Piece:
    return Piece(receipt, float(random.choice([58.0, 80.0])), float(random.uniform(90, 190)))


def _any_card(random: Random) -> Piece:
    return Piece(card, *((85.6, 54.0) if random.random() < 0.8 else (54.0, 85.6)))


def _any_sheet(random: Random) -> Piece:
    sizes = ((210.0, 148.0), (148.0, 210.0), (105.0, 148.0), (240.0, 140.0), (150.0, 100.0))
    return Piece(paper, *sizes[random.integers(5)])


_STOCK = {"receipts": _any_receipt, "cards": _any_card, "sheets": _any_sheet}


def _long_receipt(random: Random) -> Piece:
    width = random.choice([58, 80, random.uniform(50, 110)])
    return Piece(receipt, float(width), float(random.uniform(70, 260)))


def _other_card(random: Random) -> Piece:
    size = [(85.6, 54.0), (90.0, 54.0), (74.0, 52.0)][random.integers(3)]
    return Piece(card, *(size if random.random() < 0.75 else size[::-1]))


def _page(random: Random) -> Piece:
    long = float(random.choice([297, 210, 148, random.uniform(90, 300)]))
    return Piece(paper, *_either_way(random, long / random.uniform(1.2, 1.7), long, 0.6))


def _print(random: Random) -> Piece:
    long = random.uniform(70, 200)
    return Piece(photograph, *_either_way(random, long / random.uniform(1.0, 1.6), long, 0.5))


def _envelope(random: Random) -> Piece:
    long = random.uniform(70, 240)
    return Piece(blank, *_either_way(random, long / random.uniform(1.0, 2.2), long, 0.5))


def _either_way(random: Random, short: float, long: float, upright: float) -> tuple[float, float]:
    return (short, long) if random.random() < upright else (long, short)


_KINDS: tuple[Callable[[Random], Piece], ...] = (
    *(_long_receipt, _long_receipt, _other_card, _other_card, _page, _page, _print, _envelope),
)


def _pieces(random: Random, count: int) -> list[Piece]:
    one, kind = random.random() < 0.6, int(random.integers(len(_KINDS)))
    return [_KINDS[kind if one else int(random.integers(len(_KINDS)))](random) for _ in range(count)]


# Places ------------------------------------------------------------------------------------


def _arranged(random: Random, arrangement: str, size: Size) -> Placed:
    if arrangement == "empty":
        return []
    if arrangement == "single":
        return _single(random, size)
    most = ((2, 5), (2, 13), (8, 21))[random.choice(3, p=[0.3, 0.5, 0.2])]
    pieces = _pieces(random, count := int(random.integers(*most)))
    if arrangement == "rows":
        across = round(np.sqrt(count * size[0] / size[1] * random.uniform(0.5, 2)))
        placed = in_rows(random, pieces, size, max(1, min(count, across)), _COUNTER_ROWS)
    else:
        placed = in_heap(random, pieces, size, _heap(random, arrangement))
    return seen(random, placed, size, (0.0, 0.01, 0.03, 0.07))


def _heap(random: Random, arrangement: str) -> Heap:
    edge, cover = float(random.choice([-0.08, 0.0, 0.01])), (0.12, 0.62)
    anyhow = float(random.random() < 0.5)
    if arrangement == "strewn":
        return Heap(Limits(edge), cover, anyhow=anyhow)
    if arrangement == "touching":
        return Heap(Limits(edge, shared=0.01), cover, (-0.0005, 0.002), (0.4,))
    shared = float(random.choice([0.08, 0.15, 0.35]))
    return Heap(Limits(edge, shared=shared), cover, (-0.06, -0.002), (2.0, 15.0), anyhow)


def _single(random: Random, size: Size) -> Placed:
    (piece,), share = _pieces(random, 1), random.uniform(0.25, 1.05)
    turn = random.normal() * 8 if random.random() < 0.6 else random.uniform(0, 360)
    flat = rectangle(np.array([piece.width, piece.height]), np.zeros(2), turn)
    flat = flat * share * (np.array(size) / np.ptp(flat, axis=0)).min()
    flat = flat + np.array(size) / 2 + _anywhere(random, flat, size, 0.12 * max(size), 0.3)
    return seen(random, [(piece, flat)], size, (0.03,) if random.random() < 0.6 else (0.1,))


def _anywhere(random: Random, quad: Floats, size: Size, beyond: float, often: float) -> Floats:
    """Return a shift that leaves `quad` in the picture, `often` up to `beyond` pixels outside of it."""
    room = np.maximum(np.array(size) - np.ptp(quad, axis=0), 0) / 2
    return np.asarray(random.uniform(-1, 1, 2) * (room + (beyond if random.random() < often else 0.0)))


def _place(random: Random, size: Size, documents: int) -> Corners:
    """Return the corners of a sheet under a tilted camera."""
    aspect = random.choice([0.707, 0.707, 1.414, random.uniform(0.3, 0.6), 1.586, 0.63])
    share = random.uniform(0.35, 1.02) if documents == 1 else random.uniform(0.7, 1.1) / (1 + documents**0.5)
    turn = random.normal() * 6 if random.random() < 0.6 else random.uniform(-180, 180)
    flat = rectangle(2 * np.array([aspect, 1.0]) / np.hypot(aspect, 1.0), np.zeros(2), turn)
    # A document camera looks down with little tilt, a phone with more.
    tilt = random.normal(size=2) * random.choice([0.02, 0.12])
    quad = flat / (1 + flat @ tilt)[:, None]
    quad = (quad - (quad.min(axis=0) + quad.max(axis=0)) / 2) * share * (size / np.ptp(quad, axis=0)).min()
    return np.asarray(quad + np.array(size) / 2 - 0.5 + _anywhere(random, quad, size, 0.04 * size[0], 0.2))


def _grid(random: Random, size: Size, documents: int) -> list[Corners]:
    """Return the corners of receipts or cards laid out in rows, a finger's breadth apart."""
    down = int(random.integers(1, 3)) if documents < 9 else 2
    across = -(-documents // down)
    cell = np.array([size[0] / across, size[1] / down])
    aspect = random.choice([0.45, 0.5, 0.63, 0.707, 1.586])
    quads = []
    for number in range(documents):
        extent = random.uniform(0.75, 0.93) * np.minimum(cell, cell[::-1] * np.array([aspect, 1 / aspect]))
        middle = (np.array([number % across, number // across]) + 0.5) * cell + random.normal(
            size=2
        ) * 0.02 * cell
        quads.append(rectangle(extent, middle, random.normal() * 2) + random.normal(size=(4, 2)) * 2)
    return quads
