"""Limits on connections, request rates and bytes in work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from time import monotonic
from typing import NamedTuple

from server.access.peer import Peer
from server.config import LimitsConfig

OTHER_FILES = 256
"""Open files beside connections: devices, child processes, pictures in work, and uploads."""


def files_needed(limits: LimitsConfig) -> int:
    """Return the number of open files that all allowed connections need.

    Those before their first request give way where there are none left; see `server.access.handshakes`.
    """
    return limits.connections + OTHER_FILES


class LimitScope(Enum):
    """Scope of a limit that is reached; the value names it in logs."""

    ORIGIN = "this origin"
    USER = "this user or machine"
    SERVICE = "this service"


class Holder(NamedTuple):
    """Origin that a connection counts for, which a program may only claim, and its peer, as the kernel tells.

    Programs that are no browser count as one origin.
    """

    peer: Peer
    origin: str | None


class ConnectionLimiter:
    """Counts WebSockets and multipart streams by their holders."""

    def __init__(self) -> None:
        self._open: Counter[Holder] = Counter()

    @property
    def count(self) -> int:
        """Number of open connections."""
        return self._open.total()

    def full(self, holder: Holder, limits: LimitsConfig) -> LimitScope | None:
        """Return the limit that one more connection would exceed, or None."""
        if self.count >= limits.connections:
            return LimitScope.SERVICE
        # Of other users each leaves the places of one origin, however many origins its programs claim.
        of_peer = sum(count for each, count in self._open.items() if each.peer == holder.peer)
        if not holder.peer.is_own and of_peer >= limits.connections - limits.connections_per_origin:
            return LimitScope.USER
        return LimitScope.ORIGIN if self._open[holder] >= limits.connections_per_origin else None

    @contextmanager
    def hold(self, holder: Holder) -> Iterator[None]:
        """Count a connection until the end of the ``with`` block."""
        self._open[holder] += 1
        try:
            yield
        finally:
            self._open[holder] -= 1
            if not self._open[holder]:
                del self._open[holder]


class RateLimiter:
    """Leaky bucket with a burst of one second.

    `clock`: monotonic clock, in seconds.
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
