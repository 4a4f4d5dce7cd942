"""S33: decoding takes turns by origin, within the memory of the machine."""

from __future__ import annotations

import asyncio
import base64
import gc
import os
import weakref
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.reliability.hostile_files import slow_pdf
from server.access.limits import ByteBudgets
from server.config import LimitsConfig
from server.decoding import limits
from server.decoding import pool as pool_module
from server.decoding.decoders import SMALL_BYTES, Decoders, is_small_picture
from server.decoding.limits import PROCESS_BYTES
from server.decoding.pool import Pool
from server.documents.faults import DocumentFault
from server.documents.input_file import Raster
from server.errors import TooMuchWaiting
from server.runtime import turns as turns_module
from server.runtime.process import group_limits, memory_bytes
from server.runtime.turns import Turn, Turns
from server.services.pools import ThreadPools
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import connect
from tests.patience import PATIENCE
from tests.security import bombs
from tests.unit.documents.samples import HEIGHT, WIDTH, jpeg

LIMIT = 30_000_000
GIB = 1 << 30
PICTURE = jpeg()
SLOW = slow_pdf()
"""Rendering it takes longer than any task may."""
SLOW_CONNECTIONS = 4


async def as_owner(owner: str | None, turns: Turns, weight: int = 1) -> Turn:
    turns_module.payer.set(turns_module.Payer(owner))
    return await turns.acquire(weight)


def asking(owner: str | None, turns: Turns, weight: int = 1) -> asyncio.Task[Turn]:
    return asyncio.create_task(as_owner(owner, turns, weight))


async def given(tasks: list[asyncio.Task[Turn]]) -> list[bool]:
    """Which of them have a turn, once all had the time to take one."""
    for _ in range(5):
        await asyncio.sleep(0)
    return [task.done() for task in tasks]


async def test_the_next_origin_finds_a_place_and_a_hundred_requests_of_one_do_not() -> None:
    turns = Turns(3, 2)
    many = [asking("a", turns) for _ in range(4)]
    assert await given(many) == [True, True, False, False]
    other = asking("b", turns)
    assert await given([other]) == [True]
    third = asking("c", turns)
    assert await given([third]) == [False]
    turns.release(many[0].result())
    assert await given([third, *many[2:]]) == [True, False, False], "who has less goes first"
    turns.release(other.result())
    assert await given(many[2:]) == [True, False]
    for task in (third, many[1], many[2]):
        turns.release(task.result())
    turns.release(await many[3])
    assert not turns._waiting


async def test_origins_with_the_same_in_use_alternate() -> None:
    turns = Turns(1, 1)
    held = await as_owner("x", turns)
    tasks = {f"{owner}{number}": asking(owner, turns) for number in range(2) for owner in "ab"}
    await given(list(tasks.values()))
    order = []
    while tasks:
        turns.release(held)
        await given(list(tasks.values()))
        name = next(name for name, task in tasks.items() if task.done())
        held = tasks.pop(name).result()
        order.append(name)
    assert order == ["a0", "b0", "a1", "b1"]


async def test_a_heavy_one_waits_until_it_is_alone_and_is_not_overtaken() -> None:
    turns = Turns(10, 5)
    light = await as_owner("a", turns, 3)
    heavy = asking("b", turns, 20)
    late = asking("c", turns, 3)
    assert await given([heavy, late]) == [False, False]
    turns.release(light)
    assert await given([heavy, late]) == [True, False]
    turns.release(heavy.result())
    assert await given([late]) == [True]


async def test_who_gives_up_takes_no_turn_along() -> None:
    turns = Turns(1, 1)
    held = await as_owner("a", turns)
    tasks = [asking("b", turns) for _ in range(3)]
    await given(tasks)
    tasks[0].cancel()
    assert await given(tasks) == [True, False, False]
    # Given and given up in one step, in either order.
    turns.release(held)
    tasks[1].cancel()
    assert await given(tasks[2:]) == [True]
    tasks[2].cancel()
    turns.release(tasks[2].result())
    last = asking("c", turns)
    last.cancel()
    turns._give()
    await given([last])
    assert turns.admits()
    assert not turns._waiting


async def test_a_turn_ends_with_what_it_was_taken_for() -> None:
    turns = Turns(4, 4)
    pixels = np.zeros(4)
    turn = turns.attempt(4)
    assert turn is not None
    turns.release_with(pixels, turn)
    assert turns.attempt(1) is None
    gone = weakref.ref(pixels)
    del pixels
    gc.collect()
    assert gone() is None
    await asyncio.sleep(0)
    assert turns.admits(4)


async def test_further_turns_take_memory_of_their_owner_and_wait_without() -> None:
    budgets = ByteBudgets(lambda: LimitsConfig(origin_waiting_mib=3))
    turns = Turns(4, 3, memory=2 << 20)

    def working() -> asyncio.Task[Turn]:
        async def acquire() -> Turn:
            budgets.work_for("a")
            return await turns.acquire()

        return asyncio.create_task(acquire())

    tasks = [working() for _ in range(3)]
    assert await given(tasks) == [True, True, False], "the first is free, two more are beyond the budget"
    assert budgets.held == 2 << 20
    turns.release(await tasks[1])
    assert await given(tasks) == [True, True, True]
    for task in (tasks[2], tasks[0]):
        turns.release(await task)
    assert budgets.held == 0


async def test_processes_of_one_origin_are_charged_and_no_more_than_two_wait() -> None:
    budgets = ByteBudgets(LimitsConfig)
    running = Pool(LIMIT, most=3)
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, budgets.held)
            await asyncio.sleep(0.001)

    budgets.work_for("a")
    watching = asyncio.create_task(watch())
    await asyncio.gather(*(decode(Decoders(running), "a") for _ in range(9)))
    watching.cancel()
    assert most == 2 * PROCESS_BYTES, "the third has no room"
    assert budgets.held == 0
    assert len(running.idle) <= 2
    await running.close()


def test_memory_is_that_of_the_machine_or_of_the_group(tmp_path: Path) -> None:
    unit = tmp_path / "system.slice/gaopai.service"
    unit.mkdir(parents=True)
    (unit / "memory.max").write_text(f"{2 * GIB}\n")
    (unit.parent / "memory.max").write_text("max\n")
    (unit.parent / "memory.high").write_text(f"{3 * GIB}\n")
    found = list(group_limits("0::/system.slice/gaopai.service\n", tmp_path))
    assert found == [2 * GIB, 3 * GIB]
    old = tmp_path / "memory/user.slice"
    old.mkdir(parents=True)
    (old / "memory.limit_in_bytes").write_text(f"{GIB}\n")
    assert list(group_limits("5:cpu:/\n4:memory,x:/user.slice/a\n", tmp_path)) == [GIB]
    assert 0 < memory_bytes() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(("memory", "most"), [(GIB // 2, 1), (GIB, 1), (2 * GIB, 2), (64 * GIB, 4)])
def test_processes_have_half_of_the_memory(memory: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    assert limits.worker_count(memory) == most
    beyond = limits.address_bytes(120_000_000, memory) - limits.IDLE_ADDRESS_BYTES
    assert beyond * (most + 1) <= memory // 2
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert limits.worker_count(memory) <= 2


SMALL = [PICTURE, jpeg(), bombs.png_of(100, 100, bombs.zeros(30_000))]
NOT_SMALL = [
    *(b"", b"\xff\xd8", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", SLOW, b"\xff\xd8" + b"\xff\xe0\0\2" * 100),
    bombs.png_of(5000, 5000, b""),
    bombs.png_of(0, 100, b""),
    PICTURE + bytes(SMALL_BYTES),
]


@pytest.mark.parametrize("data", SMALL, ids=range(len(SMALL)))
def test_a_small_picture_is_known_by_its_header(data: bytes) -> None:
    assert is_small_picture(data)


@pytest.mark.parametrize("data", NOT_SMALL, ids=range(len(NOT_SMALL)))
def test_and_nothing_else_is(data: bytes) -> None:
    assert not is_small_picture(data)


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    running = Pool(LIMIT, most=1)
    yield running
    await running.close()


async def decode(decoders: Decoders, owner: str, data: bytes = PICTURE) -> tuple[int, ...]:
    turns_module.payer.set(turns_module.payer.get()._replace(owner=owner))
    with closing(await decoders.opened("a", data)) as file:
        return (await decoders.raster(file, 0)).image.shape


async def slow_documents(pool: Pool, owners: str, count: int) -> list[asyncio.Task[Raster]]:
    """Have a slow page rendered for each owner; return when so many processes are at it."""
    decoders = Decoders(pool)
    tasks = []
    files = [await decoders.opened("a", SLOW) for _ in owners]
    for owner, file in zip(owners, files, strict=True):
        turns_module.payer.set(turns_module.payer.get()._replace(owner=owner))
        tasks.append(asyncio.create_task(decoders.raster(file, 0)))
    async with asyncio.timeout(PATIENCE):
        while len(pool._working) < count:
            await asyncio.sleep(0.01)
    return tasks


async def given_up(tasks: list[asyncio.Task[Raster]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_slow_document_of_one_origin_holds_up_no_other(pool: Pool) -> None:
    decoders = Decoders(pool)
    slow = await slow_documents(pool, "aaaa", 1)
    assert await decode(decoders, "b", bombs.png_of(3000, 2500, bombs.zeros(23 << 20))) == (2500, 3000, 3)
    assert not any(task.done() for task in slow)
    await given_up(slow)


@pytest.mark.long
async def test_a_small_picture_waits_for_no_document(pool: Pool) -> None:
    decoders = Decoders(pool)
    slow = await slow_documents(pool, "aabb", 2)
    assert await decode(decoders, "a") == (HEIGHT, WIDTH, 3)
    assert not any(task.done() for task in slow)
    await given_up(slow)


@pytest.mark.long
async def test_what_takes_long_is_ended_when_another_origin_waits(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "CONTENDED_SECONDS", 1.0)
    decoders = Decoders(pool)
    slow = await slow_documents(pool, "ab", 2)
    assert await decode(decoders, "c", bombs.png_of(3000, 2500, bombs.zeros(23 << 20))) == (2500, 3000, 3)
    with pytest.raises(DocumentFault, match="took more than"):
        await slow[0]
    await given_up(slow)


@pytest.mark.long
async def test_who_has_its_share_hurries_nobody(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "CONTENDED_SECONDS", 0.5)
    slow = await slow_documents(pool, "aaab", 2)
    await asyncio.sleep(1.0)
    pool._hurry()
    await asyncio.sleep(0.1)
    assert not any(task.done() for task in slow)
    await given_up(slow)


async def test_results_that_are_held_keep_their_origin_from_more(pool: Pool) -> None:
    pool._results = Turns(120 << 20, 60 << 20)
    decoders = Decoders(pool)
    turns_module.payer.set(turns_module.Payer("a"))
    large = bombs.png_of(4000, 4000, bombs.zeros(49 << 20))
    with closing(await decoders.opened("a", large)) as file:
        first = await decoders.raster(file, 0)
        second = asyncio.create_task(decoders.raster(file, 0))
        async with asyncio.timeout(PATIENCE):
            while not pool._results._waiting:
                await asyncio.sleep(0.01)
        assert await decode(decoders, "b", large) == (4000, 4000, 3)
        assert not second.done()
        del first
        assert (await second).image.shape == (4000, 4000, 3)


async def test_files_that_are_open_leave_room_for_another_origin(pool: Pool) -> None:
    decoders = Decoders(pool)
    decoders._files = Turns(5 * len(PICTURE), 2 * len(PICTURE))
    turns_module.payer.set(turns_module.Payer("a"))
    with closing(await decoders.opened("a", PICTURE)):
        with pytest.raises(TooMuchWaiting):
            await decoders.opened("a", PICTURE)
        assert await decode(decoders, "b") == (HEIGHT, WIDTH, 3)
    await asyncio.sleep(0)
    turns_module.payer.set(turns_module.Payer("a"))
    assert await decode(decoders, "a") == (HEIGHT, WIDTH, 3)


async def test_heavy_work_of_one_origin_leaves_a_thread_for_another() -> None:
    pools = ThreadPools()
    begun = asyncio.Event()
    way = asyncio.Event()
    loop = asyncio.get_running_loop()

    def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(way.wait(), loop).result(PATIENCE)

    turns_module.payer.set(turns_module.Payer("a"))
    many = [asyncio.create_task(pools.run_heavy(work)) for _ in range(20)]
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
        turns_module.payer.set(turns_module.Payer("b"))
        assert await pools.run_heavy(lambda: "done") == "done"
    way.set()
    await asyncio.gather(*many)
    pools.close()


@pytest.fixture
def picture() -> str:
    return base64.b64encode(cv2.imencode(".png", np.zeros((8, 8), np.uint8))[1]).decode()


async def test_pages_of_another_origin_are_answered_beside_slow_documents(
    service: Running, picture: str
) -> None:
    slow = base64.b64encode(SLOW).decode()
    async with connect(service.url, OTHER) as page:
        attackers = [connect(service.url, ALLOWED) for _ in range(SLOW_CONNECTIONS)]
        pages = [await attacker.__aenter__() for attacker in attackers]
        for attacking in pages:
            await attacking.send("RecogBarCode", imageBase64=slow)
        for _ in range(3):
            assert (await page.ask("RecogBarCode", imageBase64=picture))["result"] == 0
        for attacker in attackers:
            await attacker.__aexit__(None, None, None)
        assert (await page.ask("RecogBarCode", imageBase64=picture))["result"] == 0
