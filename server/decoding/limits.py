"""Limits of decoding processes: each of them, and their number, by the memory of the machine."""

from __future__ import annotations

import os
import resource

SECONDS = 60
"""Time limit of a task in seconds, of the clock and of a processor: the largest picture or page takes less
than ten."""
ROOM_BYTES = 3 << 29
"""Address space beside pixels: the interpreter, its libraries, a file of 512 MiB and what it becomes."""
BYTES_PER_PIXEL = 20
"""Address space for each pixel: sixteen bits in four channels, and what becomes of them on the way to eight
in three."""
LARGEST_FILE = 2 << 30
"""Limit of a file that a decoding process writes, in bytes."""
IDLE_ADDRESS_BYTES = 640 << 20
"""Address space of a process that has nothing to do, most of it code of libraries."""
LEAST_BYTES = 320 << 20
"""Memory of a process beyond that of an idle one: a colour page of A3 at 600 dpi, and as much again to work
on it."""
MOST = 4
"""Limit of the processes that one origin may use at a time, however large the machine is."""
PROCESS_BYTES = 48 << 20
"""Memory of its own that a process takes, in bytes, most of it data of libraries."""


def worker_count(memory: int) -> int:
    """Return the processes that one origin may use at a time; there is one more for the next origin."""
    return max(1, min(MOST, os.cpu_count() or 1, _share(memory) // LEAST_BYTES - 1))


def address_bytes(limit_pixels: int, memory: int) -> int:
    """Return the address space of a process.

    Parameters
    ----------
    limit_pixels
        Largest picture.
    memory
        Memory of the machine, of which all decoding processes together have half.
    """
    needed = ROOM_BYTES + BYTES_PER_PIXEL * limit_pixels
    return min(needed, IDLE_ADDRESS_BYTES + _share(memory) // (worker_count(memory) + 1))


def held_bytes(memory: int) -> int:
    """Return the limit of all foreign files that are open, and of all decoded pictures that are in work."""
    return memory // 4


def _share(memory: int) -> int:
    return memory // 2


def allow_another_task() -> None:
    """Grant time of a processor for one more task; whoever uses it up is ended by SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    whole = int(used.ru_utime + used.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (whole + SECONDS, hard))
