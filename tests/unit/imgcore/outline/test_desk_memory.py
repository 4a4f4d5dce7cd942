"""A desk that was seen empty: what has come to it is the document, and no document becomes the desk."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.models import Models
from imgcore.outline import find_page
from imgcore.outline.desk.known import find_all_on_desk, find_on_desk, remembered
from imgcore.outline.desk.memory import DeskMemory
from imgcore.outline.overlap import iou
from imgcore.pipeline import process
from imgcore.rotate import rotate
from imgcore.settings import Crop, Settings
from imgcore.types import CropState, Image, Points, Prior
from synthetic.datasets.whole_pages import make_whole_page

SIZE = (800, 600)
SHEET = np.array([(200, 120), (560, 150), (540, 480), (180, 450)], np.float32)
OTHER = np.array([(420, 60), (700, 80), (690, 300), (410, 290)], np.float32)


def desk(seed: int = 0, gain: float = 1.0, level: int = 120) -> Image:
    """Wood with a grain, the same each time but for the camera's noise."""
    across = np.random.default_rng(7).normal(0, 9, (SIZE[1], 1)).cumsum(axis=0) * 0.6
    grain = cv2.GaussianBlur(np.tile(across - across.mean(), (1, SIZE[0])), (0, 0), 1.0)
    wood = (np.array((0.75, 0.9, 1.05)) * (level + grain.clip(-40, 40))[:, :, None]) * gain
    noise = np.random.default_rng(seed).normal(0, 2.0, wood.shape)
    return np.asarray((wood + noise).clip(0, 255), np.uint8)


def with_sheet(picture: Image, corners: Points = SHEET, colour: int = 120) -> Image:
    """A sheet as bright as the desk, with some print, laid on a picture."""
    page = np.full((300, 400, 3), colour, np.uint8)
    for row in range(40, 260, 24):
        page[row : row + 6, 40 : 340 - row % 5 * 20] = colour // 3
    source = np.array([(0, 0), (399, 0), (399, 299), (0, 299)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners)
    laid = picture.copy()
    cv2.warpPerspective(page, matrix, SIZE, dst=laid, borderMode=cv2.BORDER_TRANSPARENT)
    noise = np.random.default_rng(int(picture[0, 0, 0])).normal(0, 1.5, laid.shape)
    return np.asarray((laid + noise).clip(0, 255), np.uint8)


def box(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def bumped(picture: Image) -> Image:
    turn = cv2.getRotationMatrix2D((400, 300), 0.4, 1.0)
    turn[:, 2] += 5, -4
    return np.asarray(cv2.warpAffine(picture, turn, SIZE, borderMode=cv2.BORDER_REFLECT), np.uint8)


def lamp(picture: Image) -> Image:
    """Another lamp at one side, and a warmer one."""
    light = np.linspace(0.75, 1.15, SIZE[0])[None, :, None] * np.array((0.92, 1.0, 1.04))
    return np.asarray((picture * light).clip(0, 255), np.uint8)


def overlap(memory: DeskMemory, picture: Image, corners: Points) -> float:
    found = memory.find(picture)
    assert found is not None and found.outline is not None
    return iou(found.outline.corners.astype(float), corners.astype(float))


@pytest.fixture
def memory() -> DeskMemory:
    """A memory that saw the desk."""
    seen = DeskMemory()
    seen.learn(desk())
    assert seen.desk is not None and max(seen.desk.shape) <= 360
    return seen


def test_a_sheet_of_the_desks_brightness_is_found(memory: DeskMemory) -> None:
    assert overlap(memory, with_sheet(desk(1)), SHEET) > 0.97
    assert overlap(memory, with_sheet(desk(1, 0.8), OTHER, 60), OTHER) > 0.95


@pytest.mark.parametrize("change", [lamp, bumped, lambda picture: picture])
def test_light_and_a_bump_are_no_document_and_hide_none(memory: DeskMemory, change: object) -> None:
    assert callable(change)
    found = memory.find(change(desk(2, 0.9)))
    assert found is not None and not found.outlines
    corners = SHEET
    if change is bumped:
        turn = cv2.getRotationMatrix2D((400, 300), 0.4, 1.0)
        turn[:, 2] += 5, -4
        corners = cv2.transform(SHEET[None], turn)[0]
    assert overlap(memory, change(with_sheet(desk(3, 0.9))), corners) > 0.94


@pytest.mark.long
def test_a_sheet_that_lies_is_never_the_desk(memory: DeskMemory) -> None:
    before = memory.desk
    for seed in range(5):
        memory.learn(with_sheet(desk(seed)))
        memory.learn(with_sheet(with_sheet(desk(seed)), OTHER, 200))
    assert memory.desk is before
    memory.learn(desk(9, 0.95))
    assert memory.desk is not before, "the desk is not refreshed"
    assert overlap(memory, with_sheet(desk(4)), SHEET) > 0.97


@pytest.mark.long
@pytest.mark.parametrize("colour", [120, 235])
def test_a_sheet_that_was_there_first_is_forgotten_when_it_goes(colour: int) -> None:
    memory = DeskMemory()
    memory.learn(with_sheet(desk(1), colour=colour))
    memory.learn(desk(2))
    assert memory.desk is not None
    found = memory.find(desk(3))
    assert found is not None and not found.outlines
    assert overlap(memory, with_sheet(desk(4), OTHER), OTHER) > 0.95


@pytest.mark.long
def test_a_desk_with_what_looks_like_a_page_is_known_by_what_comes_to_it() -> None:
    mat = with_sheet(desk(), np.array([(40, 40), (770, 50), (760, 560), (50, 550)], np.float32), 230)
    assert find_page(mat).outlines
    memory = DeskMemory()
    memory.learn(mat)
    assert memory.desk is None
    memory.learn(with_sheet(mat, colour=150))
    assert memory.desk is not None
    assert overlap(memory, with_sheet(mat, colour=150), SHEET) > 0.95


def test_another_desk_or_size_is_no_memory(memory: DeskMemory) -> None:
    assert memory.find(np.asarray(make_whole_page(41, "form").picture, np.uint8)) is None
    turned = rotate(desk(1), 90)
    assert memory.find(turned) is None
    memory.learn(turned)
    assert memory.desk is not None and memory.desk.shape[0] > memory.desk.shape[1]


def test_several_documents_are_found_each(memory: DeskMemory) -> None:
    assert memory.desk is not None
    other = OTHER + np.float32((60, -40))
    left = SHEET * np.float32(0.6) + np.float32((-80, 200))
    picture = with_sheet(with_sheet(desk(1), left), other, 60)
    found = find_all_on_desk(memory.desk, picture, None)
    assert found is not None and len(found.outlines) == 2
    for corners in (left, other):
        assert max(iou(each.corners.astype(float), corners.astype(float)) for each in found.outlines) > 0.9


@pytest.mark.parametrize("turn", [0, 90])
def test_a_crop_says_that_it_knew_the_desk(memory: DeskMemory, turn: int) -> None:
    picture = with_sheet(desk(1))
    settings = Settings(crop=Crop.SINGLE, rotate=turn)
    (crop,) = process(picture, settings, models=Models(desk=memory.desk)).crops
    assert (crop.state, crop.prior) == (CropState.CROPPED, Prior.DESK)
    assert iou(np.array(crop.corners), SHEET.astype(float)) > 0.97
    (empty,) = process(desk(2), settings, models=Models(desk=memory.desk)).crops
    assert (empty.state, empty.prior) == (CropState.WHOLE, Prior.DESK)
    (alone,) = process(picture, settings).crops
    assert alone.prior is Prior.PICTURE


def test_pictures_are_not_changed_and_grey_ones_are_compared(memory: DeskMemory) -> None:
    grey = np.ascontiguousarray(desk()[:, :, 1])
    picture = np.ascontiguousarray(with_sheet(desk(1))[:, :, 1])
    before = picture.copy()
    found = find_on_desk(remembered(grey), picture)
    assert found is not None and found.outline is not None
    assert iou(found.outline.corners.astype(float), SHEET.astype(float)) > 0.95
    np.testing.assert_array_equal(picture, before)


@pytest.mark.long
@pytest.mark.parametrize("corners", [SHEET * 0.7 + np.float32((90, 70)), OTHER, SHEET + np.float32((60, 20))])
def test_a_document_in_the_place_of_another_is_no_desk(corners: Points) -> None:
    memory = DeskMemory()
    memory.learn(with_sheet(desk(1), colour=230))
    other = with_sheet(desk(2), corners, 215)
    memory.learn(other)
    assert memory.find(other) is None
    memory.learn(desk(3))
    assert memory.desk is not None
    assert overlap(memory, other, corners) > 0.9


@pytest.mark.long
def test_documents_that_are_laid_beside_one_another_are_no_desk(memory: DeskMemory) -> None:
    picture = desk()
    for quad in (box(40, 40, 150, 560), box(640, 40, 750, 560), box(300, 200, 480, 330)):
        picture = with_sheet(picture, quad, 190)
        memory.learn(picture)
        assert memory.desk is not None
        assert np.abs(memory.desk.astype(int) - remembered(desk(9))).mean() < 2
