"""Jobs of a batch on all cores of this machine: processes that each work on one page at a time."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Protocol

import msgspec

from models.locate import folders
from server.batch.faults import took_too_long, worker_ended
from server.batch.pages import BatchSource
from server.batch.work import EnhanceRequest, PageResult, PageTask, decode_result, encode, enhance_page
from server.children.child import Child, ChildSpec, start
from server.children.confinement import Profile
from server.children.program import ONE_THREAD


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


PAGE_SECONDS = 600.0
"""Time limit of a page, in seconds, after which it is given up, and its worker with it."""
AHEAD = 2
"""Number of pages handed to a worker: the one in work and the next, so that it never waits for us."""
WORKER = "server.batch.work"
PROFILE = Profile(reads=("/[!p]*", "/p[!r]*"))
"""All but ``/proc``: the pictures may lie anywhere. What becomes of them is written by the batch."""

_TICK = 0.2
"""Seconds between two looks at whether the batch is to stop, or a worker hangs."""
_START_SECONDS = 120.0
"""Time limit for a process to start, in seconds: more than enough to load its libraries from a slow disk."""
_CRASH_SECONDS = 1.0
"""Time in which a process that has closed its end has ended, in seconds."""
_LEAST_MEMORY = 2 << 30
"""Memory that each worker may have at least, in bytes, however many share the machine's."""


class Workers:
    """Works in processes of its own.

    A worker that crashes or hangs costs the page it was working on and is replaced.

    Parameters
    ----------
    count
        At most so many; fewer start where there is less to do.
    """

    def __init__(self, request: EnhanceRequest, count: int, page_seconds: float = PAGE_SECONDS) -> None:
        self._request = request
        self._count = count
        self._page_seconds = page_seconds
        self.workers: list[_Worker] = []
        self._returned: deque[Job] = deque()

    def run(self, jobs: Jobs) -> Generator[tuple[Job, PageResult], None, None]:
        """See `PageRunner`; closed early, it ends the processes."""
        try:
            while not jobs.stopped:
                self._share_out(jobs)
                if not any(worker.jobs for worker in self.workers):
                    return
                for worker in self._ready():
                    yield from self._collect(worker)
        finally:
            for worker in self.workers:
                worker.child.end()

    def _share_out(self, jobs: Jobs) -> None:
        while self._has_room():
            job = self._returned.popleft() if self._returned else jobs.take()
            if job is None:
                return
            self._next_worker().give(job)

    def _has_room(self) -> bool:
        return len(self.workers) < self._count or any(len(worker.jobs) < AHEAD for worker in self.workers)

    def _next_worker(self) -> _Worker:
        """Return the worker for the next job: an idle one, else a new one, else the one with the fewest."""
        freest = min(self.workers, key=lambda worker: len(worker.jobs), default=None)
        if freest is None or (freest.jobs and len(self.workers) < self._count):
            # Started for a job that there is, never on suspicion: a start costs as much as a page.
            freest = _Worker(self._request, _memory_share(self._count))
            self.workers.append(freest)
        return freest

    def _ready(self) -> list[_Worker]:
        """Return those that have an answer, have ended, or have been silent for too long."""
        busy = {worker.child.channel.fileno(): worker for worker in self.workers if worker.jobs}
        poll = select.poll()
        for line in busy:
            poll.register(line, select.POLLIN)
        heard = [busy[line] for line, _ in poll.poll(_TICK * 1000)]
        late = (worker for worker in busy.values() if worker.seconds > self._page_seconds)
        return [*heard, *(worker for worker in late if worker not in heard)]

    def _collect(self, worker: _Worker) -> Iterator[tuple[Job, PageResult]]:
        try:
            result = worker.receive()
        except BlockingIOError:
            failure = took_too_long(self._page_seconds)
        except EOFError:
            failure = worker_ended(worker.child.end(_CRASH_SECONDS).code)
        else:
            if result is not None:
                yield worker.done(), result
            return
        worker.child.end()
        self.workers.remove(worker)
        job = worker.done()
        self._returned.extend(worker.jobs)
        yield job, PageResult(0, failure=failure)


class _Worker:
    """One process, and the jobs that it was given, oldest first."""

    def __init__(self, request: EnhanceRequest, memory: int) -> None:
        self.jobs: deque[Job] = deque()
        self._since = time.monotonic() + _START_SECONDS
        self._is_ready = False
        # Its current folder is another: relative ones would lead elsewhere.
        models = os.pathsep.join(str(folder.absolute()) for folder in folders())
        spec = ChildSpec(
            WORKER,
            variables=("HOME", "TMPDIR"),
            added={"GAOPAI_MODELS": models, **ONE_THREAD},
            # A picture that needs more becomes an error of its own, not the kernel's choice of a victim.
            limits={"DATA": memory},
            untrusted=True,
            profile=PROFILE,
        )
        self.child = start(Child, spec)
        self.child.send(encode(request))

    @property
    def seconds(self) -> float:
        """Seconds that it has been at its oldest job; negative while it starts."""
        return time.monotonic() - self._since

    def give(self, job: Job) -> None:
        if not self.jobs and self._is_ready:
            self._since = time.monotonic()
        self.jobs.append(job)
        path = os.fsencode(job.source.path.absolute())
        # A worker that has just ended does not take it, which is noticed when its answer is read.
        self.child.send(encode(PageTask(path, job.page)))

    def receive(self) -> PageResult | None:
        """Return the result of the oldest job; None where it has just become ready, and its time counts.

        Raises
        ------
        BlockingIOError
            There is none.
        EOFError
            It has ended, or does not keep to the rules.
        """
        _, packed = self.child.receive()
        if packed is not None:
            try:
                return decode_result(packed)
            except msgspec.DecodeError as exc:
                raise EOFError from exc
        self._is_ready = True
        self._since = time.monotonic()
        return None

    def done(self) -> Job:
        """Take off the oldest job."""
        self._since = time.monotonic()
        return self.jobs.popleft()


def _memory_share(count: int) -> int:
    """Return the bytes that a worker may have: its share of the machine's memory."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(_LEAST_MEMORY, total * 9 // 10 // count)
