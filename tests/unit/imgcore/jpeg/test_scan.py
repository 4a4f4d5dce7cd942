"""One pass over a JPEG, beside libjpeg-turbo."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.jpeg import UnusualJpeg, Workspace, scan_jpeg
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
    with pytest.raises(UnusualJpeg, match=reason):
        scan_jpeg(data, Workspace())


def test_a_workspace_serves_frames_of_any_size() -> None:
    space = Workspace()
    for size in [(640, 480), (16, 16), (800, 600), (97, 131)]:
        data = jpeg(picture(*size))
        assert np.array_equal(scan_jpeg(data, space).thumbnail, eighth(data))


WHOLE = [jpeg(picture(72, 56)), jpeg(picture(40, 40), "420", restart=2), grey(picture(33, 33))]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(WHOLE), st.data())
def test_any_damage_is_survived(whole: bytes, data: st.DataObject) -> None:
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = scan_jpeg(bytes(damaged), Workspace())
    except UnusualJpeg:
        return
    assert found.thumbnail.size > 0
