"""The demo's card readers: cards that pass every check, belong to nobody, and can go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import cv2
import numpy as np
import pytest
from blockbuster import BlockBuster

from server.devices.adapters.demo import DemoCardReaderFinder, card_reader
from server.devices.adapters.demo.card_reader import CardFault, DemoCardReader
from server.devices.ports.card_reader import (
    BankCard,
    CardKind,
    CardReaderFinder,
    ResidentCard,
    SocialCard,
)
from server.errors import (
    CardSilent,
    CardTakenAway,
    DeviceBusy,
    DeviceGone,
    GaopaiError,
    NoCard,
    WrongCard,
)
from tests.patience import PATIENCE

PACE = 0.01


@pytest.fixture
async def finder(never_blocks: BlockBuster) -> AsyncIterator[DemoCardReaderFinder]:
    finder = DemoCardReaderFinder(faulty=True, pace=PACE)
    yield finder
    await finder.close()


@pytest.fixture
def reader(finder: DemoCardReaderFinder) -> DemoCardReader:
    return finder.readers[0]


def at_fault(finder: DemoCardReaderFinder, fault: CardFault) -> DemoCardReader:
    return next(reader for reader in finder.readers if fault.value in reader.info.name)


def check_digit(number: str) -> str:
    """Of GB 11643."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True)) % 11]


def luhn(number: str) -> bool:
    doubled = "".join(str(int(digit) * (1 + at % 2)) for at, digit in enumerate(reversed(number)))
    return sum(map(int, doubled)) % 10 == 0


async def test_the_sound_one_is_listed_first_and_faulty_ones_only_on_request(
    finder: DemoCardReaderFinder,
) -> None:
    port: CardReaderFinder = finder
    assert port.missing() is None
    names = [reader.info.name for reader in await port.find()]
    assert names[0] == "Demo Card Reader"
    assert len(set(names)) == 1 + len(CardFault)
    alone = DemoCardReaderFinder()
    assert [reader.info.id for reader in await alone.find()] == ["demo:card-reader"]
    await alone.close()


async def test_a_card_is_there_from_the_wait_to_the_end_of_the_reading(reader: DemoCardReader) -> None:
    assert not await reader.present()
    await reader.wait(PATIENCE)
    assert await reader.present()
    assert isinstance(await reader.read(CardKind.RESIDENT), ResidentCard)
    assert not await reader.present()
    with pytest.raises(NoCard):
        await reader.read(CardKind.RESIDENT)


async def test_numbers_pass_their_checks_and_are_issued_to_nobody(reader: DemoCardReader) -> None:
    cards = []
    for kind in CardKind:
        await reader.wait(PATIENCE)
        cards.append(await reader.read(kind))
    resident, social, bank = cards
    assert isinstance(resident, ResidentCard) and isinstance(social, SocialCard)
    assert isinstance(bank, BankCard)
    assert resident.number == social.number
    assert resident.number[17] == check_digit(resident.number[:17])
    assert resident.number[6:14] == resident.birth.replace("-", "")
    assert resident.number[14:17] == "000", "sequence numbers begin at 001"
    assert (int(resident.number[16]) % 2 == 0) == (resident.gender == "女")
    assert luhn(bank.number) and len(bank.number) == 19


async def test_the_portrait_is_drawn(reader: DemoCardReader) -> None:
    await reader.wait(PATIENCE)
    card = await reader.read(CardKind.RESIDENT)
    assert isinstance(card, ResidentCard)
    picture = cv2.imdecode(np.frombuffer(card.portrait, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (card_reader.HEIGHT, card_reader.WIDTH, 3)
    assert picture.std() > 20


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (CardFault.TAKEN_AWAY, CardTakenAway),
        (CardFault.WRONG, WrongCard),
        (CardFault.SILENT, CardSilent),
        (CardFault.UNPLUGGED, DeviceGone),
    ],
)
async def test_a_reading_that_fails(
    finder: DemoCardReaderFinder, fault: CardFault, error: type[GaopaiError]
) -> None:
    reader = at_fault(finder, fault)
    await reader.wait(PATIENCE)
    with pytest.raises(error, match=fault.value):
        await reader.read(CardKind.SOCIAL)


async def test_no_card_comes(finder: DemoCardReaderFinder, reader: DemoCardReader) -> None:
    with pytest.raises(NoCard):
        await at_fault(finder, CardFault.NO_CARD).wait(0.01)
    with pytest.raises(NoCard):
        await reader.wait(0.0)


async def test_a_busy_one(finder: DemoCardReaderFinder) -> None:
    for asked in (
        at_fault(finder, CardFault.BUSY).present(),
        at_fault(finder, CardFault.BUSY).wait(PATIENCE),
    ):
        with pytest.raises(DeviceBusy):
            await asked


async def test_a_wait_that_is_given_up_leaves_no_card(reader: DemoCardReader) -> None:
    waiting = asyncio.create_task(reader.wait(PATIENCE))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not await reader.present()


async def test_one_that_is_unplugged_is_put_back(finder: DemoCardReaderFinder) -> None:
    reader = at_fault(finder, CardFault.UNPLUGGED)
    await reader.wait(PATIENCE)
    with pytest.raises(DeviceGone):
        await reader.read(CardKind.BANK)
    assert finder.acknowledge_change()
    assert reader not in await finder.find()
    async with asyncio.timeout(PATIENCE):
        while reader not in await finder.find():
            await asyncio.sleep(0.01)
    assert finder.acknowledge_change()
