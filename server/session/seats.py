"""How many connections there are, of each origin and in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from server.config import Limits


class Full(Enum):
    """Why there is no room for one more."""

    ORIGIN = "this origin"
    SERVICE = "this service"


class Seats:
    """Counts WebSockets and multipart streams alike; programs that are no browser count as one origin."""

    def __init__(self) -> None:
        self._taken: Counter[str | None] = Counter()

    @property
    def taken(self) -> int:
        """How many there are."""
        return self._taken.total()

    def full(self, origin: str | None, limits: Limits) -> Full | None:
        """What has no room for one more connection of `origin`; None where there is."""
        if self.taken >= limits.connections:
            return Full.SERVICE
        return Full.ORIGIN if self._taken[origin] >= limits.connections_per_origin else None

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
