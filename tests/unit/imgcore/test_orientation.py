"""Pages of text are set upright from any quarter turn; what is not text is left alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.orientation import OrientationNet, find_orientation
from imgcore.orientation.net import upright_log_odds
from imgcore.orientation.windows import MOST, SIDE, find_windows
from imgcore.rotate import rotate
from imgcore.types import Image, Net

QUARTERS = (0, 90, 180, 270)
LINES = (
    "When the undersigned party has received the goods,",
    "payment is due within thirty days. Please keep this",
    "copy safe; it is valid only together with the original",
    "agreement, page 4 of 9, dated 23 May 1987.",
)


def page() -> Image:
    """Four lines of prose, repeated, in two strengths; drawn without a font of the system."""
    picture = np.full((1400, 1000, 3), 242, np.uint8)
    for number in range(24):
        place = (70, 110 + 50 * number)
        text = LINES[number % len(LINES)]
        cv2.putText(
            picture, text, place, cv2.FONT_HERSHEY_COMPLEX, 0.85, (40, 40, 40), 1 + number // 12, cv2.LINE_AA
        )
    return picture


PAGE = page()


@pytest.mark.parametrize("clockwise", QUARTERS)
def test_a_page_comes_upright_from_each_turn(orientation: OrientationNet, clockwise: int) -> None:
    found = find_orientation(rotate(PAGE, clockwise), orientation)
    assert found is not None
    assert (found.clockwise + clockwise) % 360 == 0
    assert 0.8 <= found.confidence <= 1


def test_what_was_turned_as_told_is_upright(orientation: OrientationNet) -> None:
    lying = rotate(PAGE, 90)
    found = find_orientation(lying, orientation)
    assert found is not None
    again = find_orientation(rotate(lying, found.clockwise), orientation)
    assert again is not None
    assert again.clockwise == 0


@pytest.mark.parametrize("degrees", [-11.0, 8.0])
def test_skew_does_not_matter(orientation: OrientationNet, degrees: float) -> None:
    rows, cols = PAGE.shape[:2]
    turn = cv2.getRotationMatrix2D((cols / 2, rows / 2), degrees, 0.9)
    skewed = np.asarray(cv2.warpAffine(PAGE, turn, (cols, rows), borderValue=(242, 242, 242)), np.uint8)
    found = find_orientation(rotate(skewed, 180), orientation)
    assert found is not None
    assert found.clockwise == 180


def test_grey_and_size_do_not_matter(orientation: OrientationNet) -> None:
    grey = np.asarray(cv2.cvtColor(PAGE, cv2.COLOR_BGR2GRAY), np.uint8)
    large = np.asarray(cv2.resize(grey, None, fx=2.2, fy=2.2, interpolation=cv2.INTER_CUBIC), np.uint8)
    for picture in (grey, large):
        found = find_orientation(rotate(picture, 270), orientation)
        assert found is not None
        assert found.clockwise == 90


def _symmetrical() -> Image:
    """Marks that look alike from two sides at least."""
    picture = np.full((900, 900), 240, np.uint8)
    for number in range(400):
        x = 40 + 42 * (number % 20)
        y = 40 + 42 * (number // 20)
        cv2.circle(picture, (x, y), 9, 30, 3)
    return picture


NO_TEXT = {
    "blank": np.full((500, 400, 3), 240, np.uint8),
    "noise": np.random.default_rng(1).integers(0, 256, (700, 600, 3), dtype=np.uint8),
    "rings": _symmetrical(),
    "one dot": cv2.circle(np.full((400, 400), 240, np.uint8), (200, 200), 12, 0, -1),
    "one pixel": np.zeros((1, 1), np.uint8),
    "one row": np.zeros((1, 30000, 3), np.uint8),
    "one column of noise": np.random.default_rng(2).integers(0, 256, (30000, 1), dtype=np.uint8),
}


@pytest.mark.parametrize("name", NO_TEXT)
def test_what_is_no_text_is_left_alone(orientation: OrientationNet, name: str) -> None:
    assert find_orientation(np.asarray(NO_TEXT[name], np.uint8), orientation) is None


def test_windows_are_few_and_of_one_size() -> None:
    before = PAGE.copy()
    windows = find_windows(PAGE)
    assert windows.shape == (MOST, SIDE, SIDE)
    assert windows.dtype == np.float32
    assert 0 <= windows.min() < windows.max() <= 1
    np.testing.assert_array_equal(PAGE, before)


def test_the_net_tells_most_single_letters(orientation: OrientationNet) -> None:
    windows = find_windows(PAGE)
    ways = [
        upright_log_odds(orientation, np.ascontiguousarray(np.rot90(windows, k, axes=(1, 2))))
        for k in range(4)
    ]
    assert np.mean(np.argmax(ways, axis=0) == 0) > 0.6


def test_light_print_on_dark_bars_is_read(orientation: OrientationNet) -> None:
    picture = PAGE.copy()
    picture[80:1300, 50:950] = 255 - picture[80:1300, 50:950]
    for clockwise in (0, 90, 180):
        found = find_orientation(rotate(picture, clockwise), orientation)
        assert found is not None
        assert (found.clockwise + clockwise) % 360 == 0


def test_a_few_words_below_many_dashes_are_read(orientation: OrientationNet) -> None:
    picture = np.full((700, 1000, 3), 242, np.uint8)
    for number in range(120):
        x = 60 + 22 * (number % 40)
        y = 60 + 40 * (number // 40)
        cv2.line(picture, (x, y), (x + 9, y), (40, 40, 40), 2)
    for y, text in ((300, "Subtotal, all goods"), (380, "Tax paid by you"), (460, "Total in dollars")):
        cv2.putText(picture, text, (120, y), cv2.FONT_HERSHEY_COMPLEX, 1.4, (40, 40, 40), 2, cv2.LINE_AA)
    found = find_orientation(rotate(picture, 180), orientation)
    assert found is not None
    assert found.clockwise == 180


def told(turn: int, probability: float) -> Net:
    """A net that sees a page turned by so many degrees in every part of every picture."""
    probabilities = np.full(4, (1 - probability) / 3, np.float32)
    probabilities[turn // 90] = probability
    return lambda parts: [np.tile(probabilities, (len(parts), 1))]


FAINT = cv2.GaussianBlur(PAGE, (0, 0), 5)
"""A page whose letters leave a doubt."""


@pytest.mark.parametrize("clockwise", QUARTERS)
def test_the_page_as_a_picture_is_asked_where_letters_leave_a_doubt(
    orientation: OrientationNet, clockwise: int
) -> None:
    lying = rotate(FAINT, clockwise)
    assert find_orientation(lying, orientation) is None
    found = find_orientation(lying, orientation, told(clockwise, 0.9))
    assert found is not None
    assert (found.clockwise + clockwise) % 360 == 0
    assert find_orientation(lying, orientation, told(clockwise, 0.6)) is None


def test_clear_letters_are_believed_alone(orientation: OrientationNet) -> None:
    found = find_orientation(PAGE, orientation, told(180, 0.99))
    assert found is not None
    assert found.clockwise == 0


def test_a_page_as_a_picture_is_not_believed_without_print(orientation: OrientationNet) -> None:
    random = np.random.default_rng(1)
    spots = np.full((800, 800, 3), 200, np.uint8)
    for _ in range(60):
        left, top = random.integers(50, 750, 2).tolist()
        cv2.circle(spots, (left, top), int(random.integers(3, 14)), (60, 60, 60), -1)
    assert find_orientation(spots, orientation, told(90, 0.99)) is None
