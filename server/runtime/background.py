"""Supervised background work: every task and thread that outlives a request.

An exception ends neither the service nor, in silence, the work. It is logged by kind and place, counted under
the worker's name, and the work starts again after a pause that grows with each failure in a row. ``/health``,
``/metrics`` and ``gaopai doctor`` show which workers have failed.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 1.0
"""Pause after the first failure of a worker, in seconds; it is doubled with each further one."""
LONGEST_PAUSE_SECONDS = 60.0
"""Longest pause after a failure of a worker, in seconds."""
STEADY_SECONDS = 120.0
"""Time in seconds after which a worker counts as steady: if it fails then, it starts again after the first
pause."""


@dataclass(frozen=True, slots=True)
class WorkerFailures:
    """Failures of the workers of one name since the process started.

    Attributes
    ----------
    error
        Class of the last exception; its text may quote what was worked on and is not kept.
    at
        Time of the last failure, UTC.
    """

    name: str
    count: int
    error: str
    at: datetime


# Of the process, as its log is: whoever starts a worker has a name for it and nothing else to carry.
_failures: dict[str, WorkerFailures] = {}
_lock = threading.Lock()
# A loop refers to its tasks weakly: one that only waits could be collected.
_tasks: set[asyncio.Task[None]] = set()


def failures() -> Sequence[WorkerFailures]:
    """Return the workers that have failed, in order of their first failure."""
    with _lock:
        return tuple(_failures.values())


def report(name: str, error: BaseException) -> None:
    """Log and count a failure of background work, also of work that tells its users itself."""
    with _lock:
        before = _failures.get(name)
        count = 1 if before is None else before.count + 1
        _failures[name] = WorkerFailures(name, count, type(error).__name__, datetime.now(UTC))
    # Its text may quote a picture or a name: only kind and place are kept, whatever writes the log.
    place = "".join(traceback.format_tb(error.__traceback__))
    log.error("background work failed: %s: %s\n%s", name, type(error).__name__, place)


def supervise(
    name: str, work: Callable[[], Coroutine[Any, Any, object]], *, restart: bool = True
) -> asyncio.Task[None]:
    """Run `work` in a task until it returns or the task is cancelled; nobody need keep the task.

    Parameters
    ----------
    name
        Kind of work, such as ``camera hot-plug``: shown to everybody, so without names of devices or pages.
    restart
        Start the work again when it has failed.
    """
    task = asyncio.create_task(_run(name, work, restart), name=name)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return task


async def ended(*tasks: asyncio.Future[Any] | None) -> list[Any]:
    """Cancel what still runs, wait until all has come to its end, and return what each came to."""
    given = [task for task in tasks if task is not None]
    for task in given:
        task.cancel()
    return await asyncio.gather(*given, return_exceptions=True)


async def finished(work: Coroutine[Any, Any, T]) -> T:
    """Return what work comes to; a caller that is cancelled waits for its end all the same."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def supervise_thread(name: str, work: Callable[[], None], *, restart: bool = True) -> threading.Thread:
    """Run `work` in a daemon thread until it returns; see `supervise`."""
    thread = threading.Thread(target=_run_in_thread, args=(name, work, restart), name=name, daemon=True)
    thread.start()
    return thread


async def _run(name: str, work: Callable[[], Coroutine[Any, Any, object]], restart: bool) -> None:
    pauses = _Pauses()
    while True:
        pauses.begin()
        try:
            await work()
        except (Exception, asyncio.CancelledError) as error:  # the last resort of whatever runs here
            cancelled = _is_cancelled()
            if cancelled and isinstance(error, asyncio.CancelledError):
                raise
            # Also where something was cancelled for which the work waited, or where it failed while it ended.
            report(name, error)
            if restart and not cancelled:
                await asyncio.sleep(pauses.next())
                continue
        return


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _run_in_thread(name: str, work: Callable[[], None], restart: bool) -> None:
    pauses = _Pauses()
    while True:
        pauses.begin()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - likewise
            report(name, error)
            if restart:
                time.sleep(pauses.next())
                continue
        return


class _Pauses:
    """Pauses after failures of one worker: doubled each time, the first again once it ran steadily."""

    def __init__(self) -> None:
        self._pause = 0.0
        self._begun = 0.0

    def begin(self) -> None:
        self._begun = time.monotonic()

    def next(self) -> float:
        steady = time.monotonic() - self._begun >= STEADY_SECONDS
        doubled = FIRST_PAUSE_SECONDS if steady else max(FIRST_PAUSE_SECONDS, 2 * self._pause)
        self._pause = min(doubled, LONGEST_PAUSE_SECONDS)
        return self._pause


LONGEST_SECONDS = 0.1
"""Time for which the loop may be kept unnoticed, in seconds."""
NOTICED_SECONDS = 0.25
"""Time from which a page notices that the loop is kept, in seconds."""
PROBE_SECONDS = 0.05
"""Pause between two questions to the loop while somebody is connected, in seconds."""
REST_SECONDS = 1.0
"""Pause between two questions to the loop while nobody is connected, in seconds."""
GIVEN_UP_SECONDS = 120.0
"""Longest wait for a loop that is kept, in seconds, after which so much is recorded."""
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
        answered = threading.Event()
        asked = time.monotonic()
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
