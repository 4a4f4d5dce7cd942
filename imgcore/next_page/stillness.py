"""Stillness of a scene, told by glances at it."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.next_page.glance import Glance, changed

_MOVED = 0.05
"""Change of a logarithm between two glances from which something has moved."""
_MOVED_SHARE = 0.0006
"""Share of a scene that moves together from which something has moved."""
_SPECKLED_SHARE = 0.012
"""Share of a scene that specks take at most, as lamps and noise make them on fine patterns."""


class Stillness:
    """Time since which a scene is at rest; keeps state from one glance to the next.

    Attributes
    ----------
    since
        Time of the last glance that differed from one before it, in seconds.
    """

    def __init__(self) -> None:
        self.since = 0.0
        self._last: Glance | None = None
        self._anchor: Glance | None = None

    def has_moved(self, seen: Glance, now: float) -> bool:
        """Return whether a glance differs from the last one, or from the first one of this rest."""
        before = (self._last, self._anchor)
        self._last = seen
        moved = any(it is None or it.shape != seen.shape or _moves(it, seen) for it in before)
        if moved:
            self._anchor = seen
            self.since = now
        return moved


def _moves(before: Glance, after: Glance) -> bool:
    places = changed(before, after, _MOVED).astype(np.uint8)
    together = cv2.morphologyEx(places, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return (
        cv2.countNonZero(together) > max(2.0, _MOVED_SHARE * places.size)
        or cv2.countNonZero(places) > _SPECKLED_SHARE * places.size
    )


def differs(before: Glance, after: Glance, share: float) -> bool:
    """Return whether more than a share of a scene has changed."""
    places = changed(before, after, _MOVED)
    return int(np.count_nonzero(places)) > max(2.0, share * places.size)
