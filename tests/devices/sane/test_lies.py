"""What a driver says that was taken over, or that lists what anybody in the network announces."""

from __future__ import annotations

import mmap
from types import SimpleNamespace

import msgspec
import pytest

from server.children.channel import LONGEST
from server.devices.adapters.sane import wire
from server.devices.adapters.sane.scanner import SaneFeed
from server.errors import DriverCrashed

PAGE = wire.PageMessage(4, 3, 3, 8, 12, dots=100.0, time=0.0)


@pytest.mark.parametrize(
    "lie",
    [
        {"width": 400, "stride": 1200},
        {"height": 300},
        {"height": -1},
        {"width": 0},
        {"stride": 11},
        {"stride": -12, "height": -3},
        {"samples": 4, "width": 3},
        {"depth": 24, "width": 1},
        {"dots": float("nan")},
        {"width": 8, "height": 8, "samples": 1, "stride": 8},
    ],
)
async def test_a_page_that_is_none_ends_its_driver(lie: dict[str, float]) -> None:
    ended: list[bool] = []
    said = [PAGE, msgspec.structs.replace(PAGE, **lie)]

    async def hear(*_: object) -> tuple[wire.PageMessage, mmap.mmap]:
        return said.pop(0), mmap.mmap(-1, 64)

    async def finish() -> None:
        ended.append(True)

    driver = SimpleNamespace(hear=hear, finish=finish, tell=lambda _: None)
    feed = SaneFeed(driver, 1.0, "a", lambda _: None, lambda _: None, 20, lambda _: None)
    page = await feed.next()
    assert page is not None and page.pixels().shape == (3, 4, 3)
    with pytest.raises(DriverCrashed):
        await feed.next()
    assert ended == [True]


async def test_a_notice_is_told_once_and_an_unknown_one_never() -> None:
    words = [*["asleep"] * 1000, "no notice", *["doubleFeed"] * 2]
    messages = iter([*map(wire.Noticed, words), wire.ScanFinished()])

    async def hear(*_: object) -> tuple[wire.FromDriver, None]:
        return next(messages), None

    told: list[str] = []
    driver = SimpleNamespace(hear=hear, tell=lambda _: None)
    feed = SaneFeed(driver, 1.0, "a", lambda _: None, lambda _: None, 20, told.append)
    assert await feed.next() is None
    assert told == ["asleep", "doubleFeed"]


def test_a_network_full_of_scanners_hides_none_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = pytest.importorskip("server.devices.adapters.sane.worker")
    noise = [(f"airscan:e{at}:Noise {at}", "Noise" * 40, "Scanner", "ip=10.0.0.1") for at in range(5000)]
    own = ("epson2:libusb:001:002", "Epson", "Own", "flatbed scanner")
    monkeypatch.setattr(worker.sane, "get_devices", lambda: [*noise, own])
    listed = worker.list_devices()
    assert listed[0].name == own[0] and len(listed) > 100
    assert len(wire.encode(wire.Listed(listed))) <= LONGEST
