"""A program of the system's, run to its end within a deadline.

What it reads and writes are files in memory: it never waits for a reader, and takes no more than it may.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from server.children import memory

BASE = ("PATH", "LD_LIBRARY_PATH", "LANG", "LANGUAGE", "LC_*", "TZ")
"""Variables that every child gets: the rest is none of its business, and may hold secrets."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Variables for children of which there is one a core: threads of libraries would only be in the way."""
REAP_SECONDS = 5.0
"""Seconds within which a killed process is gone, unless the kernel itself waits for a device."""
SELECTABLE = 1024
"""Number of descriptors that a program may open, which is ``FD_SETSIZE``: those from there on overflow the
sets of select(2), with which old programs wait."""


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


OUTPUT_BYTES = 64 << 20
"""Most bytes that a program can write to its output; writing more fails for it."""
ERROR_BYTES = 1 << 16
"""Most bytes that a program can write to its errors; writing more fails for it."""
_TICK = 0.1
"""Seconds between two looks at whether the program is to be stopped."""


class Stopped(Exception):
    """The program was stopped, or not started at all."""


@dataclass(frozen=True, slots=True)
class Completed:
    """The end of a program that ended by itself."""

    code: int
    output: bytes
    errors: bytes


class Program:
    """One program, which `run` runs once.

    Parameters
    ----------
    variables
        Its environment; None for the usual one, see `server.children.program.environment`.
    niceness
        Added to ours; for what may take longer.
    grace
        Seconds that it has to end by itself once it was asked to.
    descriptors
        Descriptors that it gets beside its input, output and errors, under the same numbers.
    """

    def __init__(
        self,
        command: Sequence[str],
        variables: dict[str, str] | None = None,
        *,
        niceness: int = 0,
        grace: float = 0.0,
        descriptors: Sequence[int] = (),
    ) -> None:
        self._command = command
        self._variables = environment() if variables is None else variables
        self._niceness = niceness
        self._grace = grace
        self._descriptors = descriptors
        self._stopped = threading.Event()

    def run(self, seconds: float, given: bytes = b"") -> Completed:
        """Run it, blocking, with `given` as its input.

        Raises
        ------
        OSError
            It cannot be started.
        TimeoutError
            It did not end in time.
        Stopped
        """
        files = [memory.filled([given]), memory.bounded(OUTPUT_BYTES), memory.bounded(ERROR_BYTES)]
        try:
            return Completed(self._run(files, seconds), *map(memory.written, files[1:]))
        finally:
            for file in files:
                os.close(file)

    async def run_async(self, seconds: float, given: bytes = b"") -> Completed:
        """See `run`; cancelled, it stops the program and sees it gone."""
        running = asyncio.ensure_future(asyncio.to_thread(self.run, seconds, given))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self.stop()
            await asyncio.wait((running,))
            raise

    def stop(self) -> None:
        """Stop it, from any thread, or do not start it any more; `run` sees it gone."""
        self._stopped.set()

    def _run(self, streams: Sequence[int], seconds: float) -> int:
        if self._stopped.is_set():
            raise Stopped
        process = spawn(self._command, self._variables, streams, self._descriptors)
        try:
            if self._niceness:
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, process.pid, self._niceness)
            return self._wait(process, time.monotonic() + seconds)
        finally:
            if self._grace:
                kill(process, signal.SIGTERM)
            reap(process, self._grace)

    def _wait(self, process: subprocess.Popen[bytes], until: float) -> int:
        while not self._stopped.is_set():
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(min(_TICK, left))
        raise Stopped
