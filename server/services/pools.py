"""Thread pools for blocking work, one for each kind of work."""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from imgcore.stopping import WorkStopped, stoppable
from server.errors import WorkTooLong
from server.runtime.process import MEMORY_BYTES
from server.runtime.turns import Turns

SECONDS = 120.0
"""Limit of one heavy call. The largest picture takes 20 s on two cores that do nothing else."""
HEAVY_BYTES = MEMORY_BYTES // 4
"""Memory of all heavy calls together; decoding processes have half of the machine's."""

P = ParamSpec("P")
T = TypeVar("T")


class ThreadPools:
    """Nine pools, so that no kind of work waits behind another.

    Attributes
    ----------
    previews
        Preview pictures: short, many.
    outlines
        Outline detection: one search at a time, the stream never waits for it.
    full_searches
        Outline detection as a capture does it, for a preview: slow, so that quick ones do not wait for it.
    barcodes
        Barcodes in previews: one search at a time, whatever the number of cameras; outlines do not wait
        for it.
    pages
        Next pages for automatic captures, and what lies still to be read: one look at a time.
    faces
        Faces before cameras: one detection at a time, so that it never takes more than a core.
    documents
        Pages of documents: hundreds in a row, or seconds each where their text is read.
    helpers
        Verdicts on pictures that are enhanced and encoded meanwhile, and strips of these; they wait for
        nothing.
    heavy_limit
        Limit of turns at `run_heavy` of one origin; there is one more for the next.
    """

    def __init__(self) -> None:
        cores = os.cpu_count() or 1
        self.previews = ThreadPoolExecutor(cores, "preview")
        self.outlines = ThreadPoolExecutor(1, "outline")
        self.full_searches = ThreadPoolExecutor(1, "outline-full")
        self.barcodes = ThreadPoolExecutor(1, "barcode")
        self.pages = ThreadPoolExecutor(1, "page")
        self.faces = ThreadPoolExecutor(1, "face")
        self.documents = ThreadPoolExecutor(cores, "document")
        self.helpers = ThreadPoolExecutor(cores, "helper")
        # Captures, files and device enumeration; these block on disks and buses.
        self._jobs = ThreadPoolExecutor(cores + 3, "job")
        self.heavy_limit = cores
        self._heavy = Turns(cores + 1, cores)
        self._memory_a_turn = HEAVY_BYTES // (cores + 1)
        # Of work that is done, or that nobody waits for, none is left here once its thread is free.
        self._stops: weakref.WeakSet[threading.Event] = weakref.WeakSet()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking `function` in the pool for jobs."""
        return await self.begin(function, *args, **kwargs)

    def begin(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[T]:
        """Submit a blocking `function` to the pool for jobs."""
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._jobs, lambda: function(*args, **kwargs))

    async def run_document(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking `function` in the pool for pages of documents."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.documents, lambda: function(*args, **kwargs))

    async def run_heavy(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like `run`, for work of seconds, in turns by origin, so that a capture finds a thread.

        See `run_weighed`.
        """
        return await self.run_weighed(0, function, *args, **kwargs)

    async def run_weighed(
        self, memory: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Like `run_heavy`, for work that takes much memory: it has the turns of as much of it.

        The call is stopped, by `imgcore.stopping`, when it is cancelled, when it takes longer than `SECONDS`
        and when the service ends. It counts until its thread is free, so that reconnecting gets round no
        limit.

        Parameters
        ----------
        memory
            Bytes that it takes at most.
        """
        # Never more than an origin's share: something is left for the next one.
        weight = min(self.heavy_limit, max(1, -(-memory // self._memory_a_turn)))
        turn = await self._heavy.acquire(weight)
        loop = asyncio.get_running_loop()
        stop = threading.Event()
        self._stops.add(stop)

        def work() -> T:
            with stoppable(stop.is_set):
                return function(*args, **kwargs)

        future = self._jobs.submit(work)

        def free(_: Future[T]) -> None:
            # The loop is closed when the process ends before the work does.
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._heavy.release, turn)

        future.add_done_callback(free)
        deadline = loop.call_later(SECONDS, stop.set)
        try:
            return await asyncio.wrap_future(future)
        except WorkStopped as exc:
            raise WorkTooLong(seconds=f"{SECONDS:g}") from exc
        finally:
            stop.set()
            deadline.cancel()

    def close(self) -> None:
        """Stop running work between two steps, start none."""
        for stop in list(self._stops):
            stop.set()
        searches = (self.outlines, self.full_searches, self.barcodes, self.pages, self.faces)
        for pool in (self.previews, *searches, self.documents, self.helpers, self._jobs):
            pool.shutdown(wait=False, cancel_futures=True)
