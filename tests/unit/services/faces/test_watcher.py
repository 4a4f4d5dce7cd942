"""Who looks at faces: one look for all, none for nobody, both halves of a pair together."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from server.devices.ports.camera import CameraMode, Frame, PixelFormat
from server.errors import (
    DeviceFailed,
    DeviceGone,
    DeviceNotOpen,
    FaceModelMissing,
    GaopaiError,
    LocalizedText,
)
from server.services.faces import monitoring as module
from server.services.faces.monitoring import FaceObservation, FaceWatcher
from server.streaming.hub import Hub
from server.streaming.looks import Pace
from server.streaming.pixels import BrokenFrame
from tests.fakes.camera import SIZES, FakeCamera
from tests.patience import PATIENCE

OPENER = "OpenFaceCamera"


class FakeEye:
    """Looks when the test lets it, and says what it was shown."""

    def __init__(self) -> None:
        self.made = 0
        self.shown: list[tuple[Frame, Frame | None]] = []
        self.failure: Exception | None = None
        self.free = threading.Event()
        self.free.set()

    def __call__(self) -> FakeEye:
        if isinstance(self.failure, FaceModelMissing):
            raise self.failure
        self.made += 1
        return self

    def detect(self, colour: Frame, infrared: Frame | None) -> FaceObservation:
        self.shown.append((colour, infrared))
        assert self.free.wait(PATIENCE)
        if self.failure is not None:
            raise self.failure
        return FaceObservation(colour, np.zeros((1, 1, 3), np.uint8), ())


class Subscriber:
    def __init__(self) -> None:
        self.sights: list[FaceObservation] = []
        self.ended: list[GaopaiError] = []

    def update(self, sight: FaceObservation) -> None:
        self.sights.append(sight)

    def end(self, error: GaopaiError) -> None:
        self.ended.append(error)


@pytest.fixture(autouse=True)
def _restless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACE", Pace(0.0, 0.0))


@pytest.fixture
def lookers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def eye() -> Iterator[FakeEye]:
    eye = FakeEye()
    yield eye
    eye.free.set()


async def opened(camera: FakeCamera) -> Hub:
    hub = Hub(camera)
    await hub.open(CameraMode(PixelFormat.MJPG, SIZES[1], 30.0))
    return hub


@pytest.fixture
def camera() -> FakeCamera:
    return FakeCamera()


@pytest.fixture
async def hub(camera: FakeCamera) -> AsyncIterator[Hub]:
    hub = await opened(camera)
    yield hub
    await hub.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.005)


async def test_all_share_one_eye_and_the_camera_rests_after_the_last(
    hub: Hub, camera: FakeCamera, eye: FakeEye, lookers: ThreadPoolExecutor
) -> None:
    watch = FaceWatcher(hub, None, lookers, eye, OPENER)
    one = Subscriber()
    other = Subscriber()
    watch.subscribe(one)
    watch.subscribe(other)
    await until(lambda: len(one.sights) > 2 and len(other.sights) > 2)
    watch.unsubscribe(one)
    seen = len(one.sights)
    await until(lambda: len(other.sights) > 6)
    watch.unsubscribe(other)
    await until(lambda: not camera.started.is_set())
    assert (eye.made, len(one.sights), one.ended) == (1, seen, [])


async def test_a_slow_look_goes_on_with_the_newest_frame(
    hub: Hub, eye: FakeEye, lookers: ThreadPoolExecutor
) -> None:
    watch = FaceWatcher(hub, None, lookers, eye, OPENER)
    subscriber = Subscriber()
    eye.free.clear()
    watch.subscribe(subscriber)
    await until(lambda: len(eye.shown) == 1)
    with hub.watch() as own:
        newest = [(await own.next(PATIENCE)).seq for _ in range(8)][-1]
    assert len(eye.shown) == 1, "frames do not queue"
    eye.free.set()
    await until(lambda: len(eye.shown) > 1)
    watch.unsubscribe(subscriber)
    assert eye.shown[1][0].seq >= newest


async def test_a_pair_is_looked_at_together_and_a_silent_half_is_left_out(
    hub: Hub, eye: FakeEye, lookers: ThreadPoolExecutor
) -> None:
    other = FakeCamera("IR")
    infrared = await opened(other)
    watch = FaceWatcher(hub, infrared, lookers, eye, OPENER)
    subscriber = Subscriber()
    watch.subscribe(subscriber)
    await until(lambda: any(unseen is not None for _, unseen in eye.shown))
    frame, unseen = next(both for both in eye.shown if both[1] is not None)
    assert unseen is not None and abs(frame.time - unseen.time) <= module.SKEW_SECONDS
    other.frozen.set()
    await until(lambda: eye.shown[-1][1] is None)
    count = len(eye.shown)
    await until(lambda: len(eye.shown) > count)
    watch.unsubscribe(subscriber)
    await infrared.close()


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (DeviceGone(device="Fake"), DeviceGone),
        (FaceModelMissing(role="r", purpose=LocalizedText("做", "do")), FaceModelMissing),
        (ValueError("SECRET-31"), DeviceFailed),
    ],
)
async def test_whoever_waits_hears_why_no_look_comes(
    hub: Hub,
    eye: FakeEye,
    lookers: ThreadPoolExecutor,
    caplog: pytest.LogCaptureFixture,
    failure: Exception,
    told: type[GaopaiError],
) -> None:
    caplog.set_level(logging.DEBUG)
    watch = FaceWatcher(hub, None, lookers, eye, OPENER)
    subscriber = Subscriber()
    eye.failure = failure
    watch.subscribe(subscriber)
    await until(lambda: bool(subscriber.ended))
    assert [type(error) for error in subscriber.ended] == [told]
    assert "SECRET" not in caplog.text and "SECRET" not in str(subscriber.ended[0])
    eye.failure = None
    watch.subscribe(subscriber)
    await until(lambda: bool(subscriber.sights))
    watch.unsubscribe(subscriber)


async def test_a_broken_frame_is_passed_over(hub: Hub, eye: FakeEye, lookers: ThreadPoolExecutor) -> None:
    watch = FaceWatcher(hub, None, lookers, eye, OPENER)
    subscriber = Subscriber()
    eye.failure = BrokenFrame()
    watch.subscribe(subscriber)
    await until(lambda: len(eye.shown) > 2)
    eye.failure = None
    await until(lambda: bool(subscriber.sights))
    watch.unsubscribe(subscriber)
    assert subscriber.ended == []


async def test_a_camera_that_closes_or_fails_ends_it(
    hub: Hub, camera: FakeCamera, eye: FakeEye, lookers: ThreadPoolExecutor
) -> None:
    watch = FaceWatcher(hub, None, lookers, eye, OPENER)
    subscriber = Subscriber()
    watch.subscribe(subscriber)
    await until(lambda: bool(subscriber.sights))
    await hub.close()
    await until(lambda: bool(subscriber.ended))
    assert isinstance(subscriber.ended[0], DeviceNotOpen)
    failing = await opened(camera)
    second = FaceWatcher(failing, None, lookers, eye, OPENER)
    second.subscribe(subscriber)
    camera.fault = DeviceGone(device="Fake")
    await until(lambda: len(subscriber.ended) == 2)
    assert isinstance(subscriber.ended[1], DeviceGone)
    await failing.close()
