"""A thread for calls that may hang."""

from __future__ import annotations

import asyncio
import threading

import pytest

from server.devices.adapters.pcsc.connection import SerialExecutor
from tests.patience import PATIENCE


def names() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


async def test_a_job_is_done_beside_the_loop() -> None:
    assert await SerialExecutor("beside").call(lambda: threading.current_thread().name, PATIENCE) == "beside"


async def test_what_a_job_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        await SerialExecutor("raises").call(lambda: 1 / 0, PATIENCE)


async def test_jobs_are_done_in_their_order() -> None:
    executor = SerialExecutor("order")
    done = []
    for number in range(20):
        executor.post(lambda number=number: done.append(number))
    await executor.call(lambda: None, PATIENCE)
    assert done == list(range(20))


async def test_a_job_that_hangs_is_given_up_and_what_waits_behind_it_is_not_begun() -> None:
    executor = SerialExecutor("hangs")
    release = threading.Event()
    begun = []
    with pytest.raises(TimeoutError):
        await executor.call(lambda: release.wait(PATIENCE), 0.05)
    with pytest.raises(TimeoutError):
        await executor.call(lambda: begun.append(1), 0.05)
    posted = executor.post(lambda: begun.append(2))
    release.set()
    await asyncio.wrap_future(posted)
    assert begun == [2]


async def test_the_thread_ends_when_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.devices.adapters.pcsc.connection.LINGER_SECONDS", 0.02)
    executor = SerialExecutor("lingers")
    await executor.call(lambda: None, PATIENCE)
    async with asyncio.timeout(PATIENCE):
        while "lingers" in names():
            await asyncio.sleep(0.01)
    assert await executor.call(lambda: 3, PATIENCE) == 3


def test_a_thread_that_hangs_does_not_keep_the_process() -> None:
    executor = SerialExecutor("daemon")
    release = threading.Event()
    executor.post(lambda: release.wait(PATIENCE))
    [thread] = [thread for thread in threading.enumerate() if thread.name == "daemon"]
    assert thread.daemon
    release.set()
