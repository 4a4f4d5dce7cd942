"""The threads that pixels are worked on in, and the name of each kind of work."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """Five pools, so that no kind of work waits behind another.

    Attributes
    ----------
    painters
        Preview pictures: short, many.
    searchers
        Outlines: one at a time, the stream never waits for it.
    readers
        Codes in previews: one search at a time, whatever the number of cameras; outlines do not wait for it.
    binders
        Pages of documents: hundreds in a row, or seconds each where their text is read.
    """

    def __init__(self) -> None:
        cores = os.cpu_count() or 1
        self.painters = ThreadPoolExecutor(cores, "paint")
        self.searchers = ThreadPoolExecutor(1, "search")
        self.readers = ThreadPoolExecutor(1, "read")
        self.binders = ThreadPoolExecutor(cores, "bind")
        # Captures, files and device enumeration; these block on disks and buses.
        self._jobs = ThreadPoolExecutor(cores + 2, "job")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking `function` in the pool for jobs."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._jobs, lambda: function(*args, **kwargs))

    async def bind(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking `function` in the pool for pages of documents."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.binders, lambda: function(*args, **kwargs))

    def close(self) -> None:
        """Let running work end, start none."""
        for pool in (self.painters, self.searchers, self.readers, self.binders, self._jobs):
            pool.shutdown(wait=False, cancel_futures=True)
