"""Jobs of a batch: pages to be enhanced by a runner, until the batch is interrupted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Protocol

from server.batch.plan import BatchSource
from server.batch.work import EnhanceRequest, PageResult, enhance_page


@dataclass(frozen=True, slots=True)
class Job:
    """One page to be worked on; counted from 1."""

    source: BatchSource
    page: int


class Jobs(Protocol):
    """The source of work for runners."""

    @property
    def stopped(self) -> bool:
        """True once nothing more is wanted, not even pages in work."""

    def take(self) -> Job | None:
        """Return the next job; None where there is none now, though a result may bring more."""


class PageRunner(Protocol):
    """Something that works on jobs."""

    def run(self, jobs: Jobs) -> Iterator[tuple[Job, PageResult]]:
        """Give results in the order they come, each job's once; few jobs are taken ahead of the results.

        It ends when there are no more jobs, or at once when `jobs.stopped`.
        """


class InProcess:
    """Works in this process: for one picture, which is done before a second process has started."""

    def __init__(self, request: EnhanceRequest) -> None:
        self._request = request

    def run(self, jobs: Jobs) -> Iterator[tuple[Job, PageResult]]:
        """See `PageRunner`."""
        while not jobs.stopped and (job := jobs.take()) is not None:
            yield job, enhance_page(job.source.path, job.page, self._request)


_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at the first interrupt; a second one interrupts as always.

    Outside of the main thread, where signals cannot be handled, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def handle(_number: int, _frame: FrameType | None) -> None:
        restore()
        stop()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in _SIGNALS:
        signal.signal(number, handle)
    try:
        yield
    finally:
        restore()
