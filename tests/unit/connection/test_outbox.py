"""The two lanes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from server.connection.outbox import ANSWER_BYTES, ClientStuck, FrameLane, Outbox
from server.devices.ports.camera import Size
from server.errors import DeviceGone
from server.streaming.painter import PreviewPicture
from tests.patience import PATIENCE


class Wire:
    """A client that takes messages when the test lets it."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.taken: list[bytes] = []

    async def send(self, message: Sequence[bytes], binary: bool) -> None:
        await self.open.wait()
        self.taken.append(b"".join(message))


def picture(jpeg: bytes) -> PreviewPicture:
    return PreviewPicture(jpeg, b"", Size(1, 1), 0)


def lane_of(outbox: Outbox, key: object) -> FrameLane:
    lane = FrameLane(outbox, False, lambda shown: (shown.jpeg,), lambda error: type(error).__name__.encode())
    outbox.add_lane(key, lane)
    return lane


@asynccontextmanager
async def running(outbox: Outbox) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(outbox.run())
    await asyncio.sleep(0)
    yield task
    task.cancel()


async def test_frames_are_replaced_and_answers_are_not() -> None:
    wire = Wire()
    outbox = Outbox(wire.send, 10)
    lane = lane_of(outbox, "camera")
    async with running(outbox):
        lane.show(picture(b"f0"))
        await asyncio.sleep(0)  # f0 is on the wire, which is blocked
        lane.show(picture(b"f1"))
        await outbox.answer(b"a1")
        lane.show(picture(b"f2"))
        await outbox.answer(b"a2")
        assert not lane.ready()
        wire.open.set()
        await asyncio.sleep(0.01)
    assert wire.taken == [b"f0", b"a1", b"a2", b"f2"]
    assert lane.ready()


async def test_a_cleared_lane_sends_nothing() -> None:
    wire = Wire()
    outbox = Outbox(wire.send, 10)
    lane = lane_of(outbox, "camera")
    lane.show(picture(b"frame"))
    assert not lane.started
    lane.discard()
    lane.end(DeviceGone(device="last"))
    wire.open.set()
    async with running(outbox):
        await asyncio.sleep(0.01)
    assert wire.taken == [b"DeviceGone"]


async def test_a_new_lane_silences_the_old_one() -> None:
    wire = Wire()
    wire.open.set()
    outbox = Outbox(wire.send, 10)
    lane_of(outbox, "camera").show(picture(b"old"))
    lane_of(outbox, "camera").show(picture(b"new"))
    async with running(outbox):
        await asyncio.sleep(0.01)
    assert wire.taken == [b"new"]


async def test_what_is_told_beside_the_frames_is_not_dropped() -> None:
    wire = Wire()
    outbox = Outbox(wire.send, 10)
    lane = lane_of(outbox, "camera")
    lane.show(picture(b"old"))
    for message in (b"one", b"two"):
        outbox.notify(message)
    lane.show(picture(b"new"))
    assert not lane.started
    wire.open.set()
    async with running(outbox):
        await asyncio.sleep(0.01)
    assert wire.taken == [b"one", b"two", b"new"]


async def test_two_cameras_share_the_wire() -> None:
    wire = Wire()
    outbox = Outbox(wire.send, 10)
    lanes = [lane_of(outbox, number) for number in range(2)]
    wire.open.set()
    async with running(outbox):
        for _ in range(3):
            for number, lane in enumerate(lanes):
                lane.show(picture(b"%d" % number))
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
    outbox.notify(b"message")
    with pytest.raises(ClientStuck):
        await outbox.run()


async def test_nobody_waits_for_a_client_that_is_gone() -> None:
    wire = Wire()
    outbox = Outbox(wire.send, 10)
    async with running(outbox) as task:
        for _ in range(2):
            await outbox.answer(bytes(ANSWER_BYTES + 1))
            await asyncio.sleep(0)
        waiting = asyncio.create_task(outbox.answer(b"last"))
        await asyncio.sleep(0)
        assert not waiting.done()
        task.cancel()
        async with asyncio.timeout(PATIENCE):
            await waiting
            await outbox.answer(b"later")
    assert wire.taken == []
