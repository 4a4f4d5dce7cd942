"""Connection to a smart card, whose blocking calls run one after the other in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from server.devices.adapters.pcsc import faults, library
from server.devices.adapters.pcsc.faults import PcscFault
from server.devices.adapters.pcsc.library import Card, Context, Establish
from server.runtime.background import supervise_thread

T = TypeVar("T")

LINGER_SECONDS = 2.0
"""Seconds by which the thread outlives its last job: a card takes many, one after the other."""


class SerialExecutor:
    """Does one job after the other, in their order.

    A call of PC/SC cannot be broken off: one whose caller has given up goes on, and jobs behind it wait. The
    thread is there while there are jobs. It is a daemon, because such a call must not keep the process.

    Parameters
    ----------
    name
        Of the thread, and of its failures; see `server.runtime.background.supervise`.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._lock = threading.Lock()
        self._running = False

    async def call(self, job: Callable[[], T], seconds: float) -> T:
        """Do `job` and return its result.

        Raises
        ------
        TimeoutError
            It took too long, and goes on; or those before it did, and it will not be begun.
        """
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(self.post(job))

    def post(self, job: Callable[[], T]) -> Future[T]:
        """Have `job` done; nobody needs to wait for it."""
        future: Future[T] = Future()
        with self._lock:
            self._jobs.put((future, job))
            if not self._running:
                self._running = True
                supervise_thread(self._name, self._run)
        return future

    def _run(self) -> None:
        while True:
            try:
                future, job = self._jobs.get(timeout=LINGER_SECONDS)
            except Empty:
                with self._lock:
                    if self._jobs.empty():
                        self._running = False
                        return
            else:
                _do(future, job)
                # While the next is waited for, nothing may keep what a card said.
                del future, job


def _do(future: Future[Any], job: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(job())
    except Exception as exc:  # noqa: BLE001 - the caller's, whatever it is
        future.set_exception(exc)


class ConnectionStage(enum.Enum):
    """The progress of opening a connection; read by other threads."""

    WAITING = "waiting"
    CONNECTING = "connecting"
    LOCKING = "locking"
    OPEN = "open"


class Connection:
    """Smart card in a reader, connected to in a thread of its own.

    Parameters
    ----------
    reader
        PC/SC's name of it.
    """

    def __init__(self, establish: Establish, reader: str) -> None:
        self._establish = establish
        self._reader = reader
        self._context: Context | None = None
        self._card: Card | None = None
        self.stage = ConnectionStage.WAITING
        self.shared = False
        """True if another program has a connection too, from `ConnectionStage.CONNECTING` on."""
        self.t0 = False
        self.contactless = False

    def open(self) -> None:
        """Power the card and keep other programs out; `t0` and `contactless` hold then.

        The context is its own: a context does one thing at a time, and this one may hang in the card.
        """
        self._context = self._establish()
        state, atr = self._context.look(self._reader)
        self.contactless = _is_contactless(atr)
        self.shared = bool(state & (library.IN_USE | library.EXCLUSIVE))
        self.stage = ConnectionStage.CONNECTING
        self._card = self._context.connect(self._reader)
        self.stage = ConnectionStage.LOCKING
        try:
            self._card.begin()
        except PcscFault as fault:
            if fault.code != faults.RESET_CARD:
                raise
            self._card.reconnect()
            self._card.begin()
        self.t0 = self._card.protocol == library.T0
        self.stage = ConnectionStage.OPEN

    def transmit(self, command: bytes) -> bytes:
        """Send a command and return the answer."""
        assert self._card is not None
        return self._card.transmit(command)

    def close(self, reset: bool) -> None:
        """Let the card go, as far as it was held; never raises.

        Parameters
        ----------
        reset
            True if the card must forget that a PIN was given.
        """
        # The card or the service may have gone by now, which ends all there is to end.
        with contextlib.suppress(PcscFault):
            if self._card is not None:
                self._card.disconnect(library.RESET if reset else library.LEAVE)
        with contextlib.suppress(PcscFault):
            if self._context is not None:
                self._context.release()
        self._card = None
        self._context = None


def _is_contactless(atr: bytes) -> bool:
    """Return whether it is the ATR that readers make up for contactless cards (PC/SC Part 3, 3.1.3.2.3)."""
    return len(atr) >= 4 and atr[0] == 0x3B and atr[1] & 0xF0 == 0x80 and atr[2:4] == b"\x80\x01"
