"""Punched pages: two, three, four holes or a row, torn ones, any ground behind."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Floats, Image, Mask, Random, Size
from synthetic.documents.pages import Page, make_page
from synthetic.scene.camera import lens, photograph
from synthetic.scene.light import lamplight
from synthetic.scene.surfaces import plain_desk

PATTERNS = {
    "two": (80.0, 2, 3.0),
    "four": (80.0, 4, 3.0),
    "three": (108.0, 3, 4.0),
    "pairs": (70.0, 2, 2.75),
    "row": (9.5, 26, 2.75),
}
"""Pitch in millimetres, count, radius in millimetres: ISO 838, its four, US, 70 mm, loose leaf."""


class PunchedPage(NamedTuple):
    """A photographed page with holes, and what is true of it.

    Attributes
    ----------
    picture
        uint8 BGR.
    holes, ink
        Masks of no paper, and of print.
    centres, radius
        Of the holes, ``(n, 2)`` in pixels; n is 0 on a page without.
    bare
        float32 BGR, without holes and print.
    pattern
        Name in `PATTERNS` or "none".
    torn
        Number of torn holes, which are the first ones.
    """

    picture: Image
    holes: Mask
    ink: Mask
    centres: Floats
    radius: float
    bare: Floats
    pattern: str
    torn: int


def make_punched(seed: int, size: Size = (1240, 1754), pattern: str | None = None) -> PunchedPage:
    """Return a punched page; the same for the same arguments. `pattern` is one of `PATTERNS` or "none"."""
    random = np.random.default_rng([seed, 37])
    page = make_page(seed, size)
    pattern = pattern or str(random.choice(tuple(PATTERNS), p=[0.45, 0.2, 0.12, 0.13, 0.1]))
    centres, radius = _places(random, pattern, size, page.unit)
    torn = int(random.integers(1, 3)) if len(centres) and len(centres) < 5 and random.random() < 0.3 else 0
    cover = _cover(random, size, centres, radius, torn)
    light = lamplight(random, size)
    picture = _photographed(random, page, cover, radius, light)
    ink = page.ink & (lens(cover, 1.5) < 0.01)
    return PunchedPage(picture, cover > 0.5, ink, centres, radius, page.blank * light, pattern, torn)


def _places(random: Random, pattern: str, size: Size, unit: float) -> tuple[Floats, float]:
    """Return centres on one side, about its middle, and the radius."""
    if pattern == "none":
        return np.zeros((0, 2)), 0.0
    pitch, count, radius = PATTERNS[pattern]
    side = int(random.choice([0, 1, 2, 3], p=[0.45, 0.15, 0.3, 0.1]))
    length = (size[1], size[0])[side % 2] / unit
    while (count - 1) * pitch + 8 > length:
        count -= 1 if count > 4 else 2 if count == 4 else 1
    inset = random.uniform(9.5, 13.0) if radius * 2 > 5.6 else random.uniform(6, 12)
    along = length / 2 + (np.arange(count) - (count - 1) / 2) * pitch + random.normal() * 2
    across = inset + (along - length / 2) * np.tan(np.radians(random.normal() * 0.3))
    x, y = (across, along) if side % 2 == 0 else (along, across)
    x = size[0] / unit - x if side == 2 else x
    y = size[1] / unit - y if side == 3 else y
    return np.column_stack([x, y]) * unit - 0.5, radius * random.uniform(0.93, 1.08) * unit


def _cover(random: Random, size: Size, centres: Floats, radius: float, torn: int) -> Floats:
    """Return the share of each pixel that is hole; the first `torn` ones are torn."""
    cover = np.zeros(size[::-1], np.float32)
    for number, (x, y) in enumerate(centres):
        cv2.circle(cover, (round(x * 16), round(y * 16)), round(radius * 16), 1.0, -1, cv2.LINE_AA, 4)
        if number < torn:
            _tear(random, cover, (x, y), radius)
    return lens(cover, 0.5)


def _tear(random: Random, cover: Floats, centre: tuple[float, float], radius: float) -> None:
    """Rip the paper from the hole to the nearest border, or part of the way."""
    rows, cols = cover.shape
    x, y = centre
    ways = [(-x, 0.0), (0.0, -y), (cols - x, 0.0), (0.0, rows - y)]
    way = np.array(min(ways, key=lambda w: abs(w[0]) + abs(w[1])))
    far = 1.1 if random.random() < 0.7 else random.uniform(0.35, 0.7)
    aside = np.array([-way[1], way[0]]) / np.linalg.norm(way) * radius
    steps = np.linspace(0, 1, 9)[:, None]
    width = random.uniform(0.2, 0.8) + random.uniform(-0.15, 0.5) * steps
    middle, rough = np.array(centre) + way * far * steps, random.normal(size=(2, 9, 1)) * 0.08
    edges = [middle + sign * aside * (width + bump) for sign, bump in zip((-1, 1), rough, strict=True)]
    outline = np.concatenate([edges[0], edges[1][::-1]])
    cv2.fillPoly(cover, [np.rint(outline * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)


def _photographed(random: Random, page: Page, cover: Floats, radius: float, light: Floats) -> Image:
    """Return the page over black, a desk or another sheet."""
    ground = str(random.choice(("black", "desk", "sheet"), p=[0.3, 0.5, 0.2]))
    desk = plain_desk(random, (cover.shape[1], cover.shape[0])) * light
    under = {"black": 28 * light, "desk": desk, "sheet": 0.97 * page.blank * light}[ground]
    below = under * (1 - _shade(random, cover, radius, ground == "sheet"))[:, :, None]
    scene = page.picture * light * (1 - cover[:, :, None]) + below * cover[:, :, None]
    return photograph(random, scene, random.uniform(0.5, 1.1))


def _shade(random: Random, cover: Floats, radius: float, close: bool) -> Floats:
    """Return the shadow that a hole's rim throws on the ground; a sheet below has little but this."""
    if radius == 0:
        return cover
    direction = random.normal(size=2)
    shift = direction / np.linalg.norm(direction) * radius * random.uniform(0.12, 0.45)
    move = np.array([(1, 0, shift[0]), (0, 1, shift[1])])
    lit = cv2.warpAffine(cover, move, (cover.shape[1], cover.shape[0]))
    soft = cv2.GaussianBlur(lit, (0, 0), radius * random.uniform(0.06, 0.2))
    depth = random.uniform(0.3, 0.55) if close else random.uniform(0.2, 0.6)
    return np.asarray(0.06 + depth * (1 - soft), np.float32)
