"""Drawing of things that are taken for a hand on a page, for training.

Print and fields of skin's colours, highlighters, stains, photographs, desks of wood and leather at the
border, boards below the page, pencils, clips, holes, rings, spirals, round things, and shadows. Each changes
``page``, float32 BGR 0..255, in place.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.training.finger_hands import Bank
from synthetic.noise import smooth_noise
from synthetic.scene.hand import SKINS

Floats = npt.NDArray[np.float32]
Random = np.random.Generator


def shadow(random: Random, page: Floats, cover: Floats) -> None:
    """Darken the page by the shadow of what covers it."""
    if random.random() < 0.2:
        return
    far = random.choice([3.0, 9.0])
    shift = np.array([(1, 0, random.normal() * far), (0, 1, random.normal() * far)], np.float32)
    moved = cv2.warpAffine(cover, shift, cover.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(moved, (0, 0), random.uniform(1.0, 10.0))
    tint = random.uniform(0.95, 1.05, 3).astype(np.float32)
    page *= 1 - np.float32(random.uniform(0.05, 0.65)) * soft[:, :, None] * tint


def _spot(random: Random, shape: tuple[int, int], room: float) -> tuple[float, float]:
    """A place, at the border more often than not."""
    rows, cols = shape
    place = np.array([random.uniform(0, cols), random.uniform(0, rows)])
    if random.random() < 0.65:
        side = int(random.integers(4))
        axis = side % 2
        place[axis] = ((0, 0, cols, rows)[side]) + random.normal() * room * 0.6
    return float(place[0]), float(place[1])


def _warm(random: Random) -> Floats:
    """A colour that may be taken for skin, BGR 0..255: skin's, or brown, orange, red, yellow, pink."""
    if random.random() < 0.5:
        base = np.array(SKINS[random.integers(len(SKINS))][::-1], np.float64) * random.uniform(0.7, 1.2)
    else:
        red = random.uniform(60, 255)
        green = red * random.uniform(0.35, 0.97)
        base = np.array([green * random.uniform(0.3, 1.05), green, red])
    return np.asarray(np.clip(base * random.uniform(0.9, 1.1, 3), 0, 255), np.float32)


def _mask(shape: tuple[int, int], points: npt.ArrayLike, soft: float = 0.7) -> Floats:
    drawn = np.zeros(shape, np.uint8)
    cv2.fillPoly(drawn, [np.rint(np.asarray(points)).astype(np.int32)], 255, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), soft) / np.float32(255), np.float32)


def _field(random: Random, page: Floats, bank: Bank) -> None:
    """A printed shape in a warm colour: rectangle, disc, or bar; flat, graded, or of fine lines."""
    rows, cols = page.shape[:2]
    x, y = _spot(random, (rows, cols), 30)
    half = np.exp(random.uniform(np.log(5), np.log(90), 2))
    turn = random.choice([0.0, 0.0, random.uniform(0, np.pi)])
    count = int(random.choice([4, 4, 24]))
    around = np.arange(count) * 2 * np.pi / count + (np.pi / 4 if count == 4 else 0)
    ring = np.stack([np.cos(around), np.sin(around)], axis=1) * half * (np.sqrt(2) if count == 4 else 1)
    spin = np.array([(np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))])
    cover = _mask((rows, cols), ring @ spin.T + (x, y), random.uniform(0.3, 1.0))
    colour = np.broadcast_to(_warm(random), page.shape).copy()
    kind = random.random()
    if kind < 0.25:
        slope = np.linspace(random.uniform(0.6, 1), random.uniform(0.9, 1.3), cols, dtype=np.float32)
        colour *= slope[None, :, None]
    elif kind < 0.6:
        # Guilloche.
        down, across = np.mgrid[:rows, :cols].astype(np.float32)
        wave = down + random.uniform(2, 12) * np.sin(
            across / random.uniform(5, 40) + down / random.uniform(20, 90)
        )
        lines = 0.5 + 0.5 * np.sin(wave * random.uniform(0.4, 1.6))
        cover = cover * (1 - np.float32(random.uniform(0.2, 0.9)) * lines)
    strength = np.float32(random.uniform(0.3, 1.0))
    if random.random() < 0.5:
        page *= 1 - strength * cover[:, :, None] * (1 - colour / 255)
    else:
        page += strength * cover[:, :, None] * (colour - page)


def _highlighter(random: Random, page: Floats, bank: Bank) -> None:
    rows, cols = page.shape[:2]
    drawn = np.zeros((rows, cols), np.uint8)
    x, y = _spot(random, (rows, cols), 20)
    turn = random.normal() * 0.1 + random.choice([0, np.pi / 2, random.uniform(0, 3)])
    length = random.uniform(20, 250)
    end = (round(x + length * np.cos(turn)), round(y + length * np.sin(turn)))
    cv2.line(drawn, (round(x), round(y)), end, 255, int(random.integers(6, 30)), cv2.LINE_AA)
    inks = ((80, 255, 255), (80, 170, 255), (190, 150, 255), (120, 255, 170), (90, 140, 235), (150, 200, 240))
    ink = np.array(inks[random.integers(len(inks))], np.float32) / 255
    cover = cv2.GaussianBlur(drawn, (0, 0), 0.7).astype(np.float32)[:, :, None] / 255
    page *= 1 - np.float32(random.uniform(0.4, 1.0)) * cover * (1 - ink)


def _stain(random: Random, page: Floats, bank: Bank) -> None:
    rows, cols = page.shape[:2]
    x, y = _spot(random, (rows, cols), 25)
    cells = random.uniform(6, 20)
    bumps = smooth_noise(random, (cols, rows), (cells, cells))
    down, across = np.mgrid[:rows, :cols].astype(np.float32)
    size = np.exp(random.uniform(np.log(12), np.log(110)))
    away = np.hypot(across - x, down - y) / size + 0.35 * bumps
    soft = random.uniform(0.02, 0.5)
    cover = np.clip((1 - away) / soft, 0, 1).astype(np.float32)
    if random.random() < 0.4:
        # The rim of a drop that dried.
        cover = np.maximum(
            0.5 * cover, np.clip(1 - np.abs(away - 0.95) / 0.07, 0, 1).astype(np.float32) * cover**0.3
        )
    keep = np.sort(random.uniform(0.35, 1.0, 3)).astype(np.float32)
    page *= 1 - np.float32(random.uniform(0.2, 1.0)) * cover[:, :, None] * (1 - keep)


def _photograph(random: Random, page: Floats, bank: Bank) -> None:
    """A picture printed on the page; people inside it are never hands that hold it."""
    rows, cols = page.shape[:2]
    wide = int(random.uniform(40, 0.6 * cols))
    high = int(np.clip(wide * random.uniform(0.6, 1.5), 30, 0.7 * rows))
    left = int(random.integers(8, cols - wide - 8))
    top = int(random.integers(8, rows - high - 8))
    pictures = bank.photographs
    if random.random() < 0.4:
        # One that a hand enters from the border would be one that holds the page.
        pictures = bank.grounds
        left, top = ((0, top), (cols - wide, top), (left, 0))[int(random.integers(3))]
    picture = np.rot90(pictures[int(random.integers(len(pictures)))], int(random.integers(4)))
    content = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA).astype(np.float32)
    if random.random() < 0.5:
        content *= random.uniform((0.4, 0.5, 0.7), (1.0, 1.0, 1.1)).astype(np.float32)
    page[top : top + high, left : left + wide] = content


def wedge(random: Random, page: Floats, bank: Bank) -> None:
    """Desk beside the sheet: a strip, a wedge, or a corner, with the sheet's shadow on it."""
    rows, cols = page.shape[:2]
    ground = bank.grounds[int(random.integers(len(bank.grounds)))]
    size = (max(cols, rows), max(cols, rows))
    desk = cv2.resize(ground, size, interpolation=cv2.INTER_AREA)[:rows, :cols].astype(np.float32)
    if random.random() < 0.4:
        desk = desk * (_warm(random) / np.maximum(desk.reshape(-1, 3).mean(axis=0), 8))
    desk = desk * np.float32(random.uniform(0.5, 1.1) if random.random() < 0.7 else random.uniform(0.05, 0.5))
    deep = random.exponential(8, 2) + 1
    begin = random.uniform(-0.2, 0.9)
    if random.random() < 0.25:
        deep = deep * 6
        begin = random.uniform(-0.3, 0.4)
    end = begin + random.uniform(0.1, 1.3)
    down, across = np.mgrid[:rows, :cols].astype(np.float32)
    side = int(random.integers(4))
    away = (across, down, cols - 1 - across, rows - 1 - down)[side]
    along = (down / rows, across / cols)[side % 2]
    share = np.clip((along - begin) / (end - begin), 0, 1)
    limit = (deep[0] + (deep[1] - deep[0]) * share) * ((along > begin) & (along < end))
    cover = np.clip(limit - away, 0, 1).astype(np.float32)
    if random.random() < 0.5:
        page *= (
            1
            - np.float32(random.uniform(0, 0.5))
            * cv2.GaussianBlur(cover, (0, 0), random.uniform(1, 6))[:, :, None]
        )
    page += cover[:, :, None] * (np.clip(desk, 0, 255) - page)


def _pencil(random: Random, page: Floats, bank: Bank) -> None:
    """A straight stick: a pencil, a ruler, a ribbon, a rubber band, or the edge of a cover."""
    rows, cols = page.shape[:2]
    x, y = _spot(random, (rows, cols), 10)
    turn = random.uniform(0, np.pi)
    half = np.exp(random.uniform(np.log(2), np.log(16)))
    length = random.uniform(30, 500)
    way = np.array([np.cos(turn), np.sin(turn)])
    across = np.array([-way[1], way[0]])
    corners = [
        (x, y) + s * way * length / 2 + t * across * half for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    cover = _mask((rows, cols), corners)
    down, right = np.mgrid[:rows, :cols].astype(np.float32)
    place = ((right - x) * across[0] + (down - y) * across[1]) / half
    round_light = 1 - np.float32(random.uniform(0, 0.6)) * place**2
    colour = _warm(random) * np.clip(round_light, 0.2, 1)[:, :, None]
    shadow(random, page, cover)
    page += cover[:, :, None] * (colour - page)


def _rings(random: Random, page: Floats, bank: Bank) -> None:
    """Holes along a side, with or without the rings of a binder."""
    rows, cols = page.shape[:2]
    side = int(random.integers(4))
    step = random.uniform(9, 60)
    radius = random.uniform(2, 7)
    inside = random.uniform(3, 22)
    metal = random.random() < 0.6
    shade = np.float32(random.uniform(5, 120))
    glint = tuple(float(v) for v in random.uniform(30, 230) * random.uniform(0.85, 1.1, 3))
    for at in np.arange(random.uniform(0, step), (rows, cols)[side % 2], step):
        x, y = ((inside, at), (at, inside), (cols - inside, at), (at, rows - inside))[side]
        cv2.circle(
            page, (round(float(x)), round(float(y))), round(radius), (float(shade),) * 3, -1, cv2.LINE_AA
        )
        if metal:
            out = ((-3, at), (at, -3), (cols + 3, at), (at, rows + 3))[side]
            cv2.line(
                page,
                (round(float(x)), round(float(y))),
                (round(float(out[0])), round(float(out[1]))),
                glint,
                max(1, round(radius * 0.7)),
                cv2.LINE_AA,
            )


def _cast(random: Random, page: Floats, bank: Bank) -> None:
    """A shadow from beyond the border, of something that is not on the page."""
    rows, cols = page.shape[:2]
    x, y = _spot(random, (rows, cols), 30)
    around = np.arange(9) * 2 * np.pi / 9
    ring = np.stack([np.cos(around), np.sin(around)], axis=1) * random.uniform(10, 120, (9, 1)) + (x, y)
    soft = _mask((rows, cols), ring, random.uniform(1.0, 14.0))
    page *= 1 - np.float32(random.uniform(0.1, 0.7)) * soft[:, :, None] * random.uniform(0.9, 1.0, 3).astype(
        np.float32
    )


def _board(random: Random, page: Floats, bank: Bank) -> None:
    """A clipboard, a cover, or a table, of which a strip shows along one side or more."""
    rows, cols = page.shape[:2]
    ground = bank.grounds[int(random.integers(len(bank.grounds)))]
    board = cv2.resize(ground, (cols, rows), interpolation=cv2.INTER_AREA).astype(np.float32)
    if random.random() < 0.6:
        board = board * (_warm(random) / np.maximum(board.reshape(-1, 3).mean(axis=0), 8))
    # The corners of a sheet are sharp, those of a booklet round.
    paper = np.zeros((rows, cols), np.uint8)
    left, top, right, bottom = (
        round(random.exponential(7)) if random.random() < 0.5 else -40 for _ in range(4)
    )
    slant = random.normal(0, 3, 4)
    corners = [
        (left + slant[0], top + slant[1]),
        (cols - right, top + slant[2]),
        (cols - right + slant[3], rows - bottom),
        (left, rows - bottom + slant[0]),
    ]
    cv2.fillPoly(paper, [np.rint(np.asarray(corners)).astype(np.int32)], 255, cv2.LINE_AA)
    beyond = 1 - cv2.GaussianBlur(paper, (0, 0), random.uniform(0.4, 1.0)).astype(np.float32) / 255
    shift = np.array([(1, 0, random.normal() * 3), (0, 1, random.normal() * 3)], np.float32)
    dark = cv2.GaussianBlur(cv2.warpAffine(paper, shift, (cols, rows)), (0, 0), random.uniform(1, 5))
    shade = np.float32(random.uniform(0, 0.6)) * dark.astype(np.float32)[:, :, None] / 255
    lit = np.clip(board * np.float32(random.uniform(0.4, 1.1)) * (1 - shade), 0, 255)
    page += beyond[:, :, None] * (lit - page)


def _spiral(random: Random, page: Floats, bank: Bank) -> None:
    """The rings of a spiral or a comb along a side, of metal or plastic, and the desk beside them."""
    side = int(random.integers(4))
    # The side in question is the left one.
    turned = np.ascontiguousarray(np.rot90(page, side))
    rows, cols = turned.shape[:2]
    ground = bank.grounds[int(random.integers(len(bank.grounds)))]
    desk = cv2.resize(ground, (cols, rows), interpolation=cv2.INTER_AREA).astype(np.float32)
    wide = max(0, round(random.normal(4, 5)))
    turned[:, :wide] = desk[:, :wide] * np.float32(random.uniform(0.4, 1.0))
    step = random.uniform(7, 36)
    inside = wide + random.uniform(5, 24)
    thick = max(1, round(step * random.uniform(0.12, 0.7)))
    colour = _warm(random) if random.random() < 0.3 else np.full(3, random.choice([15.0, 40.0, 120.0, 235.0]))
    slant = random.normal() * 2
    count = int(random.choice([1, 1, 2]))
    for at in np.arange(random.uniform(0, step), rows, step):
        hole = (round(inside), round(at + slant))
        bare = float(random.uniform(10, 90))
        cv2.circle(turned, hole, max(1, round(0.6 * thick)), (bare, bare, bare), -1, cv2.LINE_AA)
        for strand in range(count):
            start = (round(wide - random.uniform(2, 12)), round(float(at) + 1.5 * thick * strand))
            end = (hole[0], hole[1] + round(1.5 * thick * strand))
            for width, gain in ((thick, 1.0), (max(1, thick // 3), random.uniform(0.6, 1.7))):
                tone = tuple(float(v) for v in np.clip(colour * gain, 0, 255))
                cv2.line(turned, start, end, tone, width, cv2.LINE_AA)
    page[:] = np.rot90(turned, -side)


def _clip(random: Random, page: Floats, bank: Bank) -> None:
    """The clamp of a clipboard, or a clip, of metal, brass or plastic, on a side."""
    side = int(random.integers(4))
    turned = np.ascontiguousarray(np.rot90(page, side))
    rows, cols = turned.shape[:2]
    middle = random.uniform(0.1, 0.9) * rows
    half = np.exp(random.uniform(np.log(4), np.log(90)))
    deep = min(0.3 * cols, half * random.uniform(0.2, 2.5))
    spread = random.uniform(0.6, 1.2)
    corners = [
        (-9, middle - half),
        (deep, middle - half * spread),
        (deep, middle + half * spread),
        (-9, middle + half),
    ]
    # Its corners are round.
    soft = _mask((rows, cols), corners, random.uniform(0.7, 4))
    cover = np.clip(soft * 6 - 2.5, 0, 1).astype(np.float32)
    grey = np.full(3, random.uniform(20, 230), np.float32)
    brass = np.array((0.45, 0.8, 1.0), np.float32) * np.float32(random.uniform(80, 250))
    colour = (grey, brass, _warm(random))[int(random.choice(3, p=[0.5, 0.3, 0.2]))]
    across = np.arange(cols, dtype=np.float32) / max(deep, 1)
    waves = np.sin(across * random.uniform(1, 9) + random.uniform(0, 6))
    sheen = 1 + np.float32(random.uniform(0, 0.7)) * waves
    shadow(random, turned, cover)
    turned += cover[:, :, None] * (np.clip(colour * sheen[None, :, None], 0, 255) - turned)
    page[:] = np.rot90(turned, -side)


def _thing(random: Random, page: Floats, bank: Bank) -> None:
    """A strap, a magnet, a pen or a dowel: it has round ends, and no skin's colour, or grain."""
    rows, cols = page.shape[:2]
    x, y = _spot(random, (rows, cols), 14)
    turn = random.uniform(0, np.pi)
    length = random.uniform(0, 110)
    half = np.exp(random.uniform(np.log(4), np.log(30)))
    down, across = np.mgrid[:rows, :cols].astype(np.float32)
    along = (across - x) * np.cos(turn) + (down - y) * np.sin(turn)
    aside = (down - y) * np.cos(turn) - (across - x) * np.sin(turn)
    away = np.hypot(np.maximum(np.abs(along) - length / 2, 0), aside).astype(np.float32) / np.float32(half)
    cover = np.clip((1 - away) * half, 0, 1).astype(np.float32)
    colour = np.broadcast_to(_warm(random), page.shape)
    blue, green, red = np.log(np.maximum(colour[0, 0], 8))
    if 0.05 < red - green < 0.7 and 0.0 < green - blue < 0.5:
        grain = smooth_noise(random, (cols, rows), (random.uniform(2, 5), random.uniform(20, 90)))
        colour = colour * (1 + np.float32(random.uniform(0.12, 0.3)) * grain[:, :, None])
    else:
        colour = colour * (1 - np.float32(random.uniform(0, 0.6)) * np.minimum(away, 1)[:, :, None] ** 2)
    shadow(random, page, cover)
    page += cover[:, :, None] * (np.clip(colour, 0, 255) - page)


DECOYS = (
    _field,
    _highlighter,
    _stain,
    _photograph,
    wedge,
    _pencil,
    _rings,
    _cast,
    _board,
    _spiral,
    _clip,
    _thing,
)
SHARES = (0.17, 0.05, 0.08, 0.11, 0.14, 0.06, 0.05, 0.06, 0.09, 0.08, 0.05, 0.06)
