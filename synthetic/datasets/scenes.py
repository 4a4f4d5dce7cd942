"""Made pictures of documents on desks, with exact corners: SYNTHETIC, seeded, without limit.

They fill what photographs with truth lack: small pages, cards, receipts, pages cut by the
picture's border, several documents, pages that fill the picture, and empty desks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture and the corners of its documents, ``(4, 2)`` each, clockwise."""

    picture: Picture
    quads: tuple[Floats, ...]


def make_scene(seed: int, documents: int = 1, size: tuple[int, int] | None = None) -> Scene:
    """A desk with so many documents on it; the same for the same seed.

    Parameters
    ----------
    size
        Columns and rows; by default one of a few a camera has.
    """
    random = np.random.default_rng(seed)
    cols, rows = size or ((1600, 1200), (1280, 720), (1200, 1600))[random.integers(3)]
    desk = clutter(random, DESKS[random.integers(len(DESKS))](random, rows, cols))
    quads: list[Floats] = []
    grid = _grid(random, rows, cols, documents) if documents > 3 and random.random() < 0.5 else []
    for attempt in range(documents * 12):
        quad = grid[attempt % len(grid)] if grid else _place(random, rows, cols, documents)
        if len(quads) < documents and not any(_near(quad, other) for other in quads):
            desk = _lay(random, desk, quad)
            quads.append(quad)
    return Scene(photograph(random, light(random, desk)), tuple(quads))


def make_full_page(seed: int, size: tuple[int, int] = (1200, 1600)) -> Scene:
    """Nothing but page: a scan, or a page that leaves the picture on all sides."""
    random = np.random.default_rng(seed)
    sheet = make_sheet(random, size[0] / size[1])
    trim = int(random.integers(0, 60))
    sheet = sheet[trim : len(sheet) - trim, trim : sheet.shape[1] - trim]
    full = np.asarray(cv2.resize(sheet, size, interpolation=cv2.INTER_AREA), np.float64)
    return Scene(photograph(random, light(random, full)), ())


# Desks ---------------------------------------------------------------------------------


def smooth_noise(random: Random, rows: int, cols: int, cells: tuple[float, float]) -> Floats:
    """Between -1 and 1, with about so many blobs down and across."""
    small = random.normal(size=(max(2, int(cells[0])), max(2, int(cells[1]))))
    large = cv2.resize(small, (cols, rows), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large / max(1e-9, np.abs(large).max()))


def tint(random: Random, low: int, high: int) -> Floats:
    return np.asarray(random.uniform(low, high) + random.uniform(-1, 1, 3) * random.choice([4, 30]))


def _plain(random: Random, rows: int, cols: int) -> Floats:
    desk = np.full((rows, cols, 3), tint(random, 25, 245))
    return desk + random.uniform(0, 8) * smooth_noise(random, rows, cols, (6, 8))[:, :, None]


def _stone(random: Random, rows: int, cols: int) -> Floats:
    desk = np.full((rows, cols, 3), tint(random, 50, 200))
    for cells in (10, 40, 160):
        desk += random.uniform(2, 16) * smooth_noise(random, rows, cols, (cells, cells))[:, :, None]
    return desk


def _wood(random: Random, rows: int, cols: int) -> Floats:
    base = np.array([60, 110, 165]) * random.uniform(0.4, 1.4)
    grain = smooth_noise(random, rows, cols, (rows / random.uniform(2, 10), random.uniform(3, 12)))
    desk = base + 16 * grain[:, :, None] * random.uniform(0.3, 1.5)
    width = int(random.integers(60, 400))
    for seam in range(int(random.integers(0, width)), rows, width):
        desk[seam : seam + int(random.integers(1, 5))] *= random.uniform(0.3, 0.9)
        desk[seam : seam + width] *= random.uniform(0.9, 1.1)
    return desk


def _turned_wood(random: Random, rows: int, cols: int) -> Floats:
    return np.ascontiguousarray(_wood(random, cols, rows).transpose(1, 0, 2))


def _cloth(random: Random, rows: int, cols: int) -> Floats:
    y, x = np.mgrid[:rows, :cols]
    pitch, turn = random.uniform(6, 80), random.uniform(0, np.pi)
    wave = np.sin((x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / pitch)
    wave = wave + np.sin((y * np.cos(turn) - x * np.sin(turn)) * 2 * np.pi / pitch) * random.choice([0, 1])
    return np.asarray(_stone(random, rows, cols) + random.uniform(3, 25) * wave[:, :, None])


def _mat(random: Random, rows: int, cols: int) -> Floats:
    desk = _plain(random, rows, cols)
    pitch = int(random.integers(30, 160))
    for at in range(int(random.integers(0, pitch)), max(rows, cols), pitch):
        desk[at : at + 2] += 40
        desk[:, at : at + 2] += 40
    return desk


def _crumpled(random: Random, rows: int, cols: int) -> Floats:
    """White paper, creased: facets of slightly different shade."""
    y, x = np.mgrid[:rows, :cols] / max(rows, cols)
    shade = np.zeros((rows, cols))
    for _ in range(int(random.integers(15, 50))):
        turn, off = random.uniform(0, 2 * np.pi), random.uniform(-0.5, 1.2)
        distance = x * np.cos(turn) + y * np.sin(turn) - off
        window = smooth_noise(random, rows, cols, (4, 4)) > random.uniform(-0.2, 0.6)
        shade += window * np.exp(-np.abs(distance) * random.uniform(20, 120)) * random.choice([-1, 1])
    strength = random.uniform(3, 12)
    bumps = 4 * smooth_noise(random, rows, cols, (9, 9)) + smooth_noise(random, rows, cols, (50, 50))
    return np.full((rows, cols, 3), tint(random, 180, 240)) + (strength * shade + bumps)[:, :, None]


DESKS: tuple[Callable[[Random, int, int], Floats], ...] = (
    *(_plain, _stone, _wood, _turned_wood, _cloth, _mat, _crumpled, _crumpled, _crumpled),
)


def clutter(random: Random, desk: Floats) -> Floats:
    """A pen or two, a cable, a cup."""
    rows, cols = desk.shape[:2]
    for _ in range(int(random.choice([0, 0, 1, 2]))):
        start = random.uniform((0, 0), (cols, rows))
        turn, length = random.uniform(0, 2 * np.pi), random.uniform(0.1, 0.5) * cols
        end = start + length * np.array([np.cos(turn), np.sin(turn)])
        ends = [tuple(int(v) for v in point) for point in (start, end)]
        cv2.line(desk, ends[0], ends[1], tint(random, 10, 240).tolist(), int(random.integers(3, 25)))
    if random.random() < 0.15:
        centre = random.uniform((0, 0), (cols, rows)).astype(int).tolist()
        cv2.circle(desk, centre, int(random.integers(40, 160)), tint(random, 20, 240).tolist(), -1)
    return desk


# Documents -----------------------------------------------------------------------------


def make_sheet(random: Random, aspect: float) -> Floats:
    """A page with print on it, some 1400 px long."""
    rows, cols = (1400, int(1400 * aspect)) if aspect < 1 else (int(1400 / aspect), 1400)
    paper = tint(random, 205, 250) if random.random() < 0.85 else random.uniform(60, 230, 3)
    sheet = np.full((rows, cols, 3), paper)
    margin = int(random.uniform(0.03, 0.12) * cols)
    ink = random.uniform(0, 90, 3)
    if random.random() < 0.5:
        _bar(random, sheet, margin)
    if random.random() < 0.85:
        _text(random, sheet, margin, ink)
    if random.random() < 0.4:
        _table(random, sheet, margin, ink)
    return sheet


def _bar(random: Random, sheet: Floats, margin: int) -> None:
    rows, cols = sheet.shape[:2]
    for _ in range(int(random.integers(1, 4))):
        top = int(random.uniform(0.03, 0.8) * rows)
        sheet[top : top + int(random.uniform(0.02, 0.12) * rows), margin : cols - margin] = random.uniform(
            20, 230, 3
        )


def _text(random: Random, sheet: Floats, margin: int, ink: Floats) -> None:
    rows, cols = sheet.shape[:2]
    height = int(random.integers(8, 26))
    for top in range(margin, rows - margin - height, int(height * random.uniform(1.5, 2.6))):
        at, stop = margin, margin + int((cols - 2 * margin) * random.choice([1.0, 1.0, random.random()]))
        while at < stop and random.random() > 0.01:
            word = min(int(random.integers(2, 10)) * height // 2, stop - at)
            letters = random.random((height, max(1, word // 3))) < 0.45
            block = np.repeat(letters, 3, axis=1)[:, :word]
            sheet[top : top + height, at : at + block.shape[1]][block] = ink
            at += word + height // 2


def _table(random: Random, sheet: Floats, margin: int, ink: Floats) -> None:
    rows, cols = sheet.shape[:2]
    top, bottom = sorted(random.uniform(0.1, 0.95, 2) * rows)
    for y in np.linspace(top, bottom, int(random.integers(2, 12))).astype(int):
        sheet[y : y + 2, margin : cols - margin] = ink
    for x in np.linspace(margin, cols - margin, int(random.integers(2, 7))).astype(int):
        sheet[int(top) : int(bottom), x : x + 2] = ink


def _place(random: Random, rows: int, cols: int, documents: int) -> Floats:
    """Corners of a sheet under a tilted camera."""
    aspect = random.choice([0.707, 0.707, 1.414, random.uniform(0.3, 0.6), 1.586, 0.63])
    share = random.uniform(0.35, 1.02) if documents == 1 else random.uniform(0.7, 1.1) / (1 + documents**0.5)
    turn = random.normal() * 6 if random.random() < 0.6 else random.uniform(-180, 180)
    half = np.array([aspect, 1.0]) / np.hypot(aspect, 1.0)
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    flat = flat @ np.array([(c, s), (-s, c)])
    # A document camera looks down with little tilt, a phone with more.
    tilt = random.normal(size=2) * random.choice([0.02, 0.12])
    seen = flat / (1 + flat @ tilt)[:, None]
    extent = np.ptp(seen, axis=0)
    scale = share * (np.array([cols, rows]) / extent).min()
    seen = (seen - (seen.min(axis=0) + seen.max(axis=0)) / 2) * scale
    room = np.maximum(np.array([cols, rows]) - np.ptp(seen, axis=0), 0) / 2
    slip = random.uniform(-1, 1, 2) * (room + (0.04 * cols if random.random() < 0.2 else 0))
    return np.asarray(seen + np.array([cols, rows]) / 2 - 0.5 + slip)


def _grid(random: Random, rows: int, cols: int, documents: int) -> list[Floats]:
    """Corners of receipts or cards laid out in rows, a finger's breadth apart."""
    down = int(random.integers(1, 3)) if documents < 9 else 2
    across = -(-documents // down)
    cell = np.array([cols / across, rows / down])
    aspect = random.choice([0.45, 0.5, 0.63, 0.707, 1.586])
    quads = []
    for number in range(documents):
        fill = random.uniform(0.75, 0.93)
        size = fill * np.minimum(cell, cell[::-1] * np.array([aspect, 1 / aspect]))
        turn = np.radians(random.normal() * 2)
        flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * size / 2
        flat = flat @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
        middle = (np.array([number % across, number // across]) + 0.5) * cell
        quads.append(flat + middle + random.normal(size=2) * 0.02 * cell + random.normal(size=(4, 2)) * 2)
    return quads


def _near(quad: Floats, other: Floats) -> bool:
    one, two = (cv2.convexHull(points.astype(np.float32)) for points in (quad, other))
    grown = one.mean(axis=0) + (one - one.mean(axis=0)) * 1.02
    return bool(cv2.intersectConvexConvex(grown.astype(np.float32), two)[0] > 0)


def _lay(random: Random, desk: Floats, quad: Floats) -> Floats:
    """Put a sheet down, with the shadow it casts."""
    rows, cols = desk.shape[:2]
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    sheet = make_sheet(random, float((sides[0] + sides[2]) / (sides[1] + sides[3])))
    height, width = sheet.shape[:2]
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(flat, quad.astype(np.float32))
    mask = cv2.warpPerspective(np.ones((height, width)), warp, (cols, rows), flags=cv2.INTER_AREA)
    shift = random.normal(size=2) * random.uniform(0, 6)
    moved = cv2.warpAffine(mask, np.array([(1, 0, shift[0]), (0, 1, shift[1])]), (cols, rows))
    shadow = cv2.GaussianBlur(moved, (0, 0), random.uniform(1.5, 8)) * random.uniform(0, 0.35)
    page = cv2.warpPerspective(sheet, warp, (cols, rows), flags=cv2.INTER_AREA)
    shade = 1 + random.uniform(0, 0.04) * smooth_noise(random, rows, cols, (3, 3))
    under = desk * (1 - shadow[:, :, None])
    return np.asarray(under * (1 - mask[:, :, None]) + (page * shade[:, :, None]) * mask[:, :, None])


# Light and camera ----------------------------------------------------------------------


def light(random: Random, desk: Floats) -> Floats:
    rows, cols = desk.shape[:2]
    fall = 1 + random.uniform(0, 0.3) * smooth_noise(random, rows, cols, (2, 2))
    lit = desk * fall[:, :, None] * random.uniform(0.55, 1.02)
    if random.random() < 0.3:
        lit = lit * random.uniform(0.4, 1.0, 3)
    if random.random() < 0.35:
        corners = random.uniform((-0.3 * cols, -0.3 * rows), (1.3 * cols, 1.3 * rows), (4, 2))
        cast = np.zeros((rows, cols))
        cv2.fillConvexPoly(cast, cv2.convexHull(corners.astype(np.int32)), 1.0)
        soft = np.asarray(cv2.GaussianBlur(cast, (0, 0), random.uniform(3, 40)))
        lit = lit * (1 - random.uniform(0.1, 0.5) * soft)[:, :, None]
    return np.asarray(lit)


def photograph(random: Random, scene: Floats) -> Picture:
    blurred = cv2.GaussianBlur(scene, (0, 0), random.uniform(0.5, 1.8))
    noisy = blurred + random.normal(size=scene.shape) * random.uniform(0.5, 5)
    picture = np.clip(noisy, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(55, 96))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
