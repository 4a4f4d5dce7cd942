"""Lines of text at places of a flat document, as a reader would give them, and readers that give them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imgcore.text import TextLine
from imgcore.types import Image

SIZE = (860, 540)
"""Columns and rows."""
Printed = tuple[str, float, float, float]
"""Text, left and top in shares of the document, height of its letters likewise."""


def line(text: str, left: float, top: float, height: float = 0.07, score: float = 0.99) -> TextLine:
    """Return a line whose letters are as wide as high, half that of Latin ones."""
    cols, rows = SIZE
    widths = np.array([1.0 if ord(character) > 0x2E80 else 0.55 for character in text])
    ends = np.concatenate([[0.0], widths.cumsum()]) / widths.sum()
    wide = float(widths.sum()) * height * rows
    x = left * cols
    y = top * rows
    deep = height * rows
    corners = np.array([(x, y), (x + wide, y), (x + wide, y + deep), (x, y + deep)], np.float32)
    return TextLine(text, score, corners, np.stack([ends[:-1], ends[1:]], axis=1).astype(np.float32))


class Recited:
    """Reader that gives prepared looks, the last one again and again."""

    def __init__(self, *looks: Sequence[TextLine]) -> None:
        self._looks = list(looks)
        self.seen: list[tuple[int, ...]] = []

    def read_again(self, image: Image, lines: Sequence[TextLine], alphabet: str) -> list[TextLine]:
        """Return the lines as they are."""
        return list(lines)

    def read(self, image: Image, careful: bool = False, as_it_lies: bool = False) -> list[TextLine]:
        """Return the next look, at the scale of the picture."""
        lines = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        self.seen.append(image.shape)
        scale = np.array([image.shape[1] / SIZE[0], image.shape[0] / SIZE[1]], np.float32)
        return [TextLine(one.text, one.score, one.corners * scale, one.spans) for one in lines]


BLANK = np.full((SIZE[1], SIZE[0], 3), 255, np.uint8)
