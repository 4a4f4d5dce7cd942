"""Heavy work is weighed by its memory, and stopped when nobody waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from imgcore.stopping import WorkStopped, stop_here
from server.errors import WorkTooLong
from server.runtime.turns import Payer, payer
from server.services import pools as pools_module
from server.services.pools import ThreadPools
from tests.patience import PATIENCE


@pytest.fixture
async def pools() -> AsyncIterator[ThreadPools]:
    made = ThreadPools()
    yield made
    made.close()


class Endless:
    """Work that goes on until it is stopped."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        try:
            while not self.ended.wait(0.001):
                stop_here()
        except WorkStopped:
            self.ended.set()
            raise


async def wait(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, PATIENCE)


async def test_work_is_stopped_when_its_client_hangs_up(pools: ThreadPools) -> None:
    work = Endless()
    task = asyncio.create_task(pools.run_heavy(work))
    await wait(work.begun)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await wait(work.ended)


async def test_work_is_stopped_when_the_service_ends(pools: ThreadPools) -> None:
    work = Endless()
    task = asyncio.create_task(pools.run_heavy(work))
    await wait(work.begun)
    pools.close()
    await wait(work.ended)
    with pytest.raises(WorkTooLong):
        await task


async def test_work_that_takes_too_long_is_told_so(
    pools: ThreadPools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools_module, "SECONDS", 0.05)
    work = Endless()
    with pytest.raises(WorkTooLong, match=r"0\.05 seconds"):
        await pools.run_heavy(work)
    await wait(work.ended)


async def test_what_takes_much_memory_waits_for_its_like_and_leaves_a_turn_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pools_module, "HEAVY_BYTES", 300)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    pools = ThreadPools()
    payer.set(Payer("a"))
    first = Endless()
    second = Endless()
    tasks = [asyncio.create_task(pools.run_weighed(150, work)) for work in (first, second)]
    await wait(first.begun)
    await asyncio.sleep(0.05)
    assert not second.begun.is_set()
    payer.set(Payer("b"))
    async with asyncio.timeout(PATIENCE):
        assert await pools.run_heavy(lambda: "done") == "done"
    first.ended.set()
    await wait(second.begun)
    second.ended.set()
    await asyncio.gather(*tasks)
    pools.close()
