"""The decoding processes: as many as there are cores at most, one of them warm while pages are at work."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import mmap
import os
import signal
import time
from collections.abc import Awaitable, Callable
from functools import partial

from server.children.async_child import AsyncChild, ChildEnded, start_child
from server.children.child import ChildSpec, Exit
from server.children.confinement import Profile
from server.children.program import ONE_THREAD
from server.decoding import faults, wire
from server.decoding.limits import (
    LARGEST_FILE,
    PROCESS_BYTES,
    SECONDS,
    address_bytes,
    held_bytes,
    worker_count,
)
from server.errors import DecoderUnavailable, LocalizedText
from server.runtime import address_space
from server.runtime.background import ended, supervise
from server.runtime.process import MEMORY_BYTES
from server.runtime.turns import Turn, Turns, payer

log = logging.getLogger(__name__)

WORKER = "server.decoding.worker"
PROFILE = Profile(reads=(address_space.STATUS,))
"""Confinement of a process, to which nothing is left but to see how much memory it has: a file that takes it
over has a socket to the service, and answers to be judged."""
START_SECONDS = 30.0
"""Time limit for a process to start, in seconds: reading its modules takes a third of one, on a disk that
sleeps much more."""
LONGEST_START_SECONDS = 240.0
"""Time limit for a start, in seconds, where the machine is so busy that the process goes on and is not
ready."""
STUCK_SECONDS = 0.05
"""Time of a processor in seconds, used within `START_SECONDS`, below which a starting process does not go
on."""
HANG_UP_SECONDS = 0.2
"""Time in which a process without a task ends by itself, in seconds; it takes some milliseconds."""

Reply = tuple[wire.DecodingAnswer, mmap.mmap | None]
"""An answer, and the content of the file that came along."""


class ProcessGone(Exception):
    """The process is not there any more."""


class DecodingProcess(AsyncChild):
    """Asked one thing at a time; see `start_process`."""

    async def ask(self, task: wire.Task, file: int, seconds: float) -> Reply:
        """Hand over a task and wait for its outcome; cancelled, it ends the process.

        Raises
        ------
        server.documents.faults.DocumentFault
            The process ended over it, or was ended because it took too long.
        ProcessGone
            It had ended before it heard of the task, which is not to blame.
        """
        begun = time.monotonic()
        if not self.send(wire.encode(task), file):
            log.warning("a decoding process ended while it had nothing to do: %s", await self.retire())
            raise ProcessGone
        try:
            return await self.listen(wire.decode_answer, seconds)
        except TimeoutError:
            raise faults.too_slow(min(seconds, round(time.monotonic() - begun, 1))) from None
        except ChildEnded as ended:
            if ended.exit.code == -signal.SIGXCPU:
                raise faults.too_slow(seconds) from None
            log.warning("a decoding process ended over a file: %s", ended)
            raise faults.process_ended(ended.exit.how) from None
        except asyncio.CancelledError:
            await self.retire()
            raise

    async def retire(self) -> Exit:
        """Hang up and see it gone."""
        return await self.finish(HANG_UP_SECONDS)


async def start_process(limit_pixels: int) -> DecodingProcess:
    """Start one and see it ready."""
    limits = {"AS": address_bytes(limit_pixels, MEMORY_BYTES), "FSIZE": LARGEST_FILE}
    spec = ChildSpec(WORKER, added=ONE_THREAD, limits=limits, untrusted=True, profile=PROFILE)
    try:
        process = await start_child(DecodingProcess, spec, limit_pixels)
    except OSError as exc:
        raise _unavailable(exc.strerror or type(exc).__name__) from exc
    await see_ready(process)
    return process


async def see_ready(process: DecodingProcess) -> None:
    """Wait until a process that was started is ready, longer where the machine is busy; cancelled, end it."""
    watch = asyncio.create_task(_give_up_stuck(process), name="start of a decoding process")
    begun = time.monotonic()
    try:
        await process.listen(wire.decode_answer, LONGEST_START_SECONDS)
    except TimeoutError:
        waited = f"{time.monotonic() - begun:.0f}"
        late = LocalizedText(f"{waited} 秒内没有就绪", f"not ready in {waited} seconds")
        raise _unavailable(late) from None
    except ChildEnded as ended:
        log.error("a decoding process ended before it was ready: %s", ended)
        raise _unavailable(ended.exit.how) from None
    except asyncio.CancelledError:
        await process.finish()
        raise
    finally:
        watch.cancel()


async def _give_up_stuck(process: DecodingProcess) -> None:
    """End the wait for a process that neither is ready nor uses a processor, or has used one for long."""
    clock = ~process.pid << 3 | 2  # clock_getcpuclockid(3)
    used = 0.0
    before = -1.0
    with contextlib.suppress(OSError):  # it ended, and who listens hears of it
        while before + STUCK_SECONDS <= used < START_SECONDS:
            await asyncio.sleep(START_SECONDS)
            used, before = time.clock_gettime(clock), used
            log.warning("a decoding process is not ready: it got %.1f s of a processor", used)
    process.shorten_wait(0)


def _unavailable(reason: str | LocalizedText) -> DecoderUnavailable:
    log.error("no decoding process can be started: %s", reason)
    return DecoderUnavailable(reason=reason)


WARM_SECONDS = 2.0
"""Time after the service's first picture at which the first process is started, in seconds: a page that
captures gives files, too."""
IDLE_SECONDS = 60.0
"""Time without work after which all processes but one are ended, in seconds."""
TURN_SECONDS = 300.0
"""Longest wait for a turn, in seconds."""
CONTENDED_SECONDS = 15.0
"""Time limit of a task while another origin waits, in seconds: the largest picture or page takes less than
ten."""
QUICK_SECONDS = 10.0
"""Time limit of a small picture that did not wait, in seconds: it takes a tenth of one."""
TRIES = 8
"""Number of processes that a task is tried with: more than there are may have been killed while they had
nothing to do."""
LEFT_SECONDS = 1.0
"""Time for which a task may go on that nobody waits for any more, in seconds: it costs less than another
process."""
SMALL_RESULT = 4 << 20
"""Size of a result up to which it is not counted, in bytes."""


class Pool:
    """Runs tasks in processes; a process that crashes or hangs costs its task only.

    Origins take turns. One has at most `most` processes, and the next origin finds another; small pictures
    that would have to wait have one more.

    Parameters
    ----------
    limit_pixels
        The largest picture.
    most
        Processes of one origin; None for a number by cores and memory.
    seconds
        The longest task.
    start
        Starts a process for pictures of so many pixels; None for one that decodes.
    kept
        Processes that stay for longer when there is no work; one more does for the next task.
    """

    def __init__(
        self,
        limit_pixels: int,
        most: int | None = None,
        seconds: float = SECONDS,
        start: Callable[[int], Awaitable[DecodingProcess]] | None = None,
        kept: int = 1,
    ) -> None:
        most = most or worker_count(MEMORY_BYTES)
        held = held_bytes(MEMORY_BYTES)
        self._limit = limit_pixels
        self._seconds = seconds
        self._start = start
        self._kept = kept
        self._turns = Turns(most + 1, most, PROCESS_BYTES)
        self._quick = Turns(1, 1, PROCESS_BYTES, free=0)
        self._results = Turns(held, held // 2)
        self.idle: list[DecodingProcess] = []
        # With the owner and the beginning of its task.
        self._working: dict[DecodingProcess, tuple[str | None, float]] = {}
        self._running: set[asyncio.Task[Reply]] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._rested = 0.0
        self._warming: asyncio.Task[None] | None = None

    def warm_up(self) -> None:
        """Start the first process soon; for the loop's thread."""
        if not self._closed:
            self._call_later(WARM_SECONDS, self._warm)

    def end_unused(self, seconds: float) -> None:
        """End the processes if none had work for so long; another one takes half a second to start."""
        if self.idle and time.monotonic() - self._rested >= seconds:
            self._end_surplus(0)

    async def run(self, task: wire.Task, file: int, quick: bool = False) -> Reply:
        """Do a task with the file of that descriptor; cancelling gives it up.

        Parameters
        ----------
        quick
            True for a small picture.

        Raises
        ------
        server.documents.faults.DocumentFault
            The process ended over it, or it took too long.
        server.errors.DecoderUnavailable
            No process can be started, or all are at work for too long.
        """
        # The task's own: the caller may close his while it goes on.
        running = asyncio.create_task(self._run_in_turn(task, os.dup(file), quick))
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
        await ended(*tasks)
        idle = self.idle
        self.idle = []
        await asyncio.gather(_end(idle), *self._ending)

    async def _run_in_turn(self, task: wire.Task, file: int, quick: bool) -> Reply:
        aside = quick and not self._turns.admits() and _is_room()
        turns, seconds = (self._quick, QUICK_SECONDS) if aside else (self._turns, self._seconds)
        try:
            turn = await self._turn(turns)
            try:
                answer, made = await self._run(task, file, seconds)
                # Its place is kept until there is room for the result, which takes memory already.
                await self._count(made)
            finally:
                turns.release(turn)
        finally:
            os.close(file)
        return answer, made

    async def _turn(self, turns: Turns, weight: int = 1) -> Turn:
        asyncio.get_running_loop().call_soon(self._hurry)
        try:
            async with asyncio.timeout(TURN_SECONDS):
                return await turns.acquire(weight)
        except TimeoutError:
            busy = LocalizedText("所有解码进程都在忙", "all of them are at work")
            raise DecoderUnavailable(reason=busy) from None

    async def _count(self, made: mmap.mmap | None) -> None:
        """Count a large result for as long as somebody holds it."""
        if made is not None and len(made) > SMALL_RESULT:
            turn = await self._turn(self._results, len(made))
            self._results.release_with(made, turn)

    def _hurry(self) -> None:
        """Have tasks end in time for which another origin waits."""
        for process, (worked_for, begun) in self._working.items():
            if self._turns.waiting - {worked_for}:
                process.shorten_wait(max(0.0, begun + CONTENDED_SECONDS - time.monotonic()))

    async def _run(self, task: wire.Task, file: int, seconds: float) -> Reply:
        for _ in range(TRIES):
            process = await self._acquire()
            if seconds > CONTENDED_SECONDS:
                self._working[process] = payer.get().owner, time.monotonic()
            asyncio.get_running_loop().call_soon(self._hurry)
            try:
                return await process.ask(task, file, seconds)
            except ProcessGone:
                continue
            finally:
                self._working.pop(process, None)
                await self._release(process)
        raise DecoderUnavailable(
            reason=LocalizedText("它们一启动就退出", "they end as soon as they are started")
        )

    async def _acquire(self) -> DecodingProcess:
        while self.idle:
            # The last one: it may have the file open already.
            process = self.idle.pop()
            if process.alive:
                return process
            await process.retire()
        return await (self._start or start_process)(self._limit)

    async def _release(self, process: DecodingProcess) -> None:
        if not process.alive or self._closed:
            await process.retire()
            return
        self._rest(process)

    def _rest(self, process: DecodingProcess) -> None:
        self.idle.append(process)
        self._rested = time.monotonic()
        self._end_surplus(self._kept + 1)
        self._call_later(IDLE_SECONDS, self._end_surplus, self._kept)

    def _call_later(self, seconds: float, action: Callable[..., None], *arguments: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, action, *arguments)

    def _end_surplus(self, left: int) -> None:
        if len(self.idle) <= left:
            return
        at = len(self.idle) - left
        surplus = self.idle[:at]
        self.idle = self.idle[at:]
        ending = supervise("end of idle decoding processes", partial(_end, surplus), restart=False)
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    def _warm(self) -> None:
        self._warming = supervise("first decoding process", self._start_first, restart=False)

    async def _start_first(self) -> None:
        # Whoever needs one now hears of it, should it fail again.
        with contextlib.suppress(DecoderUnavailable):
            if not self.idle and not self._running:
                self._rest(await self._acquire())


def _is_room() -> bool:
    memory = payer.get().room
    return memory is None or memory.admits(PROCESS_BYTES)


async def _end(processes: list[DecodingProcess]) -> None:
    await asyncio.gather(*(process.retire() for process in processes))
