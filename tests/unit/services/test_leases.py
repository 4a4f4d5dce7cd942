"""Leases whose finders fail at every call: they answer, lend on, and close all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from server.access.client import Client
from server.devices import registry
from server.devices.ports.card_reader import CardReader
from server.errors import DeviceFailed, DriverMissing, LocalizedText, NoSuchDevice
from server.runtime.background import failures
from server.services import leases
from server.services.leases import DeviceLeases
from tests.fakes.card_reader import FakeCardReader
from tests.fakes.failing import RAISING, TEXT, Failing, Fault
from tests.fakes.listed import ListedFinder
from tests.patience import PATIENCE

CLIENT = Client(1, None)
USE = LocalizedText("另一次", "another")
LACKING = DriverMissing(kind=LocalizedText("读卡器", "card readers"), reason="x")

Leases = DeviceLeases[CardReader]


@pytest.fixture(autouse=True)
def every_list_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(registry, "POLL_SECONDS", 0.005)
    monkeypatch.setattr(registry, "SETTLE_SECONDS", 0.0)


def leases_of(*finders: Any, seconds: float = PATIENCE) -> Leases:
    return DeviceLeases("card readers", finders, seconds, USE)


def reader(name: str) -> FakeCardReader:
    return FakeCardReader(name)


async def within(waited: Awaitable[Any]) -> Any:
    async with asyncio.timeout(PATIENCE):
        return await waited


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.002)


def names(devices: Any) -> list[str]:
    return [device.info.name for device in devices]


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("ask", ["list", "present", "search_again"])
async def test_a_search_that_fails_leaves_the_others_devices(ask: str, fault: Fault) -> None:
    bad = Failing(ListedFinder(reader("bad")), "find", fault)
    lender = leases_of(bad, ListedFinder(reader("good")), seconds=0.02)

    def asked() -> Awaitable[Any]:
        return lender.list(CLIENT) if ask == "list" else getattr(lender, ask)()

    assert names(await within(asked())) == ["good"]
    assert bool(failures()) == (fault in RAISING)
    bad.release()
    # What is known suffices for `present`; who looks finds the rest.
    assert names(await within(lender.search_again())) == ["good", "bad"]
    assert names(await within(asked())) == ["good", "bad"]


@pytest.mark.parametrize("fault", Fault)
async def test_where_nothing_is_found_it_is_an_answer_and_the_next_one_is_another(fault: Fault) -> None:
    bad = Failing(ListedFinder(reader("bad")), "find", fault)
    lender = leases_of(bad, seconds=0.02)
    assert await within(lender.list(CLIENT)) == ()
    with pytest.raises(NoSuchDevice):
        await within(lender.numbered(CLIENT, 0))
    bad.release()
    assert names(await within(lender.list(CLIENT))) == ["bad"]
    assert (await within(lender.numbered(CLIENT, 0))).info.name == "bad"


@pytest.mark.parametrize("fault", RAISING)
async def test_a_finder_that_cannot_say_what_it_lacks_is_an_error_once(fault: Fault) -> None:
    bad = Failing(ListedFinder(), "missing", fault)
    bad.lacks = LACKING
    lender = leases_of(bad)
    with pytest.raises((DeviceFailed, ValueError)):
        await within(lender.list(CLIENT))
    bad.release()
    with pytest.raises(DriverMissing):
        await within(lender.list(CLIENT))
    bad.lacks = None
    assert await within(lender.list(CLIENT)) == ()


@pytest.mark.parametrize("fault", RAISING)
@pytest.mark.parametrize("at", ["find", "change_fd", "acknowledge_change"])
async def test_the_first_search_and_hot_plug_go_on_beside_a_finder_that_fails(at: str, fault: Fault) -> None:
    bad = Failing(ListedFinder(), at, fault)
    good = ListedFinder(reader("first"))
    lender = leases_of(bad, good)
    lender.start()
    await until(lambda: names(lender.registry.devices) == ["first"])
    good.devices.append(reader("second"))
    good.changed = True
    await until(lambda: names(lender.registry.devices) == ["first", "second"])
    await until(bad.met.is_set)
    bad.release()
    bad.devices.append(reader("third"))
    bad.changed = True
    await until(lambda: names(lender.registry.devices) == ["first", "second", "third"])
    await within(lender.close())


async def test_who_asks_while_a_search_hangs_is_answered_when_it_is_given_up() -> None:
    bad = Failing(ListedFinder(), "find", Fault.HANGS)
    lender = leases_of(bad, ListedFinder(reader("good")), seconds=0.02)
    asking = [asyncio.create_task(lender.list(Client(number, None))) for number in range(5)]
    for answer in await within(asyncio.gather(*asking)):
        assert names(answer) == ["good"]


@pytest.mark.parametrize("fault", RAISING)
async def test_closing_tries_every_finder(fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    finders = [Failing(ListedFinder(), "close", fault) for _ in range(3)]
    lender = leases_of(*finders)
    lender.start()
    await within(lender.close())
    assert [finder.calls.count("close") for finder in finders] == [1, 1, 1]
    assert [(worker.name, worker.count) for worker in failures()] == [("closing of card readers", 3)]
    assert TEXT not in caplog.text


async def test_closing_tries_every_finder_beside_one_that_hangs() -> None:
    finders = [Failing(ListedFinder(), "close", Fault.HANGS if number == 0 else None) for number in range(3)]
    lender = leases_of(*finders)
    closing = asyncio.create_task(lender.close())
    await until(lambda: [finder.calls.count("close") for finder in finders] == [1, 1, 1])
    # Who waits has a bound of his own, and can give it up.
    closing.cancel()
    await within(asyncio.wait([closing]))
    assert closing.cancelled()


async def test_what_was_lent_is_given_back_by_whoever_fails() -> None:
    lent = reader("good")
    lender = leases_of(ListedFinder(lent))
    await within(lender.list(CLIENT))
    with pytest.raises(ValueError, match=TEXT), lender.lend((lent,)):
        raise ValueError(TEXT)
    with lender.lend((lent,)) as free:
        assert free == [lent]


async def test_a_device_that_comes_is_found_by_who_searches_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "FRESH_SECONDS", 3600.0)
    finder = ListedFinder[CardReader]()
    lender = leases_of(finder)
    assert await within(lender.list(CLIENT)) == ()
    finder.devices.append(reader("late"))
    assert names(await within(lender.search_again())) == ["late"]


async def test_a_device_that_is_lent_is_not_disturbed_by_who_searches_again() -> None:
    lent = reader("lent")
    finder = ListedFinder[CardReader](lent)
    lender = leases_of(finder)
    await within(lender.list(CLIENT))
    found = finder.found
    with lender.lend((lent,)):
        assert names(await within(lender.search_again())) == ["lent"]
    assert finder.found == found
