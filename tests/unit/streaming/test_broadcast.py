"""Who comes while the last preview still ends is shown the camera all the same."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from types import TracebackType
from typing import Any, Self

import pytest

from server.errors import DeviceGone, GaopaiError
from server.streaming import broadcast
from server.streaming.broadcast import Broadcast
from server.streaming.variants import Overlay, PreviewPicture, Variant


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
    hub, executor = FakeHub(), Executor()
    shown = Broadcast(hub, executor, executor, lambda: None)  # type: ignore[arg-type]
    variant = Variant(overlay=Overlay.OUTLINE)
    assert variant.searches
    first, second = Sink(), Sink()
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
