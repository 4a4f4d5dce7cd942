"""What infrared tells, on made pairs: Lambert's light on a head, a black screen, a flat sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from imgcore.face import (
    Face,
    FaceSample,
    InfraredSettings,
    LivenessReason,
    LivenessSession,
    LivenessSettings,
    LivenessVerdict,
)
from imgcore.face import infrared as chain
from imgcore.face.infrared import FaceShading, InfraredMeasurement
from imgcore.types import Image
from synthetic.faces import VERGENCE, Pose, Sitter
from tests.unit.imgcore.face.sitters import drawn_face
from tests.unit.imgcore.face.test_liveness_session import net

SIZE = (640, 480)
SITTER = Sitter(*SIZE)
FACE = drawn_face(*SIZE)
COLOUR = SITTER.colour(Pose())
INFRARED = SITTER.infrared(Pose())
PARTNER = drawn_face(*SIZE, Pose(yaw=VERGENCE))
SAME = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
LEVELS = InfraredSettings()
GOOD = FaceShading(brightness=120, saturated=0.0, contrast=3.0, relief=0.28, texture=0.05)


def _printed() -> Image:
    """A sheet as bright as paper, with a pale face: light and dark of the picture itself, and no relief."""
    return np.asarray(np.clip(COLOUR[:, :, 1:2].repeat(3, axis=2) * 0.3 + 120, 0, 255), np.uint8)


def _said(
    infrared: Callable[[int], tuple[Image | None, list[Face]]], levels: InfraredSettings = LEVELS
) -> tuple[LivenessVerdict, LivenessReason]:
    """Of ten looks at a face that colour alone takes for living."""
    session = LivenessSession([net(0.95)], LivenessSettings(infrared=levels), paired=True)
    for number in range(10):
        picture, faces = infrared(number)
        answer = session.add(FaceSample(COLOUR, [FACE], number / 10, picture, faces))
    return answer.verdict, answer.reason


def test_a_head_before_the_emitter_is_alive() -> None:
    assert _said(lambda _: (INFRARED, [PARTNER])) == (LivenessVerdict.LIVE, LivenessReason.REACHES)
    assert _said(lambda _: (INFRARED[:, :, 0], [PARTNER])) == (LivenessVerdict.LIVE, LivenessReason.REACHES)


def test_frames_between_two_flashes_do_not_count() -> None:
    dark = (INFRARED // 6, [])
    said = _said(lambda number: (INFRARED, [PARTNER]) if number % 2 else dark)
    assert said == (LivenessVerdict.LIVE, LivenessReason.REACHES)


@pytest.mark.parametrize(
    ("picture", "faces", "said"),
    [
        (None, [], (LivenessVerdict.CANNOT_TELL, LivenessReason.INFRARED_MISSING)),
        (np.full((480, 640), 6, np.uint8), [], (LivenessVerdict.CANNOT_TELL, LivenessReason.INFRARED_UNLIT)),
        (INFRARED, [], (LivenessVerdict.NOT_LIVE, LivenessReason.INFRARED_NO_FACE)),
        (_printed(), [FACE], (LivenessVerdict.NOT_LIVE, LivenessReason.INFRARED_SURROUNDED)),
        (INFRARED // 4, [PARTNER], (LivenessVerdict.NOT_LIVE, LivenessReason.INFRARED_DARK)),
        (
            np.full((480, 640), 255, np.uint8),
            [PARTNER],
            (LivenessVerdict.NOT_LIVE, LivenessReason.INFRARED_BRIGHT),
        ),
    ],
    ids=["missing", "unlit", "screen", "print", "dark", "bright"],
)
def test_what_speaks_against_life(
    picture: Image, faces: list[Face], said: tuple[LivenessVerdict, LivenessReason]
) -> None:
    assert _said(lambda _: (picture, faces)) == said


def test_a_flat_sheet_cut_out_has_no_relief() -> None:
    """Without the paper around it, it is told by its form alone."""
    cut = np.where(INFRARED > 60, _printed(), 30).astype(np.uint8)
    assert _said(lambda _: (cut, [FACE])) == (LivenessVerdict.NOT_LIVE, LivenessReason.INFRARED_FLAT)


def test_a_face_lies_where_the_calibration_says() -> None:
    levels = replace(LEVELS, affine=SAME)
    assert _said(lambda _: (INFRARED, [PARTNER]), levels) == (LivenessVerdict.LIVE, LivenessReason.REACHES)
    beside = replace(LEVELS, affine=(1.0, 0.0, 0.3, 0.0, 1.0, 0.0))
    assert _said(lambda _: (INFRARED, [PARTNER]), beside)[1] is LivenessReason.INFRARED_ELSEWHERE
    larger = replace(LEVELS, affine=(1.45, 0.0, -0.225, 0.0, 1.45, -0.2), least_overlap=0.2)
    assert _said(lambda _: (INFRARED, [PARTNER]), larger)[1] is LivenessReason.INFRARED_SIZE


def test_pictures_of_another_shape_are_not_compared_by_place() -> None:
    beside = replace(LEVELS, affine=(1.0, 0.0, 0.3, 0.0, 1.0, 0.0), aspects=(4 / 3, 4 / 3))
    assert _said(lambda _: (INFRARED, [PARTNER]), beside)[1] is LivenessReason.INFRARED_ELSEWHERE
    wide = replace(beside, aspects=(16 / 9, 4 / 3))
    assert _said(lambda _: (INFRARED, [PARTNER]), wide) == (LivenessVerdict.LIVE, LivenessReason.REACHES)


def test_of_several_faces_the_one_at_the_right_place_counts() -> None:
    large = drawn_face(1280, 960)
    measured = chain.measure_pair((COLOUR, FACE), INFRARED, [large, PARTNER], replace(LEVELS, affine=SAME))
    assert measured.iou is not None and measured.iou > 0.7


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"brightness": 39.0}, LivenessReason.INFRARED_DARK),
        ({"brightness": 221.0}, LivenessReason.INFRARED_BRIGHT),
        ({"saturated": 0.11}, LivenessReason.INFRARED_BRIGHT),
        ({"contrast": 1.1}, LivenessReason.INFRARED_SURROUNDED),
        ({"relief": 0.1}, LivenessReason.INFRARED_FLAT),
        ({"texture": 0.02}, LivenessReason.INFRARED_FLAT),
    ],
)
def test_each_measure_has_its_threshold(changed: dict[str, float], reason: LivenessReason | None) -> None:
    measurements = [InfraredMeasurement(150, replace(GOOD, **changed), None, None, np.array([0.04, 0.0]))] * 5
    assert chain.infrared_attack(measurements, LEVELS) is reason


def test_nothing_is_asked_of_relief_where_it_is_left_out() -> None:
    measurements = [InfraredMeasurement(150, replace(GOOD, relief=-0.2), None, None, np.zeros(2))] * 5
    assert chain.infrared_attack(measurements, replace(LEVELS, least_relief=0.0)) is None


def test_a_nose_stands_out_for_two_cameras_and_that_of_a_print_does_not() -> None:
    live = chain.depth(FACE.points, PARTNER.points)
    turn = np.array([[0.7, 0.1], [-0.1, 0.8]], np.float32)
    flat = chain.depth(FACE.points, (FACE.points @ turn + 40).astype(np.float32))
    assert np.hypot(*live) > 0.015 > 0.001 > np.hypot(*flat)
    levels = replace(LEVELS, least_depth=0.01)
    for depth, reason in ((live, None), (flat, LivenessReason.INFRARED_PLANE)):
        assert (
            chain.infrared_attack([InfraredMeasurement(150, GOOD, None, None, depth)] * 5, levels) is reason
        )


def test_carrying_keeps_what_an_affine_keeps() -> None:
    carried = chain.map_face(FACE, SAME, COLOUR.shape, (240, 320))
    assert carried.box == pytest.approx(tuple(value / 2 for value in FACE.box), abs=0.01)
    assert carried.points == pytest.approx(FACE.points / 2, abs=0.01)


def test_a_face_outside_of_the_picture_is_dark() -> None:
    away = Face((900.0, 20.0, 80.0, 80.0), FACE.points + 700, 0.9)
    assert chain.measure(INFRARED[:, :, 0], away).brightness == 0
