"""What holds for the whole process: the threads of OpenCV, and the memory that is kept or given back."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import AsyncIterator, Callable

import cv2
from aiohttp import web

from server.background import supervise

KEPT_BYTES = 32 * 1024 * 1024
"""Buffers up to this size are reused: a decoded 8-megapixel frame has 24 MB."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""Of ``malloc.h``."""
ARENAS = 2
GIVE_BACK_SECONDS = 20.0


def tune_process() -> None:
    """Settle what holds for the whole process."""
    # One thread a picture: the pools already use every core, and a preview must not stall a capture.
    cv2.setNumThreads(1)
    # glibc gives every buffer of a frame's size back to the kernel at once, and page-faults it in again for
    # the next frame. Other libcs have no such knob, and musl's mallopt does nothing.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)
        mallopt(M_TRIM_THRESHOLD, 2 * KEPT_BYTES)
        # Every thread would keep such buffers in an arena of its own.
        mallopt(M_ARENA_MAX, ARENAS)


def give_back(app: web.Application) -> None:
    """Let `app`, the only one of its process, give memory back while it runs."""

    async def lifetime(_: web.Application) -> AsyncIterator[None]:
        # What is here now lives as long as the process: 90 000 objects, through which each search for cycles
        # takes 30 to 40 ms. Set aside, they leave it a few milliseconds.
        gc.collect()
        gc.freeze()
        giving = supervise("return of free memory", give_back_now_and_then)
        yield
        giving.cancel()
        await asyncio.wait((giving,))

    app.cleanup_ctx.append(lifetime)


async def give_back_now_and_then(seconds: float = GIVE_BACK_SECONDS) -> None:
    """Give back what nobody uses, until cancelled.

    What ends by an exception leaves cycles of exceptions and frames with pictures in them. Python looks for
    old cycles when there are many objects, however large these are: after minutes. And free memory below
    something in use is never given to the kernel by itself: after a busy hour the service would hold the sum
    of what its requests ever needed at the same time.

    Parameters
    ----------
    seconds
        Between two times.
    """
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    while True:
        await asyncio.sleep(seconds)
        gc.collect()
        if trim is not None:
            # It takes milliseconds, and lets go of Python's lock meanwhile.
            await asyncio.to_thread(trim, 0)
