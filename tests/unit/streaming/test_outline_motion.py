"""Outlines of a page that is pushed, between two searches."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.types import Points
from server.streaming.outline_motion import MOST_AHEAD, OutlineMotion

PAGE = np.asarray([[100, 100], [500, 100], [500, 700], [100, 700]], np.float32)
SPEED = np.asarray([300, 120], np.float32)
"""Pixels a second of a page under a hand."""


def pushed(seconds: float) -> Points:
    """The page after so many seconds."""
    return np.asarray(PAGE + SPEED * seconds, np.float32)


def test_an_outline_follows_a_page_that_is_pushed() -> None:
    motion = OutlineMotion()
    for number in range(3):
        motion.note([pushed(0.2 * number)], 0.2 * number)
    for late in (0.05, 0.1, 0.2):
        drawn = motion.at(0.4 + late)[0]
        assert np.abs(drawn - pushed(0.4 + late)).max() < 1
        assert np.abs(pushed(0.4) - pushed(0.4 + late)).max() > 10, "so far behind it stood before"


def test_an_outline_of_a_page_that_rests_stays_the_object_that_it_is() -> None:
    motion = OutlineMotion()
    lines = [PAGE]
    for number in range(3):
        motion.note(lines, 0.2 * number)
    assert motion.at(0.5) is lines
    trembling = [np.asarray(PAGE + 3, np.float32)]
    motion.note(trembling, 0.6)
    assert motion.at(0.7) is trembling


def test_it_goes_on_for_a_moment_only() -> None:
    motion = OutlineMotion()
    motion.note([pushed(0)], 0.0)
    motion.note([pushed(0.2)], 0.2)
    assert motion.at(5.0)[0] == pytest.approx(pushed(0.2 + MOST_AHEAD), abs=0.1)
    motion.rest([pushed(0.3)])
    assert motion.at(5.0)[0] == pytest.approx(pushed(0.3))


@pytest.mark.parametrize(
    "other",
    [
        [PAGE + np.asarray([900, 0], np.float32)],
        [PAGE, PAGE + np.asarray([600, 0], np.float32)],
        [],
    ],
)
def test_another_page_is_not_a_page_that_moved(other: list[Points]) -> None:
    motion = OutlineMotion()
    motion.note([PAGE], 0.0)
    motion.note(other, 0.2)
    assert motion.at(0.3) is other


def test_what_was_found_long_ago_says_nothing_of_speed() -> None:
    motion = OutlineMotion()
    late = [pushed(2.0)]
    motion.note([PAGE], 0.0)
    motion.note(late, 2.0)
    assert motion.at(2.1) is late
