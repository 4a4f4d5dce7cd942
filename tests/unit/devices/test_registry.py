"""A registry whose finders fail at every call: their own devices are missed, and nothing else."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from server.devices import registry
from server.devices.registry import Registry
from server.runtime.background import failures
from tests.fakes.failing import RAISING, TEXT, Failing, Fault
from tests.fakes.listed import ListedFinder
from tests.patience import PATIENCE


@dataclass(frozen=True)
class Identity:
    id: str


@dataclass(frozen=True)
class Device:
    info: Identity


def device(name: str) -> Device:
    return Device(Identity(name))


class TellingFinder(ListedFinder[Device]):
    """Tells of a change by a descriptor."""

    def __init__(self, *devices: Device) -> None:
        super().__init__(*devices)
        self.descriptor = os.eventfd(0, os.EFD_NONBLOCK)

    def change_fd(self) -> int | None:
        return self.descriptor

    def acknowledge_change(self) -> bool:
        return os.eventfd_read(self.descriptor) > 0

    def plug(self, plugged: Device) -> None:
        self.devices.append(plugged)
        os.eventfd_write(self.descriptor, 1)


AnyRegistry = Registry[Any, Any]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(registry, "SETTLE_SECONDS", 0.0)


@pytest.fixture
async def started() -> AsyncIterator[Callable[..., AnyRegistry]]:
    """Makes registries that are stopped at the end."""
    made: list[AnyRegistry] = []

    def make(*finders: object, seconds: float = PATIENCE) -> AnyRegistry:
        made.append(Registry("devices", finders, lambda finder: finder.find(), _as_found, seconds))
        return made[-1]

    yield make
    for one in made:
        await within(one.stop())


def _as_found(found: Sequence[Device], before: Sequence[Device]) -> Sequence[Device]:
    return found


def listed(registry: AnyRegistry) -> list[str]:
    return [one.info.id for one in registry.devices]


def failed() -> dict[str, int]:
    return {worker.name: worker.count for worker in failures()}


async def within(waited: Awaitable[object]) -> None:
    async with asyncio.timeout(PATIENCE):
        await waited


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.002)


@pytest.mark.parametrize("fault", Fault)
async def test_a_finder_that_fails_to_list_costs_its_own_devices_only(
    started: Callable[..., AnyRegistry], fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    bad = Failing(ListedFinder(device("bad")), "find", fault)
    both = started(bad, ListedFinder(device("good")), seconds=0.02)
    await within(both.refresh())
    assert listed(both) == ["good"]
    if fault is Fault.HANGS:
        assert "did not list its devices" in caplog.text
    else:
        assert failed() == {"search for devices": 1}
    assert TEXT not in caplog.text
    bad.release()
    await within(both.refresh())
    assert listed(both) == ["bad", "good"]


@pytest.mark.parametrize("fault", RAISING)
async def test_a_device_that_cannot_say_what_it_is_costs_its_finder_s_devices_only(
    started: Callable[..., AnyRegistry], fault: Fault
) -> None:
    nameless = Failing(device("bad"), "info", fault)
    both = started(ListedFinder(nameless), ListedFinder(device("good")))
    await within(both.refresh())
    assert listed(both) == ["good"]
    assert failed() == {"search for devices": 1}
    nameless.release()
    await within(both.refresh())
    assert listed(both) == ["bad", "good"]


@pytest.mark.parametrize("fault", RAISING)
@pytest.mark.parametrize("at", ["change_fd", "acknowledge_change"])
@pytest.mark.parametrize("kind", [ListedFinder, TellingFinder])
async def test_hot_plug_goes_on_with_a_finder_that_fails(
    started: Callable[..., AnyRegistry], kind: type[ListedFinder[Device]], at: str, fault: Fault
) -> None:
    bad = Failing(kind(), at, fault)
    good = ListedFinder[Device]()
    both = started(bad, good)
    both.watch()
    if isinstance(bad.target, TellingFinder):
        bad.plug(device("bad"))
    await until(bad.met.is_set)
    good.devices.append(device("good"))
    good.changed = True
    await until(lambda: "good" in listed(both))
    bad.release()
    if not isinstance(bad.target, TellingFinder):
        bad.devices.append(device("bad"))
        bad.changed = True
    await until(lambda: listed(both) == ["bad", "good"])
    # However often it was asked, it was told once; the log is not filled.
    assert failed() == {"hot-plug of devices": 1}


async def test_a_descriptor_that_nobody_can_empty_does_not_keep_the_loop_busy(
    started: Callable[..., AnyRegistry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "POLL_SECONDS", 3600.0)
    bad = Failing(TellingFinder(), "acknowledge_change", Fault.BREAKS)
    one = started(bad)
    one.watch()
    bad.plug(device("bad"))
    await until(bad.met.is_set)
    for _ in range(20):
        await asyncio.sleep(0)
    assert bad.calls.count("acknowledge_change") == 1


async def test_a_descriptor_that_cannot_be_watched_is_polled(started: Callable[..., AnyRegistry]) -> None:
    finder = TellingFinder()
    good = finder.descriptor
    finder.descriptor = -1
    one = started(finder)
    one.watch()
    finder.descriptor = good
    finder.plug(device("late"))
    await until(lambda: listed(one) == ["late"])


async def test_a_listener_that_fails_does_not_end_hot_plug(
    started: Callable[..., AnyRegistry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.runtime.background.FIRST_PAUSE_SECONDS", 0.0)
    finder = ListedFinder[Device]()
    told = list[list[str]]()
    one = started(finder)

    def listen() -> None:
        told.append(listed(one))
        if len(told) == 1:
            raise ValueError(TEXT)

    one.listen(listen)
    one.watch()
    for name in ("first", "second"):
        finder.devices.append(device(name))
        finder.changed = True
        await until(lambda name=name: bool(told) and name in told[-1])
    assert told == [["first"], ["first", "second"]]


async def test_nobody_waits_for_a_search_when_the_service_ends(started: Callable[..., AnyRegistry]) -> None:
    bad = Failing(ListedFinder(), "find", Fault.HANGS)
    one = started(bad)
    one.watch()
    bad.changed = True
    await until(bad.met.is_set)
    await within(one.stop())
