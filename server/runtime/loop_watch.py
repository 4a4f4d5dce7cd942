"""Watch of the event loop: the stretches for which one function kept it, and all pages with it."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable

from server.runtime.background import supervise_thread

log = logging.getLogger(__name__)

LONGEST_SECONDS = 0.1
"""Time for which the loop may be kept unnoticed."""
NOTICED_SECONDS = 0.25
"""Time from which a page notices it."""
PROBE_SECONDS, REST_SECONDS = 0.05, 1.0
"""Pauses between two questions, while somebody is connected and else."""
GIVEN_UP_SECONDS = 120.0
_LOOPS = ("asyncio.runners", "asyncio.base_events", "selectors", "aiohttp.web")
_OURS = ("server", "imgcore", "models")


class LoopWatch:
    """Asks the running loop again and again for an answer, from a thread, and records who kept it.

    Parameters
    ----------
    is_used
        Returns whether anybody is connected: a service at rest is left to rest.

    Attributes
    ----------
    counts
        Stretches over `LONGEST_SECONDS`, by function.
    longest
        Seconds of the longest one, and its function.
    """

    def __init__(self, is_used: Callable[[], bool]) -> None:
        self.counts: Counter[str] = Counter()
        self.longest: tuple[float, str] = (0.0, "")
        self._is_used = is_used
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin to watch."""
        supervise_thread("watch of the event loop", self._run)

    def stop(self) -> None:
        """Watch no more; returns at once."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(PROBE_SECONDS if self._is_used() else REST_SECONDS):
            self._ask()

    def _ask(self) -> None:
        answered, asked = threading.Event(), time.monotonic()
        try:
            self._loop.call_soon_threadsafe(answered.set)
        except RuntimeError:  # it is closed
            self._stopped.set()
            return
        if answered.wait(LONGEST_SECONDS):
            return
        function = _function_of(self._thread)
        answered.wait(GIVEN_UP_SECONDS)
        if function is not None:
            self._record(time.monotonic() - asked, function)

    def _record(self, seconds: float, function: str) -> None:
        self.counts[function] += 1
        self.longest = max(self.longest, (seconds, function))
        log.warning("the event loop was kept for %d ms by %s", round(1000 * seconds), function)


def _function_of(thread: int) -> str | None:
    """Return our function in which a thread is, else a library's; None if it waits in the loop itself."""
    frame = sys._current_frames().get(thread)
    innermost = None
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith(_LOOPS):
            return innermost
        name = f"{module}.{frame.f_code.co_qualname}"
        if module.partition(".")[0] in _OURS:
            return name
        innermost = innermost or name
        frame = frame.f_back
    return innermost
