"""One pass over a JPEG, beside libjpeg-turbo."""

from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.jpeg import UnsupportedJpeg, Workspace, rotate_jpeg, scan_jpeg, scan_top
from tests.unit.imgcore.jpeg.pictures import (
    FACTORS,
    eighth,
    grey,
    jpeg,
    picture,
    progressive,
    without_tables,
)

SIZES = [(64, 48), (97, 131), (16, 16), (1, 1), (250, 33)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sampling", FACTORS)
@pytest.mark.parametrize("quality", [20, 85, 100])
def test_the_thumbnail_is_libjpegs_to_the_bit(size: tuple[int, int], sampling: str, quality: int) -> None:
    data = jpeg(picture(*size, seed=quality), sampling, quality)
    found = scan_jpeg(data, Workspace())
    assert found.complete
    assert np.array_equal(found.thumbnail, eighth(data))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sampling", FACTORS)
def test_the_chroma_is_the_mean_of_its_blocks(size: tuple[int, int], sampling: str) -> None:
    data = jpeg(picture(*size, seed=3), sampling, 100)
    found = scan_jpeg(data, Workspace())
    across, down = (found.layout.sampling[0, axis] // found.layout.sampling[1, axis] for axis in (0, 1))
    whole = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), 1), cv2.COLOR_BGR2YCrCb)
    rows = whole.shape[0] // (8 * down) * 8 * down
    cols = whole.shape[1] // (8 * across) * 8 * across
    for plane, channel in zip(found.chroma, (2, 1), strict=True):
        assert plane.shape == (-(-size[1] // (8 * down)), -(-size[0] // (8 * across)))
        if rows and cols:
            blocks = (cols // (8 * across), rows // (8 * down))
            means = cv2.resize(whole[:rows, :cols, channel], blocks, interpolation=cv2.INTER_AREA)
            assert np.abs(plane[: blocks[1], : blocks[0]].astype(int) - means).mean() < 1.5


@pytest.mark.parametrize("data", [grey(picture(97, 131)), jpeg(picture(97, 131), optimise=True)])
def test_grey_and_optimised_tables(data: bytes) -> None:
    found = scan_jpeg(data, Workspace())
    assert found.complete
    assert np.array_equal(found.thumbnail, eighth(data))


@pytest.mark.parametrize("restart", [1, 3, 50])
def test_restart_markers(restart: int) -> None:
    data = jpeg(picture(200, 100), restart=restart)
    found = scan_jpeg(data, Workspace())
    assert found.complete
    assert found.intervals == -(-13 * 13 // restart)
    assert np.array_equal(found.thumbnail, eighth(data))


def test_missing_tables_and_trailing_garbage_do_not_matter() -> None:
    data = jpeg(picture(64, 48))
    expected = scan_jpeg(data, Workspace()).thumbnail
    for odd in (without_tables(data), data + bytes(500), data + b"\xff\xd8" * 40):
        found = scan_jpeg(odd, Workspace())
        assert found.complete
        assert np.array_equal(found.thumbnail, expected)


@pytest.mark.parametrize("restart", [0, 4])
def test_a_cut_off_frame_is_told_apart_at_any_length(restart: int) -> None:
    data = jpeg(picture(64, 48), restart=restart)
    whole = scan_jpeg(data, Workspace()).thumbnail
    space = Workspace()
    for length in range(700, len(data) - 2, 37):
        found = scan_jpeg(data[:length], space)
        assert not found.complete
        assert found.thumbnail.shape == whole.shape


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (progressive(picture(64, 48)), "baseline"),
        (b"", "begin"),
        (b"\x89PNG", "begin"),
        (b"\xff\xd8", "complete"),
        (jpeg(picture(64, 48))[:300], "complete"),
    ],
)
def test_what_is_unusual_says_so(data: bytes, reason: str) -> None:
    with pytest.raises(UnsupportedJpeg, match=reason):
        scan_jpeg(data, Workspace())


def test_a_workspace_serves_frames_of_any_size() -> None:
    space = Workspace()
    for size in [(640, 480), (16, 16), (800, 600), (97, 131)]:
        data = jpeg(picture(*size))
        assert np.array_equal(scan_jpeg(data, space).thumbnail, eighth(data))


WHOLE = [jpeg(picture(72, 56)), jpeg(picture(40, 40), "420", restart=2), grey(picture(33, 33))]


@pytest.mark.long
@settings(max_examples=400)
@given(st.sampled_from(WHOLE), st.data())
def test_any_damage_is_survived(whole: bytes, data: st.DataObject) -> None:
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = scan_jpeg(bytes(damaged), Workspace())
    except UnsupportedJpeg:
        return
    assert found.thumbnail.size > 0


def with_size(data: bytes, width: int, height: int) -> bytes:
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def test_a_huge_picture_of_few_bytes_costs_few_bytes() -> None:
    space = Workspace()
    found = scan_jpeg(with_size(jpeg(picture(40, 40)), 65500, 3000), space)
    assert not found.complete
    assert space.bits.nbytes + space.dcs.nbytes + space.ends.nbytes < 100_000
    with pytest.raises(UnsupportedJpeg, match="cut off"):
        rotate_jpeg(with_size(jpeg(picture(40, 40)), 65504, 3000), 90, space)
    assert space.bits.nbytes < 100_000


def test_a_long_quantisation_table_that_is_cut_off_is_told() -> None:
    data = jpeg(picture(16, 16))
    with pytest.raises(UnsupportedJpeg, match="cut off"):
        scan_jpeg(data[:2] + b"\xff\xdb\x00\x06\x10\x01\x02\x03" + data[2:], Workspace())


def test_brightness_beyond_all_bounds_ends_the_scan() -> None:
    # One-bit codes: each block rises by 2047 and is over.
    tables = b"".join(bytes([place, 1, *bytes(15), symbol]) for place, symbol in ((0, 11), (0x10, 0)))
    head = without_tables(grey(picture(64, 64)))
    start = head.index(b"\xff\xda")
    dht = struct.pack(">BBH", 0xFF, 0xC4, 2 + len(tables)) + tables
    rising = int("0" + "1" * 11 + "0", 2)
    bits = "".join(f"{rising:013b}" for _ in range(64))
    coded = int(bits, 2).to_bytes(len(bits) // 8).replace(b"\xff", b"\xff\0")
    found = scan_jpeg(head[:start] + dht + head[start : start + 10] + coded + b"\xff\xd9", Workspace())
    assert not found.complete
    assert set(found.thumbnail.ravel()[2:].tolist()) == {128}


def test_more_restart_markers_than_there_can_be_end_a_frame_whatever_came_before() -> None:
    data = jpeg(picture(64, 48), restart=2)
    used = Workspace()
    scan_jpeg(jpeg(picture(300, 300), restart=1), used)
    odd = data[:-2] + b"\xff\xd0" * 9 + data[-2:]
    assert scan_jpeg(odd, used).complete == scan_jpeg(odd, Workspace()).complete


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99, 1.0])
def test_the_top_is_the_top_of_the_whole(share: float) -> None:
    random = np.random.default_rng(3)
    picture = random.integers(0, 255, (203, 331, 3), np.uint8)
    data = cv2.imencode(".jpg", picture)[1].tobytes()
    whole = scan_jpeg(data, Workspace()).thumbnail
    top = scan_top(data, share, Workspace())
    assert abs(len(top) / len(whole) - share) < 0.12
    np.testing.assert_array_equal(top, whole[: len(top)])
