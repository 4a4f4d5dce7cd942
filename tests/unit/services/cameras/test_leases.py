"""Leases of a camera that fails at every call: pages are told, nobody waits, it can be opened again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest

from server.access.client import Client
from server.devices.ports.camera import CameraMode
from server.errors import DeviceFailed, DeviceNotOpen, DeviceTimeout, GaopaiError
from server.runtime.background import failures
from server.services.cameras.leases import CameraLeases
from server.services.cameras.registry import ModeChoice, camera_registry
from server.services.pools import ThreadPools
from server.streaming import broadcast, hub
from server.streaming.painter import PreviewPicture, Variant
from tests.fakes.camera import SIZES, FakeCamera, FakeFinder, FakeStream
from tests.fakes.failing import RAISING, TEXT, FailingCamera, Fault
from tests.fakes.indicator import FakeIndicator
from tests.patience import PATIENCE

CALLS = ("open", "mode", "start", "read", "stop", "close")
WHILE_OPENING = ("open", "mode")
FIRST = ModeChoice(0, 0)
SECOND = ModeChoice(0, 1)
OWNER = Client(1, "https://a.example")
SAME_ORIGIN = Client(2, "https://a.example")


class Sink:
    """A viewer that notes what it is shown and how it ends."""

    started = True

    def __init__(self) -> None:
        self.shown = asyncio.Event()
        self.ended: asyncio.Future[GaopaiError] = asyncio.get_running_loop().create_future()

    def ready(self) -> bool:
        return True

    def show(self, picture: PreviewPicture) -> None:
        self.shown.set()

    def discard(self) -> None:
        pass

    def end(self, error: GaopaiError) -> None:
        self.ended.set_result(error)


class Counter:
    """A counter with a good camera beside the one under test."""

    def __init__(self, camera: FakeCamera) -> None:
        self.camera, self.good = camera, FakeCamera("Good")
        self.indicator = FakeIndicator()
        self.pools = ThreadPools()
        registry = camera_registry([FakeFinder(camera, self.good)], self.pools)
        self.leases = CameraLeases(registry, self.pools, lambda: None, indicator=self.indicator)

    def watch(self, camera: FakeCamera) -> Sink:
        sink = Sink()
        self.leases.watched(OWNER, camera).broadcast.add(sink, Variant())
        return sink

    async def open(self, choice: ModeChoice = FIRST, client: Client = OWNER) -> None:
        await within(self.leases.open(client, self.camera, choice))

    async def serves(self, camera: FakeCamera) -> None:
        """The camera can be opened, shown and closed."""
        await within(self.leases.open(OWNER, camera, FIRST))
        sink = self.watch(camera)
        await within(sink.shown.wait())
        await within(self.leases.close(OWNER, camera))
        assert isinstance(await within(sink.ended), DeviceNotOpen)
        assert not self.leases.is_open(camera)


async def within(waited: Awaitable[Any]) -> Any:
    async with asyncio.timeout(PATIENCE):
        return await waited


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.002)


@pytest.fixture
async def counter_with(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[FakeCamera], Counter]]:
    """Makes counters whose cameras are all given back at the end."""
    monkeypatch.setattr(hub, "LINGER_SECONDS", 0.0)
    made: list[Counter] = []

    def make(camera: FakeCamera) -> Counter:
        made.append(Counter(camera))
        return made[-1]

    yield make
    for counter in made:
        if isinstance(counter.camera, FailingCamera):
            counter.camera.release()
        await within(counter.leases.close_all())
        assert counter.leases.open_count == 0
        assert counter.indicator.shown[-1:] in ([], [()])
        counter.pools.close()
    await until(lambda: all(thread.name != "camera" for thread in threading.enumerate()))


@pytest.mark.parametrize("fault", RAISING)
@pytest.mark.parametrize("at", CALLS)
async def test_a_call_that_raises_is_told_and_the_camera_can_be_opened_again(
    counter_with: Callable[[FakeCamera], Counter], at: str, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    camera = FailingCamera(at, fault)
    counter = counter_with(camera)
    if at in WHILE_OPENING:
        with pytest.raises(DeviceFailed):
            await counter.open()
        assert counter.leases.open_count == 0
    else:
        await counter.open()
        sink = counter.watch(camera)
        if at in ("stop", "close"):
            await within(sink.shown.wait())
            await within(counter.leases.close(OWNER, camera))
        assert isinstance(
            await within(sink.ended), DeviceNotOpen if at in ("stop", "close") else DeviceFailed
        )
    await counter.serves(counter.good)
    camera.release()
    await counter.serves(camera)
    assert bool(failures()) == (fault is Fault.BREAKS)
    assert TEXT not in caplog.text


@pytest.mark.parametrize("at", CALLS)
async def test_nobody_waits_for_a_call_that_hangs(
    counter_with: Callable[[FakeCamera], Counter], at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = FailingCamera(at, Fault.HANGS)
    counter = counter_with(camera)
    if at in WHILE_OPENING:
        monkeypatch.setattr(hub, "COMMAND_SECONDS", 0.05)
        with pytest.raises(DeviceTimeout):
            await counter.open()
    else:
        await counter.open()
        monkeypatch.setattr(broadcast, "FRAME_SECONDS", 0.05 if at in ("start", "read") else PATIENCE)
        sink = counter.watch(camera)
        if at in ("start", "read"):
            assert isinstance(await within(sink.ended), DeviceTimeout)
        else:
            await within(sink.shown.wait())
        monkeypatch.setattr(hub, "COMMAND_SECONDS", 0.05)
        await within(counter.leases.close(OWNER, camera))
        await until(lambda: camera.met)
        assert sink.ended.done()
    assert counter.leases.open_count == 0
    monkeypatch.setattr(hub, "COMMAND_SECONDS", PATIENCE)
    monkeypatch.setattr(broadcast, "FRAME_SECONDS", PATIENCE)
    await counter.serves(counter.good)
    camera.release()
    await counter.serves(camera)


@pytest.mark.parametrize("at", ["start", "read"])
async def test_opening_the_same_mode_after_a_fault_touches_the_device(
    counter_with: Callable[[FakeCamera], Counter], at: str
) -> None:
    camera = FailingCamera(at, Fault.REFUSES)
    counter = counter_with(camera)
    await counter.open()
    assert isinstance(await within(counter.watch(camera).ended), DeviceFailed)
    camera.release()
    await counter.open()
    assert camera.history.count("open 640x480") == 2
    await within(counter.watch(camera).shown.wait())


class OneModeCamera(FakeCamera):
    """Takes a second mode in its time, and then may not start in it."""

    def __init__(self, starts: bool = False) -> None:
        super().__init__()
        self._starts = starts
        self.opening, self.may_open = threading.Event(), threading.Event()
        self.may_open.set()

    def open(self, mode: CameraMode) -> FakeStream:
        stream = super().open(mode)
        if mode.size == SIZES[1]:
            if not self._starts:
                stream.start = self._refuse  # type: ignore[method-assign]
            self.opening.set()
            self.may_open.wait(PATIENCE)
        return stream

    def _refuse(self) -> None:
        raise DeviceFailed(device="Fake", reason="no bandwidth")


async def test_a_mode_that_fails_while_somebody_watches_is_no_success_the_second_time_either(
    counter_with: Callable[[FakeCamera], Counter],
) -> None:
    camera = OneModeCamera()
    counter = counter_with(camera)
    await counter.open()
    sink = counter.watch(camera)
    await within(sink.shown.wait())
    with pytest.raises(DeviceFailed, match="no bandwidth"):
        await counter.open(SECOND)
    assert isinstance(await within(sink.ended), DeviceFailed)
    # Nobody watches any more: it is who does that starts it, and is told.
    await counter.open(SECOND)
    assert isinstance(await within(counter.watch(camera).ended), DeviceFailed)
    assert camera.history.count("open 320x240") == 2
    await counter.serves(camera)


@pytest.mark.parametrize("starts", [True, False])
async def test_a_page_that_goes_while_it_changes_the_mode_leaves_it_known(
    counter_with: Callable[[FakeCamera], Counter], starts: bool
) -> None:
    camera = OneModeCamera(starts)
    counter = counter_with(camera)
    await counter.open()
    sink = counter.watch(camera)
    await within(sink.shown.wait())
    camera.may_open.clear()
    taking = asyncio.create_task(counter.leases.open(SAME_ORIGIN, camera, SECOND))
    assert await asyncio.to_thread(camera.opening.wait, PATIENCE)
    taking.cancel()
    await asyncio.sleep(0)
    camera.may_open.set()
    await within(asyncio.wait([taking]))
    assert taking.cancelled()
    if not starts:
        assert isinstance(await within(sink.ended), DeviceFailed)
    # It is still the owner's, whose next opening is no empty success.
    await counter.open()
    assert camera.history.count("open 640x480") == 2
    await within(counter.watch(camera).shown.wait())


async def test_a_page_that_goes_while_its_camera_opens_leaves_it_free(
    counter_with: Callable[[FakeCamera], Counter],
) -> None:
    camera = FailingCamera("open", Fault.HANGS)
    counter = counter_with(camera)
    opening = asyncio.create_task(counter.open())
    await until(lambda: camera.met)
    # Twice, as by a connection that is lost while the service ends.
    for _ in range(2):
        opening.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
    assert not opening.done()
    camera.release()
    await within(asyncio.wait([opening]))
    assert opening.cancelled()
    await within(counter.leases.release(OWNER))
    assert camera.history == ["open 640x480", "close"]
    await counter.serves(camera)


async def test_a_viewer_that_fails_keeps_no_other_from_being_told(
    counter_with: Callable[[FakeCamera], Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = counter_with(FakeCamera())
    await counter.open()
    sinks: Sequence[Sink] = [counter.watch(counter.camera) for _ in range(5)]

    def broken(error: GaopaiError) -> None:
        raise ValueError(TEXT)

    monkeypatch.setattr(sinks[2], "end", broken)
    await within(counter.leases.close(OWNER, counter.camera))
    assert [sink.ended.done() for sink in sinks].count(True) == 4
    assert [worker.name for worker in failures()] == ["preview"]
