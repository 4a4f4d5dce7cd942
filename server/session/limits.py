"""Limits on connections, request rates and bytes in work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from time import monotonic

from server.config import LimitsConfig


class LimitScope(Enum):
    """Why there is no room for one more."""

    ORIGIN = "this origin"
    SERVICE = "this service"


class ConnectionLimiter:
    """Counts WebSockets and multipart streams alike; programs that are no browser count as one origin."""

    def __init__(self) -> None:
        self._taken: Counter[str | None] = Counter()

    @property
    def taken(self) -> int:
        """How many there are."""
        return self._taken.total()

    def full(self, origin: str | None, limits: LimitsConfig) -> LimitScope | None:
        """What has no room for one more connection of `origin`; None where there is."""
        if self.taken >= limits.connections:
            return LimitScope.SERVICE
        return LimitScope.ORIGIN if self._taken[origin] >= limits.connections_per_origin else None

    @contextmanager
    def take(self, origin: str | None) -> Iterator[None]:
        """Hold one until the end of the ``with`` block."""
        self._taken[origin] += 1
        try:
            yield
        finally:
            self._taken[origin] -= 1
            if not self._taken[origin]:
                del self._taken[origin]


class RateLimiter:
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


class ByteBudget:
    """Bytes that are held.

    Parameters
    ----------
    whole
        What holds the bytes of all connections; None for that itself.
    """

    def __init__(self, whole: ByteBudget | None = None) -> None:
        self._whole = whole
        self.held = 0

    def fits(self, size: int, limit: int, whole_limit: int) -> bool:
        """Whether `size` more bytes are within both limits.

        The first message of a connection always fits into its own limit: it has a limit of its own.
        """
        own = self.held == 0 or self.held + size <= limit
        return own and (self._whole is None or self._whole.held + size <= whole_limit)

    def take(self, size: int) -> None:
        """Hold `size` more."""
        self.held += size
        if self._whole is not None:
            self._whole.take(size)

    def give_back(self, size: int) -> None:
        """Hold `size` less."""
        self.held -= size
        if self._whole is not None:
            self._whole.give_back(size)

    def drop(self) -> None:
        """Hold nothing any more: the connection is gone."""
        self.give_back(self.held)
