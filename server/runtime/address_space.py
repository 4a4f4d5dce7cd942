"""Address space of a process that works for strangers, bounded by what each piece of its work needs."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

STATUS: Final = "/proc/self/statm"
"""File by which a process reads how much it has; a confined one must be allowed to."""

_bounded = False


def bound_this_process() -> None:
    """Let `room` bound this process from now on, which must do one thing at a time."""
    global _bounded
    _bounded = True


@contextmanager
def room(size: int) -> Iterator[None]:
    """Let what is done in the ``with`` block take so much address space beyond what the process has.

    What goes beyond it gets no memory: Python raises MemoryError, and libraries may abort the process. It is
    without effect where `bound_this_process` was not called: other threads of such a process would bear it.

    Parameters
    ----------
    size
        Bytes.
    """
    if not _bounded:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = _taken() + size
    resource.setrlimit(
        resource.RLIMIT_AS, (bound if hard == resource.RLIM_INFINITY else min(bound, hard), hard)
    )
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _taken() -> int:
    return int(Path(STATUS).read_bytes().split()[0]) * os.sysconf("SC_PAGESIZE")
