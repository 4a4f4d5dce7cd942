"""Pairs of minutiae near each other are found without looking at all pairs."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.fingerprint import minutiae


@pytest.mark.parametrize("count", [1, 2, 30, 400])
def test_no_pair_within_reach_is_missed(count: int) -> None:
    rng = np.random.default_rng(count)
    points = (rng.integers(0, 180, (count, 2)) + 0.5).astype(np.float32)
    reach = 21.5
    rows, cols = minutiae._neighbours(points, reach)
    found = list(zip(rows.tolist(), cols.tolist(), strict=True))
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    expected = zip(*(side.tolist() for side in np.nonzero(np.triu(apart <= reach, 1))), strict=True)
    assert found == sorted(set(found))
    assert set(expected) <= set(found)
    assert all(one < other and apart[one, other] < 3 * reach for one, other in found)


def test_opposite_neighbours_are_dropped_the_nearest_first() -> None:
    points = np.array([(10, 10), (14, 10), (15, 10), (90, 90)], np.float32)
    directions = np.array([0, np.pi, 0, np.pi], np.float32)
    period = np.full(4, 9, np.float32)
    assert minutiae._without_pairs(points, directions, period).tolist() == [True, False, False, True]
    none = np.zeros((0, 2), np.float32), np.zeros(0, np.float32), np.zeros(0, np.float32)
    assert minutiae._without_pairs(*none).tolist() == []
