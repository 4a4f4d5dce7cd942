"""Punched pages: two, three, four holes or a row, torn ones, any ground behind. SYNTHETIC, seeded."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.documents.pages import Page, make_page
from synthetic.scene import imaging

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float64]
Random = np.random.Generator

PATTERNS = {
    "two": (80.0, 2, 3.0),
    "four": (80.0, 4, 3.0),
    "three": (108.0, 3, 4.0),
    "pairs": (70.0, 2, 2.75),
    "row": (9.5, 26, 2.75),
}
"""Pitch in millimetres, count, radius in millimetres: ISO 838, its four, US, 70 mm, loose leaf."""


@dataclass(frozen=True, eq=False)
class PunchedPage:
    """A photographed page with holes, and what is true of it.

    Attributes
    ----------
    picture
        uint8 BGR.
    holes
        bool: where there is no paper.
    centres, radius
        Of the holes, ``(n, 2)`` in pixels; n is 0 on a page without.
    ink
        bool: where something is printed.
    clean, bare
        float32 BGR, without holes; `bare` also without print.
    pattern, ground
        Name in `PATTERNS` or "none"; what is seen through the holes.
    torn
        How many of the holes, the first ones, are torn.
    """

    picture: Picture
    holes: Mask
    centres: Points
    radius: float
    ink: Mask
    clean: Floats
    bare: Floats
    pattern: str
    ground: str
    torn: int


def make_punched(seed: int, size: tuple[int, int] = (1240, 1754), pattern: str | None = None) -> PunchedPage:
    """A punched page; the same for the same arguments. `pattern` is one of `PATTERNS` or "none"."""
    random = np.random.default_rng([seed, 37])
    page = make_page(seed, size)
    chosen = pattern or str(random.choice(tuple(PATTERNS), p=[0.45, 0.2, 0.12, 0.13, 0.1]))
    centres, radius = _places(random, chosen, size, page.unit)
    torn = int(random.integers(1, 3)) if len(centres) and len(centres) < 5 and random.random() < 0.3 else 0
    cover = _cover(random, size, centres, radius, torn)
    return _punched(random, page, (centres, radius, torn), cover, chosen)


def _places(random: Random, pattern: str, size: tuple[int, int], unit: float) -> tuple[Points, float]:
    """Centres on one side, about its middle, and the radius."""
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
    flipped = (length, size[side % 2 == 1] / unit)
    x, y = (across, along) if side % 2 == 0 else (along, across)
    x = size[0] / unit - x if side == 2 else x
    y = size[1] / unit - y if side == 3 else y
    assert flipped[0] > 0
    return np.column_stack([x, y]) * unit - 0.5, radius * random.uniform(0.93, 1.08) * unit


def _cover(random: Random, size: tuple[int, int], centres: Points, radius: float, torn: int) -> Floats:
    """Share of each pixel that is hole; the first `torn` ones are torn."""
    cover = np.zeros((size[1], size[0]), np.float32)
    for number, (x, y) in enumerate(centres):
        place = (round(x * 16), round(y * 16))
        cv2.circle(cover, place, round(radius * 16), 1.0, -1, cv2.LINE_AA, 4)
        if number < torn:
            _tear(random, cover, (x, y), radius)
    return cv2.GaussianBlur(cover, (0, 0), 0.5) if len(centres) else cover  # type: ignore[return-value]


def _tear(random: Random, cover: Floats, centre: tuple[float, float], radius: float) -> None:
    """Rip the paper from the hole to the nearest border, or part of the way."""
    rows, cols = cover.shape
    x, y = centre
    ways = [(-x, 0.0), (0.0, -y), (cols - x, 0.0), (0.0, rows - y)]
    way = np.array(min(ways, key=lambda w: abs(w[0]) + abs(w[1])))
    length = np.linalg.norm(way)
    far = 1.1 if random.random() < 0.7 else random.uniform(0.35, 0.7)
    aside = np.array([-way[1], way[0]]) / length * radius
    steps = np.linspace(0, 1, 9)[:, None]
    width = random.uniform(0.2, 0.8) + random.uniform(-0.15, 0.5) * steps
    edges = [
        np.array(centre) + way * far * steps + sign * aside * (width + random.normal(size=(9, 1)) * 0.08)
        for sign in (-1, 1)
    ]
    outline = np.concatenate([edges[0], edges[1][::-1]])
    cv2.fillPoly(cover, [np.rint(outline * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)


def _punched(
    random: Random, page: Page, holes: tuple[Points, float, int], cover: Floats, pattern: str
) -> PunchedPage:
    centres, radius, torn = holes
    size = (cover.shape[1], cover.shape[0])
    light = imaging.lamp(random, size)
    ground = str(random.choice(("black", "desk", "sheet"), p=[0.3, 0.5, 0.2]))
    blank = np.median(page.picture[~page.ink], axis=0).astype(np.float32)
    clean, bare = page.picture * light, blank * light
    under = {
        "black": np.full_like(clean, 28),
        "desk": imaging.desk(random, size),
        "sheet": blank * 0.97 + 0 * clean,
    }
    shade = _shade(random, cover, radius, ground == "sheet")
    below = under[ground] * light * (1 - shade)[:, :, None]
    scene = clean * (1 - cover[:, :, None]) + below * cover[:, :, None]
    ink = page.ink & (imaging.lens(cover, 1.5) < 0.01)
    sigma = random.uniform(0.5, 1.1)
    picture = imaging.photograph(random, scene, sigma)
    clean = imaging.lens(clean, sigma)
    return PunchedPage(
        picture, cover > 0.5, centres, radius, ink, clean, bare, pattern, ground if radius else "none", torn
    )


def _shade(random: Random, cover: Floats, radius: float, close: bool) -> Floats:
    """How much darker the ground is in the shadow of the hole's rim; a sheet below has little but this."""
    if radius == 0:
        return cover
    direction = random.normal(size=2)
    shift = direction / np.linalg.norm(direction) * radius * random.uniform(0.12, 0.45)
    move = np.array([(1, 0, shift[0]), (0, 1, shift[1])])
    lit = cv2.warpAffine(cover, move, (cover.shape[1], cover.shape[0]))
    soft = cv2.GaussianBlur(lit, (0, 0), radius * random.uniform(0.06, 0.2))
    depth = random.uniform(0.3, 0.55) if close else random.uniform(0.2, 0.6)
    return np.asarray(0.06 + depth * (1 - soft), np.float32)
