"""Pictures to learn the layers of a page from: text, printed photographs and fields, in all lights, on desks.

Each is composed of made pages of text and of licensed photographs (``"fit": true`` of the collected ones), so
that it is known pixel by pixel what is paper, picture, field, and ground beyond the page.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.layers import Layer
from lab import collected
from synthetic.documents import prose
from synthetic.noise import blurred_noise, smooth_noise
from synthetic.scene.light import shadow

Image = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Random = np.random.Generator

SIDE = 384
"""Long side in pixels of a picture as the net sees it."""
DRAWN = 640
"""Long side in pixels at which a page is composed."""
TEXTS = 160
"""Made pages of text that print is taken from."""
TEXT_SIZE = (1240, 1754)
"""Columns and rows of such a page."""
PHOTOGRAPH_SIDE = 900
"""Long side in pixels to which photographs are reduced."""
THICK = 13
"""Width in pixels from which a stroke of a page as it is composed is an even field, not print on paper."""
GAMMA = 2.2
"""Exponent from levels to linear light."""


@dataclass(frozen=True, slots=True, eq=False)
class PageStock:
    """Material of the pictures.

    Attributes
    ----------
    texts
        Share of ink, uint8 ``(rows, cols)``, of made pages.
    photographs
        uint8 BGR; also the grounds that pages lie on.
    grounds
        uint8 BGR of desks and rooms without a document.
    """

    texts: Sequence[Image]
    photographs: Sequence[Image]
    grounds: Sequence[Image]


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """A picture, uint8 BGR, and the layer of each pixel, uint8 of `Layer`."""

    picture: Image
    layers: Image


def gather(folder: Path | None = None) -> PageStock:
    """Draw the texts, and read the photographs that may be learned from."""
    texts = [_text(seed) for seed in range(TEXTS)]
    photographs = []
    grounds = []
    where = folder or collected.default_folder()
    for manifest in (collected.MANIFEST, collected.HANDS):
        for entry in json.loads(manifest.read_text(encoding="utf-8")):
            path = where / entry["file"]
            if not entry["fit"] or entry["half"] != "open" or not path.is_file():
                continue
            picture = cv2.imread(str(path))
            if picture is None:
                continue
            if entry.get("class") == "negative":
                grounds.append(_reduced(picture, PHOTOGRAPH_SIDE))
            elif entry.get("class") != "whole":
                photographs.append(_reduced(picture, PHOTOGRAPH_SIDE))
    return PageStock(texts, photographs + grounds, grounds)


def _text(seed: int) -> Image:
    """Return the coverage of a made page of text."""
    kinds = tuple(prose.KINDS)
    drawn = prose.page(np.random.default_rng([seed, 771]), kinds[seed % len(kinds)], TEXT_SIZE)
    return _reduced(drawn, 1300)


def _reduced(picture: cv2.typing.MatLike, side: int) -> Image:
    factor = min(1.0, side / max(picture.shape[:2]))
    return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


def compose(random: Random, stock: PageStock) -> Composed:
    """Compose one picture."""
    reflectance, layers = _page(random, stock)
    if random.random() < 0.45:
        reflectance, layers = _on_ground(random, stock, reflectance, layers)
    picture = _photographed(random, reflectance)
    factor = SIDE / max(layers.shape)
    size = (max(32, round(layers.shape[1] * factor)), max(32, round(layers.shape[0] * factor)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    noisy = small + random.uniform(0.3, 3.5) * random.standard_normal(small.shape, np.float32)
    levels = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    if random.random() < 0.5:
        quality = int(random.integers(55, 96))
        coded = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        levels = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return Composed(levels, np.asarray(cv2.resize(layers, size, interpolation=cv2.INTER_NEAREST), np.uint8))


# The page ------------------------------------------------------------------------------


def _page(random: Random, stock: PageStock) -> tuple[Floats, Image]:
    """Return the reflectance of a page, float32 BGR 0..1, and its layers."""
    long = DRAWN
    short = round(DRAWN * float(random.choice((0.63, 0.707, 0.707, 0.75, 0.9))))
    rows, cols = (long, short) if random.random() < 0.7 else (short, long)
    white = np.float32(random.uniform(0.88, 1.0))
    reflectance = np.full((rows, cols, 3), white, np.float32)
    reflectance *= 1 - random.uniform(0, 0.04, 3).astype(np.float32) * np.float32(random.random() < 0.5)
    layers = np.full((rows, cols), Layer.PAPER, np.uint8)
    kind = random.random()
    if kind < 0.09:
        _colour_paper(random, reflectance, layers)
    elif kind < 0.2:
        _cover(random, stock, reflectance, layers)
    else:
        _print_fields(random, reflectance, layers)
    if random.random() < 0.6:
        for _ in range(int(random.integers(1, 6))):
            _printed_photograph(random, stock, reflectance, layers)
    if random.random() < 0.93:
        _write(random, stock, reflectance, layers)
    if random.random() < 0.15:
        _highlight(random, reflectance, layers)
    if random.random() < 0.07:
        _note(random, stock, reflectance, layers)
    return reflectance, layers


def _colour_paper(random: Random, reflectance: Floats, layers: Image) -> None:
    """Take coloured paper, as of copies and forms, or a certificate's engraved ground."""
    _paint(reflectance, layers, np.ones(layers.shape, np.bool_), _pale(random, 0.45, 0.9), Layer.FIELD)
    if random.random() < 0.4:
        _engrave(random, reflectance)


def _print_fields(random: Random, reflectance: Floats, layers: Image) -> None:
    """Print fields, and now and then a table, on white paper."""
    for _ in range(int(random.choice((0, 0, 1, 2, 3, 5)))):
        _field(random, reflectance, layers)
    if random.random() < 0.4:
        _table(random, reflectance, layers)


def _paint(
    reflectance: Floats, layers: Image, mask: npt.NDArray[np.bool_], colour: Floats, layer: Layer
) -> None:
    reflectance[mask] *= colour
    layers[mask] = layer


def _pale(random: Random, least: float, most: float) -> Floats:
    """Return reflectances of a colour: its brightest channel is hardly dimmed."""
    hue = random.random(3)
    hue = (hue - hue.min()) / max(hue.max() - hue.min(), 1e-3)
    if random.random() < 0.35:
        hue = np.full(3, 0.0)
    return np.asarray(1 - (1 - random.uniform(least, most)) * (1 - hue), np.float32)


def _any_colour(random: Random) -> Floats:
    """Return reflectances of a printed field: pale, strong or dark."""
    kind = random.random()
    if kind < 0.45:
        return _pale(random, 0.72, 0.965)
    if kind < 0.75:
        return np.asarray(_pale(random, 0.05, 0.7) * random.uniform(0.5, 1.0), np.float32)
    return np.asarray(random.uniform(0.02, 0.5) * (0.4 + 0.6 * random.random(3)), np.float32)


def _box(random: Random, shape: tuple[int, int], least: float, most: float) -> tuple[int, int, int, int]:
    """Return top, left, bottom and right of a box whose sides are shares of the page's."""
    rows, cols = shape
    height = max(6, round(rows * float(np.exp(random.uniform(np.log(least), np.log(most))))))
    width = max(6, round(cols * float(np.exp(random.uniform(np.log(least * 2), np.log(min(1, most * 1.6)))))))
    top, left = (
        int(random.integers(0, max(1, side - part + 1))) for side, part in ((rows, height), (cols, width))
    )
    return top, left, min(rows, top + height), min(cols, left + width)


def _shape(random: Random, shape: tuple[int, int], box: tuple[int, int, int, int]) -> npt.NDArray[np.bool_]:
    """Return the mask of a box, rounded, an ellipse, or a little turned, now and then."""
    top, left, bottom, right = box
    mask = np.zeros(shape, np.uint8)
    kind = random.random()
    if kind < 0.75:
        mask[top:bottom, left:right] = 1
    elif kind < 0.85:
        middle = ((left + right) // 2, (top + bottom) // 2)
        cv2.ellipse(mask, middle, ((right - left) // 2, (bottom - top) // 2), 0, 0, 360, 1, -1)
    else:
        centre = ((left + right) / 2, (top + bottom) / 2)
        corners = cv2.boxPoints((centre, (right - left, bottom - top), random.uniform(-12, 12)))
        cv2.fillConvexPoly(mask, corners.astype(np.int32), 1)
    return np.asarray(mask > 0)


def _field(random: Random, reflectance: Floats, layers: Image) -> None:
    """Print a tinted box, a bar, a column, a half of the page, or a striped table."""
    rows, cols = layers.shape
    kind = random.random()
    if kind < 0.55:
        mask = _shape(random, layers.shape, _box(random, layers.shape, 0.02, 0.5))
    elif kind < 0.7:
        mask = np.zeros(layers.shape, np.bool_)
        at = random.integers(0, rows - 8)
        width = int(random.integers(6, max(8, rows // 6)))
        mask[at : at + width] = True
    elif kind < 0.82:
        mask = np.zeros(layers.shape, np.bool_)
        split = round((cols if random.random() < 0.5 else rows) * random.uniform(0.15, 0.6))
        side = np.s_[:, :split] if split < cols and random.random() < 0.5 else np.s_[:split]
        mask[side] = True
        if random.random() < 0.5:
            mask = mask[::-1, ::-1].copy()
    else:
        mask = np.zeros(layers.shape, np.bool_)
        top, left, bottom, right = _box(random, layers.shape, 0.1, 0.6)
        step = int(random.integers(8, 30))
        for at in range(top, bottom, 2 * step):
            mask[at : min(bottom, at + step), left:right] = True
    colour = _any_colour(random)
    if random.random() < 0.15:
        # A printed gradient.
        ramp = np.linspace(0.3, 1.0, cols, dtype=np.float32)[None, :, None] * np.ones(
            (rows, 1, 1), np.float32
        )
        reflectance[mask] *= (1 - (1 - colour) * ramp)[mask]
        layers[mask] = Layer.FIELD
    else:
        _paint(reflectance, layers, mask, colour, Layer.FIELD)


def _table(random: Random, reflectance: Floats, layers: Image) -> None:
    """Rule a table whose head, and now and then whose every second row, is tinted, with lines around."""
    top, left, bottom, right = _box(random, layers.shape, 0.15, 0.7)
    height = int(random.integers(7, 26))
    colour = _any_colour(random)
    if random.random() < 0.75:
        colour = _pale(random, 0.72, 0.95)
    if random.random() < 0.4:
        colour = np.full(3, random.uniform(0.68, 0.93), np.float32)
    striped = random.random() < 0.3
    for number, at in enumerate(range(top, bottom, height)):
        row = np.zeros(layers.shape, np.bool_)
        row[at : min(bottom, at + height), left:right] = True
        if number == 0 or (striped and number % 2 == 0):
            _paint(reflectance, layers, row, colour, Layer.FIELD)
    line = np.float32(random.uniform(0.1, 0.7))
    if random.random() < 0.7:
        reflectance[top:bottom:height, left:right] *= line
        reflectance[top:bottom, left : right : int(random.integers(30, 160))] *= line


def _printed_photograph(random: Random, stock: PageStock, reflectance: Floats, layers: Image) -> None:
    """Print a continuous-tone picture: a photograph, in colour or grey, an X-ray, a shaded drawing."""
    box = _box(random, layers.shape, float(random.choice((0.035, 0.06))), 0.6)
    mask = _shape(random, layers.shape, box)
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    if min(width, height) < 8:
        return
    tones = _tones(random, stock, (height, width))
    part = np.s_[y : y + height, x : x + width]
    inside = mask[part]
    reflectance[part][inside] = (tones * reflectance[part].max())[inside]
    layers[part][inside] = Layer.PICTURE
    if random.random() < 0.25:
        frame = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        reflectance[frame] *= np.float32(random.uniform(0.05, 0.6))


def _tones(random: Random, stock: PageStock, shape: tuple[int, int]) -> Floats:
    """Return reflectances of a continuous-tone picture, float32 BGR ``(rows, cols, 3)``."""
    rows, cols = shape
    if random.random() < 0.18:
        return _film(random, shape)
    if random.random() < 0.8:
        source = stock.photographs[int(random.integers(len(stock.photographs)))]
        share = random.uniform(0.2, 1.0)
        wide = min(source.shape[1], max(16, round(source.shape[1] * share)))
        high = min(source.shape[0], max(16, round(wide * rows / cols)))
        top = int(random.integers(0, source.shape[0] - high + 1))
        left = int(random.integers(0, source.shape[1] - wide + 1))
        cut = source[top : top + high, left : left + wide]
        tones = cv2.resize(cut, (cols, rows), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        tones = tones ** np.float32(random.uniform(1.2, 2.4))
    else:
        base = 0.5 + 0.5 * smooth_noise(random, (cols, rows), (3, 3))
        fine = 0.5 + 0.5 * smooth_noise(random, (cols, rows), (9, 9))
        tones = np.clip(np.dstack([0.7 * base + 0.3 * fine] * 3), 0, 1) ** np.float32(random.uniform(0.7, 3))
    tones = np.asarray(tones, np.float32)
    if random.random() < 0.45:
        grey = tones.mean(axis=2, keepdims=True)
        tones = np.asarray(grey * np.ones(3, np.float32), np.float32)
    if random.random() < 0.1:
        tones = 1 - tones
    low = random.uniform(0.01, 0.15)
    high_end = random.uniform(0.6, 1.0)
    return np.asarray(low + (high_end - low) * np.clip(tones, 0, 1), np.float32)


def _film(random: Random, shape: tuple[int, int]) -> Floats:
    """Return reflectances of a printed film: an X-ray picture, pale or dark, or bright bars on a dark gel."""
    rows, cols = shape
    broad = smooth_noise(random, (cols, rows), (int(random.integers(2, 4)), int(random.integers(2, 4))))
    if random.random() < 0.55:
        ribs = smooth_noise(random, (cols, rows), (int(random.integers(3, 6)), int(random.integers(8, 20))))
        tones = random.uniform(0.3, 0.8) + 0.45 * broad + random.uniform(0.03, 0.2) * ribs
    else:
        tones = random.uniform(0.05, 0.35) + 0.08 * broad
        lane = max(3, cols // int(random.integers(3, 14)))
        for left in range(lane // 3, cols - 2, lane):
            for _ in range(int(random.integers(0, 5))):
                top = int(random.integers(0, max(1, rows - 3)))
                bar = np.s_[top : top + int(random.integers(2, 5)), left : left + max(2, 2 * lane // 3)]
                tones[bar] += random.uniform(0.1, 0.9)
        tones = cv2.GaussianBlur(tones, (0, 0), random.uniform(0.4, 1.2))
    fine = 1 + 0.04 * random.standard_normal((rows, cols), np.float32)
    grey = np.clip(tones * fine, 0.01, random.uniform(0.85, 1.0)).astype(np.float32)
    tint = 1 - np.float32(random.random() < 0.2) * random.uniform(0, 0.25, 3).astype(np.float32)
    return np.asarray(grey[:, :, None] * tint, np.float32)


def _cover(random: Random, stock: PageStock, reflectance: Floats, layers: Image) -> None:
    """Fill a page as a card, a book's cover or a leaflet is: fields and pictures, and hardly any paper."""
    whole = np.ones(layers.shape, np.bool_)
    if random.random() < 0.5:
        tones = _tones(random, stock, layers.shape)
        reflectance *= tones
        layers[:] = Layer.PICTURE
    else:
        _paint(reflectance, layers, whole, _any_colour(random), Layer.FIELD)
    for _ in range(int(random.integers(0, 4))):
        _field(random, reflectance, layers)


def _engrave(random: Random, reflectance: Floats) -> None:
    """Cover paper with fine waves, as certificates and banknotes have them."""
    rows, cols = reflectance.shape[:2]
    y, x = np.mgrid[:rows, :cols].astype(np.float32)
    period = random.uniform(4, 14)
    wave = np.sin(2 * np.pi * (y + 6 * np.sin(x / random.uniform(10, 50))) / period)
    reflectance *= (1 - random.uniform(0.02, 0.12) * (wave > 0.3))[:, :, None].astype(np.float32)


def _write(random: Random, stock: PageStock, reflectance: Floats, layers: Image) -> None:
    """Print text over all: dark on paper and pale fields, white on dark ones, hardly any on photographs."""
    rows, cols = layers.shape
    text = stock.texts[int(random.integers(len(stock.texts)))]
    scale = random.uniform(0.45, 2.2) * max(rows / text.shape[0], cols / text.shape[1])
    scaled = cv2.resize(text, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    tiled = np.tile(scaled, (-(-rows // scaled.shape[0]) + 1, -(-cols // scaled.shape[1]) + 1))
    top = int(random.integers(0, scaled.shape[0]))
    left = int(random.integers(0, scaled.shape[1]))
    ink = tiled[top : top + rows, left : left + cols].astype(np.float32) / 255
    if random.random() < 0.5:
        top, left, bottom, right = _box(random, layers.shape, 0.2, 1.0)
        held = np.zeros(layers.shape, np.float32)
        held[top:bottom, left:right] = 1
        ink *= held
    ink *= np.where(layers == Layer.PICTURE, np.float32(random.random() < 0.15), np.float32(1))
    dark = np.asarray(random.uniform(0.02, 0.45) * np.ones(3), np.float32)
    if random.random() < 0.3:
        dark = np.asarray(_pale(random, 0.05, 0.5) * random.uniform(0.4, 0.9), np.float32)
    light = reflectance.mean(axis=2) < random.uniform(0.25, 0.6)
    colour = np.where(light[:, :, None], np.float32(0.95), dark)
    reflectance += ink[:, :, None] * (colour - reflectance)
    # Strokes that no closing fills would be measured as paper in a deep shadow.
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (THICK, THICK))
    solid = cv2.morphologyEx((ink > 0.5).astype(np.uint8), cv2.MORPH_OPEN, disc)
    layers[(cv2.dilate(solid, np.ones((5, 5), np.uint8)) > 0) & (layers == Layer.PAPER)] = Layer.FIELD


def _highlight(random: Random, reflectance: Floats, layers: Image) -> None:
    """Mark lines with a text marker."""
    rows, cols = layers.shape
    colour = np.array([(0.25, 0.95, 1.0), (0.45, 1.0, 0.6), (0.85, 0.5, 1.0), (0.3, 0.7, 1.0)], np.float32)
    strip = colour[int(random.integers(4))]
    for _ in range(int(random.integers(1, 6))):
        at = int(random.integers(0, rows - 12))
        left = int(random.integers(0, cols // 2))
        width = int(random.integers(20, cols // 2))
        height = int(random.integers(5, 14))
        mask = np.zeros(layers.shape, np.bool_)
        mask[at : at + height, left : left + width] = True
        mask &= layers == Layer.PAPER
        _paint(reflectance, layers, mask, strip, Layer.FIELD)


def _note(random: Random, stock: PageStock, reflectance: Floats, layers: Image) -> None:
    """Stick a note on the page."""
    side = int(random.integers(50, 200))
    rows, cols = layers.shape
    top = int(random.integers(0, rows - side))
    left = int(random.integers(0, cols - side))
    colour = np.array([(0.45, 0.9, 1.0), (0.8, 0.7, 1.0), (0.6, 1.0, 0.75), (1.0, 0.85, 0.6)], np.float32)
    part = np.s_[top : top + side, left : left + side]
    reflectance[top : top + side + 3, left : left + side + 3] *= np.float32(0.8)
    reflectance[part] = colour[int(random.integers(4))] * np.float32(random.uniform(0.8, 1.0))
    layers[part] = Layer.FIELD
    text = stock.texts[int(random.integers(len(stock.texts)))]
    scrap = cv2.resize(text[:300, :300], (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    reflectance[part] *= 1 - 0.9 * scrap[:, :, None]


# The desk ------------------------------------------------------------------------------


def _on_ground(random: Random, stock: PageStock, reflectance: Floats, layers: Image) -> tuple[Floats, Image]:
    """Lay a page on a desk, seen a little from the side; its shadow falls beside it."""
    rows = DRAWN
    cols = round(DRAWN * random.uniform(0.6, 1.0))
    if random.random() < 0.5:
        rows, cols = cols, rows
    ground = _ground(random, stock, (rows, cols))
    if random.random() < 0.3:
        quad = _slivers(random, (rows, cols))
    else:
        quad = _lying(random, (rows, cols), layers.shape)
    own = np.array([(0, 0), (layers.shape[1], 0), layers.shape[::-1], (0, layers.shape[0])], np.float32)
    matrix = cv2.getPerspectiveTransform(own, quad)
    page = cv2.warpPerspective(reflectance, matrix, (cols, rows), flags=cv2.INTER_AREA)
    inside = cv2.warpPerspective(np.ones(layers.shape, np.float32), matrix, (cols, rows))
    told = cv2.warpPerspective(layers, matrix, (cols, rows), flags=cv2.INTER_NEAREST)
    away = random.uniform(-10, 10, 2)
    moved = cv2.warpAffine(inside, np.array([(1, 0, away[0]), (0, 1, away[1])], np.float32), (cols, rows))
    dim = 1 - random.uniform(0, 0.5) * cv2.GaussianBlur(moved, (0, 0), random.uniform(1, 8))
    ground = ground * np.asarray(dim, np.float32)[:, :, None]
    scene = ground + (page - ground) * inside[:, :, None]
    return np.asarray(scene, np.float32), np.where(inside > 0.5, told, np.uint8(Layer.BEYOND)).astype(
        np.uint8
    )


def _ground(random: Random, stock: PageStock, shape: tuple[int, int]) -> Floats:
    rows, cols = shape
    if stock.grounds and random.random() < 0.6:
        return _tones(random, PageStock((), stock.grounds, ()), shape)
    colour = np.asarray(random.uniform(0.02, 0.95) * (0.6 + 0.4 * random.random(3)), np.float32)
    rough = 1 + random.uniform(0, 0.3) * smooth_noise(random, (cols, rows), (int(random.integers(2, 60)), 4))
    if random.random() < 0.3:
        # Cloth, a carpet.
        rough = rough + random.uniform(0.03, 0.2) * blurred_noise(
            random, (cols, rows), random.uniform(0.6, 3)
        )
    return np.asarray(np.clip(colour * rough[:, :, None], 0.005, 1), np.float32)


def _lying(random: Random, scene: tuple[int, int], page: tuple[int, int]) -> Floats:
    """Return the corners of a page that lies on a desk, now and then leaving the picture."""
    rows, cols = scene
    fit = min(rows / page[0], cols / page[1]) * random.uniform(0.6, 1.1)
    half = np.array([page[1], page[0]]) * fit / 2
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    angle = np.deg2rad(random.normal(0, 6) + float(random.choice((0, 0, 0, 90, 180))))
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    middle = np.array([cols, rows]) / 2 + random.normal(0, 0.05, 2) * (cols, rows)
    bent = corners @ turn + middle + random.normal(0, 0.02, (4, 2)) * max(rows, cols)
    return np.asarray(bent, np.float32)


def _slivers(random: Random, scene: tuple[int, int]) -> Floats:
    """Return the corners of a page of which a crop left slivers of desk."""
    rows, cols = scene
    corners = np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float64)
    inward = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)])
    return np.asarray(corners + inward * random.uniform(-4, 22, (4, 2)), np.float32)


# Light and camera ----------------------------------------------------------------------


def _photographed(random: Random, reflectance: Floats) -> Floats:
    """Return levels 0..255 of what a camera or a scanner sees, float32 BGR."""
    rows, cols = reflectance.shape[:2]
    if random.random() < 0.12:
        # Born digital, or a scanner's even light.
        return np.asarray(255 * np.clip(reflectance, 0, 1), np.float32)
    linear = np.clip(reflectance, 0, 1) ** np.float32(GAMMA)
    light = _light(random, (cols, rows))
    stray = np.float32(random.uniform(0, 0.04))
    exposed = linear * light * np.float32(np.exp(random.uniform(np.log(0.12), np.log(1.2))))
    seen = np.clip(exposed * (1 - stray) + stray * exposed.mean(), 0, 1) ** np.float32(1 / GAMMA)
    soft = cv2.GaussianBlur(seen, (0, 0), random.uniform(0.4, 1.6))
    return np.asarray(255 * soft, np.float32)


def _cast(random: Random, size: tuple[int, int]) -> Floats:
    """Return the shadow of an arm or of a telephone, 0..1: its edge sharp or soft, as the lamp is small."""
    soft = float(np.exp(random.uniform(np.log(0.6), np.log(26))))
    if random.random() < 0.5:
        spread = np.array([(-0.3, -0.3), (1.3, 1.3)]) * size
        corners = random.uniform(spread[0], spread[1], (int(random.integers(3, 6)), 2))
        return shadow(random, size, corners, (soft, soft + 0.1))
    cols, rows = size
    mask = np.zeros((rows, cols), np.uint8)
    side = max(size) * random.uniform(0.25, 0.7)
    centre = tuple(float(each) for each in random.uniform(0, 1, 2) * size)
    shape = cv2.boxPoints((centre, (side, side * random.uniform(0.4, 0.6)), random.uniform(-95, 95)))
    cv2.fillConvexPoly(mask, shape.astype(np.int32), 1)
    if random.random() < 0.5:
        # The fingers that hold it.
        for _ in range(int(random.integers(1, 4))):
            ends = random.uniform(-0.3, 0.3, (2, 2)) * max(size) + np.array(centre)
            (x0, y0), (x1, y1) = ends.astype(int).tolist()
            cv2.line(mask, (x0, y0), (x1, y1), 1, int(random.integers(15, 45)))
    rounded = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), random.uniform(4, 12)) > 0.5
    return np.asarray(cv2.GaussianBlur(rounded.astype(np.float32), (0, 0), soft), np.float32)


def _light(random: Random, size: tuple[int, int]) -> Floats:
    """Return light in linear units, float32 ``(rows, cols, 3)``: tinted lamps, curl and cast shadows."""
    cols, rows = size
    y, x = np.mgrid[:rows, :cols].astype(np.float32)
    light = np.ones((rows, cols), np.float32)
    if random.random() < 0.7:
        at = random.uniform(-0.3, 1.3, 2) * size
        height = random.uniform(0.7, 2.0) * max(size)
        light = (height**2 / ((x - at[0]) ** 2 + (y - at[1]) ** 2 + height**2)) ** np.float32(1.5)
        light = light / light.max()
    if random.random() < 0.5:
        cells = int(random.integers(2, 6))
        light = light * (1 + random.uniform(0, 0.25) * smooth_noise(random, size, (cells, cells)))
    if random.random() < 0.15:
        along = (x if random.random() < 0.5 else y) / max(size)
        gutter = np.exp(-np.abs(along - random.uniform(0, 1)) / random.uniform(0.03, 0.15))
        light = light * (1 - random.uniform(0.2, 0.7) * gutter)
    tint = np.array((1, 1, 1), np.float32)
    if random.random() < 0.55:
        warm = random.uniform(-0.2, 0.55)
        tint = np.array((1 - warm, 1 - 0.4 * warm, 1), np.float32) / max(1, 1 - warm)
    if random.random() < 0.35:
        # Between green and magenta, as cameras leave it.
        tint = tint * np.array((1, 1 + random.uniform(-0.1, 0.06), 1), np.float32)
    coloured = light[:, :, None] * tint
    if random.random() < 0.25:
        # A second lamp, or a window, of another colour.
        share = np.clip(0.5 + 0.7 * smooth_noise(random, size, (2, 2)), 0, 1)[:, :, None].astype(np.float32)
        other = np.array((1, 0.9, 0.75), np.float32) ** np.float32(random.uniform(-1.5, 2))
        coloured = coloured * (1 - share * (1 - other / other.max()))
    for _ in range(int(random.choice((0, 0, 1, 1, 1, 2)))):
        cast = _cast(random, size)
        ambient = np.array((1.0, 0.97, 0.93), np.float32) ** np.float32(random.uniform(0, 3))
        depth = np.float32(random.uniform(0.15, 0.93))
        coloured = coloured * (1 - cast[:, :, None] * (1 - (1 - depth) * ambient))
    return np.asarray(np.maximum(coloured, 0.01), np.float32)
