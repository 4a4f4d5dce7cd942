"""The compiled line votes and their twin count alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

twin = import_module("imgcore.kernels.hough")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._hough", reason="kernels not built")


def planes(seed: int, rows: int, cols: int) -> tuple[Any, Any, Any]:
    """Gradients in whole steps, so that ties and the limits between directions occur."""
    random = np.random.default_rng(seed)
    across, down = random.integers(-3, 4, (2, rows, cols)).astype(np.float32)
    return random.uniform(0, 1, (rows, cols)).astype(np.float32), across, down


@given(
    st.integers(0, 1 << 30),
    st.sampled_from([(1, 1), (1, 50), (2, 9), (3, 3), (24, 31)]),
    st.sampled_from([0.0, 0.25, 0.9, 2.0]),
    st.sampled_from([0, 1, 8, 60]),
)
@settings(max_examples=60)
def test_they_give_the_same_votes(seed: int, shape: tuple[int, int], floor: float, spread: int) -> None:
    strength, across, down = planes(seed, *shape)
    one = compiled.hough_votes(strength, across, down, floor, spread)
    other = twin.hough_votes(strength, across, down, floor, spread)
    assert one.shape == other.shape
    np.testing.assert_allclose(one, other, atol=1e-3)


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_a_straight_edge_gets_the_most_votes_where_it_is(kernel: ModuleType) -> None:
    strength = np.zeros((41, 61), np.float32)
    across = np.zeros((41, 61), np.float32)
    strength[:, 50] = across[:, 50] = 1
    votes = kernel.hough_votes(strength, across, np.zeros_like(across), 0.25, 8)
    angle, distance = np.unravel_index(votes.argmax(), votes.shape)
    assert angle == 0
    assert distance - (votes.shape[1] - 1) // 2 == 20


def test_threads_do_not_disturb_each_other() -> None:
    jobs = [planes(seed, 300, 400) for seed in range(8)]
    alone = [compiled.hough_votes(*job, 0.25, 8) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: compiled.hough_votes(*job, 0.25, 8), jobs))
    np.testing.assert_array_equal(alone, together)


def test_planes_of_different_shape_are_refused() -> None:
    small = np.zeros((5, 5), np.float32)
    large = np.zeros((5, 6), np.float32)
    with pytest.raises(ValueError, match="differ"):
        compiled.hough_votes(small, large, small, 0.25, 8)
