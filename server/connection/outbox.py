"""Outgoing messages of a connection: answers are never dropped, frames can be replaced by newer ones."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence

from server.access.limits import ByteBudget
from server.errors import GaopaiError
from server.streaming.painter import PreviewPicture
from server.telemetry.counters import Counters

ANSWER_BYTES = 4 * 1024 * 1024
"""Size of queued answers from which `Outbox.answer` waits for the client."""

Send = Callable[[Sequence[bytes], bool], Awaitable[None]]
"""Sends a message, given in pieces; the second argument is True for a binary one."""


class ClientStuck(Exception):
    """The client did not receive a message in time."""


class Outbox:
    """Queue of answers and lanes of frames to one client, sent by one task, answers first.

    Parameters
    ----------
    send
        Sends one message and returns when the kernel has it.
    seconds
        Time limit of one message, after which the client is stuck.
    counters
        Counters of sent messages.
    budget
        Budget that answers count in until they are sent, so that requests are refused while many wait.
    """

    def __init__(
        self, send: Send, seconds: float, counters: Counters | None = None, budget: ByteBudget | None = None
    ) -> None:
        self._budget = budget or ByteBudget(lambda: 0)
        self._send = send
        self._seconds = seconds
        self._counters = counters or Counters()
        self._closed = False
        self._answers: deque[bytes] = deque()
        self._answer_bytes = 0
        # Of the answer that is taken out of the queue and not yet sent.
        self._sending = 0
        self._frames: dict[Hashable, FrameLane] = {}
        self._work = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._empty = asyncio.Event()
        self._empty.set()

    async def drained(self) -> None:
        """Wait until all answers were sent."""
        await self._empty.wait()

    async def answer(self, message: bytes, error: GaopaiError | None = None) -> None:
        """Queue an answer, and the error that it tells; waits while too many bytes are queued."""
        await self._has_room.wait()
        self.notify(message)

    def notify(self, message: bytes) -> None:
        """Queue a message without waiting, for notices, which are few and small."""
        if self._closed:
            return
        self._answers.append(message)
        self._answer_bytes += len(message)
        self._budget.add(len(message))
        if self._answer_bytes > ANSWER_BYTES:
            self._has_room.clear()
        self._empty.clear()
        self._work.set()

    def add_lane(self, key: Hashable, lane: FrameLane) -> None:
        """Send the pictures of `lane`, in place of an older lane of that key."""
        old = self._frames.get(key)
        if old is not None:
            old.discard()
        self._frames[key] = lane

    def wake(self) -> None:
        """Wake the sending task, as a lane has a message."""
        self._work.set()

    async def run(self) -> None:
        """Send until cancelled."""
        try:
            await self._run()
        finally:
            # Nothing is sent any more: queued answers are dropped, and waiting callers return.
            self._closed = True
            self._answers.clear()
            self._budget.add(-self._answer_bytes)
            self._answer_bytes = 0
            self._has_room.set()
            self._empty.set()

    async def _run(self) -> None:
        while True:
            if not self._answers:
                self._empty.set()
            message = self._next()
            if message is None:
                self._work.clear()
                await self._work.wait()
                continue
            await self._deliver(*message)

    async def _deliver(self, message: Sequence[bytes], binary: bool) -> None:
        charged = self._sending
        self._sending = 0
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(message, binary)
        except TimeoutError:
            raise ClientStuck() from None
        finally:
            self._budget.add(-charged)
        self._counters.messages += 1
        self._counters.message_bytes += sum(map(len, message))

    def _next(self) -> tuple[Sequence[bytes], bool] | None:
        if self._answers:
            message = self._answers.popleft()
            self._answer_bytes -= len(message)
            self._sending = len(message)
            if self._answer_bytes <= ANSWER_BYTES:
                self._has_room.set()
            return (message,), False
        for key, lane in self._frames.items():
            frame = lane.take()
            if frame is not None:
                # The lane goes to the end, so that two cameras share the connection fairly.
                self._frames[key] = self._frames.pop(key)
                return frame, lane.binary
        return None


class FrameLane:
    """`FrameSink` that holds the newest picture of one stream.

    Parameters
    ----------
    binary
        True for binary messages.
    encode
        Makes the message of a picture, in pieces.
    last
        Makes the message that ends the stream.
    """

    def __init__(
        self,
        outbox: Outbox,
        binary: bool,
        encode: Callable[[PreviewPicture], Sequence[bytes]],
        last: Callable[[GaopaiError], bytes],
    ) -> None:
        self._outbox = outbox
        self.binary = binary
        self._encode = encode
        self._last = last
        self._waiting: Sequence[bytes] | None = None
        self.started = False

    def ready(self) -> bool:
        return self._waiting is None

    def show(self, picture: PreviewPicture) -> None:
        self._waiting = self._encode(picture)
        self._outbox.wake()

    def discard(self) -> None:
        self._waiting = None

    def end(self, error: GaopaiError) -> None:
        self._waiting = None
        self.started = True
        self._outbox.notify(self._last(error))

    def take(self) -> Sequence[bytes] | None:
        """Remove and return the waiting message."""
        message = self._waiting
        self._waiting = None
        self.started = self.started or message is not None
        return message
