"""Drawn quadrilaterals laid onto lines: on made lines, and on none."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.overlap import iou
from imgcore.outline.propose.lines import STEP, Lines, with_border
from imgcore.outline.propose.quads import snap_to_lines

Floats = npt.NDArray[np.float64]

SHAPE = (300, 400)
TRUE = np.array([(-60, -40), (60, -40), (60, 40), (-60, 40)], float)
DRAWN = TRUE * (0.9, 1.1) + (4, -3)


def made(*lines: tuple[float, float, float]) -> tuple[Lines, Floats]:
    """Lines that lie on an edge all along, and the border, which does not."""
    found = with_border(np.array(lines, float).reshape(-1, 3), SHAPE)
    samples = int(np.hypot(*SHAPE) / STEP) + 1
    totals = np.tile(np.arange(samples + 1.0), (len(found.table), 1))
    totals[found.border] = 0
    return found, totals


def test_sides_move_onto_the_lines_near_them() -> None:
    (moved,) = snap_to_lines(DRAWN[None], *made((0, 1, -40), (1, 0, 60), (0, 1, 40), (1, 0, -60), (0, 1, 90)))
    assert iou(DRAWN, TRUE) < 0.85
    np.testing.assert_allclose(moved, TRUE, atol=1e-6)


def test_a_side_without_a_line_stays_as_drawn() -> None:
    (moved,) = snap_to_lines(DRAWN[None], *made((0, 1, -40), (1, 0, 60), (0, 1, 40)))
    np.testing.assert_allclose(moved[[0, 3], 0], DRAWN[[0, 3], 0])
    np.testing.assert_allclose(moved[[1, 2]], TRUE[[1, 2]], atol=1e-6)


def test_lines_across_or_far_away_move_nothing() -> None:
    assert len(snap_to_lines(DRAWN[None], *made((0.6, 0.8, 0), (0, 1, 100)))) == 0
    assert len(snap_to_lines(DRAWN[None], *made())) == 0
    assert len(snap_to_lines(np.empty((0, 4, 2)), *made((0, 1, -40)))) == 0


def test_what_it_is_given_stays() -> None:
    drawn = DRAWN[None].copy()
    lines, totals = made((0, 1, -40))
    before = lines.table.copy(), totals.copy()
    snap_to_lines(drawn, lines, totals)
    for now, then in zip((drawn, lines.table, totals), (DRAWN[None], *before), strict=True):
        np.testing.assert_array_equal(now, then)
