"""A module as the event loop sees it: its port in a thread of its own, opened when something is asked."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from server.devices.adapters.samv.frame import SamAnswer, SamCommand
from server.devices.adapters.samv.transaction import NoAnswer, SamTransaction
from server.devices.adapters.samv.transport import OpenTransport, Transport
from server.errors import GaopaiError
from server.runtime.background import supervise

IDLE_SECONDS = 30.0
"""A port that nobody asked for so long is given back: other programs may want it."""


class SamModule:
    """Questions to one module, one after the other.

    Parameters
    ----------
    idle
        See `IDLE_SECONDS`.
    """

    def __init__(self, open_transport: OpenTransport, idle: float = IDLE_SECONDS) -> None:
        self._open = open_transport
        self._idle = idle
        self._thread = ThreadPoolExecutor(1, "samv")
        self._transport: Transport | None = None
        self._transaction: SamTransaction | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    async def ask(self, command: SamCommand, seconds: float) -> SamAnswer:
        """Send a command and wait for its answer.

        When cancelled, the thread lets go of it within `transaction.SLICE_SECONDS`; the next question
        waits for that.
        """
        self._stay()
        cancelled = threading.Event()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._ask, command, seconds, cancelled)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        finally:
            self._stay()
            if not self._closed:
                self._timer = loop.call_later(self._idle, self._begin_to_release)

    async def close(self) -> None:
        """Give the port back for good; nothing can be asked any more."""
        if self._closed:
            return
        self._closed = True
        self._stay()
        await self._release()
        self._thread.shutdown(wait=False)

    def _begin_to_release(self) -> None:
        supervise("release of an idle card reader", self._release, restart=False)

    async def _release(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._drop)

    def _stay(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    # In the thread -----------------------------------------------------------------------------

    def _ask(self, command: SamCommand, seconds: float, cancelled: threading.Event) -> SamAnswer:
        try:
            if self._transaction is None:
                self._transport = self._open()
                self._transaction = SamTransaction(self._transport)
            return self._transaction.ask(command, seconds, cancelled)
        except (GaopaiError, NoAnswer):
            self._drop()  # it may come back at another speed, or be another one
            raise

    def _drop(self) -> None:
        transport = self._transport
        self._transport = None
        self._transaction = None
        if transport is not None:
            transport.close()
