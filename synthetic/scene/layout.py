"""Arrangements of documents on a desk: in rows, strewn, touching, overlapping."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Corners, Floats, Random, Size
from synthetic.documents.slips import Maker

LAYOUTS = ("rows", "strewn", "touching", "overlapping")

_HIDDEN = 0.45
"""No document is covered by more than this share of it."""


class Piece(NamedTuple):
    """A document to be laid, with its sides in millimetres."""

    draw: Maker
    width: float
    height: float


Placed = list[tuple[Piece, Corners]]
"""Documents and their corners, the undermost first."""


class Habit(NamedTuple):
    """The way documents are put down.

    Attributes
    ----------
    cover
        Range of the share of the picture that all cover together.
    edge, gap
        Least distance from the picture's border and from each other, in shares of its length.
    shared
        Largest share of the smaller one that two have in common.
    lap
        Range of the gap to the one that a document is put against, likewise, negative over it; None: to none.
    askew
        Choices of degrees that a document is off the angle it is put down at.
    anyhow, sideways, level
        Chances that one lies at any angle, that one lies across the others, and that all lie upright.
    tries
        Places that are looked at for one document.
    """

    cover: tuple[float, float]
    edge: float
    gap: float = 0.0
    shared: float = 0.0
    lap: tuple[float, float] | None = None
    askew: tuple[float, ...] = (2.0,)
    anyhow: float = 0.0
    sideways: float = 0.5
    level: float = 0.4
    tries: int = 60


def in_rows(random: Random, pieces: list[Piece], size: Size, across: int, habit: Habit) -> Placed:
    """Place documents in a grid of so many columns; what does not fit is left out.

    `habit.cover` is the tightest document's share of its cell.
    """
    cell = np.array(size) / (across, -(-len(pieces) // across))
    scale = random.uniform(*habit.cover) * min((cell / (piece.width, piece.height)).min() for piece in pieces)
    slack = random.choice([0.0, 0.3, 0.4])
    askew = random.choice(habit.askew)
    placed: Placed = []
    for number, piece in enumerate(pieces):
        extent = scale * np.array([piece.width, piece.height])
        off = random.uniform(-1, 1, 2) * slack * np.maximum(cell - extent, 0)
        middle = (np.array([number % across, number // across]) + 0.5) * cell + off
        _put(placed, piece, rectangle(extent, middle, random.normal() * askew), size, habit)
    return placed


def in_heap(random: Random, pieces: list[Piece], size: Size, habit: Habit) -> Placed:
    """Place documents anywhere, or most against one that lies there; what finds no place is left out."""
    area = sum(piece.width * piece.height for piece in pieces)
    scale = float(np.sqrt(random.uniform(*habit.cover) * size[0] * size[1] / area))
    turn = random.normal() * 4 if random.random() < habit.level else random.uniform(0, 360)
    placed: Placed = []
    for piece in pieces:
        extent = scale * np.array([piece.width, piece.height])
        for _ in range(habit.tries):
            quarter = int(random.choice([0, 2])) + int(random.random() < habit.sideways)
            if placed and habit.lap and random.random() < 0.85:
                high = extent[1 - quarter % 2] / 2
                lap = random.uniform(*habit.lap) * max(size)
                middle, along = _beside(random, placed[random.integers(len(placed))][1], high + lap)
            else:
                middle = random.uniform((0, 0), size)
                along = turn
                along = random.uniform(0, 360) if random.random() < habit.anyhow else turn
            askew = random.normal() * random.choice(habit.askew)
            if _put(placed, piece, rectangle(extent, middle, along + 90 * quarter + askew), size, habit):
                break
    return placed


def seen(random: Random, placed: Placed, size: Size, tilts: tuple[float, ...]) -> Placed:
    """Return them as a camera sees them, which hardly ever looks straight down.

    One of `tilts` is how far the picture's corners move, in shares of its length.
    """
    frame = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    moved = (frame + random.normal(size=(4, 2)) * random.choice(tilts) * max(size)).astype(np.float32)
    if not cv2.isContourConvex(moved):
        return placed
    warp = cv2.getPerspectiveTransform(frame, moved)
    return [(piece, cv2.perspectiveTransform(quad[None], warp)[0]) for piece, quad in placed]


def rectangle(extent: Floats, middle: Floats, degrees: float) -> Corners:
    """Return the corners of a rectangle, turned clockwise as displayed."""
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * extent / 2
    cos = np.cos(np.radians(degrees))
    sin = np.sin(np.radians(degrees))
    return np.asarray(flat @ np.array([(cos, sin), (-sin, cos)]) + middle)


def _beside(random: Random, other: Corners, away: float) -> tuple[Floats, float]:
    """Return a point `away` from one side of `other`, somewhere along it, and the side's angle."""
    side = int(random.integers(4))
    start = other[side]
    end = other[(side + 1) % 4]
    along = (end - start) / np.linalg.norm(end - start)
    middle = start + random.choice([0.5, random.uniform(0, 1)]) * (end - start)
    return middle + np.array([along[1], -along[0]]) * away, float(np.degrees(np.arctan2(along[1], along[0])))


def _put(placed: Placed, piece: Piece, quad: Corners, size: Size, habit: Habit) -> bool:
    """Place a document, unless it is too near to the border or to another; return whether it is."""
    edge = habit.edge * max(size)
    away = quad - quad.mean(axis=0)
    if (quad < edge).any() or (quad > np.array(size) - edge).any():
        return False
    grown = quad + habit.gap * max(size) * away / np.linalg.norm(away, axis=1)[:, None]
    near = [_common(grown, other) for _, other in placed]
    free = all(share <= habit.shared for share in near) and sum(near) <= _HIDDEN
    if free:
        placed.append((piece, quad))
    return free


def _common(one: Corners, other: Corners) -> float:
    """Return the common area of two over the smaller one's."""
    if (one.min(axis=0) >= other.max(axis=0)).any() or (other.min(axis=0) >= one.max(axis=0)).any():
        return 0.0
    first = one.astype(np.float32)
    second = other.astype(np.float32)
    smaller = min(cv2.contourArea(first), cv2.contourArea(second))
    return float(cv2.intersectConvexConvex(first, second)[0] / max(smaller, 1e-6))
