"""Settings of the whole process: threads of OpenCV, open files, and memory: its release and its readers."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import resource
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

import cv2
from aiohttp import web

from server.runtime import lazy_imports
from server.runtime.background import supervise

KEPT_BYTES = 32 * 1024 * 1024
"""Size of a buffer up to which it is reused, in bytes: a decoded 8-megapixel frame has 24 MB."""
M_TRIM_THRESHOLD = -1
"""Parameter of mallopt(3), from ``malloc.h``: the free memory at the top of the heap from which it is
returned."""
M_MMAP_THRESHOLD = -3
"""Parameter of mallopt(3), from ``malloc.h``: the size from which a buffer is mapped on its own."""
M_ARENA_MAX = -8
"""Parameter of mallopt(3), from ``malloc.h``: the largest number of arenas."""
PR_SET_DUMPABLE = 4
"""Option of prctl(2) that says whether other programs of the account may trace the process."""
ARENAS = 2
"""Number of the allocator's arenas: without a limit, every thread would keep buffers in one of its own."""
TRIM_SECONDS = 20.0
"""Interval at which free memory is released to the kernel, in seconds."""
TRIM_REST_SECONDS = 0.05
"""Time after which memory is released where clients let go of much, in seconds."""

FREED: web.AppKey[asyncio.Event] = web.AppKey("freed")
"""Key of the event that is set when clients let go of much memory."""
FORGET: web.AppKey[Callable[[], None]] = web.AppKey("forget")
"""Key of the function that lets go of what was not used lately, called before each regular release."""


def keep_memory_private() -> None:
    """Refuse other programs of this account to trace this process and to read its memory and environment."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "the memory stays readable")


def files_allowed() -> int:
    """Return the hard limit of open files, to which a process may raise its own."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def raise_file_limit() -> None:
    """Raise the limit of open files, each connection being one, from the usual 1024 to the hard limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Refused where fs.nr_open, the kernel's own limit, was lowered below the hard one: the limit then stays.
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def tune_process() -> None:
    """Set the threads of OpenCV and the allocator's thresholds for the whole process."""
    # One thread per picture: the pools already use every core, and a preview must not stall a capture.
    lazy_imports.when_read(cv2, lambda: cv2.setNumThreads(1))
    # glibc gives every buffer of a frame's size back to the kernel at once, and page-faults it in again for
    # the next frame. Other libcs have no such knob, and musl's mallopt does nothing.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)
        mallopt(M_TRIM_THRESHOLD, 2 * KEPT_BYTES)
        # Every thread would keep such buffers in an arena of its own.
        mallopt(M_ARENA_MAX, ARENAS)


def trim_memory(app: web.Application) -> None:
    """Let `app`, the only one of its process, release free memory while it runs."""

    async def lifetime(_: web.Application) -> AsyncIterator[None]:
        # The objects of now live as long as the process: 90 000, through which each search for cycles takes
        # 30 to 40 ms. Frozen, they leave it a few milliseconds.
        gc.collect()
        gc.freeze()
        trimming = supervise("return of free memory", partial(trim_regularly, app[FREED], app[FORGET]))
        yield
        trimming.cancel()
        await asyncio.wait((trimming,))

    app.cleanup_ctx.append(lifetime)


async def trim_regularly(
    freed: asyncio.Event, forget: Callable[[], None], seconds: float = TRIM_SECONDS
) -> None:
    """Release free memory to the kernel at intervals, until cancelled.

    Exceptions leave cycles of exceptions and stack frames with pictures in them. Python collects old cycles
    by the number of objects, however large these are: after minutes. And the allocator never returns free
    memory below a block in use: after a busy hour the service would hold the largest sum that its requests
    ever needed at the same time, and in a flood of large messages twice what they hold.

    Parameters
    ----------
    freed
        Set when clients let go of much; cleared here.
    forget
        Called at each interval, before memory is looked through.
    seconds
        Interval.
    """
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    while True:
        try:
            async with asyncio.timeout(seconds):
                await freed.wait()
                await asyncio.sleep(TRIM_REST_SECONDS)
        except TimeoutError:
            forget()
            gc.collect()
        freed.clear()
        if trim is not None:
            # It takes milliseconds, and releases Python's lock meanwhile.
            await asyncio.to_thread(trim, 0)


CGROUPS = Path("/sys/fs/cgroup")


def memory_bytes() -> int:
    """Return the memory of the machine, or what a control group such as a unit of systemd leaves of it."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        groups = Path("/proc/self/cgroup").read_text(encoding="utf-8")
    except OSError:
        return machine
    return min([machine, *group_limits(groups, CGROUPS)])


def group_limits(groups: str, root: Path) -> Iterator[int]:
    """Yield the limits of control groups, as ``/proc/self/cgroup`` names them, and of those around them."""
    for line in groups.splitlines():
        _, controllers, name = line.split(":", 2)
        if controllers == "":
            yield from _limits(root, name, "memory.max")
            yield from _limits(root, name, "memory.high")
        elif "memory" in controllers.split(","):
            yield from _limits(root / "memory", name, "memory.limit_in_bytes")


def _limits(root: Path, name: str, file: str) -> Iterator[int]:
    group = PurePosixPath(name.lstrip("/"))
    for folder in (group, *group.parents):
        # The root has no such file, and "max" is no number.
        with contextlib.suppress(OSError, ValueError):
            yield int((root / folder / file).read_text(encoding="ascii"))


MEMORY_BYTES = memory_bytes()
"""Memory that this process may have, in bytes, read at the start: where it is needed, nothing may block."""
