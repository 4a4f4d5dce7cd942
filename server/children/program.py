"""A program of the system's, run to its end within a deadline.

What it reads and writes are files in memory: it never waits for a reader, and takes no more than it may.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from server.children import memory
from server.children.spawn import environment, kill, reap, spawn

OUTPUT_BYTES = 64 << 20
ERROR_BYTES = 1 << 16
_TICK = 0.1
"""Seconds between two looks at whether it is to be stopped."""


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
        Its environment; None for the usual one, see `server.children.spawn.environment`.
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
