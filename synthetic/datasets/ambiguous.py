"""Documents on desks of which a part, or something beside them, looks like the document.

Receipts with folds, receipts whose ends lie beyond the picture, cheques with a printed frame, cards among
clutter and among devices.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image as Pillow

from synthetic.arrays import Corners, Floats, Random, Size
from synthetic.datasets.tabletops import Scene, finished, single
from synthetic.documents import slips
from synthetic.documents.born_digital import cheque
from synthetic.documents.figures import BLACK
from synthetic.documents.pages import Room
from synthetic.documents.pen import Pen
from synthetic.documents.slips import DETAIL, Slip
from synthetic.scene.devices import devices
from synthetic.scene.layout import Piece, Placed, rectangle
from synthetic.scene.litter import litter
from synthetic.scene.surfaces import DESKS

_SIZES: tuple[Size, ...] = ((1600, 1200), (1280, 720), (1200, 1600))
_RECEIPTS = (58.0, 80.0)
_CARD = (85.6, 54.0)


def make_ambiguous(seed: int, kind: str) -> Scene:
    """Return one document on a desk; the same for the same arguments.

    Parameters
    ----------
    kind
        One of `KINDS`.
    """
    random = np.random.default_rng([seed, 59])
    size = _SIZES[int(random.integers(len(_SIZES)))]
    desk = DESKS[int(random.integers(len(DESKS)))](random, size)
    return finished(random, desk, KINDS[kind](random, desk, size))


def _folded_receipt(random: Random, desk: Floats, size: Size) -> Placed:
    return single(random, _receipt(random, (110, 220)), size, (0.6, 0.96), 0.0)


def _endless_receipt(random: Random, desk: Floats, size: Size) -> Placed:
    """Place a receipt so that both its ends, or one, lie beyond the picture's border."""
    piece = _receipt(random, (240, 420))
    height = random.uniform(1.15, 1.8) * size[1]
    extent = height * np.array([piece.width / piece.height, 1.0])
    shift = np.array([random.uniform(-0.2, 0.2) * size[0], random.choice([0.0, 0.4, -0.4]) * height])
    return [(piece, rectangle(extent, np.array(size) / 2 + shift, random.normal() * 4))]


def _framed_cheque(random: Random, desk: Floats, size: Size) -> Placed:
    return single(random, Piece(_cheque, 180.0, float(random.uniform(72, 90))), size, (0.5, 0.95), 0.0)


def _cluttered_card(random: Random, desk: Floats, size: Size) -> Placed:
    for _ in range(int(random.integers(3, 8))):
        litter(random, desk)
    return single(random, Piece(slips.card, *_CARD), size, (0.25, 0.6), 0.0)


def _card_by_devices(random: Random, desk: Floats, size: Size) -> Placed:
    litter(random, desk)
    devices(random, desk, int(random.integers(1, 6)))
    return single(random, Piece(slips.card, *_CARD), size, (0.2, 0.6), 0.0)


KINDS: dict[str, Callable[[Random, Floats, Size], Placed]] = {
    "folded receipt": _folded_receipt,
    "endless receipt": _endless_receipt,
    "framed cheque": _framed_cheque,
    "card among clutter": _cluttered_card,
    "card among devices": _card_by_devices,
}


def _receipt(random: Random, lengths: tuple[float, float]) -> Piece:
    return Piece(_folded, float(random.choice(_RECEIPTS)), float(random.uniform(*lengths)))


def _folded(random: Random, width: float, height: float) -> Slip:
    """Return a receipt that was folded across: each part shaded in its own way, creases between."""
    slip = slips.receipt(random, width, height)
    colour = slip.colour.copy()
    rows = len(slip.colour)
    folds = np.sort(random.uniform(0.2, 0.8, int(random.integers(1, 4)))) * rows
    bounds = np.array([0, *folds, rows]).astype(int)
    for number in range(len(bounds) - 1):
        part = colour[bounds[number] : bounds[number + 1]]
        fall = np.linspace(0, random.uniform(-0.12, 0.12), max(1, len(part)), dtype=np.float32)
        part *= (random.uniform(0.8, 1.0) * (1 + fall))[:, None, None]
    for fold in folds.astype(int):
        colour[fold : fold + int(random.integers(1, 6))] *= random.uniform(0.6, 0.95)
    return Slip(np.clip(colour, 0, 255), slip.cover)


def _cheque(random: Random, width: float, height: float) -> Slip:
    cols = round(width * DETAIL)
    rows = round(height * DETAIL)
    tone = tuple(int(value) for value in random.integers(205, 252, 3))
    sheet = Pillow.new("RGB", (cols, rows), tone)
    pen = Pen(random, sheet, BLACK)
    cheque(Room(pen, 0, 0, cols, rows, DETAIL, bool(random.random() < 0.5) and bool(pen.faces.chinese)))
    return Slip(np.asarray(sheet, np.float32)[:, :, ::-1].copy(), np.ones((rows, cols), np.float32))


def seen_corners(quad: Corners, size: Size) -> Corners:
    """Return the corners ``(n, 2)`` of what a picture shows of a convex outline."""
    points = np.asarray(quad, np.float64)
    for axis, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
        edge = -0.5 if sign > 0 else 0.5 - size[axis]
        points = _within(points, sign * points[:, axis] - edge)
    return points if len(points) else np.clip(quad, -0.5, np.array(size) - 0.5)


def _within(points: Corners, depths: Floats) -> Corners:
    """Cut an outline where the depth of its corners changes its sign."""
    kept = []
    for number, (point, depth) in enumerate(zip(points, depths, strict=True)):
        before = points[number - 1]
        above = depths[number - 1]
        if (depth < 0) != (above < 0):
            kept.append(before + (point - before) * (above / (above - depth)))
        if depth >= 0:
            kept.append(point)
    return np.array(kept).reshape(-1, 2)
