"""Doors, windows, drawers, boards, frames, tiles: what is rectangular in a room and no document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

from synthetic.arrays import Floats, Random, Size
from synthetic.noise import smooth_noise
from synthetic.scene.surfaces import any_colour, full, tint, worktop

Face = Callable[[Random, Size], Floats]
"""Draws what a fitting shows within its frame."""


def fittings(random: Random, size: Size) -> Floats:
    """Return a wall or a front with fittings in rows or anywhere, seen from aside, float32 BGR."""
    wall = worktop(random, size) if random.random() < 0.4 else _painted(random, size)
    if random.random() < 0.65:
        for box in _grid(random, size):
            _fit(random, wall, box, _FACES, random.choice([0, 0.02, random.uniform(0.02, 0.12)]))
    else:
        for box in _scattered(random, size):
            _fit(random, wall, box, _FRAMED, random.uniform(0.03, 0.15))
    return _aside(random, wall)


def playing_mat(random: Random, size: Size) -> Floats:
    """Return a mat for games: a picture or one colour, with printed zones of a card's shape."""
    mat = _view(random, size) if random.random() < 0.6 else worktop(random, size)
    mat *= np.float32(random.uniform(0.5, 1))
    line = random.uniform(0, 255, 3).tolist()
    width = int(random.integers(1, 5))
    for left, top, right, bottom in _grid(random, size):
        if random.random() < 0.7:
            zone = mat[top:bottom, left:right]
            zone[:] = zone * np.float32(random.uniform(0.6, 1)) + np.float32(random.uniform(0, 40))
            cv2.rectangle(mat, (left, top), (right, bottom), line, width)
    return mat


def _painted(random: Random, size: Size) -> Floats:
    wall = full(size, any_colour(random))
    wall *= 1 + np.float32(random.uniform(0, 0.2)) * smooth_noise(random, size, (2, 2))[:, :, None]
    return wall


def _grid(random: Random, size: Size) -> list[Any]:
    """Boxes (left, top, right, bottom) side by side: panes, drawers, tiles."""
    counts = random.integers(1, 6, 2)
    low = random.uniform(-0.1, 0.3, 2)
    high = random.uniform(0.7, 1.1, 2)
    ends = [np.linspace(low[axis], high[axis], counts[axis] + 1) * size[axis] for axis in (0, 1)]
    gap = random.uniform(0.002, 0.03) * min(size) * (1 if random.random() < 0.7 else 4)
    inset = np.array([1, 1, -1, -1]) * gap / 2
    boxes = [
        np.array([ends[0][column], ends[1][row], ends[0][column + 1], ends[1][row + 1]]) + inset
        for row in range(counts[1])
        for column in range(counts[0])
        if random.random() < 0.95
    ]
    return [box.astype(int).tolist() for box in boxes if (box[2:] - box[:2]).min() > 12]


def _scattered(random: Random, size: Size) -> list[Any]:
    """Boxes of any proportions, anywhere."""
    boxes = []
    for _ in range(int(random.integers(1, 6))):
        extent = random.uniform(0.15, 0.7) * np.array(size) * 2 ** random.uniform(-0.6, 0.6, 2)
        middle = random.uniform(0.05, 0.95, 2) * size
        boxes.append(np.concatenate([middle - extent / 2, middle + extent / 2]).astype(int).tolist())
    return boxes


def _fit(random: Random, wall: Floats, box: Any, faces: Sequence[Face], rim: float) -> None:
    """Draw one: its frame of a share of its width, lit from above, what it shows, and a handle."""
    (left, top) = np.maximum(box[:2], 0)
    (right, bottom) = np.minimum(box[2:], wall.shape[1::-1])
    if min(right - left, bottom - top) < 12:
        return
    part = wall[top:bottom, left:right]
    inset = int(rim * min(part.shape[:2]))
    part[:] = any_colour(random) if random.random() < 0.6 else part * np.float32(random.uniform(0.7, 1.2))
    inner = part[inset : part.shape[0] - inset, inset : part.shape[1] - inset]
    if min(inner.shape[:2]) > 8:
        inner[:] = faces[int(random.integers(len(faces)))](random, (inner.shape[1], inner.shape[0]))
        if random.random() < 0.6:
            _bevel(random, inner)
    if random.random() < 0.7:
        _bevel(random, part)
    if random.random() < 0.3:
        extent = random.uniform((0.05, 0.03), (0.3, 0.12)) * part.shape[1::-1]
        middle = random.choice([0.1, 0.5, 0.9], 2) * part.shape[1::-1]
        low = (middle - extent / 2).astype(int)
        high = (middle + extent / 2).astype(int)
        cv2.rectangle(part, low.tolist(), high.tolist(), random.uniform(20, 240, 3).tolist(), -1)


def _bevel(random: Random, part: Floats) -> None:
    """Draw the edges of what stands out or lies deeper."""
    deep = random.uniform(0.35, 0.95)
    width = int(random.integers(1, 4))
    light = 2 - deep if random.random() < 0.5 else deep
    for number, edge in enumerate((part[:width], part[:, :width], part[-width:], part[:, -width:])):
        edge *= np.float32(light if number < 2 else 2 - light)


def _plain(random: Random, size: Size) -> Floats:
    return full(size, any_colour(random) if random.random() < 0.6 else tint(random, 190, 250))


def _glass(random: Random, size: Size) -> Floats:
    """Reflections: one tone goes over into another, with clear streaks."""
    along = np.linspace(0, 1, size[0], dtype=np.float32)[None, :, None]
    down = np.linspace(0, 1, size[1], dtype=np.float32)[:, None, None]
    way = along * np.float32(random.uniform(-1, 1)) + down * np.float32(random.uniform(-1, 1))
    one = any_colour(random)
    other = any_colour(random)
    return np.asarray(one + (other - one) * (way - way.min()) / max(1e-6, np.ptp(way)), np.float32)


def _view(random: Random, size: Size) -> Floats:
    """A picture of any colours, coarse and fine."""
    view = full(size, any_colour(random))
    for cells in (2, 6, 25):
        for channel in range(3):
            view[:, :, channel] += random.uniform(0, 60) * smooth_noise(random, size, (cells, cells))
    return np.clip(view, 0, 255)


def _board(random: Random, size: Size) -> Floats:
    """A white or black board, or a screen: a few lines of writing in one or two colours."""
    board = full(size, random.choice([tint(random, 215, 250), tint(random, 15, 60)]))
    for _ in range(int(random.integers(0, 14))):
        start = random.uniform(0.05, 0.7, 2) * size
        ink = random.uniform(0, 255, 3)
        steps = np.cumsum(random.uniform((0, -1), (1.5, 1), (20, 2)), axis=0) * max(2.0, 0.012 * max(size))
        cv2.polylines(
            board, [(start + steps).astype(np.int32)], False, ink.tolist(), int(random.integers(1, 4))
        )
    return board


_FACES: tuple[Face, ...] = (_plain, _plain, _glass, _glass, _view, _board, worktop)
_FRAMED: tuple[Face, ...] = (_glass, _glass, _view, _board)
"""Faces of fittings that stand alone: a plain one would be a sheet of paper."""


def _aside(random: Random, wall: Floats) -> Floats:
    """Look at a wall from aside, a little or much, so that it still fills the picture."""
    rows, cols = wall.shape[:2]
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
    inward = (0.5 - corners) * 2 * random.uniform(0, random.choice([0.02, 0.1, 0.22]), (4, 2))
    source = ((corners + inward) * (cols, rows)).astype(np.float32)
    target = (corners * (cols, rows)).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    return np.asarray(cv2.warpPerspective(wall, matrix, (cols, rows), flags=cv2.INTER_AREA), np.float32)
