"""Limits on connections, request rates and bytes in work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from time import monotonic

from server.config import LimitsConfig


class LimitScope(Enum):
    """Scope of a limit that is reached; the value names it in logs."""

    ORIGIN = "this origin"
    SERVICE = "this service"


class ConnectionLimiter:
    """Counts WebSockets and multipart streams by origin; programs that are no browser count as one."""

    def __init__(self) -> None:
        self._open: Counter[str | None] = Counter()

    @property
    def count(self) -> int:
        """Number of open connections."""
        return self._open.total()

    def full(self, origin: str | None, limits: LimitsConfig) -> LimitScope | None:
        """Return the limit that one more connection of `origin` would exceed, or None."""
        if self.count >= limits.connections:
            return LimitScope.SERVICE
        return LimitScope.ORIGIN if self._open[origin] >= limits.connections_per_origin else None

    @contextmanager
    def hold(self, origin: str | None) -> Iterator[None]:
        """Count a connection until the end of the ``with`` block."""
        self._open[origin] += 1
        try:
            yield
        finally:
            self._open[origin] -= 1
            if not self._open[origin]:
                del self._open[origin]


class RateLimiter:
    """Leaky bucket with a burst of one second.

    Parameters
    ----------
    clock
        Monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._spent = 0.0
        self._updated_at = clock()

    def admits(self, per_second: int) -> bool:
        """Return whether one more event is within `per_second`; if so, count it."""
        now = self._clock()
        self._spent = max(0.0, self._spent - (now - self._updated_at) * per_second)
        self._updated_at = now
        if self._spent + 1 > per_second:
            return False
        self._spent += 1
        return True
