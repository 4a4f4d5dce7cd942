"""Reading of the text on a picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from imgcore.orientation import OrientationNet, find_orientation
from imgcore.rotate import rotate
from imgcore.text.crops import downwards, grained, is_tall, level_line, line_sides
from imgcore.text.detection import detect_lines
from imgcore.text.line import TextLine
from imgcore.text.order import reading_order
from imgcore.text.recognition import Recognized, Recognizer
from imgcore.types import Image, ImageError, Net, Points

_SIDE, _LARGE_SIDE = 1280, 2048
"""Pixels of the picture's long side on which lines are detected; the larger one for small print."""
_SMALL_PRINT = 15
"""Height of a line on the smaller one below which the larger one is needed."""
_SQUEEZE = 0.62
"""The recogniser's work grows with the width of a line; it reads long ones as well at this share of it."""
_LONG = 8
"""Lines of more heights are squeezed."""
_DOUBTFUL = 0.93
"""Score of a squeezed line below which it is read at full width."""
_LEAST_SCORE = 0.5
"""Score below which there is no text: an edge or a picture."""


class TextReader:
    """Reader of text in Chinese, Japanese and Latin letters, printed level or downwards.

    Parameters
    ----------
    detector, recognizer
        Nets as `imgcore.text.detection.detect_lines` and `imgcore.text.recognition.Recognizer` take them.
    charset
        Characters of the recogniser, without the space.
    orientation
        Tells which way up a page is; without it pages are read as they lie.
    """

    def __init__(
        self,
        detector: Net,
        recognizer: Net,
        charset: Sequence[str],
        orientation: OrientationNet | None = None,
    ) -> None:
        self._detector = detector
        self._recognizer = Recognizer(recognizer, charset)
        self._orientation = orientation

    def read(self, image: Image, careful: bool = False, as_it_lies: bool = False) -> list[TextLine]:
        """Read the lines on a picture, in the order in which they are read.

        Parameters
        ----------
        image
            BGR or grey; any way up.
        careful
            Read every line at its full width, which takes twice as long: for numbers of which no digit
            may be wrong.
        as_it_lies
            Take the picture to be upright.

        Raises
        ------
        ImageError
            It has no pixels, or is neither grey nor BGR.
        """
        picture = _colour(image)
        turn = 0 if as_it_lies else self._turn(picture)
        lines = self._read_upright(rotate(picture, turn), careful)
        ordered = [lines[at] for at in reading_order(lines)]
        return [_turned_back(line, turn, picture.shape) for line in ordered] if turn else ordered

    def read_again(self, image: Image, lines: Sequence[TextLine], alphabet: str) -> list[TextLine]:
        """Read level lines that were found on a picture once more, in the characters of an alphabet alone."""
        picture = _colour(image)
        crops = [level_line(picture, line.corners, 1.0) for line in lines]
        texts = self._recognizer.recognize(crops, alphabet)
        return [
            TextLine(text.text, text.score, line.corners, text.spans)
            for line, text in zip(lines, texts, strict=True)
        ]

    def _turn(self, picture: Image) -> int:
        found = None if self._orientation is None else find_orientation(picture, self._orientation)
        return 0 if found is None else found.clockwise

    def _read_upright(self, picture: Image, careful: bool) -> list[TextLine]:
        found = self._detect(picture)
        vertical = [is_tall(corners) for corners in found]
        corners = [downwards(one) if tall else one for one, tall in zip(found, vertical, strict=True)]
        texts = self._recognize(picture, corners, vertical, careful)
        return [
            TextLine(read.text, read.score, one, read.spans, tall)
            for one, read, tall in zip(corners, texts, vertical, strict=True)
            if read.text.strip() and read.score >= _LEAST_SCORE
        ]

    def _detect(self, picture: Image) -> list[Points]:
        detected = detect_lines(self._detector, picture, _SIDE)
        if 0 < detected.height < _SMALL_PRINT and max(picture.shape[:2]) > _SIDE:
            detected = detect_lines(self._detector, picture, _LARGE_SIDE)
        return detected.lines

    def _recognize(
        self, picture: Image, corners: Sequence[Points], vertical: Sequence[bool], careful: bool
    ) -> list[Recognized]:
        def line(at: int, squeeze: float) -> Image:
            level = level_line(picture, corners[at], squeeze)
            return grained(level) if vertical[at] else level

        squeezes = [1.0 if careful else _squeeze(one) for one in corners]
        read = self._recognizer.recognize([line(at, squeeze) for at, squeeze in enumerate(squeezes)])
        doubtful = [at for at, one in enumerate(read) if squeezes[at] < 1 and one.score < _DOUBTFUL]
        again = self._recognizer.recognize([line(at, 1.0) for at in doubtful])
        for at, second in zip(doubtful, again, strict=True):
            read[at] = max(read[at], second, key=lambda one: one.score)
        return read


def _squeeze(corners: Points) -> float:
    length, height = line_sides(corners)
    return _SQUEEZE if length > _LONG * height else 1.0


def _colour(image: Image) -> Image:
    if image.size == 0 or image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] != 3):
        raise ImageError(f"a picture is grey or BGR and has pixels, not {image.shape}")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8) if image.ndim == 2 else image


def _turned_back(line: TextLine, clockwise: int, shape: tuple[int, ...]) -> TextLine:
    """Return a line of the picture that was turned `clockwise` as it lies on the picture of that shape."""
    rows, cols = shape[:2]
    x, y = line.corners.T
    back = {90: (y, rows - 1 - x), 180: (cols - 1 - x, rows - 1 - y), 270: (cols - 1 - y, x)}[clockwise]
    return TextLine(line.text, line.score, np.stack(back, axis=1), line.spans, line.vertical)
