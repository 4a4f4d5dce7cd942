"""Keyboards, calculators, terminals, telephones, tablets, rulers: what has a card's shape and is none."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from synthetic.arrays import Corners, Floats, Random
from synthetic.documents.slips import make_sheet, rounded
from synthetic.geometry import moved_corners
from synthetic.noise import smooth_noise
from synthetic.scene.surfaces import any_colour, full

_DETAIL = 3.0
"""Pixels a millimetre that devices are drawn at."""


def devices(random: Random, desk: Floats, count: int) -> list[Corners]:
    """Lay so many devices on a desk, anywhere, also partly beyond its border, and return their corners."""
    millimetre = max(desk.shape[:2]) / random.uniform(260, 620)
    laid = []
    for _ in range(count):
        colour, corner = _DEVICES[random.integers(len(_DEVICES))](random)
        scale = millimetre * random.uniform(0.8, 1.25)
        laid.append(_lay(random, desk, np.clip(colour, 4, 252), corner, scale))
    return laid


def _body(random: Random, width: float, height: float) -> Floats:
    """Return a plain body of so many millimetres: black, grey or white mostly."""
    size = (round(width * _DETAIL), round(height * _DETAIL))
    tone = float(random.choice([random.uniform(12, 60), random.uniform(60, 180), random.uniform(180, 245)]))
    grey = tone * random.uniform(0.95, 1.05, 3)
    body = full(size, grey if random.random() < 0.75 else any_colour(random))
    body *= 1 + random.uniform(0, 0.06) * smooth_noise(random, size, (2, 2))[:, :, None]
    return body


def _keyboard(random: Random) -> tuple[Floats, float]:
    """Rows of keys, each row set off, with wider keys at the ends and a space bar."""
    pitch = random.uniform(15, 19)
    rows = int(random.integers(4, 7))
    units = float(random.choice([10.0, 12, 15, 15, 19, 22]))
    rim = random.uniform(3, 14)
    body = _body(random, units * pitch + 2 * rim, rows * pitch + 2 * rim)
    key = _key_colour(random, body)
    ink = any_colour(random)
    for row in range(rows):
        across = 0.0
        while across < units - 0.4:
            wide = float(random.choice([1, 1.25, 1.5, 2])) if across in (0.0,) or across > units - 3 else 1.0
            if row == rows - 1 and abs(across - units / 4) < 0.6:
                wide = units * 0.38
            wide = min(wide, units - across)
            place = np.array([rim + across * pitch, rim + row * pitch, wide * pitch, pitch])
            _key(random, body, place, key, ink, 0.86)
            across += wide
    return body, random.uniform(2, 8)


def _keypad(random: Random) -> tuple[Floats, float]:
    """A calculator, a numeric pad or a terminal: a display and a grid of keys, some in colour."""
    across = int(random.integers(3, 7))
    down = int(random.integers(3, 7))
    pitch = random.uniform(10, 19)
    rim = random.uniform(3, 9)
    flat = random.uniform(0.6, 1.0)
    top = rim + float(random.choice([0, random.uniform(12, 28), random.uniform(35, 60)]))
    body = _body(random, across * pitch + 2 * rim, top + down * pitch * flat + rim)
    if top > 2 * rim:
        _display(random, body, (rim, rim / 2), (across * pitch, top - 1.5 * rim))
    key = _key_colour(random, body)
    ink = any_colour(random)
    share = random.uniform(0.55, 0.92)
    coloured = random.random() < 0.5
    for row in range(down):
        for column in range(across):
            odd = coloured and (row == down - 1 or column == across - 1)
            place = np.array([rim + column * pitch, top + row * pitch * flat, pitch, pitch * flat])
            _key(random, body, place, random.uniform(30, 230, 3) if odd else key, ink, share)
    return body, random.uniform(2, 12)


def _telephone(random: Random) -> tuple[Floats, float]:
    """A smartphone or a tablet: a dark screen, its pictures, or a page on it, in an even rim; or its back."""
    large = random.random() < 0.3
    height = random.uniform(190, 280) if large else random.uniform(115, 170)
    width = height * (random.uniform(0.65, 0.78) if large else random.uniform(0.45, 0.54))
    body = _body(random, width, height)
    rim = random.uniform(1.5, 12 if large else 5)
    corner = random.uniform(4, 14)
    kind = random.random()
    if kind < 0.2:
        lens = np.array([random.uniform(8, width / 2), random.uniform(8, 20)]) * _DETAIL
        for at in range(int(random.integers(1, 4))):
            _dot(body, lens + np.array([0, at * 13 * _DETAIL]), 5 * _DETAIL, random.uniform(5, 60, 3))
        return body, corner
    ends = rim + float(random.choice([0, 0, random.uniform(4, 16)]))
    _display(random, body, (rim, ends), (width - 2 * rim, height - 2 * ends), dark=kind < 0.65)
    if random.random() < 0.4:
        _dot(body, np.array([width / 2, height - ends / 2]) * _DETAIL, 0.4 * ends * _DETAIL, 0.6 * body[3, 3])
    return body, corner


def _desk_telephone(random: Random) -> tuple[Floats, float]:
    """A telephone with its receiver beside the keys."""
    keys, _ = _keypad(random)
    width = round(random.uniform(40, 60) * _DETAIL)
    rows = len(keys)
    side = full((width, rows), keys[2, 2])
    size = (round(width * 0.75), round(rows * 0.94))
    held = rounded(size, random.uniform(0.3, 0.48) * size[0])[:, :, None]
    left = (width - size[0]) // 2
    top = (rows - size[1]) // 2
    part = side[top : top + size[1], left : left + size[0]]
    part += held * (keys[2, 2] * random.uniform(0.5, 1.4) - part)
    return np.concatenate([side, keys], axis=1), random.uniform(3, 12)


def _ruler(random: Random) -> tuple[Floats, float]:
    """A ruler: ticks of three lengths along one side or two, with figures."""
    width = random.uniform(22, 42)
    length = float(random.choice([100, 160, 210, 320]))
    body = _body(random, length, width)
    ink = any_colour(random)
    for side in (body, body[::-1])[: int(random.integers(1, 3))]:
        for at in range(4, int(length) - 4):
            deep = 7.0 if at % 10 == 4 else 5.0 if at % 5 == 4 else 3.5
            left = round(at * _DETAIL)
            side[: round(deep * _DETAIL), left : left + 1] = ink
            if at % 10 == 4:
                mark = side[round(8 * _DETAIL) : round(11 * _DETAIL), left - 3 : left + 4]
                mark[random.random(mark.shape[:2]) < 0.5] = ink
    return body, random.uniform(0, 3)


def _remote(random: Random) -> tuple[Floats, float]:
    """A remote control or a scanner: long, with round buttons."""
    width = random.uniform(35, 60)
    height = random.uniform(120, 220)
    body = _body(random, width, height)
    button = any_colour(random)
    across = int(random.integers(2, 5))
    pitch = random.uniform(9, 15)
    for row in range(int(height * random.uniform(0.4, 0.95) / pitch)):
        for column in range(across):
            middle = np.array([(column + 0.5) * width / across, (row + 0.9) * pitch]) * _DETAIL
            _dot(body, middle, 0.3 * pitch * _DETAIL, button * random.uniform(0.7, 1.2))
    return body, random.uniform(3, 18)


def _stapler(random: Random) -> tuple[Floats, float]:
    """A stapler, a charger, a case: bars of one colour, round at its ends."""
    width = random.uniform(25, 60)
    height = random.uniform(60, 150)
    body = _body(random, width, height)
    for _ in range(int(random.integers(1, 4))):
        top, left = (random.uniform(0, 0.5, 2) * body.shape[:2]).astype(int)
        bar = body[top : top + len(body) // 2, left : left + body.shape[1] // 2]
        bar *= random.uniform(0.5, 1.5)
    return body, random.uniform(5, 25)


_DEVICES: tuple[Callable[[Random], tuple[Floats, float]], ...] = (
    *(_keyboard, _keyboard, _keypad, _keypad, _keypad, _telephone, _telephone, _telephone),
    *(_desk_telephone, _ruler, _ruler, _remote, _stapler),
)


def _key_colour(random: Random, body: Floats) -> Floats:
    """Return a colour of keys: a little lighter or darker than their body, or any."""
    if random.random() < 0.5:
        return np.asarray(body[2, 2] * random.uniform(0.6, 1.5) + random.uniform(-25, 25))
    return any_colour(random)


def _key(random: Random, body: Floats, place: Floats, colour: Floats, ink: Floats, share: float) -> None:
    """Draw one key of so many millimetres, lit from above, with what is printed on it."""
    size = np.maximum(np.rint(place[2:] * _DETAIL - (1 - share) * place[3] * _DETAIL), 3).astype(int)
    left, top = np.rint(place[:2] * _DETAIL + (place[2:] * _DETAIL - size) / 2).astype(int)
    part = body[top : top + size[1], left : left + size[0]]
    if part.size == 0:
        return
    shaded = np.broadcast_to(colour * random.uniform(0.93, 1.07), part.shape).copy()
    shaded[: len(part) // 5] *= 1.08
    shaded[-(len(part) // 6) :] *= 0.85
    high = len(part) // 3
    wide = min(part.shape[1] // 3, len(part) // 2)
    label = shaded[high : 2 * high, wide : 2 * wide]
    label[random.random(label.shape[:2]) < 0.4] = ink
    part[:] = shaded


def _display(
    random: Random,
    body: Floats,
    start: tuple[float, float],
    extent: tuple[float, float],
    dark: bool | None = None,
) -> None:
    """Draw a screen: off and shining a little, pictures in rows, lines of figures, or a page."""
    left, top = (round(at * _DETAIL) for at in start)
    cols, rows = size = (max(8, round(extent[0] * _DETAIL)), max(8, round(extent[1] * _DETAIL)))
    if dark or (dark is None and random.random() < 0.3):
        screen = full(size, random.uniform(6, 55, 3))
        u, v = np.meshgrid(np.linspace(-1, 1, cols), np.linspace(-1, 1, rows))
        turn = random.uniform(0, 6.3)
        shine = np.clip(u * np.cos(turn) + v * np.sin(turn) + random.uniform(-1, 0.6), 0, 1)
        screen += random.choice([0, 0, 25, 70]) * (shine > 0.02)[:, :, None] * (0.4 + shine[:, :, None])
    elif random.random() < 0.35 and min(size) > 40:
        page = cv2.resize(make_sheet(random, cols / rows), size, interpolation=cv2.INTER_AREA)
        screen = np.asarray(page, np.float32)
    else:
        screen = full(size, any_colour(random))
        if random.random() < 0.5:
            screen += random.uniform(10, 60) * smooth_noise(random, size, (3, 4))[:, :, None]
        pitch = max(6, cols // int(random.integers(3, 7)))
        for down in range(pitch // 2, rows - pitch // 2, int(pitch * random.choice([1, 1.3]))):
            for across in range(pitch // 5, cols - pitch // 2, pitch):
                icon = screen[down : down + int(0.6 * pitch), across : across + int(0.6 * pitch)]
                icon[:] = random.uniform(20, 250, 3)
    part = body[top : top + rows, left : left + cols]
    part[:] = screen[: part.shape[0], : part.shape[1]]


def _dot(body: Floats, middle: Floats, radius: float, colour: Floats) -> None:
    centre = middle.astype(int).tolist()
    tone = np.asarray(colour).tolist()
    cv2.circle(body, centre, max(1, int(radius)), tone, -1, cv2.LINE_AA)


def _lay(random: Random, desk: Floats, flat: Floats, corner: float, scale: float) -> Corners:
    """Draw a device on a desk: its shadow, its flank where the camera sees one, its top."""
    rows, cols = flat.shape[:2]
    size = desk.shape[1::-1]
    warp = cv2.getRotationMatrix2D((cols / 2, rows / 2), random.uniform(0, 360), scale / _DETAIL)
    middle = random.uniform((0, 0), size)
    warp[:, 2] += middle - (cols / 2, rows / 2)
    cover = rounded((cols, rows), corner * _DETAIL)
    top = cv2.warpAffine(cover, warp, size, flags=cv2.INTER_LINEAR)[:, :, None]
    # Thick things lean away from the picture's middle.
    lean = (middle / size - 0.5) * random.uniform(0, 0.12) * scale * random.uniform(4, 40)
    flank = top
    for share in (0.5, 1.0):
        moved = warp.copy()
        moved[:, 2] = warp[:, 2] - share * lean
        flank = np.maximum(flank, cv2.warpAffine(cover, moved, size, flags=cv2.INTER_LINEAR)[:, :, None])
    sigma = max(1.0, max(size) * random.uniform(0.002, 0.012))
    away = random.uniform(-1, 1, 2) * sigma
    shadow = cv2.warpAffine(flank, np.array([[1, 0, away[0]], [0, 1, away[1]]]), size)
    desk *= 1 - np.float32(random.uniform(0.1, 0.6)) * cv2.GaussianBlur(shadow, (0, 0), sigma)[:, :, None]
    desk += flank * (flat[2, 2] * random.uniform(0.3, 0.9) - desk)
    desk += top * (
        cv2.warpAffine(flat, warp, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE) - desk
    )
    return moved_corners(np.asarray(warp), flat.shape)
