"""JPEGs turned by their coefficients, beside turned pixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.jpeg import Pen, UnsupportedJpeg, Workspace, rotate_jpeg, strokes_of
from tests.unit.imgcore.jpeg.pictures import FACTORS, grey, jpeg, picture, pixels, progressive, without_tables


def turned(data: bytes, clockwise: int) -> bytes:
    return rotate_jpeg(data, clockwise, Workspace())


@pytest.mark.parametrize("sampling", FACTORS)
@pytest.mark.parametrize("clockwise", [90, 180, 270])
@pytest.mark.parametrize("restart", [0, 3])
def test_it_shows_the_turned_picture(sampling: str, clockwise: int, restart: int) -> None:
    data = jpeg(picture(96, 64), sampling, restart=restart)
    expected = np.rot90(pixels(data), -clockwise // 90).astype(int)
    found = pixels(turned(data, clockwise)).astype(int)
    assert found.shape == expected.shape
    # libjpeg's own transform and its smoothing of colour round to one side: a few levels, nothing more.
    assert np.abs(found - expected).max() <= 6
    assert np.abs(found - expected).mean() < 0.6


@pytest.mark.parametrize("data", [jpeg(picture(96, 64)), grey(picture(96, 64)), jpeg(picture(96, 64), "420")])
def test_four_quarters_lose_nothing(data: bytes) -> None:
    once = turned(turned(turned(turned(data, 90), 90), 90), 90)
    assert np.array_equal(pixels(once), pixels(data))
    assert np.array_equal(pixels(turned(turned(data, 180), 180)), pixels(data))
    assert np.array_equal(pixels(turned(turned(data, 90), 270)), pixels(data))


def test_lines_are_drawn_in_the_same_pass() -> None:
    data = jpeg(picture(176, 128))
    quad = np.array([[20, 30], [110, 36], [104, 150], [26, 146]], np.float32)
    result = pixels(rotate_jpeg(data, 90, Workspace(), strokes_of(quad, closed=True), Pen(4)))
    expected = np.ascontiguousarray(np.rot90(pixels(data), -1))
    cv2.polylines(expected, [np.round(quad * 16).astype(np.int32)], True, (0, 255, 0), 4, cv2.LINE_AA, 4)
    assert np.abs(result.astype(int) - expected).mean() < 5


@pytest.mark.parametrize(
    ("size", "sampling", "works"),
    [
        ((90, 64), "422", {90}),
        ((96, 60), "422", {270}),
        ((90, 60), "422", set()),
        ((96, 72), "420", {270}),
        ((96, 72), "444", {90, 180, 270}),
    ],
)
def test_odd_edges_are_told_apart(size: tuple[int, int], sampling: str, works: set[int]) -> None:
    data = jpeg(picture(*size), sampling)
    for clockwise in (90, 180, 270):
        if clockwise in works:
            expected = np.rot90(pixels(data), -clockwise // 90).astype(int)
            assert np.abs(pixels(turned(data, clockwise)).astype(int) - expected).mean() < 0.5
        else:
            with pytest.raises(UnsupportedJpeg, match="multiple"):
                turned(data, clockwise)


def test_missing_tables_and_garbage_do_not_matter() -> None:
    data = jpeg(picture(96, 64))
    assert turned(without_tables(data) + bytes(99), 90) is not None
    assert np.array_equal(pixels(turned(without_tables(data), 90)), pixels(turned(data, 90)))


@pytest.mark.parametrize("data", [progressive(picture(96, 64)), b"", jpeg(picture(96, 64))[:-300]])
def test_what_cannot_be_turned_says_so(data: bytes) -> None:
    with pytest.raises(UnsupportedJpeg):
        turned(data, 90)


WHOLE = [jpeg(picture(64, 64)), jpeg(picture(32, 32), "420", restart=2), grey(picture(32, 32))]


@pytest.mark.long
@settings(max_examples=300)
@given(st.sampled_from(WHOLE), st.sampled_from([90, 180, 270]), st.data())
def test_any_damage_is_survived(whole: bytes, clockwise: int, data: st.DataObject) -> None:
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        result = turned(bytes(damaged), clockwise)
    except UnsupportedJpeg:
        return
    assert result[-2:] == b"\xff\xd9"
