"""Who looks out for codes: one search for all, none for nobody."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from imgcore.barcode import Code, Symbology
from server.devices.ports.camera import CameraMode, Frame, PixelFormat
from server.streaming import barcodes as module
from server.streaming import looks
from server.streaming.barcodes import NOTHING, BarcodeWatcher, VisibleBarcodes
from server.streaming.hub import Hub
from server.streaming.looks import Pace
from tests.fakes.camera import SIZES, FakeCamera
from tests.patience import PATIENCE

SQUARE = np.array([(0, 0), (9, 0), (9, 9), (0, 9)], np.float32)


def sight(*texts: str) -> VisibleBarcodes:
    return VisibleBarcodes(tuple(Code(text, Symbology.QR, SQUARE) for text in texts), SIZES[0])


class FakeSearch:
    """Sees what the test says, when it lets it."""

    def __init__(self) -> None:
        self.sight: VisibleBarcodes | Exception = NOTHING
        self.frames: list[int] = []
        self.free = threading.Event()
        self.free.set()
        self.made = 0
        self._busy = threading.Lock()

    def __call__(self) -> FakeSearch:
        self.made += 1
        return self

    def update(self, frame: Frame, now: float) -> VisibleBarcodes:
        assert self._busy.acquire(blocking=False), "two searches at a time"
        try:
            self.frames.append(frame.seq)
            assert self.free.wait(PATIENCE)
            if isinstance(self.sight, Exception):
                raise self.sight
            return self.sight
        finally:
            self._busy.release()


class Subscriber:
    def __init__(self) -> None:
        self.seen: list[list[str]] = []

    def update(self, seen: VisibleBarcodes) -> None:
        self.seen.append([code.text for code in seen.barcodes])


@pytest.fixture(autouse=True)
def _restless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACE", Pace(0.0, 0.0))
    monkeypatch.setattr(looks, "FAILED_SECONDS", 0.0)


@pytest.fixture
def readers() -> Iterator[ThreadPoolExecutor]:
    """More threads than the service has, so that it is not they who keep searches apart."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def camera() -> FakeCamera:
    return FakeCamera()


@pytest.fixture
async def hub(camera: FakeCamera) -> AsyncIterator[Hub]:
    hub = Hub(camera)
    await hub.open(CameraMode(PixelFormat.MJPG, SIZES[0], 30.0))
    yield hub
    await hub.close()


@pytest.fixture
async def search() -> AsyncIterator[FakeSearch]:
    search = FakeSearch()
    yield search
    search.free.set()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.005)


async def searched(search: FakeSearch, times: int = 2) -> None:
    """Wait for that many more searches."""
    goal = len(search.frames) + times
    await until(lambda: len(search.frames) >= goal)


async def test_all_share_one_search_and_hear_of_changes_only(
    hub: Hub, search: FakeSearch, readers: ThreadPoolExecutor
) -> None:
    watcher = BarcodeWatcher(hub, readers, search)
    one = Subscriber()
    other = Subscriber()
    watcher.subscribe(one)
    watcher.subscribe(other)
    for search.sight in (sight("A"), sight("A", "B"), sight()):
        await searched(search, 3)
    await until(lambda: len(one.seen) == 3)
    watcher.unsubscribe(one)
    watcher.unsubscribe(other)
    assert one.seen == other.seen == [["A"], ["A", "B"], []]
    assert search.made == 1


async def test_who_comes_later_hears_at_once(
    hub: Hub, search: FakeSearch, readers: ThreadPoolExecutor
) -> None:
    watcher = BarcodeWatcher(hub, readers, search)
    early = Subscriber()
    late = Subscriber()
    search.sight = sight("A")
    watcher.subscribe(early)
    await until(lambda: early.seen == [["A"]])
    watcher.subscribe(late)
    assert late.seen == [["A"]]
    watcher.unsubscribe(early)
    search.sight = sight("B")
    await until(lambda: late.seen == [["A"], ["B"]])
    watcher.unsubscribe(late)
    assert early.seen == [["A"]]


async def test_a_slow_search_is_alone_and_goes_on_with_the_newest_frame(
    hub: Hub, search: FakeSearch, readers: ThreadPoolExecutor
) -> None:
    watcher = BarcodeWatcher(hub, readers, search)
    subscriber = Subscriber()
    search.free.clear()
    watcher.subscribe(subscriber)
    await until(lambda: len(search.frames) == 1)
    with hub.watch() as watch:
        for _ in range(10):
            newest = (await watch.next(PATIENCE)).seq
    assert len(search.frames) == 1, "frames do not queue"
    search.free.set()
    await searched(search, 1)
    watcher.unsubscribe(subscriber)
    assert search.frames[1] >= newest


async def test_the_search_stops_with_the_last_onlooker(
    hub: Hub, camera: FakeCamera, search: FakeSearch, readers: ThreadPoolExecutor
) -> None:
    watcher = BarcodeWatcher(hub, readers, search)
    one = Subscriber()
    other = Subscriber()
    watcher.subscribe(one)
    watcher.subscribe(other)
    watcher.unsubscribe(one)
    await searched(search)
    watcher.unsubscribe(other)
    await until(lambda: not camera.started.is_set())
    count = len(search.frames)
    await asyncio.sleep(0.05)
    assert len(search.frames) == count


async def test_who_comes_back_gets_a_search_of_its_own(
    hub: Hub, search: FakeSearch, readers: ThreadPoolExecutor
) -> None:
    watcher = BarcodeWatcher(hub, readers, search)
    subscriber = Subscriber()
    search.sight = sight("A")
    for _ in range(2):
        watcher.subscribe(subscriber)
        await searched(search)
        watcher.unsubscribe(subscriber)
    assert search.made == 2
    assert subscriber.seen == [["A"], ["A"]]


async def test_a_search_that_fails_is_told_without_its_text_and_tried_again(
    hub: Hub, search: FakeSearch, readers: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    watcher = BarcodeWatcher(hub, readers, search)
    subscriber = Subscriber()
    search.sight = ValueError("SECRET-17")
    watcher.subscribe(subscriber)
    await searched(search)
    search.sight = sight("SECRET-18")
    await until(lambda: subscriber.seen == [["SECRET-18"]])
    watcher.unsubscribe(subscriber)
    assert "ValueError" in caplog.text
    assert "SECRET" not in caplog.text


async def test_a_camera_that_closes_ends_the_search(
    hub: Hub, search: FakeSearch, readers: ThreadPoolExecutor
) -> None:
    watcher = BarcodeWatcher(hub, readers, search)
    subscriber = Subscriber()
    watcher.subscribe(subscriber)
    await searched(search)
    await hub.close()
    task = next((one for one in asyncio.all_tasks() if one.get_name().startswith("codes of")), None)
    if task is not None:
        async with asyncio.timeout(PATIENCE):
            await task
    count = len(search.frames)
    await asyncio.sleep(0.05)
    assert len(search.frames) == count
    watcher.unsubscribe(subscriber)
