"""Readers of PC/SC, and the cards in them, followed by one thread for all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from server.devices.adapters.pcsc import faults, library
from server.devices.adapters.pcsc.faults import PcscFault
from server.devices.adapters.pcsc.library import Context, Establish, Missing
from server.devices.hotplug import ChangeNotifier
from server.runtime.background import report, supervise_thread

log = logging.getLogger(__name__)

RETRY_SECONDS = 2.0
"""Seconds after which a service that does not run is tried again; systemd starts the service when it is
tried."""
LOOK_SECONDS = 30.0
"""Seconds after which states are asked for anew. Changes are told at once, so this only bounds what a missed
one costs."""
CANCEL_SECONDS = 0.02
"""Seconds after which a cancel is repeated: one before the wait has begun is lost."""
CHURN_SECONDS = 0.1
"""Seconds after which readers are listed again when some vanished between two calls."""
CLOSE_SECONDS = 3.0
"""Seconds that the thread has to end; after them it is left to itself."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The readers and their states as they were seen last.

    Attributes
    ----------
    attempts
        Attempts to ask the service; 0 before the first.
    obstacle
        The obstacle to using it, of `faults`; empty where there is none.
    states
        State flags of each reader, of `library`, in the service's order.
    """

    attempts: int = 0
    obstacle: str = ""
    states: Mapping[str, int] = field(default_factory=dict)


class Monitor:
    """Thread that follows the readers of PC/SC and the cards in them; it starts with `start`.

    Attributes
    ----------
    changes
        Notified after readers came or went.
    """

    def __init__(self, establish: Establish) -> None:
        self._establish = establish
        self.snapshot = Snapshot()
        self.changes = ChangeNotifier()
        self._listeners: list[Callable[[], object]] = []
        self._thread: threading.Thread | None = None
        self._context: Context | None = None
        self._wake = threading.Event()
        self._ending = False

    def start(self) -> None:
        """Follow the service from now on."""
        if self._thread is None:
            self._thread = supervise_thread("smart card monitor", self._run)

    async def ask(self) -> Snapshot:
        """Return the readers that are there now: a service that was not running is tried again."""
        self.start()
        attempts = self.snapshot.attempts
        if self.snapshot.obstacle or not attempts:
            self._wake.set()
            await self.until(lambda snapshot: snapshot.attempts > attempts)
        return self.snapshot

    async def until(self, holds: Callable[[Snapshot], bool]) -> None:
        """Return once a condition holds; what it raises is raised."""
        loop = asyncio.get_running_loop()
        seen = asyncio.Event()
        with self._listening(lambda: loop.call_soon_threadsafe(seen.set)):
            while not holds(self.snapshot):
                await seen.wait()
                seen.clear()

    def end(self) -> None:
        """End the thread; blocks, at most about `CLOSE_SECONDS`."""
        self._ending = True
        thread = self._thread
        until = time.monotonic() + CLOSE_SECONDS
        while thread is not None and thread.is_alive() and time.monotonic() < until:
            self._wake.set()
            context = self._context
            if context is not None:
                with contextlib.suppress(PcscFault):
                    context.cancel()
            thread.join(CANCEL_SECONDS)
        self.changes.close()

    @contextlib.contextmanager
    def _listening(self, listener: Callable[[], object]) -> Iterator[None]:
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def _run(self) -> None:
        while not self._ending:
            try:
                self._follow()
            except Missing as missing:
                self._lost(missing.obstacle)
            except PcscFault as fault:
                if fault.code in (faults.UNKNOWN_READER, faults.READER_UNAVAILABLE):
                    time.sleep(CHURN_SECONDS)
                else:
                    self._lost(faults.obstacle(fault))
            except Exception as exc:  # noqa: BLE001 - all readers hang on this thread
                report("smart card monitor", exc)
                self._lost(faults.STOPPED)

    def _follow(self) -> None:
        """Tell of changes as long as the service answers."""
        context = self._establish()
        self._context = context
        known: dict[str, int] = {library.READERS: library.UNAWARE}
        seconds = 0.0  # what is there now; no readers at all are no change
        try:
            while not self._ending:
                names = (library.READERS, *context.readers())
                known = {name: known.get(name, library.UNAWARE) for name in names}
                known = context.changed(known, seconds)
                seconds = LOOK_SECONDS
                states = {name: state for name, state in known.items() if name != library.READERS}
                self._publish("", {name: state for name, state in states.items() if not state & library.GONE})
        finally:
            self._context = None
            with contextlib.suppress(PcscFault):
                context.release()

    def _lost(self, obstacle: str) -> None:
        if self._ending:
            return
        if obstacle != self.snapshot.obstacle:
            log.info("PC/SC cannot be used: %s", obstacle)
        self._wake.clear()
        self._publish(obstacle, {})
        self._wake.wait(RETRY_SECONDS)

    def _publish(self, obstacle: str, states: Mapping[str, int]) -> None:
        before = self.snapshot
        self.snapshot = Snapshot(self.snapshot.attempts + 1, obstacle, states)
        if before.states.keys() != states.keys():
            self.changes.notify()
        for listener in tuple(self._listeners):
            # The loop of a listener that is about to go may be closed.
            with contextlib.suppress(RuntimeError):
                listener()
