"""Text for tests: pages that say something, and readers with the nets or without."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.text import TextLine, TextReader
from imgcore.types import Image
from server.documents.text_reader import model_contents, text_reader
from server.errors import ToolMissing


def line(
    text: str, left: float, top: float, length: float, height: float = 20, vertical: bool = False
) -> TextLine:
    """A line with its box, which is `length` long in its own direction."""
    width, rows = (height, length) if vertical else (length, height)
    box = np.array([(0, 0), (width, 0), (width, rows), (0, rows)], np.float32)
    corners = box + np.float32([left, top])
    if vertical:
        corners = np.roll(corners, -1, axis=0)
    bounds = np.linspace(0, 1, len(text) + 1, dtype=np.float32)
    return TextLine(text, 0.99, corners, np.stack([bounds[:-1], bounds[1:]], 1), vertical)


def printed(*words: str) -> Image:
    """A white page with a word a line, large."""
    page = np.full((120 * len(words) + 120, 900, 3), 250, np.uint8)
    for number, word in enumerate(words):
        at = (120, 120 + 120 * number)
        cv2.putText(page, word, at, cv2.FONT_HERSHEY_DUPLEX, 1.6, (20, 20, 20), 3, cv2.LINE_AA)
    return page


def real_reader() -> TextReader:
    """The reader with the nets; the test is skipped where they were not fetched."""
    try:
        return text_reader(model_contents(), threads=1)
    except ToolMissing:
        pytest.skip("the text models are not here: gaopai models fetch")


class FakeTexts:
    """Reads the same lines from every picture, or fails."""

    def __init__(self, lines: tuple[TextLine, ...] = (), failure: Exception | None = None) -> None:
        self.lines = lines
        self.failure = failure
        self.shapes: list[tuple[int, ...]] = []

    async def read(self, image: Image, crop: bool = False) -> tuple[TextLine, ...]:
        self.shapes.append((*image.shape, crop))
        if self.failure is not None:
            raise self.failure
        return self.lines
