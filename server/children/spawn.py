"""The start of a process: isolated from the folder, the environment, the descriptors and the terminal."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
from collections.abc import Sequence
from fnmatch import fnmatchcase

BASE = ("PATH", "LD_LIBRARY_PATH", "LANG", "LANGUAGE", "LC_*", "TZ")
"""Variables that every child gets: the rest is none of its business, and may hold secrets."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Variables for children of which there is one a core: threads of libraries would only be in the way."""
REAP_SECONDS = 5.0
"""A killed process is gone by then, unless the kernel itself waits for a device."""
SELECTABLE = 1024
"""``FD_SETSIZE``: descriptors from there on overflow the sets of select(2), with which old programs wait."""


def environment(*names: str, **added: str) -> dict[str, str]:
    """The variables of `BASE` and those of these names, which may hold ``*``, with others added."""
    kept = (*BASE, *names)
    ours = {name: value for name, value in os.environ.items() if any(fnmatchcase(name, one) for one in kept)}
    return {**ours, **added}


def spawn(
    command: Sequence[str],
    variables: dict[str, str],
    streams: Sequence[int] = (subprocess.DEVNULL,) * 3,
    descriptors: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, in the root folder, with these descriptors alone; blocks.

    Parameters
    ----------
    streams
        Descriptors for its input, output and errors.

    Raises
    ------
    OSError
        It cannot be started.
    """
    stdin, stdout, stderr = streams
    process = subprocess.Popen(
        command,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd="/",
        env=variables,
        pass_fds=descriptors,
        # A Ctrl-C in the terminal is ours to handle; and what it starts itself is ended with it.
        start_new_session=True,
    )
    _limit_files(process.pid)
    return process


def _limit_files(pid: int) -> None:
    """Limit a program to descriptors that select(2) takes; ours, which it inherited, may be thousands."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = SELECTABLE if hard == resource.RLIM_INFINITY else min(SELECTABLE, hard)
    # A security module may keep other processes' limits from us: the program does with ours then.
    with contextlib.suppress(PermissionError):
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, hard))


def kill(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to a process and to all that it started."""
    # Only until it was waited for: then its number may be another's.
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def reap(process: subprocess.Popen[bytes], grace: float = 0.0) -> int | None:
    """See a process gone, by itself within `grace` seconds or else killed; blocks.

    Returns
    -------
    int or None
        Its exit code, negative for a signal; None where the kernel does not let go of it.
    """
    for seconds in (grace, REAP_SECONDS):
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            kill(process)
    return None
