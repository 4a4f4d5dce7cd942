"""Processes that share work, die, hang and are stopped."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from imgcore import codec
from imgcore.settings import Settings
from server.batch import workers as workers_module
from server.batch.jobs import Here, Job, Runner
from server.batch.plan import Source
from server.batch.work import Answer, Request
from server.batch.workers import AHEAD, Workers

PLAIN = Request(Settings(), "png")


class List:
    """Jobs known beforehand; counts how many were taken."""

    def __init__(self, *jobs: Job) -> None:
        self._jobs = deque(jobs)
        self.taken = 0
        self.stopped = False

    def take(self) -> Job | None:
        self.taken += bool(self._jobs)
        return self._jobs.popleft() if self._jobs else None


class Trap:
    """A path that does something to the process that receives it."""

    def __init__(self, action: Callable[..., object], *arguments: object) -> None:
        self._told = action, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self._told


def pictures(folder: Path) -> list[Job]:
    return [Job(Source(path, path.stem), 1) for path in sorted(folder.iterdir())]


def trap(action: Callable[..., object], *arguments: object) -> Job:
    return Job(Source(Trap(action, *arguments), "trap"), 1)  # type: ignore[arg-type]


def answers(runner: Runner, jobs: List) -> dict[str, Answer]:
    return {job.source.base: answer for job, answer in runner.run(jobs)}


@pytest.mark.parametrize("runner", [Here(PLAIN), Workers(PLAIN, 2)], ids=["here", "workers"])
def test_every_job_is_answered_once(folder: Path, runner: Runner) -> None:
    found = answers(runner, List(*pictures(folder)))
    shades = {base: int(codec.decode(answer.pictures[0], 1000)[0, 0]) for base, answer in found.items()}
    assert shades == {str(number): 40 * number for number in range(6)}


def test_no_more_than_needed_is_taken_ahead(folder: Path) -> None:
    jobs = List(*pictures(folder))
    running = Workers(PLAIN, 1).run(jobs)
    next(running)
    assert jobs.taken <= AHEAD + 1
    running.close()


def test_no_more_processes_start_than_there_is_work_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    before = workers_module._Worker.__init__

    def counted(worker: workers_module._Worker, request: Request, memory: int) -> None:
        started.append(worker)
        before(worker, request, memory)

    monkeypatch.setattr(workers_module._Worker, "__init__", counted)
    for jobs, expected in ((pictures(folder)[:1], 1), (pictures(folder), 2)):
        started.clear()
        answers(Workers(PLAIN, 2), List(*jobs))
        assert len(started) == expected


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_crash_costs_one_page(folder: Path, number: signal.Signals) -> None:
    first, *rest = pictures(folder)
    crash = trap(signal.raise_signal, int(number))
    found = answers(Workers(PLAIN, 1), List(first, crash, *rest))
    failure = found.pop("trap").failure
    assert failure is not None
    assert f"({-number})" in failure.en
    assert len(found) == 6
    assert all(answer.failure is None for answer in found.values())


def test_a_page_that_hangs_is_given_up(folder: Path) -> None:
    found = answers(Workers(PLAIN, 1, page_seconds=5.0), List(trap(time.sleep, 3600.0), *pictures(folder)))
    failure = found.pop("trap").failure
    assert failure is not None
    assert "longer than 5 seconds" in failure.en
    assert len(found) == 6


def test_stopping_ends_it_at_once_and_leaves_no_process(folder: Path) -> None:
    jobs = List(*pictures(folder), trap(time.sleep, 3600.0))
    workers = Workers(PLAIN, 2)
    running = workers.run(jobs)
    next(running)
    processes = [worker.process for worker in workers.workers]
    jobs.stopped = True
    assert len(list(running)) <= 6
    assert processes
    assert all(process.exitcode is not None for process in processes)


def test_the_parents_environment_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    answers(Workers(PLAIN, 1), List(*pictures(folder)[:1]))
    assert "OMP_NUM_THREADS" not in os.environ
    assert os.environ["OPENBLAS_NUM_THREADS"] == "7"
