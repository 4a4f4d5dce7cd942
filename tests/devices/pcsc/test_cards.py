"""Cards read through the real PC/SC, and what goes wrong on the way."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Iterator

import pytest

from server.devices.adapters.pcsc import library
from server.devices.adapters.pcsc.reader import PcscReader
from server.devices.ports.card_reader import BankCard, CardKind, ResidentCard, SocialCard
from server.errors import (
    CardSilent,
    CardTakenAway,
    CardUnreadable,
    DeviceBusy,
    DeviceFailed,
    DeviceTimeout,
    NoCard,
    WrongCard,
)
from tests.devices.pcsc.conftest import Insert
from tests.devices.pcsc.pcscd import NAMES, Pcscd
from tests.devices.pcsc.vpcd import Inserted
from tests.devices.samv import people
from tests.fakes.smartcards import bank as bank_cards
from tests.fakes.smartcards.bank import UNIONPAY, Application, usual
from tests.fakes.smartcards.card import ATR_T0, ATR_T1, VirtualCard, ber
from tests.fakes.smartcards.resident import ResidentIdCard
from tests.fakes.smartcards.social import CARD_NUMBER, NAME, NUMBER, PIN, SocialSecurityCard, holder_records
from tests.patience import PATIENCE

HOLDER = frozenset((0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D))
UNPOWERED = bytes(40)
"""No ATR is so long: the driver says that the card could not be powered."""
LONG_NAME = "A买买提·阿不都热依木江·吐尔逊·艾力"
RAW_NAME = LONG_NAME.encode("gbk")


async def until_empty(reader: PcscReader) -> None:
    """pcscd notices a little later that a card has gone."""
    async with asyncio.timeout(PATIENCE):
        while await reader.present():
            await asyncio.sleep(0.02)


async def social(reader: PcscReader, pin: str | None = None) -> SocialCard:
    await reader.wait(PATIENCE)
    card = await reader.read(CardKind.SOCIAL, pin)
    assert isinstance(card, SocialCard)
    return card


async def bank(reader: PcscReader) -> BankCard:
    await reader.wait(PATIENCE)
    card = await reader.read(CardKind.BANK)
    assert isinstance(card, BankCard)
    return card


@pytest.mark.parametrize("atr", [ATR_T0, ATR_T1], ids=["T=0", "T=1"])
@pytest.mark.parametrize("identifiers", ["known", "refused", "numbers"])
async def test_a_social_security_card(
    reader: PcscReader, insert: Insert, atr: bytes, identifiers: str
) -> None:
    insert(SocialSecurityCard(atr, identifiers=identifiers))
    read = await social(reader)
    assert (read.number, read.name, read.gender, read.nation) == (NUMBER, NAME, "男", "维吾尔")
    assert (read.birth, read.birth_place) == ("1990-03-07", "110105")
    assert (read.card_number, read.region) == (CARD_NUMBER, "330100")
    assert (read.issued, read.valid_until) == ("2015-06-01", "2025-06-01")


async def test_a_long_name(reader: PcscReader, insert: Insert) -> None:
    insert(SocialSecurityCard(holder=holder_records(RAW_NAME[:30], RAW_NAME[30:].ljust(20, b"\0"))))
    assert (await social(reader)).name == LONG_NAME


async def test_protected_items_are_empty(reader: PcscReader, insert: Insert) -> None:
    card = insert(SocialSecurityCard(protected=HOLDER)).card
    read = await social(reader)
    assert (read.name, read.number, read.card_number) == ("", "", CARD_NUMBER)
    assert 0x20 not in {command[1] for command in card.commands}


async def test_the_card_forgets_a_pin_after_the_reading(reader: PcscReader, insert: Insert) -> None:
    card = insert(SocialSecurityCard(protected=HOLDER)).card
    assert (await social(reader, PIN)).name == NAME
    assert (await social(reader)).name == ""
    assert [command[1] for command in card.commands].count(0x20) == 1


async def test_a_wrong_pin(reader: PcscReader, insert: Insert) -> None:
    card = SocialSecurityCard(protected=HOLDER)
    insert(card)
    with pytest.raises(CardUnreadable, match="2 tries are left"):
        await social(reader, "000000")
    assert card.tries == 2


@pytest.mark.parametrize(
    "card",
    [
        bank_cards.BankCard(),
        bank_cards.in_t1(),
        bank_cards.contactless(),
        bank_cards.contactless(pieces=20),
        bank_cards.BankCard(directory=None),
        bank_cards.BankCard({UNIONPAY: Application(records={(1, 1): bank_cards.track2(bank_cards.NUMBER)})}),
        bank_cards.BankCard(
            {UNIONPAY: Application(options=ber(0x80, b"\x7c\0" + usual().locator()), records=usual().records)}
        ),
    ],
    ids=["PSE", "T=1", "PPSE", "in pieces", "no PSE", "track 2 alone", "format 1"],
)
async def test_a_bank_card(reader: PcscReader, insert: Insert, card: bank_cards.BankCard) -> None:
    insert(card)
    assert await bank(reader) == BankCard(bank_cards.NUMBER, "2030-12")
    assert (bank_cards.PPSE in card.commands[0]) is (card.atr == bank_cards.ATR_CONTACTLESS)


async def test_a_bank_card_with_a_wrong_check_digit(reader: PcscReader, insert: Insert) -> None:
    insert(bank_cards.BankCard({UNIONPAY: usual(bank_cards.NUMBER[:-1] + "9")}))
    with pytest.raises(CardUnreadable, match="check digit"):
        await bank(reader)


@pytest.mark.parametrize("atr", [ATR_T0, ATR_T1], ids=["T=0", "T=1"])
async def test_a_resident_id_card_in_a_reader_with_a_module(
    reader: PcscReader, insert: Insert, atr: bytes
) -> None:
    insert(ResidentIdCard(atr=atr))
    await reader.wait(PATIENCE)
    read = await reader.read(CardKind.RESIDENT)
    assert isinstance(read, ResidentCard)
    assert (read.name, read.number, read.portrait_wlt) == (people.NAME, people.NUMBER, people.PORTRAIT)


async def test_a_wrong_card(reader: PcscReader, insert: Insert) -> None:
    card = insert(bank_cards.BankCard())
    with pytest.raises(WrongCard, match="not a social security card"):
        await social(reader)
    assert (await bank(reader)).number == bank_cards.NUMBER
    await asyncio.to_thread(card.take_out)
    await until_empty(reader)
    insert(SocialSecurityCard())
    with pytest.raises(WrongCard, match="not a bank card"):
        await bank(reader)


async def test_no_card(reader: PcscReader) -> None:
    with pytest.raises(NoCard):
        await reader.read(CardKind.BANK)


async def test_a_slow_card(reader: PcscReader, insert: Insert) -> None:
    insert(SocialSecurityCard()).before_answer = lambda _: time.sleep(0.05)
    assert (await social(reader)).number == NUMBER


def taken_out_at(card: Inserted, ins: int) -> None:
    """Have a card go while it carries out a command."""

    def before(command: bytes) -> None:
        if command[1] == ins:
            card.take_out()

    card.before_answer = before


@pytest.mark.parametrize("ins", [0xA4, 0xB2])
async def test_a_card_taken_away_in_the_middle_of_a_command(
    reader: PcscReader, insert: Insert, ins: int
) -> None:
    taken_out_at(insert(SocialSecurityCard()), ins)
    with pytest.raises(CardTakenAway):
        await social(reader)
    await until_empty(reader)
    insert(SocialSecurityCard())
    assert (await social(reader)).number == NUMBER


@pytest.mark.parametrize("answer_seconds", [1])
async def test_a_card_that_never_answers(readers: list[PcscReader], insert: Insert) -> None:
    reader, other = readers
    card = SocialSecurityCard()
    card.hook = lambda command, go_on: None if command[1] == 0xB2 else go_on(command)
    silent = insert(card)
    with pytest.raises(DeviceTimeout, match="within 1 seconds"):
        await social(reader)
    # It hangs still; the other reader does not mind.
    insert(bank_cards.BankCard(), slot=1)
    assert (await bank(other)).number == bank_cards.NUMBER
    with pytest.raises(DeviceTimeout):
        await social(reader)
    await asyncio.to_thread(silent.take_out)
    await until_empty(reader)
    insert(SocialSecurityCard())
    assert (await social(reader)).number == NUMBER


async def test_a_reading_can_be_cancelled(reader: PcscReader, insert: Insert) -> None:
    card = insert(SocialSecurityCard())
    begun = threading.Event()
    card.before_answer = lambda _: (begun.set(), time.sleep(0.1))[1]
    reading = asyncio.create_task(social(reader))
    await asyncio.to_thread(begun.wait, PATIENCE)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (await social(reader)).number == NUMBER
    # The first reading ended with its first command, and the second began anew.
    assert card.card.commands[0] == card.card.commands[1]


async def test_a_second_reading_at_the_same_time_is_refused(reader: PcscReader, insert: Insert) -> None:
    insert(SocialSecurityCard()).before_answer = lambda _: time.sleep(0.02)
    await reader.wait(PATIENCE)
    reading = asyncio.create_task(social(reader))
    await asyncio.sleep(0)
    with pytest.raises(DeviceBusy, match="another request"):
        await reader.read(CardKind.SOCIAL)
    assert (await reading).number == NUMBER


async def test_a_card_without_power(reader: PcscReader, insert: Insert) -> None:
    insert(VirtualCard(UNPOWERED))
    with pytest.raises(CardSilent):
        await social(reader)


@pytest.mark.parametrize("atr", ["00", "FFFFFFFFFF", "3F"])
async def test_a_card_that_answers_its_reset_with_nonsense(
    reader: PcscReader, insert: Insert, atr: str
) -> None:
    insert(VirtualCard(bytes.fromhex(atr)))
    with pytest.raises(CardSilent):
        await social(reader)


@contextlib.contextmanager
def used_elsewhere(share: int, transaction: bool) -> Iterator[None]:
    """Another program that holds the first slot's card."""
    scard = library.load()
    _, context = scard.SCardEstablishContext(library.SCOPE_SYSTEM)
    code, card, _ = scard.SCardConnect(context, NAMES[0], share, library.T0 | library.T1)
    assert code == 0
    if transaction:
        assert scard.SCardBeginTransaction(card) == 0
    yield
    scard.SCardDisconnect(card, library.LEAVE)
    scard.SCardReleaseContext(context)


@pytest.mark.parametrize("answer_seconds", [3])
@pytest.mark.parametrize(("share", "transaction"), [(1, False), (2, True)], ids=["exclusive", "transaction"])
async def test_a_card_that_another_program_uses(
    reader: PcscReader, insert: Insert, share: int, transaction: bool
) -> None:
    insert(SocialSecurityCard())
    await reader.wait(PATIENCE)
    with used_elsewhere(share, transaction), pytest.raises(DeviceBusy, match="another program"):
        await reader.read(CardKind.SOCIAL)
    assert (await social(reader)).number == NUMBER


async def test_a_card_that_another_program_shares(reader: PcscReader, insert: Insert) -> None:
    insert(SocialSecurityCard())
    await reader.wait(PATIENCE)
    with used_elsewhere(library.SHARE_SHARED, False):
        assert (await social(reader)).number == NUMBER


async def test_a_service_that_stops_during_a_reading(
    reader: PcscReader, insert: Insert, pcscd: Pcscd
) -> None:
    card = insert(SocialSecurityCard())
    card.before_answer = lambda command: pcscd.kill() if command[1] == 0xB2 else None
    with pytest.raises(DeviceFailed, match="pcscd is not running"):
        await social(reader)
    await asyncio.to_thread(pcscd.start)
    insert(SocialSecurityCard())
    assert (await social(reader)).number == NUMBER


async def test_nothing_of_a_card_is_logged(
    reader: PcscReader, insert: Insert, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    card = insert(SocialSecurityCard(protected=HOLDER))
    shown = [repr(await social(reader, PIN))]
    with pytest.raises(CardUnreadable) as wrong:
        await social(reader, "975310")
    taken_out_at(card, 0xB2)
    with pytest.raises(CardTakenAway) as gone:
        await social(reader)
    await until_empty(reader)
    insert(bank_cards.BankCard())
    shown += [repr(await bank(reader)), repr(wrong.value), repr(gone.value), repr(gone.value.__cause__)]
    written = capfd.readouterr()
    spoken = "\n".join([*shown, *caplog.messages, written.out, written.err, repr(vars(reader))])
    for secret in (NUMBER, NAME, CARD_NUMBER, PIN, "975310", bank_cards.NUMBER, "0020000003"):
        assert secret not in spoken
