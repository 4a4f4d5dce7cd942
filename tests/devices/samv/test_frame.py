"""Frames: published ones byte for byte, and found again whatever surrounds them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from server.devices.adapters.samv.frame import SYNC, Parser, SamAnswer, SamCommand, encode, encode_answer

PUBLISHED = {
    SamCommand.STATUS: "AAAAAA9669 0003 11FF ED",
    SamCommand.FIND: "AAAAAA9669 0003 2001 22",
    SamCommand.SELECT: "AAAAAA9669 0003 2002 21",
    SamCommand.READ_BASE: "AAAAAA9669 0003 3001 32",
    SamCommand.READ_ADDRESS: "AAAAAA9669 0003 3003 30",
    SamCommand.READ_FINGERS: "AAAAAA9669 0003 3010 23",
}
ANSWERS = {
    "AAAAAA9669 0004 000090 94": SamAnswer(0x90),
    "AAAAAA9669 0008 00009F 00000000 97": SamAnswer(0x9F, bytes(4)),
    "AAAAAA9669 0004 000080 84": SamAnswer(0x80),
    "AAAAAA9669 000C 000090 0000000000000000 9C": SamAnswer(0x90, bytes(8)),
    "AAAAAA9669 0004 000081 85": SamAnswer(0x81),
}
answers = st.builds(SamAnswer, st.integers(0, 0xFFFFFF), st.binary(max_size=2400))


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    """`data` cut at these places."""
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


def parsed(parser: Parser, pieces: list[bytes]) -> list[SamAnswer]:
    return [answer for piece in pieces for answer in parser.feed(piece)]


def test_every_command_has_its_published_frame() -> None:
    assert {command: encode(command) for command in SamCommand} == {
        command: bytes.fromhex(frame) for command, frame in PUBLISHED.items()
    }


@pytest.mark.parametrize("frame", ANSWERS)
def test_published_answers(frame: str) -> None:
    assert Parser().feed(bytes.fromhex(frame)) == [ANSWERS[frame]]
    assert encode_answer(ANSWERS[frame]) == bytes.fromhex(frame)


def test_only_reads_are_of_a_card() -> None:
    reads = {SamCommand.READ_BASE, SamCommand.READ_ADDRESS, SamCommand.READ_FINGERS}
    assert {command for command in SamCommand if command.reads} == reads


@pytest.mark.long
@given(st.lists(answers, max_size=4), st.lists(st.integers(0, 10_000), max_size=20))
def test_answers_come_out_however_they_are_cut(sent: list[SamAnswer], cuts: list[int]) -> None:
    parser = Parser()
    assert parsed(parser, split(b"".join(map(encode_answer, sent)), cuts)) == sent
    assert not parser.damaged
    assert not parser.begun


@given(answers, st.binary(max_size=40), st.binary(max_size=40), st.lists(st.integers(0, 3000), max_size=8))
def test_stray_bytes_are_passed_over(answer: SamAnswer, before: bytes, after: bytes, cuts: list[int]) -> None:
    assume(SYNC not in before + SYNC[:-1])
    assert parsed(Parser(), split(before + encode_answer(answer) + after, cuts)) == [answer]


@given(answers, st.binary(max_size=40))
def test_noise_that_looks_like_a_frame_hides_none(answer: SamAnswer, noise: bytes) -> None:
    assume(SYNC not in noise)
    parser = Parser()
    assert answer in parser.feed(SYNC + noise + encode_answer(answer)) + parser.give_up()


def test_the_first_byte_may_be_spoilt() -> None:
    assert Parser().feed(bytes.fromhex("AA00AAAA9669 0004 000080 84")) == [SamAnswer(0x80)]


def test_a_frame_within_one_that_never_ends_is_found() -> None:
    parser = Parser()
    real = encode_answer(SamAnswer(0x9F, bytes(4)))
    assert parser.feed(SYNC + b"\x05\x08" + real) == []
    assert parser.begun
    assert parser.give_up() == [SamAnswer(0x9F, bytes(4))]
    assert parser.damaged


@given(answers, st.data())
def test_any_byte_that_changes_is_noticed(answer: SamAnswer, data: st.DataObject) -> None:
    frame = bytearray(encode_answer(answer))
    place = data.draw(st.integers(len(SYNC) + 3, len(frame) - 1))
    frame[place] ^= data.draw(st.integers(1, 255))
    parser = Parser()
    assert parser.feed(bytes(frame)) + parser.give_up() == []
    assert parser.damaged


@pytest.mark.parametrize("length", ["0000", "0003", "1001", "FFFF"])
def test_impossible_lengths_do_not_hold_anything_up(length: str) -> None:
    real = encode_answer(SamAnswer(0x90))
    assert Parser().feed(SYNC + bytes.fromhex(length) + real) == [SamAnswer(0x90)]


def test_clear_forgets() -> None:
    parser = Parser()
    frame = encode_answer(SamAnswer(0x90, bytes(100)))
    parser.feed(frame[:50])
    parser.clear()
    assert parser.feed(frame[50:]) == []
    assert parser.feed(frame) == [SamAnswer(0x90, bytes(100))]


def test_noise_is_not_kept() -> None:
    parser = Parser()
    for _ in range(100):
        parser.feed(bytes(10_000))
    assert len(parser._held) < 10


def test_an_answer_does_not_show_its_data() -> None:
    assert "Canary" not in repr(SamAnswer(0x90, b"Canary"))
