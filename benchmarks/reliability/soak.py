"""Soak test at full load: clients of every kind come, go, stall and misbehave, and devices are unplugged."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.reliability import camera_clients, device_clients, hostile_clients
from benchmarks.reliability.day import Day, Visit
from benchmarks.reliability.page import connect
from benchmarks.reliability.receiver import receiving
from benchmarks.reliability.service import ORIGINS, ResourceUsage, ServiceProcess, running
from server.runtime.process import TRIM_SECONDS

VISITS: tuple[Visit, ...] = (*camera_clients.VISITS, *device_clients.VISITS, *hostile_clients.VISITS)
CLIENTS = 8
"""At any moment; the service and they share the processors."""
VISIT_SECONDS = 240.0
"""A bound far above what any visit takes."""
SETTLE_SECONDS = 60.0
BEAT_SECONDS = 0.5
SAMPLES = 120

MORE_DESCRIPTORS = 4
MORE_THREADS = 16
"""Pools start their threads when they need them; a thread lost with each connection is hundreds."""
MORE_IN_WORK = 24
"""Descriptors and threads, of medians under load: which visits coincide is chance."""
MORE_MIB = 256.0
"""Of the medians of the second and the last quarter. Which visits coincide is chance, and so is when memory
was last given back: samples of one minute differ by as much."""
MORE_IDLE_MIB = 64.0
"""Bound when all clients have left and memory was returned: leaks of visits, of which there are hundreds,
show here."""
LIMITS = "\n[limits]\norigin_kept_mib = 8\n"
"""Originals stay for minutes by intent: as many as they may be by default, 64 MiB for each origin, would be
taken for a leak where an afternoon has more captures than its morning."""
MORNING_SECONDS = 90.0
"""Least warm-up: everything created once exists by then."""
IDLE_SECONDS = 1.5 * TRIM_SECONDS


@dataclass(frozen=True)
class UsageSample:
    """Resources in use at one moment; `second` since the beginning, `visits` until then."""

    second: float
    visits: int
    usage: ResourceUsage


@dataclass
class SoakResult:
    """Result of a soak test.

    Attributes
    ----------
    before, after
        Resources in use without clients: after the warm-up, and at the end.
    samples
        Samples taken after the warm-up.
    beats
        Seconds that a well-behaved client waited for each Heartbeat.
    errors
        Errors in the log of the service.
    ended
        The exit code after SIGTERM.
    """

    seconds: float
    before: ResourceUsage
    after: ResourceUsage
    day: Day
    samples: list[UsageSample] = field(default_factory=list)
    beats: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    closed: bool = False
    ended: int | None = None

    def quarters(self, value: str) -> tuple[float, float]:
        """Return the medians of a resource in the second and last quarters of the samples that hold any."""
        found = [float(getattr(sample.usage, value)) for sample in self.samples]
        found = [held for held in found if held] or [0.0]
        quarter = len(found) // 4 or 1
        return statistics.median(found[quarter : 2 * quarter]), statistics.median(found[-quarter:])

    def slope(self) -> float:
        """Return the growth of its own memory in MiB an hour, by the medians of two quarters."""
        second, last = self.quarters("mib")
        return (last - second) / max(self.samples[-1].second / 2 / 3600, 1e-9)

    def complaints(self) -> list[str]:
        """Return the faults found; empty for a good result."""
        found = [f"in the log: {line}" for line in self.errors[:5]]
        bounds = dict.fromkeys(("mib", "steady_mib", "reader_mib"), MORE_MIB)
        bounds |= dict.fromkeys(("descriptors", "threads"), MORE_IN_WORK)
        for name, bound in bounds.items():
            second, last = self.quarters(name)
            if last > second + bound:
                found.append(f"{name} rose from {second:.0f} to {last:.0f}")
        left = {"descriptors": MORE_DESCRIPTORS, "threads": MORE_THREADS, "mib": MORE_IDLE_MIB}
        for name, bound in left.items():
            if getattr(self.after, name) > getattr(self.before, name) + bound:
                found.append(f"{name} left: {self.before} and then {self.after}")
        found += [
            f"no {visit.__name__} came to its end" for visit in VISITS if not self.day.visits[visit.__name__]
        ]
        if not self.closed:
            found.append("the camera is still open")
        if self.ended != 0:
            found.append(f"it ended with {self.ended}")
        return found


async def soak(seconds: float, seed: str, clients: int = CLIENTS) -> SoakResult:
    """Run clients against the service for so long.

    Raises
    ------
    Exception
        An error in a visit, with a note that names the visit.
    """
    with tempfile.TemporaryDirectory() as folder:
        async with receiving() as receiver:
            # Starting it blocks, and nothing else is going on yet.
            with running(Path(folder), receiver.origin, LIMITS) as service:
                return await _spend(service, seconds, seed, clients)


async def _spend(service: ServiceProcess, seconds: float, seed: str, clients: int) -> SoakResult:
    day = Day(service)
    # A morning first, so that what is made once and kept does not count as growth.
    morning = max(seconds / 6, min(MORNING_SECONDS, seconds / 2))
    await _open_counter(day, f"{seed} morning", morning, clients)
    await _settle(service)
    before = await _idle(service)
    found = SoakResult(seconds, before, before, day)
    afternoon = seconds - morning
    watching = [asyncio.create_task(_sample(found, afternoon)), asyncio.create_task(_beat(found))]
    try:
        await _open_counter(day, f"{seed} afternoon", afternoon, clients)
    finally:
        for task in watching:
            task.cancel()
        outcomes = await asyncio.gather(*watching, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    await _settle(service, before)
    found.after = await _idle(service)
    found.closed = service.camera_is_closed()
    await _use(service, day)
    service.process.terminate()
    found.ended = await asyncio.to_thread(service.process.wait, SETTLE_SECONDS)
    found.errors = service.errors()
    return found


async def _open_counter(day: Day, seed: str, seconds: float, clients: int) -> None:
    """Let clients visit for a time; visits begun may finish."""
    end = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for number in range(clients):
            group.create_task(_client(day, Random(f"{seed} {number}"), end))


async def _client(day: Day, chance: Random, end: float) -> None:
    """Make every kind of visit once, then random ones."""
    kinds = chance.sample(VISITS, len(VISITS))
    while time.monotonic() < end:
        await _within_bounds(kinds.pop() if kinds else chance.choice(VISITS), day, chance)


async def _within_bounds(visit: Visit, day: Day, chance: Random) -> None:
    try:
        async with asyncio.timeout(VISIT_SECONDS):
            await visit(day, chance)
    except Exception as exc:
        exc.add_note(f"in a visit to {visit.__name__}")
        raise
    day.visits[visit.__name__] += 1


async def _sample(found: SoakResult, seconds: float) -> None:
    begun = time.monotonic()
    while True:
        usage = await asyncio.to_thread(found.day.service.resource_usage)
        found.samples.append(UsageSample(time.monotonic() - begun, found.day.visits.total(), usage))
        await asyncio.sleep(max(0.5, seconds / SAMPLES))


async def _beat(found: SoakResult) -> None:
    """Send heartbeats as one well-behaved client that must always be served."""
    async with connect(found.day.service.url, ORIGINS[0], found.day.codes) as page:
        while True:
            begun = time.monotonic()
            await page.ask("Heartbeat")
            found.beats.append(time.monotonic() - begun)
            await asyncio.sleep(BEAT_SECONDS)


async def _settle(service: ServiceProcess, wanted: ResourceUsage | None = None) -> None:
    """Wait, within bounds, until the service has noticed that all clients left."""
    end = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < end:
        await asyncio.sleep(0.25)
        now = await asyncio.to_thread(service.resource_usage)
        few = wanted is None or now.descriptors <= wanted.descriptors + MORE_DESCRIPTORS
        if few and service.camera_is_closed() and not service.connections():
            return


async def _idle(service: ServiceProcess) -> ResourceUsage:
    """Return the resources in use after the time the service takes to return memory."""
    await asyncio.sleep(IDLE_SECONDS)
    return await asyncio.to_thread(service.resource_usage)


async def _use(service: ServiceProcess, day: Day) -> None:
    """Check that the camera works for the next client."""
    for number in range(4):
        service.order(f"plug {number}")
    async with connect(service.url, ORIGINS[0], day.codes) as page:
        for func in ("GetCameraInfo", "OpenCamera", "CameraCaptureBase64", "CloseCamera"):
            answer = await page.ask(func, **({} if func == "GetCameraInfo" else {"devNum": 0}))
            if answer["result"]:
                raise RuntimeError(f"{func} after the day: {answer}")


def print_summary(found: SoakResult) -> None:
    """Print a summary."""
    (mib, last) = found.quarters("mib")
    fds = found.quarters("descriptors")
    threads = found.quarters("threads")
    visits = found.day.visits.total()
    answers = found.day.codes.total()
    print(f"{visits} visits, {answers} answers: {dict(sorted(found.day.codes.items()))}", file=sys.stderr)
    print(
        f"MiB {mib:.0f} -> {last:.0f} ({found.slope():+.0f} an hour), idle {found.before} -> {found.after}",
        file=sys.stderr,
    )
    print(
        f"descriptors {fds}, threads {threads}, heartbeats p99 {percentile(found.beats, 99):.3f} s",
        file=sys.stderr,
    )


def percentile(values: Sequence[float], part: float) -> float:
    """Percentile by the nearest rank; 0 without values."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * part / 100))] if ranked else 0.0
