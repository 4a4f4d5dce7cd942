"""Pictures that are a page already: born-digital ones, and such as a flatbed gives them.

The sheet reaches the picture's border, or lies a little turned on a white bed. A crop of it may at most take
the bed away.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image as Pillow

from synthetic.arrays import Corners, Floats, Image, Mask, Random, Size
from synthetic.documents.born_digital import PRINTED
from synthetic.documents.designed import DESIGNED
from synthetic.documents.figures import BLACK
from synthetic.documents.pages import PAPERS, Room
from synthetic.documents.pen import Pen
from synthetic.documents.screens import SCREENS
from synthetic.noise import smooth_noise
from synthetic.scene import light
from synthetic.scene.camera import compressed, lens, photograph

SHEETS = {**PRINTED, **SCREENS, **DESIGNED}
KINDS = tuple(SHEETS)
PICTURED = ("scenery", "poster", "brochure", "magazine", "comic", "map", "still life")
"""Kinds that are no print on one plain ground."""
ARRIVALS = ("digital", "straight", "turned", "on the bed")
"""As the computer made it; scanned; scanned turned, its corners cut off or kept; smaller than the bed."""
_TALL: tuple[Size, ...] = ((1240, 1754), (827, 1170), (1275, 1650), (1654, 2339), (600, 850))
_WIDE: tuple[Size, ...] = ((1754, 1240), (1280, 720), (1920, 1080), (1366, 768), (1024, 768))
_OTHERS: dict[str, tuple[Size, ...]] = {
    "slip": ((640, 1500), (576, 1100), (800, 1300), (480, 1400)),
    "cheque": ((1700, 760), (1400, 640), (2000, 860)),
    **dict.fromkeys(("screenshot", "dark window", "slide", "scenery", "editor"), _WIDE),
    **dict.fromkeys(("spreadsheet", "web page", "map", "still life"), (*_TALL[:3], *_WIDE)),
    **dict.fromkeys(("certificate", "drawing"), (*_TALL[:3], *_WIDE[:1])),
}


class WholePage(NamedTuple):
    """A picture that is one page.

    Attributes
    ----------
    picture
        uint8 BGR.
    sheet
        Corners of the sheet, which may lie outside of the picture.
    ink
        bool ``(rows, cols)``: where something is printed; nowhere on what is all picture.
    kind, arrival
        One of `KINDS` and of `ARRIVALS`.
    """

    picture: Image
    sheet: Corners
    ink: Mask
    kind: str
    arrival: str


def make_whole_page(seed: int, kind: str | None = None, scale: float = 1.0) -> WholePage:
    """Return a page; the same for the same arguments, on one machine's fonts.

    Parameters
    ----------
    kind
        One of `KINDS`; by default one after the other.
    scale
        Size against that of a page for people, which takes longer.
    """
    random = np.random.default_rng([seed, 53])
    kind = kind or KINDS[seed % len(KINDS)]
    drawn, plain = _drawn(random, kind, scale)
    ink = np.zeros(drawn.shape[:2], bool)
    if plain:
        colours, counts = np.unique(drawn[::7, ::7].reshape(-1, 3), axis=0, return_counts=True)
        ground = colours[counts.argmax()].astype(float)
        ink = cv2.inRange(drawn, ground - 60, ground + 60) == 0
    arrival = str(random.choice(ARRIVALS, p=(0.25, 0.25, 0.35, 0.15)))
    if arrival == "digital":
        return WholePage(drawn, _corners(drawn), ink, kind, arrival)
    matrix, size = _pose(random, drawn.shape, arrival)
    sheet = cv2.perspectiveTransform(_corners(drawn)[None], matrix)[0]
    picture = _scanned(random, _bedded(random, drawn, matrix, size))
    seen = cv2.warpAffine(ink.astype(np.uint8), matrix[:2], size, flags=cv2.INTER_NEAREST)
    return WholePage(picture, np.asarray(sheet, np.float64), seen > 0, kind, arrival)


def photographed(page: WholePage, seed: int) -> WholePage:
    """Return a page as a camera sees it that is too near to see its edges."""
    random = np.random.default_rng([seed, 79])
    rows, cols = page.picture.shape[:2]
    left, top, right, bottom = (random.uniform(0, 0.07, 4) * (cols, rows, cols, rows)).astype(int).tolist()
    part = (slice(top, rows - bottom), slice(left, cols - right))
    lit = light.uneven(random, page.picture[part].astype(np.float32) * np.float32(random.uniform(0.6, 1)))
    picture = photograph(random, lit, random.uniform(0.4, 1.4), (0.5, 5), (55, 96))
    ink = np.ascontiguousarray(page.ink[part])
    return page._replace(picture=picture, ink=ink, sheet=page.sheet - np.array([left, top]))


def _drawn(random: Random, kind: str, scale: float) -> tuple[Image, bool]:
    """Return a sheet as a printer would get it, BGR, and whether it is print on plain paper."""
    sizes = _OTHERS.get(kind, _TALL)
    chosen = sizes[int(random.integers(len(sizes)))]
    size = (round(scale * chosen[0]), round(scale * chosen[1]))
    sheet = Pillow.new("RGB", size, (255, 255, 255))
    pen = Pen(random, sheet, BLACK)
    long = {"slip": 140.0, "cheque": 180.0}.get(kind, 297.0)
    unit = max(size) / long
    chinese = bool(random.random() < 0.5) and bool(pen.faces.chinese)
    SHEETS[kind](Room(pen, 0, 0, size[0], size[1], unit, chinese))
    drawn = np.ascontiguousarray(np.asarray(sheet)[:, :, ::-1])
    if kind in SCREENS or kind in DESIGNED:
        return drawn, kind not in PICTURED
    return np.asarray(cv2.multiply(drawn, (*_paper(random), 255), scale=1 / 255), np.uint8), True


def _paper(random: Random) -> tuple[int, int, int]:
    if random.random() < 0.6:
        return 255, 255, 255
    return PAPERS[str(random.choice([name for name in PAPERS if name != "brown"]))]


def _corners(picture: Image) -> Corners:
    rows, cols = picture.shape[:2]
    return np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float64) - 0.5


def _pose(random: Random, shape: tuple[int, ...], arrival: str) -> tuple[Floats, Size]:
    """Return where the sheet's pixels come to lie, and the size of the picture."""
    rows, cols = shape[:2]
    degrees = 0.0 if arrival == "straight" else float(random.normal() * 2)
    scale = float(random.uniform(0.7, 1.0))
    grown = random.uniform(1.02, 1.4, 2) if arrival == "on the bed" else np.ones(2)
    width, height = (scale * grown * (cols, rows)).round().astype(int).tolist()
    room = np.array([width, height]) - scale * np.array([cols, rows])
    turn = np.array(cv2.getRotationMatrix2D(((cols - 1) / 2, (rows - 1) / 2), degrees, scale), np.float64)
    if arrival == "turned" and random.random() < 0.5:
        cos = abs(np.cos(np.radians(degrees)))
        sin = abs(np.sin(np.radians(degrees)))
        width = round(scale * (cols * cos + rows * sin))
        height = round(scale * (cols * sin + rows * cos))
    turn[:, 2] += np.array([width, height]) / 2 - np.array([cols, rows]) / 2
    turn[:, 2] += random.uniform(-0.5, 0.5, 2) * np.maximum(room, 0)
    return np.vstack([turn, (0.0, 0.0, 1.0)]), (width, height)


def _bedded(random: Random, drawn: Image, matrix: Floats, size: Size) -> Floats:
    """Lay a sheet on a white bed, its edge seen by a faint shadow, or not at all."""
    bed = float(random.choice([255.0, random.uniform(232, 254)]))
    smooth = lens(drawn.astype(np.float32), 0.5)
    page = cv2.warpAffine(smooth, matrix[:2], size, flags=cv2.INTER_AREA)
    cover = cv2.warpAffine(np.ones(drawn.shape[:2], np.float32), matrix[:2], size)
    picture = bed * (1 - cover[:, :, None]) + page * cover[:, :, None]
    if random.random() < 0.4:
        soft = cv2.GaussianBlur(cover, (0, 0), random.uniform(1, 5))
        moved = np.roll(soft, random.integers(-3, 4, 2), axis=(0, 1))
        picture *= (1 - random.uniform(0.05, 0.4) * moved * (1 - cover))[:, :, None]
    return np.asarray(picture, np.float32)


def _scanned(random: Random, page: Floats) -> Image:
    """Return a page as a scanner gives it: lamp, lens, noise, shadow at a border; grey or black and white."""
    rows, cols = page.shape[:2]
    lamp = 1 - random.uniform(0, 0.06) * (0.5 + 0.5 * smooth_noise(random, (cols, rows), (2, 3)))
    y, x = np.mgrid[-1.0 : 1.0 : rows * 1j, -1.0 : 1.0 : cols * 1j].astype(np.float32)
    lamp = lamp * (1 - random.uniform(0, 0.12) * float(random.random() < 0.4) * (x * x + y * y) / 2)
    if random.random() < 0.25:
        lamp = lamp * _border_shadow(random, (x, y)[int(random.integers(2))])
    lit = lens(np.asarray(page * lamp[:, :, None], np.float32), random.uniform(0.3, 1.1))
    noisy = lit + random.standard_normal(lit.shape, np.float32) * np.float32(random.uniform(0.3, 4))
    style = random.random()
    if style < 0.2:
        noisy = np.repeat(noisy.mean(axis=2, keepdims=True), 3, axis=2)
    elif style < 0.28:
        noisy = np.where(noisy.mean(axis=2, keepdims=True) > 140, 255.0, 0.0) + np.zeros(3)
    return compressed(random, np.asarray(noisy, np.float32), (55, 96))


def _border_shadow(random: Random, axis: Floats) -> Floats:
    """Shade towards one side, as of a book's gutter or a lid that does not close."""
    away = 1 + axis * random.choice([-1.0, 1.0])
    depth = random.uniform(0.1, 0.7)
    reach = random.uniform(0.01, 0.06)
    return np.asarray(1 - depth * np.exp(-away / reach), np.float32)
