"""All cores of this machine: processes that each work on one page at a time."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time
from collections import deque
from collections.abc import Generator, Iterator
from multiprocessing import connection, get_context, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import cv2

from server.batch.faults import took_too_long, worker_ended
from server.batch.jobs import Job, Jobs
from server.batch.work import Answer, Request, enhance_page

PAGE_SECONDS = 600.0
"""A page that takes longer is given up, and its worker with it."""
AHEAD = 2
"""Pages handed to a worker: the one in work and the next, so that it never waits for us."""

_TICK = 0.2
"""Seconds between two looks at whether the batch is to stop, or a worker hangs."""
_START_SECONDS = 120.0
"""More than enough for a process to start and load its libraries from a slow disk."""
_LEAST_MEMORY = 2 << 30
_SPAWN = get_context("spawn")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Workers:
    """Works in processes of its own.

    A worker that crashes or hangs costs the page it was working on and is replaced.

    Parameters
    ----------
    count
        At most so many; fewer start where there is less to do.
    """

    def __init__(self, request: Request, count: int, page_seconds: float = PAGE_SECONDS) -> None:
        self._request = request
        self._count = count
        self._page_seconds = page_seconds
        self.workers: list[_Worker] = []
        self._returned: deque[Job] = deque()

    def run(self, jobs: Jobs) -> Generator[tuple[Job, Answer], None, None]:
        """See `server.batch.jobs.Runner`; closed early, it ends the processes."""
        try:
            while not jobs.stopped:
                self._share_out(jobs)
                if not any(worker.jobs for worker in self.workers):
                    return
                for worker in self._ready():
                    yield from self._collect(worker)
        finally:
            for worker in self.workers:
                worker.end()

    def _share_out(self, jobs: Jobs) -> None:
        while self._has_room():
            job = self._returned.popleft() if self._returned else jobs.take()
            if job is None:
                return
            self._next_worker().give(job)

    def _has_room(self) -> bool:
        return len(self.workers) < self._count or any(len(worker.jobs) < AHEAD for worker in self.workers)

    def _next_worker(self) -> _Worker:
        """Who gets the next job: an idle one, else a new one, else the one with the fewest."""
        freest = min(self.workers, key=lambda worker: len(worker.jobs), default=None)
        if freest is None or (freest.jobs and len(self.workers) < self._count):
            # Started for a job that there is, never on suspicion: a start costs as much as a page.
            freest = _Worker(self._request, _memory_share(self._count))
            self.workers.append(freest)
        return freest

    def _ready(self) -> list[_Worker]:
        """Those that have an answer, have ended, or have been silent for too long."""
        busy = {worker.pipe: worker for worker in self.workers if worker.jobs}
        heard = {busy[pipe] for pipe in connection.wait(list(busy), _TICK) if isinstance(pipe, Connection)}
        late = (worker for worker in busy.values() if worker.seconds > self._page_seconds)
        return [*heard, *(worker for worker in late if worker not in heard)]

    def _collect(self, worker: _Worker) -> Iterator[tuple[Job, Answer]]:
        try:
            if worker.pipe.poll():
                answer: Answer | None = worker.pipe.recv()
                if answer is None:
                    worker.started()
                else:
                    yield worker.done(), answer
                return
            failure = took_too_long(self._page_seconds)
        except (EOFError, OSError):
            failure = worker_ended(worker.end(grace=1.0))
        worker.end()
        self.workers.remove(worker)
        job = worker.done()
        self._returned.extend(worker.jobs)
        yield job, Answer(0, failure=failure)


class _Worker:
    """One process, and what it was given, oldest first."""

    def __init__(self, request: Request, memory: int) -> None:
        self.jobs: deque[Job] = deque()
        self._since = time.monotonic() + _START_SECONDS
        self._is_ready = False
        self.pipe, theirs = _SPAWN.Pipe()
        with _quiet_start():
            self.process: SpawnProcess = _SPAWN.Process(
                target=_serve, args=(theirs, request, memory), daemon=True
            )
            self.process.start()
        theirs.close()

    @property
    def seconds(self) -> float:
        """How long it has been at its oldest job; negative while it starts."""
        return time.monotonic() - self._since

    def give(self, job: Job) -> None:
        if not self.jobs and self._is_ready:
            self._since = time.monotonic()
        self.jobs.append(job)
        # A worker that has just ended is noticed when its answer is read.
        with contextlib.suppress(OSError):
            self.pipe.send(job)

    def started(self) -> None:
        """It has loaded what it needs: from now on its time counts."""
        self._is_ready = True
        self._since = time.monotonic()

    def done(self) -> Job:
        """Take off the oldest job."""
        self._since = time.monotonic()
        return self.jobs.popleft()

    def end(self, grace: float = 0.0) -> int | None:
        """End the process, at once after `grace` seconds; it holds nothing that would be lost.

        Returns
        -------
        int or None
            How it ended: a negative number is a signal's.
        """
        self.process.join(grace)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join(5)
        self.pipe.close()
        return self.process.exitcode


@contextlib.contextmanager
def _quiet_start() -> Iterator[None]:
    """Children started within use one thread and are deaf to a terminal's Ctrl-C, which is ours."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    # Its first use starts a process, too, after which it would unblock what is blocked here.
    resource_tracker.ensure_running()
    # A blocked signal is inherited as blocked; ours waits for the end of the block.
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _memory_share(count: int) -> int:
    """Bytes a worker may have: its share of the machine's memory."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(_LEAST_MEMORY, total * 9 // 10 // count)


def _serve(pipe: Connection, request: Request, memory: int) -> None:
    """What a worker does until its pipe is closed, which the end of the parent does too."""
    # A picture that needs more becomes an error of its own instead of the kernel's choice of a victim.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    cv2.setNumThreads(1)
    # Libraries in C write what they think of a file straight into the progress bar; the answer says it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    pipe.send(None)
    while True:
        try:
            job: Job = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(enhance_page(job.source.path, job.page, request))
