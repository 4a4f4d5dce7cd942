"""Single documents under a camera, alone or among others in part; documents on the bed of a scanner."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Corners, Floats, Image, Random, Size
from synthetic.datasets.tabletops import any_pieces
from synthetic.documents.slips import paper, photograph
from synthetic.scene import camera, light
from synthetic.scene.laying import Shadow, lay
from synthetic.scene.layout import Habit, Piece, Placed, in_heap, rectangle, seen
from synthetic.scene.litter import finger, litter
from synthetic.scene.surfaces import DESKS, full, worktop

_CAMERA: tuple[Size, ...] = ((800, 600), (880, 496), (600, 800))
_BED: tuple[Size, ...] = ((827, 1170), (700, 990), (1000, 760))
_SHEETS = ((210.0, 297.0), (297.0, 210.0), (210.0, 148.0), (148.0, 210.0))
_FED = ((210.0, 297.0), (210.0, 297.0), (216.0, 279.0), (182.0, 257.0), (148.0, 210.0))
_LIT = Shadow(6, (1.5, 8), 0.33, (0.04, 0.35), (0.3, 0.08))
_PRESSED = Shadow(3, (0.8, 4), 0.35, (0.1, 0.5), (0.3, 0.05))
_LOOSE = Habit((0.15, 0.5), 0.012, gap=0.008, sideways=0, level=0, tries=100)


class Aligned(NamedTuple):
    """A picture and the corners of its documents."""

    picture: Image
    quads: tuple[Corners, ...]


def make_single(seed: int) -> Aligned:
    """Return one document, mostly level, under a camera that looks straight down or across."""
    random = np.random.default_rng([seed, 78])
    size = _CAMERA[int(random.integers(len(_CAMERA)))]
    desk = np.ascontiguousarray(_anything(random, size), np.float32)
    if random.random() < 0.3:
        litter(random, desk)
    piece = any_pieces(random, 1)[0] if random.random() < 0.6 else _sheet(random)
    quads = _laid(random, desk, [_straight(random, piece, size)], _LIT)
    if random.random() < 0.12:
        finger(random, desk)
    lit = light.uneven(random, desk)
    return Aligned(camera.photograph(random, lit, random.uniform(0.4, 1.4), (0.3, 5), (55, 97)), quads)


def make_among(seed: int) -> Aligned:
    """Return one document that is seen whole, and one to three that the picture's border cuts."""
    random = np.random.default_rng([seed, 79])
    size = _CAMERA[int(random.integers(len(_CAMERA)))]
    desk = np.ascontiguousarray(_anything(random, size), np.float32)
    piece = any_pieces(random, 1)[0] if random.random() < 0.4 else _sheet(random)
    whole = _straight(random, piece, size, (0.4, 0.75))
    sides = random.permutation(4)[: int(random.integers(1, 4))]
    _laid(random, desk, [_cut(random, size, int(side)) for side in sides], _LIT)
    quads = _laid(random, desk, [whole], _LIT)
    lit = light.uneven(random, desk)
    return Aligned(camera.photograph(random, lit, random.uniform(0.4, 1.4), (0.3, 5), (55, 97)), quads)


def make_flatbed(seed: int) -> Aligned:
    """Return one to four documents on a scanner's bed, which is white mostly, each turned a little."""
    random = np.random.default_rng([seed, 77])
    size = _BED[int(random.integers(len(_BED)))]
    white = random.uniform(215, 254)
    bed = full(size, float(random.choice([255, white, white, random.uniform(10, 60)])))
    pieces = any_pieces(random, int(random.choice([1, 1, 2, 3, 4])))
    if len(pieces) == 1:
        piece = pieces[0]
        extent = np.array([piece.width, piece.height])
        extent *= random.uniform(0.25, 0.9) * (np.array(size) / extent).min()
        away = random.uniform(-0.95, 0.95, 2) * (np.array(size) - extent) / 2
        degrees = random.normal() * float(random.choice([0.3, 2, 8]))
        placed = [(piece, rectangle(extent, np.array(size) / 2 + away, degrees))]
    else:
        habit = _LOOSE._replace(anyhow=float(random.random() < 0.4))
        placed = seen(random, in_heap(random, pieces, size, habit), size, (0.0, 0.008))
    quads = _laid(random, bed, placed, _PRESSED)
    scanned = camera.shaken(random, bed, random.uniform(0.3, 0.9), (0.3, 3))
    return Aligned(camera.compressed(random, np.clip(scanned, 0, 255), (60, 96)), quads)


def _sheet(random: Random) -> Piece:
    return Piece(paper, *_SHEETS[int(random.integers(len(_SHEETS)))])


def _cut(random: Random, size: Size, side: int) -> tuple[Piece, Corners]:
    """Place a sheet across one side of the picture."""
    piece = _sheet(random)
    extent = np.array([piece.width, piece.height]) * random.uniform(0.5, 1.1) * min(size) / 297
    quad = rectangle(extent, np.zeros(2), random.normal() * float(random.choice([1, 12, 40])))
    # From a fifth to half of it is in the picture.
    away = np.ptp(quad, axis=0) * random.uniform(0.0, 0.3)
    place = np.array(size) * random.uniform(0.1, 0.9, 2)
    axis, far = divmod(side, 2)
    place[axis] = size[axis] + away[axis] if far else -away[axis]
    return piece, np.asarray(quad + place, np.float64)


def make_fed(seed: int) -> Aligned:
    """Return a sheet as a feeder draws it in: nearly as wide as the bed, whose roller is seen below it."""
    random = np.random.default_rng([seed, 80])
    width = int(random.integers(500, 900))
    scale = width / 216
    size = (width, round(width * 356 / 216))
    bed = full(size, float(random.uniform(25, 100) if random.random() < 0.8 else random.uniform(225, 250)))
    sheet = Piece(paper, *_FED[int(random.integers(len(_FED)))])
    middle = np.array([108 + random.normal(), sheet.height / 2 + random.uniform(-3, 3)]) * scale
    quad = rectangle(np.array([sheet.width, sheet.height]) * scale, middle, random.normal() * 0.5)
    quads = _laid(random, bed, [(sheet, quad)], _PRESSED)
    scanned = camera.shaken(random, bed, random.uniform(0.3, 0.9), (0.3, 3))
    return Aligned(camera.compressed(random, np.clip(scanned, 0, 255), (60, 96)), quads)


def _straight(
    random: Random, piece: Piece, size: Size, share: tuple[float, float] = (0.4, 1.0)
) -> tuple[Piece, Corners]:
    """Place a document within the picture or up to its border."""
    extent = np.array([piece.width, piece.height])
    extent *= random.uniform(*share) * (np.array(size) / extent).min()
    quad = rectangle(extent, np.zeros(2), random.normal() * float(random.choice([0, 0.3, 1.5, 12])))
    tilt = random.normal(size=2) * float(random.choice([0, 0.01, 0.06, 0.2])) / max(size)
    room = np.maximum(np.array(size) - extent, 0) / 2 * random.uniform(0, 1.02)
    middle = np.array(size) / 2 + random.uniform(-1, 1, 2) * room
    return piece, np.asarray(quad / np.maximum(0.5, 1 + quad @ tilt)[:, None] + middle, np.float64)


def _anything(random: Random, size: Size) -> Floats:
    """Return white and creased paper, a worktop, the edge between two, or a picture of anything."""
    style = random.random()
    if style < 0.15:
        return DESKS[-1](random, size)
    if style < 0.6:
        return worktop(random, size)
    if style < 0.75:
        slip = photograph(random, size[0] / 3, size[1] / 3)
        return np.asarray(cv2.resize(slip.colour, size), np.float32)
    one = worktop(random, size)
    other = worktop(random, size)
    cut = np.array(size) * random.uniform(0.1, 0.9, 2)
    along = int(random.integers(2))
    slope = random.normal() * 0.3
    y, x = np.mgrid[: size[1], : size[0]].astype(np.float32)
    away = (x - cut[0]) + slope * (y - cut[1]) if along else (y - cut[1]) + slope * (x - cut[0])
    return np.where((away > 0)[:, :, None], one, other)


def _laid(random: Random, desk: Floats, placed: Placed, shadow: Shadow) -> tuple[Corners, ...]:
    for piece, quad in placed:
        lay(random, desk, piece.draw(random, piece.width, piece.height), quad, shadow)
    return tuple(quad for _, quad in placed)
