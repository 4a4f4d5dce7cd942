"""S10: requests a second, connections, heavy work, and waits for devices are all bounded."""

from __future__ import annotations

import asyncio
import os
import resource
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from server.access.limits import OTHER_FILES, ConnectionLimiter, Holder, LimitScope, RateLimiter
from server.access.peer import Peer
from server.config import Config, LimitsConfig
from server.decoding.decoders import Decoders
from server.errors import DeviceTimeout, TooFast
from server.services.cameras import capture
from server.services.pools import ThreadPools
from server.streaming import broadcast, hub
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import Page, connect
from tests.patience import PATIENCE
from tests.security.test_s09_sizes import PIXEL
from tests.service import Service, running

FLOOD = 10_000
FLOODERS = 5
BURST = 1_000
ORIGIN_CONNECTIONS = 3


@pytest.fixture
def config(config: Config) -> Config:
    """Few connections of one origin, and few in all."""
    limits = msgspec.structs.replace(config.limits, connections=5, connections_per_origin=ORIGIN_CONNECTIONS)
    return msgspec.structs.replace(config, limits=limits)


def test_a_second_s_worth_may_come_at_once_and_then_as_time_passes() -> None:
    now = 100.0
    pace = RateLimiter(lambda: now)
    assert [pace.admits(4) for _ in range(6)] == [True, True, True, True, False, False]
    now += 0.25
    assert [pace.admits(4), pace.admits(4)] == [True, False]
    now += 1000
    assert [pace.admits(4) for _ in range(5)] == [True, True, True, True, False]


def test_seats_are_counted_by_origin_and_given_back() -> None:
    seats = ConnectionLimiter()
    limits = LimitsConfig(connections=3, connections_per_origin=2)
    mine, none, other = (Holder(Peer(user=os.geteuid()), origin) for origin in ("a", None, "b"))
    with seats.hold(mine), seats.hold(mine):
        assert seats.full(mine, limits) is LimitScope.ORIGIN
        assert seats.full(none, limits) is None
        with seats.hold(none):
            assert seats.full(other, limits) is LimitScope.SERVICE
    assert seats.count == 0
    assert seats.full(mine, limits) is None


def test_another_user_takes_neither_an_origin_s_seats_nor_all() -> None:
    seats = ConnectionLimiter()
    limits = LimitsConfig(connections=5, connections_per_origin=2)
    stranger = Peer(user=65534)
    own = Peer(user=os.geteuid())
    with seats.hold(Holder(stranger, "a")), seats.hold(Holder(stranger, "a")):
        assert seats.full(Holder(stranger, "a"), limits) is LimitScope.ORIGIN
        assert seats.full(Holder(own, "a"), limits) is None
        with seats.hold(Holder(stranger, "b")):
            assert seats.full(Holder(stranger, "c"), limits) is LimitScope.USER
            with seats.hold(Holder(own, "a")):
                assert seats.full(Holder(own, "a"), limits) is None


async def test_an_origin_has_its_share_of_connections_and_no_more(service: Running) -> None:
    async with aiohttp.ClientSession() as http:
        mine = [await http.ws_connect(service.url, origin=ALLOWED) for _ in range(ORIGIN_CONNECTIONS)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(service.url, origin=ALLOWED)
        assert refused.value.status == 503
        others = [await http.ws_connect(service.url, origin=OTHER) for _ in range(2)]
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(service.url, origin=OTHER)
        for socket in (*mine, *others):
            await socket.close()
    async with connect(service.url, ALLOWED) as page:
        await page.must("Heartbeat")


async def test_streams_for_img_elements_take_places_too(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page, aiohttp.ClientSession() as http:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        headers = {"Origin": ALLOWED}
        streams = [await http.get(f"{service.http}/stream/0.mjpg", headers=headers) for _ in range(3)]
        assert [stream.status for stream in streams] == [200, 200, 503]
        for stream in streams:
            stream.close()


async def flood(page: Page, enough: asyncio.Event) -> Counter[int]:
    """Send two thousand requests at once, and one more for each answer until it is enough; their codes."""
    codes: Counter[int] = Counter()
    left = FLOOD // FLOODERS
    for _ in range(left):
        await page.send("Heartbeat")
    while left:
        codes[(await page.receive())["result"]] += 1
        if enough.is_set():
            left -= 1
        else:
            await page.send("Heartbeat")
    return codes


@pytest.mark.long
async def test_ten_thousand_requests_at_once_keep_nobody_else_waiting(process: Service) -> None:
    """While the flood lasts another page opens, captures and is answered a hundred times."""
    async with aiohttp.ClientSession() as http, connect(process.url) as other:
        sockets = [Page(await http.ws_connect(process.url)) for _ in range(FLOODERS)]
        enough = asyncio.Event()
        flooding = [asyncio.create_task(flood(page, enough)) for page in sockets]
        await other.must("GetCameraInfo")
        await other.must("OpenCamera", devNum=0, resolutionNum=6)
        await other.must("CameraCaptureBase64")
        await other.must("CloseCamera")
        for _ in range(100):
            await other.must("Heartbeat")
        enough.set()
        codes = sum(await asyncio.gather(*flooding), Counter[int]())
        assert codes.total() >= FLOOD, "each was answered"
        assert codes[TooFast.code] > 0
        for page in sockets:
            assert not page.socket.closed
            await page.socket.close()


async def test_a_burst_of_a_thousand_connections_is_survived(process: Service, many_files: None) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:

        async def one() -> int:
            try:
                socket = await http.ws_connect(process.url)
            except aiohttp.WSServerHandshakeError as refused:
                return refused.status
            except aiohttp.ClientConnectionResetError:
                # This process was slow to ask among so many: the service waits ten seconds for a first word.
                return await one()
            held.append(socket)
            return 101

        held: list[aiohttp.ClientWebSocketResponse] = []
        statuses = Counter(await asyncio.gather(*(one() for _ in range(BURST))))
        assert statuses == {
            101: LimitsConfig().connections_per_origin,
            503: BURST - LimitsConfig().connections_per_origin,
        }
        await held.pop().close()
        async with asyncio.timeout(PATIENCE):
            while await one() != 101:
                await asyncio.sleep(0.02)
        for socket in held:
            await socket.close()
    async with connect(process.url) as page:
        await page.must("GetServiceInfo")


def test_the_service_opens_as_many_files_as_it_may_and_says_where_these_are_too_few(tmp_path: Path) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with running(tmp_path, f"[limits]\nconnections = {hard}\n") as service:
        (files,) = (line for line in service.limits().splitlines() if line.startswith("Max open files"))
        assert files.split()[3:5] == [str(hard)] * 2
        service.await_log(f"only {hard} files may be open, and .* need {hard + OTHER_FILES}")


class Gate:
    """A search for codes that lasts until the test lets it end."""

    def __init__(self) -> None:
        self.running = 0
        self.most = 0
        self.begun = threading.Semaphore(0)
        self.open = threading.Event()

    def __call__(self, *_: object, **__: object) -> tuple[Any, ...]:
        self.running += 1
        self.most = max(self.most, self.running)
        self.begun.release()
        assert self.open.wait(PATIENCE)
        self.running -= 1
        return ()


async def test_a_connection_has_one_heavy_job_and_others_are_served_beside_it(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()

    async def read(*_: object) -> tuple[Any, ...]:
        return await asyncio.to_thread(gate)

    monkeypatch.setattr(Decoders, "read_barcodes", read)
    async with connect(service.url, ALLOWED) as heavy, connect(service.url, OTHER) as other:
        sent = [await heavy.send("RecogBarCode", imageBase64=PIXEL) for _ in range(4)]
        assert await asyncio.to_thread(gate.begun.acquire, timeout=PATIENCE)
        await other.must("GetCameraInfo")
        await other.must("OpenCamera", devNum=0)
        await other.must("CameraCaptureBase64")
        assert gate.most == 1
        gate.open.set()
        assert [(await heavy.answer(number))["result"] for number in sent] == [0] * 4
    assert gate.most == 1


async def test_heavy_work_that_was_given_up_counts_until_its_thread_is_free() -> None:
    """Who hangs up and comes again must not fill all threads with work that nobody wants."""
    workers = ThreadPools()
    gate = Gate()
    tasks = [asyncio.create_task(workers.run_heavy(gate)) for _ in range(50)]
    assert await asyncio.to_thread(gate.begun.acquire, timeout=PATIENCE)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    later = asyncio.create_task(workers.run_heavy(gate))
    # A capture finds a thread all the same.
    assert await workers.run(lambda: "captured") == "captured"
    assert gate.most <= workers.heavy_limit
    gate.open.set()
    assert await later == ()
    workers.close()


@pytest.mark.parametrize("func", ["OpenCamera", "GetCameraVideoBuff", "CameraCaptureBase64"])
async def test_a_device_that_does_not_answer_is_given_up(
    service: Running, func: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "COMMAND_SECONDS", 0.2)
    monkeypatch.setattr(broadcast, "FRAME_SECONDS", 0.2)
    monkeypatch.setattr(capture, "FRAME_SECONDS", 0.2)
    hangs = threading.Event()
    opened = service.camera.open
    if func == "OpenCamera":
        monkeypatch.setattr(service.camera, "open", lambda mode: hangs.wait(PATIENCE) and opened(mode))
    async with connect(service.url, ALLOWED) as page, connect(service.url, OTHER) as other:
        await page.must("GetCameraInfo")
        if func != "OpenCamera":
            await page.must("OpenCamera", devNum=0)
            service.camera.frozen.set()
        number = await page.send(func, devNum=0, enable=True)
        await other.must("Heartbeat")
        assert (await page.answer(number))["result"] == DeviceTimeout.code
        hangs.set()
        service.camera.frozen.clear()
