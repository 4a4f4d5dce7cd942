"""Made pictures of whatever may lie under a camera, with exact corners: SYNTHETIC, seeded, of any size.

Wider than `synthetic.datasets.desks`, and made small in a tenth of a second: one page or twenty slips,
white on white, photographs, coloured and crumpled things, heavy piles, sheets the picture cuts off, empty
worktops with clutter. What nets are trained on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.datasets.scenes import light, smooth_noise, tint
from synthetic.documents.slips import Slip, card, paper, receipt
from synthetic.scene.surfaces import any_colour, finger, litter, worktop

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]
Random = np.random.Generator

_ARRANGEMENTS = ("rows", "strewn", "touching", "overlapping", "single", "empty")
_ODDS = (0.13, 0.17, 0.24, 0.28, 0.13, 0.05)
_HIDDEN = 0.45
"""No document is covered by more than this share of it."""


@dataclass(frozen=True, eq=False)
class Counter:
    """A picture, and the corners ``(4, 2)`` of its documents, the undermost first.

    Corners may lie outside of the picture, or under another document.
    """

    picture: Picture
    quads: tuple[Floats, ...]


@dataclass(frozen=True, eq=False)
class Piece:
    """What is to be laid: who draws it, and its sides in millimetres."""

    draw: Callable[[Random, float, float], Slip]
    width: float
    height: float


def make_counter(seed: int, size: tuple[int, int]) -> Counter:
    """The same for the same seed and size (columns, rows)."""
    random = np.random.default_rng(seed)
    cols, rows = size
    arrangement = str(random.choice(_ARRANGEMENTS, p=_ODDS))
    surface = np.ascontiguousarray(worktop(random, rows, cols))
    litter(random, surface)
    layers = surface.astype(np.float32)
    quads = []
    for piece, quad in _arranged(random, arrangement, size):
        quads.append(quad)
        _lay(random, layers, piece.draw(random, piece.width, piece.height), quad)
    lit = layers.astype(np.float64)
    if random.random() < 0.12:
        finger(random, lit)
    lit = light(random, lit)
    if random.random() < 0.15:
        lit = _glare(random, lit)
    return Counter(_photograph(random, lit), tuple(quads))


# What lies there -------------------------------------------------------------------------


def _pieces(random: Random, count: int) -> list[Piece]:
    """Mostly many of one kind, as at a counter."""
    one = random.random() < 0.6
    kind = int(random.integers(len(_KINDS)))
    return [_KINDS[kind if one else int(random.integers(len(_KINDS)))](random) for _ in range(count)]


def _a_receipt(random: Random) -> Piece:
    return Piece(
        receipt, float(random.choice([58, 80, random.uniform(50, 110)])), float(random.uniform(70, 260))
    )


def _a_card(random: Random) -> Piece:
    size = [(85.6, 54.0), (90.0, 54.0), (74.0, 52.0)][random.integers(3)]
    return Piece(card, *(size if random.random() < 0.75 else size[::-1]))


def _a_sheet(random: Random) -> Piece:
    long = float(random.choice([297, 210, 148, random.uniform(90, 300)]))
    width, height = long / random.uniform(1.2, 1.7), long
    return Piece(paper, width, height) if random.random() < 0.6 else Piece(paper, height, width)


def _a_photograph(random: Random) -> Piece:
    """A print with or without a white rim, a postcard, a cover: any colours."""
    long = random.uniform(70, 200)
    width, height = long / random.uniform(1.0, 1.6), long
    return Piece(_picture, width, height) if random.random() < 0.5 else Piece(_picture, height, width)


def _a_blank(random: Random) -> Piece:
    """An envelope, a note, a folder, the back of a page."""
    long = random.uniform(70, 240)
    width, height = long / random.uniform(1.0, 2.2), long
    return Piece(_blank, width, height) if random.random() < 0.5 else Piece(_blank, height, width)


_KINDS: tuple[Callable[[Random], Piece], ...] = (
    *(_a_receipt, _a_receipt, _a_card, _a_card, _a_sheet, _a_sheet, _a_photograph, _a_blank),
)


def _picture(random: Random, width: float, height: float) -> Slip:
    rows, cols = round(height * 3), round(width * 3)
    colour = np.full((rows, cols, 3), random.uniform(20, 230, 3))
    for cells in (2, 5, 20):
        for channel in range(3):
            colour[:, :, channel] += random.uniform(0, 60) * smooth_noise(random, rows, cols, (cells, cells))
    for _ in range(int(random.integers(0, 6))):
        low = random.uniform(0, 0.8, 2) * (cols, rows)
        high = low + random.uniform(0.05, 0.5, 2) * (cols, rows)
        mark = random.uniform(0, 255, 3).tolist()
        if random.random() < 0.5:
            cv2.rectangle(colour, low.astype(int).tolist(), high.astype(int).tolist(), mark, -1)
        else:
            cv2.circle(colour, low.astype(int).tolist(), int((high - low).min()), mark, -1)
    if random.random() < 0.4:
        rim = int(random.uniform(0.02, 0.1) * min(rows, cols))
        framed = np.full_like(colour, tint(random, 200, 250))
        framed[rim : rows - rim, rim : cols - rim] = colour[rim : rows - rim, rim : cols - rim]
        colour = framed
    return Slip(np.clip(colour, 0, 255).astype(np.float32), _cover(random, rows, cols))


def _blank(random: Random, width: float, height: float) -> Slip:
    rows, cols = round(height * 3), round(width * 3)
    colour = np.full((rows, cols, 3), tint(random, 190, 252) if random.random() < 0.5 else any_colour(random))
    if random.random() < 0.3:
        tip = (cols // 2, int(rows * random.uniform(0.3, 0.7)))
        shade = (colour[0, 0] * random.uniform(0.8, 0.97)).tolist()
        cv2.polylines(colour, [np.array([(0, 0), tip, (cols, 0)], np.int32)], False, shade, 2)
    if random.random() < 0.4:
        left, top = int(random.uniform(0.1, 0.5) * cols), int(random.uniform(0.1, 0.7) * rows)
        for line in range(int(random.integers(1, 6))):
            at = top + line * rows // 14
            colour[at : at + rows // 40 + 1, left : left + int(random.uniform(0.1, 0.5) * cols)] *= 0.4
    return Slip(colour.astype(np.float32), _cover(random, rows, cols))


def _cover(random: Random, rows: int, cols: int) -> npt.NDArray[np.float32]:
    """Sharp, rounded or dog-eared corners, and edges that are not quite straight."""
    cover = np.ones((rows, cols), np.float32)
    style, short = random.random(), min(rows, cols)
    if style < 0.25:
        radius = int(random.uniform(0.02, 0.1) * short)
        y, x = np.mgrid[:rows, :cols]
        away = np.hypot(
            np.maximum(np.maximum(radius - x, x - (cols - 1 - radius)), 0),
            np.maximum(np.maximum(radius - y, y - (rows - 1 - radius)), 0),
        )
        cover[away > radius] = 0
    elif style < 0.35:
        fold = random.uniform(0.05, 0.2) * short
        y, x = np.mgrid[:rows, :cols]
        cover[x + y < fold] = 0
    elif style < 0.55:
        _wave(random, cover)
        _wave(random, cover.T)
    return cover


def _wave(random: Random, cover: npt.NDArray[np.float32]) -> None:
    """Two opposite edges run in and out by up to a hundredth of the width."""
    rows, cols = cover.shape
    noise = smooth_noise(random, 2, cols, (2, random.uniform(3, 14)))
    depth = (noise + 1) * random.uniform(0.2, 0.8) * 0.012 * rows
    y = np.arange(rows)[:, None]
    cover[(y < depth[:1]) | (y > rows - 1 - depth[1:])] = 0


# Where it lies ---------------------------------------------------------------------------

Placed = list[tuple[Piece, Floats]]


def _arranged(random: Random, arrangement: str, size: tuple[int, int]) -> Placed:
    if arrangement == "empty":
        return []
    if arrangement == "single":
        return _single(random, size)
    count = int(
        random.choice(
            [random.integers(2, 5), random.integers(2, 13), random.integers(8, 21)], p=[0.3, 0.5, 0.2]
        )
    )
    pieces = _pieces(random, count)
    placed = (
        _rows(random, pieces, size) if arrangement == "rows" else _heap(random, pieces, size, arrangement)
    )
    return _seen(random, placed, size)


def _single(random: Random, size: tuple[int, int]) -> Placed:
    piece = _pieces(random, 1)[0]
    share = random.uniform(0.25, 1.05)
    extent = np.array([piece.width, piece.height])
    turn = random.normal() * 8 if random.random() < 0.6 else random.uniform(0, 360)
    flat = _rectangle(extent, np.zeros(2), turn)
    span = np.ptp(flat, axis=0)
    flat = flat * share * (np.array(size) / span).min()
    room = np.maximum(np.array(size) - np.ptp(flat, axis=0), 0) / 2
    loose = 0.12 * max(size) if random.random() < 0.3 else 0.0
    flat = flat + np.array(size) / 2 + random.uniform(-1, 1, 2) * (room + loose)
    return _seen(random, [(piece, flat)], size, 0.03 if random.random() < 0.6 else 0.1)


def _rows(random: Random, pieces: list[Piece], size: tuple[int, int]) -> Placed:
    """A grid, straight or not, close or not."""
    count = len(pieces)
    across = max(1, min(count, round(np.sqrt(count * size[0] / size[1] * random.uniform(0.5, 2)))))
    down = -(-count // across)
    cell = np.array(size) / (across, down) * random.uniform(0.85, 1)
    scale = random.uniform(0.7, 0.98) * min((cell / (piece.width, piece.height)).min() for piece in pieces)
    low = (np.array(size) - cell * (across, down)) * random.uniform(0, 1, 2)
    wobble = random.choice([0.3, 2.0, 5.0])
    placed: Placed = []
    for number, piece in enumerate(pieces):
        extent = scale * np.array([piece.width, piece.height])
        slack = np.maximum(cell - extent, 0) * random.choice([0.0, 0.3, 0.5])
        middle = low + (np.array([number % across, number // across]) + 0.5) * cell
        quad = _rectangle(extent, middle + random.uniform(-1, 1, 2) * slack, random.normal() * wobble)
        if all(_common(quad, other) < 0.02 for _, other in placed):
            placed.append((piece, quad))
    return placed


def _heap(random: Random, pieces: list[Piece], size: tuple[int, int], arrangement: str) -> Placed:
    """Strewn apart, or most against or over one that lies there already."""
    area = sum(piece.width * piece.height for piece in pieces)
    scale = float(np.sqrt(random.uniform(0.12, 0.62) * size[0] * size[1] / area))
    turn = random.uniform(0, 360) if random.random() < 0.6 else random.normal() * 4
    free = random.random() < 0.5
    most = {"strewn": 0.0, "touching": 0.01}.get(arrangement, float(random.choice([0.08, 0.15, 0.35])))
    edge = random.choice([-0.08, 0.0, 0.01]) * max(size)
    placed: Placed = []
    for piece in pieces:
        extent = scale * np.array([piece.width, piece.height])
        for _ in range(60):
            degrees = turn + random.choice([0, 90, 180, 270]) + random.normal() * 2
            if free and arrangement in ("strewn", "overlapping"):
                degrees = random.uniform(0, 360)
            quad = _rectangle(extent, random.uniform((0, 0), size), degrees)
            if placed and arrangement != "strewn" and random.random() < 0.85:
                quad = _against(
                    random, placed[random.integers(len(placed))][1], extent, arrangement, max(size)
                )
            if _fits(quad, [other for _, other in placed], size, most, edge):
                placed.append((piece, quad))
                break
    return placed


def _against(random: Random, other: Floats, extent: Floats, arrangement: str, long: int) -> Floats:
    side = int(random.integers(4))
    start, end = other[side], other[(side + 1) % 4]
    along = (end - start) / np.linalg.norm(end - start)
    outward = np.array([along[1], -along[0]])
    quarter = int(random.integers(4))
    height = extent[1 - quarter % 2]
    lap = random.uniform(-0.0005, 0.002) if arrangement == "touching" else random.uniform(-0.06, -0.002)
    slide = random.choice([0.5, random.uniform(0, 1)])
    middle = start + slide * (end - start) + outward * (height / 2 + lap * long)
    askew = random.normal() * (0.4 if arrangement == "touching" else random.choice([2.0, 15.0]))
    degrees = np.degrees(np.arctan2(along[1], along[0])) + 90 * quarter + askew
    return _rectangle(extent, middle, degrees)


def _rectangle(extent: Floats, middle: Floats, degrees: float) -> Floats:
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * extent / 2
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.asarray(flat @ np.array([(c, s), (-s, c)]) + middle)


def _fits(quad: Floats, others: list[Floats], size: tuple[int, int], most: float, edge: float) -> bool:
    if (quad < edge).any() or (quad > np.array(size) - edge).any():
        return False
    near = [_common(quad, other) for other in others]
    return all(share <= most for share in near) and sum(near) <= _HIDDEN


def _common(one: Floats, other: Floats) -> float:
    """Common area over the smaller one's."""
    if (one.min(axis=0) >= other.max(axis=0)).any() or (other.min(axis=0) >= one.max(axis=0)).any():
        return 0.0
    first, second = one.astype(np.float32), other.astype(np.float32)
    smaller = min(cv2.contourArea(first), cv2.contourArea(second))
    return float(cv2.intersectConvexConvex(first, second)[0] / max(smaller, 1e-6))


def _seen(random: Random, placed: Placed, size: tuple[int, int], tilt: float | None = None) -> Placed:
    """As the camera sees them, which hardly ever looks straight down."""
    frame = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    tilt = float(random.choice([0.0, 0.01, 0.03, 0.07])) if tilt is None else tilt
    moved = frame + random.normal(size=(4, 2)) * tilt * max(size)
    if not cv2.isContourConvex(moved.astype(np.float32)):
        return placed
    warp = cv2.getPerspectiveTransform(frame, moved.astype(np.float32))
    return [(piece, cv2.perspectiveTransform(quad[None], warp)[0]) for piece, quad in placed]


# How it looks ----------------------------------------------------------------------------


def _lay(random: Random, picture: npt.NDArray[np.float32], slip: Slip, quad: Floats) -> None:
    """Over what is there, with the shadow it casts and the dark line where it rests."""
    unit = max(picture.shape[:2]) / 1600
    pad = int(8 + 24 * unit)
    low = np.maximum(np.floor(quad.min(axis=0)).astype(int) - pad, 0)
    high = np.minimum(np.ceil(quad.max(axis=0)).astype(int) + pad, picture.shape[1::-1])
    if (high - low).min() < 4:
        return
    part = picture[low[1] : high[1], low[0] : high[0]]
    cover, page = _warped(slip, quad - low, (part.shape[1], part.shape[0]))
    shift = random.normal(size=2) * random.uniform(0, 6) * unit
    moved = cv2.warpAffine(cover, np.array([(1, 0, shift[0]), (0, 1, shift[1])]), cover.shape[::-1])
    cast = cv2.GaussianBlur(moved, (0, 0), max(0.4, random.uniform(1.5, 9) * unit)) * random.uniform(0, 0.35)
    rest = cv2.GaussianBlur(cover, (0, 0), max(0.4, random.uniform(0.8, 2) * unit)) * random.uniform(0, 0.35)
    part *= ((1 - cast) * (1 - rest))[:, :, None]
    if random.random() < 0.3:
        bend = smooth_noise(random, len(cover), cover.shape[1], (random.uniform(2, 5), random.uniform(2, 5)))
        page = page * (1 + random.uniform(0, 0.08) * bend[:, :, None]).astype(np.float32)
    part[:] = part * (1 - cover[:, :, None]) + page * cover[:, :, None]


def _warped(
    slip: Slip, quad: Floats, size: tuple[int, int]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Cover and colours as the picture sees them; drawn finer than that they are averaged first."""
    height, width = slip.cover.shape
    fine = max(
        1.0, min(width / np.linalg.norm(quad[1] - quad[0]), height / np.linalg.norm(quad[2] - quad[1])) / 1.5
    )
    small = (max(2, round(width / fine)), max(2, round(height / fine)))
    cover = cv2.resize(slip.cover, small, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(slip.colour, small, interpolation=cv2.INTER_AREA)
    flat = np.array([(0, 0), (small[0], 0), small, (0, small[1])], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(flat, quad.astype(np.float32))
    seen = cv2.warpPerspective(cover, warp, size, flags=cv2.INTER_LINEAR)
    page = cv2.warpPerspective(colour, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32), np.asarray(page, np.float32)


def _glare(random: Random, lit: Floats) -> Floats:
    """A lamp's reflection: a soft bright spot or two."""
    rows, cols = lit.shape[:2]
    y, x = np.mgrid[:rows, :cols] / max(rows, cols)
    for _ in range(int(random.integers(1, 3))):
        cx, cy = random.uniform(0, cols / max(rows, cols)), random.uniform(0, rows / max(rows, cols))
        radius = random.uniform(0.03, 0.2)
        spot = np.exp(-((((x - cx) ** 2 + (y - cy) ** 2) / radius**2) ** random.uniform(0.7, 2)))
        lit = lit + random.uniform(20, 160) * spot[:, :, None]
    return lit


def _photograph(random: Random, scene: Floats) -> Picture:
    unit = max(scene.shape[:2]) / 1600
    blurred = cv2.GaussianBlur(scene, (0, 0), max(0.3, random.uniform(0.5, 3.0) * unit))
    noisy = blurred + random.normal(size=scene.shape) * random.uniform(0.5, 6)
    levels = 255 * (np.clip(noisy, 0, 255) / 255) ** random.uniform(0.75, 1.3)
    _, data = cv2.imencode(
        ".jpg", levels.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(45, 96))]
    )
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
