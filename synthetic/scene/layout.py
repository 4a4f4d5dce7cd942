"""Arrangements of documents on a desk: in rows, strewn, touching, overlapping."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Corners, Floats, Random, Size
from synthetic.documents.slips import Maker

_HIDDEN = 0.45
"""No document is covered by more than this share of it."""


class Piece(NamedTuple):
    """A document to be laid, with its sides in millimetres."""

    draw: Maker
    width: float
    height: float


Placed = list[tuple[Piece, Corners]]
"""Documents and their corners, the undermost first."""


class Limits(NamedTuple):
    """Bounds of a place.

    Attributes
    ----------
    edge
        Share of the picture's length that stays free along its border; negative beyond it.
    gap
        The same around each document.
    shared
        How much of the smaller one two may have in common.
    """

    edge: float
    gap: float = 0.0
    shared: float = 0.0


class Rows(NamedTuple):
    """Side by side in a grid; of each tuple of choices one holds for the whole desk.

    Attributes
    ----------
    room
        Range of the grid's share of the picture.
    fill
        Range of the tightest document's share of its cell.
    slack, askew
        Choices how much of the free room documents are off their places, and degrees they are turned.
    """

    limits: Limits
    room: tuple[float, float]
    fill: tuple[float, float]
    slack: tuple[float, ...]
    askew: tuple[float, ...]


class Heap(NamedTuple):
    """Anywhere, or most against one that lies there already.

    Attributes
    ----------
    cover
        Range of the share of the picture that all cover together.
    lap
        Range of the gap to the one that a document is put against, in shares of the picture's length,
        negative over it; None to lay them apart.
    askew
        Choices of degrees that documents put against one are turned.
    anyhow
        How many of those that lie alone are at any angle; the rest are parallel or square to one another.
    sideways
        How many lie across.
    level
        How often all are nearly upright.
    """

    limits: Limits
    cover: tuple[float, float]
    lap: tuple[float, float] | None = None
    askew: tuple[float, ...] = (0.0,)
    anyhow: float = 0.0
    sideways: float = 0.5
    level: float = 0.4
    tries: int = 60


def in_rows(random: Random, pieces: list[Piece], size: Size, across: int, rows: Rows) -> Placed:
    """Place documents in a grid of so many columns; what does not fit is left out."""
    grid = np.array([across, -(-len(pieces) // across)])
    cell = np.array(size) / grid * random.uniform(*rows.room)
    scale = random.uniform(*rows.fill) * min((cell / (piece.width, piece.height)).min() for piece in pieces)
    low = (np.array(size) - cell * grid) * random.uniform(0, 1, 2)
    slack, askew = random.choice(rows.slack), random.choice(rows.askew)
    placed: Placed = []
    for number, piece in enumerate(pieces):
        extent = scale * np.array([piece.width, piece.height])
        middle = low + (np.array([number % across, number // across]) + 0.5) * cell
        off = random.uniform(-1, 1, 2) * slack * np.maximum(cell - extent, 0)
        quad = rectangle(extent, middle + off, random.normal() * askew)
        if _fits(quad, placed, size, rows.limits):
            placed.append((piece, quad))
    return placed


def in_heap(random: Random, pieces: list[Piece], size: Size, heap: Heap) -> Placed:
    """Place documents about the picture; what finds no place is left out."""
    area = sum(piece.width * piece.height for piece in pieces)
    scale = float(np.sqrt(random.uniform(*heap.cover) * size[0] * size[1] / area))
    turn = random.normal() * 4 if random.random() < heap.level else random.uniform(0, 360)
    placed: Placed = []
    for piece in pieces:
        extent = scale * np.array([piece.width, piece.height])
        for _ in range(heap.tries):
            if placed and heap.lap and random.random() < 0.85:
                quad = _against(random, placed[random.integers(len(placed))][1], extent, heap, max(size))
            else:
                square = turn + 90 * _quarter(random, heap) + random.normal() * 2
                degrees = random.uniform(0, 360) if random.random() < heap.anyhow else square
                quad = rectangle(extent, random.uniform((0, 0), size), degrees)
            if _fits(quad, placed, size, heap.limits):
                placed.append((piece, quad))
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
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.asarray(flat @ np.array([(cos, sin), (-sin, cos)]) + middle)


def common(one: Corners, other: Corners) -> float:
    """Return the common area of two over the smaller one's."""
    if (one.min(axis=0) >= other.max(axis=0)).any() or (other.min(axis=0) >= one.max(axis=0)).any():
        return 0.0
    first, second = one.astype(np.float32), other.astype(np.float32)
    smaller = min(cv2.contourArea(first), cv2.contourArea(second))
    return float(cv2.intersectConvexConvex(first, second)[0] / max(smaller, 1e-6))


def grown(quad: Corners, by: float) -> Corners:
    """Return corners that are `by` pixels farther from the middle."""
    away = quad - quad.mean(axis=0)
    return np.asarray(quad + by * away / np.linalg.norm(away, axis=1)[:, None])


def _quarter(random: Random, heap: Heap) -> int:
    return int(random.choice([0, 2])) + int(random.random() < heap.sideways)


def _against(random: Random, other: Corners, extent: Floats, heap: Heap, long: int) -> Corners:
    """Return a place next to one side of `other`, somewhere along it."""
    side = int(random.integers(4))
    start, end = other[side], other[(side + 1) % 4]
    along = (end - start) / np.linalg.norm(end - start)
    outward = np.array([along[1], -along[0]])
    quarter = _quarter(random, heap)
    lap = random.uniform(*heap.lap or (0, 0)) * long
    slide = random.choice([0.5, random.uniform(0, 1)])
    middle = start + slide * (end - start) + outward * (extent[1 - quarter % 2] / 2 + lap)
    askew = random.normal() * random.choice(heap.askew)
    return rectangle(extent, middle, np.degrees(np.arctan2(along[1], along[0])) + 90 * quarter + askew)


def _fits(quad: Corners, placed: Placed, size: Size, limits: Limits) -> bool:
    edge = limits.edge * max(size)
    if (quad < edge).any() or (quad > np.array(size) - edge).any():
        return False
    wide = grown(quad, limits.gap * max(size)) if limits.gap else quad
    near = [common(wide, other) for _, other in placed]
    return all(share <= limits.shared for share in near) and sum(near) <= _HIDDEN
