"""The whole service over the real protocol stacks: pcscd with virtual cards, a SAM-V module at a terminal."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from server import config as configuration
from server.app import create_app
from server.config import Config
from server.equipment import Finders, card_finders
from tests.devices.pcsc.pcscd import Pcscd
from tests.devices.pcsc.vpcd import Inserted
from tests.devices.samv import people
from tests.devices.samv.module import Module
from tests.devices.samv.people import FakeCard, citizen
from tests.devices.samv.serial_port import SerialPort
from tests.fakes.smartcards import bank, social
from tests.fakes.smartcards.bank import BankCard
from tests.fakes.smartcards.card import VirtualCard
from tests.fakes.smartcards.social import SocialSecurityCard
from tests.functional.page import Message, Page, connect
from tests.patience import PATIENCE, PATIENCE_MS

RESIDENT, SOCIAL, BANK = range(3)


@pytest.fixture
def pcscd(tmp_path: Path) -> Iterator[Pcscd]:
    """One reader of two slots."""
    pytest.importorskip("smartcard", reason="pyscard is not installed: pip install 'gaopai[card]'")
    daemon = Pcscd(tmp_path / "pcscd")
    daemon.start()
    yield daemon
    daemon.end()


@pytest.fixture
def insert(pcscd: Pcscd) -> Iterator[Callable[[VirtualCard, int], Inserted]]:
    """Puts a card into a slot."""
    inserted: list[Inserted] = []

    def insert(card: VirtualCard, slot: int) -> Inserted:
        inserted.append(Inserted(card, pcscd.port + slot))
        return inserted[-1]

    yield insert
    for card in inserted:
        card.take_out()


@pytest.fixture
def module() -> Module:
    """A module without a card."""
    return Module()


@pytest.fixture
async def page(config: Config, pcscd: Pcscd, module: Module) -> AsyncIterator[Page]:
    """A page of a service that has both."""
    pytest.importorskip("serial", reason="pyserial is not installed: pip install 'gaopai[card]'")
    port = SerialPort(module)
    cards = configuration.CardsConfig(samv=(str(port.path),), samv_usb=())
    settings = configuration.replace(config, cards=cards)
    found = await asyncio.to_thread(lambda: tuple(card_finders(settings, False)))
    finders = Finders(cards=found)
    app = await asyncio.to_thread(create_app, settings, finders)
    runner = web.AppRunner(app, shutdown_timeout=5.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with connect(f"ws://127.0.0.1:{runner.addresses[0][1]}/") as page:
        readers = (await page.must("GetCardReaderInfo"))["cardReaders"]
        assert [reader["idTypes"] for reader in readers] == [[1, 2], [1, 2], [0]]
        yield page
    await runner.cleanup()
    port.unplug()


async def read(page: Page, kind: int, **parameters: object) -> Message:
    """The answer to a reading."""
    return await page.ask("ReadIDCardInfo", idType=kind, **{"timeout": PATIENCE_MS, **parameters})


async def until(page: Page, kind: int, code: int, **parameters: object) -> None:
    """Read until that comes of it: pcscd looks into a slot a few times a second."""
    async with asyncio.timeout(PATIENCE):
        while (await read(page, kind, **parameters))["result"] != code:
            pass


Insert = Callable[[VirtualCard, int], Inserted]


async def test_each_kind_is_read_where_it_can_be(page: Page, insert: Insert, module: Module) -> None:
    insert(SocialSecurityCard(), 0)
    insert(BankCard(), 1)
    module.put(FakeCard(citizen()))
    assert (await read(page, SOCIAL))["IDCardInfo"]["id"] == social.NUMBER
    assert (await read(page, BANK))["idNum"] == bank.NUMBER
    card = (await read(page, RESIDENT))["cardInfo"]
    assert (card["name"], card["id"]) == (people.NAME, people.NUMBER)
    assert base64.b64decode(card["imageWlt"]) == people.PORTRAIT
    assert card["imageBase64"] == "" and card["imageReason"]


async def test_a_card_that_is_inserted_while_it_is_waited_for(page: Page, insert: Insert) -> None:
    number = await page.send("ReadIDCardInfo", idType=BANK, timeout=PATIENCE_MS)
    await asyncio.sleep(0.3)
    insert(BankCard(), 1)
    assert (await page.answer(number))["idNum"] == bank.NUMBER


async def test_a_card_of_another_kind_in_the_first_slot_is_passed_over(page: Page, insert: Insert) -> None:
    insert(BankCard(), 0)
    await until(page, SOCIAL, 6004, timeout=100)
    number = await page.send("ReadIDCardInfo", idType=SOCIAL, timeout=PATIENCE_MS)
    insert(SocialSecurityCard(), 1)
    assert (await page.answer(number))["IDCardInfo"]["id"] == social.NUMBER


async def test_two_cards_of_the_kind_are_told_and_one_may_be_named(page: Page, insert: Insert) -> None:
    insert(SocialSecurityCard(), 0)
    insert(SocialSecurityCard(), 1)
    await until(page, SOCIAL, 6006)
    assert (await read(page, SOCIAL, devNum=1))["result"] == 0


async def test_what_goes_wrong_is_told_and_the_next_card_is_read(page: Page, insert: Insert) -> None:
    assert (await read(page, SOCIAL, timeout=100))["result"] == 6002
    card = insert(SocialSecurityCard(), 0)
    card.before_answer = lambda command: card.take_out() if command[1] == 0xB2 else None
    assert (await read(page, SOCIAL))["result"] == 6003
    wrong = insert(BankCard(), 0)
    assert (await read(page, SOCIAL))["result"] == 6004
    await asyncio.to_thread(wrong.take_out)
    insert(SocialSecurityCard(), 1)
    await until(page, SOCIAL, 0)


async def test_a_pin_is_sent_only_if_the_page_gave_one(page: Page, insert: Insert) -> None:
    inserted = insert(SocialSecurityCard(protected=frozenset((0x09,))), 0)
    assert (await read(page, SOCIAL))["IDCardInfo"]["name"] == ""
    assert not any(command[1] == 0x20 for command in inserted.card.commands)
    assert (await read(page, SOCIAL, pin=social.PIN))["IDCardInfo"]["name"] == social.NAME


async def test_a_wait_at_all_readers_is_given_up_at_once(page: Page, insert: Insert, module: Module) -> None:
    for kind in (SOCIAL, RESIDENT):
        number = await page.send("ReadIDCardInfo", idType=kind, timeout=600_000)
        await asyncio.sleep(0.2)
        await page.send("CancelScan")
        assert (await page.answer(number))["result"] == 1009
    insert(BankCard(), 0)
    assert (await read(page, BANK))["result"] == 0
    module.put(FakeCard(citizen()))
    assert (await read(page, RESIDENT))["result"] == 0
