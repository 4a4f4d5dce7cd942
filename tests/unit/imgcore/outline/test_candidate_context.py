"""Candidates measured against the others of a picture."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.outline.judge.scores import odds_in_context, pool
from imgcore.outline.measure.candidate_context import NAMES, measure_context
from imgcore.outline.overlap import common_areas
from tests.unit.imgcore.outline.test_outline_selection import box, maps_of

SHAPE = (480, 640)
CARD = (80.0, 80.0, 272.0, 201.0)
BODY = (80.0, 112.0, 272.0, 201.0)
OTHERS = [(352.0, 80.0, 544.0, 201.0), (80.0, 272.0, 272.0, 393.0), (352.0, 272.0, 544.0, 393.0)]


def boxes(*places: tuple[float, float, float, float]) -> np.ndarray:
    return np.array([box(*place) for place in places])


def column(name: str, *places: tuple[float, float, float, float], odds: float = 2.0) -> np.ndarray:
    measures = measure_context(boxes(*places), np.full(len(places), odds), SHAPE, maps_of(*places[:1]))
    return measures[:, NAMES.index(name)]


def test_a_likelier_body_yields_to_the_card_that_others_resemble() -> None:
    corners = boxes(CARD, BODY, *OTHERS)
    alone = np.array([1.5, 2.0, 3.0, 3.0, 3.0])
    among = odds_in_context(corners, alone, SHAPE, maps_of(CARD, *OTHERS))
    assert among[0] > among[1]
    assert among[2:].min() > 0


def test_only_those_apart_count_as_alike() -> None:
    assert column("alike", CARD, BODY)[0] < 0.01
    assert column("alike", CARD, OTHERS[0]) == pytest.approx(0.88, abs=0.01)


def test_what_lies_within_is_told_from_what_is_around() -> None:
    assert column("around", CARD, BODY).tolist() == [-6.0, 2.0]
    assert column("inside", CARD, BODY).tolist() == [2.0, -6.0]


def test_unlikely_candidates_are_not_compared() -> None:
    assert pool(np.array([-5.0, 1.0, 3.0])).tolist() == [2, 1]
    assert odds_in_context(boxes(CARD), np.array([-5.0]), SHAPE, maps_of(CARD))[0] < -5
    assert odds_in_context(np.empty((0, 4, 2)), np.empty(0), SHAPE, maps_of(CARD)).shape == (0,)


def test_areas_in_common_of_touching_and_of_equal_quadrilaterals() -> None:
    turned = np.array([(193.7, 595.5), (446.7, 99.1), (750.4, 260.6), (531.7, 655.1)])
    along = turned[2] - turned[3]
    beside = np.array(
        [turned[3], turned[2], turned[2] + along[::-1] * (-1, 1), turned[3] + along[::-1] * (-1, 1)]
    )
    areas = common_areas(np.array([turned, beside, turned[::-1]]))
    assert areas[0, 1] == pytest.approx(0, abs=1)
    assert areas[0, 2] == pytest.approx(areas[0, 0], rel=1e-5)
    assert areas.diagonal().min() > 0


@pytest.mark.parametrize("shift", [(0.0, 0.0), (30.0, 10.0), (-96.0, 0.0), (192.0, 0.0), (500.0, 0.0)])
def test_areas_in_common_of_boxes(shift: tuple[float, float]) -> None:
    first = box(*CARD)
    areas = common_areas(np.array([first, np.roll(first + shift, 1, axis=0)]))
    expected = max(0, 192 - abs(shift[0])) * max(0, 121 - abs(shift[1]))
    assert areas[0, 1] == pytest.approx(expected, abs=0.01)
