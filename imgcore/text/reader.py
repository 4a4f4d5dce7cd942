"""Reading of the text on a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from imgcore.orientation import OrientationNet, find_orientation
from imgcore.rotate import rotate
from imgcore.text.crops import downwards, grained, is_tall, level_line, levelled, line_sides, slope_of
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
_STRETCH = 1.3
"""Width at which vertical lines are read: of the marks between their characters less is left out."""
_SMALL, _TWICE = 560, 2.0
"""Longest side of a picture that is read enlarged, and how much."""
_LARGER, _LARGE = 1.5, 6_000_000
"""Enlargement of a picture of which fragments alone were read, if it has no more pixels than these."""
_FRAGMENT, _FRAGMENTS, _FEW, _LEGIBLE = 3, 0.6, 8, 0.85
"""Characters of a fragment, share of fragments among lines, at least so many, or their median score, at which
a picture is read again."""
_STEEP = 15.0
"""Degrees from an axis from which the detector's boxes are too large for the lines."""
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
        if max(picture.shape[:2]) <= _SMALL:
            return self._read_enlarged(picture, _TWICE, careful, as_it_lies)
        lines = self._read_view(picture, careful, as_it_lies)
        if not _is_fragmentary(lines) or picture.shape[0] * picture.shape[1] > _LARGE:
            return lines
        return max(lines, self._read_enlarged(picture, _LARGER, careful, as_it_lies), key=_legibility)

    def _read_enlarged(
        self, picture: Image, factor: float, careful: bool, as_it_lies: bool
    ) -> list[TextLine]:
        """Read a picture enlarged: letters of a few pixels are found, and parted, at a larger scale."""
        larger = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        lines = self._read_view(np.asarray(larger, np.uint8), careful, as_it_lies)
        return [replace(line, corners=(line.corners + 0.5) / np.float32(factor) - 0.5) for line in lines]

    def _read_view(
        self, picture: Image, careful: bool, as_it_lies: bool, level: bool = False
    ) -> list[TextLine]:
        """Read a picture at its own scale; one whose lines are not `level` is turned and read again."""
        turn = 0 if as_it_lies else self._turn(picture)
        upright = rotate(picture, turn)
        found = self._detect(upright)
        slope = 0.0 if level or as_it_lies else slope_of(found)
        if abs(slope) > _STEEP:
            lines = self._read_steep(upright, slope, careful)
        else:
            read = self._read_found(upright, found, careful)
            lines = [read[at] for at in reading_order(read)]
        return [_turned_back(line, turn, picture.shape) for line in lines] if turn else lines

    def _read_steep(self, picture: Image, slope: float, careful: bool) -> list[TextLine]:
        """Read a picture turned so that its lines are level, which may be upside down then."""
        turned, matrix = levelled(picture, slope)
        back = cv2.invertAffineTransform(matrix)
        return [
            replace(line, corners=np.asarray(line.corners @ back[:, :2].T + back[:, 2], np.float32))
            for line in self._read_view(turned, careful, as_it_lies=False, level=True)
        ]

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

    def _read_found(self, picture: Image, found: Sequence[Points], careful: bool) -> list[TextLine]:
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

        squeezes = [
            _STRETCH if tall else 1.0 if careful else _squeeze(one)
            for one, tall in zip(corners, vertical, strict=True)
        ]
        read = self._recognizer.recognize([line(at, squeeze) for at, squeeze in enumerate(squeezes)])
        doubtful = [at for at, one in enumerate(read) if squeezes[at] < 1 and one.score < _DOUBTFUL]
        again = self._recognizer.recognize([line(at, 1.0) for at in doubtful])
        for at, second in zip(doubtful, again, strict=True):
            read[at] = max(read[at], second, key=lambda one: one.score)
        return read


def _is_fragmentary(lines: Sequence[TextLine]) -> bool:
    """Return whether what was read is mostly single characters, or unsure: too small, or run together."""
    if len(lines) < _FEW:
        return False
    fragments = np.mean([len(line.text.strip()) <= _FRAGMENT for line in lines])
    return bool(fragments >= _FRAGMENTS or np.median([line.score for line in lines]) < _LEGIBLE)


def _legibility(lines: Sequence[TextLine]) -> float:
    """Return the number of characters, by how surely they were read, less where they are fragments."""
    return sum(max(len(line.text) - 1, 0) * (line.score - _LEAST_SCORE) for line in lines)


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
