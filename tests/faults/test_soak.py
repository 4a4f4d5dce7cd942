"""A long day at full load leaves no trace: memory, descriptors and threads stay as they were.

``GAOPAI_SOAK_SECONDS`` makes it longer or shorter, ``GAOPAI_SOAK_SEED`` another day.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.reliability.day import Day
from benchmarks.reliability.service import ResourceUsage, ServiceProcess
from benchmarks.reliability.soak import (
    MORE_MIB,
    SETTLE_SECONDS,
    VISIT_SECONDS,
    VISITS,
    SoakResult,
    UsageSample,
    print_summary,
    soak,
)

SECONDS = float(os.environ.get("GAOPAI_SOAK_SECONDS", "60"))
"""Three minutes at most, with the time that the service has to give memory back."""
SEED = os.environ.get("GAOPAI_SOAK_SEED", "1")


@pytest.mark.soak
@pytest.mark.timeout(SECONDS + 2 * VISIT_SECONDS + 3 * SETTLE_SECONDS)
async def test_a_long_day_leaves_no_trace() -> None:
    found = await soak(SECONDS, SEED)
    print_summary(found)
    assert found.complaints() == []


def _made(**rising: float) -> SoakResult:
    """A good day, but for what rises by so much from the first to the last sample."""
    idle = ResourceUsage(30, 20, 500.0, 900.0, (300.0,), 2)
    samples = [
        UsageSample(
            n, n, replace(idle, **{key: getattr(idle, key) + by * n / 99 for key, by in rising.items()})
        )
        for n in range(100)
    ]
    visits = Counter({visit.__name__: 1 for visit in VISITS})
    day = Day(None, visits)  # type: ignore[arg-type]
    return SoakResult(300, idle, idle, day, samples, closed=True, ended=0)


def test_a_good_day_is_good() -> None:
    assert _made().complaints() == []
    assert _made(mib=MORE_MIB, descriptors=20).complaints() == []


@pytest.mark.parametrize("what", ["mib", "all_mib", "descriptors", "threads"])
def test_what_rises_is_told(what: str) -> None:
    (complaint,) = _made(**{what: 800.0}).complaints()
    assert complaint.startswith(f"{what.replace('all', 'steady')} rose")


def _with_readers(*sizes: tuple[float, ...]) -> SoakResult:
    """A good day with so large processes that read text, each for the same part of it."""
    day = _made()
    day.samples = [
        UsageSample(n, n, replace(sample.usage, all_mib=600.0 + sum(readers), readers_mib=readers))
        for n, sample in enumerate(day.samples)
        for readers in [sizes[n * len(sizes) // len(day.samples)]]
    ]
    return day


def test_processes_that_read_text_come_and_go() -> None:
    assert _with_readers((), (400.0,), (), (400.0, 380.0)).complaints() == []


def test_a_process_that_reads_text_and_grows_is_told() -> None:
    (complaint,) = _with_readers((), (300.0,), (400.0,), (700.0, 380.0)).complaints()
    assert complaint.startswith("reader_mib rose")


def test_what_else_goes_wrong_is_told() -> None:
    bad = _made()
    bad.errors = ["ERROR x"]
    bad.closed = False
    bad.ended = 1
    bad.after = ResourceUsage(40, 60, 1000.0, 1300.0, (300.0,), 2)
    del bad.day.visits["scan"]
    assert len(bad.complaints()) == 7


def test_an_error_is_told_with_its_trace(tmp_path: Path) -> None:
    good = "2026-11-25 23:02:24,300 INFO server.connection: connected\n"
    bad = "2026-11-25 23:02:24,359 ERROR server: met\nTraceback (most recent call last):\nKeyError\n"
    (tmp_path / "log").write_text(f"{good}{bad}{good}")
    service = ServiceProcess(None, 0, tmp_path)  # type: ignore[arg-type]
    assert service.errors() == [bad.rstrip()]
