"""The next page by itself: what is taken, once, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import pytest

from imgcore.next_page.arms import reaches_in
from imgcore.next_page.glance import glance
from imgcore.next_page.stillness import Stillness
from imgcore.next_page.wait import Wait
from imgcore.next_page.watch import BLUR_PATIENCE, HAND_PATIENCE, PageWatch, Sighting
from imgcore.types import Image

STEP = 0.2
SIZE = (1280, 960)
NOISE = np.random.default_rng(1).normal(0, 2, (SIZE[1] + 8, SIZE[0], 3)).round().astype(np.int8)
SKIN = (120, 160, 215)
FORM = ("Application", "Name", "Street", "Town", "Born on", "Reason", "Declared", "Signed")
WRITING = ("Miller", "Oak Lane 7", "Brookfield", "1 May", "a lost card", "by myself", "Miller")
OTHER = ("Okafor", "Hill Road 31", "Ashton", "9 June", "moved away", "by proxy", "Okafor")


def sheet(written: Sequence[str] = WRITING) -> Image:
    """A form, filled in."""
    page = np.full((840, 600, 3), 238, np.uint8)
    for number, words in enumerate(FORM):
        cv2.putText(page, words, (40, 90 + 95 * number), cv2.FONT_HERSHEY_DUPLEX, 1.0, (40, 40, 40), 2)
    for number, words in enumerate(written):
        at = (240, 185 + 95 * number)
        cv2.putText(page, words, at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.3, (140, 60, 40), 2)
    return page


@cache
def desk() -> Image:
    random = np.random.default_rng(3)
    return (
        cv2.GaussianBlur(random.normal(95, 14, (SIZE[1], SIZE[0], 3)), (0, 0), 3)
        .clip(0, 255)
        .astype(np.uint8)
    )


def laid(
    page: Image | None, x: float = 0.0, y: float = 0.0, degrees: float = 2.0, *, over: Image | None = None
) -> Image:
    """A page on the desk, or over another scene, its middle off the picture's by x and y."""
    scene = desk() if over is None else over
    if page is None:
        return scene
    turn = cv2.getRotationMatrix2D((300, 420), degrees, 1.0)
    turn[:, 2] += (SIZE[0] / 2 - 300 + x, SIZE[1] / 2 - 420 + y)
    cover = cv2.warpAffine(np.full(page.shape, 255, np.uint8), turn, SIZE)
    return np.where(cover > 127, cv2.warpAffine(page, turn, SIZE), scene)


def with_arm(scene: Image, colour: Sequence[int] = SKIN) -> Image:
    scene = scene.copy()
    cv2.line(scene, (SIZE[0], 520), (860, 470), colour, 120)
    cv2.circle(scene, (850, 470), 75, colour, -1)
    return scene


class Camera:
    """Shows scenes to a watch, with other noise in each frame."""

    def __init__(self) -> None:
        self.watch = PageWatch()
        self.now = 100.0
        self._count = 0

    def show(self, scene: Image, seconds: float = 1.2, gain: float | Sequence[float] = 1.0) -> list[Sighting]:
        """All sightings of a scene; of several gains each frame has the next."""
        gains = [gain] if isinstance(gain, float) else list(gain)
        seen = []
        for number in range(round(seconds / STEP)):
            self._count += 1
            noise = NOISE[self._count % 8 :][: SIZE[1]]
            noise = noise[:, :, 0] if scene.ndim == 2 else noise
            frame = cv2.addWeighted(scene, gains[number % len(gains)], noise, 1.0, 0.0, dtype=cv2.CV_8U)
            small = cv2.resize(frame, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
            seen.append(self.watch.update(small, self.now, lambda frame=frame: frame))
            self.now += STEP
        return seen


def taken(seen: Sequence[Sighting]) -> int:
    return sum(one.wait is None for one in seen)


def test_a_page_is_taken_once_and_soon() -> None:
    camera = Camera()
    assert camera.show(laid(None))[-1].wait is Wait.NO_PAGE
    seen = camera.show(laid(sheet()), 3.0)
    assert [one.wait for one in seen[:6]].index(None) <= 4
    assert taken(seen) == 1
    assert seen[-1].wait is Wait.SAME_PAGE


@pytest.mark.long
def test_the_same_page_moved_turned_or_lit_otherwise_is_no_new_one() -> None:
    camera = Camera()
    camera.show(laid(None))
    assert taken(camera.show(laid(sheet()))) == 1
    again = [
        camera.show(laid(sheet(), 70, -20, -6)),
        camera.show(laid(sheet(), 70, -20, 178)),
        camera.show(laid(sheet(), 70, -20, 178), 2.0, [1.0, 0.85, 1.1, 0.8]),
        camera.show(laid(None)),
        camera.show(laid(sheet(), -40, 10, 90)),
    ]
    assert [taken(seen) for seen in again] == [0] * 5
    assert again[1][-1].wait is again[4][-1].wait is Wait.SAME_PAGE


@pytest.mark.long
def test_the_same_form_in_other_handwriting_is_a_new_page() -> None:
    camera = Camera()
    assert taken(camera.show(laid(sheet()), 2.0)) == 1
    assert taken(camera.show(laid(sheet(OTHER), 8, 4, 1))) == 1
    assert taken(camera.show(laid(sheet(()), 3, -4, 1))) == 1, "the form that nobody has filled in"
    assert taken(camera.show(laid(sheet(WRITING), -8, 4, 3))) == 0, "the first one again"


@pytest.mark.long
def test_nothing_is_taken_while_a_hand_is_in_the_picture() -> None:
    camera = Camera()
    camera.show(laid(None))
    seen = camera.show(with_arm(laid(sheet())), HAND_PATIENCE - 1)
    assert taken(seen) == 0
    assert seen[-1].wait is Wait.HAND
    assert taken(camera.show(laid(sheet()))) == 1


@pytest.mark.long
@pytest.mark.parametrize("colour", [(60, 110, 40), (30, 28, 26), (120, 40, 30), (245, 250, 252)])
def test_gloves_and_sleeves_of_any_colour_are_waited_for(colour: Sequence[int]) -> None:
    camera = Camera()
    camera.show(laid(None))
    seen = camera.show(with_arm(laid(sheet()), colour), HAND_PATIENCE - 1)
    assert taken(seen) == 0
    assert seen[-1].wait is Wait.HAND
    assert taken(camera.show(laid(sheet()))) == 1


def test_a_page_that_is_moved_off_another_is_the_same() -> None:
    camera = Camera()
    camera.show(laid(None))
    other = sheet(())
    for number in range(8):
        at = (372, 60 + 96 * number)
        cv2.putText(other, str(number % 10), at, cv2.FONT_HERSHEY_DUPLEX, 1.0, (40, 40, 40), 2)
    below = laid(other, 0, 0, 0)
    assert taken(camera.show(laid(sheet(), 0, 0, 0, over=below))) == 1
    assert taken(camera.show(laid(sheet(), -235, 0, 0, over=below))) == 0
    assert taken(camera.show(below)) == 1, "the other page, when it is free"


def printed(lines: Sequence[str]) -> Image:
    """A page of bold print."""
    page = np.full((840, 600, 3), 238, np.uint8)
    for number, words in enumerate(lines):
        at = (90, 120 + 30 * number)
        cv2.putText(page, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.75, (30, 30, 30), 3)
    return page


LINES = [f"{7919 * number % 9973} terms and {number} rules {31 * number}" for number in range(1, 22)]


@pytest.mark.long
def test_writing_across_bold_print_is_another_page() -> None:
    camera = Camera()
    camera.show(laid(None))
    page = printed(LINES)
    assert taken(camera.show(laid(page))) == 1
    written = page.copy()
    for words, at in (("4711-08", (140, 263)), ("Okafor", (200, 473))):
        cv2.putText(written, words, at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.0, (60, 40, 40), 2)
    assert taken(camera.show(laid(written, 5, -3, 1))) == 1
    assert taken(camera.show(laid(page, -4, 2, 3))) == 0, "the first one again"


@pytest.mark.long
def test_print_that_a_page_bares_as_it_is_moved_is_not_its_own() -> None:
    camera = Camera()
    camera.show(laid(None))
    page = printed([f"{words} apply to all pages and"[:40] for words in LINES])
    below = laid(printed([f"{words}, {words}"[:52] for words in LINES]), 0, 0, 0)
    assert taken(camera.show(laid(page, 0, 0, 0, over=below))) == 1
    assert taken(camera.show(laid(page, -40, 5, 1, over=below))) == 0
    assert taken(camera.show(laid(page, -25, 0, 5, over=below))) == 0


def test_a_hand_on_a_coloured_sheet_is_seen() -> None:
    rows, cols = np.mgrid[:96, :128]
    desk = np.full((96, 128, 3), (52, 50, 60), np.uint8)
    older = desk.copy()
    older[14:88, 34:88] = (190, 225, 235)
    sheet = desk.copy()
    sheet[4:, 30:96] = (150, 225, 165)
    scene = sheet.copy()
    arm = (np.abs(cols - 36 - (95 - rows) * 0.35) < 9) & (rows > 58)
    scene[arm] = (38, 52, 92)
    scene[arm & (cols % 4 < 2)] = (30, 42, 76)
    assert reaches_in(glance(scene), [glance(older)])
    assert not reaches_in(glance(sheet), [glance(older)])


def test_a_slip_of_the_colour_of_a_plain_desk_is_a_page() -> None:
    camera = Camera()
    camera.show(laid(None))
    scene = laid(None).copy()
    cv2.putText(scene, "Queue 41", (520, 460), cv2.FONT_HERSHEY_DUPLEX, 1.1, (35, 35, 35), 2)
    assert taken(camera.show(scene)) == 1


def test_specks_that_lamps_make_on_a_fine_pattern_are_no_motion() -> None:
    stillness = Stillness()
    scene = np.full((96, 128, 3), 120, np.uint8)
    moved = []
    for number in range(6):
        specks = scene.copy()
        specks[10 * number + 5, 3::4] = 150
        moved.append(stillness.has_moved(glance(specks), 0.2 * number))
    assert moved == [True, False, False, False, False, False]
    scene[40:44, 60:66] = 180
    assert stillness.has_moved(glance(scene), 2.0)


def test_a_page_that_was_taken_away_under_a_hand_is_told() -> None:
    camera = Camera()
    camera.show(laid(None))
    camera.show(with_arm(laid(sheet())), 1.2)
    seen = camera.show(laid(None))
    assert sum(one.missed for one in seen) == 1
    assert taken(seen) == 0


def test_a_page_that_was_taken_after_the_hand_left_is_not_missed() -> None:
    camera = Camera()
    camera.show(laid(None))
    camera.show(with_arm(laid(sheet())), 1.2)
    assert not any(one.missed for one in camera.show(laid(sheet()), 2.0))


def test_a_lens_that_looks_for_its_focus_is_waited_for() -> None:
    camera = Camera()
    camera.show(laid(None))
    assert taken(camera.show(laid(sheet()))) == 1
    page = laid(sheet(OTHER), 30)
    waits = []
    for sigma in (4.0, 4.0, 4.0, 3.0, 2.0, 1.0):
        waits += camera.show(cv2.GaussianBlur(page, (0, 0), sigma), 0.2)
    assert taken(waits) == 0
    assert Wait.BLURRED in [one.wait for one in waits]
    assert taken(camera.show(page)) == 1


@pytest.mark.long
def test_what_never_becomes_sharp_is_taken_all_the_same() -> None:
    camera = Camera()
    camera.show(laid(None))
    assert taken(camera.show(laid(sheet()))) == 1
    blurred = cv2.GaussianBlur(laid(sheet(OTHER), 30), (0, 0), 3.0)
    assert taken(camera.show(blurred, BLUR_PATIENCE - 0.5)) == 0
    assert taken(camera.show(blurred, 2.0)) == 1


def test_a_page_that_could_not_be_kept_is_taken_when_it_comes_again() -> None:
    camera = Camera()
    camera.show(laid(None))
    assert taken(camera.show(laid(sheet()))) == 1
    camera.watch.forget()
    assert taken(camera.show(laid(sheet()))) == 0, "not again and again"
    camera.show(laid(None))
    assert taken(camera.show(laid(sheet()))) == 1


def test_grey_frames_will_do() -> None:
    camera = Camera()
    scene = cv2.cvtColor(laid(sheet()), cv2.COLOR_BGR2GRAY)
    assert taken(camera.show(scene, 2.0)) == 1
