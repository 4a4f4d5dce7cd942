"""What betrays a phone or a print, and what must not."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from imgcore.face import LivenessSettings
from imgcore.face.attack_cues import bezel, moire
from synthetic.faces import Pose, Sitter
from tests.unit.imgcore.face.nets import face
from tests.unit.imgcore.face.sitters import drawn_face

SETTINGS = LivenessSettings()
FACE = drawn_face(640, 480)
Picture = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def person() -> Picture:
    noise = np.random.default_rng(3).normal(0, 3, (480, 640, 3)).astype(np.int16)
    return np.asarray(cv2.add(Sitter(640, 480).colour(Pose()), noise, dtype=cv2.CV_8U), np.uint8)


def _framed(person: Picture, tilt: float) -> Picture:
    """The person on a sheet with a black border, before a grey wall."""
    sheet = cv2.copyMakeBorder(
        person[40:460, 180:460], 14, 14, 14, 14, cv2.BORDER_CONSTANT, value=(20, 20, 20)
    )
    picture = np.full_like(person, 150)
    picture[16 : 16 + sheet.shape[0], 166 : 166 + sheet.shape[1]] = sheet
    turn = cv2.getRotationMatrix2D((320, 211), tilt, 1.0)
    return np.asarray(cv2.warpAffine(picture, turn, (640, 480), borderValue=(150, 150, 150)), np.uint8)


@pytest.mark.parametrize("tilt", [0.0, 6.0, -11.0])
def test_a_border_all_around_a_face_is_seen(person: Picture, tilt: float) -> None:
    assert bezel(_framed(person, tilt), FACE) > SETTINGS.bezel + 0.05


def test_a_person_without_a_border_has_none(person: Picture) -> None:
    assert bezel(person, FACE) < SETTINGS.bezel - 0.15


def test_a_frame_behind_a_person_ends_at_the_shoulders(person: Picture) -> None:
    body = cv2.cvtColor(person, cv2.COLOR_BGR2HSV)[:, :, 1] > 40
    behind = person.copy()
    cv2.rectangle(behind, (190, 40), (450, 440), (20, 20, 20), 12)
    behind[body] = person[body]
    assert bezel(behind, FACE) < SETTINGS.bezel - 0.1


def test_the_edges_of_the_picture_are_no_border(person: Picture) -> None:
    cut = person[90:330, 230:410]
    moved = face(FACE.box[0] - 230, FACE.box[1] - 90, *FACE.box[2:])
    assert bezel(cut, moved) < SETTINGS.bezel - 0.15


def test_a_face_outside_of_the_picture_has_no_border(person: Picture) -> None:
    assert bezel(person, face(2000, 2000, 80, 80)) == 0
    assert bezel(person, face(10, 10, 0, 0)) == 0


def test_the_pattern_of_a_screen_is_seen(person: Picture) -> None:
    rows, cols = np.indices(person.shape[:2])
    beat = 8 * np.sin(2 * np.pi * (0.21 * cols + 0.13 * rows))
    shown = np.clip(person + beat[..., None], 0, 255).astype(np.uint8)
    assert moire(shown, FACE) > SETTINGS.moire
    assert moire(person, FACE) < SETTINGS.moire - 0.2


def test_nothing_is_told_of_the_texture_of_a_small_face(person: Picture) -> None:
    assert moire(person, face(300, 200, 70, 80)) == 0
    assert moire(person[:100, :100], face(0, 0, 95, 95)) == 0


def test_blinds_behind_a_face_are_no_pattern(person: Picture) -> None:
    blinds = person.copy()
    blinds[::6] //= 2
    assert moire(blinds, FACE) < SETTINGS.moire - 0.2
