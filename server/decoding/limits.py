"""What a decoding process may take. Set in the process itself, before it sees a byte of a foreign file."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
from pathlib import Path

SECONDS = 60
"""Of a job, on the wall and of a processor: the largest picture or page takes less than ten."""
ROOM_BYTES = 3 << 29
"""Address space beside pixels: the interpreter, its libraries, a file of 512 MiB and what it becomes."""
BYTES_PER_PIXEL = 20
"""Sixteen bits in four channels, and what becomes of them on the way to eight in three."""
LARGEST_FILE = 2 << 30

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38


def address_bytes(limit_pixels: int) -> int:
    """Address space that decoding may take where pictures have at most so many pixels."""
    return ROOM_BYTES + BYTES_PER_PIXEL * limit_pixels


def close_all_but(channel: int) -> None:
    """Close what was inherited by accident: loops pass on more than they are asked to."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - while the folder is walked, one more is open
        if (file := int(name)) > 2 and file != channel:
            with contextlib.suppress(OSError):
                os.close(file)


def confine(limit_pixels: int, parent: int) -> None:
    """Bind this process to its limits and to the life of `parent`."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), 0, 0, 0)
    prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
    room = address_bytes(limit_pixels)
    for what, limit in (
        (resource.RLIMIT_AS, room),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    # Where memory runs out all the same, this process is ended and not the service.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def allow_another_job() -> None:
    """Time of a processor for one more job; whoever uses it up is ended by SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    whole = int(used.ru_utime + used.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (whole + SECONDS, hard))
