"""Processes that share work, die, hang and are stopped."""

from __future__ import annotations

import os
import signal
from collections import deque
from pathlib import Path

import pytest

from imgcore import codec
from imgcore.settings import Settings
from server.batch import workers as workers_module
from server.batch.pages import BatchSource
from server.batch.work import EnhanceRequest, PageResult
from server.batch.workers import AHEAD, InProcess, Job, PageRunner, Workers
from tests.unit.batch import trapped_worker
from tests.unit.batch.conftest import picture

pytestmark = pytest.mark.long

PLAIN = EnhanceRequest(Settings(), "png")


class List:
    """Jobs known beforehand; counts how many were taken."""

    def __init__(self, *jobs: Job) -> None:
        self._jobs = deque(jobs)
        self.taken = 0
        self.stopped = False

    def take(self) -> Job | None:
        self.taken += bool(self._jobs)
        return self._jobs.popleft() if self._jobs else None


def pictures(folder: Path) -> list[Job]:
    return [Job(BatchSource(path, path.stem), 1) for path in sorted(folder.iterdir())]


def trap(action: str) -> Job:
    """A page that does something to the process that works on it."""
    return Job(BatchSource(Path(trapped_worker.TRAP, action), "trap"), 1)


@pytest.fixture
def trapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "WORKER", trapped_worker.__name__)


def results(runner: PageRunner, jobs: List) -> dict[str, PageResult]:
    return {job.source.base: result for job, result in runner.run(jobs)}


@pytest.mark.parametrize("runner", [InProcess(PLAIN), Workers(PLAIN, 2)], ids=["here", "workers"])
def test_every_job_has_one_result(folder: Path, runner: PageRunner) -> None:
    found = results(runner, List(*pictures(folder)))
    shades = {base: int(codec.decode(result.pictures[0], 1000)[0, 0]) for base, result in found.items()}
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

    def counted(worker: workers_module._Worker, request: EnhanceRequest, memory: int) -> None:
        started.append(worker)
        before(worker, request, memory)

    monkeypatch.setattr(workers_module._Worker, "__init__", counted)
    for jobs, expected in ((pictures(folder)[:1], 1), (pictures(folder), 2)):
        started.clear()
        results(Workers(PLAIN, 2), List(*jobs))
        assert len(started) == expected


@pytest.mark.usefixtures("trapped")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_crash_costs_one_page(folder: Path, number: signal.Signals) -> None:
    first, *rest = pictures(folder)
    crash = trap(number.name)
    found = results(Workers(PLAIN, 1), List(first, crash, *rest))
    failure = found.pop("trap").failure
    assert failure is not None
    assert f"({-number})" in failure.en
    assert len(found) == 6
    assert all(result.failure is None for result in found.values())


@pytest.mark.usefixtures("trapped")
@pytest.mark.parametrize("action", ["nonsense", "open file"])
def test_one_that_breaks_the_rules_is_ended(folder: Path, action: str) -> None:
    found = results(Workers(PLAIN, 1), List(trap(action), *pictures(folder)))
    failure = found.pop("trap").failure
    assert failure is not None
    assert "ended unexpectedly" in failure.en
    assert len(found) == 6


@pytest.mark.usefixtures("trapped")
def test_a_page_that_hangs_is_given_up(folder: Path) -> None:
    found = results(Workers(PLAIN, 1, page_seconds=5.0), List(trap("sleep"), *pictures(folder)))
    failure = found.pop("trap").failure
    assert failure is not None
    assert "longer than 5 seconds" in failure.en
    assert len(found) == 6


@pytest.mark.usefixtures("trapped")
def test_stopping_ends_it_at_once_and_leaves_no_process(folder: Path) -> None:
    jobs = List(*pictures(folder), trap("sleep"))
    workers = Workers(PLAIN, 2)
    running = workers.run(jobs)
    next(running)
    processes = [worker.child.pid for worker in workers.workers]
    jobs.stopped = True
    assert len(list(running)) <= 6
    assert processes
    assert not any(Path(f"/proc/{process}").exists() for process in processes)


@pytest.mark.skipif(os.geteuid() != 0, reason="a child shows its environment to root alone")
def test_it_is_told_where_models_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its current folder is another than ours."""
    monkeypatch.setenv("GAOPAI_MODELS", "here:/there")
    workers = Workers(PLAIN, 1)
    running = workers.run(List(*pictures(folder)))
    next(running)
    environment = Path(f"/proc/{workers.workers[0].child.pid}/environ").read_bytes()
    running.close()
    assert f"GAOPAI_MODELS={Path.cwd()}/here:/there:".encode() in environment


def test_names_that_are_not_text_are_found(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png"))
    path.write_bytes(picture())
    (result,) = results(Workers(PLAIN, 1), List(Job(BatchSource(path, "page"), 1))).values()
    assert result.failure is None
