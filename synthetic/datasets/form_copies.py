"""Kinds of forms, and copies of them filled in: scanned or photographed, with the truth about each zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np

from synthetic import stamps
from synthetic.arrays import Corners, Image, Random
from synthetic.documents.ink import A4, GREY, Colour, Ink
from synthetic.geometry import Matrix
from synthetic.scene.camera import photograph
from synthetic.scene.light import uneven
from synthetic.text.typeface import typefaces
from synthetic.text.words import characters, words

ZoneWord = Literal["text", "number", "date", "tick", "signature", "portrait"]
TickWord = Literal["empty", "crossed", "filled", "corrected"]
KINDS = 20
"""Kinds of forms."""
SCALE = 8.0
"""Pixels per millimetre of the sample that is taught: 203 dots an inch."""
PAPER: Colour = (246, 246, 246)
"""Colour of white paper, BGR."""
TINTS: tuple[Colour, ...] = (
    (246, 246, 246),
    (200, 236, 250),
    (246, 226, 206),
    (206, 240, 214),
    (220, 214, 250),
)
"""Colours of papers, BGR."""
PENS: tuple[Colour, ...] = (stamps.PEN_BLUE, (30, 30, 34), (60, 60, 66))
"""Colours of pens, RGB."""
BOX = 4.4
"""Side of a tick box in millimetres."""
LEFT = 18.0
RIGHT = 192.0
STEP = 11.0
"""Height of a row in millimetres."""
RELATED = 4
"""Every so many kinds one has the rows of the kind before it, beneath other words."""


@dataclass(frozen=True, slots=True)
class DrawnZone:
    """Zone of a drawn form; its edges in millimetres of the sheet."""

    name: str
    kind: ZoneWord
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, eq=False)
class DrawnForm:
    """Form of a kind, not filled in.

    Attributes
    ----------
    sample
        BGR at `SCALE`.
    """

    kind: int
    sample: Image = field(repr=False)
    zones: tuple[DrawnZone, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FormCopy:
    """Form that was filled in.

    Attributes
    ----------
    places
        Corners of each zone on the picture, clockwise from its own top left.
    ticks
        State of each tick box by its name.
    signed, portrayed
        True if it has a signature, a portrait.
    """

    kind: int
    picture: Image = field(repr=False)
    places: dict[str, Corners]
    ticks: dict[str, TickWord]
    signed: bool
    portrayed: bool


class _Sheet:
    """Form that is being drawn, and filled where there is a `writer`."""

    def __init__(self, kind: int, scale: float, paper: Colour, writer: Random | None) -> None:
        related = kind % RELATED == RELATED - 1
        self.layout = np.random.default_rng(7_000 + kind - int(related))
        self.text = np.random.default_rng(9_000 + kind)
        self.ink = Ink(np.random.default_rng(kind), typefaces(), A4, paper, scale)
        self.writer = writer
        self.pen: Colour = stamps.PEN_BLUE if writer is None else PENS[int(writer.integers(len(PENS)))]
        self.zones: list[DrawnZone] = []
        self.ticks: dict[str, TickWord] = {}
        self.signed = False
        self.portrayed = False
        self._draw()

    def words(self, length: int) -> str:
        return (characters if self.ink.faces.chinese else words)(self.text, length)

    def zone(self, kind: ZoneWord, area: tuple[float, float, float, float]) -> str:
        name = f"{kind}{sum(zone.kind == kind for zone in self.zones) + 1}"
        self.zones.append(DrawnZone(name, kind, *area))
        return name

    def _draw(self) -> None:
        ink = self.ink
        ink.centred((A4[0] / 2, 26), self.words(int(self.layout.integers(5, 11))), "bold", 7.0)
        ink.text((LEFT, 38), self.words(7), "sans", 3.2, GREY)
        top = 44.0
        portrait = bool(self.layout.random() < 0.6)
        edge = 156.0 if portrait else RIGHT
        if portrait:
            self._portrait((160.0, top, RIGHT, top + 42))
        for _ in range(int(self.layout.integers(4, 8))):
            self._field(top, edge if top < 88 else RIGHT)
            top += STEP
        for _ in range(int(self.layout.integers(2, 5))):
            self._choices(top)
            top += STEP
        self._paragraphs(top + 6)
        self._signature()

    def _field(self, top: float, right: float) -> None:
        split = LEFT + float(self.layout.uniform(26, 44))
        self.ink.box((LEFT, top, split, top + STEP), fill=(240, 240, 236))
        self.ink.box((split, top, right, top + STEP))
        self.ink.text((LEFT + 2, top + 7), self.words(int(self.layout.integers(3, 6))), "sans", 3.7)
        kind: ZoneWord = ("text", "number", "date")[int(self.layout.integers(3))]
        self.zone(kind, (split + 0.6, top + 0.6, right - 0.6, top + STEP - 0.6))
        if self.writer is not None and self.writer.random() < 0.85:
            written = {"text": "文本字文 12", "number": "30128", "date": "2030-01-08"}[kind]
            at = (
                split + 3 + float(self.writer.uniform(0, 6)),
                top + 1.2 + float(self.writer.uniform(-0.6, 1.0)),
            )
            self.ink.write(at, written, 5.6, self.pen)

    def _choices(self, top: float) -> None:
        count = int(self.layout.integers(2, 5))
        pitch = (RIGHT - LEFT) / count
        for place in range(count):
            x = LEFT + 4 + place * pitch
            y = top + 3.2
            self.ink.box((x, y, x + BOX, y + BOX))
            self.ink.text((x + 7, y + 3.8), self.words(4), "sans", 3.6)
            name = self.zone("tick", (x, y, x + BOX, y + BOX))
            if self.writer is not None:
                states: tuple[TickWord, ...] = ("empty", "crossed", "filled", "corrected")
                state = states[int(self.writer.choice(4, p=(0.5, 0.33, 0.1, 0.07)))]
                self.ticks[name] = state
                self._mark(state, x, y)

    def _mark(self, state: TickWord, x: float, y: float) -> None:
        assert self.writer is not None
        if state == "empty":
            return
        width = float(self.writer.uniform(0.35, 0.7))

        def about(*points: tuple[float, float]) -> list[tuple[float, float]]:
            assert self.writer is not None
            return [
                (x + (px + self.writer.normal(0, 0.05)) * BOX, y + (py + self.writer.normal(0, 0.05)) * BOX)
                for px, py in points
            ]

        style = int(self.writer.integers(2))
        if state == "filled":
            lines = np.linspace(0.1, 0.9, 12)
            points = [(0.06 + 0.88 * (n % 2), float(at)) for n, at in enumerate(lines)]
            self.ink.line(about(*points), 0.75, self.pen)
            self.ink.line(about((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9), (0.1, 0.1)), 0.7, self.pen)
            return
        if style == 0:
            reach = float(self.writer.uniform(-0.2, 0.1))
            self.ink.line(about((reach, reach), (1 - reach, 1 - reach)), width, self.pen)
            self.ink.line(about((1 - reach, reach), (reach, 1 - reach)), width, self.pen)
        else:
            self.ink.line(about((0.05, 0.5), (0.4, 0.95), (1.25, -0.3)), width, self.pen)
        if state == "corrected":
            for height in (0.38, 0.66):
                self.ink.line(about((-0.85, height), (0.5, height), (1.75, height)), width, self.pen)

    def _portrait(self, area: tuple[float, float, float, float]) -> None:
        left, top, right, bottom = area
        self.ink.box(area)
        self.ink.centred(((left + right) / 2, (top + bottom) / 2), self.words(3), "sans", 3.0, GREY)
        self.zone("portrait", area)
        if self.writer is not None and self.writer.random() < 0.6:
            self.portrayed = True
            width, height = self.ink.pixels(right - left - 3, bottom - top - 3)
            y, x = np.mgrid[:height, :width].astype(np.float32)
            mask = np.full((height, width), 90, np.uint8)
            head = ((x - width / 2) / (0.28 * width)) ** 2 + ((y - 0.4 * height) / (0.26 * height)) ** 2 < 1
            body = ((x - width / 2) / (0.45 * width)) ** 2 + ((y - 1.05 * height) / (0.4 * height)) ** 2 < 1
            mask[body] = 225
            mask[head] = 120
            mask[head & (y < 0.3 * height)] = 240
            tone = self.writer.integers(20, 90, 3).tolist()
            self.ink.stamp(
                (left + 1.5, top + 1.5), np.asarray(cv2.GaussianBlur(mask, (0, 0), 3), np.uint8), tuple(tone)
            )

    def _paragraphs(self, top: float) -> None:
        while top < 240:
            self.ink.text((LEFT, top), self.words(int(self.layout.integers(30, 42))), "serif", 3.6)
            top += 6.0

    def _signature(self) -> None:
        self.ink.text((LEFT, 262), self.words(4), "sans", 3.8)
        self.ink.rule(LEFT + 26, LEFT + 92, 264)
        self.zone("signature", (LEFT + 26, 248, LEFT + 92, 266))
        if self.writer is not None and self.writer.random() < 0.6:
            self.signed = True
            at = (LEFT + 30 + float(self.writer.uniform(0, 16)), 249.0 + float(self.writer.uniform(0, 2)))
            self.ink.stamp(at, stamps.signature(self.ink.pixels(40, 13), self.writer), self.pen, 0.9)


def draw_form(kind: int) -> DrawnForm:
    """Return the form of a kind, 0 to `KINDS`, that nobody has filled in."""
    sheet = _Sheet(kind, SCALE, PAPER, None)
    return DrawnForm(kind, sheet.ink.sheet(), tuple(sheet.zones))


def draw_copy(seed: int, kind: int) -> FormCopy:
    """Return a copy of a kind that was filled in: scanned two of three times, else photographed."""
    random = np.random.default_rng(seed)
    sheet = _Sheet(kind, SCALE, TINTS[int(random.integers(len(TINTS)))], random)
    flat = sheet.ink.sheet()
    picture, matrix = (_scanned if random.random() < 0.67 else _photographed)(random, flat)
    places = {}
    for zone in sheet.zones:
        box = np.array(
            [
                (zone.left, zone.top),
                (zone.right, zone.top),
                (zone.right, zone.bottom),
                (zone.left, zone.bottom),
            ]
        )
        places[zone.name] = cv2.perspectiveTransform((box * SCALE)[None], matrix)[0]
    return FormCopy(kind, picture, places, sheet.ticks, sheet.signed, sheet.portrayed)


def _scanned(random: Random, flat: Image) -> tuple[Image, Matrix]:
    """Return a sheet as a scanner gives it: 70 to 300 dots an inch, any way up, a little aslant."""
    factor = float(random.choice((70, 100, 150, 200, 300))) / (SCALE * 25.4)
    turn = np.deg2rad(90.0 * int(random.integers(4)) + float(random.uniform(-4, 4)))
    rows, cols = flat.shape[:2]
    cos = np.cos(turn) * factor
    sin = np.sin(turn) * factor
    matrix = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    edge = cv2.perspectiveTransform(
        np.array([[[0, 0], [cols, 0], [cols, rows], [0, rows]]], np.float64), matrix
    )
    low = edge[0].min(axis=0)
    size = np.ceil(edge[0].max(axis=0) - low).astype(int)
    matrix[:2, 2] = -low
    seen = _warped(flat, matrix, (int(size[0]), int(size[1])), (236, 238, 238), factor)
    return photograph(random, seen.astype(np.float32), float(random.uniform(0.3, 0.7))), matrix


def _photographed(random: Random, flat: Image) -> tuple[Image, Matrix]:
    """Return a sheet as a camera gives it: aslant on a desk, in the light of a room."""
    rows, cols = flat.shape[:2]
    size = (1920, 2560) if random.random() < 0.5 else (2560, 1920)
    height = min(size[0] / cols * rows, size[1]) * float(random.uniform(0.72, 0.92))
    width = height * cols / rows
    turn = np.deg2rad(float(random.uniform(-180, 180)))
    if abs(np.sin(turn)) > 0.5:
        shrink = min(1.0, size[0] / (height * abs(np.sin(turn)) + width * abs(np.cos(turn))))
        width *= shrink
        height *= shrink
    box = np.array([(-width, -height), (width, -height), (width, height), (-width, height)]) / 2
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = box @ rotation.T * (1 + random.uniform(-0.06, 0.06, (4, 2))) + np.array(size) / 2
    source = np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(source, corners.astype(np.float32)), np.float64)
    desk = tuple(int(value) for value in random.integers(40, 150, 3))
    seen = _warped(flat, matrix, size, desk, height / rows)
    lit = uneven(random, seen.astype(np.float32))
    return photograph(random, lit, float(random.uniform(0.5, 1.1)), (1.0, 4.0)), matrix


def _warped(
    flat: Image, matrix: Matrix, size: tuple[int, int], ground: tuple[int, ...], factor: float
) -> Image:
    """Return a sheet where a homography puts it; without the moiré of thin lines that are left out."""
    soft = flat if factor >= 1 else cv2.GaussianBlur(flat, (0, 0), 0.4 / factor)
    return np.asarray(
        cv2.warpPerspective(soft, matrix, size, flags=cv2.INTER_LINEAR, borderValue=ground), np.uint8
    )
