"""Near candidates agree on the corners of one document."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.outline.select import consensus

CARD = np.array([(100.0, 100), (292, 100), (292, 221), (100, 221)])


def shifted(corner: int, x: float, y: float) -> np.ndarray:
    moved = CARD.copy()
    moved[corner] += (x, y)
    return moved


def test_errors_at_different_corners_become_less() -> None:
    corners = np.array([shifted(0, -16, -16), shifted(2, 16, 16), CARD[[2, 3, 0, 1]], CARD[::-1]])
    found = consensus(corners, np.full(4, 2.0), [0])[0]
    assert found == pytest.approx(np.array([(96.0, 96), (292, 100), (296, 225), (100, 221)]))


def test_the_likelier_weigh_more() -> None:
    found = consensus(np.array([CARD, shifted(0, -16, 0)]), np.array([3.0, 2.0]), [0])[0]
    assert found[0, 0] == pytest.approx(100 - 16 / (1 + np.exp(2)))


def test_others_have_no_say() -> None:
    body = CARD + np.array([(0, 40), (0, 40), (0, 0), (0, 0)])
    corners = np.array([CARD, CARD + 60, CARD + np.array([192, 0]), body])
    assert consensus(corners, np.array([2.0, 3, 3, 2]), [0])[0] == pytest.approx(CARD)
    assert consensus(np.array([CARD, shifted(0, 9, 9)]), np.array([2.0, -1.5]), [0])[0] == pytest.approx(CARD)
    assert consensus(corners, np.zeros(4), []).shape == (0, 4, 2)
