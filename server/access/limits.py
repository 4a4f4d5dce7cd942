"""Limits on connections, request rates, and the bytes that clients hold in the memory of the service."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from time import monotonic
from typing import NamedTuple
from weakref import WeakValueDictionary

import msgspec

from server.access.peer import Peer
from server.config import LimitsConfig
from server.runtime import turns

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


MIB = 1024 * 1024
"""Bytes in a mebibyte."""
SMALL_BYTES = 4096
"""Size up to which a message is never refused: their number is limited, and stop requests are small."""
FREED_BYTES = 8 * MIB
"""Released bytes after which free memory is worth being given back to the kernel."""
LARGE_TEXT = 65_536
"""Length of a text from which it counts as a file."""


def held_bytes(value: object) -> int:
    """Return the memory that a decoded request takes until it is answered, of which only text can be large.

    Long text is a file in base64: the file and the copy that decoding processes read come to it.
    """
    if isinstance(value, str):
        return sys.getsizeof(value) * (5 if len(value) > LARGE_TEXT else 2) // 2
    inner: Iterable[object] = ()
    if isinstance(value, Mapping):
        inner = (*value.keys(), *value.values())
    elif isinstance(value, tuple | list):
        inner = value
    elif isinstance(value, msgspec.Struct):
        inner = (getattr(value, name) for name in value.__struct_fields__)
    elif is_dataclass(value):
        inner = (getattr(value, field.name) for field in fields(value))
    return sys.getsizeof(value) + sum(map(held_bytes, inner))


@dataclass(frozen=True, slots=True)
class MessageLimits:
    """Limits of one message: bytes, and seconds from its first frame to its last."""

    size: int
    seconds: float


class ByteBudget:
    """Budget of one connection, one origin or the service; what is held counts for `parent`, too.

    Parameters
    ----------
    limit
        Returns the limit in bytes, which a reload may change.

    Attributes
    ----------
    held
        Bytes in use.
    """

    def __init__(self, limit: Callable[[], int], parent: ByteBudget | None = None) -> None:
        self._limit = limit
        self._parent = parent
        self._closed = False
        self.held = 0

    def admits(self, size: int, own: int = 0) -> bool:
        """Return whether `size` more bytes are within all limits.

        Parameters
        ----------
        own
            Bytes that the same message holds already. One that is alone always fits, as single messages
            have a limit, too.
        """
        fits = self.held == own or self.held + size <= self._limit()
        return fits and (self._parent is None or self._parent.admits(size, own))

    def add(self, size: int) -> None:
        """Use `size` more bytes, or fewer if it is negative."""
        if self._closed:
            return
        self.held += size
        if self._parent is not None:
            self._parent.add(size)

    def close(self) -> None:
        """Release everything, now and for good: the connection is gone."""
        self.add(-self.held)
        self._closed = True


class ServiceBudget(ByteBudget):
    """Budget of the service.

    Attributes
    ----------
    freed
        Set whenever `FREED_BYTES` more were released.
    """

    def __init__(self, limit: Callable[[], int]) -> None:
        super().__init__(limit)
        self.freed = asyncio.Event()
        self._released = 0

    def add(self, size: int) -> None:
        super().add(size)
        self._released -= min(size, 0)
        if self._released >= FREED_BYTES:
            self._released = 0
            self.freed.set()


class Charge:
    """Bytes that one message holds, from its first byte until its request is answered."""

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self.size = 0

    def grow(self, size: int) -> bool:
        """Hold `size` more bytes; return False, and hold no more than before, if that is over a limit."""
        if self.size + size > SMALL_BYTES and not self._budget.admits(size, self.size):
            return False
        self._budget.add(size)
        self.size += size
        return True

    def shrink(self, size: int) -> None:
        """Hold `size` bytes fewer."""
        self._budget.add(-size)
        self.size -= size

    def resize(self, size: int) -> bool:
        """Hold `size` bytes in all; return False, and change nothing, if that is over a limit."""
        more = size - self.size
        if more > 0:
            return self.grow(more)
        self.shrink(-more)
        return True

    def release(self) -> None:
        """Hold nothing any more."""
        self._budget.add(-self.size)
        self.size = 0


class ByteBudgets:
    """Budgets of a service, of its origins, and of their connections.

    Parameters
    ----------
    limits
        Returns the limits of the configuration.
    """

    def __init__(self, limits: Callable[[], LimitsConfig]) -> None:
        self._limits = limits
        self._service = ServiceBudget(lambda: limits().all_waiting_mib * MIB)
        self._origins: WeakValueDictionary[str | None, ByteBudget] = WeakValueDictionary()

    @property
    def freed(self) -> asyncio.Event:
        """Event of `ServiceBudget`."""
        return self._service.freed

    @property
    def held(self) -> int:
        """Bytes in use by all connections together."""
        return self._service.held

    def connection(self, origin: str | None) -> ByteBudget:
        """Return the budget of a new connection; programs that are no browser are one origin."""
        return ByteBudget(lambda: self._limits().waiting_mib * MIB, self._origin(origin))

    def work_for(self, origin: str | None) -> None:
        """Have the current task work for an origin: in its turns, and with its memory."""
        turns.payer.set(turns.Payer(origin, self._origin(origin)))

    def _origin(self, origin: str | None) -> ByteBudget:
        budget = self._origins.get(origin)
        if budget is None:
            budget = ByteBudget(lambda: self._limits().origin_waiting_mib * MIB, self._service)
            self._origins[origin] = budget
        return budget
