"""Stamped papers with known ink and seals.

Inks are filters laid over one another: what paper reflects is multiplied by what each lets
through. Seals are round, oval or square, worn, faint, half inked, from purplish to orange red or
from violet to cyan blue; pages carry letterheads and pictures in the seal's colour as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from synthetic.arrays import Floats, Image, Mask, Random, Size
from synthetic.documents.prose import KINDS, page
from synthetic.noise import clouds
from synthetic.scene.camera import lens, photograph
from synthetic.scene.light import cast
from synthetic.stamps import Die
from synthetic.text.typeface import Face, system_faces
from synthetic.text.words import characters

INKS = {
    "red": ((40, 35, 205), (70, 45, 190), (95, 30, 165), (45, 70, 220), (30, 30, 170), (60, 60, 225)),
    "blue": ((190, 70, 35), (150, 55, 45), (200, 110, 30), (175, 60, 75), (120, 45, 30), (215, 95, 60)),
}
"""BGR of full strokes on white paper: usual, purplish, orange, dark and bright ones."""
STATES = ("fresh", "worn", "faint", "partial")
PRINTS = ((25, 25, 25), (45, 45, 45), (20, 15, 20), (75, 70, 70))
PAPERS = ((250, 250, 250), (244, 250, 250), (225, 240, 248), (228, 224, 245), (215, 222, 226))


class Stamped(NamedTuple):
    """A photograph of a stamped page.

    Attributes
    ----------
    picture
        BGR.
    seal, ink
        Masks of the pixels that are more than half seal, or print.
    decoration
        Mask of a letterhead or picture in the seal's colour.
    colour, state
        One of `INKS` and of `STATES`.
    """

    picture: Image
    seal: Mask
    ink: Mask
    decoration: Mask
    colour: str
    state: str


def make_stamped(seed: int, size: Size = (1240, 1754), colour: str = "red") -> Stamped:
    """Return a page with one to three seals over its print; the same for the same arguments."""
    random = np.random.default_rng([seed, 23])
    state = STATES[seed % len(STATES)]
    kind = str(random.choice([kind for kind in KINDS if kind != "slip"]))
    drawn = page(random, kind, size)
    ornament = _ornament(random, size)
    bare = np.asarray(ornament <= 0, np.float32)
    ink, seal = (np.asarray(layer * bare, np.float32) for layer in (drawn / 255, _seals(random, size, state)))
    tint = np.array(PAPERS[int(random.choice(5, p=[0.4, 0.3, 0.14, 0.06, 0.1]))], np.float32)
    scene = tint + 1.2 * clouds(random, size, (size[0] / 2, size[1] / 2))[:, :, None]
    printed = PRINTS[int(random.integers(len(PRINTS)))]
    hues = [INKS[colour][int(random.integers(count))] for count in (len(INKS[colour]), 3)]
    for cover, through in ((ink, printed), (seal, hues[0]), (ornament, hues[1])):
        scene = np.asarray(scene * _through(cover, through), np.float32)
    picture = _photographed(random, np.asarray(scene * _light(random, size), np.float32))
    came_off = seal[seal > 0.02]
    half = 0.5 * max(0.2, float(np.percentile(came_off, 90))) if came_off.size else 1.0
    return Stamped(picture, seal > half, ink > 0.5, ornament > 0.5, colour, state)


def _through(cover: Floats, ink: tuple[int, int, int]) -> Floats:
    """Return the light that a layer of ink leaves which covers a part of each pixel, some of it thick."""
    colour = np.array(ink, np.float32) / 250
    thick = np.maximum(cover, 1)[:, :, None]
    part = np.minimum(cover, 1)[:, :, None]
    return np.asarray(1 - part + part * colour**thick, np.float32)


def _face(number: int) -> Face:
    faces = system_faces().chinese or system_faces().latin
    return faces[number % len(faces)]


def _seals(random: Random, size: Size, state: str) -> Floats:
    sheet = np.zeros(size[::-1], np.float32)
    for _ in range(int(random.integers(1, 4))):
        radius = int(random.uniform(0.08, 0.15) * size[0])
        side = 2 * radius + 16
        die = Die((side, side))
        SEALS[int(random.integers(len(SEALS)))](random, die, radius)
        turn = cv2.getRotationMatrix2D((side / 2, side / 2), random.normal() * 12, 1.0)
        stamp = _inked(random, np.asarray(cv2.warpAffine(die.cut(), turn, (side, side)), np.float32), state)
        y, x = (int(random.uniform(0.05, 0.95) * (length - side)) for length in size[::-1])
        part = sheet[y : y + side, x : x + side]
        np.maximum(part, stamp[: part.shape[0], : part.shape[1]], out=part)
    return sheet


def _around(random: Random, die: Die, radii: tuple[float, float]) -> None:
    """Set characters along the upper arc."""
    count = int(random.integers(8, 15))
    face = _face(int(random.integers(4)))
    letters = characters(random, count)
    die.letters(letters, face, 0.3 * radii[1], (0.74 * radii[0], 0.74 * radii[1]), 260 * count / (count - 1))


def _round(random: Random, die: Die, radius: float) -> None:
    die.ring((radius, radius), radius * random.uniform(0.03, 0.06))
    _around(random, die, (radius, radius))
    die.star(0, 0.3 * radius)
    if random.random() < 0.6:
        die.text((0, 0.55 * radius), characters(random, 5), _face(1), 0.19 * radius)


def _oval(random: Random, die: Die, radius: float) -> None:
    radii = (radius, radius * random.uniform(0.6, 0.75))
    die.ring(radii, radius * random.uniform(0.02, 0.05))
    if random.random() < 0.4:
        die.ring((0.94 * radius, 0.92 * radii[1]), 0.015 * radius)
    _around(random, die, radii)
    die.text((0, 0), characters(random, 7), _face(0), 0.2 * radius)


def _square(random: Random, die: Die, radius: float) -> None:
    """A name seal, raised or sunk: four characters in a frame, or left white in a field."""
    half = 0.65 * radius
    sunk = bool(random.random() < 0.4)
    die.frame((half, half), 0.07 * half, filled=sunk)
    face = _face(int(random.integers(4)))
    for number, letter in enumerate(characters(random, 4)):
        at = half * (0.46 - 0.92 * (number // 2)), half * (0.92 * (number % 2) - 0.46)
        die.text(at, letter, face, 0.82 * half, 0 if sunk else 255)


SEALS: tuple[Callable[[Random, Die, float], None], ...] = (_round, _oval, _square)


def _inked(random: Random, stamp: Floats, state: str) -> Floats:
    """Return how much ink came off: grain always, holes when worn, less when faint, one side when partial."""
    side = len(stamp)
    fine, rough = (clouds(random, (side, side), (side / pixels, side / pixels)) for pixels in (2, 25))
    inked = stamp * np.clip(1 + 0.14 * fine + 0.1 * rough, 0.3, 1.3)
    if state == "worn":
        inked *= clouds(random, (side, side), (side / 4, side / 4)) < random.uniform(0.9, 1.6)
    if state == "faint":
        inked *= np.float32(random.uniform(0.22, 0.5))
    if state == "partial":
        y, x = np.mgrid[:side, :side].astype(np.float32) / side - 0.5
        turn = random.uniform(0, 2 * np.pi)
        inked /= 1 + np.exp(-(x * np.cos(turn) + y * np.sin(turn) + 0.2) * random.uniform(8, 20))
    return lens(inked, 0.6)


def _ornament(random: Random, size: Size) -> Floats:
    """A letterhead, a bar or a picture in the seal's colour; often none."""
    (cols, rows) = size
    sheet = Pillow.new("L", size, 0)
    draw = ImageDraw.Draw(sheet)
    chance = random.random()
    if chance < 0.25:
        font = _face(3).at(cols // 16)
        draw.text((cols / 2, 0.02 * rows), characters(random, 10), 255, font, anchor="ma")
        draw.line([(0.08 * cols, 0.075 * rows), (0.92 * cols, 0.075 * rows)], 255, 4)
    elif chance < 0.45:
        draw.rectangle((0, 0, cols, int(random.uniform(0.05, 0.12) * rows)), 255)
    elif chance < 0.6:
        x = random.uniform(0, 0.6) * cols
        y = random.uniform(0.6, 0.8) * rows
        side = 0.3 * cols
        draw.rectangle((x, y, x + side, y + 0.6 * side), 255)
    return np.asarray(sheet, np.float32) / 255


def _light(random: Random, size: Size) -> Floats:
    """Falls off to a side; yellow now and then; shadows with soft rims, a little blue."""
    y, x = np.mgrid[: size[1], : size[0]].astype(np.float32) / max(size)
    turn = random.uniform(0, 2 * np.pi)
    even = 0.85 + random.uniform(0, 0.25) * (x * np.cos(turn) + y * np.sin(turn))
    lit = even[:, :, None] * random.uniform(0.75, 1.0) * np.ones(3)
    if random.random() < 0.35:
        lit *= np.array((random.uniform(0.55, 0.85), random.uniform(0.88, 0.97), 1.0))
    if random.random() < 0.4:
        soft = cast(random, size, (8, 60))[:, :, None]
        lit *= 1 - soft * random.uniform(0.15, 0.45) * np.array((0.9, 0.97, 1.0))
    return np.asarray(lit, np.float32)


def _photographed(random: Random, scene: Floats) -> Image:
    """Return the picture of a camera whose lens has a little colour at its rims."""
    sigma = random.uniform(0.3, 0.9)
    zoom = 1 + random.uniform(-4e-4, 4e-4)
    rows, cols = scene.shape[:2]
    fringe = np.array([(zoom, 0, (1 - zoom) * cols / 2), (0, zoom, (1 - zoom) * rows / 2)])
    red = cv2.warpAffine(scene[:, :, 2].copy(), fringe, (cols, rows), borderMode=cv2.BORDER_REPLICATE)
    return photograph(random, np.dstack([scene[:, :, :2], red]), sigma, (0.5, 4))
