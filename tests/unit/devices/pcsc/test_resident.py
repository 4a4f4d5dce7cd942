"""Resident ID cards at PC/SC readers that have a module inside."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given, strategies

from server.devices.adapters.pcsc import resident
from server.devices.adapters.pcsc.finder import PcscReaderFinder
from server.devices.ports.card_reader import CardKind, ResidentForm
from server.errors import CardUnreadable, GaopaiError, WrongCard
from tests.devices.samv.conftest import check_discreet
from tests.devices.samv.people import NAME, NUMBER, PORTRAIT, citizen, residence
from tests.fakes.smartcards.bank import BankCard
from tests.fakes.smartcards.card import ATR_T0, VirtualCard
from tests.fakes.smartcards.resident import ResidentIdCard, module_answer
from tests.fakes.smartcards.service import Service
from tests.unit.devices.pcsc.conversation import conversation


@pytest.mark.parametrize("card", [ResidentIdCard(), ResidentIdCard(atr=ATR_T0)], ids=["T=1", "T=0"])
async def test_text_and_portrait_are_put_together_from_pages(card: ResidentIdCard) -> None:
    read = await resident.read(conversation(card))
    assert (read.form, read.name, read.number) == (ResidentForm.CITIZEN, NAME, NUMBER)
    assert read.portrait_wlt == PORTRAIT


async def test_other_documents_are_told_apart() -> None:
    read = await resident.read(conversation(ResidentIdCard(module_answer(residence()))))
    assert read.form is ResidentForm.RESIDENCE


async def test_a_card_without_a_portrait_is_read() -> None:
    read = await resident.read(conversation(ResidentIdCard(module_answer(portrait=b""))))
    assert (read.number, read.portrait_wlt) == (NUMBER, b"")


@pytest.mark.parametrize("card", [BankCard(), VirtualCard()])
async def test_another_card_is_the_wrong_one(card: VirtualCard) -> None:
    with pytest.raises(WrongCard, match="resident ID card"):
        await resident.read(conversation(card))


@pytest.mark.parametrize(
    "answer",
    [
        module_answer()[:900],
        module_answer()[:1024],
        b"\xff\xff" + module_answer()[2:],
        b"\0\0" + module_answer()[2:],
        module_answer(citizen(kind="Q")),
        bytes(3),
    ],
    ids=["cut within a page", "cut between pages", "too long", "no text", "unknown document", "too short"],
)
async def test_what_makes_no_sense_is_said_without_its_content(
    answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(CardUnreadable) as caught:
        await resident.read(conversation(ResidentIdCard(answer)))
    check_discreet(caplog.text + str(caught.value))


@given(strategies.binary(min_size=1, max_size=600), strategies.binary(min_size=4, max_size=4))
async def test_nothing_that_a_module_says_breaks_the_reading(answer: bytes, lengths: bytes) -> None:
    for said in (answer, lengths + answer):
        try:
            await resident.read(conversation(ResidentIdCard(said)))
        except GaopaiError:
            continue


async def test_readers_with_a_module_are_those_named() -> None:
    pcsc = Service()
    finder = PcscReaderFinder(1, pcsc.establish, ["Duo"])
    try:
        pcsc.plug("Counter Duo 00 00")
        pcsc.plug("Counter Solo 01 00")
        kinds = {reader.info.name: reader.info.kinds for reader in await finder.find()}
    finally:
        await finder.close()
    assert CardKind.RESIDENT in kinds["Counter Duo"]
    assert CardKind.RESIDENT not in kinds["Counter Solo"]
