"""One code on a page of print with one difficulty: small, turned, blurred, noisy, tilted, curled, glaring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.barcode import symbols
from benchmarks.barcode.sets import LINEAR, MATRIX, OWN, BarcodeSample
from benchmarks.barcode.symbols import KINDS, Random, Symbol, draw
from benchmarks.barcode.symbols import LINEAR as LINEAR_KINDS
from benchmarks.gate.probe import Case
from imgcore.barcode.code import Symbology
from imgcore.types import Image, Points
from synthetic.documents.pages import make_page

Floats = npt.NDArray[np.float32]

SEED = 7
"""Seed of the set: no threshold was chosen on it."""
_STEP = 3
"""Every so many of the pictures are drawn; no multiple of it is the number of kinds."""
SIDE = 800
FINE = 4
"""Samples a pixel along each side, before a picture is reduced to what a camera sees."""
CELL = 8
"""Samples a module of the label, before it is put on the page."""
BARS = 26
QUIET = 10
FRAME = 2
"""Modules: height of bars, ground around them, and the line of a label's frame."""
INK = 25.0
PAPER = 235.0


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Capture conditions of a code; lengths are in modules of the code or in pixels."""

    name: str
    module: float = 2.5
    turn: float = 0.0
    blur: float = 0.2
    noise: float = 3.0
    tilt: float = 0.0
    curl: float = 0.0
    contrast: float = 1.0
    glare: bool = False
    motion: int = 0
    quality: int = 92


_MIXED = Difficulty("mixed", 1.8, 20, 0.45, 12, 0.25, quality=45)
DIFFICULTIES = (
    *(Difficulty(f"{size:g} px a module", module=size) for size in (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)),
    *(Difficulty(f"turned {turn}", turn=turn) for turn in (0, 10, 20, 30, 45, 60, 75, 90, 135, 180)),
    *(Difficulty(f"blur {blur:g}", 3.0, blur=blur) for blur in (0.3, 0.5, 0.7, 0.9, 1.1, 1.3)),
    *(Difficulty(f"noise {noise}", noise=noise) for noise in (15, 30, 50)),
    *(Difficulty(f"tilt {tilt:g}", 3.0, tilt=tilt) for tilt in (0.2, 0.35, 0.5)),
    *(Difficulty(f"curl {curl:g}", 3.0, curl=curl) for curl in (0.8, 1.2)),
    Difficulty("contrast", contrast=0.25),
    Difficulty("glare", 3.0, glare=True),
    Difficulty("JPEG 15", quality=15),
    Difficulty("motion", motion=4),
    *(replace(_MIXED, name=f"mixed {turn}", turn=turn) for turn in (20, 110, 305)),
)
ROTATIONS = tuple(Difficulty(f"turned {turn}", 2.0, turn=turn) for turn in range(0, 360, 10))


def cases() -> Sequence[Case]:
    """Return every so many of all difficulties with all kinds, and of all directions with linear codes."""
    if not symbols.available():
        return ()
    all_kinds = [(difficulty, kind) for difficulty in DIFFICULTIES for kind in KINDS]
    linear = [(difficulty, kind) for difficulty in ROTATIONS for kind in LINEAR_KINDS]
    grouped = [
        (difficulty, kind, OWN.get(kind.value, MATRIX if kind is Symbology.QR else LINEAR))
        for difficulty, kind in all_kinds
    ]
    grouped += [(difficulty, kind, "any direction, linear") for difficulty, kind in linear]
    return [
        Case(f"{kind.value}, {difficulty.name}, {group}", (difficulty, kind, SEED, group))
        for difficulty, kind, group in grouped[::_STEP]
    ]


def sample(difficulty: Difficulty, kind: Symbology, seed: int, group: str) -> BarcodeSample:
    """Render the picture of one code under one difficulty."""
    random = np.random.default_rng([seed, KINDS.index(kind), *difficulty.name.encode()])
    symbol = draw(kind, random)
    page = make_page(int(random.integers(1 << 30)), (SIDE, SIDE), "white").picture
    ground = np.asarray(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), np.uint8)
    seen = _degrade(_render_label(ground, label(symbol), difficulty, random), difficulty, random)
    return BarcodeSample(group, None, seen, (symbol.text,))


def label(symbol: Symbol, bars: int = BARS) -> Image:
    """The code on white ground within a frame, `CELL` samples a module."""
    linear = symbol.modules.shape[0] == 1
    tall = np.repeat(symbol.modules, bars if linear else 1, axis=0)
    ground = np.pad(np.pad(tall, QUIET), FRAME // 2, constant_values=True)
    grey = np.where(np.kron(ground, np.ones((CELL, CELL), bool)), INK, PAPER)
    return np.asarray(grey, np.uint8)


def _render_label(ground: Image, picture: Image, difficulty: Difficulty, random: Random) -> Floats:
    """Return the page with the label on it, as an ideal camera sees it."""
    page = np.asarray(cv2.resize(ground, None, fx=FINE, fy=FINE), np.float32)
    bent = _curl(picture, difficulty.curl)
    matrix = _homography(bent, difficulty, random)
    size = (page.shape[1], page.shape[0])
    flags = cv2.INTER_LINEAR
    drawn = cv2.warpPerspective(np.asarray(bent, np.float32), matrix, size, flags=flags)
    share = cv2.warpPerspective(np.ones(bent.shape, np.float32), matrix, size, flags=flags)
    return np.asarray(
        cv2.resize(page * (1 - share) + drawn * share, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    )


def _curl(picture: Image, half: float) -> Image:
    """Wrap a picture around a cylinder that spans twice `half` radians."""
    if not half:
        return picture
    width = picture.shape[1]
    across = np.linspace(-1, 1, width, dtype=np.float32)
    along = (np.arcsin(across * np.sin(half)) / half + 1) / 2 * (width - 1)
    columns = np.broadcast_to(np.asarray(along, np.float32), picture.shape)
    rows = np.broadcast_to(np.arange(len(picture), dtype=np.float32)[:, None], picture.shape)
    return np.asarray(cv2.remap(picture, columns.copy(), rows.copy(), cv2.INTER_LINEAR), np.uint8)


def _homography(picture: Image, difficulty: Difficulty, random: Random) -> Points:
    """Return the homography from the label to the page, both in fine samples."""
    high, wide = picture.shape[:2]
    factor = difficulty.module * FINE / CELL
    angle = np.deg2rad(difficulty.turn + random.uniform(-2, 2))
    cos = np.cos(angle)
    sin = np.sin(angle)
    corners = np.array([(-wide, -high), (wide, -high), (wide, high), (-wide, high)]) * factor / 2
    # The right end is farther away, and by that smaller.
    corners[1:3] *= 1 - difficulty.tilt
    placed = corners @ np.array([[cos, sin], [-sin, cos]]) + SIDE * FINE / 2 + random.uniform(-40, 40, 2)
    source = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(source, placed.astype(np.float32)))


def _degrade(seen: Floats, difficulty: Difficulty, random: Random) -> Image:
    grey = cv2.GaussianBlur(seen, (0, 0), max(difficulty.blur * difficulty.module, 0.3))
    if difficulty.motion:
        grey = cv2.blur(grey, (difficulty.motion, 1))
    grey = (grey - PAPER) * difficulty.contrast + PAPER
    if difficulty.glare:
        y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
        grey = np.minimum(grey + 260 * np.exp(-(x**2 + y**2) / (2 * 60.0**2)), 255)
    noisy = np.clip(grey + random.normal(0, difficulty.noise, grey.shape), 0, 255).astype(np.uint8)
    stored = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, difficulty.quality])[1]
    return np.asarray(cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE), np.uint8)
