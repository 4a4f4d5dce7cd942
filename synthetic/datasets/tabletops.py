"""Documents on desks with their corners, also where another hides them or a torn end lacks them.

`make_scene` fills what photographs with truth lack: small pages, cards, pages cut by the picture's border,
pages that fill the picture, empty desks. `make_desk` has two to twelve receipts, cards and sheets in true
proportion. `make_counter` is the widest, for training: white on white, photographs, coloured and crumpled
things, heavy piles, sheets the picture cuts off, devices, worktops with litter alone.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Corners, Floats, Image, Random, Size
from synthetic.documents.cards import banded_card
from synthetic.documents.slips import Maker, blank, card, make_sheet, paper, photograph, receipt
from synthetic.scene import camera, light
from synthetic.scene.devices import devices
from synthetic.scene.laying import Shadow, lay
from synthetic.scene.layout import LAYOUTS, Habit, Piece, Placed, in_heap, in_rows, rectangle, seen
from synthetic.scene.litter import clutter, device, finger, keys, litter
from synthetic.scene.surfaces import DESKS, PATTERNED, worktop

SIZES = ((1600, 1200), (1600, 900), (1200, 1600))
"""Sizes of pictures of `make_desks`, in turn, in pixels."""
COUNTS = range(2, 13)
"""Numbers of documents on the desks of `make_desks`, in turn."""

_ASPECTS = (0.707, 0.707, 1.414, 0.45, 1.586, 0.63)
_SHEETS = ((210.0, 148.0), (148.0, 210.0), (105.0, 148.0), (240.0, 140.0), (150.0, 100.0))
_CARDS = ((85.6, 54.0), (90.0, 54.0), (74.0, 52.0))

_SHADOW = Shadow(6, (1.5, 8), 0.33, (0.04, 0.35), (0.3, 0.08))
_ROWS = Habit((0.72, 0.9), 0.012, gap=0.02)
_COUNTER_ROWS = Habit((0.65, 0.95), -1.0, shared=0.02, askew=(0.3, 2.0, 5.0))
_STREWN = Habit((0.2, 0.5), 0.012, gap=0.012, anyhow=0.7, sideways=0, level=0, tries=100)
_TOUCHING = Habit((0.2, 0.5), 0.012, 0, 0.004, (-0.0003, 0.0016), (0.4,), 0, 0.3, 0, tries=400)
_OVERLAPPING = Habit((0.2, 0.5), 0.012, 0, 0.12, (-0.025, -0.0025), (12.0,), 0, 0.3, 0, tries=400)
_HABITS = {"strewn": _STREWN, "touching": _TOUCHING, "overlapping": _OVERLAPPING}


class Scene(NamedTuple):
    """A picture and the corners of its documents, the undermost first.

    Corners may lie outside of the picture. `layout` is one of `LAYOUTS` or empty.
    """

    picture: Image
    quads: tuple[Corners, ...]
    layout: str = ""


def make_scene(seed: int, documents: int = 1, size: Size | None = None) -> Scene:
    """Return a desk with so many sheets on it, or fewer; the same for the same seed.

    Parameters
    ----------
    size
        By default one of a few a camera has.
    """
    random = np.random.default_rng(seed)
    size = size or ((1600, 1200), (1280, 720), (1200, 1600))[random.integers(3)]
    desk = DESKS[random.integers(len(DESKS))](random, size)
    clutter(random, desk)
    ratios = random.choice(_ASPECTS, documents) if documents < 4 else [random.choice(_ASPECTS)] * documents
    pieces = [Piece(paper, 200 * float(ratio), 200.0) for ratio in ratios]
    if documents < 2:
        return finished(random, desk, [single(random, it, size, (0.35, 1.02), 0.04)[0] for it in pieces])
    if documents > 3 and random.random() < 0.5:
        placed = in_rows(random, pieces, size, _few_rows(random, documents), _ROWS)
    else:
        placed = in_heap(random, pieces, size, _STREWN._replace(cover=(0.08, 0.28), edge=0.0))
    return finished(random, desk, seen(random, placed, size, (0.003, 0.02)))


def make_full_page(seed: int, size: Size = (1200, 1600)) -> Scene:
    """Return nothing but page: a scan, or a page that leaves the picture on all sides."""
    random = np.random.default_rng(seed)
    sheet = make_sheet(random, size[0] / size[1])
    trim = int(random.integers(0, 60))
    sheet = sheet[trim : len(sheet) - trim, trim : sheet.shape[1] - trim]
    desk = cv2.resize(sheet, size, interpolation=cv2.INTER_AREA)
    return finished(random, np.asarray(desk, np.float32), [])


def make_desk(seed: int, layout: str, documents: int, size: Size = (1600, 1200)) -> Scene:
    """Return a desk with about so many documents on it; the same for the same seed.

    Parameters
    ----------
    layout
        One of `LAYOUTS`. Where the documents find no room there are fewer.
    documents
        0 for what may be taken for documents: patterned floors, clutter.
    """
    random = np.random.default_rng(seed)
    stock = int(random.choice(4, p=[0.4, 0.2, 0.15, 0.25]))
    pieces = [_stocked(random, stock if stock < 3 else int(random.integers(3))) for _ in range(documents)]
    if not documents:
        placed: Placed = []
    elif layout == "rows":
        placed = in_rows(random, pieces, size, _few_rows(random, documents), _ROWS)
    else:
        placed = in_heap(random, pieces, size, _HABITS[layout])
    desks = PATTERNED if random.random() < 0.35 or not documents else DESKS
    desk = np.ascontiguousarray(desks[random.integers(len(desks))](random, size), np.float32)
    clutter(random, desk)
    if random.random() < 0.35:
        litter(random, desk)
    return finished(random, desk, seen(random, placed, size, (0.0, 0.008, 0.02)), layout)


def make_desks(layout: str, number: int, seed: int) -> list[Scene]:
    """Return so many desks of one layout, with two to twelve documents."""
    seed += 1000 * LAYOUTS.index(layout)
    return [
        make_desk(seed + turn, layout, COUNTS[turn % len(COUNTS)], SIZES[turn % len(SIZES)])
        for turn in range(number)
    ]


def make_counter(seed: int, size: Size) -> Scene:
    """Return whatever may lie under a camera, in a tenth of a second; the same for the same seed and size."""
    random = np.random.default_rng(seed)
    layout = str(random.choice((*LAYOUTS, "single", "empty"), p=(0.13, 0.17, 0.24, 0.28, 0.13, 0.05)))
    desk = np.ascontiguousarray(worktop(random, size), np.float32)
    litter(random, desk)
    _equip(np.random.default_rng([seed, 61]), desk)
    quads = _laid(random, desk, _arranged(random, layout, size))
    if random.random() < 0.12:
        finger(random, desk)
    scene = light.uneven(random, desk)
    if random.random() < 0.15:
        scene = light.glare(random, scene)
    shaken = camera.shaken(random, scene, max(0.3, random.uniform(0.5, 3.0) * max(size) / 1600), (0.5, 6))
    levels = 255 * (np.clip(shaken, 0, 255) / 255) ** random.uniform(0.75, 1.3)
    return Scene(camera.compressed(random, levels, (45, 96)), quads)


def make_devices(seed: int, size: Size) -> Scene:
    """Return a worktop with devices alone, whose corners it tells; the same for the same seed and size."""
    random = np.random.default_rng([seed, 7])
    desk = np.ascontiguousarray(worktop(random, size), np.float32)
    quads = [(keys, device)[random.integers(2)](random, desk) for _ in range(3)]
    for _ in range(2):
        litter(random, desk)
    quads += devices(random, desk, 5)
    sigma = max(0.3, random.uniform(0.5, 3.0) * max(size) / 1600)
    shaken = camera.shaken(random, light.uneven(random, desk), sigma, (0.5, 5))
    return Scene(camera.compressed(random, np.clip(shaken, 0, 255), (55, 96)), tuple(quads))


def _equip(random: Random, desk: Floats) -> None:
    """Draw devices and more litter on more than half of all worktops."""
    if random.random() < 0.6:
        for _ in range(int(random.integers(0, 6))):
            litter(random, desk)
        devices(random, desk, int(random.integers(0, 7)))


def finished(random: Random, desk: Floats, placed: Placed, layout: str = "") -> Scene:
    """Lay documents on a desk, light it and photograph it."""
    quads = _laid(random, desk, placed)
    lit = light.uneven(random, desk)
    sigma = random.uniform(0.5, 1.8)
    return Scene(camera.photograph(random, lit, sigma, (0.5, 5), (55, 96)), quads, layout)


def _laid(random: Random, desk: Floats, placed: Placed) -> tuple[Corners, ...]:
    for piece, quad in placed:
        lay(random, desk, piece.draw(random, piece.width, piece.height), quad, _SHADOW)
    return tuple(quad for _, quad in placed)


def _stocked(random: Random, kind: int) -> Piece:
    """A receipt, a card or a sheet of a usual size."""
    if kind == 0:
        return Piece(receipt, float(random.choice([58.0, 80.0])), float(random.uniform(90, 190)))
    if kind == 1:
        return Piece(_a_card(random), *(_CARDS[0] if random.random() < 0.8 else _CARDS[0][::-1]))
    return Piece(paper, *_SHEETS[random.integers(len(_SHEETS))])


def _any_piece(random: Random, kind: int) -> Piece:
    """One of eight kinds: mostly receipts, cards and sheets, of any size."""
    if kind < 2:
        width = random.choice([58, 80, random.uniform(50, 110)])
        return Piece(receipt, float(width), float(random.uniform(70, 260)))
    if kind < 4:
        size = _CARDS[random.integers(len(_CARDS))]
        return Piece(_a_card(random), *(size if random.random() < 0.75 else size[::-1]))
    draw, longs, ratios, upright = _OTHERS[kind - 4]
    long = random.uniform(*longs)
    if draw is paper and random.random() < 0.75:
        long = float(random.choice([297, 210, 148]))
    short = long / random.uniform(*ratios)
    return Piece(draw, *((short, long) if random.random() < upright else (long, short)))


def _a_card(random: Random) -> Maker:
    return banded_card if random.random() < 0.6 else card


_Range = tuple[float, float]
_SHEET: tuple[Maker, _Range, _Range, float] = (paper, (90, 300), (1.2, 1.7), 0.6)
_OTHERS = (_SHEET, _SHEET, (photograph, (70, 200), (1.0, 1.6), 0.5), (blank, (70, 240), (1.0, 2.2), 0.5))


def any_pieces(random: Random, count: int) -> list[Piece]:
    """Return receipts, cards, sheets and others, mostly many of one kind, as at a counter."""
    one = random.random() < 0.6
    kind = int(random.integers(8))
    return [_any_piece(random, kind if one else int(random.integers(8))) for _ in range(count)]


def _few_rows(random: Random, count: int) -> int:
    """Return the columns of one to three rows."""
    return -(-count // (1 if count < 4 else int(random.integers(2, 4)) if count > 7 else 2))


def _arranged(random: Random, layout: str, size: Size) -> Placed:
    if layout == "empty":
        return []
    if layout == "single":
        return single(random, any_pieces(random, 1)[0], size, (0.25, 1.05), 0.12)
    counts = ((2, 5), (2, 13), (8, 21))[random.choice(3, p=[0.3, 0.5, 0.2])]
    pieces = any_pieces(random, int(random.integers(*counts)))
    if layout == "rows":
        across = round(float(np.sqrt(len(pieces) * size[0] / size[1] * random.uniform(0.5, 2))))
        placed = in_rows(random, pieces, size, max(1, min(len(pieces), across)), _COUNTER_ROWS)
    else:
        placed = in_heap(random, pieces, size, _loose(random, layout))
    return seen(random, placed, size, (0.0, 0.01, 0.03, 0.07))


def _loose(random: Random, layout: str) -> Habit:
    """Return a habit of more kinds than those of `make_desk`."""
    habit = Habit((0.12, 0.62), float(random.choice([-0.08, 0.0, 0.01])), anyhow=float(random.random() < 0.5))
    if layout == "touching":
        return habit._replace(shared=0.01, lap=(-0.0005, 0.002), askew=(0.4,), anyhow=0)
    if layout == "overlapping":
        shared = float(random.choice([0.08, 0.15, 0.35]))
        return habit._replace(shared=shared, lap=(-0.06, -0.002), askew=(2.0, 15.0))
    return habit


def single(random: Random, piece: Piece, size: Size, share: _Range, beyond: float) -> Placed:
    """Place one document under a tilted camera, now and then `beyond` the border so far in its lengths."""
    extent = np.array([piece.width, piece.height])
    turn = random.normal() * 7 if random.random() < 0.6 else random.uniform(0, 360)
    flat = rectangle(2 * extent / np.hypot(*extent), np.zeros(2), turn)
    # A document camera looks down with little tilt, a phone with more.
    quad = flat / (1 + flat @ random.normal(size=2) * random.choice([0.02, 0.12]))[:, None]
    quad = quad * random.uniform(*share) * (np.array(size) / np.ptp(quad, axis=0)).min()
    room = np.maximum(np.array(size) - np.ptp(quad, axis=0), 0) / 2
    loose = beyond * max(size) if random.random() < 0.22 else 0.0
    middle = (quad.min(axis=0) + quad.max(axis=0)) / 2
    return [(piece, quad - middle + np.array(size) / 2 + random.uniform(-1, 1, 2) * (room + loose))]
