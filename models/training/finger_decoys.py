"""Drawing of things that are taken for a hand on a page, for training.

Print and fields of skin's colours, highlighters, stains, photographs, desks of wood and leather at the
border, pencils, holes, rings, and shadows. Each changes ``page``, float32 BGR 0..255, in place.
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
    turn, length = (
        random.normal() * 0.1 + random.choice([0, np.pi / 2, random.uniform(0, 3)]),
        random.uniform(20, 250),
    )
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
    left, top = int(random.integers(8, cols - wide - 8)), int(random.integers(8, rows - high - 8))
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
    desk = desk * np.float32(random.uniform(0.5, 1.1))
    deep, begin = random.exponential(8, 2) + 1, random.uniform(-0.2, 0.9)
    if random.random() < 0.25:
        deep, begin = deep * 6, random.uniform(-0.3, 0.4)
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
    turn, half, length = (
        random.uniform(0, np.pi),
        np.exp(random.uniform(np.log(2), np.log(16))),
        random.uniform(30, 500),
    )
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
    side, step, radius = int(random.integers(4)), random.uniform(9, 60), random.uniform(2, 7)
    inside, metal = random.uniform(3, 22), random.random() < 0.6
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


DECOYS = (_field, _highlighter, _stain, _photograph, wedge, _pencil, _rings, _cast)
SHARES = (0.24, 0.08, 0.12, 0.14, 0.18, 0.08, 0.08, 0.08)
