"""S11: of a preview the newest frame counts; who takes none is dropped, and costs no memory meanwhile.

Five minutes of it belong to the soak test; these are some seconds of the same.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import msgspec
import numpy as np
import pytest

from server.config import Config, LimitsConfig
from server.connection.outbox import ClientStuck, FrameLane, Outbox
from server.devices.ports.camera import Size
from server.streaming.painter import PreviewPicture
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import Page, connect
from tests.patience import PATIENCE
from tests.service import Service

STALLED = 6
GROWTH_MIB = 120
"""Frames that wait in a queue for six clients would be several times as much."""


@pytest.fixture
def config(config: Config) -> Config:
    """A client that takes nothing is dropped after a second."""
    return msgspec.structs.replace(config, limits=LimitsConfig(send_seconds=1))


async def watch(page: Page, number: int = 0) -> None:
    """Ask for frames."""
    await page.must("GetCameraInfo")
    await page.send("GetCameraVideoBuff", devNum=number, enable=True)


@contextmanager
def deaf_from_now_on(page: Page) -> Iterator[None]:
    """Read nothing any more, as a page that is stopped in a debugger; at the end it is gone."""
    connection = page.socket._response.connection
    assert connection is not None and connection.transport is not None
    transport = connection.transport
    transport.pause_reading()
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    yield
    transport.abort()


async def test_a_viewer_that_takes_nothing_is_dropped_and_others_see_on(
    service: Running, caplog: pytest.LogCaptureFixture
) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
    service.camera.jpegs[Size(640, 480)] = [cv2.imencode(".jpg", noise)[1].tobytes()]
    async with connect(service.url, ALLOWED) as owner, connect(service.url, ALLOWED) as deaf:
        await owner.must("GetCameraInfo")
        await owner.must("OpenCamera", devNum=0)
        await watch(owner)
        await watch(deaf)
        with deaf_from_now_on(deaf):
            gone = asyncio.create_task(dropped(caplog))
            while not gone.done():
                assert (await owner.receive())["result"] == 0
            await gone
        assert (await owner.receive())["result"] == 0


async def dropped(caplog: pytest.LogCaptureFixture) -> None:
    """Wait until the service has ended a connection because nothing was taken."""
    async with asyncio.timeout(PATIENCE):
        while "took nothing" not in caplog.text:
            await asyncio.sleep(0.05)


def frame_lane(outbox: Outbox) -> FrameLane:
    lane = FrameLane(outbox, False, lambda shown: (shown.jpeg,), lambda error: b"")
    outbox.add_lane("camera", lane)
    return lane


def picture(jpeg: bytes) -> PreviewPicture:
    return PreviewPicture(jpeg, b"", Size(640, 480), 0)


async def test_a_slow_viewer_gets_the_newest_frame_and_none_before() -> None:
    """Of a hundred frames that came while one was on its way, the last is next."""
    taken: list[bytes] = []
    ready = asyncio.Event()
    slow = asyncio.Event()

    async def send(message: object, binary: bool) -> None:
        taken.append(b"".join(message))  # type: ignore[arg-type]
        ready.set()
        await slow.wait()

    outbox = Outbox(send, PATIENCE)
    lane = frame_lane(outbox)
    sender = asyncio.create_task(outbox.run())
    for number in range(100):
        lane.show(picture(b"%d" % number))
        await asyncio.sleep(0)
    ready.clear()
    slow.set()
    async with asyncio.timeout(PATIENCE):
        await ready.wait()
    sender.cancel()
    assert taken == [b"0", b"99"]


async def test_a_client_may_be_slow_within_a_message_but_not_beyond_its_time() -> None:
    async def send(message: object, binary: bool) -> None:
        await asyncio.Event().wait()

    outbox = Outbox(send, 0.01)
    frame_lane(outbox).show(picture(b"frame"))
    with pytest.raises(ClientStuck):
        await outbox.run()


async def test_clients_that_read_nothing_cost_no_memory(process: Service) -> None:
    """One watches and reads; six watch it too and read nothing."""
    async with connect(process.url) as owner:
        await owner.must("GetCameraInfo")
        await owner.must("OpenCamera", devNum=0, resolutionNum=3)
        await owner.send("GetCameraVideoBuff", devNum=0, enable=True)
        for _ in range(10):
            await owner.receive()
        before = process.mib()
        await crowd(process, owner)
        assert process.mib() - before < GROWTH_MIB
        await owner.must("CloseCamera")


async def crowd(process: Service, owner: Page) -> None:
    """Let clients come that read nothing, while the owner takes forty frames more."""
    async with asyncio.TaskGroup() as group:
        leave = asyncio.Event()
        there = asyncio.Semaphore(0)

        async def stall() -> None:
            async with connect(process.url) as page:
                await watch(page)
                with deaf_from_now_on(page):
                    there.release()
                    await leave.wait()

        for _ in range(STALLED):
            group.create_task(stall())
        for _ in range(STALLED):
            await there.acquire()
        for _ in range(40):
            await owner.receive()
        leave.set()
