"""One measurement: a server and its viewers, each in a process of its own."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import IO

import cv2
import numpy as np

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 60.0


class BenchmarkFailed(Exception):
    """A measurement that means nothing; the text says why."""


@dataclass(frozen=True)
class Case:
    """What is measured."""

    size: str
    viewers: int
    outline: bool


@dataclass(frozen=True)
class Duration:
    """Seconds before and of the measurement."""

    warm: float
    measured: float


@dataclass(frozen=True)
class Measurement:
    """What came out.

    Attributes
    ----------
    fps
        Pictures a second that each viewer got, on average.
    cpu
        Milliseconds of the server's processor time for one frame delivered to all viewers.
    p50, p99
        Milliseconds from the frame's taking to its last byte's arrival; None where the
        server's picture carries no time any more.
    foreign
        0..1, the part of the machine's processor time that neither server nor viewers used:
        the figures of a busy machine are worth little.
    """

    fps: float
    cpu: float
    p50: float | None
    p99: float | None
    foreign: float


def measure(kind: str, case: Case, duration: Duration, cache: Path) -> Measurement:
    """Measure one server.

    Parameters
    ----------
    kind
        The module that runs it: ``naive`` or ``gaopai``.

    Raises
    ------
    BenchmarkFailed
        A process failed, or no outline was drawn although one was asked for.
    """
    with tempfile.TemporaryDirectory() as folder, _process(kind, case.size, str(cache)) as server:
        port = _line(server)
        sample = Path(folder, "sample")
        numbers = (case.viewers, int(case.outline), duration.warm, duration.measured)
        with _process("client", port, *map(str, numbers), str(sample)) as client:
            _expect(client, "start")
            before = _Clock.read(server.pid, client.pid)
            _expect(client, "end")
            spent = _Clock.read(server.pid, client.pid).since(before)
            seen = json.loads(_line(client))
        if _has_outline(sample.read_bytes()) != case.outline:
            raise BenchmarkFailed(f"{kind}: {'no' if case.outline else 'an'} outline in the picture")
    p50, p99 = np.percentile(seen["latencies"], [50, 99]) if seen["latencies"] else (None, None)
    cpu = 1000 * spent.server / max(seen["frames"], 1e-9)
    return Measurement(seen["frames"] / spent.wall, cpu, p50, p99, spent.foreign)


@dataclass(frozen=True)
class _Clock:
    """Seconds since some time: of the wall, of processors."""

    wall: float
    server: float
    client: float
    busy: float
    capacity: float

    @classmethod
    def read(cls, server: int, client: int) -> _Clock:
        first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
        ticks = [int(field) / os.sysconf("SC_CLK_TCK") for field in first.split()[1:9]]
        busy = sum(ticks) - ticks[3] - ticks[4]
        return cls(time.monotonic(), _cpu_seconds(server), _cpu_seconds(client), busy, sum(ticks))

    def since(self, before: _Clock) -> _Clock:
        return _Clock(*(now - then for now, then in zip(astuple(self), astuple(before), strict=True)))

    @property
    def foreign(self) -> float:
        return max(0.0, self.busy - self.server - self.client) / max(self.capacity, 1e-9)


@contextlib.contextmanager
def _process(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", f"benchmarks.streaming.{module}", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=REPOSITORY) as process:
        try:
            yield process
            _stream(process.stdin).close()
            process.wait(15)
        finally:
            process.kill()


def _line(process: subprocess.Popen[str]) -> str:
    """The next line a process prints."""
    output = _stream(process.stdout)
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        if not selector.select(START_SECONDS):
            raise BenchmarkFailed(f"{process.args!r} said nothing for {START_SECONDS:g} s")
    line = output.readline().strip()
    if not line:
        raise BenchmarkFailed(f"{process.args!r} ended with {process.wait(15)}")
    return line


def _expect(process: subprocess.Popen[str], word: str) -> None:
    if (line := _line(process)) != word:
        raise BenchmarkFailed(f"{process.args!r} said {line!r}, not {word!r}")


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process, all its threads, and the processes it started."""
    # The clock behind /proc/PID/stat, in nanoseconds: ticks of 10 ms are longer than what is measured.
    own = time.clock_gettime((~pid << 3) | 2)
    children = Path(f"/proc/{pid}/task/{pid}/children")
    started = children.read_text(encoding="ascii").split() if children.exists() else []
    return own + sum(_cpu_seconds(int(child)) for child in started)


def _has_outline(message: bytes) -> bool:
    """Whether the picture in a message shows a green line."""
    text = re.search(rb'"imageBase64Str":\s*"([^"]+)"', message)
    if text is None:
        raise BenchmarkFailed(f"no picture in a message of {len(message)} bytes")
    image = cv2.imdecode(np.frombuffer(base64.b64decode(text[1]), np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise BenchmarkFailed("the picture cannot be decoded")
    blue, green, red = cv2.split(image)
    line = (green > 150) & (blue < 110) & (red < 110)
    return bool(np.count_nonzero(line) > max(image.shape))
