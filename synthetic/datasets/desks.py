"""Made pictures of several documents on a desk, with exact corners: SYNTHETIC, seeded.

Receipts, cards and sheets in true proportion, two to twelve a desk, laid in rows, strewn at any angle,
touching, or overlapping a little. The corners are those of the whole document, also where another hides
them or a torn end lacks them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.datasets.scenes import DESKS, clutter, light, photograph
from synthetic.documents.slips import Maker, Slip, card, paper, receipt

Floats = npt.NDArray[np.float64]
Random = np.random.Generator
Kind = tuple[Maker, float, float]

LAYOUTS = ("rows", "strewn", "touching", "overlapping")
_INSIDE = 0.012
"""Share of the picture that stays free along its border."""
_GAPS = {"rows": 0.02, "strewn": 0.012, "touching": 0.0, "overlapping": 0.0}
_TRIES = 400


@dataclass(frozen=True, eq=False)
class Desk:
    """A picture, and the corners ``(4, 2)`` of its documents, clockwise from each one's top left."""

    picture: npt.NDArray[np.uint8]
    quads: tuple[Floats, ...]
    layout: str


def make_desk(seed: int, layout: str, documents: int, size: tuple[int, int] = (1600, 1200)) -> Desk:
    """A desk with about so many documents on it; the same for the same seed.

    Parameters
    ----------
    layout
        One of `LAYOUTS`. Where the documents find no room there are fewer.
    size
        Columns and rows.
    """
    random = np.random.default_rng(seed)
    cols, rows = size
    kinds = _kinds(random, documents)
    placed = _LAY[layout](random, kinds, size)
    surface = DESKS[random.integers(len(DESKS))](random, rows, cols)
    picture = clutter(random, surface).astype(np.float32)
    warp = _camera(random, size)
    quads = []
    for number, flat in placed:
        make, width, height = kinds[number]
        quad = cv2.perspectiveTransform(flat[None], warp)[0]
        _put(random, picture, make(random, width, height), quad)
        quads.append(quad)
    return Desk(photograph(random, light(random, picture.astype(np.float64))), tuple(quads), layout)


def _kinds(random: Random, documents: int) -> list[Kind]:
    """What lies there, in millimetres: mostly many of one kind, as at a counter."""
    stock = random.choice(["receipts", "cards", "sheets", "mixed"], p=[0.4, 0.2, 0.15, 0.25])
    return [
        _kind(random, stock if stock != "mixed" else str(random.choice(["receipts", "cards", "sheets"])))
        for _ in range(documents)
    ]


def _kind(random: Random, stock: str) -> Kind:
    if stock == "receipts":
        return receipt, float(random.choice([58.0, 80.0])), float(random.uniform(90, 190))
    if stock == "cards":
        size = (85.6, 54.0) if random.random() < 0.8 else (54.0, 85.6)
        return card, *size
    size = ((210.0, 148.0), (148.0, 210.0), (105.0, 148.0), (240.0, 140.0), (150.0, 100.0))[
        random.integers(5)
    ]
    return paper, *size


def _camera(random: Random, size: tuple[int, int]) -> Floats:
    """A little tilt, as a hand-set gooseneck has."""
    frame = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    moved = frame + random.normal(size=(4, 2)) * random.choice([0.0, 0.008, 0.02]) * max(size)
    return np.asarray(cv2.getPerspectiveTransform(frame, moved.astype(np.float32)))


# Laying out ----------------------------------------------------------------------------

Placed = list[tuple[int, Floats]]


def _rows(random: Random, kinds: list[Kind], size: tuple[int, int]) -> Placed:
    """Side by side in rows, not quite straight."""
    down = 1 if len(kinds) < 4 else int(random.integers(2, 4)) if len(kinds) > 7 else 2
    across = -(-len(kinds) // down)
    cell = np.array(size) / (across, down)
    scale = random.uniform(0.72, 0.9) * min((cell / (width, height)).min() for _, width, height in kinds)
    placed: Placed = []
    for number, (_, width, height) in enumerate(kinds):
        middle = (np.array([number % across, number // across]) + 0.5) * cell
        slack = np.maximum(cell - scale * np.array([width, height]), 0)
        middle = middle + random.uniform(-0.35, 0.35, 2) * slack
        quad = _rectangle(scale * width, scale * height, middle, random.normal() * 2)
        if _fits(quad, placed, size, _GAPS["rows"], 0.0):
            placed.append((number, quad))
    return placed


def _strewn(random: Random, kinds: list[Kind], size: tuple[int, int]) -> Placed:
    scale = _scale(random, kinds, size)
    turn = random.uniform(0, 360)
    placed: Placed = []
    for number, (_, width, height) in enumerate(kinds):
        for _ in range(_TRIES // 4):
            degrees = random.uniform(0, 360) if random.random() < 0.7 else turn
            quad = _rectangle(scale * width, scale * height, random.uniform((0, 0), size), degrees)
            if _fits(quad, placed, size, _GAPS["strewn"], 0.0):
                placed.append((number, quad))
                break
    return placed


def _touching(random: Random, kinds: list[Kind], size: tuple[int, int]) -> Placed:
    return _clustered(random, kinds, size, (-0.5, 2.5), 0.004)


def _overlapping(random: Random, kinds: list[Kind], size: tuple[int, int]) -> Placed:
    return _clustered(random, kinds, size, (-40.0, -4.0), 0.12)


def _clustered(
    random: Random, kinds: list[Kind], size: tuple[int, int], gap: tuple[float, float], shared: float
) -> Placed:
    """Most are put against one that lies there already, some apart; `gap` in pixels, negative over it."""
    scale, turn = _scale(random, kinds, size), random.uniform(0, 360)
    askew = 12.0 if gap[1] < 0 else 0.4
    placed: Placed = []
    for number, (_, width, height) in enumerate(kinds):
        extent = scale * np.array([width, height])
        for _ in range(_TRIES):
            if placed and random.random() < 0.85:
                quad = _against(random, placed[random.integers(len(placed))][1], extent, gap, askew)
            else:
                quad = _rectangle(extent[0], extent[1], random.uniform((0, 0), size), turn)
            if _fits(quad, placed, size, 0.0, shared):
                placed.append((number, quad))
                break
    return placed


def _against(random: Random, other: Floats, extent: Floats, gap: tuple[float, float], askew: float) -> Floats:
    """Next to one side of `other`, somewhere along it."""
    side = int(random.integers(4))
    start, end = other[side], other[(side + 1) % 4]
    along = (end - start) / np.linalg.norm(end - start)
    outward = np.array([along[1], -along[0]])
    width, height = extent if random.random() < 0.7 else extent[::-1]
    slide = random.choice([0.5, 0.5, random.uniform(0.1, 0.9)])
    middle = start + slide * (end - start) + outward * (height / 2 + random.uniform(*gap))
    degrees = -np.degrees(np.arctan2(along[1], along[0])) + random.normal() * askew
    quad = _rectangle(width, height, middle, degrees)
    return quad if (width, height) == tuple(extent) else np.roll(quad, -1, axis=0)


def _scale(random: Random, kinds: list[Kind], size: tuple[int, int]) -> float:
    """Pixels a millimetre, so that they cover a good part of the picture."""
    area = sum(width * height for _, width, height in kinds)
    return float(np.sqrt(random.uniform(0.2, 0.5) * size[0] * size[1] / area))


def _rectangle(width: float, height: float, middle: Floats, degrees: float) -> Floats:
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, height / 2)
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.asarray(flat @ np.array([(c, -s), (s, c)]) + middle)


def _fits(quad: Floats, placed: Placed, size: tuple[int, int], gap: float, shared: float) -> bool:
    margin = _INSIDE * max(size)
    if (quad < margin).any() or (quad > np.array(size) - margin).any():
        return False
    middle = quad.mean(axis=0)
    away = quad - middle
    grown = middle + away * (1 + gap * max(size) / np.linalg.norm(away, axis=1)[:, None])
    return all(_shared(grown, other) <= shared for _, other in placed)


def _shared(one: Floats, other: Floats) -> float:
    """Common area over the smaller one's."""
    first, second = (cv2.convexHull(quad.astype(np.float32)) for quad in (one, other))
    smaller = min(cv2.contourArea(first), cv2.contourArea(second))
    return float(cv2.intersectConvexConvex(first, second)[0] / smaller)


_LAY: dict[str, Callable[[Random, list[Kind], tuple[int, int]], Placed]] = {
    "rows": _rows,
    "strewn": _strewn,
    "touching": _touching,
    "overlapping": _overlapping,
}


# Putting down --------------------------------------------------------------------------


def _put(random: Random, picture: npt.NDArray[np.float32], slip: Slip, quad: Floats) -> None:
    """Lay a document over what is there, with the shadow it casts and the dark line where it rests."""
    pad = 24
    low = np.maximum(np.floor(quad.min(axis=0)).astype(int) - pad, 0)
    high = np.minimum(np.ceil(quad.max(axis=0)).astype(int) + pad, picture.shape[1::-1])
    part = picture[low[1] : high[1], low[0] : high[0]]
    size = (part.shape[1], part.shape[0])
    height, width = slip.cover.shape
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(flat, (quad - low).astype(np.float32))
    cover = cv2.warpPerspective(slip.cover, warp, size, flags=cv2.INTER_AREA)
    # A receipt drawn finer than it is seen is averaged first, or its letters would alias.
    fine = max(1.0, width / max(1.0, float(np.linalg.norm(quad[1] - quad[0]))))
    colour = cv2.GaussianBlur(slip.colour, (0, 0), 0.4 * fine) if fine > 1.2 else slip.colour
    page = cv2.warpPerspective(colour, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    for shadow in _shadows(random, np.asarray(cover, np.float32)):
        part *= 1 - shadow[:, :, None]
    part[:] = part * (1 - cover[:, :, None]) + page * cover[:, :, None]


def _shadows(random: Random, cover: npt.NDArray[np.float32]) -> Iterator[npt.NDArray[np.float32]]:
    """What light from one side leaves dark, and the narrow line that no light reaches."""
    shift = random.normal(size=2) * random.uniform(0, 5)
    moved = cv2.warpAffine(cover, np.array([(1, 0, shift[0]), (0, 1, shift[1])]), cover.shape[::-1])
    yield cv2.GaussianBlur(moved, (0, 0), random.uniform(1.5, 7)) * np.float32(random.uniform(0, 0.3))
    yield cv2.GaussianBlur(cover, (0, 0), random.uniform(0.8, 2)) * np.float32(random.uniform(0.08, 0.35))
