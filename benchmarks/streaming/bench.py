"""The whole comparison: sizes, numbers of viewers, with and without an outline."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.streaming import limits, scale
from benchmarks.streaming.case import Case, Duration
from benchmarks.streaming.frames import GRAINED, RATES, SIZES, cache_folder, frames
from benchmarks.streaming.measure import Measurement, measure
from benchmarks.streaming.processes import BenchmarkFailed

PLAIN = ("1080p", "5 MP", "8 MP")
BRISK = 8.0
"""In times of a camera's pace: the processor never sleeps deeply, its caches never go cold."""
HEAD = (
    *("size", "camera", "viewers", "outline"),
    *("frames/s naive", "gaopai", "ratio"),
    *("CPU ms/frame naive", "bare", "gaopai", "naive / gaopai"),
    *("latency p50/p99 ms naive", "gaopai", "p50 ratio"),
    "others",
)
PACKAGES = ("aiohttp", "opencv-contrib-python", "numpy", "pybase64")
TEXT = """
{machine}

Both servers show the same camera: rendered pages as JPEG (quality 85, 4:2:2, about one bit a pixel), on a
desk with strong grain where the size says wood, at {rates} frames
a second, sent as base64 in JSON over loopback to viewers that discard them. *naive*
(`benchmarks/streaming/naive.py`) decodes, finds and draws the outline, encodes and sends, all in one
loop. *bare* (`benchmarks/streaming/bare.py`) looks at no picture at all: it takes the camera's bytes,
turns them into base64 and sends them, the least that any server of this protocol does. CPU is the
server's processor time for one frame delivered to all viewers, the copy that the camera makes included.
At the pace of a camera even *bare* costs several times what it does when frames come {brisk:g} times as
fast: each frame finds a processor asleep and its caches cold, which no server can save. Latency is from
the camera's delivery to the arrival of the last byte. Each figure comes from {seconds:g} s, the servers
one after the other. A ratio above 1 means that gaopai is that many times better; frames/s cannot differ
where both keep up with the camera. Both send each picture once a message, gaopai with `preview_key =
"standard"`. The last column is the part of the machine's processor time that other programs took
meanwhile: above a tenth, measure again.

{table}
"""


def main(arguments: Sequence[str] = ()) -> int:
    """Measure, print the tables and put them into the page of results.

    Returns
    -------
    int
        1 if a measurement failed.
    """
    options = _options(arguments)
    duration = Duration(options.warm, options.seconds)
    for size in options.sizes:
        frames(size, options.cache)
    failed = []
    for name, section in {"comparison": _comparison, "limits": _limits, "scale": _scale}.items():
        if options.only in {None, name}:
            failed.append(section(options, duration))
    return int(any(failed))


def _comparison(options: argparse.Namespace, duration: Duration) -> bool:
    """The first section; true if a measurement failed."""
    cases = [
        Case(size, viewers, outline, speed=speed)
        for size, speed, viewers, outline in itertools.product(
            options.sizes, options.speeds, options.viewers, (False, True)
        )
    ]
    rows = list(_rows(cases, duration, options.cache))
    text = TEXT.format(
        machine=report.machine(PACKAGES),
        brisk=BRISK,
        rates=", ".join(f"{RATES[size]:g} ({size})" for size in options.sizes),
        seconds=duration.measured,
        table=report.table(HEAD, [row for row in rows if row is not None]),
    )
    report.publish("streaming", "Streaming", text, options.unpublished)
    return None in rows


def _limits(options: argparse.Namespace, duration: Duration) -> bool:
    """The second section; true if a measurement failed."""
    crowd = max(options.viewers)
    stall_seconds = options.stall_seconds
    plain = [size for size in options.sizes if size not in GRAINED] or options.sizes
    sizes = (plain[0], plain[-1])
    text, failed = limits.table(limits.Scope(*sizes, crowd, duration, stall_seconds, options.cache))
    machine = report.machine(PACKAGES)
    report.publish("streaming-limits", "Streaming under pressure", f"{machine}\n{text}", options.unpublished)
    return failed


def _scale(options: argparse.Namespace, duration: Duration) -> bool:
    """The third section; true if a measurement failed."""
    text, failed = scale.table(duration, options.cache)
    machine = report.machine(PACKAGES)
    report.publish("streaming-scale", "A preview that scales", f"{machine}\n{text}", options.unpublished)
    return failed


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench streaming")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=[*PLAIN, *GRAINED])
    parser.add_argument("--viewers", nargs="+", type=int, default=[1, 4, 16])
    parser.add_argument("--speeds", nargs="+", type=float, default=[1.0, BRISK], help="of the camera")
    parser.add_argument("--warm", type=float, default=1.2, help="seconds before each measurement")
    parser.add_argument("--seconds", type=float, default=4.0, help="seconds of each measurement")
    parser.add_argument("--stall-seconds", type=float, default=60.0, help="seconds of the stalled viewer")
    parser.add_argument("--only", choices=("comparison", "limits", "scale"), help="one of the tables")
    parser.add_argument("--quick", action="store_true", help="a minute; the page is left as it is")
    parser.add_argument(
        "--unpublished", action="store_true", help="print only, and leave the ledger as it is"
    )
    parser.add_argument("--cache", type=Path, default=cache_folder(), help="where test frames are kept")
    options = parser.parse_args(arguments)
    if options.quick:
        quick = {
            "sizes": ["1080p"],
            "viewers": [1, 4],
            "speeds": [1.0],
            "warm": 0.7,
            "seconds": 2.0,
            "unpublished": True,
        }
        quick["stall_seconds"] = 5.0
        options = parser.parse_args(arguments, argparse.Namespace(**vars(options) | quick))
    return options


def _rows(cases: Sequence[Case], duration: Duration, cache: Path) -> Iterator[list[str] | None]:
    """A row a case; None for one that failed, after saying so."""
    for case in cases:
        try:
            naive, gaopai = (measure(kind, case, duration, cache) for kind in ("naive", "gaopai"))
            bare = None if case.outline else measure("bare", case, duration, cache)
        except BenchmarkFailed as exc:
            print(f"{case}: {exc}", file=sys.stderr)
            yield None
            continue
        row = _row(case, naive, bare, gaopai)
        print(*row, sep="  ", file=sys.stderr, flush=True)
        yield row


def _row(case: Case, naive: Measurement, bare: Measurement | None, gaopai: Measurement) -> list[str]:
    least = "-" if bare is None else f"{bare.cpu:.2f}"
    return [
        *(case.size, f"{case.speed:g} x", f"{case.viewers}", "yes" if case.outline else "no"),
        *(f"{naive.fps:.1f}", f"{gaopai.fps:.1f}", _ratio(gaopai.fps, naive.fps)),
        *(f"{naive.cpu:.2f}", least, f"{gaopai.cpu:.2f}", _ratio(naive.cpu, gaopai.cpu)),
        *(_latency(naive), _latency(gaopai), _ratio(naive.p50, gaopai.p50)),
        f"{max(naive.foreign, gaopai.foreign):.0%}",
    ]


def _latency(measurement: Measurement) -> str:
    if measurement.p50 is None or measurement.p99 is None:
        return "not carried"
    return f"{measurement.p50:.1f} / {measurement.p99:.1f}"


def _ratio(more: float | None, less: float | None) -> str:
    return f"{more / less:.1f} x" if more is not None and less else "-"
