"""Stillness of a scene, told by glances at it."""

from __future__ import annotations

import numpy as np

from imgcore.next_page.glance import Glance, changed

_MOVED = 0.05
"""Change of a logarithm between two glances from which something has moved."""
_MOVED_SHARE = 0.0006


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
        before, self._last = (self._last, self._anchor), seen
        moved = any(it is None or it.shape != seen.shape or differs(it, seen, _MOVED_SHARE) for it in before)
        if moved:
            self._anchor, self.since = seen, now
        return moved


def differs(before: Glance, after: Glance, share: float) -> bool:
    """Return whether more than a share of a scene has changed."""
    places = changed(before, after, _MOVED)
    return int(np.count_nonzero(places)) > max(2.0, share * places.size)
