"""Social security cards, as the standard has them and as they are."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.devices.adapters.pcsc import social
from server.devices.adapters.pcsc.apdu import ApduChannel
from server.devices.ports.card_reader import SocialCard
from server.errors import CardUnreadable, GaopaiError, WrongCard
from tests.fakes.smartcards.bank import BankCard
from tests.fakes.smartcards.card import ATR_T0, ATR_T1, VirtualCard
from tests.fakes.smartcards.social import (
    CARD_NUMBER,
    NAME,
    NUMBER,
    PIN,
    SocialSecurityCard,
    holder_records,
    issuer_records,
)
from tests.unit.devices.pcsc.conversation import READER, conversation

EVERYTHING = SocialCard(
    number=NUMBER,
    name=NAME,
    gender="男",
    nation="维吾尔",
    birth="1990-03-07",
    birth_place="110105",
    card_number=CARD_NUMBER,
    region="330100",
    issued="2015-06-01",
    valid_until="2025-06-01",
)
HOLDER = frozenset((0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D))


def verifications(card: VirtualCard) -> list[bytes]:
    return [command for command in card.commands if command[1] == 0x20]


@pytest.mark.parametrize("atr", [ATR_T0, ATR_T1])
@pytest.mark.parametrize("identifiers", ["known", "refused", "numbers"])
async def test_all_items_are_read(atr: bytes, identifiers: str) -> None:
    card = SocialSecurityCard(atr, identifiers=identifiers)
    assert await social.read(conversation(card)) == EVERYTHING


async def test_records_taken_for_others_are_not_believed() -> None:
    more = [(tag, b"?") for tag in range(0x60, 0x70)]
    card = SocialSecurityCard(identifiers="numbers", holder=[*holder_records(), *more])
    assert await social.read(conversation(card)) == EVERYTHING


@pytest.mark.parametrize("p1", [0x00, 0x02])
async def test_files_are_selected_as_the_card_knows_them(p1: int) -> None:
    assert await social.read(conversation(SocialSecurityCard(select_by=(p1,)))) == EVERYTHING


@pytest.mark.parametrize("atr", [ATR_T0, ATR_T1])
async def test_a_card_that_wants_exact_lengths_is_read(atr: bytes) -> None:
    card = SocialSecurityCard(atr, exact=True)
    assert await social.read(conversation(card)) == EVERYTHING


async def test_a_card_that_wants_no_length_at_all_is_read() -> None:
    card = SocialSecurityCard(ATR_T1)
    card.hook = lambda command, go_on: b"\x67\x00" if command[1] == 0xB2 and command[4] else go_on(command)
    assert await social.read(conversation(card)) == EVERYTHING
    assert 0x04 not in {command[3] for command in card.commands if command[1] == 0xB2}


@pytest.mark.parametrize("atr", [ATR_T0, ATR_T1])
async def test_a_record_longer_than_the_standard_says_is_read(atr: bytes) -> None:
    name = ("阿" * 20).encode("gbk")
    card = SocialSecurityCard(atr, holder=holder_records(name=name))
    assert (await social.read(conversation(card))).name == "阿" * 20


@pytest.mark.parametrize("identifiers", ["known", "refused"])
async def test_a_long_name_goes_on_in_its_extension(identifiers: str) -> None:
    name = "A买买提·阿不都热依木江·吐尔逊·艾力"
    raw = name.encode("gbk")  # byte 30 is in the middle of a character
    holder = holder_records(raw[:30], raw[30:].ljust(20, b"\0"))
    card = SocialSecurityCard(identifiers=identifiers, holder=holder)
    assert (await social.read(conversation(card))).name == name


async def test_an_extension_of_a_name_that_needs_none_is_left_alone() -> None:
    card = SocialSecurityCard(holder=holder_records(rest="阿卜".encode("gbk").ljust(20, b"\0")))
    assert (await social.read(conversation(card))).name == NAME


@pytest.mark.parametrize("padding", [b"\0", b" ", b"\xff"])
async def test_padding_is_not_part_of_a_name(padding: bytes) -> None:
    records = holder_records()
    records[1] = (0x09, "王伟".encode("gbk").ljust(30, padding))
    assert (await social.read(conversation(SocialSecurityCard(holder=records)))).name == "王伟"


@pytest.mark.parametrize("identifiers", ["known", "refused"])
async def test_what_is_protected_is_empty(identifiers: str) -> None:
    card = SocialSecurityCard(identifiers=identifiers, protected=HOLDER - {0x08, 0x09})
    read = await social.read(conversation(card))
    assert read == SocialCard(
        NUMBER, NAME, card_number=CARD_NUMBER, region="330100", issued="2015-06-01", valid_until="2025-06-01"
    )
    assert verifications(card) == []


@pytest.mark.parametrize("identifiers", ["known", "refused"])
async def test_a_holder_protected_altogether_is_empty(identifiers: str) -> None:
    card = SocialSecurityCard(identifiers=identifiers, protected=HOLDER)
    read = await social.read(conversation(card))
    assert (read.number, read.name, read.card_number) == ("", "", CARD_NUMBER)


@pytest.mark.parametrize("atr", [ATR_T0, ATR_T1])
async def test_a_pin_opens_what_is_protected(atr: bytes) -> None:
    card = SocialSecurityCard(atr, protected=HOLDER)
    assert await social.read(conversation(card), PIN) == EVERYTHING
    assert verifications(card) == [bytes.fromhex("0020000003135790")]


async def test_a_pin_is_not_sent_to_a_card_that_protects_nothing() -> None:
    card = SocialSecurityCard()
    assert await social.read(conversation(card), PIN) == EVERYTHING
    assert verifications(card) == []


async def test_a_wrong_pin_is_sent_once_and_told_with_the_tries_left() -> None:
    card = SocialSecurityCard(protected=HOLDER)
    with pytest.raises(CardUnreadable, match="the PIN is wrong, 2 tries are left") as refused:
        await social.read(conversation(card), "000000")
    assert len(verifications(card)) == 1
    assert "还可以试 2 次" in refused.value.message("zh")


async def test_a_blocked_pin_is_told() -> None:
    card = SocialSecurityCard(protected=HOLDER)
    card.tries = 0
    with pytest.raises(CardUnreadable, match="its PIN is blocked"):
        await social.read(conversation(card), PIN)


@pytest.mark.parametrize("status", ["6C03", "6103", "6F00", "6A80", "6982"])
async def test_a_pin_is_sent_once_whatever_the_card_says(status: str) -> None:
    card = SocialSecurityCard(protected=HOLDER)
    card.hook = lambda command, go_on: bytes.fromhex(status) if command[1] == 0x20 else go_on(command)
    with pytest.raises(CardUnreadable):
        await social.read(conversation(card), PIN)
    assert len(verifications(card)) == 1


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "12345x", "１２３４５６", "-12345"])
async def test_what_is_no_pin_is_not_sent(pin: str) -> None:
    card = SocialSecurityCard(protected=HOLDER)
    with pytest.raises(CardUnreadable, match="not 6 digits"):
        await social.read(conversation(card), pin)
    assert verifications(card) == []


@pytest.mark.parametrize("card", [VirtualCard(ATR_T0), VirtualCard(ATR_T1), BankCard()])
async def test_another_card_is_a_wrong_card(card: VirtualCard) -> None:
    with pytest.raises(WrongCard, match="not a social security card"):
        await social.read(conversation(card))


async def test_a_blocked_directory_is_told_with_its_status() -> None:
    card = SocialSecurityCard()
    card.hook = lambda command, go_on: b"\x62\x83" if command[2] == 4 else go_on(command)
    with pytest.raises(CardUnreadable, match="selecting the social security directory gave status 6283"):
        await social.read(conversation(card))


async def test_a_card_without_a_holder_is_unreadable() -> None:
    with pytest.raises(CardUnreadable, match="EF06 gave status 6A83"):
        await social.read(conversation(SocialSecurityCard(holder=[])))


async def test_a_card_without_issuer_data_is_read() -> None:
    read = await social.read(conversation(SocialSecurityCard(issuer=[])))
    assert (read.number, read.card_number, read.region) == (NUMBER, "", "")


@pytest.mark.parametrize(
    ("tag", "value", "item"),
    [
        (0x0A, b"7", "gender"),
        (0x0A, b"", "gender"),
        (0x0B, b"\x5a", "nation"),
        (0x0C, b"\xff\xff\xff", "birth_place"),
        (0x0D, bytes.fromhex("19901341"), "birth"),
        (0x0D, bytes(4), "birth"),
        (0x0D, b"\xff" * 4, "birth"),
    ],
)
async def test_an_item_that_makes_no_sense_is_empty(tag: int, value: bytes, item: str) -> None:
    records = [(each, value if each == tag else content) for each, content in holder_records()]
    read = await social.read(conversation(SocialSecurityCard(holder=records)))
    assert getattr(read, item) == ""
    assert read.number == NUMBER


async def test_a_nation_in_text_is_understood() -> None:
    records = [(tag, b"05" if tag == 0x0B else value) for tag, value in holder_records()]
    assert (await social.read(conversation(SocialSecurityCard(holder=records)))).nation == "维吾尔"


@pytest.mark.parametrize("identifiers", ["known", "refused"])
@pytest.mark.parametrize("missing", [0x08, 0x09])
async def test_a_card_without_number_or_name_is_unreadable(missing: int, identifiers: str) -> None:
    records = [record for record in holder_records() if record[0] != missing]
    with pytest.raises(CardUnreadable, match="EF06 gave status 6A83"):
        await social.read(conversation(SocialSecurityCard(holder=records, identifiers=identifiers)))


@pytest.mark.parametrize("tag", [0x08, 0x09])
async def test_a_record_cut_short_is_not_taken_for_an_empty_one(tag: int) -> None:
    card = SocialSecurityCard()
    cut = bytes((tag, 0x7F, 0x31, 0x90, 0x00))
    card.hook = lambda command, go_on: cut if command[1:3] == bytes((0xB2, tag)) else go_on(command)
    with pytest.raises(CardUnreadable, match="EF06 makes no sense"):
        await social.read(conversation(card))


@pytest.mark.parametrize("tag", [0x08, 0x09])
@pytest.mark.parametrize("broken", [b"\xb0", b"\x81\x30\x81", b"\x01\x02"])
async def test_half_a_holder_is_refused(tag: int, broken: bytes) -> None:
    records = [(each, broken if each == tag else value) for each, value in holder_records()]
    with pytest.raises(CardUnreadable, match="makes no sense"):
        await social.read(conversation(SocialSecurityCard(holder=records)))


@given(st.lists(st.binary(max_size=40), max_size=30), st.booleans())
async def test_whatever_a_card_answers_is_a_card_or_an_error(answers: list[bytes], t0: bool) -> None:
    left = list(answers)

    async def transmit(_: bytes) -> bytes:
        return left.pop(0) + b"\x90\x00" if left else b"\x6a\x83"

    try:
        await social.read(ApduChannel(transmit, t0, READER), PIN)
    except GaopaiError as exc:
        assert isinstance(exc, (CardUnreadable, WrongCard))


async def test_no_log_and_no_text_says_what_the_card_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    card = SocialSecurityCard(protected=HOLDER)
    read = await social.read(conversation(card), PIN)
    records = [(tag, value[:-1] + b"\xb0" if tag == 0x09 else value) for tag, value in holder_records()]
    with pytest.raises(CardUnreadable) as broken:
        await social.read(conversation(SocialSecurityCard(holder=records)))
    with pytest.raises(CardUnreadable) as wrong:
        await social.read(conversation(SocialSecurityCard(protected=HOLDER)), "975310")
    shown = [repr(read), *(caplog.messages)]
    for error in (broken.value, wrong.value):
        chain: BaseException | None = error
        while chain is not None:
            shown += [repr(chain), str(chain)]
            chain = chain.__cause__ or chain.__context__
        shown += [error.message("zh"), error.message("en")]
    spoken = "\n".join(shown)
    for secret in (
        NUMBER,
        NAME,
        CARD_NUMBER,
        PIN,
        "975310",
        NAME.encode("gbk").hex(),
        "19900307",
        "1990-03-07",
    ):
        assert secret not in spoken
    assert issuer_records()[0][1].hex() not in spoken
