"""Stamped papers with known ink and seals: SYNTHETIC, seeded.

Inks are filters laid over one another: what paper reflects is multiplied by what each lets
through. Seals are round, oval or square, worn, faint, half inked, from purplish to orange red or
from violet to cyan blue; pages carry letterheads and pictures in the seal's colour as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageDraw

from synthetic.documents.prose import CHINESE, KINDS, characters, font, page

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Random = np.random.Generator

INKS = {
    "red": ((40, 35, 205), (70, 45, 190), (95, 30, 165), (45, 70, 220), (30, 30, 170), (60, 60, 225)),
    "blue": ((190, 70, 35), (150, 55, 45), (200, 110, 30), (175, 60, 75), (120, 45, 30), (215, 95, 60)),
}
"""BGR of full strokes on white paper: usual, purplish, orange, dark and bright ones."""
SHAPES = ("round", "oval", "square")
STATES = ("fresh", "worn", "faint", "partial")
PRINTS = ((25, 25, 25), (45, 45, 45), (20, 15, 20), (75, 70, 70))


@dataclass(frozen=True, eq=False)
class Stamped:
    """A photograph of a stamped page.

    Attributes
    ----------
    picture
        BGR.
    seal, ink
        bool ``(rows, cols)``: where more than half of a pixel is seal, or print.
    decoration
        bool ``(rows, cols)``: a letterhead or picture in the seal's colour.
    colour, state
        Which of `INKS` and `STATES`.
    """

    picture: Picture
    seal: Mask
    ink: Mask
    decoration: Mask
    colour: str
    state: str


def make_stamped(seed: int, size: tuple[int, int] = (1240, 1754), colour: str = "red") -> Stamped:
    """A page with one to three seals over its print; the same for the same arguments."""
    random = np.random.default_rng([seed, 23])
    state = STATES[seed % len(STATES)]
    kind = str(random.choice([kind for kind in KINDS if kind != "slip"]))
    drawn, ornament = page(random, kind, size), _ornament(random, size)
    bare = np.asarray(ornament <= 0, np.float32)
    ink, seal = (np.asarray(layer * bare, np.float32) for layer in (drawn / 255, _seals(random, size, state)))
    light = _paper(random, size)
    printed = PRINTS[int(random.integers(len(PRINTS)))]
    hues = [INKS[colour][int(random.integers(count))] for count in (len(INKS[colour]), 3)]
    for cover, through in ((ink, printed), (seal, hues[0]), (ornament, hues[1])):
        light = np.asarray(light * _through(cover, through), np.float32)
    picture = _photograph(random, np.asarray(light * _light(random, size), np.float32))
    came_off = seal[seal > 0.02]
    half = 0.5 * max(0.2, float(np.percentile(came_off, 90))) if came_off.size else 1.0
    return Stamped(picture, seal > half, ink > 0.5, ornament > 0.5, colour, state)


def _through(cover: Floats, ink: tuple[int, int, int]) -> Floats:
    """What light a layer of ink leaves that covers a part of each pixel, some of it thick."""
    colour = np.array(ink, np.float32) / 250
    thick = np.maximum(cover, 1)[:, :, None]
    part = np.minimum(cover, 1)[:, :, None]
    return np.asarray(1 - part + part * colour**thick, np.float32)


# Seals ---------------------------------------------------------------------------------


def _seals(random: Random, size: tuple[int, int], state: str) -> Floats:
    cols, rows = size
    sheet = np.zeros((rows, cols), np.float32)
    for _ in range(int(random.integers(1, 4))):
        radius = int(random.uniform(0.08, 0.15) * cols)
        stamp = SEALS[SHAPES[int(random.integers(len(SHAPES)))]](random, radius)
        stamp = _inked(random, _turned(stamp, random.normal() * 12), state)
        y, x = (int(random.uniform(0.05, 0.95) * (side - stamp.shape[0])) for side in (rows, cols))
        part = sheet[y : y + len(stamp), x : x + len(stamp)]
        np.maximum(part, stamp[: part.shape[0], : part.shape[1]], out=part)
    return sheet


def _canvas(radius: int) -> tuple[Pillow.Image, ImageDraw.ImageDraw, int]:
    """Drawn four times as large, so that edges are smooth."""
    side = 8 * radius + 64
    image = Pillow.new("L", (side, side), 0)
    return image, ImageDraw.Draw(image), side // 2


def _reduced(image: Pillow.Image) -> Floats:
    drawn = np.asarray(image, np.float32) / 255
    return np.asarray(cv2.resize(drawn, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), np.float32)


def _ring(draw: ImageDraw.ImageDraw, middle: int, radii: tuple[float, float], width: float) -> None:
    box = (middle - radii[0], middle - radii[1], middle + radii[0], middle + radii[1])
    draw.ellipse(box, outline=255, width=max(1, int(width)))


def _letters_around(random: Random, image: Pillow.Image, middle: int, radii: tuple[float, float]) -> None:
    """Characters along the upper arc, feet towards the middle."""
    count, size = int(random.integers(8, 15)), int(0.3 * radii[1])
    face = font(CHINESE[int(random.integers(len(CHINESE)))], size)
    for number, letter in enumerate(characters(random, count)):
        angle = np.radians(-130 + 260 * number / max(1, count - 1))
        tile = Pillow.new("L", (2 * size, 2 * size), 0)
        ImageDraw.Draw(tile).text((size, size), letter, 255, face, anchor="mm")
        turned = tile.rotate(-float(np.degrees(angle)), Pillow.Resampling.BICUBIC)
        x, y = middle + 0.74 * radii[0] * np.sin(angle), middle - 0.74 * radii[1] * np.cos(angle)
        image.paste(255, (int(x) - size, int(y) - size), turned)


def _star(draw: ImageDraw.ImageDraw, middle: int, radius: float) -> None:
    angles = np.radians(-90 + 36 * np.arange(10))
    reach = np.where(np.arange(10) % 2 == 0, radius, 0.382 * radius)
    draw.polygon(
        [(middle + r * np.cos(a), middle + r * np.sin(a)) for a, r in zip(angles, reach, strict=True)],
        fill=255,
    )


def _round(random: Random, radius: int) -> Floats:
    image, draw, middle = _canvas(radius)
    outer = 4.0 * radius
    _ring(draw, middle, (outer, outer), outer * random.uniform(0.03, 0.06))
    _letters_around(random, image, middle, (outer, outer))
    _star(draw, middle, 0.3 * outer)
    if random.random() < 0.6:
        face = font(CHINESE[1], int(0.19 * outer))
        draw.text((middle, middle + 0.55 * outer), characters(random, 5), 255, face, anchor="mm")
    return _reduced(image)


def _oval(random: Random, radius: int) -> Floats:
    image, draw, middle = _canvas(radius)
    radii = (4.0 * radius, 4.0 * radius * random.uniform(0.6, 0.75))
    _ring(draw, middle, radii, radii[0] * random.uniform(0.02, 0.05))
    if random.random() < 0.4:
        _ring(draw, middle, (0.94 * radii[0], 0.92 * radii[1]), 0.015 * radii[0])
    _letters_around(random, image, middle, radii)
    draw.text(
        (middle, middle), characters(random, 7), 255, font(CHINESE[0], int(0.2 * radii[0])), anchor="mm"
    )
    return _reduced(image)


def _square(random: Random, radius: int) -> Floats:
    """A name seal, raised or sunk: four characters in a frame, or left white in a field."""
    image, draw, middle = _canvas(radius)
    half, sunk = 2.6 * radius, bool(random.random() < 0.4)
    box = (middle - half, middle - half, middle + half, middle + half)
    draw.rectangle(box, 255 if sunk else 0, 255, max(2, int(0.07 * half)))
    face = font(CHINESE[int(random.integers(len(CHINESE)))], int(0.82 * half))
    for number, letter in enumerate(characters(random, 4)):
        x, y = middle + half * (0.46 - 0.92 * (number // 2)), middle + half * (0.92 * (number % 2) - 0.46)
        draw.text((x, y), letter, 0 if sunk else 255, face, anchor="mm")
    return _reduced(image)


SEALS: dict[str, Callable[[Random, int], Floats]] = {"round": _round, "oval": _oval, "square": _square}


def _turned(stamp: Floats, degrees: float) -> Floats:
    side = len(stamp)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(stamp, turn, (side, side), flags=cv2.INTER_LINEAR), np.float32)


def _inked(random: Random, stamp: Floats, state: str) -> Floats:
    """How much ink came off: grain always, holes when worn, less when faint, one side when partial."""
    side = len(stamp)
    grain = 1 + 0.14 * _blobs(random, (side, side), 2) + 0.1 * _blobs(random, (side, side), 25)
    inked = stamp * np.clip(grain, 0.3, 1.3)
    if state == "worn":
        inked = inked * (_blobs(random, (side, side), 4) < random.uniform(0.9, 1.6))
    if state == "faint":
        inked = inked * random.uniform(0.22, 0.5)
    if state == "partial":
        y, x = np.mgrid[:side, :side] / side - 0.5
        turn = random.uniform(0, 2 * np.pi)
        inked = inked / (1 + np.exp(-(x * np.cos(turn) + y * np.sin(turn) + 0.2) * random.uniform(8, 20)))
    return np.asarray(cv2.GaussianBlur(inked.astype(np.float32), (0, 0), 0.6), np.float32)


def _blobs(random: Random, shape: tuple[int, int], size: float) -> Floats:
    """Smooth noise of unit spread with blobs of about so many pixels."""
    small = [max(2, int(side / size)) for side in shape]
    noise = random.standard_normal(small).astype(np.float32)
    return np.asarray(cv2.resize(noise, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


# Paper, light and camera -----------------------------------------------------------------


def _ornament(random: Random, size: tuple[int, int]) -> Floats:
    """A letterhead, a bar or a picture in the seal's colour; often none."""
    sheet = Pillow.new("L", size, 0)
    draw, chance = ImageDraw.Draw(sheet), random.random()
    if chance < 0.25:
        face = font(CHINESE[3], size[0] // 16)
        draw.text((size[0] / 2, 0.02 * size[1]), characters(random, 10), 255, face, anchor="ma")
        draw.line([(0.08 * size[0], 0.075 * size[1]), (0.92 * size[0], 0.075 * size[1])], 255, 4)
    elif chance < 0.45:
        draw.rectangle((0, 0, size[0], int(random.uniform(0.05, 0.12) * size[1])), 255)
    elif chance < 0.6:
        x, y, side = random.uniform(0, 0.6) * size[0], random.uniform(0.6, 0.8) * size[1], 0.3 * size[0]
        draw.rectangle((x, y, x + side, y + 0.6 * side), 255)
    return np.asarray(np.asarray(sheet) / 255, np.float32)


def _paper(random: Random, size: tuple[int, int]) -> Floats:
    tints = ((250, 250, 250), (244, 250, 250), (225, 240, 248), (228, 224, 245), (215, 222, 226))
    tint = np.array(tints[int(random.choice(5, p=[0.4, 0.3, 0.14, 0.06, 0.1]))], np.float32)
    fibres = 1.2 * _blobs(random, size[::-1], 2)
    return np.asarray(tint + fibres[:, :, None], np.float32)


def _light(random: Random, size: tuple[int, int]) -> Floats:
    """Falls off to a side; yellow now and then; shadows with soft rims, a little blue."""
    cols, rows = size
    y, x = np.mgrid[:rows, :cols].astype(np.float32) / max(size)
    turn = random.uniform(0, 2 * np.pi)
    even = 0.85 + random.uniform(0, 0.25) * (x * np.cos(turn) + y * np.sin(turn))
    lit = np.repeat(even[:, :, None], 3, axis=2) * random.uniform(0.75, 1.0)
    if random.random() < 0.35:
        lit = lit * np.array((random.uniform(0.55, 0.85), random.uniform(0.88, 0.97), 1.0))
    if random.random() < 0.4:
        cast = np.zeros((rows, cols), np.float32)
        corners = random.uniform((-0.3 * cols, -0.3 * rows), (1.3 * cols, 1.3 * rows), (4, 2))
        cv2.fillConvexPoly(cast, cv2.convexHull(corners.astype(np.int32)), 1.0)
        cast = np.asarray(cv2.GaussianBlur(cast, (0, 0), random.uniform(8, 60)), np.float32)
        lit = lit * (1 - cast[:, :, None] * random.uniform(0.15, 0.45) * np.array((0.9, 0.97, 1.0)))
    return np.asarray(lit, np.float32)


def _photograph(random: Random, scene: Floats) -> Picture:
    """A lens, with a little colour at its rims, a sensor's noise, and a camera's JPEG."""
    seen = cv2.GaussianBlur(scene, (0, 0), random.uniform(0.3, 0.9))
    zoom = 1 + random.uniform(-4e-4, 4e-4)
    rows, cols = seen.shape[:2]
    fringe = np.array([(zoom, 0, (1 - zoom) * cols / 2), (0, zoom, (1 - zoom) * rows / 2)])
    red = cv2.warpAffine(
        np.ascontiguousarray(seen[:, :, 2]), fringe, (cols, rows), borderMode=cv2.BORDER_REPLICATE
    )
    seen = np.dstack([seen[:, :, :2], red])
    noisy = seen + random.standard_normal(seen.shape) * random.uniform(0.5, 4)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(75, 96))]
    data = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8), quality)[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
