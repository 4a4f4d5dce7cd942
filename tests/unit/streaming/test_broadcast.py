"""Previews whose camera, painter, search or viewer fails: all who watch are told, and the next one works."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import pytest

from server.devices.ports.camera import CameraMode, PixelFormat
from server.errors import DeviceFailed, DeviceGone, DeviceNotOpen, GaopaiError
from server.runtime.background import failures
from server.streaming import broadcast, looks
from server.streaming.broadcast import Broadcast, PreviewThreads
from server.streaming.hub import Hub, HubClosed
from server.streaming.looks import Pace
from server.streaming.outline_search import OutlineSearch
from server.streaming.painter import Overlay, Painter, PreviewPicture, Variant
from tests.fakes.camera import SIZES, FakeCamera
from tests.fakes.failing import RAISING, TEXT, Failing, Fault
from tests.patience import PATIENCE


class Watch:
    """No frame ever comes, and the camera goes when it is told to."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    async def next(self, timeout: float) -> Any:
        await self.gone.wait()
        raise DeviceGone(device="a camera")


class FakeHub:
    name = "a camera"
    captures = 0

    def __init__(self) -> None:
        self.watches: list[Watch] = []

    def watch(self) -> Watch:
        self.watches.append(Watch())
        return self.watches[-1]


class Sink:
    started = True

    def __init__(self) -> None:
        self.ended: GaopaiError | None = None

    def discard(self) -> None:
        pass

    def ready(self) -> bool:
        return True

    def show(self, picture: PreviewPicture) -> None:
        pass

    def end(self, error: GaopaiError) -> None:
        self.ended = error


class SlowToEnd:
    """An outliner whose search in a thread has to come to its end first."""

    newest = ()
    may_end: asyncio.Event

    def __init__(self, *_: object) -> None:
        pass

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await self.may_end.wait()


async def test_a_preview_that_still_ends_does_not_end_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "Outliner", SlowToEnd)
    SlowToEnd.may_end = asyncio.Event()
    hub = FakeHub()
    executor = Executor()
    shown = Broadcast(hub, PreviewThreads(executor, executor, executor), lambda: None)  # type: ignore[arg-type]
    variant = Variant(overlay=Overlay.OUTLINE)
    assert variant.searches
    first = Sink()
    second = Sink()
    shown.add(first, variant)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    hub.watches[0].gone.set()
    for _ in range(5):
        await asyncio.sleep(0)
    # It fails now, and waits for the outliner; meanwhile one leaves and another comes.
    shown.remove(first)
    shown.add(second, variant)
    SlowToEnd.may_end.set()
    for _ in range(20):
        await asyncio.sleep(0)
    assert second.ended is None
    assert len(hub.watches) == 2
    # The next one is still the broadcast's own: it ends when the camera goes.
    hub.watches[1].gone.set()
    for _ in range(20):
        await asyncio.sleep(0)
    assert isinstance(second.ended, DeviceGone)


# Failing at every call ----------------------------------------------------------------------

OUTLINE = Variant(overlay=Overlay.OUTLINE)
PLAIN = Variant(rotate=90)
MODE = CameraMode(PixelFormat.MJPG, SIZES[0], 30.0)


class Viewer:
    """Counts what it is shown and notes how it ends."""

    started = True

    def __init__(self) -> None:
        self.shown = 0
        self.ended: GaopaiError | None = None

    def ready(self) -> bool:
        return True

    def show(self, picture: PreviewPicture) -> None:
        self.shown += 1

    def discard(self) -> None:
        pass

    def end(self, error: GaopaiError) -> None:
        self.ended = error

    async def sees(self, more: int = 3) -> None:
        """Return when it was shown so many more."""
        before = self.shown
        await until(lambda: self.shown >= before + more)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.002)


async def within(waited: Awaitable[Any]) -> Any:
    async with asyncio.timeout(PATIENCE):
        return await waited


@pytest.fixture
async def live() -> AsyncIterator[Broadcast]:
    """The broadcast of a camera that delivers."""
    hub = Hub(FakeCamera())
    await within(hub.open(MODE))
    with ThreadPoolExecutor(1) as painters, ThreadPoolExecutor(1) as searchers:
        shown = Broadcast(hub, PreviewThreads(painters, searchers, searchers), lambda: None)
        yield shown
        shown.end(DeviceNotOpen(opener="OpenCamera"))
        await within(hub.close())


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> FailingSearch:
    """The search for outlines, which does as the test says."""
    monkeypatch.setattr(looks, "FAILED_SECONDS", 0.0)
    monkeypatch.setattr(broadcast, "PACE", Pace(0.0, 0.0))
    failing = FailingSearch()
    monkeypatch.setattr(OutlineSearch, "update", failing.update)
    return failing


class FailingSearch:
    def __init__(self) -> None:
        self.begun = 0
        self.fault: Fault | None = None
        self.released = threading.Event()

    def update(self, *_: object) -> tuple[()]:
        self.begun += 1
        if self.fault is Fault.REFUSES:
            raise DeviceFailed(device="Fake", reason="x")
        if self.fault is Fault.BREAKS:
            raise ValueError(TEXT)
        if self.fault is Fault.HANGS:
            assert self.released.wait(PATIENCE)
        return ()


@pytest.mark.parametrize("fault", Fault)
async def test_a_search_that_fails_ends_no_preview_and_goes_on(
    live: Broadcast, search: FailingSearch, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    search.fault = fault
    viewer = Viewer()
    live.add(viewer, OUTLINE)
    await until(lambda: search.begun >= (1 if fault is Fault.HANGS else 3))
    await viewer.sees()
    assert viewer.ended is None
    assert {worker.name for worker in failures()} == (set() if fault is Fault.HANGS else {"outline search"})
    search.fault = None
    search.released.set()
    begun = search.begun
    await until(lambda: search.begun >= begun + 3)
    await viewer.sees()
    assert TEXT not in caplog.text


async def test_a_search_that_waits_too_long_for_a_frame_ends_no_preview(
    live: Broadcast, search: FailingSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "FRAME_SECONDS", 0.0)
    viewer = Viewer()
    live.add(viewer, OUTLINE)
    await viewer.sees(10)
    assert viewer.ended is None
    assert failures() == ()


@pytest.mark.parametrize("error", [DeviceFailed(device="Fake", reason="x"), ValueError(TEXT)], ids=repr)
async def test_a_picture_that_cannot_be_painted_is_told_to_all_of_its_variant(
    live: Broadcast, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> PreviewPicture:
        raise error

    others = [Viewer(), Viewer()]
    turned = [Viewer(), Viewer()]
    for viewer in others:
        live.add(viewer, Variant())
    await others[0].sees()
    with monkeypatch.context() as patch:
        patch.setattr(Painter, "passes", lambda painter, *_: painter._variant == Variant())
        straight = Painter.paint
        patch.setattr(
            Painter,
            "paint",
            lambda painter, *_: (straight if painter._variant == Variant() else broken)(painter, *_),
        )
        for viewer in turned:
            live.add(viewer, PLAIN)
        await until(lambda: all(viewer.ended is not None for viewer in turned))
    assert all(isinstance(viewer.ended, DeviceFailed) for viewer in turned)
    assert [worker.name for worker in failures()] == ([] if isinstance(error, GaopaiError) else ["preview"])
    for viewer in others:
        await viewer.sees()
        assert viewer.ended is None
    again = Viewer()
    live.add(again, PLAIN)
    await again.sees()
    assert TEXT not in caplog.text


async def test_a_preview_that_cannot_even_begin_is_told(
    live: Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError(TEXT)

    viewer = Viewer()
    with monkeypatch.context() as patch:
        patch.setattr(broadcast, "Painter", broken)
        live.add(viewer, PLAIN)
        await until(lambda: viewer.ended is not None)
    assert [(worker.name, worker.count) for worker in failures()] == [("preview", 1)]
    again = Viewer()
    live.add(again, PLAIN)
    await again.sees()


@pytest.mark.parametrize("fault", RAISING)
@pytest.mark.parametrize("at", ["ready", "show", "end"])
async def test_a_viewer_that_fails_leaves_nobody_waiting(live: Broadcast, at: str, fault: Fault) -> None:
    viewers = [Viewer(), Viewer()]
    broken = Failing(Viewer(), at, fault)
    if at == "ready":
        viewers.clear()  # one of them may be asked first, which is enough
    for viewer in (broken, *viewers):
        live.add(viewer, PLAIN)  # type: ignore[arg-type]
    if at == "end":
        await viewers[0].sees()
        live.end(DeviceGone(device="Fake"))
    await until(lambda: "end" in broken.calls and all(viewer.ended is not None for viewer in viewers))
    assert broken.calls.count("end") == 1
    again = Viewer()
    live.add(again, PLAIN)
    await again.sees()


class BrokenHub:
    """A hub that fails when it is watched, or when a frame is waited for."""

    name = "Fake"
    captures = 0

    def __init__(self, at: str, error: Exception) -> None:
        self._at = at
        self._error = error

    def watch(self) -> Self:
        if self._at == "watch":
            raise self._error
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    async def next(self, timeout: float) -> Any:
        raise self._error


@pytest.mark.parametrize("at", ["watch", "next"])
@pytest.mark.parametrize(
    ("error", "told"),
    [(DeviceGone(device="Fake"), DeviceGone), (HubClosed(), DeviceNotOpen), (ValueError(TEXT), DeviceFailed)],
    ids=repr,
)
async def test_a_camera_that_fails_is_told_to_all_who_watch(
    at: str, error: Exception, told: type[GaopaiError]
) -> None:
    executor = Executor()
    shown = Broadcast(BrokenHub(at, error), PreviewThreads(*[executor] * 3), lambda: None)  # type: ignore[arg-type]
    viewers = {variant: Viewer() for variant in (Variant(), PLAIN, OUTLINE)}
    for variant, viewer in viewers.items():
        shown.add(viewer, variant)
    await until(lambda: all(viewer.ended is not None for viewer in viewers.values()))
    assert all(isinstance(viewer.ended, told) for viewer in viewers.values())
