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
from imgcore.text.recognition import HEIGHT, Recognized, Recognizer
from imgcore.types import Image, ImageError, Net, Points

_LEAST_SIDE = 640
"""Pixels of a small picture's long side on which lines are detected."""
_SIDE = 1280
"""Pixels of the picture's long side on which lines are detected, unless it is small or of small print."""
_LARGE_SIDE = 2048
"""Most pixels of the picture's long side on which lines of small print are detected."""
_SMALL_PRINT = 15
"""Height of lines, in pixels of the picture they are detected on, below which another scale is tried."""
_PRINT = 20
"""Height in pixels that small print has at the other scale on which its lines are detected."""
_WORTH = 1.2
"""Enlargement of small print above which a second look is worth it."""
_WIDTH = 0.8
"""Share of a line's width at which it is read as well as at all of it; the recogniser's work grows with
it."""
_NARROW = 0.5
"""Least share of its width at which a clear line is read, if its characters are wide."""
_COLUMNS = 15
"""Columns of the recogniser's picture that a character needs."""
_LONG = 8
"""Length of a line, in heights, above which it is squeezed."""
_CLEAR = 0.98
"""Median score of the lines tried first from which a page is clear."""
_DOUBTFUL = 0.96
"""Score of a squeezed line below which it is read again."""
_UNSURE = 0.85
"""Score of any line below which it is read again."""
_TRIED = 6
"""Number of lines that are tried first."""
_TWICE = 2.0
"""Largest enlargement of a picture for the detector."""
_LARGER = 1.5
"""Enlargement of a picture of which fragments alone were read."""
_FRAGMENT = 3
"""Most characters of a fragment."""
_FRAGMENTS = 0.6
"""Share of fragments among lines from which a picture is read again."""
_FEW = 8
"""Fewest lines of a picture that is read again."""
_LEGIBLE = 0.85
"""Median score of the lines below which a picture is read again."""
_LOW = 20
"""Median height of the lines in pixels up to which a picture is read again: figures of a table are short,
too."""
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
        lines = self._read_view(picture, careful, as_it_lies)
        if not _is_fragmentary(lines):
            return lines
        return max(lines, self._read_view(picture, careful, as_it_lies, scale=_LARGER), key=_legibility)

    def _read_view(
        self, picture: Image, careful: bool, as_it_lies: bool, level: bool = False, scale: float = 1.0
    ) -> list[TextLine]:
        """Read a picture, its lines detected at a `scale`; if they are not `level`, it is turned first."""
        turn = 0 if as_it_lies else self._turn(picture)
        upright = rotate(picture, turn)
        found = self._detect(upright, scale)
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

    def _detect(self, picture: Image, scale: float) -> list[Points]:
        """Detect lines; those of small print at a scale at which they are large enough."""
        own = max(picture.shape[:2])
        side = min(own, _SIDE)
        # A small picture costs hardly anything, and shows its lines better at twice its size.
        side = min(scale * max(side, min(_TWICE * own, _LEAST_SIDE)), _LARGE_SIDE)
        detected = detect_lines(self._detector, picture, round(side))
        most = min(own if own > _SIDE else _TWICE * own, _LARGE_SIDE)
        larger = min(side * _PRINT / detected.height, most) if detected.height else side
        if detected.height < _SMALL_PRINT and larger > _WORTH * side:
            detected = detect_lines(self._detector, picture, round(larger))
        return detected.lines

    def _recognize(
        self, picture: Image, corners: Sequence[Points], vertical: Sequence[bool], careful: bool
    ) -> list[Recognized]:
        def recognize(places: Sequence[int], width: float) -> list[Recognized]:
            crops = [level_line(picture, corners[at], width) for at in places]
            lines = [grained(crop) if vertical[at] else crop for at, crop in zip(places, crops, strict=True)]
            return self._recognizer.recognize(lines)

        every = range(len(corners))
        if careful:
            return recognize(every, 1.0)
        long = [at for at in every if not vertical[at] and _is_long(corners[at])]
        tried = long[:: max(1, len(long) // _TRIED)]
        read = dict(zip(tried, recognize(tried, _WIDTH), strict=True))
        width = _narrowest([read[at] for at in tried], [corners[at] for at in tried])
        squeezed = [at for at in long if at not in read] if width < _WIDTH else []
        read |= zip(squeezed, recognize(squeezed, width), strict=True)
        rest = [at for at in every if at not in read]
        read |= zip(rest, recognize(rest, _WIDTH), strict=True)
        for limit, lines, wider in ((_DOUBTFUL, squeezed, _WIDTH), (_UNSURE, every, 1.0)):
            again = [at for at in lines if _LEAST_SCORE <= read[at].score < limit]
            for at, second in zip(again, recognize(again, wider), strict=True):
                read[at] = max(read[at], second, key=_sureness)
        return [read[at] for at in every]


def _is_fragmentary(lines: Sequence[TextLine]) -> bool:
    """Return whether what was read is low, and mostly single characters or unsure: run together."""
    if len(lines) < _FEW or np.median([min(line_sides(line.corners)) for line in lines]) > _LOW:
        return False
    fragments = np.mean([len(line.text.strip()) <= _FRAGMENT for line in lines])
    return bool(fragments >= _FRAGMENTS or np.median([line.score for line in lines]) < _LEGIBLE)


def _legibility(lines: Sequence[TextLine]) -> float:
    """Return the number of characters, by how surely they were read, less where they are fragments."""
    return sum(max(len(line.text) - 1, 0) * (line.score - _LEAST_SCORE) for line in lines)


def _sureness(line: Recognized) -> float:
    """Return the number of characters, by how surely they were read: narrow ones that are alike merge."""
    return len(line.text) * (line.score - _LEAST_SCORE)


def _is_long(corners: Points) -> bool:
    length, height = line_sides(corners)
    return length > _LONG * height


def _narrowest(read: Sequence[Recognized], corners: Sequence[Points]) -> float:
    """Return the width at which long lines of a page are read, by those that were read already.

    Chinese characters are wide, Latin letters narrow; of a page that is not clear none is squeezed further.
    """
    if len(read) < _TRIED or np.median([line.score for line in read]) < _CLEAR:
        return _WIDTH
    characters = sum(len(line.text) for line in read)
    columns = sum(HEIGHT * length / height for length, height in map(line_sides, corners))
    return float(np.clip(_COLUMNS * characters / columns, _NARROW, _WIDTH))


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
