"""Memory and messages a server holds for a viewer that has stopped reading."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.streaming.case import Case, Duration
from benchmarks.streaming.measure import client_arguments
from benchmarks.streaming.processes import (
    START_SECONDS,
    BenchmarkFailed,
    Process,
    ask,
    expect,
    has_output,
    line_of,
    process,
)

SAMPLE_SECONDS = 0.5


@dataclass(frozen=True)
class StallResult:
    """Result of one measurement with a stalled viewer.

    Attributes
    ----------
    fps
        Pictures a second that each of the other viewers got.
    before, peak, after
        MiB of the server's memory: before the stall, at most, in the end.
    held
        Messages that the process held at most, for all its viewers.
    """

    fps: float
    before: float
    peak: float
    after: float
    held: float


def stall(kind: str, case: Case, duration: Duration, cache: Path, *arguments: str) -> StallResult:
    """Measure one server while the last viewer of `case`, whose pace is 0, reads nothing.

    Parameters
    ----------
    arguments
        More for the server's module.

    Raises
    ------
    BenchmarkFailed
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        process(kind, case.size, str(cache), str(case.speed), *arguments) as server,
    ):
        port = line_of(server)
        sample = Path(folder, "sample")
        with process("client", *client_arguments(port, case, duration, sample)) as client:
            expect(client, "served")
            before = _mib(server)
            expect(client, "start")
            started = time.monotonic()
            seen = list(_states(server, client, len(sample.read_bytes()), duration))
            expect(client, "end")
            wall = time.monotonic() - started
            others = json.loads(line_of(client))[:-1]
    fps = sum(map(len, others)) / len(others) / wall
    memory = [mib for mib, _ in seen]
    return StallResult(fps, before, max(memory), memory[-1], max(held for _, held in seen))


def _states(
    server: Process, client: Process, message: int, duration: Duration
) -> Iterator[tuple[float, float]]:
    """MiB and messages held, until the client's time is over."""
    end = time.monotonic() + duration.measured + START_SECONDS
    while True:
        over = has_output(client, SAMPLE_SECONDS)
        state = json.loads(ask(server, "held"))
        yield _mib(server), state["waiting"] + state["buffered"] / message
        if over:
            return
        if time.monotonic() > end:
            raise BenchmarkFailed("the viewers did not end")


def _mib(server: Process) -> float:
    pages: Sequence[str] = Path(f"/proc/{server.pid}/statm").read_text(encoding="ascii").split()
    return int(pages[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
