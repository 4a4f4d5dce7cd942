"""Limits of a decoding process."""

from __future__ import annotations

import resource

SECONDS = 60
"""Of a task, on the wall and of a processor: the largest picture or page takes less than ten."""
ROOM_BYTES = 3 << 29
"""Address space beside pixels: the interpreter, its libraries, a file of 512 MiB and what it becomes."""
BYTES_PER_PIXEL = 20
"""Sixteen bits in four channels, and what becomes of them on the way to eight in three."""
LARGEST_FILE = 2 << 30


def address_bytes(limit_pixels: int) -> int:
    """Return the address space that decoding may take where pictures have at most so many pixels."""
    return ROOM_BYTES + BYTES_PER_PIXEL * limit_pixels


def allow_another_task() -> None:
    """Grant time of a processor for one more task; whoever uses it up is ended by SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    whole = int(used.ru_utime + used.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (whole + SECONDS, hard))
