"""A hub whose camera fails at every call: whoever waits is told, and the camera can be opened again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from server.devices.ports.camera import CameraMode, PixelFormat
from server.errors import DeviceFailed, DeviceGone, DeviceTimeout, GaopaiError
from server.runtime import background
from server.runtime.background import failures
from server.streaming import hub as hubs
from server.streaming.hub import Hub, HubClosed
from tests.fakes.camera import SIZES, FakeCamera, FakeStream
from tests.fakes.failing import RAISING, TEXT, FailingCamera, Fault
from tests.patience import PATIENCE

CALLS = ("open", "mode", "start", "read", "stop", "close")
MODE = CameraMode(PixelFormat.MJPG, SIZES[0], 15.0)
OTHER = CameraMode(PixelFormat.MJPG, SIZES[1], 15.0)
THREAD = "camera"


@pytest.fixture(autouse=True)
def no_thread_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Cameras stop at once when nobody watches; every device thread ends, and none is started again."""
    monkeypatch.setattr(hubs, "LINGER_SECONDS", 0.0)
    monkeypatch.setattr(background, "FIRST_PAUSE_SECONDS", 2 * PATIENCE)
    yield
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join(PATIENCE)
            assert not thread.is_alive()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.002)


async def one_frame(hub: Hub, seconds: float = PATIENCE) -> None:
    with hub.watch() as watch:
        await watch.next(seconds)


async def fault_of(hub: Hub, seconds: float) -> GaopaiError | None:
    """Open, watch and leave; what came of it, which is an error for pages or nothing."""
    try:
        await hub.open(MODE)
        await one_frame(hub, seconds)
    except GaopaiError as error:
        return error
    return None


async def closed(hub: Hub) -> GaopaiError | None:
    """Close; what came of it."""
    try:
        async with asyncio.timeout(PATIENCE):
            await hub.close()
    except GaopaiError as error:
        return error
    return None


@pytest.mark.parametrize("fault", RAISING)
@pytest.mark.parametrize("at", CALLS)
async def test_a_call_that_raises_is_told_and_the_next_one_works(
    at: str, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    camera = FailingCamera(at, fault)
    hub = Hub(camera)
    error = await fault_of(hub, PATIENCE)
    assert (error is None) == (at in ("stop", "close"))
    if at == "close":
        assert isinstance(await closed(hub), DeviceFailed)
    else:
        # It stops a moment after the last watcher left.
        await until(lambda: hub.error is not None)
        with pytest.raises(DeviceFailed):
            await one_frame(hub)
        camera.release()
        await hub.open(MODE)
        assert hub.error is None
        await one_frame(hub)
        assert await closed(hub) is None
        # Whatever was opened was given back.
        done = [each for each in camera.history if each.startswith("open") or each == "close"]
        assert done == [done[0], "close"] * (len(done) // 2)
    assert bool(failures()) == (fault is Fault.BREAKS)
    assert TEXT not in caplog.text


@pytest.mark.parametrize("at", CALLS)
async def test_nobody_waits_for_a_call_that_hangs(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = FailingCamera(at, Fault.HANGS)
    hub = Hub(camera)
    try:
        if at in ("open", "mode"):
            monkeypatch.setattr(hubs, "COMMAND_SECONDS", 0.05)
        error = await fault_of(hub, 0.05 if at in ("start", "read") else PATIENCE)
        assert isinstance(error, DeviceTimeout) == (at not in ("stop", "close"))
        if at == "stop":
            await until(lambda: camera.met)
        monkeypatch.setattr(hubs, "COMMAND_SECONDS", 0.05)
        assert isinstance(await closed(hub), DeviceTimeout)
        # On a busy machine the camera's own thread may come to the call after nobody waits any more.
        await until(lambda: camera.met)
    finally:
        camera.release()
    monkeypatch.setattr(hubs, "COMMAND_SECONDS", PATIENCE)
    # What hung comes to its end and gives the device back, and another hub can take it.
    await until(lambda: all(thread.name != THREAD for thread in threading.enumerate()))
    assert camera.history[-1] == "close" or at == "open"
    again = Hub(camera)
    await again.open(MODE)
    await one_frame(again)
    assert await closed(again) is None


async def test_who_watches_while_the_camera_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = FakeCamera()
    hub = Hub(camera)
    await hub.open(MODE)
    with hub.watch() as one, hub.watch() as other:
        await one.next(PATIENCE)
        camera.frozen.set()
        waiting = [asyncio.create_task(watch.next(PATIENCE)) for watch in (one, other)]
        camera.fault = DeviceGone(device="Fake")
        camera.frozen.clear()
        async with asyncio.timeout(PATIENCE):
            for error in await asyncio.gather(*waiting, return_exceptions=True):
                # A frame may have been on its way.
                assert isinstance(error, DeviceGone) or await _told(one if error is None else other)
    assert await closed(hub) is None


async def _told(watch: hubs.FrameSubscription) -> bool:
    with pytest.raises(DeviceGone):
        while True:
            await watch.next(PATIENCE)
    return True


async def test_who_watches_a_camera_that_is_closed_is_told() -> None:
    camera = FakeCamera()
    hub = Hub(camera)
    await hub.open(MODE)
    with hub.watch() as watch:
        await watch.next(PATIENCE)
        camera.frozen.set()
        waiting = asyncio.create_task(_until_closed(watch))
        await asyncio.sleep(0)
        assert await closed(hub) is None
        async with asyncio.timeout(PATIENCE):
            await waiting


async def _until_closed(watch: hubs.FrameSubscription) -> None:
    with pytest.raises(HubClosed):
        while True:
            await watch.next(PATIENCE)


class OneModeCamera(FakeCamera):
    """Takes a second mode, and then does not start in it."""

    broken = True

    def open(self, mode: CameraMode) -> FakeStream:
        stream = super().open(mode)
        if mode.size == OTHER.size and self.broken:
            stream.start = self._refuse  # type: ignore[method-assign]
        return stream

    def _refuse(self) -> None:
        raise DeviceFailed(device="Fake", reason="no bandwidth")


async def test_a_mode_that_fails_to_start_while_somebody_watches_is_an_error_until_one_starts() -> None:
    camera = OneModeCamera()
    hub = Hub(camera)
    await hub.open(MODE)
    with hub.watch() as watch:
        await watch.next(PATIENCE)
        for _ in range(2):
            with pytest.raises(DeviceFailed, match="no bandwidth"):
                await hub.open(OTHER)
            assert isinstance(hub.error, DeviceFailed)
            with pytest.raises(DeviceFailed):
                await watch.next(PATIENCE)
        assert camera.history.count("open 320x240") == 2
        await hub.open(MODE)
        assert hub.error is None
        # The first may be one of before.
        for _ in range(3):
            await watch.next(PATIENCE)
    assert await closed(hub) is None
