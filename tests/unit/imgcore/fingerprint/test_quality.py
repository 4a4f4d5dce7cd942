"""Poor prints are named as such, and why."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.fingerprint import FingerprintQuality, FingerprintQualityIssue, extract, quality
from tests.unit.imgcore.fingerprint.prints import Press, draw, finger


def test_a_good_print_has_no_fault() -> None:
    extract_with_quality = quality(draw(finger(0)))
    assert extract_with_quality.issue is None
    assert extract_with_quality.value > 0.9


def test_a_faint_print_is_told() -> None:
    assert quality(draw(finger(0), Press(contrast=5))).issue is FingerprintQualityIssue.FAINT


def test_an_empty_sensor_shows_too_little() -> None:
    assert quality(np.full((300, 200), 250, np.uint8)) == FingerprintQuality(
        0.0, FingerprintQualityIssue.SMALL
    )


def test_a_finger_tip_is_too_small() -> None:
    tip = np.full((300, 260), 255, np.uint8)
    tip[100:180, 90:170] = draw(finger(0))[100:180, 90:170]
    assert quality(tip).issue is FingerprintQualityIssue.SMALL


def test_too_few_minutiae_are_told() -> None:
    assert quality(draw(finger(0, count=3))).issue is FingerprintQualityIssue.FEW


@pytest.mark.parametrize("seed", [0, 1])
def test_a_template_is_judged_as_its_picture(seed: int) -> None:
    picture = draw(finger(seed))
    assert quality(extract(picture)) == quality(picture)


def test_the_value_grows_with_what_is_seen() -> None:
    picture = draw(finger(0))
    part = np.full_like(picture, 255)
    part[80:230, 60:200] = picture[80:230, 60:200]
    assert quality(part).value < quality(picture).value
