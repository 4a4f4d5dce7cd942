"""Background work goes on after it has failed, and what failed is known."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from types import SimpleNamespace

import pytest

from server.runtime import background
from server.runtime.background import failures, report, supervise, supervise_thread
from tests.patience import PATIENCE

SLEEP = asyncio.sleep
PERSONAL = "".join(("some", "body"))


class Work:
    """Fails so often, then waits for `end`.

    Attributes
    ----------
    begun
        How often it was started.
    """

    def __init__(self, fails: int, error: BaseException | None = None) -> None:
        self._fails = fails
        self._error = error or ValueError(PERSONAL)
        self.begun = 0
        self.steady = asyncio.Event()
        self.end = asyncio.Event()

    async def __call__(self) -> None:
        self.begin()
        self.steady.set()
        await self.end.wait()

    def begin(self) -> None:
        self.begun += 1
        if self.begun <= self._fails:
            raise self._error


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, none of which lasts."""
    made: list[float] = []

    async def pause(seconds: float) -> None:
        made.append(seconds)
        await SLEEP(0)

    monkeypatch.setattr(asyncio, "sleep", pause)
    monkeypatch.setattr(background, "time", SimpleNamespace(sleep=made.append, monotonic=time.monotonic))
    return made


async def within(waited: Coroutine[object, object, object]) -> None:
    async with asyncio.timeout(PATIENCE):
        await waited


async def test_what_fails_starts_again_after_growing_pauses_and_is_counted(pauses: list[float]) -> None:
    work = Work(9)
    task = supervise("some work", work)
    await within(work.steady.wait())
    assert work.begun == 10
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    (worker,) = failures()
    assert (worker.name, worker.count, worker.error) == ("some work", 9, "ValueError")
    work.end.set()
    await within(task)
    assert work.begun == 10


async def test_what_ran_steadily_starts_again_after_the_first_pause(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "STEADY_SECONDS", 0.0)
    work = Work(3)
    task = supervise("some work", work)
    await within(work.steady.wait())
    assert pauses == [1, 1, 1]
    task.cancel()


async def test_work_that_is_done_once_ends_with_its_failure(pauses: list[float]) -> None:
    work = Work(1)
    await within(asyncio.wait_for(supervise("some work", work, restart=False), PATIENCE))
    assert (work.begun, pauses) == (1, [])
    assert [worker.count for worker in failures()] == [1]


async def test_cancelling_ends_it_and_is_no_failure() -> None:
    work = Work(0)
    task = supervise("some work", work)
    await within(work.steady.wait())
    task.cancel()
    await within(asyncio.wait([task]))
    assert task.cancelled()
    assert (work.begun, failures()) == (1, ())


async def test_cancelling_ends_it_while_it_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "FIRST_PAUSE_SECONDS", 3600.0)
    monkeypatch.setattr(background, "LONGEST_PAUSE_SECONDS", 3600.0)
    work = Work(1)
    task = supervise("some work", work)
    await within(_until(lambda: bool(failures())))
    task.cancel()
    await within(asyncio.wait([task]))
    assert (task.cancelled(), work.begun) == (True, 1)


async def test_what_fails_while_it_is_cancelled_ends_all_the_same(pauses: list[float]) -> None:
    begun = 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun > 1:
            return
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError(PERSONAL)

    task = supervise("some work", work)
    await within(_until(lambda: begun == 1))
    task.cancel()
    await within(asyncio.wait([task]))
    assert (begun, pauses) == (1, [])
    assert [worker.count for worker in failures()] == [1]


async def test_a_cancellation_of_what_it_waits_for_does_not_end_it(pauses: list[float]) -> None:
    work = Work(1, asyncio.CancelledError())
    task = supervise("some work", work)
    await within(work.steady.wait())
    assert (work.begun, [worker.error for worker in failures()]) == (2, ["CancelledError"])
    task.cancel()


async def test_nobody_need_keep_the_task() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            # A future that nothing else refers to: with its task it would be collected.
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    supervise("some work", work)
    await asyncio.sleep(0)
    gc.collect()
    await asyncio.sleep(0)
    assert not ended.is_set()


def test_a_thread_starts_again_and_is_counted(pauses: list[float]) -> None:
    over = threading.Event()
    begun = 0

    def work() -> None:
        nonlocal begun
        begun += 1
        if begun <= 3:
            raise ValueError(PERSONAL)
        over.set()

    thread = supervise_thread("some thread", work)
    assert over.wait(PATIENCE)
    thread.join(PATIENCE)
    assert (thread.is_alive(), thread.daemon, begun) == (False, True, 4)
    assert pauses == [1, 2, 4]
    assert [(worker.name, worker.count) for worker in failures()] == [("some thread", 3)]


def test_a_thread_that_is_run_once_ends_with_its_failure(pauses: list[float]) -> None:
    begun = 0

    def work() -> None:
        nonlocal begun
        begun += 1
        raise ValueError(PERSONAL)

    thread = supervise_thread("some thread", work, restart=False)
    thread.join(PATIENCE)
    assert (thread.is_alive(), begun, pauses) == (False, 1, [])
    assert [worker.count for worker in failures()] == [1]


def test_failures_are_told_by_name_in_their_order() -> None:
    for name in ("one", "other", "one"):
        report(name, ValueError(PERSONAL))
    assert [(worker.name, worker.count) for worker in failures()] == [("one", 2), ("other", 1)]
    report("one", OSError())
    first = failures()[0]
    assert first.error == "OSError"
    assert first.at >= failures()[1].at


def _raise_from_another() -> None:
    try:
        int(PERSONAL)
    except ValueError as error:
        raise RuntimeError(PERSONAL) from error


@pytest.mark.parametrize("begin", [_raise_from_another, lambda: int(PERSONAL)])
def test_kind_and_place_are_logged_and_no_text(
    begin: Callable[[], object], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises((RuntimeError, ValueError)) as caught:
        begin()
    report("some work", caught.value)
    (record,) = caplog.records
    said = caplog.text
    assert PERSONAL not in said + repr(record.__dict__)
    assert "some work" in said
    assert type(caught.value).__name__ in said
    assert "test_background.py" in said


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():
        await SLEEP(0.001)
