"""Queue of a connection's requests, in which stop requests do not wait for long ones."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from server.access.limits import Charge
from server.connection.outbox import Outbox
from server.protocol.catalogue import is_about_cameras
from server.protocol.codec import Call

C = TypeVar("C")


@dataclass(slots=True, eq=False)
class QueuedRequest(Generic[C]):
    """Request that waits or runs.

    Attributes
    ----------
    call
        The request; of our own protocol, a `Call` or a `BadCall`.
    charge
        Bytes that it holds.
    number
        Number of the request within its connection.
    outbox
        Destination of its answers; None where the connection has one for all.
    done
        Set once it is answered, or never will be.
    """

    call: C
    charge: Charge
    number: int
    outbox: Outbox | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: bool = False
    task: asyncio.Task[None] | None = field(default=None)

    @property
    def long(self) -> bool:
        """True if it may run for seconds and can be cancelled."""
        return isinstance(self.call, Call) and self.call.function.long

    @property
    def about_cameras(self) -> bool:
        """True if it must keep its place among requests that open, close and watch cameras."""
        return isinstance(self.call, Call) and is_about_cameras(self.call.function)

    def cancel(self) -> None:
        """Cancel it, running or not; it is still answered."""
        # Once only: a second cancel would interrupt the cleanup of the first, such as sending the last page.
        if not self.cancelled:
            self.cancelled = True
            if self.task is not None:
                self.task.cancel()


Serve = Callable[[QueuedRequest[C]], Coroutine[Any, Any, None]]


class RequestQueue(Generic[C]):
    """Serves requests one after the other.

    A stop cancels the long requests about its own device. If a long request about another device is before
    it, the stop and the short camera requests before it are served concurrently, in their order.

    Parameters
    ----------
    serve
        Serves one request; an exception ends the queue.
    """

    def __init__(self, serve: Serve[C]) -> None:
        self._serve = serve
        self._waiting: deque[QueuedRequest[C]] = deque()
        self._overtaking: deque[QueuedRequest[C]] = deque()
        self._running: QueuedRequest[C] | None = None
        self._changed = asyncio.Condition()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting) + len(self._overtaking)

    @property
    def pending(self) -> Sequence[QueuedRequest[C]]:
        """The requests that run or wait, in their order."""
        return [*self._earlier(), *self._overtaking]

    async def drained(self) -> None:
        """Wait until no request waits or runs."""
        await self._idle.wait()

    async def add(self, request: QueuedRequest[C]) -> None:
        """Queue a request; a stop may overtake long ones."""
        if self._closed:
            request.done.set()
            return
        self._idle.clear()
        call = request.call
        if isinstance(call, Call) and call.is_stop:
            self._stop(request, call)
        else:
            self._waiting.append(request)
        async with self._changed:
            self._changed.notify_all()

    def cancel_long(self) -> None:
        """Cancel the long requests; short ones keep their turn."""
        for request in self._earlier():
            if request.long:
                request.cancel()

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._serve_in_turn())
                group.create_task(self._serve_overtaking())
        finally:
            self._closed = True
            self._idle.set()
            for request in (*self._waiting, *self._overtaking):
                request.done.set()

    def _earlier(self) -> list[QueuedRequest[C]]:
        running = [] if self._running is None else [self._running]
        return [*running, *self._waiting]

    def _stop(self, request: QueuedRequest[C], call: Call) -> None:
        for other in self._earlier():
            if other.long and isinstance(other.call, Call) and call.stops(other.call):
                other.cancel()
        if not any(other.long and not other.cancelled for other in self._earlier()):
            self._waiting.append(request)
            return
        ahead = [other for other in self._waiting if other.about_cameras and not other.long]
        self._waiting = deque(other for other in self._waiting if other not in ahead)
        self._overtaking.extend((*ahead, request))

    async def _serve_in_turn(self) -> None:
        while True:
            # A request after a stop must not begin before it.
            await self._until(lambda: bool(self._waiting) and not self._overtaking)
            request = self._waiting.popleft()
            self._running = request
            try:
                await self._finish(request)
            finally:
                self._running = None
                # Until the next one comes, it would keep what it asked, which may be large.
                del request
            await self._ended()

    async def _serve_overtaking(self) -> None:
        while True:
            await self._until(
                lambda: bool(self._overtaking) and (self._running is None or self._running.long)
            )
            await self._finish(self._overtaking[0])
            self._overtaking.popleft()
            await self._ended()

    async def _until(self, ready: Callable[[], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(ready)

    async def _ended(self) -> None:
        if not self and self._running is None:
            self._idle.set()
        async with self._changed:
            self._changed.notify_all()

    async def _finish(self, request: QueuedRequest[C]) -> None:
        request.task = asyncio.create_task(self._serve(request))
        try:
            await asyncio.wait([request.task])
        finally:
            # Only when the connection is gone, so that nobody needs the result.
            request.task.cancel()
            request.done.set()
        if not request.task.cancelled():
            request.task.result()
