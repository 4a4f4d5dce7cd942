"""Commands in both protocols, and the status words that ask for another."""

from __future__ import annotations

import pytest

from server.devices.adapters.pcsc.apdu import (
    ROUNDS,
    ApduChannel,
    ApduCommand,
    ApduResponse,
    read_record,
    select_name,
)
from server.errors import CardUnreadable, LocalizedText

STEP = LocalizedText("读取", "reading")


class Script:
    """Answers in order, and what was sent for them."""

    def __init__(self, *answers: str) -> None:
        self._answers = [bytes.fromhex(answer) for answer in answers]
        self.sent: list[str] = []

    async def transmit(self, command: bytes) -> bytes:
        self.sent.append(command.hex().upper())
        # The last answer is repeated: a card that never comes to an end.
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    async def send(self, command: ApduCommand, t0: bool = True) -> ApduResponse:
        return await ApduChannel(self.transmit, t0, "Reader").send(command, STEP)


@pytest.mark.parametrize(
    ("command", "t0", "t1"),
    [
        (ApduCommand(0x00, 0x44, 1, 2), "0044010200", "00440102"),
        (read_record(1, 0x0C), "00B2010C00", "00B2010C00"),
        (read_record(1, 0x0C, 20), "00B2010C14", "00B2010C14"),
        (select_name(b"\xa0\1\2"), "00A4040003A00102", "00A4040003A0010200"),
        (select_name(b"\xa0\1\2", None), "00A4040003A00102", "00A4040003A00102"),
    ],
)
def test_a_command_is_written_as_the_protocol_wants(command: ApduCommand, t0: str, t1: str) -> None:
    assert command.encode(True).hex().upper() == t0
    assert command.encode(False).hex().upper() == t1


async def test_a_waiting_answer_is_fetched() -> None:
    card = Script("6103", "AABBCC9000")
    answer = await card.send(select_name(b"\xa0\1\2"))
    assert (answer.data, answer.status) == (b"\xaa\xbb\xcc", 0x9000)
    assert card.sent == ["00A4040003A00102", "00C0000003"]


async def test_an_answer_in_pieces_is_put_together() -> None:
    card = Script("AA6102", "BB6101", "CC9000")
    assert (await card.send(read_record(1, 4), t0=False)).data == b"\xaa\xbb\xcc"
    assert card.sent == ["00B2010400", "00C0000002", "00C0000001"]


async def test_a_wrong_length_is_corrected() -> None:
    card = Script("6C02", "AABB9000")
    assert (await card.send(read_record(8, 0))).data == b"\xaa\xbb"
    assert card.sent == ["00B2080000", "00B2080002"]


async def test_a_wrong_length_of_a_fetch_is_corrected() -> None:
    card = Script("6110", "6C02", "AABB9000")
    assert (await card.send(select_name(b"\xa0\1\2"))).data == b"\xaa\xbb"
    assert card.sent[1:] == ["00C0000010", "00C0000002"]


async def test_zero_stands_for_256() -> None:
    card = Script("6100", "AA" * 256 + "9000")
    assert len((await card.send(select_name(b"\xa0\1\2"))).data) == 256
    assert card.sent[1] == "00C0000000"


async def test_a_command_without_answer_data_is_sent_once() -> None:
    card = Script("6C06")
    answer = await card.send(ApduCommand(0x00, 0x20, 0, 0, b"\x13\x57\x90"))
    assert answer.status == 0x6C06
    assert len(card.sent) == 1


@pytest.mark.parametrize("answer", ["6C10", "6110", "AA61FF"])
async def test_a_card_that_never_comes_to_an_end_is_given_up(answer: str) -> None:
    card = Script(answer)
    with pytest.raises(CardUnreadable, match="reading"):
        await card.send(read_record(1, 4))
    assert len(card.sent) == ROUNDS


@pytest.mark.parametrize("answer", ["", "90"])
async def test_an_answer_without_status_is_refused(answer: str) -> None:
    with pytest.raises(CardUnreadable):
        await Script(answer).send(read_record(1, 4))


def test_nothing_shows_what_is_exchanged() -> None:
    assert "secret" not in repr(ApduCommand(0, 0x20, 0, 0, b"secret"))
    assert "secret" not in repr(ApduResponse(b"secret", 0x9000))
