"""The compiled search for quadrilaterals and its twin find the same ones."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.outline.propose.lines import with_border

twin = import_module("imgcore.kernels.edge_quads")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._edge_quads", reason="kernels not built")

SHAPE = (60, 80)
STEP = 2.0
LIMITS = np.array([STEP, 0.5, 0.2, 8.0, 3.0, 60])
KERNELS = pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])


def lines_and_totals(seed: int, count: int) -> tuple[Any, Any]:
    """Mostly level and upright lines, so that many quadrilaterals are possible, and their edges by chance."""
    random = np.random.default_rng(seed)
    angles = random.integers(0, 2, count) * np.pi / 2 + random.normal(size=count) * 0.2
    table = with_border(
        np.column_stack([np.cos(angles), np.sin(angles), random.uniform(-28, 28, count)]), SHAPE
    ).table
    support = np.clip(random.normal(size=(len(table), 60)) * 0.4 + 0.6, 0, 1)
    return table, np.concatenate([np.zeros((len(table), 1)), support.cumsum(axis=1)], axis=1)


@given(st.integers(0, 1 << 30), st.integers(0, 9))
@settings(max_examples=40)
def test_they_find_the_same_quads(seed: int, count: int) -> None:
    lines, totals = lines_and_totals(seed, count)
    sides, support = compiled.edge_quads(lines, totals, LIMITS)
    other_sides, other_support = twin.edge_quads(lines, totals, LIMITS)
    np.testing.assert_array_equal(sides, other_sides)
    np.testing.assert_allclose(support, other_support, atol=1e-9)


@given(st.integers(0, 1 << 30), st.integers(0, 9))
@settings(max_examples=40)
def test_they_find_the_same_lines_across(seed: int, count: int) -> None:
    lines, totals = lines_and_totals(seed, count)
    corners = np.random.default_rng(seed).uniform(-40, 40, (7, 4, 2))
    one = compiled.dividing_support(corners, lines, totals, STEP)
    np.testing.assert_allclose(one, twin.dividing_support(corners, lines, totals, STEP), atol=1e-9)


def square(side: float) -> tuple[Any, Any]:
    """Two level lines and two upright ones, with an edge from corner to corner only."""
    half = side / 2
    lines = with_border(
        np.array([(0, 1, -half), (1, 0, half), (0, 1, half), (1, 0, -half)], float), SHAPE
    ).table[:4]
    along = lines[:, 3, None] + STEP * (np.arange(60) + 0.5)
    support = (np.abs(along) < half).astype(float)
    return lines, np.concatenate([np.zeros((4, 1)), support.cumsum(axis=1)], axis=1)


@KERNELS
def test_four_edges_are_one_frame(kernel: ModuleType) -> None:
    sides, support = kernel.edge_quads(*square(30), LIMITS)
    assert sides.tolist() == [[0, 1, 2, 3]]
    assert support.min() > 0.9


@KERNELS
@pytest.mark.parametrize(("hidden", "found"), [((1,), 1), ((1, 2), 0)])
def test_one_side_may_be_hidden_in_part_but_not_two(
    kernel: ModuleType, hidden: tuple[int, ...], found: int
) -> None:
    lines, totals = square(30)
    totals[list(hidden)] *= 0.4
    assert len(kernel.edge_quads(lines, totals, LIMITS)[0]) == found


@KERNELS
def test_a_line_from_side_to_side_divides(kernel: ModuleType) -> None:
    lines, totals = square(30)
    quad = np.array([[(-30, -14), (28, -14), (28, 14), (-30, 14)]], float)
    assert kernel.dividing_support(quad, lines[1:2], totals[1:2], STEP)[0] > 0.9
    # A side of its own divides nothing.
    assert (
        kernel.dividing_support(
            np.array([[(-15, -15), (15, -15), (15, 15), (-15, 15)]], float), lines, totals, STEP
        )[0]
        == 0
    )


def test_what_does_not_fit_together_is_refused() -> None:
    lines, totals = square(30)
    with pytest.raises(ValueError, match="totals"):
        compiled.edge_quads(lines, totals[:2], LIMITS)
    with pytest.raises(ValueError, match="totals"):
        compiled.edge_quads(lines, np.ascontiguousarray(totals[:, :4]), LIMITS)
    with pytest.raises(ValueError, match="four points"):
        compiled.dividing_support(np.zeros((1, 3, 2)), lines, totals, STEP)
