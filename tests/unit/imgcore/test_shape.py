"""Pictures of no shape to work on are refused before any work."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgcore import codec
from imgcore.crop import page_size
from imgcore.outline.propose.candidates import SIDE, downscale
from imgcore.pipeline import process
from imgcore.settings import Crop, Rect, Settings
from imgcore.shape import MOST_ASPECT, MOST_GROWTH, MOST_SIDE, check_shape
from imgcore.types import ImageError, SideTooLong, TooManyPixels, TooNarrow
from imgcore.verdict import judge

LIMIT = 120_000_000


@pytest.mark.parametrize("size", [(1, 1), (1, 100), (100, 1), (MOST_SIDE, 328), (10_000, 12_000)])
def test_these_shapes_are_worked_on(size: tuple[int, int]) -> None:
    check_shape(*size, LIMIT)


@pytest.mark.parametrize(
    ("size", "fault"),
    [
        ((0, 5), ImageError),
        ((10_001, 12_000), TooManyPixels),
        ((MOST_SIDE + 1, 400), SideTooLong),
        ((60, 300_000), SideTooLong),
        ((1, 101), TooNarrow),
        ((20, 20_000), TooNarrow),
    ],
)
def test_others_are_refused_each_by_an_error_of_its_own(
    size: tuple[int, int], fault: type[ImageError]
) -> None:
    for each in (size, size[::-1]):
        with pytest.raises(ImageError) as refused:
            check_shape(*each, LIMIT)
        assert type(refused.value) is fault


def test_a_file_is_refused_by_its_header() -> None:
    coded = codec.encode(np.zeros((4000, 20), np.uint8), "png")
    # Nothing that it holds is looked at.
    hollow = coded[:60] + bytes(len(coded) - 60)
    with pytest.raises(TooNarrow):
        codec.decode(hollow, LIMIT)


def test_the_pipeline_refuses_what_a_manual_crop_makes_too_narrow() -> None:
    page = np.full((2000, 2000, 3), 255, np.uint8)
    strip = Settings(crop=Crop.MANUAL, rect=Rect(5, 0, 6, 2000))
    quad = Settings(crop=Crop.MANUAL, quad=((4.5, 0), (12.5, 0), (12.5, 1900), (4.5, 1900)))
    for settings in (strip, quad):
        with pytest.raises(TooNarrow):
            process(page, settings)


@given(st.lists(st.floats(-0.5, 1.5), min_size=8, max_size=8))
def test_a_page_is_never_many_times_as_large_as_its_picture(place: list[float]) -> None:
    picture = (11_000, 10_900)
    quad = np.array(place).reshape(4, 2) * picture
    quad += np.array([(0, 0), (9, 0), (9, 9), (0, 9)])
    width, height = page_size(quad, picture)
    assert width * height <= 1.001 * MOST_GROWTH * picture[0] * picture[1] + MOST_SIDE


@pytest.mark.parametrize("shape", [(60_000, 20), (20, 60_000), (100_000, 60, 3), (1, 5000)])
def test_a_narrow_picture_is_reduced_for_a_search(shape: tuple[int, ...]) -> None:
    small, factor = downscale(np.zeros(shape, np.uint8), SIDE)
    assert max(small.shape[:2]) <= 1.5 * SIDE
    assert np.allclose(np.array(small.shape[1::-1]) * factor, shape[1::-1], rtol=0.01)


@pytest.mark.parametrize("shape", [(1, 3000), (3000, 1), (2, 200), (7, 700, 3)])
def test_the_text_of_thin_pictures_is_judged(shape: tuple[int, ...]) -> None:
    assert judge(np.full(shape, 200, np.uint8), 0.0) is not None


def test_one_in_a_hundred_is_what_the_message_says() -> None:
    with pytest.raises(TooNarrow, match=f"20 x 20000 is more than {MOST_ASPECT} times"):
        check_shape(20, 20_000)
