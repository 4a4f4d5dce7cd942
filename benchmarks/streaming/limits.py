"""Behaviour of the service under pressure: each figure beside its bound."""

from __future__ import annotations

import itertools
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import report
from benchmarks.streaming.case import Case, Duration
from benchmarks.streaming.frames import RATES, SIZES, frames
from benchmarks.streaming.measure import Measurement, measure
from benchmarks.streaming.processes import BenchmarkFailed
from benchmarks.streaming.relay import relay
from benchmarks.streaming.stall import stall
from server.devices.ports.camera import Frame, PixelFormat, Size
from server.streaming.painter import Overlay, Painter, Variant

HEAD = ("", "size", "against", "its figure", "gaopai", "ratio", "bound")
PACE = 2_500_000.0
"""Bytes a second of the slow viewer: an old PC, or a page that decodes on its main thread."""
NAIVE_STALL_SECONDS = 5.0
"""The naive server stands still at once; more would show no more."""
NETWORKED = {("1080p", 1): 27, ("1080p", 4): 18, ("8 MP", 1): 36, ("8 MP", 4): 26}
"""Ratios to reach by size and viewers."""
TEXT = """
CPU is the server's processor time for one frame delivered to all viewers, in milliseconds. The relay is
GStreamer's `multifilesrc ! identity ! multipartmux ! tcpclientsink` at the same frame rate; it sends 25 %
fewer bytes, as it knows neither base64 nor JSON, and the ratio is how many times its cost gaopai's is. The
slow viewer, one of four, takes {pace:g} MB/s; the age of its frames is in the time that one message takes at
that pace. The stalled viewer, one of four, reads nothing for {stall:g} s, and gaopai is told not to drop it,
as it otherwise does after ten; messages held are those in the process's own memory for all viewers together.
Painting is the time that one picture takes alone. Binary frames carry the outline as coordinates, while the
naive server draws it.

{table}
"""


@dataclass(frozen=True)
class Scope:
    """Sizes, viewers and times of the measurements.

    Attributes
    ----------
    small, large
        The sizes measured.
    crowd
        Viewers of the large size.
    """

    small: str
    large: str
    crowd: int
    duration: Duration
    stall_seconds: float
    cache: Path

    @property
    def sizes(self) -> list[str]:
        """Both, once each."""
        return list(dict.fromkeys((self.small, self.large)))


Row = list[str]


def table(scope: Scope) -> tuple[str, bool]:
    """The table in its words; true if a row that can be measured here failed."""
    rows: list[Row] = []
    failed = False
    for topic in TOPICS:
        try:
            for row in topic(scope):
                print(*row, sep="  ", file=sys.stderr, flush=True)
                rows.append(row)
        except BenchmarkFailed as exc:
            print(f"{topic.__name__}: {exc}", file=sys.stderr)
            failed = failed or topic is not relayed
            # What is not installed is worth a word; what crashed would bring this machine's paths along.
            why = f": {exc}" if topic is relayed else ""
            rows.append([topic.__name__, "", "", f"not measured{why}", "", "", ""])
    body = report.table(HEAD, rows)
    return TEXT.format(pace=PACE / 1e6, stall=scope.stall_seconds, table=body), failed


def relayed(scope: Scope) -> Iterator[Row]:
    """Nothing drawn, against a relay that does nothing but send."""
    for size in scope.sizes:
        other = relay(size, scope.duration, scope.cache)
        ours = measure("gaopai", Case(size, 1, outline=False), scope.duration, scope.cache).cpu
        yield _row("CPU, nothing drawn", size, "relay", _ms(other, ours), ours / other, "<= 4")


def networked(scope: Scope) -> Iterator[Row]:
    """Nothing drawn, the camera behind HTTP; the naive server has it at hand, without reading a socket."""
    for size, viewers in itertools.product(scope.sizes, (1, 4)):
        case = Case(size, viewers, outline=False)
        naive, ours = (
            measure(kind, case, scope.duration, scope.cache).cpu for kind in ("naive", "networked")
        )
        what = f"CPU, nothing drawn, network camera, viewers: {viewers}"
        bound = NETWORKED.get((size, viewers))
        yield _row(what, size, "naive", _ms(naive, ours), naive / ours, f">= {bound}" if bound else "")


def turned(scope: Scope) -> Iterator[Row]:
    """Rotation by 90 degrees."""
    for size in scope.sizes:
        case = Case(size, 1, outline=False, rotate=90)
        naive, ours = (measure(kind, case, scope.duration, scope.cache).cpu for kind in ("naive", "gaopai"))
        yield _row("CPU, turned by 90", size, "naive", _ms(naive, ours), naive / ours, ">= 2")


def binary(scope: Scope) -> Iterator[Row]:
    """The binary subprotocol, with an outline."""
    size = scope.large
    naive = measure("naive", Case(size, 1, outline=True), scope.duration, scope.cache).cpu
    ours = measure("gaopai", Case(size, 1, outline=True, binary=True), scope.duration, scope.cache).cpu
    yield _row("CPU, outline, binary", size, "naive", _ms(naive, ours), naive / ours, ">= 7")


def slow(scope: Scope) -> Iterator[Row]:
    """One slow viewer among four."""
    size = scope.small
    case = Case(size, 4, outline=True, pace=PACE)
    naive, ours = (measure(kind, case, scope.duration, scope.cache) for kind in ("naive", "gaopai"))
    shares = _share(naive.fps, size), _share(ours.fps, size)
    yield _row("frames to others beside a slow viewer", size, "naive", shares, None, ">= 98 %")
    ages = _age(naive), _age(ours)
    words = f"{ages[0]:.1f}", f"{ages[1]:.1f}"
    yield _row("age of the slow viewer's frames", size, "naive", words, ages[0] / ages[1], "<= 2")


def stalled(scope: Scope) -> Iterator[Row]:
    """One viewer among four that reads nothing."""
    size = scope.small
    case = Case(size, 4, outline=True, pace=0.0)
    brief = Duration(scope.duration.warm, min(NAIVE_STALL_SECONDS, scope.stall_seconds))
    long = Duration(scope.duration.warm, scope.stall_seconds)
    naive = stall("naive", case, brief, scope.cache)
    ours = stall("gaopai", case, long, scope.cache, str(int(scope.stall_seconds) + 600))
    shares = _share(naive.fps, size), _share(ours.fps, size)
    yield _row("frames to others beside a stalled viewer", size, "naive", shares, None, ">= 98 %")
    held = f"{naive.held:.1f}", f"{ours.held:.1f}"
    yield _row("messages held, at most", size, "naive", held, None, "<= 2 a viewer")
    memory = tuple(f"{found.before:.0f}, {found.peak:.0f}, {found.after:.0f}" for found in (naive, ours))
    yield _row("MiB before, at most, after", size, "naive", memory, None, "flat")


def crowded(scope: Scope) -> Iterator[Row]:
    """Many viewers of large frames with an outline."""
    size = scope.large
    case = Case(size, scope.crowd, outline=True)
    naive, ours = (measure(kind, case, scope.duration, scope.cache) for kind in ("naive", "gaopai"))
    what = f"{scope.crowd} viewers, outline"
    rates = f"{naive.fps:.1f}", f"{ours.fps:.1f}"
    yield _row(f"{what}: frames/s", size, "naive", rates, ours.fps / naive.fps, f"{RATES[size]:g}")
    late = naive.p99 or math.nan, ours.p99 or math.nan
    words = f"{late[0]:.0f}", f"{late[1]:.0f}"
    yield _row(f"{what}: latency p99, ms", size, "naive", words, late[0] / late[1], "")


def prompt(scope: Scope) -> Iterator[Row]:
    """Latency beyond the time of painting, for one viewer."""
    for size in scope.sizes:
        found = measure("gaopai", Case(size, 1, outline=True), scope.duration, scope.cache)
        painting = _painting(size, scope.cache)
        latency = found.p50 or math.nan
        words = f"{painting:.1f}", f"{latency:.1f} ({latency - painting:+.1f})"
        yield _row("latency p50, ms", size, "painting", words, None, "<= +3")


TOPICS: tuple[Callable[[Scope], Iterator[Row]], ...] = (
    relayed,
    networked,
    turned,
    binary,
    slow,
    crowded,
    prompt,
    stalled,
)


def _row(
    what: str, size: str, against: str, figures: tuple[str, ...], ratio: float | None, bound: str
) -> Row:
    return [what, size, against, *figures, "-" if ratio is None else f"{ratio:.1f} x", bound]


def _ms(other: float, ours: float) -> tuple[str, str]:
    return f"{other:.2f}", f"{ours:.2f}"


def _share(fps: float, size: str) -> str:
    return f"{fps / RATES[size]:.0%}"


def _age(found: Measurement) -> float:
    """Of the slow viewer's frames, in the time that one message takes at its pace."""
    return math.nan if found.paced_p50 is None else found.paced_p50 / 1000 * PACE / found.message


def _painting(size: str, cache: Path) -> float:
    """Milliseconds of the wall to paint one picture, the median of a loop."""
    width, height = SIZES[size]
    corners = np.array([(0.2, 0.1), (0.8, 0.12), (0.78, 0.9), (0.22, 0.88)]) * (width, height)
    outline = corners.astype(np.float32)
    painter = Painter(Variant(overlay=Overlay.OUTLINE))
    spent = []
    for seq, jpeg in enumerate(frames(size, cache) * 2):
        frame = Frame(seq, 0.0, PixelFormat.MJPG, Size(width, height), jpeg)
        begun = time.perf_counter()
        painter.paint(frame, [outline])
        spent.append(1000 * (time.perf_counter() - begun))
    return statistics.median(spent)
