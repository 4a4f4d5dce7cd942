"""The decoding processes: as many as there are cores at most, one of them always warm."""

from __future__ import annotations

import asyncio
import contextlib
import os
from functools import partial

from server.background import supervise
from server.decoding import wire
from server.decoding.limits import SECONDS
from server.decoding.process import DecodingProcess, ProcessGone, Reply, start_process
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
"""So long may a task go on that nobody waits for: it costs less than another process."""


class Pool:
    """Runs tasks in processes; a process that crashes or hangs costs its task only.

    Parameters
    ----------
    limit_pixels
        The largest picture.
    most
        Processes; None for one a core, four at most.
    seconds
        The longest task.
    """

    def __init__(self, limit_pixels: int, most: int | None = None, seconds: float = SECONDS) -> None:
        self._limit = limit_pixels
        self._seconds = seconds
        self._turns = asyncio.Semaphore(most or min(MOST, os.cpu_count() or 1))
        self._idle: list[DecodingProcess] = []
        self._running: set[asyncio.Task[Reply]] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._warming: asyncio.Task[None] | None = None

    @property
    def idle(self) -> tuple[DecodingProcess, ...]:
        """The processes that wait for tasks, the one that is next last."""
        return tuple(self._idle)

    def warm_up(self) -> None:
        """Start the first process soon."""
        self._timer = asyncio.get_running_loop().call_later(WARM_SECONDS, self._warm)

    async def run(self, task: wire.AnyTask, file: int) -> Reply:
        """Do a task with the file of that descriptor; cancelling gives it up.

        Raises
        ------
        server.documents.faults.DocumentFault
            The process ended over it, or it took too long.
        server.errors.DecoderUnavailable
            No process can be started, or all are at work for too long.
        """
        # The task's own: the caller may close his while it goes on.
        running = asyncio.create_task(self._run_in_turn(task, os.dup(file)))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            asyncio.get_running_loop().call_later(LEFT_SECONDS, running.cancel)
            running.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise

    async def close(self) -> None:
        """End all processes, and whatever they do."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        tasks = [*self._running, *([self._warming] if self._warming else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        idle, self._idle = self._idle, []
        await asyncio.gather(_end(idle), *self._ending)

    async def _run_in_turn(self, task: wire.AnyTask, file: int) -> Reply:
        try:
            try:
                async with asyncio.timeout(TURN_SECONDS):
                    await self._turns.acquire()
            except TimeoutError:
                busy = LocalizedText("所有解码进程都在忙", "all of them are at work")
                raise DecoderUnavailable(reason=busy) from None
            try:
                return await self._run(task, file)
            finally:
                self._turns.release()
        finally:
            os.close(file)

    async def _run(self, task: wire.AnyTask, file: int) -> Reply:
        for _ in range(TRIES):
            process = await self._acquire()
            try:
                return await process.ask(task, file, self._seconds)
            except ProcessGone:
                continue
            finally:
                await self._release(process)
        raise DecoderUnavailable(
            reason=LocalizedText("它们一启动就退出", "they end as soon as they are started")
        )

    async def _acquire(self) -> DecodingProcess:
        while self._idle:
            # The last one: it may have the file open already.
            process = self._idle.pop()
            if process.alive:
                return process
            await process.retire()
        return await start_process(self._limit)

    async def _release(self, process: DecodingProcess) -> None:
        if not process.alive or self._closed:
            await process.retire()
            return
        self._idle.append(process)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._shrink)

    def _shrink(self) -> None:
        surplus, self._idle = self._idle[:-1], self._idle[-1:]
        ending = supervise("end of idle decoding processes", partial(_end, surplus), restart=False)
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    def _warm(self) -> None:
        self._warming = supervise("first decoding process", self._start_first, restart=False)

    async def _start_first(self) -> None:
        # Whoever needs one now hears of it, should it fail again.
        with contextlib.suppress(DecoderUnavailable):
            if not self._idle and not self._running:
                self._idle.append(await self._acquire())


async def _end(processes: list[DecodingProcess]) -> None:
    await asyncio.gather(*(process.retire() for process in processes))
