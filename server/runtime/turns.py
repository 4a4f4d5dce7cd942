"""Turns at what is scarce, origin by origin: the hundred requests of one wait behind the first of another."""

from __future__ import annotations

import asyncio
import weakref
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class Room(Protocol):
    """Protocol for memory that an owner may use."""

    def admits(self, size: int) -> bool:
        """Return whether there are `size` more bytes."""

    def add(self, size: int) -> None:
        """Use `size` more bytes, or fewer if it is negative."""


class Payer(NamedTuple):
    """Origin that a task works for, and whose turns and memory it takes.

    Attributes
    ----------
    owner
        The origin; None for programs that are no browser, and for the service itself.
    room
        Memory of the origin; None without a limit.
    """

    owner: str | None = None
    room: Room | None = None


payer: ContextVar[Payer] = ContextVar("payer", default=Payer())  # noqa: B039 - frozen
"""Payer of the current task, and of the tasks and threads that it starts."""


@dataclass(slots=True, eq=False)
class Turn:
    """Part of a capacity that was given to an owner, until it is released."""

    owner: str | None
    weight: int
    given: asyncio.Future[None] = field(repr=False)
    room: Room | None = field(default=None, repr=False)
    charged: int = 0


class Turns:
    """Capacity of which each owner gets a share at a time; one that has less goes first.

    Parameters
    ----------
    capacity
        Weight of all turns at a time; a heavier one waits until it is alone.
    share
        Weight of one owner's turns at a time, so that something is left for the next owner.
    memory
        Bytes that a turn takes, charged to the owner's `room`; without room a second one waits for the first.
    free
        Turns of an owner that are not charged.
    """

    def __init__(self, capacity: int, share: int, memory: int = 0, free: int = 1) -> None:
        self._capacity = capacity
        self._share = share
        self._memory = memory
        self._free = free
        self._used: Counter[str | None] = Counter()
        self._waiting: dict[str | None, deque[Turn]] = {}

    @property
    def waiting(self) -> frozenset[str | None]:
        """Owners that wait for the turns of others, and not for their own alone."""
        return frozenset(line[0].owner for line in self._waiting.values() if self._within_share(line[0]))

    def admits(self, weight: int = 1) -> bool:
        """Return whether the current `payer` would have a turn at once."""
        turn = _asked(weight)
        return turn.owner not in self._waiting and self._within_share(turn) and self._fits(weight)

    async def acquire(self, weight: int = 1) -> Turn:
        """Wait for a turn of the current `payer`, which the caller releases."""
        turn = _asked(weight)
        self._waiting.setdefault(turn.owner, deque()).append(turn)
        self._give()
        try:
            await turn.given
        except asyncio.CancelledError:
            self._withdraw(turn)
            raise
        return turn

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Have a turn of the current `payer` in the ``with`` block."""
        turn = await self.acquire()
        try:
            yield
        finally:
            self.release(turn)

    def attempt(self, weight: int) -> Turn | None:
        """Return a turn of the current `payer`, or None where it would have to wait."""
        if not self.admits(weight):
            return None
        self._take(turn := _asked(weight))
        return turn

    def release_with(self, holder: object, turn: Turn) -> Callable[[], object]:
        """Give a turn back when `holder` is gone, in whichever thread, or when the result is called."""
        return weakref.finalize(holder, self._release_from_anywhere, asyncio.get_running_loop(), turn)

    def _release_from_anywhere(self, loop: asyncio.AbstractEventLoop, turn: Turn) -> None:
        # The loop is closed when the process ends before its last picture does.
        if not loop.is_closed():
            loop.call_soon_threadsafe(self.release, turn)

    def release(self, turn: Turn) -> None:
        """Give a turn back."""
        if turn.room is not None:
            turn.room.add(-turn.charged)
        self._used[turn.owner] -= turn.weight
        if not self._used[turn.owner]:
            del self._used[turn.owner]
        self._give()

    def _withdraw(self, turn: Turn) -> None:
        if not turn.given.cancelled():
            # It was given in the meantime.
            self.release(turn)
        elif turn in self._waiting.get(turn.owner, ()):
            self._remove(turn)
            self._give()

    def _give(self) -> None:
        while (turn := self._next()) is not None:
            self._remove(turn)
            # One that was cancelled and does not know of it yet is passed over.
            if not turn.given.cancelled():
                self._take(turn)

    def _take(self, turn: Turn) -> None:
        if turn.room is not None and self._used[turn.owner] >= self._free:
            turn.charged = self._memory
            turn.room.add(self._memory)
        self._used[turn.owner] += turn.weight
        turn.given.set_result(None)

    def _next(self) -> Turn | None:
        """Return the turn to be given now; who is first in line and too heavy is not overtaken."""
        heads = [waiting[0] for waiting in self._waiting.values()]
        heads = [turn for turn in heads if self._within_share(turn)]
        first = min(heads, key=lambda turn: self._used[turn.owner], default=None)
        return first if first is not None and self._fits(first.weight) else None

    def _remove(self, turn: Turn) -> None:
        line = self._waiting.pop(turn.owner)
        line.remove(turn)
        if line:
            # At the end, so that owners with the same in use take turns.
            self._waiting[turn.owner] = line

    def _within_share(self, turn: Turn) -> bool:
        used = self._used[turn.owner]
        affords = not self._memory or turn.room is None or turn.room.admits(self._memory)
        return not used or (used + turn.weight <= self._share and (affords or used < self._free))

    def _fits(self, weight: int) -> bool:
        used = self._used.total()
        return not used or used + weight <= self._capacity


def _asked(weight: int) -> Turn:
    owner, room = payer.get()
    return Turn(owner, weight, asyncio.get_running_loop().create_future(), room)
