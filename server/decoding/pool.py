"""The decoding processes: as many as there are cores at most, one of them always warm."""

from __future__ import annotations

import asyncio
import contextlib
import os

from server.decoding import wire
from server.decoding.limits import SECONDS
from server.decoding.process import Gone, Heard, Process, start_process
from server.errors import DecoderUnavailable, LocalizedText

MOST = 4
"""Each has some 80 MB of its own."""
WARM_SECONDS = 2.0
"""After so long the first one is started: devices come first."""
IDLE_SECONDS = 60.0
"""After so long without work all but one are ended."""
TURN_SECONDS = 300.0
"""Nobody waits longer for his turn."""
TRIES = 8
"""More processes than there are may have been killed while they had nothing to do."""
LEFT_SECONDS = 1.0
"""So long may a job go on that nobody waits for: it costs less than another process."""


class Pool:
    """Runs jobs in processes; a process that crashes or hangs costs its job only.

    Parameters
    ----------
    limit_pixels
        The largest picture.
    most
        Processes; None for one a core, four at most.
    seconds
        The longest job.
    """

    def __init__(self, limit_pixels: int, most: int | None = None, seconds: float = SECONDS) -> None:
        self._limit = limit_pixels
        self._seconds = seconds
        self._turns = asyncio.Semaphore(most or min(MOST, os.cpu_count() or 1))
        self._idle: list[Process] = []
        self._jobs: set[asyncio.Task[Heard]] = set()
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._warming: asyncio.Task[None] | None = None

    @property
    def idle(self) -> tuple[Process, ...]:
        """The processes that wait for jobs, the one that is next last."""
        return tuple(self._idle)

    def warm_up(self) -> None:
        """Start the first process soon."""
        self._timer = asyncio.get_running_loop().call_later(WARM_SECONDS, self._warm)

    async def run(self, job: wire.AnyJob, file: int) -> Heard:
        """Do a job with the file of that descriptor; cancelling gives it up.

        Raises
        ------
        server.documents.faults.DocumentFault
            The process ended over it, or it took too long.
        server.errors.DecoderUnavailable
            No process can be started, or all are at work for too long.
        """
        # The job's own: the caller may close his while it goes on.
        task = asyncio.create_task(self._turn(job, os.dup(file)))
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            asyncio.get_running_loop().call_later(LEFT_SECONDS, task.cancel)
            task.add_done_callback(_drop)
            raise

    async def close(self) -> None:
        """End all processes, and what they do."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        tasks = [*self._jobs, *([self._warming] if self._warming else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        idle, self._idle = self._idle, []
        await asyncio.gather(*(process.end() for process in idle))

    async def _turn(self, job: wire.AnyJob, file: int) -> Heard:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            os.close(file)
            raise DecoderUnavailable(
                reason=LocalizedText("所有解码进程都在忙", "all of them are at work")
            ) from None
        except BaseException:
            os.close(file)
            raise
        try:
            return await self._done(job, file)
        finally:
            os.close(file)
            self._turns.release()

    async def _done(self, job: wire.AnyJob, file: int) -> Heard:
        for _ in range(TRIES):
            process = await self._ready()
            try:
                return await process.ask(job, file, self._seconds)
            except Gone:
                continue
            finally:
                await self._take_back(process)
        raise DecoderUnavailable(
            reason=LocalizedText("它们一启动就退出", "they end as soon as they are started")
        )

    async def _ready(self) -> Process:
        while self._idle:
            # The last one: it may have the file open already.
            process = self._idle.pop()
            if process.alive:
                return process
            await process.end()
        return await start_process(self._limit)

    async def _take_back(self, process: Process) -> None:
        if not process.alive or self._closed:
            await process.end()
            return
        self._idle.append(process)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._shrink)

    def _shrink(self) -> None:
        surplus, self._idle = self._idle[:-1], self._idle[-1:]
        for process in surplus:
            process.retire()

    def _warm(self) -> None:
        self._warming = asyncio.create_task(self._start_first())

    async def _start_first(self) -> None:
        # Whoever needs one now hears of it, should it fail again.
        with contextlib.suppress(DecoderUnavailable):
            if not self._idle and not self._jobs:
                self._idle.append(await self._ready())


def _drop(task: asyncio.Task[Heard]) -> None:
    """Take note of what came of a job that nobody waits for."""
    if not task.cancelled() and task.exception() is None and (file := task.result()[1]) is not None:
        os.close(file)
