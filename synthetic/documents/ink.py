"""Printing and writing on paper, in millimetres from the sheet's top left corner."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import cv2
import numpy as np
import PIL.Image as Pillow
import PIL.ImageDraw

from synthetic import stamps
from synthetic.arrays import Image, Random
from synthetic.scene import texture
from synthetic.text.handwriting import handwriting
from synthetic.text.typeface import Face, Typefaces

A4 = (210.0, 297.0)

Colour = tuple[int, int, int]
"""Red, green, blue."""

BLACK: Colour = (38, 36, 40)
GREY: Colour = (110, 110, 112)
BLUE: Colour = (38, 70, 132)
RED: Colour = (186, 32, 36)
TEAL: Colour = (22, 108, 116)
AMBER: Colour = (226, 150, 52)

SAMPLE = ("本页为演示样张，所有名称均为虚构", "A sample page; every name is made up")
NEVER_FIRST = "，。；：、！？）》”,.;:!?)"
_PIECE = re.compile(rf"(?:[\u2e80-\uffff]|[^ \u2e80-\uffff]+)?[{re.escape(NEVER_FIRST)} ]*")
"""A part that no line break may divide."""

Place = tuple[float, float]
Style = Literal["serif", "sans", "bold", "mono"]
Words = str | Sequence[str]
"""The same in any language, or in Chinese and in English."""


class Column(NamedTuple):
    """A place for lines, in millimetres, and what they are set in."""

    left: float
    width: float
    em: float
    leading: float
    colour: Colour = BLACK


class Ink:
    """Draws on one sheet.

    Parameters
    ----------
    size
        Width and height in millimetres.
    base
        BGR of the paper.
    scale
        Pixels per millimetre.
    """

    def __init__(
        self, random: Random, faces: Typefaces, size: tuple[float, float], base: Colour, scale: float
    ) -> None:
        self.scale = scale
        self.faces = faces
        self._random = random
        paper = texture.paper(random, self.pixels(*size), base)
        self._pillow = Pillow.fromarray(cv2.cvtColor(paper, cv2.COLOR_BGR2RGB))
        self._draw = PIL.ImageDraw.Draw(self._pillow)

    def sheet(self) -> Image:
        """Return the printed sheet, BGR."""
        return np.asarray(cv2.cvtColor(np.asarray(self._pillow), cv2.COLOR_RGB2BGR), np.uint8)

    def pixels(self, width: float, height: float) -> tuple[int, int]:
        """Return a size in whole pixels."""
        return round(width * self.scale), round(height * self.scale)

    def text(
        self, at: Place, words: Words, style: Style, em: float, colour: Colour = BLACK, anchor: str = "ls"
    ) -> None:
        """Set one line at a baseline point; `em` in millimetres, `anchor` as in Pillow."""
        face: Face = getattr(self.faces, style)
        line = self.worded(words)
        font = face.at(em * self.scale)
        self._draw.text((at[0] * self.scale, at[1] * self.scale), line, fill=colour, font=font, anchor=anchor)

    def centred(self, at: Place, words: Words, style: Style, em: float, colour: Colour = BLACK) -> None:
        """Set one line about a point of its baseline."""
        self.text(at, words, style, em, colour, "ms")

    def gloss(self, at: Place, english: str, em: float, style: Style = "serif", anchor: str = "ls") -> None:
        """Set the English of a line in grey, if the line itself is Chinese."""
        if self.faces.chinese:
            self.text(at, english, style, em, GREY, anchor)

    def closing(self, y: float, words: Words = SAMPLE) -> None:
        """Say at the foot of an A4 page that it is a sample."""
        self.centred((A4[0] / 2, y), words, "sans", 2.6, GREY)

    def line(self, points: list[Place], width: float = 0.2, colour: Colour = BLACK) -> None:
        """Draw a line through points."""
        scaled = [(x * self.scale, y * self.scale) for x, y in points]
        self._draw.line(scaled, fill=colour, width=max(1, round(width * self.scale)), joint="curve")

    def rule(self, left: float, right: float, y: float, width: float = 0.2, colour: Colour = GREY) -> None:
        """Draw a level line."""
        self.line([(left, y), (right, y)], width, colour)

    def box(
        self, area: tuple[float, float, float, float], fill: Colour | None = None, rim: Colour | None = BLACK
    ) -> None:
        """Draw a rectangle (left, top, right, bottom)."""
        scaled = [value * self.scale for value in area]
        self._draw.rectangle(scaled, fill=fill, outline=rim, width=max(1, round(0.2 * self.scale)))

    def stamp(self, at: Place, mask: Image, colour: Colour = BLACK, density: float = 1.0) -> None:
        """Lay colour through `mask` (0..255), multiplied onto what is there as ink soaks in.

        `at` is the mask's top left corner; the mask has the sheet's resolution.
        """
        left = round(at[0] * self.scale)
        top = round(at[1] * self.scale)
        area = (left, top, left + mask.shape[1], top + mask.shape[0])
        below = np.asarray(self._pillow.crop(area), np.float32)
        share = (mask.astype(np.float32) * (density / 255.0))[..., None]
        tint = np.asarray(colour, np.float32) / 255.0
        mixed = below * (1.0 - share + share * tint)
        self._pillow.paste(Pillow.fromarray(mixed.clip(0, 255).astype(np.uint8)), (left, top))

    def cover(self, at: Place, mask: Image, colour: Colour) -> None:
        """Lay an opaque colour through `mask` as foil lies, brighter than what is below or not."""
        left = round(at[0] * self.scale)
        top = round(at[1] * self.scale)
        self._pillow.paste(colour, (left, top), Pillow.fromarray(mask))

    def write(self, at: Place, words: str, em: float, colour: Colour = stamps.PEN_BLUE) -> None:
        """Write by hand, from the top left corner on."""
        self.stamp(at, handwriting(self._random, words, em * self.scale), colour, 0.91)

    def sign(self, at: Place) -> None:
        """Scribble a signature 40 mm wide."""
        self.stamp(at, stamps.signature(self.pixels(40, 13), self._random), stamps.PEN_BLUE, 0.9)

    def seal(self, at: Place, ring: Words, foot: Words, width: float) -> None:
        """Set on a round red seal."""
        words = (self.worded(ring), self.worded(foot))
        pixels = round(width * self.scale)
        mask = stamps.round_seal(self.faces, words, pixels, self._random)
        self.stamp(at, mask, stamps.SEAL_RED, 0.85)

    def worded(self, words: Words) -> str:
        """Return words in the language of the sheet."""
        return words if isinstance(words, str) else self.faces.pick(*words)

    def paragraph(self, column: Column, top: float, words: Words) -> float:
        """Set lines with the first baseline at `top`; returns the baseline of a next paragraph."""
        for part in lines(column, self.faces.serif, self.worded(words)):
            self.text((column.left, top), part, "serif", column.em, column.colour)
            top += column.leading
        return top

    def both(self, column: Column, top: float, words: Sequence[str], small: tuple[float, float]) -> float:
        """Set a paragraph, and its English below if it is Chinese, in a `small` em and leading."""
        top = self.paragraph(column, top, words)
        below = Column(column.left, column.width, *small, GREY)
        return self.paragraph(below, top - 0.4, words[1]) if self.faces.chinese else top


def lines(column: Column, face: Face, words: str) -> Iterator[str]:
    """Break `words` at spaces and between Chinese characters, but before no mark."""
    font = face.at(100.0)
    room = column.width * 100.0 / column.em
    line = ""
    for piece in _PIECE.findall(words):
        if line and font.getlength(line + piece.rstrip()) > room:
            yield line.rstrip()
            line = ""
        line += piece if line else piece.lstrip(" ")
    if line:
        yield line.rstrip()
