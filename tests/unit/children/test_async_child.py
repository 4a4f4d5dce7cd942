"""A child as the event loop sees it: nothing blocks, and every wait ends."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from blockbuster import blockbuster_ctx

from server.children import async_child
from server.children.async_child import AsyncChild, ChildEnded, start_child
from server.children.child import ChildSpec
from tests.patience import PATIENCE
from tests.unit.children.conftest import MODULE

SPEC = ChildSpec(MODULE)


@pytest.fixture
async def child() -> AsyncIterator[AsyncChild]:
    with blockbuster_ctx("server"):
        child = await start_child(AsyncChild, SPEC)
        yield child
        await child.finish()


async def test_packets(child: AsyncChild) -> None:
    async with asyncio.timeout(PATIENCE):
        for _ in range(3):
            child.send(b"state")
            assert b'"folder": "/"' in (await child.listen(bytes))[0]


async def test_one_that_says_nothing_is_ended(child: AsyncChild) -> None:
    with pytest.raises(TimeoutError):
        await child.listen(bytes, 0.01)
    assert not Path(f"/proc/{child.pid}").exists()


async def test_a_wait_can_be_shortened(child: AsyncChild) -> None:
    waiting = asyncio.ensure_future(child.listen(bytes, 600.0))
    await asyncio.sleep(0)
    child.shorten_wait(0.0)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(TimeoutError):
            await waiting


async def test_a_wait_that_is_given_up_loses_nothing(child: AsyncChild) -> None:
    waiting = asyncio.ensure_future(child.listen(bytes))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    child.send(b"state")
    async with asyncio.timeout(PATIENCE):
        assert (await child.listen(bytes))[0]


async def test_hanging_up_wakes_who_waits(child: AsyncChild) -> None:
    waiting = asyncio.ensure_future(child.listen(bytes))
    await asyncio.sleep(0)
    child.hang_up()
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(ChildEnded):
            await waiting
        with pytest.raises(ChildEnded):
            await child.listen(bytes)
    assert not child.alive
    assert not child.send(b"state")


async def test_nonsense_ends_it(child: AsyncChild) -> None:
    child.send(b"state")
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(ChildEnded):
            await child.listen(msgspec.msgpack.Decoder(int).decode)


async def test_an_end_is_heard(child: AsyncChild) -> None:
    child.send(b"raise")
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(ChildEnded):
            await child.listen(bytes)
    assert (await child.finish(PATIENCE)).code == 1


async def test_two_may_end_it(child: AsyncChild) -> None:
    first, second = await asyncio.gather(child.finish(), child.finish())
    assert first is second
    assert not Path(f"/proc/{child.pid}").exists()


async def test_a_start_that_is_given_up_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()
    children = list[AsyncChild]()
    loop = asyncio.get_running_loop()
    straight = async_child.start

    def slow(kind: type[AsyncChild], spec: ChildSpec) -> AsyncChild:
        loop.call_soon_threadsafe(begun.set)
        children.append(straight(kind, spec))
        return children[0]

    monkeypatch.setattr(async_child, "start", slow)
    starting = asyncio.ensure_future(start_child(AsyncChild, SPEC))
    await begun.wait()
    starting.cancel()
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(asyncio.CancelledError):
            await starting
    with pytest.raises(ProcessLookupError):
        os.kill(children[0].pid, 0)
