"""The whole table of the capture station in a browser."""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import report
from benchmarks.browser.chromium import NoBrowser, ProcessorClock, ProcessorTimes, chromium
from benchmarks.browser.screencast import HEIGHT, WIDTH
from benchmarks.browser.station import Station, open_station
from benchmarks.idle import running
from benchmarks.reliability.service import DEMO_ONLY

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SIZES = {"1080p": "1920 × 1080", "8 MP": "3264 × 2448"}
WARM_SECONDS = 15.0
"""The demo camera draws each of its pictures once."""
OPENINGS = 20
SINGLE = 1
COLOUR = 3
HEAD = ("", "to reach", "measured", "others")
TEXT = """
{machine}

The capture station in headless Chromium without a graphics processor, {width} x {height}, and `gaopai serve
--demo` on the same machine: the demo camera at 30 (1080p) or 15 (8 MP) frames a second, outlines searched.
Pictures shown are counted where a screen could show them, at animation frames; Chromium throttles the
page's main thread. Processor time is that of all processes of the browser over that of all processes of the
service, the demo camera included, in the same {seconds:g} s, while nobody counts. From the shutter, and from
the answer, to the screen: until the browser presents the picture, which the page shows first of its case, as
the browser's screencast tells; medians of {shots}. *others* is the part of the machine's processor time that
other programs took meanwhile, this one among them: above a tenth, only ratios mean something.

{table}
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure, and the share of the machine that others took meanwhile."""

    value: float
    others: float


Figures = dict[str, Measured]
"""By the row's name."""

ROWS = {
    "pictures a second shown, 8 MP": (">= 14", "{:.1f}"),
    "pictures in the poorest second, 8 MP": (">= 14", "{:.1f}"),
    "pictures a second shown, 1080p": ("30", "{:.1f}"),
    "pictures in the poorest second, 1080p": ("", "{:.1f}"),
    "pictures a second shown, 1080p, throttled six times": (">= 15", "{:.1f}"),
    "processor, browser over service, 8 MP": ("<= 1", "{:.2f}"),
    "processor, browser over service, 1080p": ("<= 1", "{:.2f}"),
    "processor of the browser, 8 MP, ms a second": ("", "{:.0f}"),
    "processor of the browser, 1080p, ms a second": ("", "{:.0f}"),
    "shutter to screen, 1080p, crop and colour, ms": ("<= 250", "{:.0f}"),
    "shutter to screen, 8 MP, crop and colour, ms": ("<= 450", "{:.0f}"),
    "answer to screen, 8 MP, crop and colour, ms": ("", "{:.0f}"),
    "answer to screen, 8 MP uncropped, ms": ("<= 80", "{:.0f}"),
    "DOM nodes after 1 opening": ("", "{:.0f}"),
    f"DOM nodes after {OPENINGS} openings": ("flat", "{:.0f}"),
}


@dataclass(frozen=True, slots=True)
class Effort:
    """Seconds of each look at a preview, and pictures taken of each kind."""

    seconds: float
    shots: int


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    options = _options(arguments)
    effort = Effort(3.0, 3) if options.quick else Effort(5.0, 5)
    try:
        found = _measured(effort)
    except NoBrowser as missing:
        print(f"browser: {missing}", file=sys.stderr)
        return 1
    if options.json:
        text = json.dumps({name: asdict(measured) for name, measured in found.items()}, indent=2)
        options.json.write_text(f"{text}\n", encoding="utf-8")
    report.publish("browser", "In the browser", _body(found, effort), options.quick)
    return 0


def _measured(effort: Effort) -> Figures:
    found: Figures = {}
    with _service() as (pid, address), chromium() as browser:
        for size in SIZES:
            found |= _preview(browser, address, pid, size, effort)
        return found | _openings(browser, address, pid)


@contextlib.contextmanager
def _service() -> Iterator[tuple[int, str]]:
    with running(DEMO_ONLY, ["--demo"]) as (pid, port):
        yield pid, f"http://127.0.0.1:{port}/"


def _preview(browser: Browser, address: str, pid: int, size: str, effort: Effort) -> Figures:
    """Measure everything of one size of picture, in a browser's window of its own."""
    clock = ProcessorClock(pid)
    with open_station(browser, address) as station:
        station.open(SIZES[size])
        station.choose("cropType", SINGLE)
        station.wait(WARM_SECONDS)
        figures = _pictures(station, clock, size, effort)
        figures |= _processor(station, clock, size, effort)
        return figures | _shots(station, clock, size, effort)


def _pictures(station: Station, clock: ProcessorClock, size: str, effort: Effort) -> Figures:
    shown = f"pictures a second shown, {size}"
    poorest = f"pictures in the poorest second, {size}"
    rates = dict(zip((shown, poorest), _rates(station, clock, effort), strict=True))
    if size == "1080p":
        with station.throttled(6):
            rates[f"{shown}, throttled six times"], _ = _rates(station, clock, effort)
    return rates


def _rates(station: Station, clock: ProcessorClock, effort: Effort) -> tuple[Measured, Measured]:
    """The mean of pictures a second, and the least of any second."""
    with station.watched():
        station.wait(1.0)
        clock.restart()
        counts = [(time.perf_counter(), station.shown())]
        while counts[-1][0] - counts[0][0] < effort.seconds:
            station.wait(1.0)
            counts.append((time.perf_counter(), station.shown()))
        others = clock.read().others
    (begun, first) = counts[0]
    (ended, last) = counts[-1]
    least = min((after - before) / (now - then) for (then, before), (now, after) in pairwise(counts))
    return Measured((last - first) / (ended - begun), others), Measured(least, others)


def _processor(station: Station, clock: ProcessorClock, size: str, effort: Effort) -> Figures:
    clock.restart()
    station.wait(effort.seconds)
    times = clock.read()
    return {
        f"processor, browser over service, {size}": Measured(times.browser / times.service, times.others),
        f"processor of the browser, {size}, ms a second": _milliseconds(times.browser / times.wall, times),
    }


def _shots(station: Station, clock: ProcessorClock, size: str, effort: Effort) -> Figures:
    station.choose("imageType", COLOUR)
    clock.restart()
    shots = [station.shoot() for _ in range(effort.shots)]
    times = clock.read()
    figures = {
        f"shutter to screen, {size}, crop and colour, ms": _milliseconds(
            statistics.median(shot.from_shutter for shot in shots), times
        )
    }
    if size == "8 MP":
        figures[f"answer to screen, {size}, crop and colour, ms"] = _milliseconds(
            statistics.median(shot.from_answer for shot in shots), times
        )
        figures |= _uncropped(station, clock, effort)
    return figures


def _uncropped(station: Station, clock: ProcessorClock, effort: Effort) -> Figures:
    for name in ("imageType", "cropType"):
        station.choose(name, 0)
    clock.restart()
    waits = [station.shoot().from_answer for _ in range(effort.shots)]
    return {"answer to screen, 8 MP uncropped, ms": _milliseconds(statistics.median(waits), clock.read())}


def _openings(browser: Browser, address: str, pid: int) -> Figures:
    clock = ProcessorClock(pid)
    nodes = []
    with open_station(browser, address) as station:
        for _ in range(OPENINGS):
            station.open(SIZES["1080p"])
            station.wait(0.5)
            station.close()
            nodes.append(station.nodes())
    others = clock.read().others
    return {
        "DOM nodes after 1 opening": Measured(nodes[0], others),
        f"DOM nodes after {OPENINGS} openings": Measured(nodes[-1], others),
    }


def _milliseconds(seconds: float, times: ProcessorTimes) -> Measured:
    return Measured(seconds * 1000, times.others)


def _body(found: Figures, effort: Effort) -> str:
    return TEXT.format(
        machine=report.machine(["aiohttp", "numpy", "opencv-contrib-python", "playwright"]),
        seconds=effort.seconds,
        shots=effort.shots,
        width=WIDTH,
        height=HEIGHT,
        table=report.table(HEAD, [_row(name, found[name]) for name in ROWS]),
    )


def _row(name: str, measured: Measured) -> list[str]:
    target, form = ROWS[name]
    return [name, target, form.format(measured.value), f"{measured.others:.0%}"]


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks browser", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short and few, and nothing is written")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, too")
    return parser.parse_args(arguments)
