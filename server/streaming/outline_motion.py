"""Motion of outlines: where a page that is pushed will be in a frame that nobody has searched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imgcore.types import Points
from server.streaming.pixels import EIGHTH

LEAST_MOVE = float(EIGHTH)
"""Pixels between two finds from which a page moves; what is less may be noise of the search."""
MOST_MOVE = 0.35
"""Share of a document's extent from which two finds are of another page, or of another place to begin."""
MOST_APART = 0.7
"""Seconds between two finds above which nobody knows how the page has moved in between."""
MOST_AHEAD = 0.35
"""Seconds that an outline is moved on at most: then the next search has come, or none comes."""


class OutlineMotion:
    """Newest outlines, moved on as they moved between the last two searches.

    A search takes a fifth of a second, in which a page under a hand goes on: drawn where it was found, its
    outline follows it at a distance.
    """

    def __init__(self) -> None:
        self._lines: Sequence[Points] = ()
        self._at = 0.0
        self._speed: Sequence[Points] | None = None

    def note(self, lines: Sequence[Points], at: float) -> None:
        """Take what was found in a frame that was taken `at`, seconds, monotonic."""
        self._speed = self._speed_to(lines, at)
        self._lines = lines
        self._at = at

    def rest(self, lines: Sequence[Points]) -> None:
        """Take outlines of a page that does not move."""
        self._lines = lines
        self._speed = None

    def at(self, time: float) -> Sequence[Points]:
        """Return the outlines as they are in a frame of that time."""
        ahead = min(time - self._at, MOST_AHEAD)
        if self._speed is None or ahead <= 0:
            return self._lines
        moves = zip(self._lines, self._speed, strict=True)
        return [np.asarray(line + speed * ahead, np.float32) for line, speed in moves]

    def _speed_to(self, lines: Sequence[Points], at: float) -> Sequence[Points] | None:
        """Return pixels a second of each point since the last find; None where nothing goes on from there."""
        apart = at - self._at
        if lines is self._lines or not lines or not 0 < apart <= MOST_APART:
            return None
        if [len(line) for line in lines] != [len(line) for line in self._lines]:
            return None
        moves = [line - before for line, before in zip(lines, self._lines, strict=True)]
        most = max(float(np.abs(move).max()) for move in moves)
        extent = max(float(np.ptp(line, axis=0).max()) for line in lines)
        if not LEAST_MOVE < most < MOST_MOVE * extent:
            return None
        return [move / apart for move in moves]
