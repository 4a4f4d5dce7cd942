"""Reading of the text on a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imgcore.text.crops import is_tall, level_line
from imgcore.text.detection import detect_lines
from imgcore.text.line import TextLine
from imgcore.text.order import reading_order
from imgcore.text.recognition import Recognizer
from imgcore.types import Image, Net

_LEAST_SCORE = 0.5
"""Below it a line is none: an edge or a picture."""


class TextReader:
    """Reader of text in Chinese, Japanese and Latin letters, printed level or downwards.

    Parameters
    ----------
    detector, recognizer
        Nets as `imgcore.text.detection.detect_lines` and `imgcore.text.recognition.Recognizer` take them.
    charset
        Characters of the recogniser, without the space.
    """

    side = 1280
    squeeze = 1.0

    def __init__(self, detector: Net, recognizer: Net, charset: Sequence[str]) -> None:
        self._detector = detector
        self._recognizer = Recognizer(recognizer, charset)

    def read(self, image: Image) -> list[TextLine]:
        """Read the lines on a BGR picture, in the order in which they are read."""
        found = detect_lines(self._detector, image, self.side).lines
        # The first edge of a line that is read downwards is its right side.
        corners = [np.roll(one, -1, axis=0) if is_tall(one) else one for one in found]
        texts = self._recognizer.recognize([level_line(image, one, self.squeeze) for one in corners])
        lines = [TextLine(*read[:2], one, read.spans) for one, read in zip(corners, texts, strict=True)
                 if read.text and read.score >= _LEAST_SCORE]  # fmt: skip
        return [lines[at] for at in reading_order([line.corners for line in lines])]
