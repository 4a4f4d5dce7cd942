"""What the nets get to see, and what is said of their answers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from imgcore.face import (
    FaceQualityIssue,
    LivenessNet,
    LivenessReason,
    LivenessSettings,
    LivenessVerdict,
    quality_issue,
    still_liveness,
)
from imgcore.face.liveness import context_crop
from tests.unit.imgcore.face.nets import face

LIT = np.full((400, 600, 3), 128, np.uint8)
FACE = face(250, 150, 80, 100)


def _judge(*probabilities: float) -> LivenessNet:
    """Says each of these in turn."""
    left = iter(probabilities)

    def net(values: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        assert values.shape == (1, 3, 80, 80)
        live = next(left)
        return [np.log(np.array([[(1 - live) / 2, live, (1 - live) / 2]], np.float32)) + 3]

    return LivenessNet(net, 2.7)


def test_the_score_is_the_mean_of_the_nets() -> None:
    said = still_liveness(LIT, FACE, [_judge(1 - 1e-6), _judge(0.6)])
    assert (said.verdict, said.score) == (LivenessVerdict.LIVE, pytest.approx(0.8, abs=1e-5))
    assert still_liveness(LIT, FACE, [_judge(0.69)]).verdict is LivenessVerdict.NOT_LIVE
    assert (
        still_liveness(LIT, FACE, [_judge(0.69)], LivenessSettings(threshold=0.6)).verdict
        is LivenessVerdict.LIVE
    )


@pytest.mark.parametrize(
    ("image", "small", "reason"),
    [(LIT, True, LivenessReason.TOO_SMALL), (LIT // 8, False, LivenessReason.TOO_DARK)],
)
def test_what_cannot_be_judged_is_told(
    image: npt.NDArray[np.uint8], small: bool, reason: LivenessReason
) -> None:
    said = still_liveness(image, face(250, 150, 50, 60) if small else FACE, [_judge()])
    assert (said.verdict, said.score, said.reason) == (LivenessVerdict.CANNOT_TELL, None, reason)


def test_several_faces_are_a_doubt() -> None:
    assert quality_issue(LIT, [face(10, 10, 70, 70), FACE]) is FaceQualityIssue.SEVERAL
    assert quality_issue(LIT, [FACE]) is None


def test_a_face_outside_of_the_picture_is_too_dark_to_see() -> None:
    assert quality_issue(LIT, [face(700, 500, 80, 80)]) is FaceQualityIssue.TOO_DARK


def _ramp() -> npt.NDArray[np.uint8]:
    """Blue tells the column, green the row, both divided by four."""
    rows, cols = np.mgrid[0:400, 0:600]
    return np.dstack([cols // 4, rows // 4, 0 * rows]).astype(np.uint8)


def test_a_crop_lies_around_the_face() -> None:
    crop = context_crop(_ramp(), FACE, 2.7)
    assert crop.shape == (80, 80, 3)
    assert crop[:, :, 0].mean() * 4 == pytest.approx(290, abs=3)
    assert crop[:, :, 1].mean() * 4 == pytest.approx(200, abs=3)
    assert np.ptp(crop[:, :, 0].astype(int)) * 4 == pytest.approx(2.7 * 80, abs=10)


def test_a_crop_is_moved_into_the_picture_and_keeps_its_size() -> None:
    crop = context_crop(_ramp(), face(0, 0, 80, 100), 2.7)
    assert crop[0, 0, 0] == crop[0, 0, 1] == 0
    assert crop[-1, -1].astype(int) * 4 == pytest.approx((2.7 * 80, 2.7 * 100, 0), abs=8)


def test_a_crop_is_no_larger_than_the_picture() -> None:
    crop = context_crop(_ramp(), face(100, 50, 300, 300), 4.0)
    assert np.ptp(crop[:, :, 1].astype(int)) * 4 == pytest.approx(400, abs=8)
    assert np.ptp(crop[:, :, 0].astype(int)) * 4 == pytest.approx(400, abs=12)
