"""The threads that pixels are worked on in, and the name of each kind of work."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class ThreadPools:
    """Six pools, so that no kind of work waits behind another.

    Attributes
    ----------
    painters
        Preview pictures: short, many.
    searchers
        Outlines: one at a time, the stream never waits for it.
    readers
        Codes in previews: one search at a time, whatever the number of cameras; outlines do not wait for it.
    lookers
        Faces before cameras: one look at a time, so that it never takes more than a core.
    heavy_most
        How much heavy work there is at a time.
    binders
        Pages of documents: hundreds in a row, or seconds each where their text is read.
    """

    def __init__(self) -> None:
        cores = os.cpu_count() or 1
        self.painters = ThreadPoolExecutor(cores, "paint")
        self.searchers = ThreadPoolExecutor(1, "search")
        self.readers = ThreadPoolExecutor(1, "read")
        self.lookers = ThreadPoolExecutor(1, "look")
        self.binders = ThreadPoolExecutor(cores, "bind")
        # Captures, files and device enumeration; these block on disks and buses.
        self._jobs = ThreadPoolExecutor(cores + 2, "job")
        self.heavy_most = cores
        self._heavy = asyncio.Semaphore(cores)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking `function` in the pool for jobs."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._jobs, lambda: function(*args, **kwargs))

    async def bind(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking `function` in the pool for pages of documents."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.binders, lambda: function(*args, **kwargs))

    async def heavy(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like `run`, for work of seconds: as much at a time as there are cores; a capture finds a thread.

        Work that is cancelled counts until its thread is free: who hangs up and comes again gains nothing.
        """
        await self._heavy.acquire()
        loop = asyncio.get_running_loop()
        future = self._jobs.submit(lambda: function(*args, **kwargs))

        def free(_: Future[T]) -> None:
            # The loop is closed when the process ends before the work does.
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._heavy.release)

        future.add_done_callback(free)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let running work end, start none."""
        for pool in (self.painters, self.searchers, self.readers, self.lookers, self.binders, self._jobs):
            pool.shutdown(wait=False, cancel_futures=True)
