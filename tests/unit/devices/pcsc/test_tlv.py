"""Tags, lengths and values, from cards that may send anything."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.devices.adapters.pcsc import apdu as tlv
from tests.fakes.smartcards.card import ber

PRIMITIVE = st.sampled_from([0x4F, 0x50, 0x57, 0x5A, 0x84, 0x87, 0x9F38, 0x5F24, 0x9F8101])
TEMPLATE = st.sampled_from([0x61, 0x6F, 0x70, 0x77, 0xA5, 0xBF0C])
PADDING = st.sampled_from([b"", b"\0", b"\xff\xff", b"\0\0\0"])


def test_templates_are_opened() -> None:
    fci = bytes.fromhex("6F1A840E315041592E5359532E4444463031A5088801015F2D027A68")
    assert list(tlv.objects(fci)) == [(0x6F, fci[2:])]
    assert [tag for tag, _ in tlv.walk(fci)] == [0x6F, 0x84, 0xA5, 0x88, 0x5F2D]
    assert tlv.first(fci, 0x5F2D) == b"zh"
    assert tlv.first(fci, 0x9F38) is None


@pytest.mark.parametrize("size", [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x1234])
def test_lengths_of_all_forms(size: int) -> None:
    assert list(tlv.objects(ber(0x70, bytes(size)))) == [(0x70, bytes(size))]


@pytest.mark.parametrize(
    "broken",
    [
        "5A",  # no length
        "5A03 11 22",  # cut short
        "5A80 11 0000",  # indefinite
        "5A84 00000001 11",  # a length of four bytes
        "5A81",  # a length cut short
        "5A FF",
        "9F",  # a tag cut short
        "9F8182838401 00",  # a tag of five bytes and more
    ],
)
def test_what_is_no_tlv_is_refused(broken: str) -> None:
    with pytest.raises(tlv.MalformedTlv):
        list(tlv.objects(bytes.fromhex(broken)))


def test_templates_in_templates_have_an_end() -> None:
    nested = b""
    for _ in range(tlv.DEPTH + 1):
        nested = ber(0x70, nested)
    with pytest.raises(tlv.MalformedTlv):
        list(tlv.walk(nested))


@given(st.lists(st.tuples(PRIMITIVE, st.binary(max_size=300), PADDING)))
def test_what_was_put_together_is_taken_apart(parts: list[tuple[int, bytes, bytes]]) -> None:
    data = b"".join(ber(tag, value) + padding for tag, value, padding in parts)
    assert list(tlv.objects(data)) == [(tag, value) for tag, value, _ in parts]


@given(TEMPLATE, TEMPLATE, PRIMITIVE, st.binary(max_size=40))
def test_an_object_is_found_on_any_level(outer: int, inner: int, tag: int, value: bytes) -> None:
    assert tlv.first(ber(outer, ber(inner, ber(tag, value))), tag) == value


@given(st.binary(max_size=300))
def test_any_bytes_are_parsed_or_refused_without_a_word_of_them(data: bytes) -> None:
    for parse in (tlv.walk, tlv.tags_and_lengths, tlv.record, tlv.objects):
        try:
            list(parse(data))  # type: ignore[operator]
        except tlv.MalformedTlv as exc:
            assert exc.__cause__ is None
            assert data.hex() not in str(exc) or len(data) < 2


@given(st.binary(max_size=200))
def test_objects_never_hold_more_than_there_is(data: bytes) -> None:
    with contextlib.suppress(tlv.MalformedTlv):
        assert sum(len(value) for _, value in tlv.objects(data)) <= len(data)


@given(st.lists(st.tuples(PRIMITIVE, st.integers(0, 0x1FF))))
def test_lists_of_tags_and_lengths(wanted: list[tuple[int, int]]) -> None:
    data = b"".join(ber(tag, bytes(length))[: -length or None] for tag, length in wanted)
    assert tlv.tags_and_lengths(data) == wanted


@given(st.integers(0, 255), st.binary(max_size=254), PADDING)
def test_records(tag: int, value: bytes, padding: bytes) -> None:
    assert tlv.record(bytes((tag, len(value))) + value + padding) == (tag, value)


def test_a_long_record() -> None:
    assert tlv.record(b"\x09\xff\x01\x00" + bytes(256)) == (9, bytes(256))


@pytest.mark.parametrize("broken", ["", "09", "0903 1122", "09FF 00", "09FF 0002 11"])
def test_a_record_cut_short_is_refused(broken: str) -> None:
    with pytest.raises(tlv.MalformedTlv):
        tlv.record(bytes.fromhex(broken))
