"""How many requests a second a connection may send."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic


class Pace:
    """A bucket of tokens: one second's worth at once, then as they come.

    Parameters
    ----------
    clock
        Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._spent = 0.0
        self._seen = clock()

    def admits(self, per_second: int) -> bool:
        """Whether one more is within `per_second`; if so it counts."""
        now = self._clock()
        self._spent = max(0.0, self._spent - (now - self._seen) * per_second)
        self._seen = now
        if self._spent + 1 > per_second:
            return False
        self._spent += 1
        return True
