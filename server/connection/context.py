"""Context that all connections share."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from server.access.activity import ActivityRecorder
from server.access.limits import ConnectionLimiter
from server.config import LimitsConfig
from server.connection.byte_budget import ByteBudgets
from server.protocol.profiles import NO_PROFILES, Profiles
from server.runtime.background import LoopWatch
from server.runtime.turns import Turns
from server.services.context import Dispatcher

T = TypeVar("T")

INLINE_BYTES = 16 * 1024
"""Size of a message up to which it is decoded at once: more of its parts would keep the loop too long."""


class MessageThread:
    """Thread in which large messages are decoded, those of each origin in turn."""

    def __init__(self) -> None:
        self._turns = Turns(1, 1)
        self._thread = ThreadPoolExecutor(1, "decoding of messages")

    async def decode(self, decoder: Callable[[bytes], T], message: bytes) -> T:
        """Return what `decoder` makes of a message, or raise what it raises."""
        if len(message) <= INLINE_BYTES:
            return decoder(message)
        async with self._turns.taken():
            return await asyncio.get_running_loop().run_in_executor(self._thread, decoder, message)


@dataclass(slots=True)
class ServerContext:
    """Shared objects of all connections.

    Attributes
    ----------
    limits
        Limits of the configuration; replaced when it is reloaded.
    bytes_in_work
        Budgets of the messages that arrive, wait or are in work, and of the answers that wait.
    decoding
        Decoder of large messages.
    profiles
        Profiles of the configuration; replaced when it is reloaded.
    loop_watch
        Watch of the event loop; None before the service runs.
    client_ids
        Identifiers of clients, unique while the service runs.
    """

    dispatcher: Dispatcher
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    activity: ActivityRecorder = field(default_factory=ActivityRecorder)
    profiles: Profiles = NO_PROFILES
    connections: ConnectionLimiter = field(default_factory=ConnectionLimiter)
    bytes_in_work: ByteBudgets = field(init=False)
    decoding: MessageThread = field(default_factory=MessageThread)
    loop_watch: LoopWatch | None = None
    client_ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.bytes_in_work = ByteBudgets(lambda: self.limits)

    @contextmanager
    def watched_loop(self) -> Iterator[None]:
        """Watch the running event loop until the end of the ``with`` block."""
        self.loop_watch = LoopWatch(lambda: self.connections.count > 0)
        self.loop_watch.start()
        try:
            yield
        finally:
            self.loop_watch.stop()
