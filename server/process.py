"""What holds for the whole process: the threads of OpenCV, and what the allocator keeps."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable

import cv2

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


async def give_back_now_and_then(seconds: float = GIVE_BACK_SECONDS) -> None:
    """Give memory that lies free between what is in use back to the kernel, until cancelled.

    What is free below something long-lived is never given back by itself: after a busy hour the service would
    hold the sum of what its requests ever needed at the same time.

    Parameters
    ----------
    seconds
        Between two times.
    """
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    while trim is not None:
        await asyncio.sleep(seconds)
        # It takes milliseconds, and lets go of Python's lock meanwhile.
        await asyncio.to_thread(trim, 0)
