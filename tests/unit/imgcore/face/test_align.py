"""Similarity transforms from five points."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgcore.face import AlignmentTemplate, align
from imgcore.face.align import similarity_transform

POINTS = np.array([(40, 50), (80, 52), (61, 75), (45, 100), (78, 99)], np.float32)


@given(st.floats(-180, 180), st.floats(0.2, 5), st.floats(-300, 300), st.floats(-300, 300))
def test_a_similarity_is_found_again(degrees: float, scale: float, x: float, y: float) -> None:
    true = cv2.getRotationMatrix2D((0, 0), degrees, scale) + np.array([[0, 0, x], [0, 0, y]])
    target = (POINTS @ true[:, :2].T + true[:, 2]).astype(np.float32)
    np.testing.assert_allclose(similarity_transform(POINTS, target), true, atol=2e-3)


def test_a_face_is_not_stretched_nor_mirrored() -> None:
    for target in (POINTS * (1, 2), POINTS * (-1, 1)):
        found = similarity_transform(POINTS, target.astype(np.float32))
        assert found[0, 0] == pytest.approx(found[1, 1])
        assert found[0, 1] == pytest.approx(-found[1, 0])
        assert np.linalg.det(found[:, :2]) > 0


def test_points_that_coincide_are_only_moved() -> None:
    found = similarity_transform(np.full((5, 2), 7, np.float32), POINTS)
    np.testing.assert_allclose(found[:, :2], np.eye(2))


def test_points_arrive_at_the_template() -> None:
    picture = np.zeros((200, 200), np.uint8)
    for x, y in POINTS:
        cv2.circle(picture, (round(float(x)), round(float(y))), 3, 255, -1)
    where = tuple((float(x), float(y)) for x, y in (POINTS - (20, 20)))
    turned = cv2.getRotationMatrix2D((100, 100), 30, 1.3)
    rotated = np.asarray(cv2.warpAffine(picture, turned, (200, 200)), np.uint8)
    points = (POINTS @ turned[:, :2].T + turned[:, 2]).astype(np.float32)
    aligned = align(rotated, points, AlignmentTemplate(112, where))
    assert aligned.shape == (112, 112, 3)
    for x, y in where:
        assert aligned[round(y), round(x), 0] > 200
    assert aligned.mean() < 20
