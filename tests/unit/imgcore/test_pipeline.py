"""The whole way of a picture: pure, the same in every thread, whatever the size."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.pipeline import ORDER, missing, process
from imgcore.rotate import rotate
from imgcore.settings import Crop, Fill, ImageType, Rect, Removal, Settings
from imgcore.types import ImageError
from tests.fakes.paper import page_on_desk

RECT = Rect(100, 50, 300, 250)
EVERYTHING = [
    Settings(crop=crop, rect=RECT, image_type=image_type, deskew=True, rotate=turn)
    for crop, image_type, turn in itertools.product(
        (Crop.NONE, Crop.SINGLE, Crop.MULTI, Crop.MANUAL),
        (ImageType.ORIGINAL, ImageType.GREY, ImageType.BLACK_WHITE),
        (0, 90),
    )
]
OFFERED = [each for each in EVERYTHING if missing(each) is None]


def test_with_nothing_to_do_the_picture_is_the_input_itself() -> None:
    picture = page_on_desk()
    result = process(picture, Settings())
    assert result.pictures[0] is picture
    assert [stage.name for stage in result.report.stages] == list(ORDER)
    assert not any(stage.applied for stage in result.report.stages)


@pytest.mark.parametrize("shape", [(1, 1), (1, 30000), (16, 16), (16, 16, 3), (30000, 1, 3), (90, 120)])
@pytest.mark.parametrize("crop", [Crop.NONE, Crop.SINGLE, Crop.MULTI])
def test_no_size_crashes(shape: tuple[int, ...], crop: Crop) -> None:
    picture = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    for each in (each for each in OFFERED if each.crop is crop):
        pictures = process(picture, each).pictures
        assert pictures
        assert all(found.dtype == np.uint8 and found.size for found in pictures)


@given(st.sampled_from(OFFERED))
@settings(max_examples=15, deadline=None)
def test_the_input_is_never_modified(wanted: Settings) -> None:
    picture = page_on_desk()
    before = picture.copy()
    picture.flags.writeable = False
    process(picture, wanted)
    np.testing.assert_array_equal(picture, before)


def test_threads_give_what_one_thread_gives() -> None:
    picture = page_on_desk()
    alone = [process(picture, wanted).pictures for wanted in OFFERED]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda wanted: process(picture, wanted).pictures, OFFERED))
    for one, other in zip(alone, together, strict=True):
        assert len(one) == len(other)
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("image_type", [ImageType.ORIGINAL, ImageType.GREY])
def test_turning_before_is_turning_within(turn: int, image_type: ImageType) -> None:
    picture = page_on_desk()
    within = process(picture, Settings(rotate=turn, image_type=image_type)).pictures[0]
    before = process(rotate(picture, turn), Settings(image_type=image_type)).pictures[0]
    np.testing.assert_array_equal(within, before)
    back = process(within, Settings(rotate=360 - turn)).pictures[0]
    np.testing.assert_array_equal(back, process(picture, Settings(image_type=image_type)).pictures[0])


def test_a_cropped_page_cropped_again_stays_as_it_is() -> None:
    once = process(page_on_desk(), Settings(crop=Crop.SINGLE)).pictures[0]
    twice = process(once, Settings(crop=Crop.SINGLE)).pictures[0]
    assert np.abs(np.subtract(twice.shape, once.shape)).max() <= 4
    rows, cols = min(once.shape[0], twice.shape[0]) - 4, min(once.shape[1], twice.shape[1]) - 4
    apart = np.abs(once[4:rows, 4:cols].astype(int) - twice[4:rows, 4:cols])
    assert apart.mean() < 12


def test_a_desk_without_a_page_comes_back_whole() -> None:
    picture = np.full((120, 160, 3), 77, np.uint8)
    result = process(picture, Settings(crop=Crop.SINGLE))
    assert result.pictures[0] is picture
    assert result.report.stages[1].note == "no page was found"


def test_the_report_says_where_the_page_was_and_how_long_it_took() -> None:
    ticks = itertools.count()
    result = process(page_on_desk(), Settings(crop=Crop.SINGLE), lambda: float(next(ticks)))
    stage = next(stage for stage in result.report.stages if stage.name == "crop")
    assert np.shape(stage.values["documents"][0]["corners"]) == (4, 2)
    assert stage.milliseconds == 1000.0


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 5), np.uint8),
        np.zeros((5, 5, 4), np.uint8),
        np.zeros((5, 5), np.float32),
        np.zeros((5,), np.uint8),
    ],
    ids=["empty", "four channels", "float", "one axis"],
)
def test_what_is_no_picture_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(ImageError, match="a picture is"):
        process(picture, Settings())


@pytest.mark.parametrize(
    "wanted", [Settings(crop=Crop.CURVE), Settings(fill=Fill.WHITE), Settings(removal=Removal.HOLES)]
)
def test_what_is_missing_is_named_and_refused(wanted: Settings) -> None:
    option = missing(wanted)
    if option is None:
        pytest.skip(f"{wanted} is offered")
    assert option in (Crop.CURVE, Fill.WHITE, Removal.HOLES)
    with pytest.raises(ImageError, match=option.name):
        process(page_on_desk(), wanted)


@pytest.mark.parametrize("turn", [1, 45, 360, -90])
def test_settings_refuse_what_makes_no_sense(turn: int) -> None:
    with pytest.raises(ImageError):
        Settings(rotate=turn)
    with pytest.raises(ImageError):
        Settings(crop=Crop.MANUAL)
