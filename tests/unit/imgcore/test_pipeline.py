"""The whole way of a picture: pure, the same in every thread, whatever the size."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore import stages
from imgcore.deskew import deskew, find_skew
from imgcore.document_image import DocumentImage
from imgcore.models import Models
from imgcore.orientation import OrientationNet
from imgcore.outline import DocumentNets, Finding, Refusal, RefusedOutline
from imgcore.pipeline import ORDER, process
from imgcore.rotate import rotate
from imgcore.settings import Crop, Fill, ImageType, Rect, Removal, Settings, WhenUnsure
from imgcore.types import CropOutcome, CropState, Image, ImageError, Outline
from synthetic.datasets.whole_pages import make_whole_page
from tests.extent import extent
from tests.fakes.paper import PAGE, desk, laid, page_on_desk, sheet

RECT = Rect(100, 50, 300, 250)
EVERYTHING = [
    *(
        Settings(crop=crop, rect=RECT, image_type=image_type, deskew=True, rotate=turn)
        for crop, image_type, turn in itertools.product(Crop, (ImageType.ORIGINAL, ImageType.GREY), (0, 90))
    ),
    *(Settings(crop=Crop.SINGLE, image_type=image_type) for image_type in ImageType),
    *(
        Settings(crop=crop, rect=RECT, fill=fill, removal=removal, deskew=True)
        for crop, fill, removal in itertools.product((Crop.NONE, Crop.MULTI), Fill, Removal)
    ),
]


@pytest.fixture(scope="module")
def models(documents: DocumentNets, orientation: OrientationNet) -> Models:
    """Those that come with gaopai."""
    return Models(documents=documents, orientation=orientation)


def test_with_nothing_to_do_the_picture_is_the_input_itself() -> None:
    picture = page_on_desk()
    result = process(picture, Settings())
    assert result.pictures[0] is picture
    assert [stage.name for stage in result.report.stages] == list(ORDER)
    assert not any(stage.applied for stage in result.report.stages)


def test_a_picture_is_shown_before_its_enhancement_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Image] = []

    def photo(image: Image) -> Image:
        assert len(shown) == 1
        return 255 - image

    monkeypatch.setitem(stages._IMAGE_TYPES, ImageType.PHOTO, photo)
    asked = Settings(crop=Crop.SINGLE, image_type=ImageType.PHOTO)
    result = process(page_on_desk(), asked, look=lambda plain, _: shown.append(plain))
    assert shown[0] is result.plain[0]
    assert np.array_equal(shown[0], 255 - result.pictures[0])


@pytest.mark.long
@pytest.mark.sampled(2)
@pytest.mark.parametrize("shape", [(1, 1), (1, 100), (16, 16), (16, 16, 3), (3000, 30, 3), (90, 120)])
@pytest.mark.parametrize("crop", [Crop.NONE, Crop.SINGLE, Crop.MULTI])
def test_no_size_crashes(models: Models, shape: tuple[int, ...], crop: Crop) -> None:
    picture = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    for each in (each for each in EVERYTHING if each.crop is crop):
        pictures = process(picture, each, models=models).pictures
        assert pictures
        assert all(found.dtype == np.uint8 and found.size for found in pictures)


@pytest.mark.long
@given(st.sampled_from(EVERYTHING))
@settings(max_examples=15)
def test_the_input_is_never_modified(models: Models, wanted: Settings) -> None:
    picture = page_on_desk()
    before = picture.copy()
    picture.flags.writeable = False
    process(picture, wanted, models=models)
    np.testing.assert_array_equal(picture, before)


@pytest.mark.long
def test_threads_give_what_one_thread_gives(models: Models) -> None:
    picture = page_on_desk()
    tried = EVERYTHING[:: extent(3, 1)]
    alone = [process(picture, wanted, models=models).pictures for wanted in tried]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda wanted: process(picture, wanted, models=models).pictures, tried))
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
    rows = min(once.shape[0], twice.shape[0]) - 4
    cols = min(once.shape[1], twice.shape[1]) - 4
    apart = np.abs(once[4:rows, 4:cols].astype(int) - twice[4:rows, 4:cols])
    assert apart.mean() < 12


def test_a_cropped_page_whose_text_is_askew_is_straightened_in_one_go() -> None:
    picture = laid(deskew(sheet(), 1.5), PAGE, desk())
    result = process(picture, Settings(crop=Crop.SINGLE))
    stage = next(stage for stage in result.report.stages if stage.name == "deskew")
    assert stage.applied
    assert abs(abs(stage.values["degrees"][0]) - 1.5) < 0.3
    skew = find_skew(result.pictures[0])
    assert skew is not None
    assert abs(skew.degrees) < 0.2


def test_what_the_picture_does_not_show_is_filled() -> None:
    cut_off = DocumentImage.cut(page_on_desk(), (PAGE + np.array([-190, 0])).astype(np.float32))
    outcome = stages.fill([cut_off], Settings(crop=Crop.SINGLE, fill=Fill.WHITE), Models())
    assert outcome.applied
    (filled,) = outcome.documents
    assert (filled.image[5:-5, 0] == 255).all()
    assert not (cut_off.image[5:-5, 0] == 255).all()


def test_deskewing_a_whole_picture_leaves_corners_to_fill() -> None:
    picture = deskew(sheet(), 4.0)
    result = process(picture, Settings(deskew=True, fill=Fill.WHITE))
    stage = next(stage for stage in result.report.stages if stage.name == "fill")
    assert stage.applied
    assert 0.005 < stage.values["shares"][0] < 0.1
    corners = result.pictures[0][[0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == 255).all(axis=1).sum() >= 2


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


@pytest.mark.long
def test_the_net_that_is_handed_in_sees_the_page() -> None:
    seen: list[tuple[int, ...]] = []

    def net(picture: Image) -> npt.NDArray[np.float32]:
        seen.append(picture.shape)
        rows, cols = picture.shape[:2]
        y, x = np.mgrid[0 : rows - 1 : 45j, 0 : cols - 1 : 31j]
        return np.stack([x, y], axis=2).astype(np.float32)

    result = process(page_on_desk(), Settings(crop=Crop.CURVE), models=Models(page_grid=net))
    assert result.report.stages[1].applied
    assert 1.2 < result.pictures[0].shape[0] / result.pictures[0].shape[1] < 1.6
    without = process(page_on_desk(), Settings(crop=Crop.CURVE))
    assert without.report.stages[1].applied


@pytest.mark.parametrize("turn", [1, 45, 360, -90])
def test_settings_refuse_what_makes_no_sense(turn: int) -> None:
    with pytest.raises(ImageError):
        Settings(rotate=turn)
    with pytest.raises(ImageError):
        Settings(crop=Crop.MANUAL)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_page_is_set_upright_where_its_text_tells(models: Models, turn: int) -> None:
    page = cv2.resize(sheet(), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    lying = rotate(np.asarray(page, np.uint8), turn)
    result = process(lying, Settings(upright=True), models=models)
    stage = next(stage for stage in result.report.stages if stage.name == "upright")
    assert stage.values["clockwise"] == [(360 - turn) % 360]
    np.testing.assert_array_equal(result.pictures[0], page)


def test_without_the_model_no_page_is_turned_and_the_report_says_why() -> None:
    picture = rotate(sheet(), 180)
    result = process(picture, Settings(upright=True))
    stage = next(stage for stage in result.report.stages if stage.name == "upright")
    assert (stage.applied, stage.note) == (False, "no model to tell by")
    assert result.pictures[0] is picture


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_an_outline_gives_its_picture_again(models: Models, turn: int) -> None:
    desk_picture = page_on_desk()
    made = process(desk_picture, Settings(crop=Crop.SINGLE, rotate=turn), models=models)
    (outcome,) = made.crops
    assert outcome.state is CropState.CROPPED and not outcome.reason
    quad = outcome.corners
    (again,) = process(desk_picture, Settings(crop=Crop.MANUAL, quad=quad)).pictures
    assert np.abs(np.subtract(again.shape, made.pictures[0].shape)).max() <= 1
    same = cv2.resize(again, made.pictures[0].shape[1::-1])
    assert cv2.absdiff(same, made.pictures[0]).mean() < 1


@pytest.mark.parametrize(
    ("picture", "asked", "reason"),
    [
        (page_on_desk(), Settings(rotate=90, deskew=True), "not asked for"),
        (desk(), Settings(crop=Crop.SINGLE), "no page was found"),
        (desk(), Settings(crop=Crop.CURVE), "no page was found"),
    ],
)
def test_a_picture_that_is_not_cut_says_why(picture: Image, asked: Settings, reason: str) -> None:
    assert process(picture, asked).crops == (CropOutcome(CropState.WHOLE, None, reason),)


@pytest.mark.long
@pytest.mark.parametrize("turn", [0, 90])
@pytest.mark.parametrize("crop", [Crop.SINGLE, Crop.MULTI, Crop.CURVE])
def test_what_is_not_trusted_is_told_and_can_be_cut(models: Models, crop: Crop, turn: int) -> None:
    page = make_whole_page(41, "form").picture
    made = process(page, Settings(crop=crop, rotate=turn), models=models)
    (outcome,) = made.crops
    assert outcome.state is CropState.UNSURE and outcome.reason in list(Refusal)
    assert made.pictures[0].size == page.size
    (asked,) = process(page, Settings(crop=Crop.MANUAL, quad=outcome.corners), models=models).pictures
    assert asked.size < page.size

    trusting = Settings(crop=crop, rotate=turn, when_unsure=WhenUnsure.CROP)
    done = process(page, trusting, models=models)
    assert done.crops[0].state is CropState.CROPPED and done.crops[0].reason == outcome.reason
    assert done.pictures[0].size < page.size and not done.crops[0].doubted
    if crop is not Crop.CURVE:
        np.testing.assert_allclose(
            sorted(done.crops[0].corners or ()), sorted(outcome.corners or ()), atol=0.1
        )


def test_what_is_doubted_beside_a_document_is_told_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = (Outline(PAGE + np.float32((x, 0)), 0.9) for x in (-100, 0))
    found = Finding((right,), (RefusedOutline(left, Refusal.PRINT),))
    monkeypatch.setattr(stages, "find_documents", lambda image, nets: found)
    (outcome,) = process(page_on_desk(), Settings(crop=Crop.MULTI)).crops
    assert outcome.state is CropState.CROPPED and not outcome.reason
    assert [each.reason for each in outcome.doubted] == [str(Refusal.PRINT)]
    np.testing.assert_allclose(outcome.doubted[0].corners, left.corners, atol=0.1)
    trusting = process(page_on_desk(), Settings(crop=Crop.MULTI, when_unsure=WhenUnsure.CROP))
    assert [each.reason for each in trusting.crops] == [str(Refusal.PRINT), ""], "not in reading order"
