"""Budgets of bytes that clients hold in the memory of the service: by connection, origin and service."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from weakref import WeakValueDictionary

import msgspec

from server.config import LimitsConfig
from server.runtime import turns

MIB = 1024 * 1024
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
        turns.owner.set(origin)
        turns.room.set(self._origin(origin))

    def _origin(self, origin: str | None) -> ByteBudget:
        budget = self._origins.get(origin)
        if budget is None:
            budget = ByteBudget(lambda: self._limits().origin_waiting_mib * MIB, self._service)
            self._origins[origin] = budget
        return budget
