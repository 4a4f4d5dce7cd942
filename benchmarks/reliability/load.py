"""Load held: previews, requests and connections at once."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks import report
from benchmarks.reliability.page import connect
from benchmarks.reliability.service import ORIGINS, running
from benchmarks.reliability.soak import percentile
from benchmarks.streaming.case import Case, Duration
from benchmarks.streaming.frames import RATES, cache_folder, frames
from benchmarks.streaming.measure import measure
from benchmarks.streaming.processes import BenchmarkFailed
from server.errors import LocalizedText

VIEWERS = (1, 8, 16)
SIZE = "1080p"
CONNECTIONS = 100
"""At once, of two origins, each of which may have 64."""
HEADS = (
    ("load", "held", "p50", "p99"),
    ("负载", "达到", "p50", "p99"),
)


@dataclass(frozen=True)
class RequestStats:
    """Answer times of many connections that ask as fast as they are answered.

    Attributes
    ----------
    seconds
        Time of each answer.
    a_second
        Answers a second of all connections together.
    """

    seconds: list[float]
    a_second: float


def section(quick: bool) -> LocalizedText:
    """Return the table in both languages."""
    seconds = 2.0 if quick else 8.0
    rows = [*_previews(seconds), *_asked(asyncio.run(_ask(seconds)))]
    tables = [
        report.table(HEADS[lang], [[row[0][lang], row[1][lang], *row[2:]] for row in rows]) for lang in (1, 0)
    ]
    return LocalizedText(*tables)


Row = tuple[tuple[str, str], tuple[str, str], str, str]


def _previews(seconds: float) -> list[Row]:
    cache = cache_folder()
    rows = list[Row]()
    frames(SIZE, cache)
    for viewers in VIEWERS:
        names = (
            f"previews of {SIZE} at {RATES[SIZE]:g} frames/s, outlined: {viewers}",
            f"{SIZE} 预览，每秒 {RATES[SIZE]:g} 帧，带轮廓：{viewers} 个",
        )
        try:
            found = measure("gaopai", Case(SIZE, viewers, outline=True), Duration(2, seconds), cache)
        except BenchmarkFailed as exc:
            rows.append((names, (f"- ({exc})", f"-（{exc}）"), "", ""))
            continue
        dropped = max(0.0, 1 - found.fps / RATES[SIZE])
        rate = f"{found.fps:.1f}"
        held = f"{rate} frames/s, {dropped:.0%} dropped", f"每秒 {rate} 帧，丢弃 {dropped:.0%}"
        rows.append((names, held, f"{found.p50 or 0:.0f} ms", f"{found.p99 or 0:.0f} ms"))
    return rows


def _asked(found: RequestStats) -> list[Row]:
    names = (f"{CONNECTIONS} connections that ask all the time", f"{CONNECTIONS} 个不停请求的连接")
    p50, p99 = (f"{1000 * percentile(found.seconds, part):.1f} ms" for part in (50, 99))
    rate = f"{found.a_second:.0f}"
    return [(names, (f"{rate} requests/s, none lost", f"每秒 {rate} 个请求，无丢失"), p50, p99)]


async def _ask(seconds: float) -> RequestStats:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as service:
        taken: list[float] = []
        end = time.monotonic() + seconds

        async def client(number: int) -> None:
            async with connect(service.url, ORIGINS[number % 2], Counter()) as page:
                while (begun := time.monotonic()) < end:
                    await page.ask("Heartbeat")
                    taken.append(time.monotonic() - begun)

        begun = time.monotonic()
        await asyncio.gather(*(client(number) for number in range(CONNECTIONS)))
        return RequestStats(taken, len(taken) / (time.monotonic() - begun))
