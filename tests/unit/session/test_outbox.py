"""The two lanes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from server.session.outbox import ANSWER_BYTES, ClientStuck, Outbox
from tests.patience import PATIENCE


class Wire:
    """A client that takes messages when the test lets it."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.taken: list[bytes] = []

    async def send(self, message: Sequence[bytes], binary: bool) -> None:
        await self.open.wait()
        self.taken.append(b"".join(message))


@asynccontextmanager
async def running(outbox: Outbox) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(outbox.run())
    await asyncio.sleep(0)
    yield task
    task.cancel()


async def test_frames_are_replaced_and_answers_are_not() -> None:
    wire = Wire()
    outbox = Outbox(wire.send, 10)
    lane = outbox.lane("camera")
    async with running(outbox):
        lane.put((b"f0",))
        await asyncio.sleep(0)  # f0 is on the wire, which is blocked
        lane.put((b"f1",))
        await outbox.answer(b"a1")
        lane.put((b"f2",))
        await outbox.answer(b"a2")
        assert not lane.idle()
        wire.open.set()
        await asyncio.sleep(0.01)
    assert wire.taken == [b"f0", b"a1", b"a2", b"f2"]
    assert lane.idle()


async def test_a_cleared_lane_sends_nothing() -> None:
    wire = Wire()
    outbox = Outbox(wire.send, 10)
    lane = outbox.lane("camera")
    lane.put((b"frame",))
    assert not lane.started
    lane.clear()
    lane.end(b"last")
    wire.open.set()
    async with running(outbox):
        await asyncio.sleep(0.01)
    assert wire.taken == [b"last"]


async def test_a_new_lane_silences_the_old_one() -> None:
    wire = Wire()
    wire.open.set()
    outbox = Outbox(wire.send, 10)
    outbox.lane("camera").put((b"old",))
    outbox.lane("camera").put((b"new",))
    async with running(outbox):
        await asyncio.sleep(0.01)
    assert wire.taken == [b"new"]


async def test_what_is_told_beside_the_frames_is_not_dropped() -> None:
    wire = Wire()
    outbox = Outbox(wire.send, 10)
    lane = outbox.lane("camera")
    lane.put((b"old",))
    for message in (b"one", b"two"):
        lane.tell(message)
    lane.put((b"new",))
    assert not lane.started
    wire.open.set()
    async with running(outbox):
        await asyncio.sleep(0.01)
    assert wire.taken == [b"one", b"two", b"new"]


async def test_two_cameras_share_the_wire() -> None:
    wire = Wire()
    outbox = Outbox(wire.send, 10)
    lanes = [outbox.lane(number) for number in range(2)]
    wire.open.set()
    async with running(outbox):
        for _ in range(3):
            for number, lane in enumerate(lanes):
                lane.put((b"%d" % number,))
            await asyncio.sleep(0.01)
    assert sorted(wire.taken) == [b"0"] * 3 + [b"1"] * 3


async def test_a_slow_client_makes_the_one_who_answers_wait() -> None:
    wire = Wire()
    outbox = Outbox(wire.send, 10)
    async with running(outbox):
        for _ in range(2):  # one on the wire, one that fills the lane
            await outbox.answer(bytes(ANSWER_BYTES + 1))
            await asyncio.sleep(0)
        waiting = asyncio.create_task(outbox.answer(b"last"))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        wire.open.set()
        async with asyncio.timeout(PATIENCE):
            await waiting
        await asyncio.sleep(0.01)
    assert wire.taken[-1] == b"last"


async def test_a_client_that_takes_nothing_is_stuck() -> None:
    outbox = Outbox(Wire().send, 0.01)
    outbox.answer_now(b"message")
    with pytest.raises(ClientStuck):
        await outbox.run()
