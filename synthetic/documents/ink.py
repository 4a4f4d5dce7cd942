"""Printing on paper: Pillow's drawing in millimetres from the sheet's top left corner."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from synthetic.arrays import Image
from synthetic.scene.sheet import RESOLUTION
from synthetic.text.typeface import Face

Colour = tuple[int, int, int]
"""Red, green, blue."""

BLACK: Colour = (38, 36, 40)
GREY: Colour = (110, 110, 112)
BLUE: Colour = (38, 70, 132)


class Ink:
    """Draws on one sheet; `sheet` gives it back as BGR."""

    def __init__(self, paper: Image, scale: float = RESOLUTION) -> None:
        self._scale = scale
        self._pillow = Pillow.fromarray(cv2.cvtColor(paper, cv2.COLOR_BGR2RGB))
        self._draw = ImageDraw.Draw(self._pillow)

    @property
    def scale(self) -> float:
        """Pixels per millimetre."""
        return self._scale

    def sheet(self) -> Image:
        """The printed sheet, BGR."""
        return np.asarray(cv2.cvtColor(np.asarray(self._pillow), cv2.COLOR_RGB2BGR), np.uint8)

    def text(
        self,
        at: tuple[float, float],
        words: str,
        face: Face,
        em: float,
        colour: Colour = BLACK,
        anchor: str = "ls",
    ) -> None:
        """One line at a baseline point; `em` in millimetres, `anchor` as in Pillow."""
        font = face.at(em * self._scale)
        where = (at[0] * self._scale, at[1] * self._scale)
        self._draw.text(where, words, fill=colour, font=font, anchor=anchor)

    def line(self, points: list[tuple[float, float]], width: float = 0.2, colour: Colour = BLACK) -> None:
        """A line through points."""
        scaled = [(x * self._scale, y * self._scale) for x, y in points]
        self._draw.line(scaled, fill=colour, width=max(1, round(width * self._scale)), joint="curve")

    def box(
        self, area: tuple[float, float, float, float], fill: Colour | None = None, rim: Colour | None = BLACK
    ) -> None:
        """A rectangle (left, top, right, bottom)."""
        left, top, right, bottom = (value * self._scale for value in area)
        self._draw.rectangle(
            (left, top, right, bottom), fill=fill, outline=rim, width=max(1, round(0.2 * self._scale))
        )

    def stamp(self, at: tuple[float, float], mask: Image, colour: Colour, density: float = 1.0) -> None:
        """Colour through `mask` (0..255), multiplied onto what is there as ink soaks in.

        `at` is the mask's top left corner; the mask has the sheet's resolution.
        """
        left, top = round(at[0] * self._scale), round(at[1] * self._scale)
        area = (left, top, left + mask.shape[1], top + mask.shape[0])
        below = np.asarray(self._pillow.crop(area), np.float32)
        share = (mask.astype(np.float32) * (density / 255.0))[..., None]
        tint = np.asarray(colour, np.float32) / 255.0
        mixed = below * (1.0 - share + share * tint)
        self._pillow.paste(Pillow.fromarray(mixed.clip(0, 255).astype(np.uint8)), (left, top))
