"""The four kinds of document, item by item."""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.devices.ports.card_reader import ResidentCard, ResidentForm
from server.devices.resident import (
    TEXT_BYTES,
    Blocks,
    MalformedRecord,
    latest_address,
    read_card,
    split,
)
from tests.devices.samv.conftest import check_discreet
from tests.devices.samv.people import (
    ADDRESS,
    ENGLISH,
    FINGERS,
    ISSUER,
    LATEST,
    NAME,
    NUMBER,
    PORTRAIT,
    citizen,
    foreigner_2017,
    foreigner_2023,
    laid_out,
    residence,
)

CITIZEN = ResidentCard(
    form=ResidentForm.CITIZEN,
    name=NAME,
    gender="女",
    nation="满",
    birth="1990-03-07",
    address=ADDRESS,
    number=NUMBER,
    issuer=ISSUER,
    start="2016-01-01",
    end="2036-01-01",
)


def read(text: bytes) -> ResidentCard:
    return read_card(Blocks(text))


def test_a_citizen() -> None:
    assert read(citizen()) == CITIZEN
    assert read(citizen(kind="\0")) == CITIZEN


def test_a_card_without_end() -> None:
    assert read(citizen(end="长期")) == replace(CITIZEN, end="长期")


def test_what_is_no_date_stays() -> None:
    assert read(citizen(end="2036010?")).end == "2036010?"


def test_a_resident_from_hong_kong_macao_or_taiwan() -> None:
    assert read(residence()) == ResidentCard(
        form=ResidentForm.RESIDENCE,
        name=NAME,
        gender="男",
        birth="1985-06-30",
        address=ADDRESS,
        number="810000198506300018",
        issuer=ISSUER,
        start="2018-09-01",
        end="2023-09-01",
        pass_number="H12345678",
    )


def test_a_foreigner_of_2017() -> None:
    assert read(foreigner_2017()) == ResidentCard(
        form=ResidentForm.FOREIGNER_2017,
        name=NAME,
        english_name=ENGLISH,
        gender="男",
        birth="1970-01-02",
        number="ESP310070010101",
        nationality="ESP",
        issuer="1500",
        start="2017-08-01",
        end="2027-07-31",
    )


def test_a_foreigner_of_2023() -> None:
    assert read(foreigner_2023()) == ResidentCard(
        form=ResidentForm.FOREIGNER_2023,
        name=NAME,
        english_name=ENGLISH[:46].strip(),
        gender="女",
        birth="1970-01-02",
        number="911110197001020026",
        nationality="ESP",
        issuer="",
        start="2023-12-01",
        end="2033-11-30",
    )


def test_a_long_name_keeps_a_space_where_it_is_cut() -> None:
    name = "A" * 34 + " " + "B" * 11
    assert read(foreigner_2023(english=name)).english_name == name


@pytest.mark.parametrize("text", [foreigner_2017(chinese=""), foreigner_2023(chinese="")])
def test_a_foreigner_without_chinese_name_has_a_name(text: bytes) -> None:
    card = read(text)
    assert card.name == card.english_name != ""


def test_a_rare_character_survives() -> None:
    text = bytearray(citizen())
    text[0:6] = "𠮷\ue863".encode("utf-16-le")
    assert read(bytes(text)).name.startswith("𠮷\ue863")


def test_an_unknown_kind_of_document_is_refused() -> None:
    with pytest.raises(MalformedRecord):
        read(laid_out(kind=(248, 2, "Q")))


def test_blocks_are_taken_apart() -> None:
    text = citizen()
    assert split(b"\1\0\4\0" + text + PORTRAIT, 2) == Blocks(text, PORTRAIT)
    assert split(b"\1\0\4\0\4\0" + text + PORTRAIT + FINGERS, 3) == Blocks(text, PORTRAIT, FINGERS)
    assert split(b"\1\0\4\0\0\0" + text + PORTRAIT, 3) == Blocks(text, PORTRAIT)


@pytest.mark.parametrize("data", [b"", b"\1", b"\1\0\4\0" + bytes(1279), b"\1\0\4\0" + bytes(1281), bytes(4)])
def test_blocks_that_do_not_add_up_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedRecord):
        split(data, 2)


@given(st.binary(min_size=TEXT_BYTES, max_size=TEXT_BYTES), st.sampled_from(" JIY"))
def test_any_text_of_a_known_kind_is_read(noise: bytes, kind: str) -> None:
    text = bytearray(noise)
    text[248:250] = kind.encode("utf-16-le")
    card = read(bytes(text))
    assert card.name == card.name.strip(" ")
    for item in dataclasses.astuple(card)[1:]:
        item.encode() if isinstance(item, str) else bytes(item)


@given(st.binary(max_size=3000), st.sampled_from([2, 3]))
def test_any_answer_is_taken_apart_or_refused(data: bytes, parts: int) -> None:
    with contextlib.suppress(MalformedRecord):
        assert len(split(data, parts).text) == TEXT_BYTES


def test_the_latest_address() -> None:
    assert latest_address(LATEST.ljust(35).encode("utf-16-le")) == LATEST


def test_nothing_shows_what_a_card_says() -> None:
    blocks = Blocks(citizen(), PORTRAIT, FINGERS)
    check_discreet(repr(blocks) + repr(read_card(blocks, LATEST)))
    with pytest.raises(AssertionError):
        check_discreet(f"{CITIZEN.name!r}")
