"""Lines of text that were read from a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.types import Points

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class TextLine:
    """Line of text on a picture.

    Attributes
    ----------
    text
        Its characters in their order.
    score
        Mean confidence of the characters, 0..1.
    corners
        float32 ``(4, 2)``, clockwise as the text is read: the first edge runs along the tops of its
        characters from the first to the last; of vertical text it runs down its right side.
    spans
        float32 ``(n, 2)``: start and end of each character along that edge, 0..1.
    vertical
        True if upright characters follow each other downwards.
    """

    text: str
    score: float
    corners: Points
    spans: Floats
    vertical: bool = False

    def part(self, start: int, end: int) -> Points:
        """Return the corners of the characters from `start` to before `end`, in the order of `corners`."""
        first = float(self.spans[start, 0])
        last = float(self.spans[end - 1, 1])
        begin, top, bottom, under = self.corners
        across = top - begin
        below = bottom - under
        return np.asarray(
            [begin + first * across, begin + last * across, under + last * below, under + first * below],
            np.float32,
        )
