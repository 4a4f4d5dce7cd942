"""Readers of a PC/SC service that does what real ones do seldom."""

from __future__ import annotations

import asyncio
import logging
import select
import threading
from collections.abc import AsyncIterator

import pytest
from blockbuster import blockbuster_ctx

from server.devices.access import Account
from server.devices.adapters.pcsc import faults, library
from server.devices.adapters.pcsc import finder as service
from server.devices.adapters.pcsc.finder import PcscReaderFinder
from server.devices.adapters.pcsc.reader import PcscReader
from server.devices.ports.card_reader import CardKind, SocialCard
from server.errors import (
    CardSilent,
    CardTakenAway,
    CardUnreadable,
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DevicePermission,
    DeviceTimeout,
    DriverMissing,
    GaopaiError,
    NoCard,
)
from server.runtime.background import failures
from tests.fakes.smartcards.service import Service
from tests.fakes.smartcards.social import NAME, NUMBER, PIN, SocialSecurityCard
from tests.patience import PATIENCE

NAME_OF = "ACS ACR39U ICC Reader 00 00"
OTHER = "ACS ACR39U ICC Reader 01 00"


@pytest.fixture
def pcsc() -> Service:
    running = Service()
    running.plug(NAME_OF, SocialSecurityCard())
    return running


@pytest.fixture
async def finder(pcsc: Service) -> AsyncIterator[PcscReaderFinder]:
    with blockbuster_ctx("server"):
        finder = PcscReaderFinder(0.5, pcsc.establish)
        yield finder
        await finder.close()


@pytest.fixture
async def reader(finder: PcscReaderFinder) -> PcscReader:
    [reader] = await finder.find()
    return reader


async def social(reader: PcscReader) -> SocialCard:
    card = await reader.read(CardKind.SOCIAL)
    assert isinstance(card, SocialCard)
    return card


async def readable(descriptor: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while not select.select([descriptor], [], [], 0)[0]:
            await asyncio.sleep(0.01)


async def test_readers_are_named_for_people(finder: PcscReaderFinder, pcsc: Service) -> None:
    await finder.find()
    pcsc.plug(OTHER)
    pcsc.plug("Feitian R502 [Contact] (12AB) 02 00")
    await readable(finder.change_fd() or 0)
    async with asyncio.timeout(PATIENCE):
        while len(found := await finder.find()) < 3:
            await asyncio.sleep(0.01)
    assert [reader.info.name for reader in found] == [
        "ACS ACR39U ICC Reader",
        "ACS ACR39U ICC Reader (2)",
        "Feitian R502 [Contact] (12AB)",
    ]
    assert [reader.info.id for reader in found][:2] == [f"pcsc:{NAME_OF}", f"pcsc:{OTHER}"]


async def test_a_service_without_readers_says_so(caplog: pytest.LogCaptureFixture) -> None:
    finder = PcscReaderFinder(1, Service().establish)
    assert await finder.find() == []
    assert finder.missing() is None
    assert caplog.text == ""
    await finder.close()


async def test_plugging_is_told_and_cards_are_not(finder: PcscReaderFinder, pcsc: Service) -> None:
    [reader] = await finder.find()
    descriptor = finder.change_fd()
    assert descriptor is not None
    await readable(descriptor)
    assert finder.acknowledge_change()
    assert not finder.acknowledge_change()
    pcsc.put(NAME_OF, None)
    async with asyncio.timeout(PATIENCE):
        while await reader.present():
            await asyncio.sleep(0.01)
    assert not finder.acknowledge_change()
    pcsc.unplug(NAME_OF)
    await readable(descriptor)
    assert finder.acknowledge_change()
    assert await finder.find() == []
    with pytest.raises(DeviceGone):
        await reader.present()


async def test_a_reader_unplugged_while_a_card_is_waited_for(reader: PcscReader, pcsc: Service) -> None:
    pcsc.put(NAME_OF, None)
    async with asyncio.timeout(PATIENCE):
        while await reader.present():
            await asyncio.sleep(0.01)
    waiting = asyncio.create_task(reader.wait(PATIENCE))
    await asyncio.sleep(0)
    pcsc.unplug(NAME_OF)
    with pytest.raises(DeviceGone):
        await waiting


@pytest.mark.parametrize(
    ("call", "code", "error"),
    [
        ("connect", faults.SHARING_VIOLATION, DeviceBusy),
        ("connect", faults.NO_SMARTCARD, CardTakenAway),
        ("connect", faults.REMOVED_CARD, CardTakenAway),
        ("connect", faults.UNPOWERED_CARD, CardSilent),
        ("connect", faults.UNRESPONSIVE_CARD, CardSilent),
        ("connect", faults.PROTO_MISMATCH, CardSilent),
        ("connect", faults.UNKNOWN_READER, DeviceGone),
        ("connect", faults.READER_UNAVAILABLE, DeviceGone),
        ("connect", faults.SECURITY_VIOLATION, DevicePermission),
        ("connect", faults.NO_SERVICE, DeviceFailed),
        ("establish", faults.NO_SERVICE, DeviceFailed),
        ("establish", faults.SECURITY_VIOLATION, DevicePermission),
        ("begin", faults.SHARING_VIOLATION, DeviceBusy),
        ("begin", faults.REMOVED_CARD, CardTakenAway),
        ("transmit", faults.REMOVED_CARD, CardTakenAway),
        ("transmit", faults.COMM_ERROR, DeviceFailed),
        ("transmit", faults.INVALID_HANDLE, DeviceFailed),
        ("transmit", faults.RESET_CARD, DeviceBusy),
        ("transmit", 0x8010001F, DeviceFailed),
    ],
)
async def test_what_goes_wrong_has_an_error_of_its_own(
    reader: PcscReader, pcsc: Service, call: str, code: int, error: type[GaopaiError]
) -> None:
    released = pcsc.released
    pcsc.refusals[call] = [code]
    with pytest.raises(error):
        await social(reader)
    assert (await social(reader)).number == NUMBER
    await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE):
        while pcsc.released < released + (1 if call == "establish" else 2):
            await asyncio.sleep(0.01)


async def test_an_unknown_fault_is_told_with_its_code(reader: PcscReader, pcsc: Service) -> None:
    pcsc.refusals["transmit"] = [0x8010001F]
    with pytest.raises(DeviceFailed, match="reports 8010001F"):
        await social(reader)


async def test_a_card_that_another_program_has_reset_is_read(reader: PcscReader, pcsc: Service) -> None:
    pcsc.refusals["begin"] = [faults.RESET_CARD]
    assert (await social(reader)).number == NUMBER


async def test_a_card_is_left_as_it_is_unless_it_was_given_a_pin(reader: PcscReader, pcsc: Service) -> None:
    await social(reader)
    await reader.read(CardKind.SOCIAL, PIN)
    await social(reader)
    async with asyncio.timeout(PATIENCE):
        while len(pcsc.dispositions) < 3:
            await asyncio.sleep(0.01)
    assert pcsc.dispositions == [library.LEAVE, library.RESET, library.LEAVE]


def interrupted(pcsc: Service, then: object) -> None:
    """Have something happen in the middle of the first command, which then fails."""
    card = SocialSecurityCard()

    def hook(command: bytes, go_on: object) -> None:
        then()  # type: ignore[operator]

    card.hook = hook
    pcsc.slots[NAME_OF].card = card


async def test_a_broken_command_of_a_card_that_has_gone(reader: PcscReader, pcsc: Service) -> None:
    interrupted(pcsc, lambda: pcsc.put(NAME_OF, None))
    with pytest.raises(CardTakenAway):
        await social(reader)


async def test_a_broken_command_of_a_card_that_was_replaced(reader: PcscReader, pcsc: Service) -> None:
    interrupted(pcsc, lambda: pcsc.put(NAME_OF, SocialSecurityCard()))
    with pytest.raises(CardTakenAway):
        await social(reader)
    assert (await social(reader)).number == NUMBER


async def test_a_broken_command_of_a_reader_that_has_gone(reader: PcscReader, pcsc: Service) -> None:
    interrupted(pcsc, lambda: pcsc.unplug(NAME_OF))
    with pytest.raises(DeviceGone):
        await social(reader)


async def test_a_broken_command_of_a_service_that_has_gone(reader: PcscReader, pcsc: Service) -> None:
    interrupted(pcsc, pcsc.stop)
    with pytest.raises(DeviceFailed, match="pcscd is not running"):
        await social(reader)


async def test_a_broken_command_of_a_card_that_stays(
    reader: PcscReader, pcsc: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.devices.adapters.pcsc.reader.NOTICE_SECONDS", 0.05)
    pcsc.refusals["transmit"] = [faults.NOT_TRANSACTED]
    with pytest.raises(CardUnreadable, match="broke down"):
        await social(reader)


async def test_a_card_that_takes_for_ever_is_given_up(
    reader: PcscReader, pcsc: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.devices.adapters.pcsc.reader.READ_SECONDS", 0.2)
    card = SocialSecurityCard()
    card.hook = lambda command, go_on: threading.Event().wait(0.05) or go_on(command)
    pcsc.slots[NAME_OF].card = card
    with pytest.raises(DeviceTimeout, match=r"within 0\.2 seconds"):
        await social(reader)


async def test_no_card(reader: PcscReader, pcsc: Service) -> None:
    pcsc.put(NAME_OF, None)
    async with asyncio.timeout(PATIENCE):
        while await reader.present():
            await asyncio.sleep(0.01)
    with pytest.raises(NoCard):
        await social(reader)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [(faults.PYSCARD, "pyscard is not installed"), (faults.LIBRARY, "libpcsclite is not installed")],
)
async def test_what_is_not_installed_is_missing(missing: str, sentence: str) -> None:
    finder = PcscReaderFinder(1, Service(missing=missing).establish)
    assert await finder.find() == []
    error = finder.missing()
    assert isinstance(error, DriverMissing)
    assert sentence in str(error)
    await finder.close()


async def test_a_service_that_lets_nobody_in_is_no_missing_driver(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    refusing = Service(refusals={"establish": [faults.SECURITY_VIOLATION] * 100})
    finder = PcscReaderFinder(1, refusing.establish)
    for _ in range(3):
        assert await finder.find() == []
    assert isinstance(finder.missing(), DevicePermission)
    assert caplog.text.count("PC/SC cannot be used: denied") == 1
    refusing.refusals.clear()
    refusing.plug(NAME_OF)
    assert len(await finder.find()) == 1
    assert finder.missing() is None
    await finder.close()


async def test_a_reader_that_vanishes_while_it_is_listed_is_no_fault(pcsc: Service) -> None:
    pcsc.refusals["changed"] = [faults.UNKNOWN_READER]
    finder = PcscReaderFinder(1, pcsc.establish)
    assert len(await finder.find()) == 1
    await finder.close()


async def test_nonsense_from_the_library_is_survived(
    pcsc: Service, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder = PcscReaderFinder(1, pcsc.establish)
    with monkeypatch.context() as patch:
        patch.setattr(Service, "check", lambda *_: 1 // 0)
        assert await finder.find() == []
        assert [worker.error for worker in failures()] == ["ZeroDivisionError"]
    assert len(await finder.find()) == 1
    await finder.close()


async def test_closing_twice_or_before_anything_is_harmless(pcsc: Service) -> None:
    finder = PcscReaderFinder(1, pcsc.establish)
    await finder.close()
    await finder.close()


async def test_a_service_that_is_stopped_is_tried_again(
    pcsc: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.devices.adapters.pcsc.monitor.RETRY_SECONDS", 0.05)
    pcsc.slots[NAME_OF].card = None
    finder = PcscReaderFinder(1, pcsc.establish)
    [reader] = await finder.find()
    waiting = asyncio.create_task(reader.wait(PATIENCE))
    pcsc.stop()
    async with asyncio.timeout(PATIENCE):
        while finder.missing() is None:
            await asyncio.sleep(0.01)
    assert not waiting.done()
    pcsc.slots[NAME_OF].card = SocialSecurityCard()
    pcsc.running = True
    await waiting
    await finder.close()


@pytest.mark.parametrize(
    ("running", "ok", "word"),
    [
        (Service(), True, "lists 0 readers"),
        (Service(missing=faults.PYSCARD), False, "pip install pyscard"),
        (Service(missing=faults.LIBRARY), False, "apt install libpcsclite1"),
        (Service(running=False), False, "pcscd"),
        (Service(refusals={"establish": [faults.NO_ACCESS]}), False, 'subject.user == "clerk"'),
    ],
)
def test_the_doctor_hears_what_to_do(running: Service, ok: bool, word: str) -> None:
    access = service.access(running.establish, Account("clerk", frozenset()))
    assert access.ok is ok
    assert word in access.reason.en + access.remedy.en
    assert bool(access.remedy.zh) is not ok


def test_the_doctor_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PROBE_SECONDS", 0.05)
    release = threading.Event()

    def hangs() -> library.Context:
        release.wait(PATIENCE)
        return Service().establish()

    access = service.access(hangs, Account("clerk", frozenset()))
    release.set()
    assert not access.ok
    assert "does not answer" in access.reason.en


async def test_nothing_of_a_card_is_shown(
    reader: PcscReader, pcsc: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = [repr(await social(reader)), repr(await reader.read(CardKind.SOCIAL, PIN)), repr(vars(reader))]
    interrupted(pcsc, lambda: pcsc.put(NAME_OF, None))
    with pytest.raises(CardTakenAway) as gone:
        await social(reader)
    spoken = "\n".join([*shown, *caplog.messages, repr(gone.value), repr(gone.value.__cause__)])
    for secret in (NUMBER, NAME, PIN):
        assert secret not in spoken
