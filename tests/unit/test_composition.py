"""A service whose adapters fail at every call still starts, serves the others' devices, and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server import composition
from server.access.client import Client
from server.composition import Service
from server.config import CardsConfig, Config, FingerprintsConfig, NoticeConfig, ScanConfig
from server.devices import registry
from server.equipment import Engines, Finders
from server.runtime.background import failures
from server.services.cameras.registry import ModeChoice, camera_registry
from server.services.leases import DeviceLeases
from server.services.pools import ThreadPools
from server.storage.root import Storage
from tests.fakes.button import FakeButton
from tests.fakes.camera import FakeCamera, FakeFinder
from tests.fakes.card_reader import FakeCardReader
from tests.fakes.face_engine import FakeFaceEngine
from tests.fakes.failing import RAISING, Failing, Fault
from tests.fakes.finger_sensor import FakeFingerSensor, FakeMatcher
from tests.fakes.listed import ListedFinder
from tests.fakes.scanner import FakeScanner
from tests.patience import PATIENCE

KINDS = ("cameras", "scanners", "cards", "fingerprints", "buttons")
CALLS = [
    (kind, at, fault)
    for kind in KINDS
    for at in ("find", "close", "change_fd", "acknowledge_change")
    for fault in Fault
    # The others are called in the loop, where nothing can be bound.
    if fault in RAISING or at == "find" or (at == "close" and kind != "cameras")
]
FIRST = ModeChoice(0, 0)


class Adapters:
    """Two finders of each kind, the first of which fails at one call if it is of the kind given."""

    def __init__(self, kind: str = "", at: str = "close", fault: Fault | None = None) -> None:
        sound: dict[str, Callable[[str], object]] = {
            "cameras": lambda name: FakeFinder(FakeCamera(name)),
            "scanners": lambda name: ListedFinder(FakeScanner(name)),
            "cards": lambda name: ListedFinder(FakeCardReader(name)),
            "fingerprints": lambda name: ListedFinder(FakeFingerSensor(name)),
            "buttons": lambda name: ListedFinder(FakeButton(name)),
        }
        self.first = {
            each: Failing(sound[each]("first"), at, fault if each == kind else None) for each in KINDS
        }
        self.second = {each: Failing(sound[each]("second"), at) for each in KINDS}

    @property
    def finders(self) -> Finders:
        pairs: dict[str, Any] = {each: (self.first[each], self.second[each]) for each in KINDS}
        return Finders(**pairs)

    @property
    def all(self) -> Iterator[Failing]:
        yield from self.first.values()
        yield from self.second.values()

    def release(self) -> None:
        for finder in self.all:
            finder.release()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(registry, "SETTLE_SECONDS", 0.0)


def service_of(adapters: Adapters, folder: Path, seconds: float = PATIENCE) -> Service:
    """The service, which gives a search so long."""
    config = Config(
        notice=NoticeConfig(cameras=False),
        scan=ScanConfig(find_seconds=seconds),
        cards=CardsConfig(find_seconds=seconds),
        fingers=FingerprintsConfig(find_seconds=seconds),
    )
    service = Service(config, adapters.finders, Engines(FakeMatcher(), FakeFaceEngine()), Storage(folder))
    service.cameras.registry._seconds = service.buttons.registry._seconds = seconds
    return service


async def within(waited: Awaitable[object]) -> None:
    async with asyncio.timeout(PATIENCE):
        await waited


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.002)


async def list_the_second_of_each_kind(service: Service) -> None:
    """Search until they are listed: on a busy machine sound adapters may take longer than a moment, too."""
    lenders = (service.scanners.leases, service.cards.readers, service.fingerprints.sensors, service.buttons)
    for kind in (service.cameras, *lenders):
        async with asyncio.timeout(PATIENCE):
            while "second" not in [one.info.name for one in kind.registry.devices]:
                await kind.registry.refresh()


@pytest.mark.parametrize(("kind", "at", "fault"), CALLS)
async def test_an_adapter_that_fails_keeps_no_other_from_starting_and_closing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, at: str, fault: Fault
) -> None:
    monkeypatch.setattr(composition, "CLOSE_SECONDS", 0.1 if fault is Fault.HANGS else PATIENCE)
    adapters = Adapters(kind, at, fault)
    service = service_of(adapters, tmp_path, 0.05 if fault is Fault.HANGS else PATIENCE)
    try:
        await within(service.start())
        await list_the_second_of_each_kind(service)
        if at != "close" and fault is not Fault.HANGS:
            await until(lambda: bool(failures()))
        await within(service.close())
        for finder in adapters.all:
            assert finder.calls.count("close") == 1, finder.target
        assert bool(failures()) == (fault is not Fault.HANGS)
    finally:
        adapters.release()


@pytest.mark.parametrize("fault", Fault)
async def test_a_camera_that_does_not_close_keeps_no_other_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr(composition, "CLOSE_SECONDS", 0.1 if fault is Fault.HANGS else PATIENCE)
    adapters = Adapters()
    good = FakeCamera("Good")
    bad = FakeCamera("Bad")
    adapters.first["cameras"].cameras = [good, bad]
    straight = FakeCamera.open
    streams = list[Failing]()

    def opened(camera: FakeCamera, mode: object) -> object:
        streams.append(Failing(straight(camera, mode), "close", fault if camera is bad else None))  # type: ignore[arg-type]
        return streams[-1]

    monkeypatch.setattr(FakeCamera, "open", opened)
    service = service_of(adapters, tmp_path)
    try:
        await within(service.start())
        for camera in (good, bad):
            await within(service.cameras.leases.open(Client(1, None), camera, FIRST))
        await within(service.close())
        assert [stream.calls.count("close") for stream in streams] == [1, 1]
        for finder in adapters.all:
            assert finder.calls.count("close") == 1, finder.target
    finally:
        for stream in streams:
            stream.release()


async def test_a_search_that_hangs_keeps_one_thread_however_often_it_is_asked_for() -> None:
    pools = ThreadPools()
    bad = Failing(FakeFinder(FakeCamera()), "find", Fault.HANGS)
    cameras = camera_registry([bad], pools)  # type: ignore[list-item]
    cameras._seconds = 0.01
    try:
        for _ in range(50):
            await within(cameras.refresh())
        assert bad.calls == ["find"]
        await within(pools.run(lambda: None))
        bad.release()
        cameras._seconds = PATIENCE
        await within(cameras.refresh())
        assert len(cameras.devices) == 1
    finally:
        bad.release()
        pools.close()


async def test_what_fails_beside_the_devices_is_reported_and_keeps_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapters = Adapters()
    service = service_of(adapters, tmp_path)

    async def broken() -> None:
        raise ValueError

    monkeypatch.setattr(service.uploads, "close", broken)
    await within(service.close())
    assert [(worker.name, worker.error) for worker in failures()] == [
        ("closing of the service", "ValueError")
    ]
    assert [finder.calls for finder in adapters.all] == [["close"]] * 10


async def test_all_that_keeps_something_for_a_client_is_told_that_it_is_gone(tmp_path: Path) -> None:
    service = service_of(Adapters(), tmp_path)
    holders = (service, service.orders, *service._domains)
    parts = [part for holder in holders for part in vars(holder).values()]
    try:
        kept = [part for part in parts if hasattr(part, "release") and part is not service.cameras.leases]
        assert {id(part) for part in kept} <= {id(keeper) for keeper in service._keepers}
        lent = [part for part in parts if isinstance(part, DeviceLeases)]
        assert {id(part) for part in lent} == {id(leases) for leases in service._lenders}
    finally:
        await within(service.close())


async def test_a_release_that_fails_leaves_no_camera_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = service_of(Adapters(), tmp_path)
    client = Client(1, "https://a.example")

    def broken(client: Client) -> None:
        raise ValueError

    try:
        await within(service.start())
        (camera, *_) = service.cameras.registry.devices
        await within(service.cameras.leases.open(client, camera, FIRST))
        monkeypatch.setattr(service.cameras.auto_captures, "release", broken)
        before = sum(one.count for one in failures())
        await within(service.release(client))
        assert service.cameras.leases.open_count == 0
        assert sum(one.count for one in failures()) == before + 1
    finally:
        await within(service.close())
