"""The compiled projection profile and its twin count alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

twin = import_module("imgcore.kernels.profile")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._profile", reason="kernels not built")
SLOPES = np.tan(np.radians(np.arange(-15, 15.1, 0.5)))


def points(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x, y = random.uniform(-300, 300, count), random.uniform(-40, 640, count)
    return x.astype(np.float32), y.astype(np.float32)


@given(st.integers(0, 1 << 30), st.sampled_from([0, 1, 2, 500, 3000]), st.sampled_from([2, 3, 600]))
@settings(max_examples=40, deadline=None)
def test_they_give_the_same_scores(seed: int, count: int, length: int) -> None:
    x, y = points(seed, count)
    one = compiled.profile_scores(x, y, SLOPES, length)
    other = twin.profile_scores(x, y, SLOPES, length)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_level_lines_score_best_at_no_slope(kernel: ModuleType) -> None:
    x = np.tile(np.arange(-200, 200, dtype=np.float32), 10)
    y = np.repeat(np.arange(100, 300, 20, dtype=np.float32), 400)
    scores = kernel.profile_scores(x, y, SLOPES, 500)
    assert SLOPES[scores.argmax()] == pytest.approx(0, abs=1e-9)


def test_threads_do_not_disturb_each_other() -> None:
    jobs = [points(seed, 20_000) for seed in range(8)]
    alone = [compiled.profile_scores(x, y, SLOPES, 600) for x, y in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: compiled.profile_scores(*job, SLOPES, 600), jobs))
    np.testing.assert_array_equal(alone, together)
