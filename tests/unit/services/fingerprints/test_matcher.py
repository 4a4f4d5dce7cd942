"""The picture core's matcher as the service sees it."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.fingerprint import FingerprintQualityIssue
from imgcore.types import ImageError
from server.errors import FeatureNotComparable, FeatureUnreadable
from server.services.fingerprints.matcher import _FLAWS, MinutiaeMatcher
from synthetic.fingerprints import DOTS, LOOP, DemoFinger

MATCHER = MinutiaeMatcher()


@pytest.fixture(scope="module")
def finger() -> DemoFinger:
    return DemoFinger(LOOP, 3)


def test_a_view_that_was_written_and_read_matches(finger: DemoFinger) -> None:
    record = MATCHER.write(MATCHER.extract(finger.press(1), DOTS))
    assert record.startswith(b"FMR\0 20\0"), "ISO 19794-2:2005"
    (again,) = MATCHER.read(record)
    assert again.flaw is None
    assert MATCHER.compare(MATCHER.extract(finger.press(2), DOTS), [again]) > 0.9


def test_a_feature_of_an_id_card_is_recognised_and_refused() -> None:
    with pytest.raises(FeatureNotComparable, match="GA 1012"):
        MATCHER.read(b"C" + bytes(511))


@pytest.mark.parametrize("record", [b"", b"FMR\0", b"FMR\0 20\0", b"\x89PNG", bytes(5000)])
def test_what_is_no_template_is_refused_with_a_reason(record: bytes) -> None:
    with pytest.raises(FeatureUnreadable) as caught:
        MATCHER.read(record)
    assert caught.value.values["reason"].en  # type: ignore[attr-defined]


def test_what_is_unclear_is_told_in_both_languages(finger: DemoFinger) -> None:
    view = MATCHER.extract(finger.smudge(1), DOTS)
    assert view.flaw in _FLAWS.values()
    assert set(_FLAWS) == set(FingerprintQualityIssue)


def test_a_picture_of_another_size_is_no_finger() -> None:
    with pytest.raises(ImageError):
        MATCHER.extract(np.full((20, 20), 200, np.uint8), DOTS)
