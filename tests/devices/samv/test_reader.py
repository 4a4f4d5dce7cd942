"""Reading through a serial port at its real speed, with all that a module may say."""

from __future__ import annotations

import asyncio
import time

import pytest

from server.devices.adapters.samv import reader as reader_module
from server.devices.adapters.samv.reader import POLL_SECONDS, SamvReader
from server.devices.ports.card_reader import ResidentForm
from server.errors import (
    CardSilent,
    CardTakenAway,
    CardUnreadable,
    DeviceFailed,
    DeviceTimeout,
    GaopaiError,
    NoCard,
    WrongCard,
)
from tests.devices.samv.conftest import check_discreet
from tests.devices.samv.module import ADDRESS, BASE, FIND, FINGERS, SELECT, SILENCE, STATUS, Module, said
from tests.devices.samv.people import FINGERS as FEATURES
from tests.devices.samv.people import (
    LATEST,
    NAME,
    PORTRAIT,
    FakeCard,
    citizen,
    foreigner_2017,
    foreigner_2023,
    residence,
)
from tests.devices.samv.serial_port import SerialPort
from tests.patience import PATIENCE

CITIZEN = FakeCard(citizen(), fingers=FEATURES)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that does not wait long where nothing comes."""
    monkeypatch.setattr(reader_module, "READ_SECONDS", 1.0)
    monkeypatch.setattr(reader_module, "SHORT_SECONDS", 0.5)


def spoilt(frame: bytes) -> bytes:
    """With one bit of its data wrong."""
    return frame[:20] + bytes([frame[20] ^ 4]) + frame[21:]


async def refused(reader: SamvReader, error: type[GaopaiError]) -> str:
    """What reading says in both languages, when it ends with that error."""
    with pytest.raises(error) as raised:
        await reader.read()
    texts = raised.value.message("zh") + raised.value.message("en") + repr(raised.value)
    check_discreet(texts)
    return texts


# What is read ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (citizen(), ResidentForm.CITIZEN),
        (residence(), ResidentForm.RESIDENCE),
        (foreigner_2017(), ResidentForm.FOREIGNER_2017),
        (foreigner_2023(), ResidentForm.FOREIGNER_2023),
    ],
)
async def test_each_kind_of_card(reader: SamvReader, module: Module, text: bytes, form: ResidentForm) -> None:
    module.put(FakeCard(text, fingers=FEATURES))
    await reader.wait(PATIENCE)
    card = await reader.read()
    assert (card.form, card.name, card.portrait_wlt, card.finger_features) == (form, NAME, PORTRAIT, FEATURES)
    check_discreet(repr(card))


async def test_a_card_without_fingers(reader: SamvReader, module: Module) -> None:
    module.put(FakeCard(citizen()))
    card = await reader.read()
    assert (card.name, card.portrait_wlt, card.finger_features) == (NAME, PORTRAIT, b"")


async def test_the_latest_address(reader: SamvReader, module: Module) -> None:
    module.put(FakeCard(citizen(), latest=LATEST))
    assert (await reader.read()).latest_address == LATEST


@pytest.mark.parametrize("deed", [0x91, 0x41, 0x24, SILENCE])
async def test_a_card_is_read_without_its_latest_address(
    reader: SamvReader, module: Module, deed: int | bytes, hasty: None
) -> None:
    module.will(ADDRESS, deed)
    card = await reader.read()
    assert (card.name, card.latest_address) == (NAME, "")


@pytest.mark.parametrize("unknown", [0x21, 0x23, 0x24])
async def test_a_module_without_fingers_is_asked_once(
    reader: SamvReader, module: Module, unknown: int
) -> None:
    module.will(FINGERS, unknown)
    assert (await reader.read()).finger_features == b""
    module.put(CITIZEN)
    assert (await reader.read()).finger_features == b""
    assert module.commands.count(FINGERS) == 1


async def test_what_was_found_is_not_looked_for_again(reader: SamvReader, module: Module) -> None:
    await reader.wait(PATIENCE)
    await reader.read()
    assert [command for command in module.commands if command != STATUS] == [FIND, SELECT, FINGERS, ADDRESS]


# Presence ----------------------------------------------------------------------------------------


async def test_a_card_is_waited_for(reader: SamvReader, module: Module) -> None:
    module.lift()
    assert not await reader.present()
    waiting = asyncio.create_task(reader.wait(PATIENCE))
    while module.commands.count(FIND) < 3:
        await asyncio.sleep(0.02)
    assert not waiting.done()
    module.put(CITIZEN)
    await waiting
    assert await reader.present()


async def test_no_card_comes(reader: SamvReader, module: Module) -> None:
    module.lift()
    with pytest.raises(NoCard):
        await reader.wait(0.4)
    await refused(reader, NoCard)


async def test_a_module_is_not_asked_more_often_than_it_likes(
    reader: SamvReader, module: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep

    async def remembered(seconds: float) -> None:
        waits.append(seconds)
        await sleep(0)

    module.lift()
    monkeypatch.setattr(reader_module, "POLL_SECONDS", 1000)
    monkeypatch.setattr(reader_module.asyncio, "sleep", remembered)
    for _ in range(3):
        await reader.present()
    assert waits[0] <= 0
    assert all(900 < waited <= 1000 for waited in waits[1:])


def test_modules_want_a_third_of_a_second() -> None:
    assert POLL_SECONDS >= 0.3


async def test_a_card_that_was_read_has_to_be_lifted(reader: SamvReader, module: Module) -> None:
    await reader.read()
    assert not await reader.present()
    await refused(reader, NoCard)
    module.put(CITIZEN)
    assert (await reader.read()).name == NAME


async def test_a_module_that_finds_a_card_again_reads_it_again(reader: SamvReader, module: Module) -> None:
    module.finds_again = True
    assert (await reader.read()).name == (await reader.read()).name == NAME


async def test_a_card_that_leaves_while_it_is_read(reader: SamvReader, module: Module) -> None:
    module.will(FINGERS, module.lift)
    await refused(reader, CardTakenAway)


async def test_a_card_that_leaves_before_it_is_read(reader: SamvReader, module: Module) -> None:
    await reader.wait(PATIENCE)
    module.lift()
    await refused(reader, CardTakenAway)


async def test_a_module_that_falls_silent_when_the_card_leaves(
    reader: SamvReader, module: Module, hasty: None
) -> None:
    module.will(FINGERS, SILENCE)
    await reader.wait(PATIENCE)
    reading = asyncio.create_task(reader.read())
    while FINGERS not in module.commands:
        await asyncio.sleep(0.01)
    module.lift()
    with pytest.raises(CardTakenAway):
        await reading


# What goes wrong ---------------------------------------------------------------------------------


@pytest.mark.parametrize("passing", [0x10, 0x11, 0x31, 0x32, 0x33, 0x41, 0x47, 0x80, 0x99])
async def test_what_may_pass_is_tried_again(reader: SamvReader, module: Module, passing: int) -> None:
    module.will(FINGERS, passing)
    assert (await reader.read()).finger_features == FEATURES
    assert module.commands.count(FIND) == 2


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (0x10, DeviceFailed, "checksum"),
        (0x11, DeviceFailed, "length"),
        (0x31, CardUnreadable, "refuses the reader"),
        (0x32, CardUnreadable, "refuses the card"),
        (0x33, CardUnreadable, "fail the check"),
        (0x41, CardUnreadable, "reading failed"),
        (0x47, CardUnreadable, "random number"),
        (0x91, CardUnreadable, "does not hold"),
        (0x99, CardUnreadable, "status 99"),
    ],
)
async def test_what_does_not_pass(
    reader: SamvReader, module: Module, status: int, error: type[GaopaiError], words: str
) -> None:
    module.will(FINGERS, status, status)
    module.will(BASE, status)
    assert words in await refused(reader, error)


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (0x40, WrongCard, "a resident ID card"),
        (0x60, DeviceFailed, "self test"),
        (0x66, DeviceFailed, "not authorised"),
    ],
)
@pytest.mark.parametrize("command", [SELECT, FINGERS])
async def test_what_is_hopeless_is_not_tried_again(
    reader: SamvReader, module: Module, command: bytes, status: int, error: type[GaopaiError], words: str
) -> None:
    module.will(command, status)
    assert words in await refused(reader, error)
    assert module.commands.count(FIND) == 1


async def test_a_module_that_cannot_read_at_all(reader: SamvReader, module: Module) -> None:
    module.will(FINGERS, 0x21)
    module.will(BASE, 0x21)
    await refused(reader, DeviceFailed)


async def test_a_card_without_power_is_silent(reader: SamvReader, module: Module) -> None:
    module.will(SELECT, 0x81, 0x81, 0x81)
    await refused(reader, CardSilent)


async def test_fingers_that_cannot_be_read_cost_nothing_else(reader: SamvReader, module: Module) -> None:
    module.will(FINGERS, 0x41, 0x41)
    card = await reader.read()
    assert (card.name, card.finger_features) == (NAME, b"")


async def test_a_status_about_the_reader_while_looking(reader: SamvReader, module: Module) -> None:
    module.will(FIND, 0x60)
    with pytest.raises(DeviceFailed, match="self test"):
        await reader.present()
    assert await reader.present()


async def test_an_unknown_document_is_refused(reader: SamvReader, module: Module) -> None:
    module.put(FakeCard(citizen(kind="Q")))
    await refused(reader, CardUnreadable)


async def test_blocks_of_wrong_length_are_read_again(reader: SamvReader, module: Module) -> None:
    module.will(FINGERS, said(0x90, b"\1\0\4\0\4\0" + bytes(2000)))
    assert (await reader.read()).name == NAME


# The line ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", [b"\0", b"\xaa\x00", bytes(range(256)), b"\xaa\xaa\xaa\x96\x69\x00\x08"])
@pytest.mark.parametrize("pieces", [7, 512])
async def test_noise_before_every_answer(
    reader: SamvReader, port: SerialPort, noise: bytes, pieces: int
) -> None:
    port.noise = noise
    port.pieces = pieces
    assert (await reader.read()).finger_features == FEATURES


async def test_a_damaged_answer_is_asked_for_again(reader: SamvReader, module: Module, hasty: None) -> None:
    whole = said(0x90, b"\1\0\4\0\4\0" + citizen() + PORTRAIT + FEATURES)
    module.will(FINGERS, spoilt(whole))
    assert (await reader.read()).finger_features == FEATURES
    assert module.commands.count(FINGERS) == 2


async def test_an_answer_cut_short_is_asked_for_again(
    reader: SamvReader, module: Module, hasty: None
) -> None:
    module.will(FINGERS, said(0x90, bytes(1000))[:-1])
    assert (await reader.read()).finger_features == FEATURES


async def test_answers_that_are_always_damaged(reader: SamvReader, module: Module, hasty: None) -> None:
    bad = spoilt(said(0x9F, bytes(100)))
    module.will(FIND, bad, bad, bad)
    with pytest.raises(DeviceFailed, match="damaged"):
        await reader.present()
    assert await reader.present()


async def test_one_silence_is_forgiven(reader: SamvReader, module: Module, hasty: None) -> None:
    module.will(FIND, SILENCE)
    module.will(FINGERS, SILENCE)
    assert (await reader.read()).finger_features == FEATURES


async def test_a_module_that_says_nothing(reader: SamvReader, module: Module, hasty: None) -> None:
    assert await reader.present()
    module.will(STATUS, *[SILENCE] * 50)
    module.will(FIND, *[SILENCE] * 50)
    with pytest.raises(DeviceTimeout):
        await reader.present()


async def test_a_reading_that_is_given_up_leaves_nothing_behind(reader: SamvReader, module: Module) -> None:
    for command in (FIND, SELECT, FINGERS, ADDRESS):
        module.put(CITIZEN)
        module.will(command, lambda: time.sleep(0.2))
        asked = module.commands.count(command)
        reading = asyncio.create_task(reader.read())
        while module.commands.count(command) == asked:
            await asyncio.sleep(0.005)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    module.put(CITIZEN)
    assert (await reader.read()).finger_features == FEATURES
