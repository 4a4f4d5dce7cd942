"""Previews at the end of what the machine can do: many viewers, several cameras, a fast large camera."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import report
from benchmarks.streaming.case import Case, Duration
from benchmarks.streaming.frames import RATES
from benchmarks.streaming.measure import Measurement, measure
from benchmarks.streaming.processes import BenchmarkFailed

CROWDS = (1, 4, 16, 64)
SEVERAL = 4


HEAD = (
    *("cameras", "viewers", "outline", "frames/s of the camera", "of a viewer, mean", "least"),
    *("CPU ms/frame", "processors busy", "age of a picture, ms: median", "99 %", "oldest", "others"),
)
TEXT = """
Service and viewers share this machine, whose processors the service cannot have alone: each viewer takes a
whole picture as base64 in JSON, and discards it. *Least* is the viewer that got the fewest pictures, *oldest*
the age of the oldest picture of any viewer when its last byte arrived: a crowd that is served fairly gets
fewer pictures each, and none an old one. CPU is the service's for one picture of each camera, delivered to
all of its viewers.

{table}
"""


def table(duration: Duration, cache: Path) -> tuple[str, bool]:
    """The table in its words; true if a case failed."""
    cases = [Case("1080p", viewers, outline=False) for viewers in CROWDS]
    cases += [Case("1080p", SEVERAL, outline, cameras=SEVERAL) for outline in (False, True)]
    cases += [Case("8 MP", 1, outline, speed=30 / RATES["8 MP"]) for outline in (False, True)]
    rows = []
    failed = False
    for case in cases:
        try:
            rows.append(_row(case, measure("gaopai", case, duration, cache)))
        except BenchmarkFailed as exc:
            print(f"{case}: {exc}", file=sys.stderr)
            failed = True
            continue
        print(*rows[-1], sep="  ", file=sys.stderr, flush=True)
    return TEXT.format(table=report.table(HEAD, rows)), failed


def _row(case: Case, found: Measurement) -> list[str]:
    ages = (found.p50, found.p99, found.oldest)
    return [
        *(f"{case.cameras} x {case.size}", f"{case.viewers}", "yes" if case.outline else "no"),
        *(f"{RATES[case.size] * case.speed:.0f}", f"{found.fps:.1f}", f"{found.least_fps:.1f}"),
        *(f"{found.cpu:.2f}", f"{found.processors:.2f}"),
        *("not carried" if age is None else f"{age:.1f}" for age in ages),
        f"{found.foreign:.0%}",
    ]
