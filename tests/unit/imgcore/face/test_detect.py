"""What a detector's tensors mean in pixels of the picture."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.face import detect, largest
from imgcore.types import ImageError
from tests.unit.imgcore.face.nets import FakeDetector, face

GREY = np.full((200, 300), 128, np.uint8)


@pytest.mark.parametrize("stride", [8, 16, 32])
def test_a_face_is_where_the_net_saw_it(stride: int) -> None:
    seen = face(101.5, 40.25, 60, 80)
    (found,) = detect(GREY, FakeDetector([seen], stride))
    np.testing.assert_allclose(found.box, seen.box, atol=1e-3)
    np.testing.assert_allclose(found.points, seen.points, atol=1e-3)
    assert found.points.dtype == np.float32
    assert found.score == pytest.approx(0.9)


def test_the_net_sees_whole_blocks_in_three_colours() -> None:
    net = FakeDetector([])
    assert detect(GREY, net, side=320) == []
    assert net.shape == (1, 3, 224, 320)


def test_a_large_picture_is_reduced_and_told_in_its_own_pixels() -> None:
    net = FakeDetector([face(50, 50, 40, 60)])
    (found,) = detect(np.zeros((1280, 960, 3), np.uint8), net, side=320)
    assert net.shape == (1, 3, 320, 256)
    np.testing.assert_allclose(found.box, (200, 200, 160, 240), atol=1e-2)
    # The middles of pixels 0 to 3 lie around 1.5.
    np.testing.assert_allclose(found.points[0], np.array([62, 74]) * 4 + 1.5, atol=1e-2)


def test_a_small_picture_without_a_face_is_looked_at_enlarged() -> None:
    small = np.zeros((100, 100), np.uint8)
    (found,) = detect(small, FakeDetector([face(60, 60, 80, 100)], least=200))
    np.testing.assert_allclose(found.box, (30, 30, 40, 50), atol=1e-2)
    assert detect(small, FakeDetector([face(60, 60, 80, 100)], least=200), side=150) == []


def test_a_large_picture_without_a_face_is_looked_at_reduced() -> None:
    large = np.zeros((1280, 1280, 3), np.uint8)
    (found,) = detect(large, FakeDetector([face(60, 60, 200, 240)], most=320))
    np.testing.assert_allclose(found.box, (240, 240, 800, 960), atol=1e-2)
    net = FakeDetector([], most=0)
    # Frames of a camera, which are searched small, are looked at once.
    detect(large, net, side=320)
    assert net.shape[2:] == (320, 320)


def test_less_than_the_gate_is_no_face() -> None:
    net = FakeDetector([face(100, 40, 60, 80, score=0.7)])
    assert detect(GREY, net) == []
    assert len(detect(GREY, net, gate=0.6)) == 1


def test_two_answers_for_one_face_are_one() -> None:
    (found,) = detect(GREY, FakeDetector([face(100, 40, 60, 80)], twice=True))
    assert found.score == pytest.approx(0.9)


def test_the_largest_comes_first() -> None:
    faces = detect(GREY, FakeDetector([face(10, 40, 30, 40, 0.99), face(150, 40, 60, 80)]))
    assert [round(one.box[2]) for one in faces] == [60, 30]
    assert largest(faces) is faces[0]
    assert largest([]) is None


@pytest.mark.parametrize("shape", [(0, 10), (10, 10, 4), (10,)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError, match="picture"):
        detect(np.zeros(shape, np.uint8), FakeDetector([]))


def test_where_a_face_looks_stays_out_of_its_repr() -> None:
    assert "points" not in repr(face(1, 2, 3, 4))
