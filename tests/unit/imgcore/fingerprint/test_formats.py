"""Templates come back as they were written, others' are read, and no bytes do harm."""

from __future__ import annotations

import re
import struct
import zlib
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.fingerprint import Template, compare, extract
from imgcore.fingerprint.formats import (
    FormatError,
    FormatNotComparable,
    TemplateFormat,
    extension,
    looks_like_template,
    read,
    write,
)
from imgcore.fingerprint.template import Minutia, build, without_ridges
from tests.unit.imgcore.fingerprint.prints import Press, draw, finger

EXACT = [TemplateFormat.ISO_2005, TemplateFormat.ISO_2011]
ISO_2005_HEAD = struct.pack(">8sIHHHHHBB", b"FMR\x00 20\x00", 24 + 4 + 12 + 2, 0, 400, 300, 197, 197, 1, 0)
"""A record by hand: one view of two minutiae, an ending at (100, 50) up, a fork at (200, 150) to the left."""

TWO_POINTS = bytes.fromhex("4064 0032 40 5A  80C8 0096 80 28")
BY_HAND = ISO_2005_HEAD + bytes([1, 0, 80, 2]) + TWO_POINTS + b"\x00\x00"


FLAT = Press()
LONG_ENOUGH = 137
"""Views of 80 minutiae that make a record of more than 65,535 bytes."""


@cache
def template(seed: int = 0, press: Press = FLAT) -> Template:
    return extract(draw(finger(seed), press))


@pytest.mark.parametrize("form", EXACT)
def test_what_was_written_comes_back_the_same(form: TemplateFormat) -> None:
    before = template()
    (after,) = read(write([before], form))
    assert after.size == before.size
    np.testing.assert_array_equal(after.points, before.points)
    np.testing.assert_array_equal(after.angles, before.angles)
    np.testing.assert_array_equal(after.endings, before.endings)
    np.testing.assert_array_equal(after.quality, before.quality)
    assert after.ridges is not None
    np.testing.assert_array_equal(after.ridges, before.ridges)
    other = template(0, Press(10, noise=20))
    assert compare(after, [other]) == compare(before, [other])


@pytest.mark.parametrize("form", [TemplateFormat.ANSI_2004, TemplateFormat.ANSI_2009])
def test_ansi_keeps_all_but_a_degree(form: TemplateFormat) -> None:
    before = template()
    (after,) = read(write([before], form))
    np.testing.assert_array_equal(after.points, before.points)
    apart = np.abs((after.angles - before.angles + 180) % 360 - 180)
    assert apart.max() <= 1 + 360 / 512
    np.testing.assert_array_equal(after.ridges, before.ridges)


@pytest.mark.parametrize("form", list(TemplateFormat))
def test_a_record_has_several_views(form: TemplateFormat) -> None:
    views = [template(seed) for seed in range(3)]
    after = read(write(views, form))
    assert [len(view) for view in after] == [len(view) for view in views]


@pytest.mark.parametrize("form", list(TemplateFormat))
def test_templates_without_ridges_are_written_too(form: TemplateFormat) -> None:
    (after,) = read(write([without_ridges(template())], form))
    assert after.ridges is None
    assert len(after) == len(template())


@pytest.mark.parametrize("count", [0, 256])
@pytest.mark.parametrize("form", list(TemplateFormat))
def test_a_record_has_a_view_and_not_too_many(form: TemplateFormat, count: int) -> None:
    with pytest.raises(FormatError, match="1 to 255"):
        write([without_ridges(template())] * count, form)


@pytest.mark.long
def test_a_long_record_of_ansi_has_a_long_length() -> None:
    views = [
        build((400, 400), [Minutia(i, j, 30, True, 0.5) for i in range(80, 88) for j in range(90, 100)])
    ] * 150
    record = write(views, TemplateFormat.ANSI_2004)
    assert struct.unpack(">HI", record[8:14]) == (0, len(record))
    assert len(read(record)) == 150


def test_a_record_by_hand_is_read() -> None:
    (found,) = read(BY_HAND)
    assert found.size == (400, 300)
    np.testing.assert_array_equal(found.points, [[100, 50], [200, 150]])
    np.testing.assert_array_equal(found.angles, [90, 180])
    np.testing.assert_array_equal(found.endings, [True, False])
    np.testing.assert_allclose(found.quality, [0.9, 0.4])
    assert found.ridges is None


def test_what_is_written_is_what_the_standard_says() -> None:
    minutiae = [Minutia(100, 50, 90, True, 0.9), Minutia(200, 150, 180, False, 0.4)]
    record = write([build((400, 300), minutiae)], TemplateFormat.ISO_2005)
    assert record == ISO_2005_HEAD + bytes([0, 0, 0, 2]) + TWO_POINTS + b"\x00\x00"


def test_other_densities_are_brought_to_500_dpi() -> None:
    (found,) = read(BY_HAND[:18] + struct.pack(">HH", 394, 394) + BY_HAND[22:])
    assert found.size == (200, 150)
    np.testing.assert_array_equal(found.points, [[50, 25], [100, 75]])


def test_2011_may_leave_quality_out_and_have_blocks_before() -> None:
    points = bytes.fromhex("4064 0032 40  80C8 0096 80")
    body = b"\xff" * 9 + struct.pack(">BHHB5sB3s", 0, 0, 0, 1, bytes(5), 1, bytes(3))
    body += (
        struct.pack(">BBHHBHHBB", 1, 0, 197, 197, 0, 400, 300, 0x50, 2)
        + points
        + struct.pack(">HHHH", 6, 1, 6, 0)
    )
    record = struct.pack(">8sIHBI", b"FMR\x00030\x00", 15 + 4 + len(body), 1, 1, 4 + len(body)) + body
    (found,) = read(record)
    np.testing.assert_array_equal(found.points, [[100, 50], [200, 150]])
    np.testing.assert_array_equal(found.quality, [0.5, 0.5])


@pytest.mark.parametrize("counted", [True, False])
def test_areas_of_others_are_left_out(counted: bool) -> None:
    """Whether their lengths count their heads or not."""
    ours = extension.write(template().ridges)
    data = ours[4:]
    add = 4 if counted else 0
    block = (
        struct.pack(">HH3s", 0x0001, 3 + add, b"abc")
        + struct.pack(">HH", extension.TYPE, len(data) + add)
        + data
    )
    np.testing.assert_array_equal(extension.read(block), template().ridges)


@pytest.mark.parametrize("block", [b"", b"\x00", b"\x00\x01\xff\xff", bytes(40), b"\x47\x50\x00\x08abcd"])
def test_blocks_of_others_are_nothing_to_us(block: bytes) -> None:
    assert extension.read(block) is None


def test_a_pattern_that_would_grow_without_end_is_refused() -> None:
    data = extension.MARK + struct.pack(">HH", 99, 99) + zlib.compress(bytes(50_000_000), 9)
    with pytest.raises(FormatError, match="damaged"):
        extension.read(struct.pack(">HH", extension.TYPE, len(data) + 4) + data)


@pytest.mark.parametrize("rows", [0, 31, 1001, 65535])
def test_a_pattern_of_no_finger_is_refused(rows: int) -> None:
    data = extension.MARK + struct.pack(">HH", rows, 100) + zlib.compress(b"")
    with pytest.raises(FormatError, match="size"):
        extension.read(struct.pack(">HH", extension.TYPE, len(data) + 4) + data)


@pytest.mark.parametrize("length", [512, 1024])
def test_features_of_id_cards_are_named_and_refused(length: int) -> None:
    feature = b"C" + bytes(length - 1)
    assert looks_like_template(feature)
    with pytest.raises(FormatNotComparable) as caught:
        read(feature)
    assert caught.value.format == "GA 1012"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"C",
        b"C" + bytes(512),
        b"FMR",
        b"FMR\x00",
        b"FMR\x00 99\x00" + bytes(50),
        b"\x89PNG\r\n\x1a\n" + bytes(99),
    ],
)
def test_what_is_no_template_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        read(data)


def test_a_record_without_a_view_is_refused() -> None:
    with pytest.raises(FormatError, match="no view"):
        read(BY_HAND[:22] + b"\x00\x00")


@pytest.mark.parametrize(("at", "values"), [(14, (60000, 300)), (18, (0, 197)), (18, (197, 5000))])
def test_pictures_of_no_finger_are_refused(at: int, values: tuple[int, int]) -> None:
    with pytest.raises(FormatError):
        read(BY_HAND[:at] + struct.pack(">HH", *values) + BY_HAND[at + 4 :])


@pytest.mark.parametrize("form", list(TemplateFormat))
def test_no_beginning_of_a_record_is_taken_for_a_whole_one(form: TemplateFormat) -> None:
    record = write([without_ridges(template())], form)
    for end in range(len(record)):
        with pytest.raises(FormatError):
            read(record[:end])


def test_errors_show_no_byte_of_a_template() -> None:
    with pytest.raises(FormatError) as caught:
        read(BY_HAND[:30])
    assert caught.value.__cause__ is None
    assert not any(character.isdigit() for character in str(caught.value))
    shown = repr(template().descriptors) + repr(read(BY_HAND)[0]) + repr(Minutia(100, 50, 90, True, 0.9))
    # Where an object lies in memory is no byte of a template.
    assert "100" not in re.sub("0x[0-9a-f]+", "", shown)


def harmless(data: bytes) -> None:
    try:
        views = read(data)
    except FormatError:
        return
    for view in views:
        assert np.isfinite(view.points).all()
        assert 0 <= compare(view, [template()]) <= 1


@given(
    st.sampled_from([b"", b"FMR\x00 20\x00", b"FMR\x00030\x00", b"FMR\x00035\x00", b"C"]),
    st.binary(max_size=600),
)
@settings(max_examples=300)
def test_no_bytes_do_harm(head: bytes, rest: bytes) -> None:
    harmless(head + rest)


@pytest.mark.long
@given(
    st.sampled_from(list(TemplateFormat)),
    st.lists(st.tuples(st.integers(8, 4000), st.integers(0, 255)), min_size=1, max_size=8),
)
@settings(max_examples=150)
def test_no_changed_bytes_do_harm(form: TemplateFormat, changes: list[tuple[int, int]]) -> None:
    record = bytearray(write([template()], form))
    for at, value in changes:
        record[at % len(record)] = value
    harmless(bytes(record))
