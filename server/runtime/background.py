"""Supervised background work: every task and thread that outlives a request.

An exception ends neither the service nor, in silence, the work. It is logged by kind and place, counted under
the worker's name, and the work starts again after a pause that grows with each failure in a row. ``/health``,
``/metrics`` and ``gaopai doctor`` show which workers have failed.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import traceback
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
STEADY_SECONDS = 120.0
"""A worker that ran for so long before it failed starts again after the first pause."""


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
