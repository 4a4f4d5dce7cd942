"""Turns at what is scarce, origin by origin: the hundred requests of one wait behind the first of another."""

from __future__ import annotations

import asyncio
import weakref
from collections import Counter, deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

owner: ContextVar[str | None] = ContextVar("owner", default=None)
"""Origin that the current task works for; None for programs that are no browser, and for ourselves."""


@dataclass(slots=True, eq=False)
class Turn:
    """Part of a capacity that was given to an owner, until it is released."""

    owner: str | None
    weight: int
    given: asyncio.Future[None] = field(repr=False)


class Turns:
    """Capacity of which each owner gets a share at a time; one that has less goes first.

    Parameters
    ----------
    capacity
        Weight of all turns at a time; a heavier one waits until it is alone.
    share
        Weight of one owner's turns at a time, so that something is left for the next owner.
    """

    def __init__(self, capacity: int, share: int) -> None:
        self._capacity = capacity
        self._share = share
        self._used: Counter[str | None] = Counter()
        self._waiting: dict[str | None, deque[Turn]] = {}

    @property
    def waiting(self) -> frozenset[str | None]:
        """Owners that wait for the turns of others, and not for their own alone."""
        heads = (line[0] for line in self._waiting.values())
        return frozenset(turn.owner for turn in heads if self._within_share(turn.owner, turn.weight))

    def admits(self, owner: str | None, weight: int = 1) -> bool:
        """Return whether `owner` would have a turn at once."""
        return owner not in self._waiting and self._within_share(owner, weight) and self._fits(weight)

    async def acquire(self, weight: int = 1) -> Turn:
        """Wait for a turn of the current `owner`, which the caller releases."""
        turn = Turn(owner.get(), weight, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(turn.owner, deque()).append(turn)
        self._give()
        try:
            await turn.given
        except asyncio.CancelledError:
            self._withdraw(turn)
            raise
        return turn

    def attempt(self, weight: int) -> Turn | None:
        """Return a turn of the current `owner`, or None where it would have to wait."""
        if not self.admits(owner.get(), weight):
            return None
        turn = Turn(owner.get(), weight, asyncio.get_running_loop().create_future())
        turn.given.set_result(None)
        self._used[turn.owner] += weight
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
                self._used[turn.owner] += turn.weight
                turn.given.set_result(None)

    def _next(self) -> Turn | None:
        """Return the turn to be given now; who is first in line and too heavy is not overtaken."""
        heads = [waiting[0] for waiting in self._waiting.values()]
        heads = [turn for turn in heads if self._within_share(turn.owner, turn.weight)]
        first = min(heads, key=lambda turn: self._used[turn.owner], default=None)
        return first if first is not None and self._fits(first.weight) else None

    def _remove(self, turn: Turn) -> None:
        line = self._waiting.pop(turn.owner)
        line.remove(turn)
        if line:
            # At the end, so that owners with the same in use take turns.
            self._waiting[turn.owner] = line

    def _within_share(self, owner: str | None, weight: int) -> bool:
        return not self._used[owner] or self._used[owner] + weight <= self._share

    def _fits(self, weight: int) -> bool:
        used = self._used.total()
        return not used or used + weight <= self._capacity
