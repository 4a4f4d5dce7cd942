"""A pen that sets made-up words on a sheet, in the faces of the system."""

from __future__ import annotations

import PIL.Image as Pillow
import PIL.ImageDraw

from synthetic.arrays import Random
from synthetic.text.typeface import Face, Faces, Font, system_faces
from synthetic.text.words import characters, words

Colour = int | tuple[int, int, int]
Box = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels."""


class Pen:
    """Draws on `sheet`, in one of `faces` at a time.

    Attributes
    ----------
    ink
        Colour of words and rules.
    points
        Pixels an em.
    wide
        Width of a letter in ems.
    write
        Makes up words in the script of the face.
    """

    def __init__(self, random: Random, sheet: Pillow.Image, ink: Colour, faces: Faces | None = None) -> None:
        self.random = random
        self.ink = ink
        self.cols, self.rows = sheet.size
        self.draw = PIL.ImageDraw.Draw(sheet)
        self.faces = faces or system_faces()

    def face(self, chinese: bool) -> Face:
        """Return a face for one of the scripts."""
        faces = self.faces.chinese if chinese and self.faces.chinese else self.faces.latin
        return faces[int(self.random.integers(len(faces)))]

    def choose(self, points: int, chinese: bool) -> None:
        """Take a face, and set in it from now on."""
        chinese = chinese and bool(self.faces.chinese)
        self._face = self.face(chinese)
        self.points = points
        self.write, self.wide = (characters, 1.0) if chinese else (words, 0.56)

    def either(self, low: float, high: float, chinese: float = 0.5) -> None:
        """Take a face for either script, `low` to `high` of the sheet's height an em."""
        self.choose(int(self.rows * self.random.uniform(low, high)), bool(self.random.random() < chinese))

    def words(self, length: int) -> str:
        """Make up a line of about so many letters."""
        return self.write(self.random, length)

    def font(self, grown: float = 1.0) -> Font:
        """Return the face, `grown` times as large."""
        return self._face.at(int(self.points * grown))

    def text(self, at: tuple[float, float], line: str, grown: float = 1.0, anchor: str = "la") -> None:
        """Set a line."""
        self.draw.text(at, line, self.ink, self.font(grown), anchor)

    def title(self, y: float, length: int, grown: float = 2.0) -> None:
        """Set a heading of about so many letters in the middle."""
        self.text((self.cols / 2, y), self.words(length), grown, "ma")

    def rule(self, box: Box, width: float) -> None:
        """Draw a line from the box's first corner to its last."""
        self.draw.line(box, self.ink, max(1, int(width)))
