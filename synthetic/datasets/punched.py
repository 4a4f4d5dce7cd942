"""Punched pages: two, three, four holes or a row, torn and cut, any ground behind; and printed discs."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Floats, Image, Mask, Random, Size
from synthetic.documents.pages import Page, make_page
from synthetic.scene.camera import lens, photograph
from synthetic.scene.light import lamplight
from synthetic.scene.surfaces import plain_desk
from synthetic.text.words import words

PATTERNS = {
    "two": (80.0, 2, 3.0),
    "four": (80.0, 4, 3.0),
    "three": (108.0, 3, 4.0),
    "pairs": (70.0, 2, 2.75),
    "row": (9.5, 26, 2.75),
}
"""Pitch in millimetres, count, radius in millimetres: ISO 838, its four, US, 70 mm, loose leaf."""
BINDINGS = {"wire 2:1": (12.7, 23, 2.7), "wire 3:1": (8.467, 34, 2.0), "coil": (6.35, 46, 2.0)}
"""The same of bound pages: twin loop wire, whose holes are square with half such a side, and spiral coil."""
UNPUNCHED = ("none", "marks", "cut")
"""Pages without holes: any, with the timing marks of a form along a side, and cut through their print."""
_SQUARE = ("wire 2:1", "wire 3:1")


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
        Name in `PATTERNS`, `BINDINGS` or `UNPUNCHED`.
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
    """Return a punched page; the same for the same arguments.

    Parameters
    ----------
    pattern
        One of `PATTERNS` or `BINDINGS`, or one of `UNPUNCHED`.
    """
    random = np.random.default_rng([seed, 37])
    page = make_page(seed, size)
    pattern = pattern or str(random.choice(tuple(PATTERNS), p=[0.45, 0.2, 0.12, 0.13, 0.1]))
    centres, radius = _places(random, pattern, size, page.unit)
    page = _with_discs(random, page)
    if pattern == "marks":
        page = _with_marks(random, page)
    if len(centres):
        page = _beside(random, page, centres, radius, 0.5 if pattern in BINDINGS else 0.2)
    torn = int(random.integers(1, len(centres) + 1)) if 0 < len(centres) < 5 and random.random() < 0.4 else 0
    cover = _cover(random, size, (centres, radius, pattern in _SQUARE), torn)
    light = lamplight(random, size)
    picture = _photographed(random, page, cover, radius, light)
    ink = page.ink & (lens(cover, 1.5) < 0.01)
    seen = np.s_[:, _cut(random, size[0]) if pattern == "cut" else slice(None)]
    bare = np.minimum(page.blank * light, 255)
    planes = picture[seen], (cover > 0.5)[seen], ink[seen], centres, radius, bare[seen]
    return PunchedPage(*planes, pattern, torn)


def _cut(random: Random, cols: int) -> slice:
    """Return the columns of a page that a crop leaves which cuts off its left or its right side."""
    deep = round(random.uniform(0.06, 0.2) * cols)
    return slice(deep, None) if random.random() < 0.5 else slice(None, -deep)


def _places(random: Random, pattern: str, size: Size, unit: float) -> tuple[Floats, float]:
    """Return centres on one side, about its middle, and the radius."""
    if pattern in UNPUNCHED:
        return np.zeros((0, 2)), 0.0
    pitch, count, radius = (PATTERNS | BINDINGS)[pattern]
    side = int(random.choice([0, 1, 2, 3], p=[0.45, 0.15, 0.3, 0.1]))
    length = (size[1], size[0])[side % 2] / unit
    while (count - 1) * pitch + 8 > length:
        count -= 1 if count > 4 else 2 if count == 4 else 1
    inset = random.uniform(9.5, 13.0) if radius * 2 > 5.6 else random.uniform(6, 12)
    inset -= 2.5 * (pattern in BINDINGS)
    if random.random() < 0.1:
        # A crop that is too tight cuts them.
        inset = radius * random.uniform(0.35, 1.2)
    along = length / 2 + (np.arange(count) - (count - 1) / 2) * pitch + random.normal() * 2
    across = inset + (along - length / 2) * np.tan(np.radians(random.normal() * 0.3))
    x, y = (across, along) if side % 2 == 0 else (along, across)
    x = size[0] / unit - x if side == 2 else x
    y = size[1] / unit - y if side == 3 else y
    return np.column_stack([x, y]) * unit - 0.5, radius * random.uniform(0.93, 1.08) * unit


def _with_discs(random: Random, page: Page) -> Page:
    """Return the page with printed discs and rings along its sides, or a column of bullets."""
    if random.random() < 0.5:
        return page
    picture = page.picture.copy()
    ink = page.ink.copy()
    reach = random.uniform(0.8, 2.3)
    filled = random.random() < 0.6
    dark = int(random.integers(10, 150))
    places = _scattered(random, picture.shape, page.unit)
    if random.random() < 0.4:
        places = _column(random, picture.shape, page.unit)
    else:
        reach = random.uniform(1.0, 4.5)
    rule = -1 if filled else max(1, round(random.uniform(0.2, 0.7) * page.unit))
    for place in np.rint(places * 16).astype(int).tolist():
        for plane, ink_level in ((picture, (dark,) * 3), (ink, (1,))):
            target = plane.view(np.uint8)
            cv2.circle(target, place, round(reach * page.unit * 16), ink_level, rule, cv2.LINE_AA, 4)
    return page._replace(picture=picture, ink=ink)


def _scattered(random: Random, shape: tuple[int, ...], unit: float) -> Floats:
    """Return a few places in the band along the sides."""
    places = random.uniform(0, 1, (int(random.integers(1, 7)), 2)) * (shape[1], shape[0])
    for place in places:
        axis = int(random.integers(2))
        place[axis] = abs(random.choice([0, shape[1 - axis]]) - random.uniform(4, 16) * unit)
    return places


def _column(random: Random, shape: tuple[int, ...], unit: float) -> Floats:
    """Return places of the bullets of a list, or of marks that a reader counts, along the left or right."""
    pitch = random.uniform(5, 14) * unit
    first, last = np.sort(random.uniform(0.03, 0.97, 2)) * shape[0]
    along = np.arange(first, last, pitch)
    x = random.uniform(6, 18) * unit
    return np.column_stack([np.full(len(along), x if random.random() < 0.6 else shape[1] - x), along])


def _with_marks(random: Random, page: Page) -> Page:
    """Return the page with the black squares along a side by which a reader finds a form's lines."""
    picture = page.picture.copy()
    ink = page.ink.copy()
    side = random.uniform(3, 5.5)
    pitch = random.uniform(6, 14)
    length = picture.shape[0] / page.unit
    along = np.arange(random.uniform(6, 30), length - 6, max(pitch, 1.5 * side))
    inset = random.uniform(5, 14) if random.random() < 0.6 else picture.shape[1] / page.unit - 10
    for y in along:
        corners = np.array([(inset, y), (inset + side, y + side)]) - side / 2
        first, last = np.rint(corners * page.unit).astype(int).tolist()
        box = np.s_[max(0, first[1]) : last[1], max(0, first[0]) : last[0]]
        picture[box] = 25
        ink[box] = True
    return page._replace(picture=picture, ink=ink)


def _beside(random: Random, page: Page, centres: Floats, radius: float, near: float) -> Page:
    """Return the page with what lies about its holes: rings that strengthen them, print up to their rim.

    Print does so with a chance of `near`.
    """
    picture = page.picture.copy()
    ink = page.ink.copy()
    if random.random() < 0.15:
        ring = np.zeros(ink.shape, np.float32)
        share = np.float32(random.uniform(0.5, 1.0))
        for x, y in centres:
            cv2.circle(ring, (round(x), round(y)), round(radius * 2.2), 1.0, -1, cv2.LINE_AA)
        colour = np.clip(page.blank + random.uniform(-16, 12), 0, 255)
        rim = np.abs(lens(ring, 1.2) - ring)[:, :, None] * random.uniform(0, 40)
        mixed = picture * (1 - share * ring[:, :, None]) + colour * share * ring[:, :, None] - rim
        picture = np.clip(mixed, 0, 255).astype(np.uint8)
        ink = ink & (ring < 0.5)
    if random.random() < near:
        for x, y in centres:
            at = (round(x + random.uniform(-4, 1.5) * radius), round(y + random.uniform(-2, 3) * radius))
            line = words(random, 14)
            size = radius * random.uniform(0.02, 0.06)
            for plane in (picture, ink.view(np.uint8)):
                cv2.putText(plane, line, at, 0, size, (30, 30, 30) if plane is picture else 1, 2, cv2.LINE_8)
    return page._replace(picture=picture, ink=ink)


def _cover(random: Random, size: Size, punch: tuple[Floats, float, bool], torn: int) -> Floats:
    """Return the share of each pixel that is hole, of a punch's centres, radius and squareness.

    The first `torn` ones are torn.
    """
    cover = np.zeros(size[::-1], np.float32)
    centres, radius, square = punch
    for number, (x, y) in enumerate(centres):
        if square:
            _lay_square(cover, (x, y), radius)
            continue
        cv2.circle(cover, (round(x * 16), round(y * 16)), round(radius * 16), 1.0, -1, cv2.LINE_AA, 4)
        if number < torn:
            _tear(random, cover, (x, y), radius)
    return lens(cover, 0.5)


def _lay_square(cover: Floats, centre: tuple[float, float], half: float) -> None:
    """Punch a square with corners a little round."""
    middle = np.array(centre)
    inner = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * 0.8 * half
    corners = np.rint((middle + inner) * 16).astype(np.int32)
    cv2.fillPoly(cover, [corners], 1.0, cv2.LINE_AA, 4)
    cv2.polylines(cover, [corners], True, 1.0, max(1, round(0.4 * half)), cv2.LINE_AA, 4)


def _tear(random: Random, cover: Floats, centre: tuple[float, float], radius: float) -> None:
    """Rip the paper from the hole to the nearest border, or part of the way: a slit, a slot or a wedge."""
    rows, cols = cover.shape
    x, y = centre
    ways = [(-x, 0.0), (0.0, -y), (cols - x, 0.0), (0.0, rows - y)]
    way = np.array(min(ways, key=lambda w: abs(w[0]) + abs(w[1])))
    far = 1.1 if random.random() < 0.8 else random.uniform(0.35, 0.7)
    aside = np.array([-way[1], way[0]]) / np.linalg.norm(way) * radius
    way = way + aside * random.normal() * 0.6
    steps = np.linspace(0, 1, 9)[:, None]
    slot = random.random() < 0.25
    width = 1.0 + 0 * steps if slot else random.uniform(0.05, 1.1) + random.uniform(-0.2, 1.2) * steps
    middle = np.array(centre) + way * far * steps
    rough = random.normal(size=(2, 9, 1)) * (0.02 if slot else 0.08)
    edges = [middle + sign * aside * (width + bump) for sign, bump in zip((-1, 1), rough, strict=True)]
    outline = np.concatenate([edges[0], edges[1][::-1]])
    cv2.fillPoly(cover, [np.rint(outline * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)


def _photographed(random: Random, page: Page, cover: Floats, radius: float, light: Floats) -> Image:
    """Return the page over black, a desk, another sheet or a desk as light as paper."""
    ground = str(random.choice(("black", "desk", "sheet", "pale"), p=[0.28, 0.42, 0.15, 0.15]))
    desk = plain_desk(random, (cover.shape[1], cover.shape[0])) * light
    pale = np.clip(page.blank + random.uniform(-30, 12) + random.normal(size=3) * 4, 0, 255) * light
    under = {"black": 28 * light, "desk": desk, "sheet": 0.97 * page.blank * light, "pale": pale}[ground]
    below = under * (1 - _shade(random, cover, radius, ground in ("sheet", "pale")))[:, :, None]
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
