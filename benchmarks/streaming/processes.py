"""Servers and viewers as processes, and the processor time they spend."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import IO

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 60.0

Process = subprocess.Popen[bytes]


class BenchmarkFailed(Exception):
    """Raised for a measurement that means nothing; the text gives the reason."""


@contextlib.contextmanager
def process(module: str, *arguments: str) -> Iterator[Process]:
    """A module of this package, run in a process of its own until its standard input is closed."""
    command = [sys.executable, "-m", f"benchmarks.streaming.{module}", *arguments]
    # Unbuffered: a line that was read ahead would not wake the selector.
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0, cwd=REPOSITORY) as started:
        try:
            yield started
            _stream(started.stdin).close()
            started.wait(15)
        finally:
            started.kill()


def line_of(process: Process) -> str:
    """The next line a process prints.

    Raises
    ------
    BenchmarkFailed
        It printed none in time.
    """
    if not has_output(process, START_SECONDS):
        raise BenchmarkFailed(f"{process.args!r} said nothing for {START_SECONDS:g} s")
    line = _stream(process.stdout).readline().decode().strip()
    if not line:
        raise BenchmarkFailed(f"{process.args!r} ended with {process.wait(15)}")
    return line


def has_output(process: Process, seconds: float) -> bool:
    """Return whether a line, or the end of the output, comes within a time."""
    with selectors.DefaultSelector() as selector:
        selector.register(_stream(process.stdout), selectors.EVENT_READ)
        return bool(selector.select(seconds))


def ask(process: Process, question: str) -> str:
    """Write a line to a process, and return the line it answers with."""
    _stream(process.stdin).write(f"{question}\n".encode())
    return line_of(process)


def expect(process: Process, word: str) -> None:
    """Wait for a line."""
    if (line := line_of(process)) != word:
        raise BenchmarkFailed(f"{process.args!r} said {line!r}, not {word!r}")


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


@dataclass(frozen=True)
class Clock:
    """Readings of the wall clock and of processor times, in seconds."""

    wall: float
    server: float
    client: float
    busy: float
    capacity: float

    @classmethod
    def read(cls, server: int, client: int) -> Clock:
        """Now, for two processes."""
        first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
        ticks = [int(field) / os.sysconf("SC_CLK_TCK") for field in first.split()[1:9]]
        busy = sum(ticks) - ticks[3] - ticks[4]
        return cls(time.monotonic(), processor_seconds(server), processor_seconds(client), busy, sum(ticks))

    def since(self, before: Clock) -> Clock:
        """Return the differences to an earlier reading."""
        return Clock(*(now - then for now, then in zip(astuple(self), astuple(before), strict=True)))

    @property
    def foreign(self) -> float:
        """0..1, the part of the machine's processor time that neither of the two used."""
        return max(0.0, self.busy - self.server - self.client) / max(self.capacity, 1e-9)


def processor_seconds(pid: int) -> float:
    """Processor time of a process, all its threads, and the processes it started."""
    # The clock behind /proc/PID/stat, in nanoseconds: ticks of 10 ms are longer than what is measured.
    own = time.clock_gettime((~pid << 3) | 2)
    children = Path(f"/proc/{pid}/task/{pid}/children")
    started = children.read_text(encoding="ascii").split() if children.exists() else []
    return own + sum(processor_seconds(int(child)) for child in started)
