"""A person who does what was asked, and pictures of one that cannot."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import pytest

from imgcore.face import Action, ActionSettings, Face
from imgcore.face.action import Challenge, yaw
from imgcore.face.align import similarity_transform
from imgcore.types import Image
from synthetic.faces import STEPS, Pose, Sitter, pose
from tests.unit.imgcore.face.sitters import AHEAD, drawn_face

SIZE = (640, 480)
SITTER = Sitter(*SIZE)
FPS = 15.0
Moments = Iterable[tuple[Image, Face]]


def _live(steps: Iterable[int]) -> Moments:
    for step in steps:
        held = pose(step)
        yield SITTER.colour(held), drawn_face(*SIZE, held)


def _carried(held: Pose) -> Moments:
    """A still picture, turned and moved in the picture, foreshortened as a tilted print, and blurred once."""
    picture = SITTER.colour(held)
    face = drawn_face(*SIZE, held)
    for step in range(40):
        place = cv2.getRotationMatrix2D((320, 211), 12 * np.sin(step / 9), 1.0)
        place[:, 0] *= 1 - 0.25 * abs(np.sin(step / 7))
        place[:, 2] += 8 * np.cos(step / 5)
        points = face.points @ place[:, :2].T + place[:, 2]
        shown = cv2.warpAffine(picture, place, SIZE, borderMode=cv2.BORDER_REPLICATE)
        shown = cv2.GaussianBlur(shown, (0, 0), 4.0) if step in (20, 21) else shown
        yield np.asarray(shown, np.uint8), Face(face.box, points.astype(np.float32), 0.9)


def _done(action: Action, moments: Moments) -> int | None:
    """How many looks it took."""
    challenge = Challenge(action, ActionSettings())
    for number, (image, face) in enumerate(moments):
        challenge.add(image, face, number / FPS)
        if challenge.done:
            return number
    return None


@pytest.mark.parametrize(
    ("action", "steps"),
    [
        (Action.BLINK, range(60, 80)),
        (Action.TURN_LEFT, range(30)),
        (Action.TURN_RIGHT, range(60, 90)),
    ],
)
def test_a_person_does_it(action: Action, steps: range) -> None:
    assert _done(action, _live(steps)) is not None


@pytest.mark.long
@pytest.mark.parametrize(
    ("action", "steps"),
    [
        (Action.BLINK, range(6, 70)),
        (Action.TURN_LEFT, range(54, STEPS)),
        (Action.TURN_RIGHT, range(60)),
    ],
)
def test_something_else_is_not_it(action: Action, steps: range) -> None:
    assert _done(action, _live(steps)) is None


@pytest.mark.sampled(5)
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("held", [Pose(), Pose(shut=1.0), Pose(yaw=0.4)], ids=["frontal", "asleep", "aside"])
def test_a_still_picture_never_does(action: Action, held: Pose) -> None:
    assert _done(action, _carried(held)) is None


def test_one_who_was_never_straight_has_not_turned() -> None:
    assert _done(Action.TURN_LEFT, _live([26] * 12 + [30] * 12)) is None


def test_eyes_that_stay_shut_have_not_blinked() -> None:
    assert _done(Action.BLINK, _live([60] * 20 + [74] * 40)) is None


def _approach(start: float, end: float, held: Pose = AHEAD) -> Moments:
    """Somebody whose face grows from one share of its size to another, after standing still."""
    picture = SITTER.colour(held)
    face = drawn_face(*SIZE, held)
    for share in [start] * 6 + list(np.linspace(start, end, 12)):
        points = (face.points - (320, 240)) * share + (320, 240)
        left, top, width, height = face.box
        box = (320 + (left - 320) * share, 240 + (top - 240) * share, width * share, height * share)
        yield picture, Face(box, points.astype(np.float32), 0.9)


def test_who_comes_nearer_has_and_who_steps_back_or_looks_aside_has_not() -> None:
    assert _done(Action.NEARER, _approach(0.6, 1.0)) is not None
    assert _done(Action.NEARER, _approach(0.6, 0.7)) is None
    assert _done(Action.NEARER, _approach(1.0, 0.6)) is None
    assert _done(Action.NEARER, _approach(0.6, 1.0, Pose(yaw=0.4))) is None


@pytest.mark.long
def test_a_head_that_turns_back_has_not_come_nearer() -> None:
    assert _done(Action.NEARER, _live(range(STEPS))) is None


def test_yaw_is_to_the_persons_left_and_no_turn_of_the_picture_changes_it() -> None:
    points = drawn_face(*SIZE, Pose(yaw=0.3)).points
    assert yaw(drawn_face(*SIZE).points) == pytest.approx(0, abs=1e-6)
    assert yaw(points) > 0.1
    turned = similarity_transform(points[:2], points[:2] @ np.array([[0.8, 0.6], [-0.6, 0.8]], np.float32))
    squeezed = (points @ turned[:, :2].T + turned[:, 2]) * (0.5, 1.0)
    assert yaw(squeezed.astype(np.float32)) == pytest.approx(yaw(points), abs=1e-5)
    assert yaw(np.zeros((5, 2), np.float32)) == 0
