"""Bank cards with and without contacts."""

from __future__ import annotations

import logging
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.devices.adapters.pcsc import bank
from server.devices.adapters.pcsc.apdu import ApduChannel
from server.devices.ports.card_reader import BankCard
from server.errors import CardUnreadable, GaopaiError, WrongCard
from tests.fakes.smartcards import bank as cards
from tests.fakes.smartcards.bank import CREDIT, NUMBER, OTHER_NUMBER, PSE, UNIONPAY, VISA, Application, usual
from tests.fakes.smartcards.card import ATR_CONTACTLESS, ATR_T0, ATR_T1, VirtualCard, ber
from tests.fakes.smartcards.social import SocialSecurityCard
from tests.unit.devices.pcsc.conversation import READER, conversation

DAY = date(2026, 3, 9)


async def read(card: VirtualCard) -> BankCard:
    return await bank.read(conversation(card), card.atr == ATR_CONTACTLESS, DAY)


@pytest.mark.parametrize(
    "card",
    [
        cards.BankCard(atr=ATR_T0),
        cards.BankCard(atr=ATR_T1),
        cards.contactless(),
        cards.contactless(pieces=16),
        cards.BankCard(directory=None),
        cards.BankCard(directory=None, atr=ATR_T1),
        cards.BankCard({VISA: usual()}, directory=None),
    ],
    ids=["T=0", "T=1", "contactless", "in pieces", "no PSE", "no PSE, T=1", "Visa, no PSE"],
)
async def test_the_number_and_its_expiry_are_read(card: cards.BankCard) -> None:
    assert await read(card) == BankCard(NUMBER, "2030-12")


async def test_the_directory_that_fits_is_asked_first() -> None:
    card = cards.contactless()
    other = cards.BankCard()
    await read(card)
    await read(other)
    assert cards.PPSE in card.commands[0]
    assert PSE in other.commands[0]


async def test_the_other_directory_is_asked_too() -> None:
    card = cards.BankCard(directory=cards.PPSE)
    await read(card)
    assert cards.PPSE in card.commands[1]
    assert len(card.commands) < 12  # no name was guessed


async def test_what_the_application_asks_for_is_filled_in() -> None:
    card = cards.BankCard()
    await read(card)
    [data] = card.pdol_data
    assert data[:4].hex() == "36000000"
    assert data[4:16].hex() == "000000000001" + "00" * 6
    assert data[16:27].hex() == "0156" + "00" * 5 + "0156" + "2603"
    assert len(data) == 33


async def test_two_readings_have_different_unpredictable_numbers() -> None:
    card = cards.BankCard()
    await read(card)
    await read(card)
    first, second = card.pdol_data
    assert first[-4:] != second[-4:]
    assert first[:-4] == second[:-4]


@pytest.mark.parametrize(
    ("tag", "length", "value"),
    [
        (0x9F02, 2, "0001"),
        (0x9F02, 8, "0000000000000001"),
        (0x9F1A, 0, ""),
        (0x9F66, 2, "3600"),
        (0x9F66, 6, "360000000000"),
        (0x9A, 3, "260309"),
        (0xDF01, 3, "000000"),
    ],
)
def test_a_value_has_the_length_that_is_wanted(tag: int, length: int, value: str) -> None:
    assert bank.terminal_value(tag, length, DAY).hex() == value


@given(st.integers(0, 0xFFFF), st.integers(0, 255))
def test_every_value_has_the_length_that_is_wanted(tag: int, length: int) -> None:
    assert len(bank.terminal_value(tag, length, DAY)) == length


async def test_an_application_without_pdol_is_started() -> None:
    card = cards.BankCard({UNIONPAY: Application(b"", records=usual().records)})
    assert (await read(card)).number == NUMBER
    assert card.pdol_data == [b""]


async def test_format_1_is_understood() -> None:
    application = usual()
    application.options = ber(0x80, b"\x7c\x00" + application.locator())
    assert await read(cards.BankCard({UNIONPAY: application})) == BankCard(NUMBER, "2030-12")


async def test_a_number_in_track_2_alone_is_enough() -> None:
    application = Application(records={(1, 1): cards.track2(OTHER_NUMBER, "2704")})
    assert await read(cards.BankCard({UNIONPAY: application})) == BankCard(OTHER_NUMBER, "2027-04")


async def test_a_contactless_card_may_tell_its_number_when_started() -> None:
    options = ber(0x77, ber(0x82, b"\0\0") + cards.track2(NUMBER) + ber(0x9F36, b"\0\1"))
    card = cards.contactless({VISA: Application(options=options)})
    assert (await read(card)).number == NUMBER
    assert not [command for command in card.commands if command[1] == 0xB2]


async def test_no_more_records_are_read_than_needed() -> None:
    application = usual()
    application.records[3, 1] = ber(0x8F, b"\1")
    card = cards.BankCard({UNIONPAY: application})
    await read(card)
    p2 = [command[3] for command in card.commands if command[1] == 0xB2]
    assert 3 << 3 | 4 not in p2


@pytest.mark.parametrize(("directory", "atr"), [(PSE, ATR_T0), (cards.PPSE, ATR_CONTACTLESS)])
async def test_the_preferred_application_is_read(directory: bytes, atr: bytes) -> None:
    both = {CREDIT: usual(OTHER_NUMBER), UNIONPAY: usual(NUMBER)}
    card = cards.BankCard(both, directory, {CREDIT: 2, UNIONPAY: 1}, atr)
    assert (await read(card)).number == NUMBER


async def test_an_application_without_priority_comes_last() -> None:
    card = cards.BankCard({CREDIT: usual(OTHER_NUMBER), UNIONPAY: usual()}, priorities={UNIONPAY: 9})
    assert (await read(card)).number == NUMBER


@pytest.mark.parametrize(
    "refusing",
    [
        Application(options_status=0x6985),
        Application(select_status=0x6283, records=usual(OTHER_NUMBER).records),
        Application(records={(1, 1): ber(0x5F20, b"NOBODY")}),
        Application(options=b"\x77\x05\x94"),
        Application(pdol=bytes.fromhex("9F6681"), options=b""),
        Application(pdol=bytes.fromhex("9F6681FF9F0281FF")),
        usual(NUMBER[:-1] + "9"),
    ],
    ids=["6985", "blocked", "no number", "malformed", "cut PDOL", "endless PDOL", "bad check digit"],
)
async def test_an_application_that_fails_is_followed_by_the_next(refusing: Application) -> None:
    card = cards.BankCard({CREDIT: refusing, UNIONPAY: usual()}, priorities={CREDIT: 1, UNIONPAY: 2})
    assert (await read(card)).number == NUMBER


@pytest.mark.parametrize(
    ("application", "reason"),
    [
        (usual(NUMBER[:-1] + "9"), "check digit"),
        (usual("62170012"), "check digit"),
        (Application(options_status=0x6985), "starting the bank application gave status 6985"),
        (Application(select_status=0x6A82), "selecting the bank application gave status 6A82"),
        (Application(select_status=0x6283), "selecting the bank application gave status 6283"),
        (Application(records={(1, 1): ber(0x5F20, b"NOBODY")}), "it has no number"),
        (Application(options=b"\x77\x05\x94"), "starting the bank application makes no sense"),
        (Application(options=ber(0x77, ber(0x94, bytes.fromhex("08050500")))), "gave status 6A83"),
    ],
)
async def test_why_a_card_cannot_be_read_is_told(application: Application, reason: str) -> None:
    with pytest.raises(CardUnreadable, match=reason):
        await read(cards.BankCard({UNIONPAY: application}))


@pytest.mark.parametrize(
    "card", [VirtualCard(ATR_T0), VirtualCard(ATR_T1), VirtualCard(ATR_CONTACTLESS), SocialSecurityCard()]
)
async def test_another_card_is_a_wrong_card(card: VirtualCard) -> None:
    with pytest.raises(WrongCard, match="not a bank card"):
        await read(card)


async def test_an_endless_list_of_records_has_an_end() -> None:
    locator = bytes.fromhex("0801FF00") * 60
    card = cards.BankCard({UNIONPAY: Application(options=ber(0x80, b"\0\0" + locator))})
    with pytest.raises(CardUnreadable):
        await read(card)
    assert len(card.commands) < 100


async def test_nothing_beyond_reading_is_asked_for() -> None:
    card = cards.BankCard()
    await read(card)
    assert {command[1] for command in card.commands} <= {0xA4, 0xA8, 0xB2, 0xC0}


@pytest.mark.parametrize(
    ("number", "right"), [(NUMBER, True), (OTHER_NUMBER, True), ("79927398713", True), ("79927398710", False)]
)
def test_check_digits(number: str, right: bool) -> None:
    assert bank.luhn(number) is right


@given(st.text("0123456789", min_size=11, max_size=18))
def test_one_last_digit_in_ten_is_right(digits: str) -> None:
    assert sum(bank.luhn(digits + str(last)) for last in range(10)) == 1


@given(st.lists(st.binary(max_size=60), max_size=30), st.booleans(), st.booleans())
async def test_whatever_a_card_answers_is_a_card_or_an_error(
    answers: list[bytes], t0: bool, contactless: bool
) -> None:
    left = list(answers)

    async def transmit(_: bytes) -> bytes:
        return left.pop(0) + b"\x90\x00" if left else b"\x6a\x83"

    try:
        await bank.read(ApduChannel(transmit, t0, READER), contactless, DAY)
    except GaopaiError as exc:
        assert isinstance(exc, (CardUnreadable, WrongCard))


async def test_no_log_and_no_text_says_what_the_card_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown = [repr(await read(cards.BankCard())), repr(bank.CardData(NUMBER, "2030-12"))]
    bad = NUMBER[:-1] + "9"
    with pytest.raises(CardUnreadable) as refused:
        await read(cards.BankCard({UNIONPAY: usual(bad)}))
    shown += [str(refused.value), repr(refused.value), refused.value.message("zh"), *caplog.messages]
    spoken = "\n".join(shown)
    for secret in (NUMBER, bad, NUMBER[-4:], cards.HOLDER.decode(), "2030-12"):
        assert secret not in spoken
