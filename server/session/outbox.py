"""What leaves a connection: answers are never dropped, frames are always replaceable."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence

from server.telemetry.counters import Counters

ANSWER_BYTES = 4 * 1024 * 1024
"""Answers beyond this make the one who answers wait for the client."""

Send = Callable[[Sequence[bytes], bool], Awaitable[None]]
"""Sends a message, given in pieces; true for a binary one."""


class ClientStuck(Exception):
    """The client took nothing for the time it is given."""


class Outbox:
    """Two lanes to one client, emptied by one task: answers in order, then newest frames.

    Parameters
    ----------
    send
        Sends one message and returns when it has left for the kernel.
    seconds
        A client that does not take one message in so long is stuck.
    tally
        Counts what has left.
    """

    def __init__(self, send: Send, seconds: float, tally: Counters | None = None) -> None:
        self._send = send
        self._seconds = seconds
        self._tally = tally or Counters()
        self._answers: deque[bytes] = deque()
        self._answer_bytes = 0
        self._frames: dict[Hashable, FrameLane] = {}
        self._work = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._empty = asyncio.Event()
        self._empty.set()

    async def emptied(self) -> None:
        """Return when no answer waits and the last one has left."""
        await self._empty.wait()

    async def answer(self, message: bytes) -> None:
        """Queue an answer; waits while the client has too much to take."""
        await self._room.wait()
        self.answer_now(message)

    def answer_now(self, message: bytes) -> None:
        """Queue an answer without waiting: for notices, which are few and small."""
        self._answers.append(message)
        self._answer_bytes += len(message)
        if self._answer_bytes > ANSWER_BYTES:
            self._room.clear()
        self._empty.clear()
        self._work.set()

    def lane(self, key: Hashable, binary: bool = False) -> FrameLane:
        """A new place for the frames of one stream; an older one of that key goes silent.

        Parameters
        ----------
        binary
            Its frames are binary messages.
        """
        old = self._frames.get(key)
        if old is not None:
            old.clear()
        lane = self._frames[key] = FrameLane(self, binary)
        return lane

    async def run(self) -> None:
        """Send until cancelled.

        Raises
        ------
        ClientStuck
        """
        try:
            await self._run()
        finally:
            # Nothing leaves any more: nobody need wait for it.
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
            try:
                async with asyncio.timeout(self._seconds):
                    await self._send(*message)
            except TimeoutError:
                raise ClientStuck() from None
            self._tally.sent(sum(map(len, message[0])))

    def _next(self) -> tuple[Sequence[bytes], bool] | None:
        if self._answers:
            message = self._answers.popleft()
            self._answer_bytes -= len(message)
            if self._answer_bytes <= ANSWER_BYTES:
                self._room.set()
            return (message,), False
        for key, lane in self._frames.items():
            frame = lane.take()
            if frame is not None:
                # The lane goes to the end: two cameras share the line fairly.
                self._frames[key] = self._frames.pop(key)
                return frame, lane.binary
        return None


class FrameLane:
    """The newest frame of one stream to one client."""

    def __init__(self, outbox: Outbox, binary: bool) -> None:
        self._outbox = outbox
        self.binary = binary
        self._waiting: Sequence[bytes] | None = None
        self.started = False
        """Whether a frame has left."""

    def idle(self) -> bool:
        """Whether no frame waits."""
        return self._waiting is None

    def put(self, message: Sequence[bytes]) -> None:
        """Send a frame, given in pieces, when the line is free; one that still waits is dropped."""
        self._waiting = message
        self._outbox._work.set()

    def tell(self, message: bytes) -> None:
        """Send a small message ahead of the frame that waits; it is not dropped."""
        self._outbox.answer_now(message)

    def end(self, message: bytes) -> None:
        """Send a message that is not dropped, after which no frame follows."""
        self._waiting = None
        self.started = True
        self._outbox.answer_now(message)

    def clear(self) -> None:
        """Drop the frame that waits."""
        self._waiting = None

    def take(self) -> Sequence[bytes] | None:
        """The frame that waits, which thereby leaves."""
        message, self._waiting = self._waiting, None
        self.started = self.started or message is not None
        return message
