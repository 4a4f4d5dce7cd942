"""Readers, and cards that come and go."""

from __future__ import annotations

import asyncio
import threading

import pytest

from server.devices.adapters.pcsc import finder as service
from server.devices.adapters.pcsc.finder import PcscReaderFinder
from server.devices.adapters.pcsc.reader import PcscReader
from server.devices.ports.card_reader import CardKind
from server.errors import DeviceFailed, DeviceGone, DriverMissing, NoCard
from tests.devices.pcsc.conftest import Insert
from tests.devices.pcsc.pcscd import Pcscd
from tests.fakes.smartcards.bank import BankCard
from tests.fakes.smartcards.social import NUMBER, SocialSecurityCard
from tests.patience import PATIENCE


async def until_present(reader: PcscReader, present: bool = True) -> None:
    async with asyncio.timeout(PATIENCE):
        while await reader.present() is not present:
            await asyncio.sleep(0.02)


async def until_changed(finder: PcscReaderFinder) -> None:
    async with asyncio.timeout(PATIENCE):
        while not finder.acknowledge_change():
            await asyncio.sleep(0.02)


async def test_every_slot_is_a_reader(finder: PcscReaderFinder) -> None:
    readers = await finder.find()
    assert [reader.info.id for reader in readers] == ["pcsc:Virtual PCD 00 00", "pcsc:Virtual PCD 00 01"]
    assert [reader.info.name for reader in readers] == ["Virtual PCD", "Virtual PCD (2)"]
    assert all(reader.info.kinds == {CardKind.SOCIAL, CardKind.BANK} for reader in readers)
    assert finder.missing() is None


async def test_a_reader_stays_the_same_as_long_as_it_is_there(finder: PcscReaderFinder) -> None:
    assert list(await finder.find()) == list(await finder.find())


async def test_a_card_is_seen_coming_and_going(reader: PcscReader, insert: Insert) -> None:
    assert await reader.present() is False
    card = insert(SocialSecurityCard())
    await until_present(reader)
    await asyncio.to_thread(card.take_out)
    await until_present(reader, False)


async def test_a_card_is_waited_for(reader: PcscReader, insert: Insert) -> None:
    waiting = asyncio.create_task(reader.wait(PATIENCE))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    insert(SocialSecurityCard())
    await waiting
    assert (await reader.read(CardKind.SOCIAL)).number == NUMBER


async def test_a_card_that_is_there_is_not_waited_for(reader: PcscReader, insert: Insert) -> None:
    insert(SocialSecurityCard())
    await reader.wait(PATIENCE)
    await reader.wait(0.001)


async def test_no_card_comes(reader: PcscReader) -> None:
    with pytest.raises(NoCard, match=r"within 0\.2 seconds.*Virtual PCD"):
        await reader.wait(0.2)


async def test_a_wait_can_be_cancelled(reader: PcscReader, insert: Insert) -> None:
    waiting = asyncio.create_task(reader.wait(PATIENCE))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    insert(SocialSecurityCard())
    await reader.wait(PATIENCE)


async def test_cards_in_two_readers_are_told_apart(readers: list[PcscReader], insert: Insert) -> None:
    first, second = readers
    insert(SocialSecurityCard(), slot=1)
    await second.wait(PATIENCE)
    assert await first.present() is False
    insert(BankCard())
    await first.wait(PATIENCE)
    social, bank = await asyncio.gather(second.read(CardKind.SOCIAL), first.read(CardKind.BANK))
    assert social.number == NUMBER
    assert bank.number != NUMBER


async def test_a_service_that_stops_and_starts_is_survived(
    finder: PcscReaderFinder, reader: PcscReader, pcscd: Pcscd, insert: Insert
) -> None:
    await until_changed(finder)
    waiting = asyncio.create_task(reader.wait(PATIENCE))
    await asyncio.to_thread(pcscd.kill)
    async with asyncio.timeout(PATIENCE):
        while finder.missing() is None:
            await asyncio.sleep(0.02)
    assert isinstance(finder.missing(), DriverMissing)
    await until_changed(finder)
    with pytest.raises(DeviceFailed, match="pcscd is not running"):
        await reader.present()
    assert not waiting.done()

    await asyncio.to_thread(pcscd.start)
    insert(SocialSecurityCard())
    await waiting
    await until_changed(finder)
    assert (await reader.read(CardKind.SOCIAL)).number == NUMBER
    assert next(iter(await finder.find())).info == reader.info


async def test_a_reader_that_is_gone_after_a_restart_is_gone(
    finder: PcscReaderFinder, reader: PcscReader, pcscd: Pcscd
) -> None:
    waiting = asyncio.create_task(reader.wait(PATIENCE))
    await asyncio.to_thread(pcscd.kill)
    pcscd.plug(False)
    await asyncio.to_thread(pcscd.start)
    with pytest.raises(DeviceGone):
        await waiting
    assert await finder.find() == []
    assert finder.missing() is None
    with pytest.raises(DeviceGone):
        await reader.read(CardKind.BANK)


async def test_finding_does_not_wait_for_the_next_try(
    finder: PcscReaderFinder, reader: PcscReader, pcscd: Pcscd
) -> None:
    await asyncio.to_thread(pcscd.kill)
    async with asyncio.timeout(PATIENCE):
        while finder.missing() is None:
            await asyncio.sleep(0.02)
    await asyncio.to_thread(pcscd.start)
    assert len(await finder.find()) == 2


async def test_a_service_that_was_never_there(pcscd: Pcscd) -> None:
    await asyncio.to_thread(pcscd.end)
    finder = PcscReaderFinder()
    missing = finder.missing()
    assert isinstance(missing, DriverMissing)
    assert "pcscd is not running" in str(missing)
    assert await finder.find() == []
    assert isinstance(finder.missing(), DriverMissing)
    await finder.close()


async def test_a_service_that_hangs_lists_no_readers(
    pcscd: Pcscd, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("server.devices.adapters.pcsc.finder.FIND_SECONDS", 0.3)
    pcscd.pause(True)
    finder = PcscReaderFinder()
    assert await finder.find() == []
    assert "did not list its readers" in caplog.text
    pcscd.pause(False)
    async with asyncio.timeout(PATIENCE):
        while not await finder.find():
            pass
    await finder.close()


async def test_nothing_is_left_behind(pcscd: Pcscd, insert: Insert) -> None:
    finder = PcscReaderFinder()
    reader, _ = await finder.find()
    insert(SocialSecurityCard())
    await reader.wait(PATIENCE)
    await finder.close()
    assert "smart card monitor" not in {thread.name for thread in threading.enumerate()}


async def test_the_doctor_hears_how_many_readers_there_are(pcscd: Pcscd) -> None:
    access = await asyncio.to_thread(service.access)
    assert access.ok
    assert access.reason.en == "lists 2 readers"
    await asyncio.to_thread(pcscd.end)
    access = await asyncio.to_thread(service.access)
    assert not access.ok
    assert "pcscd" in access.remedy.en
